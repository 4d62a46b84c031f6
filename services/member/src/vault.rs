//! Personal data at rest.
//!
//! * Every profile is encrypted under a key of its member's own, made at random. Destroying that key destroys the person,
//!   whatever copies there are of the rest.
//! * A member key is stored wrapped under a master key. Rotating master keys re-wraps member keys and touches no profile.
//! * Both use AES-256-GCM-SIV, which forgives a repeated nonce. What is encrypted is bound to its program, member, column
//!   and key version: bytes that were moved to another row or column do not open.
//! * Identifiers are found again through a blind index: a keyed hash, with a key of its own for each program and column, so
//!   that equal numbers in two programs do not look alike. Phone numbers can be guessed by whoever holds the index key,
//!   which is why it is a secret like the master keys, and is never in the database.
//! * Every write of a profile takes a new member key, so that one key never serves two states of a person.
//!
//! Deliberately absent: a cache of opened keys or profiles. Keys are wiped from memory when dropped, and print as
//! `[redacted]`.

mod aead;
mod development;
mod index_key;
mod key_text;
mod master_keys;
mod member_key;
mod sealed_profile;

use std::path::Path;

use common::ids::{MemberId, ProgramId};

use self::member_key::{Column, MemberKey};
use crate::domain::{Identifier, Profile};

pub use index_key::{BlindIndex, IndexKey};
pub use key_text::{KeyId, KeysRefused};
pub use master_keys::{MasterKeys, WrappedKey};
pub use member_key::{KeyVersion, NotOpened, Sealed};
pub use sealed_profile::SealedProfile;

/// Turns profiles into bytes that may be stored, and back.
#[derive(Debug)]
pub struct Vault {
    master_keys: MasterKeys,
    index_key: IndexKey,
}

impl Vault {
    /// Puts a vault together, unless one key would serve two purposes.
    pub fn new(master_keys: MasterKeys, index_key: IndexKey) -> Result<Vault, KeysRefused> {
        if master_keys.hold(&index_key) {
            Err(KeysRefused::OneKeyForTwo)
        } else {
            Ok(Vault { master_keys, index_key })
        }
    }

    /// Puts a vault for development together, with keys that are made once and kept in the given directory.
    pub fn development(dir: &Path) -> Result<Vault, KeysRefused> {
        let master_keys = MasterKeys::parse(&development::key_text(dir, "member-master.keys")?)?;
        let index_key = IndexKey::parse(&development::key_text(dir, "member-index.key")?)?;
        Vault::new(master_keys, index_key)
    }

    /// Encrypts a profile under a new key of its member's, which takes the place of the old one if there is any.
    pub fn seal(
        &self,
        program: ProgramId,
        member: MemberId,
        old: Option<&WrappedKey>,
        profile: &Profile,
    ) -> (WrappedKey, SealedProfile) {
        let version = old.map_or(KeyVersion::FIRST, |old| old.version.next());
        let key = MemberKey::generate(program, member, version);
        (self.master_keys.wrap(&key), SealedProfile::seal(profile, &key))
    }

    /// Decrypts a profile.
    pub fn open(
        &self,
        program: ProgramId,
        member: MemberId,
        key: &WrappedKey,
        sealed: &SealedProfile,
    ) -> Result<Profile, NotOpened> {
        sealed.open(&self.master_keys.unwrap_key(program, member, key)?)
    }

    /// Returns the ids of the master keys that are not the current one.
    pub fn older_master_keys(&self) -> Vec<&str> {
        self.master_keys.older().map(KeyId::as_str).collect()
    }

    /// Wraps a member's key under the current master key; nothing when it is wrapped under it already.
    pub fn rewrap(
        &self,
        program: ProgramId,
        member: MemberId,
        wrapped: &WrappedKey,
    ) -> Result<Option<WrappedKey>, NotOpened> {
        if wrapped.master_key == *self.master_keys.current() {
            return Ok(None);
        }
        let key = self.master_keys.unwrap_key(program, member, wrapped)?;
        Ok(Some(self.master_keys.wrap(&key)))
    }

    /// Returns what an identifier is found by.
    pub fn index(&self, program: ProgramId, identifier: &Identifier) -> BlindIndex {
        let column: Column = identifier.kind().into();
        self.index_key
            .index(program, column.name(), identifier.index_form().as_bytes())
    }

    /// Returns what stands for personal data where only its equality may be known: in the fingerprint of a request, which is
    /// kept for ever. A plain hash would give away whatever can be guessed.
    pub fn blind(&self, program: ProgramId, personal: &[u8]) -> BlindIndex {
        self.index_key.index(program, "request", personal)
    }
}

#[cfg(test)]
mod tests;
