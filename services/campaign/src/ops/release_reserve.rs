//! Releases a part of a budget's reserve: one proposes it, another approves it.

use common::{
    auth::Caller,
    ids::{MemberId, ReleaseId},
    versions::Definition as _,
    writer::{Key, Stamp},
};
use jiff::{Timestamp, civil::Date};
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{
    error::Error,
    store::{ProgramRules, ReleaseRule},
};

/// What proposing is remembered under.
const PROPOSE: i16 = 6;
/// What approving is remembered under.
const APPROVE: i16 = 7;

/// Proposes to release a part of a reserve.
#[derive(Clone, Debug)]
pub struct ProposeReserveRelease {
    /// The request, as it came.
    pub request: pb::ProposeReserveReleaseRequest,
    /// An instant in the time whose reserve it is; without it, now.
    pub at: Option<Timestamp>,
    /// Who proposes.
    pub operator: String,
}

/// Approves what somebody else proposed.
#[derive(Clone, Debug)]
pub struct ApproveReserveRelease {
    /// The request, as it came.
    pub request: pb::ApproveReserveReleaseRequest,
    /// What is approved.
    pub release_id: ReleaseId,
    /// Who approves.
    pub operator: String,
}

impl ProposeReserveRelease {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), PROPOSE, &self.request.request_id, &self.request)
    }

    /// Keeps the proposal, where the reserve has as much left.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let rules = state.rules.of(stamp.program_id());
        let budget = rules
            .budget(&self.request.budget)
            .ok_or_else(|| Error::BudgetNotFound {
                budget: self.request.budget.clone(),
            })?;
        let zone = &stamp
            .program()
            .expect("the writer refuses calls for unknown programs")
            .zone;
        let day = zone.tz().to_datetime(self.at.unwrap_or(stamp.now())).date();
        let starts_on = budget.period.start(day);
        check_reserve(&rules, &budget.code, starts_on, self.request.minor_units)?;
        let proposed = pb::ReserveRelease {
            release_id: ReleaseId::from(stamp.id_of_next(0)).to_string(),
            budget: budget.code.clone(),
            starts_on: starts_on.to_string(),
            minor_units: self.request.minor_units,
            purpose: self.request.purpose.clone(),
            proposed_by: self.operator.clone(),
            approved_by: String::new(),
        };
        keep(state, stamp, &proposed)?;
        let answer = pb::ProposeReserveReleaseResponse {
            reserve_release: Some(proposed),
        };
        Ok(answer.encode_to_vec())
    }
}

impl ApproveReserveRelease {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), APPROVE, &self.request.request_id, &self.request)
    }

    /// Approves it. From now on it is spent like the rest.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let release_id = self.release_id;
        let rules = state.rules.of(stamp.program_id());
        let found = rules.releases.latest(&release_id.to_string());
        let found = found.ok_or(Error::ReleaseNotFound { release_id })?;
        if !found.wire.approved_by.is_empty() {
            return Err(Error::ReleaseNotOpen { release_id });
        }
        if found.wire.proposed_by == self.operator {
            return Err(Error::SamePerson { release_id });
        }
        check_reserve(
            &rules,
            &found.definition.budget,
            found.definition.starts_on,
            found.wire.minor_units,
        )?;
        let approved = pb::ReserveRelease {
            approved_by: self.operator.clone(),
            ..found.wire.clone()
        };
        keep(state, stamp, &approved)?;
        let answer = pb::ApproveReserveReleaseResponse {
            reserve_release: Some(approved),
        };
        Ok(answer.encode_to_vec())
    }
}

/// Refuses to release more than the reserve has left.
fn check_reserve(rules: &ProgramRules, budget: &str, starts_on: Date, asked_minor_units: i64) -> Result<(), Error> {
    let closed = rules
        .budget(budget)
        .map_or(0, |budget| budget.cap_minor_units - budget.open_minor_units());
    let left_minor_units = (closed - rules.released_minor_units(budget, starts_on)).max(0);
    if asked_minor_units > left_minor_units {
        return Err(Error::OverReserve {
            left_minor_units,
            asked_minor_units,
        });
    }
    Ok(())
}

fn keep(state: &mut State, stamp: &mut Stamp<'_>, release: &pb::ReserveRelease) -> Result<(), Error> {
    let rule = ReleaseRule::from_stored(release.clone()).expect("it was just written");
    let releases = &mut state.rules.releases;
    releases.publish(&release.release_id, release.clone(), rule, None, stamp)?;
    let changed = pb::ReserveReleaseChanged {
        reserve_release: Some(release.clone()),
    };
    let event = pb::CampaignEvent {
        event: Some(pb::campaign_event::Event::ReserveReleaseChanged(changed)),
    };
    stamp.record(MemberId::nil(), stamp.now(), &event);
    Ok(())
}
