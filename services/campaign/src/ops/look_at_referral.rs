//! Looks at a referral when that is due: whether an order may qualify it, whether enough of the order is kept when its return window is over, and whether anybody still waits for one.
//!
//! What the referrer's other friends are like is read before, from whichever shards they are on. It only decides whether a person is to look first, so it may be a moment old.

use common::writer::{Key, Stamp};
use jiff::Timestamp;

use super::{
    Command, Failure,
    referrals::{Why, move_to, qualify},
    state::{State, member_of},
};
use crate::{
    context::Context,
    domain::{Guards, Look, Referral, ReferralOrder, ReferralReason, ReferralState, day_begins},
    error::Error,
    store::{DueReferral, OrderKey, find_guards, find_referral},
};

/// Has a referral looked at.
#[derive(Clone, Debug)]
pub struct LookAtReferral {
    /// The order that is due; nothing where nobody waits for one any more.
    pub order_id: Option<String>,
    /// What is known of the referrer's other friends.
    pub guards: Option<Guards>,
}

/// Looks at a referral, and tells whether that changed anything. It changes nothing the second time.
pub async fn look_at_referral(cx: &Context, due: DueReferral) -> Result<bool, Failure> {
    let friend = due.member;
    let program = cx.programs.all().await?;
    let Some(program) = program.into_iter().find(|of| of.program_id == friend.program_id) else {
        return Ok(false);
    };
    let zone = program.zone.clone();
    let guards = cx.db.run::<_, _, _, sqlx::Error>(move |pool| async move {
        let Some(referral) = find_referral(&pool, friend).await? else {
            return Ok(None);
        };
        let day_began = day_begins(referral.bound_at, &zone);
        find_guards(&pool, friend, &referral, day_began).await.map(Some)
    });
    let command = LookAtReferral {
        guards: guards.await?,
        order_id: due.order_id,
    };
    let key = Key::of_worker(friend.program_id, friend.member_id);
    let answer = cx.writer.call(key, Command::LookAtReferral(command.into())).await?;
    Ok(!answer.bytes.is_empty())
}

impl LookAtReferral {
    /// Returns the order that is looked into.
    pub fn order(&self) -> Option<&str> {
        self.order_id.as_deref()
    }

    /// Decides what is due, if it still is. Answers with anything if it was.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let friend = member_of(stamp);
        let referral = state.referrals.get(&friend).cloned();
        let changed = match (&self.order_id, referral) {
            (Some(order_id), referral) => {
                let key = OrderKey {
                    member: friend,
                    order_id: order_id.clone(),
                };
                self.look_at_order(state, stamp, referral, &key)
            }
            (None, Some(referral)) => lapse(state, stamp, referral),
            (None, None) => false,
        };
        Ok(if changed { vec![1] } else { Vec::new() })
    }

    fn look_at_order(
        &self,
        state: &mut State,
        stamp: &mut Stamp<'_>,
        referral: Option<Referral>,
        key: &OrderKey,
    ) -> bool {
        let Some(order) = state.referrals.order(key).copied() else {
            return false;
        };
        if order.due_at > stamp.now() {
            return false;
        }
        let Some(referral) = referral else {
            state.referrals.drop_order(key);
            return true;
        };
        if order.waits && self.guards.is_none_or(|guards| guards.referrer != referral.referrer) {
            return false;
        }
        match self.look(state, stamp, &referral, (key, &order)) {
            Look::Wait(until) => wait(state, stamp, referral, (key, order, until)),
            Look::Drop => drop_order(state, stamp, referral, (key, &order)),
            Look::Decide(reasons) => {
                let found = Referral {
                    order_id: Some(key.order_id.clone()),
                    ..referral
                };
                let why = Why {
                    reasons,
                    ..Why::default()
                };
                if why.reasons.is_empty() {
                    qualify(state, stamp, (found, order.due_at), why);
                } else {
                    let flagged = Referral {
                        state: ReferralState::Flagged,
                        ..found
                    };
                    move_to(state, stamp, (flagged, order.due_at), why);
                }
            }
        }
        true
    }

    fn look(
        &self,
        state: &State,
        stamp: &Stamp<'_>,
        referral: &Referral,
        (key, order): (&OrderKey, &ReferralOrder),
    ) -> Look {
        let rules = state.rules.of(stamp.program_id());
        let zone = &stamp
            .program()
            .expect("the writer refuses calls for unknown programs")
            .zone;
        let known = state.order(key).and_then(|known| known.order.as_ref());
        let kept = known.map(|order| order.spend_minor_units());
        let reasons = || {
            let of_binding = rules.referral_policy(referral.bound_at);
            let reasons = of_binding
                .zip(self.guards)
                .map(|(policy, guards)| policy.reasons(&guards));
            reasons.unwrap_or_default()
        };
        match rules.referral_policy(order.ordered_at) {
            Some(policy) => policy.look(referral, order, kept, zone, reasons),
            None => Look::Drop,
        }
    }
}

fn wait(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    referral: Referral,
    (key, order, until): (&OrderKey, ReferralOrder, Timestamp),
) {
    let waiting = ReferralOrder {
        due_at: until,
        waits: true,
        ..order
    };
    state.referrals.put_order(key.clone(), waiting);
    if referral.state == ReferralState::Bound {
        let referral = Referral {
            state: ReferralState::Waiting,
            order_id: Some(key.order_id.clone()),
            ..referral
        };
        move_to(state, stamp, (referral, order.ordered_at), Why::default());
    }
}

/// An order that does not count any more leaves the friend bound, unless another one waits.
fn drop_order(state: &mut State, stamp: &mut Stamp<'_>, referral: Referral, (key, order): (&OrderKey, &ReferralOrder)) {
    state.referrals.drop_order(key);
    if referral.state != ReferralState::Waiting {
        return;
    }
    if state.referrals.orders_of(&key.member) > 0 {
        state.referrals.wait_for_another(&key.member);
    } else {
        let bound = Referral {
            state: ReferralState::Bound,
            order_id: None,
            ..referral
        };
        let why = Why {
            reasons: vec![ReferralReason::OrderReturned],
            ..Why::default()
        };
        move_to(state, stamp, (bound, order.due_at), why);
    }
}

/// Nobody waits any more for an order that was never placed. One that is there is looked at first.
fn lapse(state: &mut State, stamp: &mut Stamp<'_>, referral: Referral) -> bool {
    let friend = member_of(stamp);
    let due = referral.gives_up_at.filter(|at| *at <= stamp.now());
    let (ReferralState::Bound, Some(at)) = (referral.state, due) else {
        return false;
    };
    if state.referrals.orders_of(&friend) > 0 {
        return false;
    }
    let lapsed = Referral {
        state: ReferralState::Lapsed,
        ..referral
    };
    move_to(state, stamp, (lapsed, at), Why::default());
    true
}
