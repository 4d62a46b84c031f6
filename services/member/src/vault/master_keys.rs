//! The keys that wrap members' keys.

use std::path::Path;

use common::ids::{MemberId, ProgramId};
use zeroize::Zeroizing;

use super::{
    IndexKey, KeyId, KeyVersion, KeysRefused, MemberKey, NotOpened, Sealed, aead,
    key_text::{self, SecretKey},
    member_key::bound_to_member,
};

/// The key-encryption keys. The first wraps; all of them unwrap, so that a key can be replaced while data under the old
/// one is still there.
#[derive(Debug)]
pub struct MasterKeys {
    current: (KeyId, SecretKey),
    older: Vec<(KeyId, SecretKey)>,
}

/// A member's key as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WrappedKey {
    /// The version of the member's key.
    pub version: KeyVersion,
    /// The master key it is wrapped under.
    pub master_key: KeyId,
    /// The key itself, encrypted.
    pub sealed: Sealed,
}

impl MasterKeys {
    /// Reads the keys from text: one `id:BASE64` a line, the current one first.
    pub fn parse(text: &str) -> Result<MasterKeys, KeysRefused> {
        let mut keys = key_text::parse(text)?.into_iter();
        let current = keys.next().ok_or(KeysRefused::None)?;
        Ok(MasterKeys {
            current,
            older: keys.collect(),
        })
    }

    /// Reads the keys from a file.
    pub fn from_file(path: &Path) -> Result<MasterKeys, KeysRefused> {
        MasterKeys::parse(&key_text::read_file(path)?)
    }

    /// Returns the id of the key that wraps.
    pub(super) fn current(&self) -> &KeyId {
        &self.current.0
    }

    /// Returns the ids of the other keys.
    pub(super) fn older(&self) -> impl Iterator<Item = &KeyId> {
        self.older.iter().map(|(id, _)| id)
    }

    /// Wraps a member's key under the current master key.
    pub(super) fn wrap(&self, key: &MemberKey) -> WrappedKey {
        let (id, master_key) = &self.current;
        let bound_to = bound_to_member(b"loyalty/member/key", key.program(), key.member(), key.version());
        let sealed = Sealed::new(aead::seal(master_key.reveal(), &bound_to, key.reveal()));
        WrappedKey {
            version: key.version(),
            master_key: id.clone(),
            sealed,
        }
    }

    /// Unwraps the key of the given member.
    pub(super) fn unwrap_key(
        &self,
        program: ProgramId,
        member: MemberId,
        wrapped: &WrappedKey,
    ) -> Result<MemberKey, NotOpened> {
        let master_key = self.find(&wrapped.master_key)?;
        let bound_to = bound_to_member(b"loyalty/member/key", program, member, wrapped.version);
        let plain: Zeroizing<Vec<u8>> = aead::open(master_key.reveal(), &bound_to, wrapped.sealed.as_bytes())
            .ok_or(NotOpened::Altered { what: "key" })?;
        let key = SecretKey::from_slice(&plain).ok_or(NotOpened::Altered { what: "key" })?;
        Ok(MemberKey::new(program, member, wrapped.version, key))
    }

    /// Tells whether one of the keys is also the index key.
    pub(super) fn hold(&self, index_key: &IndexKey) -> bool {
        self.all().any(|(_, key)| index_key.is(key))
    }

    fn find(&self, id: &KeyId) -> Result<&SecretKey, NotOpened> {
        let found = self.all().find(|(other, _)| other == id).map(|(_, key)| key);
        found.ok_or_else(|| NotOpened::MasterKeyUnknown { id: id.clone() })
    }

    fn all(&self) -> impl Iterator<Item = &(KeyId, SecretKey)> {
        std::iter::once(&self.current).chain(&self.older)
    }
}
