//! Tells what is impossible in a streak, and in how days that are missing are made up for.

use crate::domain::activity::OF_ORDERS;
use crate::domain::campaign::{Campaign, REPORTED, Trigger};
use crate::domain::contradiction::Contradiction;
use crate::domain::limit::LimitPeriod;
use crate::domain::streak::Streak;

impl Streak {
    pub(super) fn contradictions(&self, trigger: &Trigger, is_capped: bool) -> Vec<(bool, &'static str, &'static str)> {
        let longest = match self.within {
            Some(LimitPeriod::Week) => 7,
            Some(LimitPeriod::Month) => 31,
            Some(LimitPeriod::Quarter) => 92,
            Some(LimitPeriod::Year) => 366,
            _ => i64::MAX,
        };
        let listed = i64::try_from(self.points_by_day.len()).unwrap_or(i64::MAX);
        let never = |days: i64| days > longest;
        vec![
            (
                *trigger == Trigger::Purchase,
                "streak",
                "is for custom activities: a day of purchases can be taken back, and what it led to cannot",
            ),
            (
                is_capped,
                "max_points",
                "would make what days in a row bring depend on the order in which they become known",
            ),
            (
                self.sinks(),
                "streak.points_by_day",
                "sink: a day in a row never brings less than the one before",
            ),
            (
                self.points_by_day.iter().all(|points| *points == 0) && self.milestones.is_empty(),
                "streak.points_by_day",
                "bring nothing, and there are no milestones either",
            ),
            (
                never(listed),
                "streak.points_by_day",
                "are more days than there are before the streak ends",
            ),
            (
                self.milestones.iter().any(|milestone| never(milestone.days)),
                "streak.milestones",
                "ask for more days than there are in that time",
            ),
        ]
    }
}

impl Campaign {
    pub(super) fn make_up_contradictions(&self) -> Vec<Contradiction> {
        let Some(make_up) = &self.make_up else {
            return Vec::new();
        };
        let is_reported = |kind: &str| REPORTED.contains(&kind) || OF_ORDERS.contains(&kind);
        let checks = [
            (
                !self.has_streak(),
                "make_up",
                "is for campaigns with a streak, and this one has none",
            ),
            (
                !matches!(&self.trigger, Trigger::Custom(kind) if !is_reported(kind)),
                "make_up",
                "is for custom activities: nobody makes up for a day of anything else",
            ),
            (
                self.trigger == Trigger::Custom(make_up.kind.clone()),
                "make_up.kind",
                "is what triggers the campaign anyway",
            ),
            (
                is_reported(&make_up.kind),
                "make_up.kind",
                "is of something else, and nobody makes up for a day by it",
            ),
        ];
        let wrong = checks.into_iter().filter(|(wrong, ..)| *wrong);
        wrong
            .map(|(_, field, sentence)| Contradiction::new(field, sentence))
            .collect()
    }
}
