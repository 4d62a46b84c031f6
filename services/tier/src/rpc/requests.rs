//! What requests ask for, once they make sense.

use std::sync::Arc;

use common::{auth::Caller, ids::MemberId, page::Filter, parse, refusal::Violations, time, writer::Key};
use jiff::Timestamp;
use proto::tier as pb;

use crate::{
    domain::{Contradiction, Ladder, Metric},
    error::Error,
    ops::{Command, PublishLadder, publish_ladder},
    store::wire,
};

/// Asks to publish a ladder that keeps the rules of the contract; it may still contradict itself.
pub struct Publication {
    wire: pb::PublishLadderRequest,
    ladder: Result<Ladder, Vec<Contradiction>>,
    effective_from: Option<Timestamp>,
}

impl Publication {
    /// Parts the key by which the request is remembered from what it asks for. A ladder that contradicts itself goes no further.
    pub fn keyed(self, caller: &Caller) -> Result<(Key, Command), Error> {
        let ladder = self
            .ladder
            .map_err(|contradictions| Error::LadderInvalid { contradictions })?;
        let key = Key::of_program(
            caller.program(),
            publish_ladder::METHOD,
            &self.wire.request_id,
            &self.wire,
        );
        let command = PublishLadder {
            wire: self.wire.ladder.unwrap_or_default(),
            ladder: Arc::new(ladder),
            effective_from: self.effective_from,
        };
        Ok((key, Command::PublishLadder(command)))
    }
}

impl TryFrom<pb::PublishLadderRequest> for Publication {
    type Error = Violations;

    fn try_from(wire: pb::PublishLadderRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let ladder = wire.ladder.as_ref().and_then(wire::read_ladder);
        violations.check(
            ladder.is_some(),
            "ladder",
            "does not say everything that a ladder must say",
        );
        let effective_from = optional_time(&mut violations, "effective_from", wire.effective_from.as_ref());
        let read = (|| {
            Some(Publication {
                ladder: ladder?,
                effective_from: effective_from?,
                wire,
            })
        })();
        violations.finish(read)
    }
}

/// Asks for nothing in particular.
pub struct ListLadders;

impl TryFrom<pb::ListLaddersRequest> for ListLadders {
    type Error = Violations;

    fn try_from(_: pb::ListLaddersRequest) -> Result<Self, Violations> {
        Ok(ListLadders)
    }
}

/// Asks where a member stands.
pub struct GetMemberTier {
    pub member_id: MemberId,
    pub ladder: String,
}

impl TryFrom<pb::GetMemberTierRequest> for GetMemberTier {
    type Error = Violations;

    fn try_from(wire: pb::GetMemberTierRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let read = member_id.map(|member_id| GetMemberTier {
            member_id,
            ladder: wire.ladder,
        });
        violations.finish(read)
    }
}

/// Asks for the changes of a member's level.
pub struct ListTierChanges {
    pub member_id: MemberId,
    pub ladder: String,
    pub page_size: i64,
    pub page_token: String,
    pub filter: Filter,
}

impl TryFrom<pb::ListTierChangesRequest> for ListTierChanges {
    type Error = Violations;

    fn try_from(mut wire: pb::ListTierChangesRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let page_size = parse::page_size(&mut violations, "page_size", wire.page_size);
        let page_token = std::mem::take(&mut wire.page_token);
        wire.page_size = 0;
        let filter = Filter::of(&wire);
        let read = (|| {
            Some(ListTierChanges {
                member_id: member_id?,
                ladder: wire.ladder,
                page_size: page_size?,
                page_token,
                filter,
            })
        })();
        violations.finish(read)
    }
}

/// Asks where a member would stand.
pub struct EvaluateTier {
    pub member_id: MemberId,
    pub ladder: String,
    pub gains: Vec<Gain>,
    pub at: Option<Timestamp>,
}

/// Something a member would have done; without a time, at that of the evaluation.
pub struct Gain {
    pub metric: Metric,
    pub amount: i64,
    pub occurred_at: Option<Timestamp>,
}

impl TryFrom<pb::EvaluateTierRequest> for EvaluateTier {
    type Error = Violations;

    fn try_from(wire: pb::EvaluateTierRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let at = optional_time(&mut violations, "at", wire.at.as_ref());
        let gains = wire
            .gains
            .iter()
            .enumerate()
            .map(|(place, gain)| read_gain(&mut violations, place, gain));
        let gains: Option<Vec<Gain>> = gains.collect::<Vec<_>>().into_iter().collect();
        let read = (|| {
            Some(EvaluateTier {
                member_id: member_id?,
                ladder: wire.ladder,
                gains: gains?,
                at: at?,
            })
        })();
        violations.finish(read)
    }
}

fn read_gain(violations: &mut Violations, place: usize, wire: &pb::MetricGain) -> Option<Gain> {
    let metric = wire::read_metric(wire.metric());
    violations.check(metric.is_some(), &format!("gains[{place}].metric"), "must be chosen");
    let field = format!("gains[{place}].occurred_at");
    let occurred_at = optional_time(violations, &field, wire.occurred_at.as_ref());
    Some(Gain {
        metric: metric?,
        amount: wire.amount,
        occurred_at: occurred_at?,
    })
}

/// Asks for the members by level.
pub struct CountMembers {
    pub ladder: String,
}

impl TryFrom<pb::CountMembersRequest> for CountMembers {
    type Error = Violations;

    fn try_from(wire: pb::CountMembersRequest) -> Result<Self, Violations> {
        Ok(CountMembers { ladder: wire.ladder })
    }
}

/// Reads a time that may be left out. The outer option is empty when it is there but wrong.
fn optional_time(
    violations: &mut Violations,
    field: &str,
    wire: Option<&prost_types::Timestamp>,
) -> Option<Option<Timestamp>> {
    match wire {
        None => Some(None),
        Some(_) => parse::business_time(violations, field, wire).map(|at| Some(time::to_micros(at))),
    }
}
