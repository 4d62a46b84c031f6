//! What all campaigns make together, at worst.

use std::collections::BTreeMap;

use common::ratio::Ratio;
use jiff::civil::Date;

use super::{Finding, Plan, Strange};
use crate::domain::accrual::{Accrual, Composition};
use crate::domain::campaign::{Campaign, Does, Trigger};
use crate::domain::discount::{Off, Stacking};

/// Finds what is strange about all of them together.
pub(super) fn findings(plan: &Plan<'_>, running: &BTreeMap<usize, Vec<Date>>, days: &[Date]) -> Vec<Finding> {
    let campaigns = plan.rules.campaigns();
    let of_purchases = running.iter().map(|(at, runs)| (&*campaigns[*at].rule, runs));
    let of_purchases: Vec<(&Campaign, &Vec<Date>)> = of_purchases
        .filter(|(campaign, _)| campaign.trigger == Trigger::Purchase)
        .collect();
    let on = |day: &Date| -> Vec<&Campaign> {
        let running = of_purchases.iter().filter(|(_, runs)| runs.binary_search(day).is_ok());
        running.map(|(campaign, _)| *campaign).collect()
    };
    let days: Vec<(Date, Vec<&Campaign>)> = days.iter().map(|day| (*day, on(day))).collect();
    let mut found = Vec::new();
    for accrual in plan.rules.accruals() {
        found.extend(feeds_itself(plan, &accrual.rule));
        found.extend(highest_factor(plan, &accrual.rule, &days));
    }
    found.extend(highest_discount(plan, &days));
    found
}

fn feeds_itself(plan: &Plan<'_>, accrual: &Accrual) -> Option<Finding> {
    let ladder = accrual.ladder.as_deref()?;
    let by_points = plan
        .ladders
        .in_force(ladder, plan.now)
        .is_some_and(|version| version.counts_points);
    let raises = |campaign: &Campaign| campaign.effects.iter().any(|effect| effect.accrual == accrual.code);
    let campaigns = plan
        .rules
        .campaigns()
        .iter()
        .filter(|of| raises(&of.rule) && !of.rule.paused);
    by_points.then(|| Finding {
        is: Strange::FeedsItself {
            accrual: accrual.code.clone(),
            ladder: ladder.to_owned(),
        },
        campaigns: campaigns.map(|of| of.rule.code.clone()).collect(),
    })
}

/// A factor that cannot be held is left out: nothing that is published comes near it.
fn highest_factor(plan: &Plan<'_>, accrual: &Accrual, days: &[(Date, Vec<&Campaign>)]) -> Option<Finding> {
    let levels = accrual
        .ladder
        .as_deref()
        .and_then(|ladder| plan.ladders.in_force(ladder, plan.now));
    let of_levels = levels
        .into_iter()
        .flat_map(|version| &version.levels)
        .map(|level| level.accrual_factor);
    let of_level = of_levels.max().unwrap_or(Ratio::ONE);
    let mut highest: Option<(Ratio, Date, Vec<String>)> = None;
    for (day, campaigns) in days {
        let factors = campaigns.iter().flat_map(|campaign| {
            let of_campaign = campaign.effects.iter().filter(|effect| effect.accrual == accrual.code);
            of_campaign.filter_map(|effect| match &effect.does {
                Does::Multiply { factor, .. } => Some((campaign.code.clone(), *factor)),
                _ => None,
            })
        });
        let factors: Vec<(String, Ratio)> = factors.collect();
        let Some(factor) = together(accrual.composition, of_level, factors.iter().map(|(_, factor)| *factor)) else {
            continue;
        };
        if !factors.is_empty() && highest.as_ref().is_none_or(|(known, ..)| factor > *known) {
            highest = Some((
                factor,
                *day,
                factors.into_iter().map(|(campaign, _)| campaign).collect(),
            ));
        }
    }
    highest.map(|(factor, on, campaigns)| Finding {
        is: Strange::HighestFactor {
            accrual: accrual.code.clone(),
            factor,
            on,
        },
        campaigns,
    })
}

fn together(composition: Composition, of_level: Ratio, mut factors: impl Iterator<Item = Ratio>) -> Option<Ratio> {
    match composition {
        Composition::Additive => {
            factors.try_fold(of_level, |sum, factor| sum.checked_add(factor.checked_sub(Ratio::ONE)?))
        }
        Composition::Multiplicative => factors.try_fold(of_level, Ratio::checked_mul),
        Composition::Max => Some(factors.fold(of_level, Ratio::max)),
    }
}

fn highest_discount(plan: &Plan<'_>, days: &[(Date, Vec<&Campaign>)]) -> Option<Finding> {
    let per_mille = |off: &Off| match off {
        Off::PerMille(per_mille) => *per_mille,
        Off::MinorUnits(_) => 0,
        Off::Level(ladder) => {
            let levels = plan
                .ladders
                .in_force(ladder, plan.now)
                .into_iter()
                .flat_map(|version| &version.levels);
            levels.map(|level| level.discount_per_mille).max().unwrap_or(0)
        }
    };
    let mut highest: Option<(i64, Date, Vec<String>)> = None;
    for (day, campaigns) in days {
        let off = campaigns
            .iter()
            .flat_map(|campaign| campaign.discounts.iter().map(|discount| per_mille(&discount.off)));
        let off = match plan.policy.stacking {
            Stacking::Initial => off.sum::<i64>(),
            // What is left is rounded down: so no more is told than can be taken off.
            Stacking::Running => {
                1_000
                    - off
                        .fold(1_000_000_i64, |left, off| left * (1_000 - off) / 1_000)
                        .div_euclid(1_000)
            }
        };
        let off = off
            .min(plan.policy.max_total_per_mille)
            .min(1_000 - plan.policy.floor_per_mille);
        if off > 0 && highest.as_ref().is_none_or(|(known, ..)| off > *known) {
            let with_discounts = campaigns.iter().filter(|campaign| !campaign.discounts.is_empty());
            highest = Some((
                off,
                *day,
                with_discounts.map(|campaign| campaign.code.clone()).collect(),
            ));
        }
    }
    highest.map(|(per_mille, on, campaigns)| Finding {
        is: Strange::HighestDiscount { per_mille, on },
        campaigns,
    })
}
