//! Phone numbers.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::{Pii, ProfileMistake};

/// A phone number in E.164, such as `+4930901820`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phone(Pii<String>);

impl Phone {
    /// Reads a phone number in any common way of writing it, so long as it begins with a plus and a country code: what a
    /// number without one means depends on where it is dialled.
    pub fn read(text: &str) -> Result<Phone, ProfileMistake> {
        let mut written = bare(text).ok_or(ProfileMistake::Phone)?;
        // Reading takes a trunk digit out that does not belong there, and may find another one in the result.
        for _ in 0..4 {
            let read = read_once(&written)?;
            if read == written {
                return Ok(Phone(Pii::new(read)));
            }
            written = read;
        }
        Err(ProfileMistake::Phone)
    }

    /// Takes a number back that was read before it was stored.
    pub(crate) fn stored(text: String) -> Phone {
        Phone(Pii::new(text))
    }

    /// Returns the number in its one written form.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// Takes out what people put between digits. Everything else is refused, above all extensions: E.164 has none, and
/// without it two people behind one switchboard would be one person.
fn bare(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let number = text.trim();
    let number = number.strip_prefix("tel:").unwrap_or(number);
    let is_between =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let bare: String = number.chars().filter(|&c| !is_between(c)).collect();
    let digits = bare.strip_prefix('+')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(bare)
}

/// Reads digits after a plus as the numbering plan of their country has them.
fn read_once(written: &str) -> Result<String, ProfileMistake> {
    let number = phonenumber::parse(None, written).map_err(|_| ProfileMistake::Phone)?;
    let e164 = number.format().mode(phonenumber::Mode::E164).to_string();
    // The plus, and from seven digits (small islands) to the fifteen of the standard.
    if (8..=16).contains(&e164.len()) {
        Ok(e164)
    } else {
        Err(ProfileMistake::Phone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        Phone::read(text)
            .unwrap_or_else(|_| panic!("{text:?}"))
            .reveal()
            .to_owned()
    }

    #[test]
    fn a_number_has_one_written_form() {
        for text in [
            "+49 30 901820",
            "+49 (0)30 / 90 18 20",
            "tel:+49-30-901820",
            "\u{a0}＋49 30–901820 ",
            "+49.30.901820",
        ] {
            assert_eq!(read(text), "+4930901820", "{text:?}");
        }
        assert_eq!(read("+1 (650) 253-0000"), "+16502530000");
        assert_eq!(read("+86 138 0013 8000"), "+8613800138000");
        assert_eq!(
            read("+39 06 698 12345"),
            "+390669812345",
            "the zero is part of Italian numbers"
        );
        assert_eq!(read("+683 4002"), "+6834002");
    }

    #[test]
    fn what_is_no_number_with_a_country_code_is_refused() {
        for text in [
            "",
            "+",
            "030 901820",
            "0049 30 901820",
            "16502530000",
            "+999 123456789",
            "+49",
            "+49 1",
            "+0 123456789",
            "+1 650 253 0000 ext. 7",
            "+1 650 253 0000;ext=7",
            "+1 800 FLOWERS",
            "call +1 650 253 0000",
            "+1 650 253 0000 or +1 650 253 0001",
            "++1 650 253 0000",
            "+1 650\u{0} 253 0000",
            "+491234567890123456",
        ] {
            assert_eq!(Phone::read(text), Err(ProfileMistake::Phone), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_written_form_reads_as_itself(text in "\\+[1-9][0-9]{5,15}") {
            if let Ok(phone) = Phone::read(&text) {
                prop_assert_eq!(Phone::read(phone.reveal()), Ok(phone));
            }
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,32}") {
            let _ = Phone::read(&text);
            let _ = Phone::read(&format!("+{text}"));
        }
    }
}
