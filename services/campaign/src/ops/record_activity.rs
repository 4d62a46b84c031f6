//! Records what a member did, and has the points posted that it earns.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use common::{
    auth::Caller,
    ids::{ActivityId, MemberId},
    shard::Shard,
    time,
    writer::{Answer, Key, Stamp, WriteError},
};
use jiff::civil::Date;
use prost::Message as _;
use proto::campaign as pb;

use super::{
    AskedActivity, Command, Completed, Failure, complete_award,
    judge::{Case, Judged, OrderEffect},
    messages::intend_messages,
    park_return::{ParkReturn, Parked, park_return},
    referrals::note_order,
    state::{State, member_of},
    top_up::{BudgetTime, top_up},
};
use crate::{
    context::Context,
    domain::{Activity, DayKey, DoneOnDay, MetricDeltas, PURCHASE},
    error::Error,
    store::{
        AwardPlace, AwardStanding, KnownOrder, LeaseKey, MemberKey, OrderKey, PendingAward, ReportKey, award_to_wire,
        decision_to_wire, find_awards, given_to_wire, metrics_to_wire, result_to_wire, sample_to_wire,
        standing_to_wire,
    },
};

/// What this is remembered under.
pub const METHOD: i16 = 1;

/// How often budgets are asked for more at most: others may be faster to spend what was got.
const TRIES: u32 = 16;

/// Asks to record an activity.
#[derive(Clone, Debug)]
pub struct RecordActivity {
    /// The request, as it came.
    pub request: pb::RecordActivityRequest,
    /// What is asked.
    pub asked: AskedActivity,
    /// The budgets that have no more to give than its shard may spend of them.
    pub exhausted: Vec<BudgetTime>,
    /// The report that it is recorded for, where nobody asked for it.
    pub report: Option<ReportKey>,
    awaits_effects: bool,
    decided: LastDecided,
}

/// The answer as it was decided last, for whoever waits for it: it is what the writer's answer says in bytes, unless that is repeated.
#[derive(Clone, Debug, Default)]
struct LastDecided(Arc<Mutex<pb::RecordActivityResponse>>);

impl LastDecided {
    fn put(&self, answer: pb::RecordActivityResponse) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn take(&self) -> pb::RecordActivityResponse {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records an activity, and posts its awards. Two commits are waited for: ours, and that of the points service. Where that cannot be reached
/// the activity is recorded all the same, and a worker posts the awards later, once.
///
/// Repeating a request id returns the first answer, with the state that the awards have reached.
pub async fn record_activity(
    cx: &Context,
    caller: &Caller,
    command: RecordActivity,
) -> Result<pb::RecordActivityResponse, Failure> {
    let key = key_of(caller, command.asked.member_id, &command.request);
    let Some(park) = ParkReturn::of(&command) else {
        return record(cx, caller, key, command).await;
    };
    let not_found = match record(cx, caller, key.clone(), command.clone()).await {
        Err(Failure::Write(WriteError::Refused(not_found @ Error::OrderNotFound { .. }))) => not_found,
        answered => return answered,
    };
    match park_return(cx, caller, park).await? {
        Parked::Waiting(parked) => Ok(*parked),
        Parked::OrderCame => record(cx, caller, key, command).await,
        Parked::GivenUp => Err(not_found.into()),
    }
}

/// Returns what an activity is remembered by that a caller asks to record.
pub(super) fn key_of(caller: &Caller, member_id: MemberId, request: &pb::RecordActivityRequest) -> Key {
    Key::of_member(caller.program(), member_id, METHOD, &request.request_id, request)
}

/// Records what is asked under a key, and posts its awards.
pub(super) async fn record(
    cx: &Context,
    caller: &Caller,
    key: Key,
    command: RecordActivity,
) -> Result<pb::RecordActivityResponse, Failure> {
    let awaits_effects = command.awaits_effects;
    let member_id = command.asked.member_id;
    let decided = command.decided.clone();
    let answer = write(cx, caller, key, command).await?;
    let recorded = if answer.repeated {
        answer.decode::<pb::RecordActivityResponse>()?
    } else {
        decided.take()
    };

    let activity = recorded.activity.unwrap_or_default();
    let charges = activity.decision.iter().flat_map(|decision| &decision.charges);
    if charges.clone().any(|charge| charge.minor_units < 0) {
        cx.exhausted.forget(caller.program().id());
    }
    let over: i64 = charges.map(|charge| charge.over_minor_units).sum();
    if over > 0 && !answer.repeated {
        tracing::warn!(program_id = %caller.program().id(), over, "campaigns cost more than their budgets have, as they may");
    }
    let shard = Shard::of(caller.program().id(), member_id);
    let place = AwardPlace { shard, seq: answer.seq };
    let award = PendingAward {
        place,
        program_id: caller.program().id(),
        member_id,
        activity,
    };
    let completed = if answer.repeated {
        complete_again(cx, caller, &award).await?
    } else {
        complete_award(cx, caller, &award).await?
    };

    if awaits_effects {
        wait_for_effects(cx, shard, &answer).await;
    }
    Ok(completed.answer(award.activity))
}

/// Has an activity decided and recorded. Where its shard may spend too little of a budget, more is asked for, until there is enough or no more to be had.
async fn write(cx: &Context, caller: &Caller, key: Key, mut command: RecordActivity) -> Result<Answer, Failure> {
    command.exhausted = cx.exhausted.of(caller.program().id());
    let mut command = Arc::new(command);
    let mut tries = TRIES;
    loop {
        let asked = Command::RecordActivity(command.clone());
        match cx.writer.call(key.clone(), asked).await {
            Err(WriteError::Refused(Error::LeasesShort(short))) => {
                tries = tries.saturating_sub(1);
                let all = short
                    .short
                    .iter()
                    .map(|(lease, _)| (lease.budget.clone(), lease.starts_on));
                let all: Vec<BudgetTime> = all.collect();
                let exhausted = top_up(cx, caller.program(), short).await?;
                Arc::make_mut(&mut command)
                    .exhausted
                    .extend(if tries == 0 { all } else { exhausted });
            }
            answered => return Ok(answered?),
        }
    }
}

/// Completes the award of an activity that was recorded by an earlier call. One that was refused for good stays refused.
async fn complete_again(cx: &Context, caller: &Caller, award: &PendingAward) -> Result<Completed, Failure> {
    let place = award.place;
    let standing = cx
        .db
        .run(move |pool| async move { find_awards(&pool, &[place]).await })
        .await?
        .remove(&place);
    match standing {
        Some(AwardStanding::Refused(reason)) => Ok(Completed::Refused(reason)),
        _ => complete_award(cx, caller, award).await,
    }
}

/// Waits until the tier service has counted the activity, and whoever goes by levels knows the level that came of it.
async fn wait_for_effects(cx: &Context, shard: Shard, answer: &Answer) {
    let level = cx.effects.taken_in("tier", "campaign", shard, answer.seq).await;
    futures::join!(
        cx.levels.wait_for(shard, level),
        cx.effects.taken_in("rewards-catalog", "tier", shard, level)
    );
    // Whichever replica took the level in, a preview that follows knows it.
    cx.nearby.doubt(shard);
}

impl RecordActivity {
    /// Asks to record what a request says.
    pub fn new(request: pb::RecordActivityRequest, asked: AskedActivity) -> RecordActivity {
        RecordActivity {
            awaits_effects: request.await_effects,
            request,
            asked,
            exhausted: Vec::new(),
            report: None,
            decided: LastDecided::default(),
        }
    }

    /// Says that a worker records it, who waits for no effects.
    pub fn of_worker(self) -> RecordActivity {
        RecordActivity {
            awaits_effects: false,
            ..self
        }
    }

    /// Says for which report it is recorded.
    pub fn of_report(self, report: ReportKey) -> RecordActivity {
        RecordActivity {
            report: Some(report),
            ..self
        }
    }

    /// Decides what the activity earns, and records it with its receipt.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let member = member_of(stamp);
        let activity_id = ActivityId::from(stamp.id_of_next(0));
        let judged = self.judge(state, stamp, member, activity_id)?;
        let recorded = self.activity(&judged, activity_id, stamp);
        let seq = stamp.record(member.member_id, judged.occurred_at, &self.event(&recorded, &judged));
        if recorded.state() == pb::AwardState::Pending {
            state.add_award(AwardPlace {
                shard: stamp.shard(),
                seq,
            });
        }
        let day = judged.counted_on();
        if !judged.uses.is_empty() {
            state.count_uses(member, &judged.uses, day);
        }
        if judged.decision.facts.is_counted {
            self.count_day(state, member, day, &judged.decision.metrics);
        }
        state.charge(stamp.shard(), member.program_id, &judged.decision.charges);
        intend_messages(state, member, (activity_id, stamp.shard(), seq), &judged);
        note_order(state, stamp, &judged);
        self.apply(state, member, judged.effect, seq);
        if let Some(report) = &self.report {
            state.strike_off_report(report.clone());
        }
        let answer = pb::RecordActivityResponse {
            activity: Some(recorded),
            ..pb::RecordActivityResponse::default()
        };
        let bytes = answer.encode_to_vec();
        self.decided.put(answer);
        Ok(bytes)
    }

    /// Counts it as something that the member has done. What came back is taken off the day of the purchase.
    fn count_day(&self, state: &mut State, member: MemberKey, day: Date, metrics: &MetricDeltas) {
        let (kind, times) = match &self.asked.activity {
            Ok(Activity::Custom(custom)) => (custom.kind.as_str(), 1),
            _ => (PURCHASE, metrics.orders),
        };
        let done = DoneOnDay {
            times,
            spend_minor_units: metrics.spend_minor_units,
        };
        if done != DoneOnDay::default() {
            let kind = kind.to_owned();
            state.count_day(member, DayKey { kind, day }, done);
        }
    }

    fn judge(
        &self,
        state: &State,
        stamp: &Stamp<'_>,
        member: MemberKey,
        activity_id: ActivityId,
    ) -> Result<Judged, Error> {
        let order = self.asked.order().map(|(order_id, _)| OrderKey {
            member,
            order_id: order_id.to_owned(),
        });
        let case = Case {
            program: stamp.program().expect("the writer refuses calls for unknown programs"),
            now: stamp.now(),
            member: state.member(&member),
            order: order.as_ref().and_then(|key| state.order(key)),
            rules: &state.rules.of(member.program_id),
            money: &|budget, starts_on| {
                state.money(&LeaseKey {
                    shard: stamp.shard(),
                    program_id: member.program_id,
                    budget: budget.to_owned(),
                    starts_on,
                })
            },
            is_all: &|budget, starts_on| {
                let is_it = |(known, since): &BudgetTime| known == budget && *since == starts_on;
                self.exhausted.iter().any(is_it)
            },
        };
        self.asked.judge(&case, activity_id)
    }

    fn activity(&self, judged: &Judged, activity_id: ActivityId, stamp: &Stamp<'_>) -> pb::Activity {
        let occurred_at = Some(time::to_wire(judged.occurred_at));
        let input = self
            .request
            .input
            .clone()
            .map(|input| pb::ActivityInput { occurred_at, ..input });
        let state = if judged.decision.awards.is_empty() {
            pb::AwardState::None
        } else {
            pb::AwardState::Pending
        };
        pb::Activity {
            activity_id: activity_id.to_string(),
            input,
            decision: Some(decision_to_wire(&judged.decision)),
            state: state.into(),
            request_id: self.request.request_id.clone(),
            recorded_at: Some(time::to_wire(stamp.recorded_at())),
            refused_reason: String::new(),
        }
    }

    fn event(&self, recorded: &pb::Activity, judged: &Judged) -> pb::CampaignEvent {
        let activity = self.asked.activity.as_ref().ok();
        let returned = judged.decision.returned.as_ref();
        let revoked = returned.map(|returned| returned.revoked.as_slice()).unwrap_or_default();
        let recorded = pb::ActivityRecorded {
            activity_id: recorded.activity_id.clone(),
            kind: activity.map(|activity| activity.kind().to_owned()).unwrap_or_default(),
            order_id: activity
                .and_then(|activity| activity.order_id())
                .unwrap_or_default()
                .to_owned(),
            awards: judged.decision.awards.iter().map(award_to_wire).collect(),
            metrics: Some(metrics_to_wire(&judged.decision.metrics)),
            results: judged.results.iter().map(result_to_wire).collect(),
            samples: judged.decision.facts.samples.iter().map(sample_to_wire).collect(),
            counted_on: judged.counted_on().to_string(),
            given: judged.decision.given.iter().map(given_to_wire).collect(),
            revoked: revoked.iter().map(standing_to_wire).collect(),
            prospect: judged.decision.facts.is_prospect,
        };
        pb::CampaignEvent {
            event: Some(pb::campaign_event::Event::ActivityRecorded(recorded)),
        }
    }

    /// Lets the decision count for the decisions that follow in the batch.
    fn apply(&self, state: &mut State, member: MemberKey, effect: OrderEffect, seq: i64) {
        let Some((order_id, _)) = self.asked.order() else {
            return;
        };
        let key = OrderKey {
            member,
            order_id: order_id.to_owned(),
        };
        match effect {
            OrderEffect::None => {}
            OrderEffect::Bought(order) => {
                if order.counts() {
                    state.change_member(member, |member| member.purchases += 1);
                }
                let known = KnownOrder {
                    activity_id: order.activity_id,
                    purchase_seq: seq,
                    order: Some(*order),
                };
                state.put_order(key, known, seq);
            }
            OrderEffect::Left(order) => {
                let Some(known) = state.order(&key) else { return };
                let known = KnownOrder {
                    order: Some(*order),
                    ..*known
                };
                state.put_order(key, known, seq);
            }
        }
    }
}
