//! A ladder as retailers have them, and short words for what members do.

use std::sync::Arc;

use common::{ratio::Ratio, zone::Zone};
use jiff::Timestamp;

use crate::domain::*;

pub const YEAR: MetricWindow = MetricWindow::RollingDays(365);

pub fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

pub fn new_york() -> Zone {
    Zone::find("America/New_York").unwrap()
}

pub fn spend(window: MetricWindow, at_least: i64) -> Requirement {
    Requirement {
        metric: Metric::Spend,
        window,
        at_least,
    }
}

pub fn level(code: &str, ways: &[&[Requirement]]) -> Level {
    Level {
        code: code.to_owned(),
        display_name: code.to_uppercase(),
        any_of: ways.iter().map(|set| RequirementSet { all_of: set.to_vec() }).collect(),
        benefits: Benefits {
            accrual_factor: Ratio::new(6, 5).unwrap(),
            ..Benefits::default()
        },
    }
}

pub fn ladder_of(levels: Vec<Level>, after_months: u16, downgrade: DowngradePolicy) -> Ladder {
    Ladder::new(
        "status".to_owned(),
        "Status".to_owned(),
        levels,
        Review {
            after_months,
            downgrade,
        },
    )
    .unwrap()
}

/// Standard, silver from 100, gold from 500 and diamond from 2000 of spend in the window; reviewed after this many months.
pub fn status(window: MetricWindow, after_months: u16, downgrade: DowngradePolicy) -> Ladder {
    let levels = vec![
        level("standard", &[]),
        level("silver", &[&[spend(window, 100)]]),
        level("gold", &[&[spend(window, 500)]]),
        level("diamond", &[&[spend(window, 2000)]]),
    ];
    ladder_of(levels, after_months, downgrade)
}

pub fn versions(first: Ladder, later: impl IntoIterator<Item = (Ladder, Timestamp)>) -> LadderVersions {
    let beginning = Timestamp::UNIX_EPOCH;
    let first = LadderVersion {
        ladder: Arc::new(first),
        version: 1,
        effective_from: beginning,
    };
    let mut versions = LadderVersions::new(first, beginning);
    for ((ladder, effective_from), version) in later.into_iter().zip(2..) {
        versions.add(LadderVersion {
            ladder: Arc::new(ladder),
            version,
            effective_from,
        });
    }
    versions
}

pub fn only(ladder: Ladder) -> LadderVersions {
    versions(ladder, [])
}

pub fn bought(amount: i64, counted_at: Timestamp) -> MetricDeltas {
    MetricDeltas {
        spend_minor_units: amount,
        orders: 1,
        points_earned: amount / 100,
        counted_at,
    }
}

pub fn returned(bought: MetricDeltas) -> MetricDeltas {
    MetricDeltas {
        spend_minor_units: -bought.spend_minor_units,
        orders: -bought.orders,
        points_earned: -bought.points_earned,
        counted_at: bought.counted_at,
    }
}

/// A member of a program in New York with one ladder, and everything that changed so far.
pub struct Story {
    pub ladders: Ladders,
    pub member: Member,
    pub changes: Vec<TierChange>,
}

impl Story {
    pub fn new(versions: LadderVersions, enrolled_at: Timestamp) -> Story {
        let ladders = Ladders::from([("status".to_owned(), versions)]);
        let member = Member {
            enrolled_at: Some(enrolled_at),
            ..Member::unknown(new_york())
        };
        let mut story = Story {
            ladders,
            member,
            changes: Vec::new(),
        };
        story.look(enrolled_at);
        story
    }

    pub fn look(&mut self, now: Timestamp) {
        self.changes.extend(self.member.bring_up_to(&self.ladders, now));
    }

    pub fn takes(&mut self, deltas: MetricDeltas, now: Timestamp) {
        self.changes
            .extend(self.member.take_in(&self.ladders, &deltas, now).unwrap());
    }

    pub fn buys(&mut self, amount: i64, now: &str) -> MetricDeltas {
        let deltas = bought(amount, at(now));
        self.takes(deltas, at(now));
        deltas
    }

    pub fn standing(&self) -> &Standing {
        &self.member.standings["status"]
    }

    pub fn rank(&self, now: Timestamp) -> usize {
        self.ladders["status"]
            .in_force(now)
            .ladder
            .rank_of(&self.standing().level)
            .unwrap()
    }

    /// Says what changed, each as "day: cause level".
    pub fn told(&self) -> Vec<String> {
        let tell = |change: &TierChange| {
            let day = self.member.metrics.day_of(change.occurred_at);
            format!("{day}: {:?} {}", change.cause, change.to_level)
        };
        self.changes.iter().map(tell).collect()
    }
}
