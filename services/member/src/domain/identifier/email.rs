//! E-mail addresses.

use unicode_normalization::UnicodeNormalization as _;

use crate::domain::{Pii, ProfileMistake};

/// An e-mail address: NFKC, without surrounding space, the domain in lower case. The local part keeps its case, because a
/// mail server may tell cases apart; people do not, so the index does not either.
///
/// Quoted local parts, comments and address literals are refused: nobody signs up with them, and each would be a second
/// way of writing some other address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Email(Pii<String>);

/// The longest address that SMTP can carry, in bytes.
const MAX_LEN: usize = 254;

impl Email {
    /// Reads an address as people write it.
    pub fn read(text: &str) -> Result<Email, ProfileMistake> {
        let text: String = text.trim().nfkc().collect();
        let (local, domain) = text.trim().rsplit_once('@').ok_or(ProfileMistake::Email)?;
        let address = format!("{local}@{}", lower(domain));
        let (local, domain) = address.rsplit_once('@').ok_or(ProfileMistake::Email)?;
        if address.len() <= MAX_LEN && is_local_part(local) && is_domain(domain) {
            Ok(Email(Pii::new(address)))
        } else {
            Err(ProfileMistake::Email)
        }
    }

    /// Takes an address back that was read before it was stored.
    pub(crate) fn stored(text: String) -> Email {
        Email(Pii::new(text))
    }

    /// Returns the address in the form that is kept.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// Returns the form that is the same for all ways of writing the address.
    pub fn index_form(&self) -> String {
        lower(self.reveal())
    }
}

/// Lower-cases letter by letter, so that no letter depends on its neighbours, and composes what that has taken apart.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfkc().collect()
}

fn is_local_part(local: &str) -> bool {
    let is_text = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    local
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(is_text))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Email {
        Email::read(text).unwrap_or_else(|_| panic!("{text:?}"))
    }

    #[test]
    fn the_domain_is_lower_case_and_the_local_part_is_kept() {
        assert_eq!(
            read("  Ada.Lovelace+shop@Example.COM\n").reveal(),
            "Ada.Lovelace+shop@example.com"
        );
        assert_eq!(read("Ｊörg＠Ｅｘａｍｐｌｅ．ｏｒｇ").reveal(), "Jörg@example.org");
        assert_eq!(read("j\u{f6}rg@example.org"), read("jo\u{308}rg@example.org"));
    }

    #[test]
    fn the_index_does_not_tell_cases_apart() {
        assert_eq!(
            read("ADA@example.com").index_form(),
            read("ada@EXAMPLE.com").index_form()
        );
        assert_eq!(
            read("ΟΔΟΣ@example.com").index_form(),
            read("οδοσ@example.com").index_form()
        );
        assert_ne!(
            read("ada@example.com").index_form(),
            read("ada@example.org").index_form()
        );
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(243));
        for text in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.com",
            "ada@@example.com",
            "ada@b@example.com",
            "a da@example.com",
            "ada@exa mple.com",
            "ada@example..com",
            "ada@.example.com",
            "ada@example.com.",
            "ada@-example.com",
            ".ada@example.com",
            "ada..l@example.com",
            "\"ada\"@example.com",
            "ada@[127.0.0.1]",
            "ada@exam_ple.com",
            "ada\u{0}@example.com",
            "ada\u{200b}@example.com",
            "ada\u{202e}@example.com",
            &long,
        ] {
            assert_eq!(Email::read(text), Err(ProfileMistake::Email), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_kept_form_reads_as_itself(text in "\\PC{1,20}@\\PC{1,20}") {
            if let Ok(email) = Email::read(&text) {
                prop_assert_eq!(Email::read(email.reveal()), Ok(email));
            }
        }

        #[test]
        fn the_index_form_reads_as_the_same_member(text in "\\w{1,20}@\\w{1,20}") {
            if let Ok(email) = Email::read(&text) {
                let index_form = email.index_form();
                prop_assert_eq!(read(&index_form).index_form(), index_form);
            }
        }
    }
}
