//! Publishes a version of an accrual.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    time,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{domain::Accrual, error::Error, store::AccrualRule};

/// What this is remembered under.
const METHOD: i16 = 2;

/// Asks to publish an accrual.
#[derive(Clone, Debug)]
pub struct PublishAccrual {
    /// The request, as it came.
    pub request: pb::PublishAccrualRequest,
    /// The accrual.
    pub accrual: Accrual,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishAccrual {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.accrual.clone().unwrap_or_default();
        let rule = AccrualRule(Arc::new(self.accrual.clone()));
        let (version, changed) =
            state
                .rules
                .accruals
                .publish(&self.accrual.code, wire, rule, self.effective_from, stamp)?;
        let accrual_version = pb::AccrualVersion {
            accrual: Some(version.wire.clone()),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            state.rules.changed(stamp.program_id());
            let published = pb::AccrualPublished {
                accrual_version: Some(accrual_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::AccrualPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishAccrualResponse {
            accrual_version: Some(accrual_version),
            changed,
        }
        .encode_to_vec())
    }
}
