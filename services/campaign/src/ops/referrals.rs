//! The referrals that a batch concerns: loaded for those who are bound, decided or looked at, and moved from one state to another.
//!
//! Every move is an event, a line of the history and the row as it then stands, in one commit; what follows from a success, a report to either side, is in that commit too. A purchase of a friend
//! loads nothing here: it only leaves a row that says that somebody is to look at the order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::{
    shard::Shard,
    time,
    writer::{Stamp, Work, Writes},
};
use jiff::Timestamp;
use proto::campaign::{self as pb, activity_input};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Command,
    judge::{Judged, OrderEffect},
    state::{State, member_of},
};
use crate::{
    domain::{REPORTED, Referral, ReferralOrder, ReferralReason, ReferralState, mark},
    store::{
        MemberKey, OrderKey, ReferralMove, Report, ReportKey, insert_marks, insert_referral_moves,
        load_referral_orders, load_referrals, referral_to_wire, report_number, save_referral_orders, save_referrals,
    },
};

const REFERRAL: &str = REPORTED[5];
const REFERRED: &str = REPORTED[6];

/// The referrals that a batch concerns.
#[derive(Default)]
pub struct Referrals {
    known: HashMap<MemberKey, Referral>,
    changed: BTreeSet<MemberKey>,
    moves: Vec<ReferralMove>,
    orders: BTreeMap<OrderKey, ReferralOrder>,
    saved_orders: BTreeSet<OrderKey>,
    dropped_orders: BTreeSet<OrderKey>,
    marks: BTreeSet<(MemberKey, Uuid)>,
}

/// What a move has to say beside the state it leads to.
#[derive(Default)]
pub struct Why {
    /// Why.
    pub reasons: Vec<ReferralReason>,
    /// Who decided.
    pub reviewed_by: Option<String>,
    /// What they said.
    pub comment: Option<String>,
}

impl Referrals {
    /// Loads those of the friends who are bound, decided or looked at.
    pub async fn load(tx: &mut PgConnection, work: &Work<'_, Command>) -> Result<Referrals, sqlx::Error> {
        let asked = work.calls.iter().filter(|(_, command)| {
            matches!(
                command,
                Command::BindReferral(_) | Command::LookAtReferral(_) | Command::ReviewReferral(_)
            )
        });
        let keys: BTreeSet<MemberKey> = asked
            .map(|(key, _)| MemberKey {
                program_id: key.program_id(),
                member_id: key.member_id(),
            })
            .collect();
        if keys.is_empty() {
            return Ok(Referrals::default());
        }
        let keys: Vec<MemberKey> = keys.into_iter().collect();
        Ok(Referrals {
            known: load_referrals(tx, &keys).await?,
            orders: load_referral_orders(tx, &keys).await?,
            ..Referrals::default()
        })
    }

    /// Returns a friend's referral.
    pub fn get(&self, friend: &MemberKey) -> Option<&Referral> {
        self.known.get(friend)
    }

    /// Returns an order that may qualify one.
    pub fn order(&self, key: &OrderKey) -> Option<&ReferralOrder> {
        self.orders.get(key)
    }

    /// Tells how many orders of a friend may.
    pub fn orders_of(&self, friend: &MemberKey) -> usize {
        self.orders.keys().filter(|key| key.member == *friend).count()
    }

    /// Has a referral wait for another order that may qualify it, whether anybody has looked at that already or not.
    pub fn wait_for_another(&mut self, friend: &MemberKey) {
        let next = self.orders.keys().find(|key| key.member == *friend);
        let next = next.map(|key| key.order_id.clone());
        if let Some(known) = self.known.get_mut(friend) {
            known.order_id = next;
            self.changed.insert(*friend);
        }
    }

    /// Keeps an order that may, to be looked at when it is due.
    pub fn put_order(&mut self, key: OrderKey, order: ReferralOrder) {
        self.dropped_orders.remove(&key);
        self.saved_orders.insert(key.clone());
        self.orders.insert(key, order);
    }

    /// Takes off an order that does not. One that was kept in the same batch is not there yet to be taken off: whoever looks at it next finds nothing to do.
    pub fn drop_order(&mut self, key: &OrderKey) {
        self.orders.remove(key);
        if !self.saved_orders.contains(key) {
            self.dropped_orders.insert(key.clone());
        }
    }

    /// Keeps marks of a member.
    pub fn add_marks(&mut self, member: MemberKey, marks: &[String]) {
        let hashed = marks.iter().map(|text| (member, mark(member.program_id, text)));
        self.marks.extend(hashed);
    }

    /// Says what to write.
    pub fn persist(&self, writes: &mut Writes) {
        let changed: Vec<(MemberKey, &Referral)> = self.changed.iter().map(|key| (*key, &self.known[key])).collect();
        save_referrals(&changed, writes);
        insert_referral_moves(&self.moves, writes);
        let saved = self
            .saved_orders
            .iter()
            .filter_map(|key| Some((key, *self.orders.get(key)?)));
        let saved: Vec<(&OrderKey, ReferralOrder)> = saved.collect();
        let dropped: Vec<&OrderKey> = self.dropped_orders.iter().collect();
        save_referral_orders(&saved, &dropped, writes);
        insert_marks(&self.marks, writes);
    }
}

/// Leaves a row for an order of a friend who is bound, if so much was spent that it may qualify the referral.
pub fn note_order(state: &mut State, stamp: &Stamp<'_>, judged: &Judged) {
    let member = member_of(stamp);
    let OrderEffect::Bought(order) = &judged.effect else {
        return;
    };
    if !state.member(&member).is_some_and(|member| member.referral_open) {
        return;
    }
    let policy = state.rules.of(member.program_id).referral_policy(judged.occurred_at);
    if policy.is_none_or(|policy| order.spend_minor_units() < policy.min_order_minor_units) {
        return;
    }
    let key = OrderKey {
        member,
        order_id: order.purchase.order_id().to_owned(),
    };
    let noted = ReferralOrder {
        ordered_at: judged.occurred_at,
        due_at: judged.occurred_at,
        waits: false,
    };
    state.referrals.put_order(key, noted);
}

/// Brings a referral to another state, as of an instant: or as of when it came to the one before, if that was later.
pub fn move_to(state: &mut State, stamp: &mut Stamp<'_>, (referral, at): (Referral, Timestamp), why: Why) -> Referral {
    let friend = member_of(stamp);
    let moved = Referral {
        changed_at: at.max(referral.changed_at),
        reasons: why.reasons.clone(),
        ..referral
    };
    let event = pb::CampaignEvent {
        event: Some(pb::campaign_event::Event::ReferralChanged(pb::ReferralChanged {
            referral: Some(referral_to_wire(friend.member_id, &moved)),
        })),
    };
    let seq = stamp.record(friend.member_id, moved.changed_at, &event);
    state.referrals.moves.push(ReferralMove {
        member: friend,
        seq,
        referrer: moved.referrer,
        state: moved.state,
        reasons: why.reasons,
        at: moved.changed_at,
        order_id: moved.order_id.clone(),
        reviewed_by: why.reviewed_by,
        comment: why.comment,
    });
    let is_open = moved.state.takes_orders();
    state.change_member(friend, |member| member.referral_open = is_open);
    if !is_open {
        drop_orders(state, &friend);
    }
    state.referrals.changed.insert(friend);
    state.referrals.known.insert(friend, moved.clone());
    moved
}

/// Lets a referral qualify, and has both sides told of it.
pub fn qualify(state: &mut State, stamp: &mut Stamp<'_>, (referral, at): (Referral, Timestamp), why: Why) -> Referral {
    let number = report_number(stamp.shard(), stamp.next_seq());
    let qualified = Referral {
        state: ReferralState::Qualified,
        reported: Some(number),
        ..referral
    };
    let qualified = move_to(state, stamp, (qualified, at), why);
    let friend = member_of(stamp);
    let referrer = MemberKey {
        member_id: qualified.referrer,
        ..friend
    };
    report(state, (referrer, REFERRAL, number), ("referee", friend), &qualified);
    report(state, (friend, REFERRED, number), ("referrer", referrer), &qualified);
    qualified
}

/// Has an activity recorded of one side, where a campaign is for it or any asks how often it was done.
fn report(
    state: &mut State,
    (member, kind, number): (MemberKey, &'static str, i64),
    (other, who): (&str, MemberKey),
    referral: &Referral,
) {
    let at = referral.changed_at;
    let rules = state.rules.of(member.program_id);
    if !rules.in_force_at(at).are_about(kind) && !rules.ask_about(kind) {
        return;
    }
    let order_id = referral.order_id.clone().unwrap_or_default();
    let attributes = [
        (other.to_owned(), who.member_id.to_string()),
        ("order_id".to_owned(), order_id),
    ];
    let custom = pb::CustomActivity {
        kind: kind.to_owned(),
        reference: String::new(),
        attributes: attributes.into_iter().collect(),
    };
    state.add_report(Report {
        key: ReportKey {
            shard: Shard::of(member.program_id, member.member_id),
            source: kind,
            seq: number,
        },
        program_id: member.program_id,
        member_id: member.member_id,
        input: pb::ActivityInput {
            member_id: member.member_id.to_string(),
            occurred_at: Some(time::to_wire(at)),
            channel: String::new(),
            store: String::new(),
            activity: Some(activity_input::Activity::Custom(custom)),
        },
        due_at: at,
    });
}

fn drop_orders(state: &mut State, friend: &MemberKey) {
    let orders = state.referrals.orders.keys().filter(|key| key.member == *friend);
    let orders: Vec<OrderKey> = orders.cloned().collect();
    for key in &orders {
        state.referrals.drop_order(key);
    }
}
