//! `EvaluateTier`: the same judgement as on the hot path, over what a member would have done, with nothing written.

use common::refusal::Fault;
use jiff::Timestamp;
use proto::tier as pb;
use tonic::Status;

use super::{
    member_tier::MemberOnLadder,
    requests::{EvaluateTier, Gain},
};
use crate::{
    domain::{Metric, MetricDeltas},
    error::Error,
    store::wire,
};

/// Works out where a member would stand.
pub fn evaluate_tier(found: &MemberOnLadder, asked: &EvaluateTier) -> Result<pb::EvaluateTierResponse, Status> {
    let at = asked.at.unwrap_or(found.now);
    if at < found.now {
        return Err(Error::EvaluatedInPast { clock_at: found.now }.into());
    }
    let gains: Vec<MetricDeltas> = asked.gains.iter().map(|gain| deltas(gain, at)).collect();
    let imagined = found.member.imagine(&found.ladders, &gains, found.now, at);
    let (member, changes) = imagined.map_err(Fault::internal)?;
    Ok(pb::EvaluateTierResponse {
        member_tier: Some(found.write(&member, at)),
        tier_changes: changes
            .iter()
            .map(|change| wire::tier_change(found.member_id, change))
            .collect(),
    })
}

fn deltas(gain: &Gain, at: Timestamp) -> MetricDeltas {
    let of = |metric| if gain.metric == metric { gain.amount } else { 0 };
    MetricDeltas {
        spend_minor_units: of(Metric::Spend),
        orders: of(Metric::Orders),
        points_earned: of(Metric::PointsEarned),
        counted_at: gain.occurred_at.unwrap_or(at),
    }
}
