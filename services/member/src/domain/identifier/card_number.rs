//! Numbers of loyalty cards.

use crate::domain::{Pii, ProfileMistake};

/// The number of a loyalty card: ASCII letters and digits, in upper case, without the dashes that printing puts in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardNumber(Pii<String>);

impl CardNumber {
    /// Reads a card number as people write it.
    pub fn read(text: &str) -> Result<CardNumber, ProfileMistake> {
        let bare: String = text.trim().chars().filter(|&c| c != '-').collect();
        if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ProfileMistake::CardNumber);
        }
        Ok(CardNumber(Pii::new(bare.to_ascii_uppercase())))
    }

    /// Takes a card number back that was read before it was stored.
    pub(crate) fn stored(text: String) -> CardNumber {
        CardNumber(Pii::new(text))
    }

    /// Returns the number in its one written form.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_card_number_has_one_written_form() {
        for text in ["AB12-3456", "ab123456", " Ab-12-34-56 "] {
            assert_eq!(CardNumber::read(text).unwrap().reveal(), "AB123456", "{text:?}");
        }
    }

    #[test]
    fn what_is_not_letters_and_digits_is_no_card_number() {
        for text in ["", "-", "--", "12 34", "12_34", "ÄB12", "１２３４", "12\u{0}34"] {
            assert_eq!(CardNumber::read(text), Err(ProfileMistake::CardNumber), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_written_form_reads_as_itself(text in "[ -~]{0,32}") {
            if let Ok(number) = CardNumber::read(&text) {
                prop_assert_eq!(CardNumber::read(number.reveal()), Ok(number));
            }
        }
    }
}
