//! A profile as it is stored.

use std::collections::BTreeMap;

use super::{Column, MemberKey, NotOpened, Sealed};
use crate::domain::{BirthDate, CardNumber, Email, Phone, Pii, Profile};

/// A profile, encrypted column by column under its member's key. What is absent has no bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedProfile {
    /// The name.
    pub name: Option<Sealed>,
    /// The phone number.
    pub phone: Option<Sealed>,
    /// The e-mail address.
    pub email: Option<Sealed>,
    /// The card number.
    pub card_number: Option<Sealed>,
    /// Everything else, as one JSON object.
    pub attributes: Option<Sealed>,
    /// The birth date.
    pub birth_date: Option<Sealed>,
}

impl SealedProfile {
    /// Encrypts a profile.
    pub(super) fn seal(profile: &Profile, key: &MemberKey) -> SealedProfile {
        let seal = |column, text: Option<&str>| text.map(|text| key.seal(column, text.as_bytes()));
        let attributes = profile.attributes.reveal();
        let birth_date = profile.birth_date.as_ref().map(BirthDate::reveal);
        let json = (!attributes.is_empty()).then(|| to_json(attributes));
        SealedProfile {
            name: seal(Column::Name, profile.name.as_ref().map(|name| name.reveal().as_str())),
            phone: seal(Column::Phone, profile.phone.as_ref().map(Phone::reveal)),
            email: seal(Column::Email, profile.email.as_ref().map(Email::reveal)),
            card_number: seal(Column::CardNumber, profile.card_number.as_ref().map(CardNumber::reveal)),
            attributes: seal(Column::Attributes, json.as_deref().map(String::as_str)),
            birth_date: seal(Column::BirthDate, birth_date.as_deref()),
        }
    }

    /// Decrypts the profile.
    pub(super) fn open(&self, key: &MemberKey) -> Result<Profile, NotOpened> {
        let attributes = self
            .attributes
            .as_ref()
            .map(|sealed| open_attributes(key, sealed))
            .transpose()?;
        let birth_date = open_text(key, Column::BirthDate, &self.birth_date)?.map(|text| {
            let altered = NotOpened::Altered {
                what: Column::BirthDate.name(),
            };
            BirthDate::stored(&text).ok_or(altered)
        });
        Ok(Profile {
            name: open_text(key, Column::Name, &self.name)?.map(Pii::new),
            phone: open_text(key, Column::Phone, &self.phone)?.map(Phone::stored),
            email: open_text(key, Column::Email, &self.email)?.map(Email::stored),
            card_number: open_text(key, Column::CardNumber, &self.card_number)?.map(CardNumber::stored),
            attributes: Pii::new(attributes.unwrap_or_default()),
            birth_date: birth_date.transpose()?,
        })
    }
}

fn open_text(key: &MemberKey, column: Column, sealed: &Option<Sealed>) -> Result<Option<String>, NotOpened> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = key.open(column, sealed)?;
    let text = str::from_utf8(&plain).map_err(|_| NotOpened::Altered { what: column.name() })?;
    Ok(Some(text.to_owned()))
}

fn open_attributes(key: &MemberKey, sealed: &Sealed) -> Result<BTreeMap<String, String>, NotOpened> {
    let plain = key.open(Column::Attributes, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| NotOpened::Altered {
        what: Column::Attributes.name(),
    })
}

fn to_json(attributes: &BTreeMap<String, String>) -> zeroize::Zeroizing<String> {
    serde_json::to_string(attributes)
        .expect("a map of text is a JSON object")
        .into()
}
