//! AES-256-GCM-SIV with a random nonce in front of what it encrypts.

use aes_gcm_siv::{AeadInOut as _, Aes256GcmSiv, KeyInit as _, Nonce, Tag};
use zeroize::Zeroizing;

/// The bytes of a key.
pub(super) const KEY_LEN: usize = 32;

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// Returns the nonce, the encrypted text and the tag, in this order.
pub(super) fn seal(key: &[u8; KEY_LEN], bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = Nonce::default();
    rand::fill(nonce.as_mut_slice());
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_LEN);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let tag = Aes256GcmSiv::new(key.into())
        .encrypt_inout_detached(&nonce, bound_to, (&mut sealed[NONCE_LEN..]).into())
        .expect("a profile is shorter than the 64 GiB that the cipher takes");
    sealed.extend_from_slice(&tag);
    sealed
}

/// Returns the plain text, unless it was sealed under another key, bound to something else, or altered since.
pub(super) fn open(key: &[u8; KEY_LEN], bound_to: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let (encrypted, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_LEN)?)?;
    let (nonce, tag) = (Nonce::try_from(nonce).ok()?, Tag::try_from(tag).ok()?);
    let mut plain = Zeroizing::new(encrypted.to_vec());
    Aes256GcmSiv::new(key.into())
        .decrypt_inout_detached(&nonce, bound_to, plain.as_mut_slice().into(), &tag)
        .ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_what_is_altered_does_not(
            key: [u8; 32],
            bound_to: Vec<u8>,
            plain: Vec<u8>,
            at: prop::sample::Index,
            bit in 0..8,
        ) {
            let mut sealed = seal(&key, &bound_to, &plain);
            let opened = open(&key, &bound_to, &sealed);
            prop_assert_eq!(opened.as_deref(), Some(&plain));
            prop_assert_eq!(sealed.len(), NONCE_LEN + plain.len() + TAG_LEN);

            let at = at.index(sealed.len());
            prop_assert_eq!(open(&key, &bound_to, &sealed[..at]), None);
            sealed[at] ^= 1_u8 << bit;
            prop_assert_eq!(open(&key, &bound_to, &sealed), None);
        }

        #[test]
        fn another_key_or_binding_opens_nothing(key: [u8; 32], other: [u8; 32], plain: Vec<u8>) {
            prop_assume!(key != other);
            let sealed = seal(&key, &key, &plain);
            prop_assert_eq!(open(&other, &key, &sealed), None);
            prop_assert_eq!(open(&key, &other, &sealed), None);
        }
    }

    #[test]
    fn sealing_twice_looks_different() {
        assert_ne!(seal(&[7; 32], b"", b"Ada"), seal(&[7; 32], b"", b"Ada"));
    }

    /// RFC 8452, appendix C.2, the case with 8 bytes of text and one byte of associated data.
    #[test]
    fn the_cipher_is_the_one_of_the_standard() {
        let mut key = [0; 32];
        key[0] = 1;
        let mut sealed = vec![3];
        sealed.resize(NONCE_LEN, 0);
        sealed.extend([0x1d, 0xe2, 0x29, 0x67, 0x23, 0x7a, 0x81, 0x32]);
        sealed.extend(0x91213f267e3b452f02d01ae33e4ec854_u128.to_be_bytes());
        assert_eq!(
            open(&key, &[1], &sealed).as_deref(),
            Some(&vec![2, 0, 0, 0, 0, 0, 0, 0])
        );
    }
}
