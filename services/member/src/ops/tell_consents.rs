//! Keeps what a member says to being written to.

use common::{time::to_wire, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::{
    member::{self as pb, member_event::Event},
    value,
};

use super::state::State;
use crate::{
    domain::{Consent, ContactChannel, ContactPurpose, Status},
    error::Error,
    store::{Place, ToldConsent},
};

/// What a member says to being written to.
#[derive(Debug)]
pub struct TellConsents {
    /// What, each channel and purpose once.
    pub consents: Vec<Consent>,
}

impl TellConsents {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 11;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, member) = state.member(stamp)?;
        if member.status == Status::Closed {
            return Err(Error::MemberClosed {
                member_id: place.member_id(),
            });
        }
        let consents = tell(state, stamp, place, &self.consents);
        Ok(pb::TellConsentsResponse { consents }.encode_to_vec())
    }
}

/// Keeps what a member says, and tells whoever follows.
pub(super) fn tell(state: &mut State, stamp: &mut Stamp<'_>, place: Place, said: &[Consent]) -> Vec<pb::Consent> {
    let (seq, now) = (stamp.next_seq(), stamp.now());
    state.consents.extend(said.iter().map(|consent| ToldConsent {
        place,
        seq,
        consent: consent.clone(),
        told_at: now,
    }));
    let consents: Vec<pb::Consent> = said.iter().map(|consent| consent_to_wire(consent, now)).collect();
    let event = Event::ConsentsTold(pb::ConsentsTold {
        member_id: place.member_id().to_string(),
        consents: consents.clone(),
    });
    stamp.record(place.member_id(), now, &pb::MemberEvent { event: Some(event) });
    consents
}

/// Writes what was said.
pub fn consent_to_wire(consent: &Consent, told_at: Timestamp) -> pb::Consent {
    let channel = match consent.channel {
        ContactChannel::Email => value::ContactChannel::Email,
        ContactChannel::Sms => value::ContactChannel::Sms,
        ContactChannel::Push => value::ContactChannel::Push,
        ContactChannel::Wechat => value::ContactChannel::Wechat,
    };
    let purpose = match consent.purpose {
        ContactPurpose::Marketing => value::ContactPurpose::Marketing,
        ContactPurpose::Service => value::ContactPurpose::Service,
    };
    let state = match consent.granted {
        true => pb::ConsentState::Granted,
        false => pb::ConsentState::Withdrawn,
    };
    pb::Consent {
        channel: channel.into(),
        purpose: purpose.into(),
        state: state.into(),
        source: consent.source.clone(),
        told_at: Some(to_wire(told_at)),
    }
}
