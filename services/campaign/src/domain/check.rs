//! Tells what is impossible in a rule before it is published.

mod condition;
mod streak;

use common::ratio::Ratio;
use jiff::civil::Date;

use super::accrual::Accrual;
use super::activity::OF_ORDERS;
use super::campaign::{Campaign, Does, Effect, PointsPer, Trigger};
use super::contradiction::Contradiction;
use super::group::{Group, GroupMode};
use super::nested::misplaced;
use super::schedule::{On, Schedule};

impl Campaign {
    /// Tells everything that makes the campaign impossible beside its accruals, one for each effect; nothing for one that can be published.
    ///
    /// A factor below 1 is refused: a campaign gives, and what it must not give is for its condition to say.
    pub fn contradictions(&self, accruals: &[&Accrual]) -> Vec<Contradiction> {
        let mut found = self.schedule.contradictions();
        if let Some(condition) = &self.condition {
            found.extend(condition.contradictions(&self.trigger));
        }
        for (at, (effect, accrual)) in self.effects.iter().zip(accruals).enumerate() {
            found.extend(
                effect
                    .contradictions(&self.trigger, accrual)
                    .into_iter()
                    .map(|(field, sentence)| Contradiction::new(format!("effects[{at}].{field}"), sentence)),
            );
        }
        found.extend(self.formula_contradictions());
        let costless = self
            .effects
            .iter()
            .enumerate()
            .filter(|(_, effect)| effect.cost_per_point.is_none());
        if self.funding.is_some() {
            found.extend(costless.map(|(at, _)| {
                Contradiction::new(
                    format!("effects[{at}].cost_per_point"),
                    "is missing: a campaign with a budget says what its points cost",
                )
            }));
        }
        let unpaid = self
            .effects
            .iter()
            .enumerate()
            .filter(|(_, effect)| effect.cost_per_point.is_some());
        if self.funding.is_none() {
            found.extend(unpaid.map(|(at, _)| {
                Contradiction::new(
                    format!("effects[{at}].cost_per_point"),
                    "is for a campaign with a budget, and this one has none",
                )
            }));
        }
        found.extend(self.grant_contradictions());
        found.extend(self.discount_contradictions());
        found.extend(self.make_up_contradictions());
        let of_orders = matches!(&self.trigger, Trigger::Custom(kind) if OF_ORDERS.contains(&kind.as_str()));
        found.extend(of_orders.then(|| {
            Contradiction::new(
                "trigger.custom.kind",
                "is that of activities about orders, which are no custom activities",
            )
        }));
        let unlimited = self
            .limits
            .iter()
            .enumerate()
            .filter(|(_, limit)| limit.times.is_none() && limit.points.is_none());
        found.extend(unlimited.map(|(at, _)| {
            Contradiction::new(
                format!("limits[{at}]"),
                "limits nothing: say how often, or how many points",
            )
        }));
        found
    }
}

impl Campaign {
    fn formula_contradictions(&self) -> Vec<Contradiction> {
        let found = self
            .effects
            .iter()
            .enumerate()
            .filter_map(|(at, effect)| match &effect.does {
                Does::Formula(formula) => formula.contradiction(format!("effects[{at}].formula.points"), &self.trigger),
                _ => None,
            });
        found.collect()
    }

    fn grant_contradictions(&self) -> Vec<Contradiction> {
        let unpaid = self
            .grants
            .iter()
            .map(|grant| grant.cost_minor_units > 0 && self.funding.is_none());
        let found = unpaid.enumerate().filter(|(_, is_unpaid)| *is_unpaid);
        let unpaid = found.map(|(at, _)| {
            Contradiction::new(
                format!("grants[{at}].cost_minor_units"),
                "is for a campaign with a budget, and this one has none",
            )
        });
        unpaid.collect()
    }

    fn discount_contradictions(&self) -> Vec<Contradiction> {
        let only_discounts = !self.gives();
        let checks = [
            (
                only_discounts && self.discounts.is_empty(),
                "effects",
                "are missing, and there are no discounts and no grants either: it would do nothing",
            ),
            (
                self.trigger != Trigger::Purchase && !self.discounts.is_empty(),
                "discounts",
                "are for orders, and this campaign is not about one",
            ),
            (
                only_discounts && !self.limits.is_empty(),
                "limits",
                "count what earns points, and this campaign only takes off prices",
            ),
            (
                only_discounts && self.funding.is_some(),
                "funding",
                "pays for points, and this campaign only takes off prices",
            ),
        ];
        let found = checks.into_iter().filter(|(wrong, ..)| *wrong);
        found
            .map(|(_, field, sentence)| Contradiction::new(field, sentence))
            .collect()
    }
}

impl Effect {
    fn contradictions(&self, trigger: &Trigger, accrual: &Accrual) -> Vec<(&'static str, &'static str)> {
        let custom = matches!(trigger, Trigger::Custom(_));
        let checks = match &self.does {
            Does::Multiply { factor, .. } => vec![
                (
                    custom,
                    "multiply",
                    "has nothing to multiply: only purchases have a base",
                ),
                (
                    accrual.rate.is_none(),
                    "multiply",
                    "has nothing to multiply: the accrual has no rate",
                ),
                (
                    *factor < Ratio::ONE,
                    "multiply.factor",
                    "is below 1: a campaign never takes away",
                ),
            ],
            Does::AddPoints { per, lines, .. } => vec![
                (
                    custom && *per != PointsPer::Activity,
                    "add_points.per",
                    "is for orders, and this campaign is not about one",
                ),
                (
                    *per == PointsPer::Activity && lines.is_some(),
                    "add_points.lines",
                    "count only where points are added for lines or pieces; a condition on lines says whether it applies",
                ),
            ],
            Does::Earn { .. } => vec![(custom, "earn", "has no money to count: only purchases have any")],
            Does::Streak(streak) => streak.contradictions(trigger, self.max_points.is_some()),
            Does::Formula(_) => Vec::new(),
        };
        checks
            .into_iter()
            .filter(|(wrong, ..)| *wrong)
            .map(|(_, field, sentence)| (field, sentence))
            .collect()
    }
}

impl Schedule {
    fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        if self.start.zip(self.end).is_some_and(|(start, end)| end <= start) {
            found.push(Contradiction::new("schedule.end", "is not after the start"));
        }
        for (at, days) in self.days.iter().enumerate() {
            if let On::Yearly(of_year) = &days.on {
                // A leap year has every day that there is.
                let unknown = of_year
                    .iter()
                    .position(|(month, day)| Date::new(2028, *month, *day).is_err());
                found.extend(unknown.map(|day| {
                    Contradiction::new(
                        format!("schedule.days[{at}].yearly.days[{day}]"),
                        "is no day of any year",
                    )
                }));
            }
        }
        let empty = self
            .times
            .iter()
            .enumerate()
            .filter(|(_, time)| time.from_minute == time.until_minute);
        found.extend(empty.map(|(at, _)| {
            Contradiction::new(
                format!("schedule.times[{at}].until_minute"),
                "is the minute at which it begins; leave the times out for all day",
            )
        }));
        let turned = self.except.iter().enumerate().filter(|(_, (first, last))| last < first);
        found.extend(
            turned.map(|(at, _)| Contradiction::new(format!("schedule.except[{at}].last"), "is before the first")),
        );
        found
    }
}

impl Group {
    /// Tells everything that makes the group impossible beside the groups that it lies in, from its parent outwards.
    pub fn contradictions(&self, ancestors: &[&Group]) -> Vec<Contradiction> {
        let checks = [
            (
                self.mode == GroupMode::Top(0),
                "top",
                "must be at least 1 for a group that lets so many apply",
            ),
            (
                misplaced(self, ancestors).is_some(),
                "parent",
                misplaced(self, ancestors).unwrap_or_default(),
            ),
        ];
        let found = checks.into_iter().filter(|(wrong, ..)| *wrong);
        found
            .map(|(_, field, sentence)| Contradiction::new(field, sentence))
            .collect()
    }
}
