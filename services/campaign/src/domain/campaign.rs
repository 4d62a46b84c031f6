//! Campaigns: what changes what activities earn, for a time and for an audience.

use common::points::Points;
use common::ratio::Ratio;
use jiff::Timestamp;

use super::accrual::{EarnBase, EarnRate};
use super::activity::PURCHASE;
use super::budget::Funding;
use super::condition::{Condition, Unmet};
use super::discount::Discount;
use super::expression::Expression;
use super::grant::Grant;
use super::limit::Limit;
use super::lines::{LineFilter, counts};
use super::names::Names;
use super::schedule::Schedule;
use super::situation::{Happening, Situation};
use super::streak::{MakeUp, Streak};
use super::terms::Terms;

/// Something that changes what purchases, or other activities, earn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Campaign {
    /// The name.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// What it applies to.
    pub trigger: Trigger,
    /// When it applies.
    pub schedule: Schedule,
    /// What must hold, if anything must.
    pub condition: Option<Condition>,
    /// What it does: all of these.
    pub effects: Vec<Effect>,
    /// What it takes off prices, in quotes: all of these.
    pub discounts: Vec<Discount>,
    /// How often it applies for a member, and how many points it brings them.
    pub limits: Vec<Limit>,
    /// Who pays for what it brings; without it, that is not counted.
    pub funding: Option<Funding>,
    /// Campaigns are considered from the highest priority down; among equals by code.
    pub priority: i32,
    /// The group it belongs to, if to any.
    pub group: Option<String>,
    /// Of several campaigns that share one of these, only the first applies that could.
    pub exclusive_tags: Names,
    /// Whether it is off.
    pub paused: bool,
    /// How members make up for days that are missing in its streak, if they may.
    pub make_up: Option<MakeUp>,
    /// What it gives besides points.
    pub grants: Vec<Grant>,
}

/// What a campaign applies to.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Trigger {
    /// Purchases.
    Purchase,
    /// Custom activities of a kind.
    Custom(String),
}

/// What a campaign does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Effect {
    /// The accrual whose points it changes, and whose wallet it credits.
    pub accrual: String,
    /// What it does there.
    pub does: Does,
    /// The most points that it adds to one activity.
    pub max_points: Option<Points>,
    /// What a point of it costs the campaign's budget, in minor units.
    pub cost_per_point: Option<Ratio>,
    /// On which terms these points are credited; without it, on those of the accrual.
    pub terms: Option<Terms>,
}

/// What an effect does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Does {
    /// Multiplies what purchases earn; composed with the factor of the level as the accrual says.
    Multiply {
        /// By this.
        factor: Ratio,
        /// What these lines earn; without it, the whole order.
        lines: Option<LineFilter>,
    },
    /// Adds points, after every factor.
    AddPoints {
        /// How many.
        points: Points,
        /// For each of what.
        per: PointsPer,
        /// Which lines count, where it is for lines or pieces.
        lines: Option<LineFilter>,
    },
    /// Adds points for money, after every factor.
    Earn {
        /// How much money makes how many points.
        rate: EarnRate,
        /// Which money counts; without it, that of the accrual.
        base: Option<EarnBase>,
        /// Of these lines; without it, of the whole order.
        lines: Option<LineFilter>,
    },
    /// Adds points for days in a row, after every factor.
    Streak(Streak),
    /// Adds as many points as a formula comes to, after every factor.
    Formula(Expression),
}

/// What points are added for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PointsPer {
    /// The activity.
    Activity,
    /// Each line of the order.
    Line,
    /// Each piece that is kept whole.
    Piece,
}

/// Why a campaign did not apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotFired {
    /// It was off.
    Paused,
    /// It applies to another kind of activity.
    OtherTrigger,
    /// It did not run at that time.
    OutsideSchedule,
    /// The member was not on one of its levels.
    OtherLevel,
    /// It was not the member's first purchase.
    NotFirstPurchase,
    /// The channel was not one of its channels.
    OtherChannel,
    /// The order, or what is left of it, was too small.
    BelowMinimum,
    /// The order was too large.
    AboveMaximum,
    /// The store was not one of its stores.
    OtherStore,
    /// Nothing was paid by one of its methods.
    OtherPaymentMethod,
    /// The order, or what is left of it, had too little of the lines it asks for.
    LinesMissing,
    /// An attribute of the activity was not what it asks for.
    OtherAttribute,
    /// The member enrolled too long ago.
    EnrolledTooLongAgo,
    /// None of several conditions held of which one must.
    NoneOfSeveral,
    /// Something held that must not.
    Excluded,
    /// It had applied as often, or brought as many points, as its limits allow.
    LimitReached,
    /// Another campaign applied that shares an exclusive tag with it.
    ExclusiveTag,
    /// Its group chose another campaign.
    NotChosen,
    /// Its budget had not enough left.
    BudgetExhausted,
    /// Nothing of the order is left.
    NothingLeft,
    /// What the member has done is not what it asks for.
    OtherHistory,
    /// The member is not in its sample.
    NotInSample,
    /// Nothing could be made up for: the day was there already or lies before the member enrolled, or they had made up for as many days of the month as may be.
    NoMakeUpLeft,
    /// It was not around the member's birthday.
    NotBirthday,
    /// Its expression was not true.
    OtherExpression,
    /// Its expression could not be worked out.
    ExpressionFailed,
    /// It is for members, and the customer had not joined.
    NotJoined,
}

/// What other services report, by the kind of activity that it is recorded as.
pub const REPORTED: [&str; 7] = [
    "enrolment",
    "activation",
    "level-change",
    "birthday",
    "points-expiring",
    "referral",
    "referred",
];

impl Trigger {
    /// Returns the kind of activity that it is.
    pub fn kind(&self) -> &str {
        match self {
            Trigger::Purchase => PURCHASE,
            Trigger::Custom(kind) => kind,
        }
    }

    /// Tells what triggers campaigns in a situation.
    pub(super) fn of(happening: &Happening<'_>) -> Trigger {
        match happening {
            Happening::Purchase(_) => Trigger::Purchase,
            Happening::Custom(custom) => Trigger::Custom(custom.kind.clone()),
        }
    }
}

impl Campaign {
    /// Goes through what triggers it: what it is for, and what makes up for days that are missing.
    pub(super) fn triggers(&self) -> impl Iterator<Item = Trigger> {
        let make_up = self.make_up.iter().map(|make_up| Trigger::Custom(make_up.kind.clone()));
        std::iter::once(self.trigger.clone()).chain(make_up)
    }

    /// Returns what the activity makes up for days by, if it does that.
    pub(super) fn made_up_by(&self, situation: &Situation<'_>) -> Option<&MakeUp> {
        let Happening::Custom(custom) = &situation.happening else {
            return None;
        };
        self.make_up.as_ref().filter(|make_up| make_up.kind == custom.kind)
    }

    /// Tells whether it gives anything for an activity, and does not only take off prices.
    pub(super) fn gives(&self) -> bool {
        !self.effects.is_empty() || !self.grants.is_empty()
    }

    /// Tells whether it counts the days on which it applies.
    pub fn has_streak(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect.does, Does::Streak(_)))
    }

    /// Returns the first reason why the campaign does not apply by itself, whatever others do; nothing when it does. A campaign that is considered is on, runs,
    /// and is for such activities.
    pub(super) fn why_not(&self, situation: &Situation<'_>) -> Option<Unmet> {
        let whole = |reason| Some(Unmet { part: 0, reason });
        if situation.is_nothing() {
            return whole(NotFired::NothingLeft);
        }
        if let Some(unmet) = self.condition.as_ref().and_then(|condition| condition.unmet(situation)) {
            return Some(unmet);
        }
        if !self.has_lines(situation) {
            return whole(NotFired::LinesMissing);
        }
        let in_vain = |make_up: &MakeUp| {
            let before = |enrolled: Timestamp| situation.occasion.occurred_at < enrolled;
            situation.facts.made_up(&self.code) >= make_up.days_per_month
                || situation.facts.applied_on_this_day(&self.code)
                || situation.facts.enrolled_at.is_some_and(before)
        };
        if self.made_up_by(situation).is_some_and(in_vain) {
            return whole(NotFired::NoMakeUpLeft);
        }
        let used_up = |limit: &Limit| limit.is_used_up(situation.facts.used(&self.code, limit.period));
        self.limits.iter().any(used_up).then_some(Unmet {
            part: 0,
            reason: NotFired::LimitReached,
        })
    }

    /// Returns the most points that it may still bring, if its limits say so.
    pub(super) fn points_left(&self, situation: &Situation<'_>) -> Option<Points> {
        let left = |limit: &Limit| limit.points_left(situation.facts.used(&self.code, limit.period));
        self.limits.iter().filter_map(left).min()
    }

    /// Goes through the lines that each of its effects and discounts is for; nothing for one that is for the whole.
    pub(super) fn line_filters(&self) -> impl Iterator<Item = Option<&LineFilter>> {
        let of_discounts = self.discounts.iter().map(|discount| discount.lines.as_ref());
        self.effects.iter().map(Effect::lines).chain(of_discounts)
    }

    /// Tells whether any of its effects and discounts finds something to do: one that is for some lines finds those lines.
    fn has_lines(&self, situation: &Situation<'_>) -> bool {
        let Some(bought) = situation.order() else { return true };
        !self.grants.is_empty()
            || self
                .line_filters()
                .any(|lines| lines.is_none_or(|filter| bought.lines().any(|kept| counts(Some(filter), kept.line))))
    }
}

impl Effect {
    /// Returns the lines that it is for, if it is not for the whole.
    pub fn lines(&self) -> Option<&LineFilter> {
        match &self.does {
            Does::Multiply { lines, .. } | Does::AddPoints { lines, .. } | Does::Earn { lines, .. } => lines.as_ref(),
            Does::Streak(_) | Does::Formula(_) => None,
        }
    }
}
