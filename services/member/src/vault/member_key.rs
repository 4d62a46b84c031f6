//! The key of one member, and what it encrypts.

use std::fmt;

use common::ids::{MemberId, ProgramId};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{KeyId, aead, key_text::SecretKey};
use crate::domain::IdentifierKind;

/// The key that a member's profile is encrypted under. It knows whose it is, so that it cannot be used for anyone else.
#[derive(Debug)]
pub(super) struct MemberKey {
    program: ProgramId,
    member: MemberId,
    version: KeyVersion,
    key: SecretKey,
}

/// Counts the keys that a member has had.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct KeyVersion(i32);

/// The parts of a profile that are encrypted each for itself.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Column {
    /// The name.
    Name,
    /// The phone number.
    Phone,
    /// The e-mail address.
    Email,
    /// The card number.
    CardNumber,
    /// Everything else.
    Attributes,
    /// The birth date.
    BirthDate,
}

/// Encrypted bytes, as they are stored.
#[derive(Clone, Eq, PartialEq)]
pub struct Sealed(Vec<u8>);

/// Says why encrypted bytes do not open. Both are faults: a key that is missing from the configuration, or data that
/// someone has tampered with.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum NotOpened {
    /// The master key that the member's key is wrapped under is not among those given.
    #[error("the member's key is wrapped under master key {id}, which is not among those configured")]
    MasterKeyUnknown {
        /// The id of the master key.
        id: KeyId,
    },
    /// The bytes are not what was stored under this key for this member and column.
    #[error("the stored {what} was altered, or belongs to another program, member, column or key")]
    Altered {
        /// What the bytes should have been.
        what: &'static str,
    },
}

impl MemberKey {
    /// Makes a new key.
    pub(super) fn generate(program: ProgramId, member: MemberId, version: KeyVersion) -> MemberKey {
        MemberKey::new(program, member, version, SecretKey::random())
    }

    /// Encrypts what a column holds.
    pub(super) fn seal(&self, column: Column, plain: &[u8]) -> Sealed {
        Sealed(aead::seal(self.reveal(), &self.bound_to(column), plain))
    }

    /// Decrypts what a column holds.
    pub(super) fn open(&self, column: Column, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let plain = aead::open(self.reveal(), &self.bound_to(column), sealed.as_bytes());
        plain.ok_or(NotOpened::Altered { what: column.name() })
    }

    pub(super) fn new(program: ProgramId, member: MemberId, version: KeyVersion, key: SecretKey) -> MemberKey {
        MemberKey {
            program,
            member,
            version,
            key,
        }
    }

    pub(super) fn program(&self) -> ProgramId {
        self.program
    }

    pub(super) fn member(&self) -> MemberId {
        self.member
    }

    pub(super) fn version(&self) -> KeyVersion {
        self.version
    }

    pub(super) fn reveal(&self) -> &[u8; aead::KEY_LEN] {
        self.key.reveal()
    }

    fn bound_to(&self, column: Column) -> Vec<u8> {
        let mut bound_to = bound_to_member(b"loyalty/member/profile", self.program, self.member, self.version);
        bound_to.extend_from_slice(column.name().as_bytes());
        bound_to
    }
}

/// Writes down what encrypted bytes are bound to. All parts but the purpose have a fixed length, and no purpose begins
/// another, so no two bindings look alike.
pub(super) fn bound_to_member(purpose: &[u8], program: ProgramId, member: MemberId, version: KeyVersion) -> Vec<u8> {
    let mut bound_to = Vec::with_capacity(80);
    bound_to.extend_from_slice(purpose);
    bound_to.extend_from_slice(program.uuid().as_bytes());
    bound_to.extend_from_slice(member.uuid().as_bytes());
    bound_to.extend_from_slice(&version.get().to_be_bytes());
    bound_to
}

impl KeyVersion {
    /// The version of a member's first key.
    pub const FIRST: KeyVersion = KeyVersion(1);

    /// Accepts a number that can be a version.
    pub const fn new(number: i32) -> Option<KeyVersion> {
        if number >= KeyVersion::FIRST.0 {
            Some(KeyVersion(number))
        } else {
            None
        }
    }

    /// Returns the number.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// Returns the version of the next key. Past the end it starts again: keys are random, versions only tell them apart.
    pub const fn next(self) -> KeyVersion {
        if self.0 == i32::MAX {
            KeyVersion::FIRST
        } else {
            KeyVersion(self.0 + 1)
        }
    }
}

impl Column {
    /// Every column.
    #[cfg(test)]
    pub(super) const ALL: [Column; 6] = [
        Column::Name,
        Column::Phone,
        Column::Email,
        Column::CardNumber,
        Column::Attributes,
        Column::BirthDate,
    ];

    /// Returns the name, which is part of what stored bytes are bound to: changing it makes them unreadable.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Column::Name => "name",
            Column::Phone => "phone",
            Column::Email => "email",
            Column::CardNumber => "card_number",
            Column::Attributes => "attributes",
            Column::BirthDate => "birth_date",
        }
    }
}

impl From<IdentifierKind> for Column {
    fn from(kind: IdentifierKind) -> Self {
        match kind {
            IdentifierKind::Phone => Column::Phone,
            IdentifierKind::Email => Column::Email,
            IdentifierKind::CardNumber => Column::CardNumber,
        }
    }
}

impl Sealed {
    /// Takes stored bytes back.
    pub const fn new(bytes: Vec<u8>) -> Sealed {
        Sealed(bytes)
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} sealed bytes]", self.0.len())
    }
}
