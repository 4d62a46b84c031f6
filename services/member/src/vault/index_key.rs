//! The key of the blind index.

use std::{fmt, path::Path};

use common::ids::ProgramId;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    KeysRefused, aead,
    key_text::{self, SecretKey},
};

/// The key from which the index keys of all programs and columns are derived. Replacing it means indexing every member again.
#[derive(Debug)]
pub struct IndexKey(SecretKey);

/// What an identifier is found by: equal for equal identifiers of one program and column, and telling nothing else.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BlindIndex([u8; BlindIndex::LEN]);

impl IndexKey {
    /// Reads the key from text: a single `id:BASE64`.
    pub fn parse(text: &str) -> Result<IndexKey, KeysRefused> {
        let mut keys = key_text::parse(text)?.into_iter();
        match (keys.next(), keys.next()) {
            (Some((_, key)), None) => Ok(IndexKey(key)),
            (None, _) => Err(KeysRefused::None),
            (Some(_), Some(_)) => Err(KeysRefused::Several),
        }
    }

    /// Reads the key from a file.
    pub fn from_file(path: &Path) -> Result<IndexKey, KeysRefused> {
        IndexKey::parse(&key_text::read_file(path)?)
    }

    /// Returns what a content is found by in a program, in the column or for the purpose of the given name.
    pub(super) fn index(&self, program: ProgramId, name: &str, content: &[u8]) -> BlindIndex {
        let key = self.derive(program, name);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).expect("HMAC takes keys of any length");
        mac.update(content);
        let mut index = [0; BlindIndex::LEN];
        index.copy_from_slice(&mac.finalize().into_bytes()[..BlindIndex::LEN]);
        BlindIndex(index)
    }

    /// Tells whether this is the given key.
    pub(super) fn is(&self, key: &SecretKey) -> bool {
        self.0.reveal() == key.reveal()
    }

    fn derive(&self, program: ProgramId, name: &str) -> Zeroizing<[u8; aead::KEY_LEN]> {
        let mut key = Zeroizing::new([0; aead::KEY_LEN]);
        let program = program.uuid();
        let info: [&[u8]; 3] = [b"loyalty/member/index", program.as_bytes(), name.as_bytes()];
        Hkdf::<Sha256>::new(None, self.0.reveal())
            .expand_multi_info(&info, &mut key[..])
            .expect("HKDF gives up to 255 blocks, and a key is one");
        key
    }
}

impl BlindIndex {
    /// How long an index is. Among the billion members of a program, two identifiers share one with a chance of 1 in 10^20.
    pub const LEN: usize = 16;

    /// Takes stored bytes back.
    pub const fn new(bytes: [u8; BlindIndex::LEN]) -> BlindIndex {
        BlindIndex(bytes)
    }

    /// Returns the bytes to store.
    pub const fn as_bytes(&self) -> &[u8; BlindIndex::LEN] {
        &self.0
    }
}

impl fmt::LowerHex for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&u128::from_be_bytes(self.0), f)
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
