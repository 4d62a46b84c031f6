//! Whether a member may be written to, by which channel and for what, and where to.

use thiserror::Error;

use super::{Email, Member, Phone, Pii, Profile, Status};

/// A way to reach somebody.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ContactChannel {
    /// E-mail.
    Email,
    /// Short message.
    Sms,
    /// A notification of the retailer's app, by the member's id.
    Push,
    /// A message by WeChat, by the member's id.
    Wechat,
}

/// What somebody is written for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ContactPurpose {
    /// To sell, or to bring back.
    Marketing,
    /// What a member has to be told.
    Service,
}

/// What a member said to being written to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Consent {
    /// By which channel.
    pub channel: ContactChannel,
    /// For what.
    pub purpose: ContactPurpose,
    /// Yes or no.
    pub granted: bool,
    /// Where they said so.
    pub source: String,
}

/// How a member is reached.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    /// The address; empty for a channel that goes by the member's id.
    pub address: Pii<String>,
    /// The language that the member reads, where the profile says so.
    pub language: Pii<String>,
}

/// Why a member is not written to.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum NotReached {
    /// The program has no such member.
    #[error("the program has no such member")]
    NoMember,
    /// The member is frozen or closed.
    #[error("the member is frozen or closed")]
    NotAllowed,
    /// There is no consent.
    #[error("there is no consent for that channel and purpose")]
    NoConsent,
    /// The profile has no such address.
    #[error("the profile has no such address")]
    NoAddress,
}

/// The attribute of a profile that says which language the member reads.
const LANGUAGE: &str = "language";

/// Tells how a member is reached, from what they said last about the channel and the purpose. Who never said anything is written to only about the membership itself.
pub fn contact(
    member: &Member,
    person: &Profile,
    said_last: Option<bool>,
    (channel, purpose): (ContactChannel, ContactPurpose),
) -> Result<Contact, NotReached> {
    if !matches!(member.status, Status::Open(_)) {
        return Err(NotReached::NotAllowed);
    }
    if !said_last.unwrap_or(purpose == ContactPurpose::Service) {
        return Err(NotReached::NoConsent);
    }
    let address = match channel {
        ContactChannel::Email => person.email.as_ref().map(Email::reveal),
        ContactChannel::Sms => person.phone.as_ref().map(Phone::reveal),
        ContactChannel::Push | ContactChannel::Wechat => Some(""),
    };
    let language = person.attributes.reveal().get(LANGUAGE).cloned().unwrap_or_default();
    Ok(Contact {
        address: Pii::new(address.ok_or(NotReached::NoAddress)?.to_owned()),
        language: Pii::new(language),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use common::ids::MemberId;
    use jiff::Timestamp;

    use super::*;

    const EMAIL_MARKETING: (ContactChannel, ContactPurpose) = (ContactChannel::Email, ContactPurpose::Marketing);

    fn member() -> Member {
        Member::enroll(MemberId::new(), "web".into(), None, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn ada() -> Profile {
        Profile {
            email: Some(Email::read("ada@example.com").unwrap()),
            attributes: Pii::new(BTreeMap::from([("language".to_owned(), "zh".to_owned())])),
            ..Profile::default()
        }
    }

    #[test]
    fn who_said_nothing_is_told_of_the_membership_and_sold_nothing() {
        let by = |purpose| contact(&member(), &ada(), None, (ContactChannel::Email, purpose));
        assert_eq!(by(ContactPurpose::Marketing), Err(NotReached::NoConsent));
        let reached = by(ContactPurpose::Service).unwrap();
        assert_eq!(
            (reached.address.reveal().as_str(), reached.language.reveal().as_str()),
            ("ada@example.com", "zh")
        );
    }

    #[test]
    fn what_was_said_last_holds_for_either_purpose() {
        for purpose in [ContactPurpose::Marketing, ContactPurpose::Service] {
            let said = |yes| contact(&member(), &ada(), Some(yes), (ContactChannel::Email, purpose));
            assert!(said(true).is_ok());
            assert_eq!(said(false), Err(NotReached::NoConsent));
        }
    }

    #[test]
    fn nobody_is_written_to_who_has_no_address_or_is_held() {
        let nobody = Profile::default();
        let sms = (ContactChannel::Sms, ContactPurpose::Marketing);
        assert_eq!(contact(&member(), &nobody, Some(true), sms), Err(NotReached::NoAddress));
        let push = (ContactChannel::Push, ContactPurpose::Marketing);
        assert_eq!(contact(&member(), &nobody, Some(true), push), Ok(Contact::default()));
        let frozen = member().freeze().unwrap();
        assert_eq!(
            contact(&frozen, &ada(), Some(true), EMAIL_MARKETING),
            Err(NotReached::NotAllowed)
        );
    }
}
