//! Who brings whom, and when that is a success.
//!
//! Whoever brings a friend enrolled before the friend did. So the members of a chain have enrolled one after another, none of them can come twice, and there is no circle to look for: neither of one
//! member nor of many. When somebody enrolled never changes, so it does not matter that it is read before the friend's records are.

use common::{ids::MemberId, zone::Zone};
use jiff::{Timestamp, ToSpan as _};

use super::member::MemberStatus;

/// How members of a program bring friends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReferralPolicy {
    /// Whether a later invitation takes a friend over.
    pub last_touch: bool,
    /// Until how many days after that of the enrolment a friend is bound.
    pub bind_within_days: i32,
    /// How much of one order must be kept.
    pub min_order_minor_units: i64,
    /// How many days after that of the order that is looked at.
    pub qualify_after_days: i32,
    /// After how many days nobody waits for an order any more.
    pub give_up_after_days: Option<i32>,
    /// How many friends are brought on a day without question.
    pub max_bound_per_day: Option<i64>,
    /// How many referrals are open at once without question.
    pub max_open: Option<i64>,
}

/// How far a referral is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReferralState {
    /// The friend is bound.
    Bound,
    /// An order's return window runs.
    Waiting,
    /// A person is to look at it.
    Flagged,
    /// It is successful.
    Qualified,
    /// A person refused it.
    Rejected,
    /// Nothing was ordered for too long.
    Lapsed,
}

/// Why a referral is in its state.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ReferralReason {
    /// Friend and referrer have a mark in common.
    SharesMarkWithReferrer,
    /// Two friends of the referrer have.
    SharesMarkWithReferee,
    /// The referrer had brought enough on that day.
    TooManyOnDay,
    /// The referrer has too many open.
    TooManyOpen,
    /// The order came back.
    OrderReturned,
    /// A person decided.
    Reviewed,
    /// Another invitation was followed later.
    LaterTouch,
}

/// Why a friend is not bound, or a member does not invite.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotReferred {
    /// The member is a prospect.
    NotEnrolled,
    /// It is one and the same.
    Myself,
    /// The referrer is frozen, closed or a prospect.
    ReferrerNotAllowed,
    /// The referrer did not enrol before the friend.
    ReferrerEnrolledLater,
    /// The friend enrolled too long ago.
    TooLate,
    /// The friend is bound for good.
    AlreadyBound,
}

/// That a member brought a friend.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Referral {
    /// Who.
    pub referrer: MemberId,
    /// By which code.
    pub invite_code: String,
    /// How far it is.
    pub state: ReferralState,
    /// Why.
    pub reasons: Vec<ReferralReason>,
    /// Since when the friend is bound.
    pub bound_at: Timestamp,
    /// Since when it is in that state.
    pub changed_at: Timestamp,
    /// When nobody waits for an order any more.
    pub gives_up_at: Option<Timestamp>,
    /// The order that qualifies it, or would.
    pub order_id: Option<String>,
    /// The number under which both sides are told that it qualified.
    pub reported: Option<i64>,
}

/// An order of a friend that may qualify a referral.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReferralOrder {
    /// When it was placed.
    pub ordered_at: Timestamp,
    /// When to look at it next.
    pub due_at: Timestamp,
    /// Whether its return window runs; else nobody has looked at it yet.
    pub waits: bool,
}

/// Who invites.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Referrer {
    /// The member.
    pub member_id: MemberId,
    /// Where they stand.
    pub status: Option<MemberStatus>,
    /// When they enrolled.
    pub enrolled_at: Option<Timestamp>,
}

/// What is known of a referrer's other friends when one would qualify.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Guards {
    /// Whose friends.
    pub referrer: MemberId,
    /// How many were bound before this one, on the same day.
    pub bound_before_on_day: i64,
    /// How many are open, this one included.
    pub open: i64,
    /// Whether this one and the referrer have a mark in common.
    pub shares_with_referrer: bool,
    /// Whether this one and another friend have.
    pub shares_with_referee: bool,
}

/// What comes of looking at an order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Look {
    /// Its return window runs until then.
    Wait(Timestamp),
    /// It does not count, or not any more.
    Drop,
    /// It qualifies the referral, unless there are reasons to look at that first.
    Decide(Vec<ReferralReason>),
}

impl ReferralState {
    /// Tells whether an order may qualify it.
    pub fn takes_orders(self) -> bool {
        matches!(self, ReferralState::Bound | ReferralState::Waiting)
    }
}

impl ReferralPolicy {
    /// Refuses to bind a friend to whom nobody, this one or no longer anybody may be bound.
    pub fn check(
        &self,
        referee: (MemberId, Option<Timestamp>),
        referrer: &Referrer,
        (now, zone): (Timestamp, &Zone),
    ) -> Result<(), NotReferred> {
        let (member_id, enrolled_at) = referee;
        let enrolled_at = enrolled_at.ok_or(NotReferred::NotEnrolled)?;
        if referrer.member_id == member_id {
            return Err(NotReferred::Myself);
        }
        let earns = referrer.status.is_some_and(MemberStatus::earns);
        let Some(brought_since) = referrer.enrolled_at.filter(|_| earns) else {
            return Err(NotReferred::ReferrerNotAllowed);
        };
        if brought_since >= enrolled_at {
            return Err(NotReferred::ReferrerEnrolledLater);
        }
        let until = after_days(enrolled_at, self.bind_within_days, zone);
        if until.is_some_and(|until| now >= until) {
            return Err(NotReferred::TooLate);
        }
        Ok(())
    }

    /// Tells whether another invitation may take over a friend who is bound.
    pub fn lets_go(&self, known: &Referral, orders: usize) -> bool {
        self.last_touch && known.state == ReferralState::Bound && orders == 0
    }

    /// Returns when nobody waits any more for an order of a friend who is bound.
    pub fn gives_up_at(&self, bound_at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        after_days(bound_at, self.give_up_after_days?, zone)
    }

    /// Looks at an order of which so much is kept, under the policy of its time.
    pub fn look(
        &self,
        referral: &Referral,
        order: &ReferralOrder,
        kept_minor_units: Option<i64>,
        zone: &Zone,
        reasons: impl FnOnce() -> Vec<ReferralReason>,
    ) -> Look {
        let is_enough = kept_minor_units.is_some_and(|kept| kept >= self.min_order_minor_units);
        if !is_enough || !referral.state.takes_orders() || order.ordered_at < referral.bound_at {
            return Look::Drop;
        }
        if order.waits {
            return Look::Decide(reasons());
        }
        let until = after_days(order.ordered_at, self.qualify_after_days, zone);
        until.map_or(Look::Drop, Look::Wait)
    }

    /// Returns what is suspicious, under the policy of the binding.
    pub fn reasons(&self, guards: &Guards) -> Vec<ReferralReason> {
        let many = |most: Option<i64>, count: i64| most.is_some_and(|most| count > most);
        let all = [
            (guards.shares_with_referrer, ReferralReason::SharesMarkWithReferrer),
            (guards.shares_with_referee, ReferralReason::SharesMarkWithReferee),
            (
                many(self.max_bound_per_day, guards.bound_before_on_day + 1),
                ReferralReason::TooManyOnDay,
            ),
            (many(self.max_open, guards.open), ReferralReason::TooManyOpen),
        ];
        all.into_iter()
            .filter(|(is_so, _)| *is_so)
            .map(|(_, reason)| reason)
            .collect()
    }
}

/// Returns when the day begins in which an instant lies.
pub fn day_begins(at: Timestamp, zone: &Zone) -> Timestamp {
    let day = zone.tz().to_datetime(at).date().to_zoned(zone.tz().clone());
    day.map_or(at, |day| day.timestamp())
}

/// Returns the end of the day that comes so many days after that of an instant; nothing where no calendar has it.
fn after_days(at: Timestamp, days: i32, zone: &Zone) -> Option<Timestamp> {
    let day = zone.tz().to_datetime(at).date();
    let next = day.checked_add((i64::from(days) + 1).days()).ok()?;
    Some(next.to_zoned(zone.tz().clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
