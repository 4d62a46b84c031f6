//! The person behind a member, as far as the retailer keeps them.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

use super::{BirthDate, CardNumber, Email, Identifier, IdentifierKind, MemberField, Phone, Pii};

/// A person. Every part may be absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Profile {
    /// Full name.
    pub name: Option<Pii<String>>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Number of the loyalty card.
    pub card_number: Option<CardNumber>,
    /// Anything else, by name.
    pub attributes: Pii<BTreeMap<String, String>>,
    /// The day of birth.
    pub birth_date: Option<BirthDate>,
}

/// A person as a caller wrote them down; a blank part is an absent one.
#[derive(Clone, Debug, Default)]
pub struct ProfileText {
    /// Full name.
    pub name: Pii<String>,
    /// Phone number.
    pub phone: Pii<String>,
    /// E-mail address.
    pub email: Pii<String>,
    /// Number of the loyalty card.
    pub card_number: Pii<String>,
    /// Anything else, by name.
    pub attributes: Pii<BTreeMap<String, String>>,
    /// The day of birth.
    pub birth_date: Pii<String>,
}

/// Something that a profile cannot hold. Names the field, never what stands there.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum ProfileMistake {
    /// The name has characters that no name has.
    #[error("must not hold control characters")]
    Name,
    /// The phone number is none.
    #[error("must be a phone number with a country code, such as +49 30 901820")]
    Phone,
    /// The e-mail address is none.
    #[error("must be an e-mail address, such as ada@example.com")]
    Email,
    /// The card number is none.
    #[error("must be a card number: letters, digits and dashes")]
    CardNumber,
    /// An attribute holds the one character that no text may hold.
    #[error("must not hold the character NUL")]
    Attribute {
        /// The name of the attribute.
        key: String,
    },
    /// The birth date is none.
    #[error("must be a day from 1900 on, written as 1990-02-28")]
    BirthDate,
    /// The birth date is still to come.
    #[error("must not be in the future")]
    BirthDateInFuture,
}

impl ProfileMistake {
    /// Returns the path of the field inside the profile.
    pub fn field(&self) -> String {
        match self {
            ProfileMistake::Name => "name".to_owned(),
            ProfileMistake::Phone => IdentifierKind::Phone.field().to_owned(),
            ProfileMistake::Email => IdentifierKind::Email.field().to_owned(),
            ProfileMistake::CardNumber => IdentifierKind::CardNumber.field().to_owned(),
            ProfileMistake::Attribute { key } => format!("attributes[\"{key}\"]"),
            ProfileMistake::BirthDate | ProfileMistake::BirthDateInFuture => "birth_date".to_owned(),
        }
    }

    /// Tells whether it is an identifier that is no identifier.
    pub const fn is_identifier(&self) -> bool {
        matches!(
            self,
            ProfileMistake::Phone | ProfileMistake::Email | ProfileMistake::CardNumber
        )
    }
}

impl ProfileText {
    /// Keeps the named fields only, as if nothing had been written in the others.
    pub fn only(self, fields: &BTreeSet<MemberField>) -> ProfileText {
        let kept = |field, text| if fields.contains(&field) { text } else { Pii::default() };
        ProfileText {
            name: kept(MemberField::Name, self.name),
            phone: kept(MemberField::Phone, self.phone),
            email: kept(MemberField::Email, self.email),
            card_number: kept(MemberField::CardNumber, self.card_number),
            attributes: if fields.contains(&MemberField::Attributes) {
                self.attributes
            } else {
                Pii::default()
            },
            birth_date: kept(MemberField::BirthDate, self.birth_date),
        }
    }

    /// Reads a person, or says everything that is wrong with what was written.
    pub fn read(self) -> Result<Profile, Vec<ProfileMistake>> {
        let mut mistakes = Vec::new();
        let mut note = |mistake| mistakes.push(mistake);
        let profile = Profile {
            name: present(&self.name, |text| read_name(text).map_err(&mut note)),
            phone: present(&self.phone, |text| Phone::read(text).map_err(&mut note)),
            email: present(&self.email, |text| Email::read(text).map_err(&mut note)),
            card_number: present(&self.card_number, |text| CardNumber::read(text).map_err(&mut note)),
            attributes: self.attributes,
            birth_date: present(&self.birth_date, |text| BirthDate::read(text).map_err(&mut note)),
        };
        let with_nul = profile
            .attributes
            .reveal()
            .iter()
            .filter(|(_, value)| value.contains('\0'));
        mistakes.extend(with_nul.map(|(key, _)| ProfileMistake::Attribute { key: key.clone() }));
        if mistakes.is_empty() {
            Ok(profile)
        } else {
            Err(mistakes)
        }
    }
}

impl Profile {
    /// Tells whether nothing is kept of the person.
    pub fn is_empty(&self) -> bool {
        *self == Profile::default()
    }

    /// Returns what identifies the person.
    pub fn identifiers(&self) -> impl Iterator<Item = Identifier> {
        let phone = self.phone.clone().map(Identifier::Phone);
        let email = self.email.clone().map(Identifier::Email);
        let card_number = self.card_number.clone().map(Identifier::CardNumber);
        [phone, email, card_number].into_iter().flatten()
    }

    /// Takes the named fields from another profile, absent ones too, and keeps the rest.
    pub fn with(self, fields: &BTreeSet<MemberField>, changes: Profile) -> Profile {
        let named = |field| fields.contains(&field);
        Profile {
            name: if named(MemberField::Name) {
                changes.name
            } else {
                self.name
            },
            phone: if named(MemberField::Phone) {
                changes.phone
            } else {
                self.phone
            },
            email: if named(MemberField::Email) {
                changes.email
            } else {
                self.email
            },
            card_number: if named(MemberField::CardNumber) {
                changes.card_number
            } else {
                self.card_number
            },
            attributes: if named(MemberField::Attributes) {
                changes.attributes
            } else {
                self.attributes
            },
            birth_date: if named(MemberField::BirthDate) {
                changes.birth_date
            } else {
                self.birth_date
            },
        }
    }
}

/// Reads a part that is there; a blank one, or one of which nothing was understood, is absent.
fn present<T, E>(text: &Pii<String>, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
    let text = text.reveal().trim();
    if text.is_empty() { None } else { read(text).ok() }
}

fn read_name(text: &str) -> Result<Pii<String>, ProfileMistake> {
    let name: String = text.nfc().collect();
    if name.chars().any(char::is_control) {
        Err(ProfileMistake::Name)
    } else {
        Ok(Pii::new(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(phone: &str, email: &str) -> ProfileText {
        ProfileText {
            name: Pii::new("Ada Lovelace".to_owned()),
            phone: Pii::new(phone.to_owned()),
            email: Pii::new(email.to_owned()),
            ..ProfileText::default()
        }
    }

    #[test]
    fn a_blank_part_is_an_absent_one() {
        assert!(ProfileText::default().read().unwrap().is_empty());
        let profile = text(" ", "ada@example.com").read().unwrap();
        assert_eq!(profile.phone, None);
        let kinds: Vec<_> = profile.identifiers().map(|identifier| identifier.kind()).collect();
        assert_eq!(kinds, [IdentifierKind::Email]);
    }

    #[test]
    fn everything_wrong_with_a_profile_is_said_at_once() {
        let attributes = Pii::new(BTreeMap::from([
            ("size".to_owned(), "a\0b".to_owned()),
            ("color".to_owned(), "red".to_owned()),
        ]));
        let name = Pii::new("\u{1b}[31mAda".to_owned());
        let card_number = Pii::new("--".to_owned());
        let birth_date = Pii::new("1990-02-30".to_owned());
        let mistakes = ProfileText {
            name,
            card_number,
            attributes,
            birth_date,
            ..text("030", "ada")
        }
        .read()
        .unwrap_err();
        let fields: Vec<_> = mistakes.iter().map(ProfileMistake::field).collect();
        assert_eq!(
            fields,
            [
                "name",
                "phone",
                "email",
                "card_number",
                "birth_date",
                "attributes[\"size\"]"
            ]
        );
        assert_eq!(mistakes.iter().filter(|mistake| mistake.is_identifier()).count(), 3);
    }

    #[test]
    fn a_name_has_one_written_form_and_a_blank_one_is_none() {
        let read = |name: &str| {
            ProfileText {
                name: Pii::new(name.to_owned()),
                ..ProfileText::default()
            }
            .read()
            .unwrap()
        };
        assert_eq!(read(" Jo\u{308}rg\n").name, Some(Pii::new("J\u{f6}rg".to_owned())));
        assert!(read("  ").is_empty());
    }

    #[test]
    fn only_the_named_fields_change_and_an_absent_value_removes() {
        let before = text("+49 30 901820", "ada@example.com").read().unwrap();
        let fields = BTreeSet::from([MemberField::Email, MemberField::Attributes]);
        let after = before.clone().with(&fields, text("", "").read().unwrap());
        assert_eq!(after, Profile { email: None, ..before });
    }

    #[test]
    fn what_the_mask_does_not_name_is_not_even_read() {
        let fields = BTreeSet::from([MemberField::Email]);
        let profile = text("no number", "ada@example.com").only(&fields).read().unwrap();
        assert_eq!((profile.name, profile.email.is_some()), (None, true));
    }

    #[test]
    fn printing_a_profile_shows_nothing_of_the_person() {
        let profile = text("+49 30 901820", "ada@example.com");
        let printed = format!("{profile:?} {:?}", profile.clone().read().unwrap());
        for part in ["Ada", "901820", "ada@"] {
            assert!(!printed.contains(part), "{printed}");
        }
        assert!(printed.contains("[redacted]"));
    }
}
