//! Campaigns: what changes what activities earn, for a time and for an audience.

use common::points::Points;
use common::ratio::Ratio;

use super::accrual::Accrual;
use super::contradiction::Contradiction;
use super::evaluate::{Happening, Situation};
use super::schedule::Schedule;

/// Something that changes what purchases, or other activities, earn.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Campaign {
    /// The name.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// The accrual it changes; for a custom activity: whose wallet it credits.
    pub accrual: String,
    /// What it applies to.
    pub trigger: Trigger,
    /// When it applies.
    pub schedule: Schedule,
    /// Whom it applies to.
    pub audience: Audience,
    /// What it does.
    pub effect: Effect,
    /// The most points that it adds to one order.
    pub max_points_per_order: Option<Points>,
    /// Campaigns are considered from the highest priority down; among equals by code.
    pub priority: i32,
    /// Whether it is off.
    pub paused: bool,
}

/// What a campaign applies to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trigger {
    /// Purchases.
    Purchase {
        /// Only orders whose base, by what of them is kept, reaches this.
        min_base_minor_units: i64,
    },
    /// Custom activities.
    Custom {
        /// The kind.
        kind: String,
    },
}

/// Whom a campaign applies to: members who meet everything that is set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Audience {
    /// On one of these levels of the accrual's ladder; empty for any.
    pub levels: Vec<String>,
    /// With their first purchase only.
    pub first_purchase: bool,
    /// By one of these channels; empty for any.
    pub channels: Vec<String>,
}

/// What a campaign does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Multiplies what the order earns; composed with the factor of the level as the accrual says.
    Multiply(Ratio),
    /// Adds points, after every factor.
    AddPoints(Points),
}

/// Why a campaign did not apply: the first of these that holds.
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
}

impl Campaign {
    /// Tells everything that makes the campaign impossible with its accrual; nothing for one that can be published.
    ///
    /// A factor below 1 is refused because what is kept of an order could then earn more than the whole order did.
    pub fn contradictions(&self, accrual: &Accrual) -> Vec<Contradiction> {
        let custom = matches!(self.trigger, Trigger::Custom { .. });
        let checks = [
            (self.is_empty_window(), "schedule.once.end", "is not after the start"),
            (
                custom && matches!(self.effect, Effect::Multiply(_)),
                "effect.multiply",
                "has nothing to multiply: only purchases have a base",
            ),
            (
                self.takes_away(),
                "effect.multiply",
                "is below 1: a campaign never takes away",
            ),
            (
                custom && self.max_points_per_order.is_some(),
                "max_points_per_order",
                "is for orders, and this campaign is not about one",
            ),
            (
                custom && self.audience.first_purchase,
                "audience.first_purchase",
                "is for purchases, and this campaign is not about one",
            ),
            (
                !self.audience.levels.is_empty() && accrual.ladder.is_none(),
                "audience.levels",
                "needs an accrual with a ladder",
            ),
            (
                self.audience.levels.iter().any(String::is_empty),
                "audience.levels",
                "has an empty name",
            ),
            (
                self.audience.channels.iter().any(String::is_empty),
                "audience.channels",
                "has an empty name",
            ),
        ];
        let found = checks.into_iter().filter(|(wrong, ..)| *wrong);
        found
            .map(|(_, field, sentence)| Contradiction::new(field, sentence))
            .collect()
    }

    /// Returns the first reason why the campaign does not apply; nothing when it does.
    pub(super) fn why_not(
        &self,
        situation: &Situation<'_>,
        level: Option<&str>,
        base_minor_units: i64,
    ) -> Option<NotFired> {
        let Situation { occasion, facts, .. } = situation;
        let audience = &self.audience;
        let checks = [
            (self.paused, NotFired::Paused),
            (!self.is_triggered_by(&situation.happening), NotFired::OtherTrigger),
            (
                !self.schedule.includes(occasion.occurred_at, &facts.zone),
                NotFired::OutsideSchedule,
            ),
            (!is_one_of(level, &audience.levels), NotFired::OtherLevel),
            (
                audience.first_purchase && facts.purchases_before > 0,
                NotFired::NotFirstPurchase,
            ),
            (
                !is_one_of(Some(&occasion.channel), &audience.channels),
                NotFired::OtherChannel,
            ),
            (
                self.is_below_minimum(&situation.happening, base_minor_units),
                NotFired::BelowMinimum,
            ),
        ];
        checks.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
    }

    fn is_empty_window(&self) -> bool {
        matches!(self.schedule, Schedule::Once { start: Some(start), end: Some(end) } if end <= start)
    }

    fn takes_away(&self) -> bool {
        matches!(self.effect, Effect::Multiply(factor) if factor < Ratio::ONE)
    }

    fn is_triggered_by(&self, happening: &Happening<'_>) -> bool {
        match (&self.trigger, happening) {
            (Trigger::Purchase { .. }, Happening::Purchase { .. }) => true,
            (Trigger::Custom { kind }, Happening::Custom { kind: done }) => kind == done,
            _ => false,
        }
    }

    /// An order of which nothing is left is below every minimum, so that not even added points stay.
    fn is_below_minimum(&self, happening: &Happening<'_>, base_minor_units: i64) -> bool {
        match (&self.trigger, happening) {
            (Trigger::Purchase { min_base_minor_units }, Happening::Purchase { kept, .. }) => {
                kept.is_nothing() || base_minor_units < *min_base_minor_units
            }
            _ => false,
        }
    }
}

fn is_one_of(name: Option<&str>, names: &[String]) -> bool {
    names.is_empty() || name.is_some_and(|name| names.iter().any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::tests::{accrual, campaign};

    fn fields(campaign: &Campaign) -> Vec<String> {
        campaign
            .contradictions(&accrual())
            .into_iter()
            .map(|contradiction| contradiction.field)
            .collect()
    }

    #[test]
    fn a_campaign_that_makes_sense_has_no_contradictions() {
        assert_eq!(fields(&campaign("double", Effect::Multiply(Ratio::whole(2)))), [""; 0]);
    }

    #[test]
    fn a_custom_activity_cannot_be_multiplied_capped_or_a_first_purchase() {
        let wrong = Campaign {
            trigger: Trigger::Custom { kind: "review".into() },
            audience: Audience {
                first_purchase: true,
                ..Audience::default()
            },
            max_points_per_order: Points::new(5),
            ..campaign("reviews", Effect::Multiply(Ratio::whole(2)))
        };
        assert_eq!(
            fields(&wrong),
            ["effect.multiply", "max_points_per_order", "audience.first_purchase"]
        );
    }

    #[test]
    fn a_campaign_that_takes_away_or_never_runs_is_told_so() {
        let noon = Some(Timestamp::UNIX_EPOCH);
        let wrong = Campaign {
            schedule: Schedule::Once { start: noon, end: noon },
            ..campaign("half", Effect::Multiply(Ratio::new(1, 2).unwrap()))
        };
        assert_eq!(fields(&wrong), ["schedule.once.end", "effect.multiply"]);
    }

    #[test]
    fn levels_need_a_ladder_and_names() {
        let audience = Audience {
            levels: vec![String::new()],
            channels: vec![String::new()],
            first_purchase: false,
        };
        let wrong = Campaign {
            audience,
            ..campaign("gold", Effect::Multiply(Ratio::whole(2)))
        };
        let without_ladder = Accrual {
            ladder: None,
            ..accrual()
        };
        let found = wrong.contradictions(&without_ladder);
        let fields: Vec<_> = found.iter().map(|contradiction| contradiction.field.as_str()).collect();
        assert_eq!(fields, ["audience.levels", "audience.levels", "audience.channels"]);
    }
}
