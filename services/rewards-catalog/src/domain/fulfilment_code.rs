//! Fulfilment codes: what a member shows to get a reward.
//!
//! A code is not drawn and kept but derived: the first 95 bits of HMAC-SHA-256 over the redemption's id, under a secret of
//! the service. So nothing that opens a reward is in the database, its backups or the feed, and yet the answer that carries
//! the code can be repeated for ever. Whoever has the id but not the secret has nothing: ids are public, codes are not.
//! The price is that the secret has to be kept as long as its codes are to be honoured.
//!
//! A code is written for people: an alphabet without look-alikes (Crockford's), groups of five, and a last character that
//! gives away any one wrong character and any two that changed places, before anyone asks the service.

use std::fmt;

use common::ids::RedemptionId;
use hmac::{Hmac, KeyInit, Mac, digest::CtOutput};
use sha2::Sha256;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 20;
const GROUP: usize = 5;
/// What else the secret may come to be used for, it gives other bytes for.
const PURPOSE: &[u8] = b"loyalty.rewards_catalog.v1.fulfilment_code";

/// The secret that codes are derived from: 256 bits from a cryptographic source of randomness.
#[derive(Clone)]
pub struct CodeKey(Zeroizing<[u8; 32]>);

impl CodeKey {
    /// Takes a secret.
    pub fn new(secret: [u8; 32]) -> CodeKey {
        CodeKey(Zeroizing::new(secret))
    }

    fn tag(&self, message: &[u8]) -> CtOutput<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes a key of any length");
        mac.chain_update(PURPOSE).chain_update(message).finalize()
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey([redacted])")
    }
}

/// What a member shows to get a reward. It is shown by `Display`, and only by it: whoever sees it can have the reward.
#[derive(Clone)]
pub struct FulfilmentCode([u8; LENGTH]);

impl FulfilmentCode {
    /// Returns the code of a redemption.
    pub fn of(key: &CodeKey, redemption_id: RedemptionId) -> FulfilmentCode {
        let tag = key.tag(redemption_id.uuid().as_bytes()).into_bytes();
        let mut code = [0; LENGTH];
        let mut bits = tag
            .iter()
            .take(16)
            .fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        for symbol in &mut code[..LENGTH - 1] {
            *symbol = (bits >> 123) as u8;
            bits <<= 5;
        }
        code[LENGTH - 1] = check(&code[..LENGTH - 1]);
        FulfilmentCode(code)
    }

    /// Reads a code as people type it: in any case, with any hyphens and spaces, with O for 0 and I or L for 1. Nothing when
    /// it is mistyped.
    pub fn read(text: &str) -> Option<FulfilmentCode> {
        let mut symbols = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(symbol);
        let mut code = [0; LENGTH];
        for place in &mut code {
            *place = symbols.next()??;
        }
        (symbols.next().is_none() && check(&code[..LENGTH - 1]) == code[LENGTH - 1]).then_some(FulfilmentCode(code))
    }

    /// Tells whether the code is that of a redemption. Takes as long for a wrong code as for the right one.
    pub fn opens(&self, key: &CodeKey, redemption_id: RedemptionId) -> bool {
        key.tag(&self.0) == key.tag(&FulfilmentCode::of(key, redemption_id).0)
    }
}

impl fmt::Display for FulfilmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, &symbol) in self.0.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(ALPHABET[usize::from(symbol)]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for FulfilmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FulfilmentCode([redacted])")
    }
}

fn symbol(typed: char) -> Option<u8> {
    let typed = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|&known| char::from(known) == typed)
        .map(|index| index as u8)
}

/// The check character: the symbols as a polynomial over the field of 32 elements, at a generator of the field. Every place
/// has a weight of its own there, so no single mistake and no exchange of two symbols leaves the sum as it was.
fn check(symbols: &[u8]) -> u8 {
    symbols.iter().fold(0, |sum, &symbol| times_generator(sum ^ symbol))
}

/// Multiplies by x modulo x^5 + x^2 + 1.
fn times_generator(symbol: u8) -> u8 {
    let doubled = symbol << 1;
    if doubled < 32 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::tests::redemption_id;

    fn key() -> CodeKey {
        CodeKey::new([7; 32])
    }

    fn code() -> FulfilmentCode {
        FulfilmentCode::of(&key(), redemption_id())
    }

    #[test]
    fn the_code_of_a_redemption_is_the_same_for_ever() {
        assert_eq!(
            code().to_string(),
            "3Z500-SQ786-G7H8V-ZQC81",
            "codes that members hold would no longer be honoured"
        );
    }

    #[test]
    fn a_code_opens_its_own_redemption_and_no_other() {
        assert!(code().opens(&key(), redemption_id()));
        assert!(!code().opens(&key(), uuid::Uuid::from_u128(99).into()));
        assert!(!code().opens(&CodeKey::new([8; 32]), redemption_id()));
    }

    #[test]
    fn a_code_reads_as_people_type_it() {
        let typed = code()
            .to_string()
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert!(FulfilmentCode::read(&typed).unwrap().opens(&key(), redemption_id()));
    }

    #[test]
    fn what_is_no_code_is_not_read() {
        let whole = code().to_string();
        for text in [
            "",
            "-",
            &whole[1..],
            &format!("{whole}0"),
            &whole.replacen('-', "é", 1),
            &whole.replacen('-', "U", 1),
        ] {
            assert!(FulfilmentCode::read(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn neither_a_code_nor_its_key_is_seen_in_a_log() {
        assert_eq!(
            format!("{:?} {:?}", code(), key()),
            "FulfilmentCode([redacted]) CodeKey([redacted])"
        );
    }

    proptest! {
        #[test]
        fn every_code_reads_what_it_writes(secret: [u8; 32], id: u128) {
            let (key, id) = (CodeKey::new(secret), uuid::Uuid::from_u128(id).into());
            let written = FulfilmentCode::of(&key, id).to_string();
            prop_assert_eq!(written.len(), 23);
            prop_assert!(FulfilmentCode::read(&written).unwrap().opens(&key, id));
        }

        #[test]
        fn one_wrong_character_is_always_noticed(id: u128, place in 0..LENGTH, change in 1u8..32) {
            let mut mistyped = FulfilmentCode::of(&key(), uuid::Uuid::from_u128(id).into());
            mistyped.0[place] ^= change;
            prop_assert!(FulfilmentCode::read(&mistyped.to_string()).is_none());
        }

        #[test]
        fn two_characters_that_changed_places_are_always_noticed(id: u128, a in 0..LENGTH, b in 0..LENGTH) {
            let mut mistyped = FulfilmentCode::of(&key(), uuid::Uuid::from_u128(id).into());
            prop_assume!(mistyped.0[a] != mistyped.0[b]);
            mistyped.0.swap(a, b);
            prop_assert!(FulfilmentCode::read(&mistyped.to_string()).is_none());
        }
    }
}
