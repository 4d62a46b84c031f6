//! What is strange about the campaigns of a program: all of them together, as their latest versions stand, for the next 400 days. Nothing of it is wrong by itself, so nothing is refused.

mod reach;
mod together;
mod words;

use std::collections::BTreeMap;

use common::ratio::Ratio;
use common::zone::Zone;
use jiff::Timestamp;
use jiff::civil::Date;

use super::discount::DiscountPolicy;
use super::ladder::Ladders;
use super::rules::Rules;

pub use words::sentence;

/// For how many days is looked ahead.
const DAYS: i64 = 400;

/// What campaigns are looked at with.
pub struct Plan<'a> {
    /// The rules, as they stand at last.
    pub rules: &'a Rules,
    /// How discounts go together.
    pub policy: DiscountPolicy,
    /// The ladders.
    pub ladders: &'a Ladders,
    /// The program's zone.
    pub zone: &'a Zone,
    /// Where its clock stands.
    pub now: Timestamp,
}

/// Something strange.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What.
    pub is: Strange,
    /// The campaigns that it is about.
    pub campaigns: Vec<String>,
}

/// What is strange.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Strange {
    /// It does not run on any of the days that are looked at.
    NeverRuns,
    /// A ladder has not such a level, or there is no such ladder: nobody is on it.
    UnknownLevel {
        /// The ladder.
        ladder: String,
        /// The level.
        level: String,
    },
    /// What it asks for exclude one another.
    CannotHold,
    /// Whenever it could apply, the other campaign does and keeps it from applying.
    Shadowed,
    /// Points raise a level on the ladder by whose level they are multiplied.
    FeedsItself {
        /// The accrual.
        accrual: String,
        /// The ladder.
        ladder: String,
    },
    /// It is for changes of levels, and lifts members on a ladder.
    LiftsAgain {
        /// The ladder.
        ladder: String,
    },
    /// It is for what members do as often as they like, and has no limit.
    Unlimited,
    /// Its last weekend of the month is another than one would think, for the first time on this day.
    OtherWeekend {
        /// The first day on which one reading has it and the other has not.
        on: Date,
    },
    /// The most by which all that may apply together multiply.
    HighestFactor {
        /// The accrual.
        accrual: String,
        /// The factor, that of the highest level with it.
        factor: Ratio,
        /// On which day first.
        on: Date,
    },
    /// The most that all that may apply together take off a price.
    HighestDiscount {
        /// In thousandths.
        per_mille: i64,
        /// On which day first.
        on: Date,
    },
}

/// Finds everything strange.
pub fn lint(plan: &Plan<'_>) -> Vec<Finding> {
    let today = plan.zone.tz().to_datetime(plan.now).date();
    let days: Vec<Date> = today.series(jiff::Span::new().days(1)).take(DAYS as usize).collect();
    let mut running: BTreeMap<usize, Vec<Date>> = BTreeMap::new();
    let on = plan
        .rules
        .campaigns()
        .iter()
        .enumerate()
        .filter(|(_, of)| !of.rule.paused);
    for (at, campaign) in on {
        let runs = days
            .iter()
            .copied()
            .filter(|day| reach::runs_on(&campaign.rule.schedule, *day, plan));
        running.insert(at, runs.collect());
    }
    let mut found = reach::findings(plan, &running, &days);
    found.extend(together::findings(plan, &running, &days));
    found
}
