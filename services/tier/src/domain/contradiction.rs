//! In what a ladder can contradict itself. All of it is found at once, each with the field that is at fault.

use common::ratio::Ratio;
use thiserror::Error;

use super::{Benefits, Level, MetricWindow, RequirementSet, Review};

/// One thing in which a ladder contradicts itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contradiction {
    /// The path of the field in the ladder, such as `levels[2].any_of[0]`.
    pub field: String,
    /// What is wrong with it.
    pub kind: ContradictionKind,
}

/// How a ladder contradicts itself, continuing "this field ...".
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ContradictionKind {
    /// A ladder without levels.
    #[error("must have a level, because every member stands on one")]
    NoLevels,
    /// Two levels of the same name.
    #[error("is the code of an earlier level too")]
    CodeRepeated,
    /// The level on which every member starts asks for something.
    #[error("must be empty for the first level, because every member starts there")]
    FirstLevelAsks,
    /// A level above the first asks for nothing.
    #[error("must not be empty above the first level, because every member would be promoted at once")]
    LevelAsksNothing,
    /// A way into a level asks for nothing.
    #[error("must not be empty, because every member would meet it")]
    SetAsksNothing,
    /// A set of requirements occurs twice.
    #[error("asks for the same as an earlier one")]
    SetRepeated,
    /// A set asks twice for the same metric over the same window.
    #[error("asks for a metric and window that an earlier requirement of the set asks for already")]
    RequirementRepeated,
    /// A requirement that is met by doing nothing.
    #[error("must be at least 1")]
    NotPositive,
    /// Whoever may enter a level may enter a higher one.
    #[error("can never be entered, because whoever meets its requirements meets those of {higher} too")]
    NeverEntered {
        /// The higher level.
        higher: String,
    },
    /// A factor below nothing.
    #[error("must not be negative")]
    NegativeFactor,
    /// A reduction of more than the price.
    #[error("must not be more than 1000, which is all of the price")]
    DiscountAbovePrice,
    /// An entitlement that is named twice.
    #[error("is named already")]
    EntitlementRepeated,
}

/// Lists everything in which these levels and this review contradict themselves.
pub(super) fn contradictions(levels: &[Level], review: Review) -> Vec<Contradiction> {
    let mut found = Found::default();
    found.check(!levels.is_empty(), "levels", ContradictionKind::NoLevels);
    found.check(
        review.after_months >= 1,
        "review.after_months",
        ContradictionKind::NotPositive,
    );
    for (rank, level) in levels.iter().enumerate() {
        let path = format!("levels[{rank}]");
        let repeated = levels[..rank].iter().any(|earlier| earlier.code == level.code);
        found.check(!repeated, format!("{path}.code"), ContradictionKind::CodeRepeated);
        found.check_ways_in(&format!("{path}.any_of"), rank, &level.any_of);
        found.check_benefits(&format!("{path}.benefits"), &level.benefits);
        let asks = rank > 0 && !level.any_of.is_empty();
        if let Some(higher) = levels[rank + 1..].iter().find(|higher| asks && level.implies(higher)) {
            found.add(
                path,
                ContradictionKind::NeverEntered {
                    higher: higher.code.clone(),
                },
            );
        }
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Contradiction>);

impl Found {
    fn add(&mut self, field: impl Into<String>, kind: ContradictionKind) {
        self.0.push(Contradiction {
            field: field.into(),
            kind,
        });
    }

    fn check(&mut self, holds: bool, field: impl Into<String>, kind: ContradictionKind) {
        if !holds {
            self.add(field, kind);
        }
    }

    fn check_ways_in(&mut self, path: &str, rank: usize, any_of: &[RequirementSet]) {
        match rank {
            0 => self.check(any_of.is_empty(), path, ContradictionKind::FirstLevelAsks),
            _ => self.check(!any_of.is_empty(), path, ContradictionKind::LevelAsksNothing),
        }
        for (place, set) in any_of.iter().enumerate() {
            let repeated = any_of[..place]
                .iter()
                .any(|earlier| earlier.implies(set) && set.implies(earlier));
            self.check(!repeated, format!("{path}[{place}]"), ContradictionKind::SetRepeated);
            self.check_set(&format!("{path}[{place}].all_of"), set);
        }
    }

    fn check_set(&mut self, path: &str, set: &RequirementSet) {
        self.check(!set.all_of.is_empty(), path, ContradictionKind::SetAsksNothing);
        for (place, requirement) in set.all_of.iter().enumerate() {
            let key = (requirement.metric, requirement.window);
            let repeated = set.all_of[..place]
                .iter()
                .any(|earlier| (earlier.metric, earlier.window) == key);
            self.check(
                !repeated,
                format!("{path}[{place}]"),
                ContradictionKind::RequirementRepeated,
            );
            self.check(
                requirement.at_least >= 1,
                format!("{path}[{place}].at_least"),
                ContradictionKind::NotPositive,
            );
            let no_days = requirement.window == MetricWindow::RollingDays(0);
            self.check(
                !no_days,
                format!("{path}[{place}].window.rolling_days.days"),
                ContradictionKind::NotPositive,
            );
        }
    }

    fn check_benefits(&mut self, path: &str, benefits: &Benefits) {
        let factor = benefits.accrual_factor;
        self.check(
            factor >= Ratio::ZERO,
            format!("{path}.accrual_factor"),
            ContradictionKind::NegativeFactor,
        );
        let discount = benefits.discount_per_mille;
        self.check(
            discount <= 1000,
            format!("{path}.discount_per_mille"),
            ContradictionKind::DiscountAbovePrice,
        );
        for (place, entitlement) in benefits.entitlements.iter().enumerate() {
            let repeated = benefits.entitlements[..place].contains(entitlement);
            self.check(
                !repeated,
                format!("{path}.entitlements[{place}]"),
                ContradictionKind::EntitlementRepeated,
            );
        }
    }
}
