//! `TellConsents`, `ListConsents` and `GetContacts`.

use common::{
    auth::Caller,
    ids::MemberId,
    parse::{self, parse},
    refusal::Violations,
};
use proto::{member as pb, value};
use tonic::{Request, Response, Status};

use super::{Change, Reply, found};
use crate::{
    context::Context,
    domain::{Consent, Contact, ContactChannel, ContactPurpose, NotReached, Profile, contact},
    error::Error,
    ops::{Command, TellConsents, consent_to_wire},
    store::{AskedContact, KnownContact, Place, find_contacts, find_member, list_consents as list},
};

/// How much of a member's history is told.
const MOST_TOLD: i64 = 500;

struct AskedHistory(MemberId);

struct AskedContacts(Vec<(MemberId, ContactChannel, ContactPurpose)>);

pub async fn list_consents(cx: &Context, request: Request<pb::ListConsentsRequest>) -> Reply<pb::ListConsentsResponse> {
    let (caller, AskedHistory(member_id)): (Caller, _) = parse(request)?;
    let place = Place::of(caller.program().id(), member_id);
    found(find_member(&cx.db, place).await)?.ok_or(Error::no_member(member_id))?;
    let told = found(list(&cx.db, place, MOST_TOLD).await)?;
    let consents = told.iter().map(|told| consent_to_wire(&told.consent, told.told_at));
    Ok(Response::new(pb::ListConsentsResponse {
        consents: consents.collect(),
    }))
}

pub async fn get_contacts(cx: &Context, request: Request<pb::GetContactsRequest>) -> Reply<pb::GetContactsResponse> {
    let (caller, AskedContacts(asked)): (Caller, _) = parse(request)?;
    let program_id = caller.program().id();
    let asked = asked
        .into_iter()
        .map(|(member_id, channel, purpose)| (Place::of(program_id, member_id), channel, purpose));
    let asked: Vec<AskedContact> = asked.collect();
    let known = found(find_contacts(&cx.db, asked.clone()).await)?;
    let contacts = asked
        .into_iter()
        .zip(known)
        .map(|(asked, known)| reach(cx, asked, known));
    Ok(Response::new(pb::GetContactsResponse {
        contacts: contacts.collect::<Result<_, _>>()?,
    }))
}

fn reach(cx: &Context, asked: AskedContact, known: Option<KnownContact>) -> Result<pb::Contact, Status> {
    let (place, channel, purpose) = asked;
    let Some(KnownContact {
        member,
        person,
        said_last,
    }) = known
    else {
        return Ok(not_reached(NotReached::NoMember));
    };
    let person = match person {
        Some((key, sealed)) => {
            let opened = cx.vault.open(place.program_id(), place.member_id(), &key, &sealed);
            opened.map_err(Error::from)?
        }
        None => Profile::default(),
    };
    Ok(match contact(&member, &person, said_last, (channel, purpose)) {
        Ok(Contact { address, language }) => pb::Contact {
            standing: pb::ContactStanding::Reached.into(),
            address: address.into_revealed(),
            language: language.into_revealed(),
        },
        Err(not) => not_reached(not),
    })
}

fn not_reached(not: NotReached) -> pb::Contact {
    let standing = match not {
        NotReached::NoMember => pb::ContactStanding::NoMember,
        NotReached::NotAllowed => pb::ContactStanding::NotAllowed,
        NotReached::NoConsent => pb::ContactStanding::NoConsent,
        NotReached::NoAddress => pb::ContactStanding::NoAddress,
    };
    pb::Contact {
        standing: standing.into(),
        ..pb::Contact::default()
    }
}

impl TryFrom<pb::TellConsentsRequest> for Change<pb::TellConsentsRequest> {
    type Error = Violations;

    fn try_from(wire: pb::TellConsentsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let consents = read_consents(&mut violations, &wire.consents);
        violations.finish(member_id.map(|member_id| Change {
            member_id,
            method: TellConsents::METHOD,
            request_id: wire.request_id.clone(),
            awaited: None,
            command: Ok(Command::TellConsents(TellConsents { consents })),
            wire,
        }))
    }
}

impl TryFrom<pb::ListConsentsRequest> for AskedHistory {
    type Error = Violations;

    fn try_from(wire: pb::ListConsentsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        violations.finish(member_id.map(AskedHistory))
    }
}

impl TryFrom<pb::GetContactsRequest> for AskedContacts {
    type Error = Violations;

    fn try_from(wire: pb::GetContactsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let mut asked = Vec::new();
        for (at, query) in wire.queries.iter().enumerate() {
            let member_id = parse::id(&mut violations, &format!("queries[{at}].member_id"), &query.member_id);
            let how = channel(query.channel()).zip(purpose(query.purpose()));
            asked.extend(member_id.zip(how).map(|(member_id, (by, of))| (member_id, by, of)));
        }
        violations.finish(Some(AskedContacts(asked)))
    }
}

/// Reads what a member says. What the contract's own rules refuse is refused by them.
pub(super) fn read_consents(violations: &mut Violations, consents: &[pb::Consent]) -> Vec<Consent> {
    let mut read: Vec<Consent> = Vec::new();
    for (at, consent) in consents.iter().enumerate() {
        let (Some(channel), Some(purpose)) = (channel(consent.channel()), purpose(consent.purpose())) else {
            continue;
        };
        let is_second = read
            .iter()
            .any(|other| (other.channel, other.purpose) == (channel, purpose));
        violations.check(
            !is_second,
            &format!("consents[{at}]"),
            "is about a channel and a purpose that one before it is about",
        );
        violations.check(
            consent.told_at.is_none(),
            &format!("consents[{at}].told_at"),
            "is told by the service",
        );
        read.push(Consent {
            channel,
            purpose,
            granted: consent.state() == pb::ConsentState::Granted,
            source: consent.source.clone(),
        });
    }
    read
}

fn channel(wire: value::ContactChannel) -> Option<ContactChannel> {
    match wire {
        value::ContactChannel::Unspecified => None,
        value::ContactChannel::Email => Some(ContactChannel::Email),
        value::ContactChannel::Sms => Some(ContactChannel::Sms),
        value::ContactChannel::Push => Some(ContactChannel::Push),
        value::ContactChannel::Wechat => Some(ContactChannel::Wechat),
    }
}

fn purpose(wire: value::ContactPurpose) -> Option<ContactPurpose> {
    match wire {
        value::ContactPurpose::Unspecified => None,
        value::ContactPurpose::Marketing => Some(ContactPurpose::Marketing),
        value::ContactPurpose::Service => Some(ContactPurpose::Service),
    }
}
