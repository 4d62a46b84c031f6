//! Profiles on the wire.

use common::auth::ProgramScope;
use prost::Message as _;
use proto::member as pb;

use crate::{
    domain::{BirthDate, CardNumber, Email, Phone, Pii, Profile, ProfileText},
    vault::Vault,
};

/// Returns what was written of a person.
pub fn written(profile: &Option<pb::Profile>) -> ProfileText {
    let profile = profile.clone().unwrap_or_default();
    ProfileText {
        name: Pii::new(profile.name),
        phone: Pii::new(profile.phone),
        email: Pii::new(profile.email),
        card_number: Pii::new(profile.card_number),
        attributes: Pii::new(profile.attributes),
        birth_date: Pii::new(profile.birth_date),
    }
}

/// Replaces a profile by what stands for it in the fingerprint of the request.
pub fn blind(vault: &Vault, scope: ProgramScope, profile: &mut Option<pb::Profile>) {
    if let Some(profile) = profile {
        let stand_in = vault.blind(scope.id(), &profile.encode_to_vec());
        *profile = pb::Profile {
            name: format!("{stand_in:032x}"),
            ..pb::Profile::default()
        };
    }
}

/// Tells a person to a caller that may know.
pub fn tell(profile: Profile) -> pb::Profile {
    let birth_date = profile.birth_date.as_ref().map(BirthDate::reveal);
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    pb::Profile {
        phone: text(profile.phone.as_ref().map(Phone::reveal)),
        email: text(profile.email.as_ref().map(Email::reveal)),
        card_number: text(profile.card_number.as_ref().map(CardNumber::reveal)),
        name: profile.name.map(Pii::into_revealed).unwrap_or_default(),
        attributes: profile.attributes.into_revealed(),
        birth_date: birth_date.unwrap_or_default(),
    }
}
