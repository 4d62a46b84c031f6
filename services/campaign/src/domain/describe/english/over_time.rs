//! What members do over time, in English.

use super::English;
use crate::domain::birthday::BirthdayWindow;
use crate::domain::history::{History, Measure, Window};
use crate::domain::limit::LimitPeriod;
use crate::domain::streak::{Streak, StreakEnd};

impl English<'_> {
    pub(super) fn has_done(&self, of: &History, measure: Measure, at_least: i64, at_most: Option<i64>) -> String {
        let number = |number: i64| match measure {
            Measure::Times => format!("{number} times"),
            Measure::Days => format!("on {number} days"),
            Measure::Spend => format!("for {}", self.amount(number)),
        };
        let least = (at_least > 0).then(|| format!("at least {}", number(at_least)));
        let most = at_most.map(|most| format!("at most {}", number(most)));
        let bounds: Vec<String> = least.into_iter().chain(most).collect();
        let window = match of.window {
            Window::LastDays(days) => format!("in the last {days} days"),
            Window::Period(LimitPeriod::Campaign) => "in all".to_owned(),
            Window::Period(LimitPeriod::Day) => "on the day".to_owned(),
            Window::Period(LimitPeriod::Week) => "in the week".to_owned(),
            Window::Period(LimitPeriod::Month) => "in the month".to_owned(),
            Window::Period(LimitPeriod::Quarter) => "in the quarter".to_owned(),
            Window::Period(LimitPeriod::Year) => "in the year".to_owned(),
            Window::Since(day) => format!("since {day}"),
        };
        format!(
            "with this the member has done \"{}\" {} {window}",
            of.kind,
            bounds.join(" and ")
        )
    }
}

pub(super) fn in_a_row(streak: &Streak) -> String {
    let listed: Vec<String> = streak.points_by_day.iter().map(i64::to_string).collect();
    let then = match (streak.end, listed.len()) {
        (StreakEnd::Stay, 1) => "for every day",
        (StreakEnd::Stay, _) => "and as many as the last for every further day",
        (StreakEnd::BeginAgain, 1) => "for every day",
        (StreakEnd::BeginAgain, _) => "and then from the beginning again",
    };
    let within = match streak.within {
        Some(LimitPeriod::Week) => " within a week",
        Some(LimitPeriod::Month) => " within a month",
        Some(LimitPeriod::Quarter) => " within a quarter",
        Some(LimitPeriod::Year) => " within a year",
        _ => "",
    };
    let milestones = streak.milestones.iter().map(|milestone| {
        format!(
            "; {} more once there are {} days in all{within}",
            milestone.points, milestone.days
        )
    });
    let milestones: String = milestones.collect();
    format!(
        "It adds {} points for days in a row{within}, {then}{milestones}",
        listed.join(", ")
    )
}

pub(super) fn near_birthday(window: BirthdayWindow) -> &'static str {
    match window {
        BirthdayWindow::Day => "it is the member's birthday",
        BirthdayWindow::Week => "it is the week of the member's birthday",
        BirthdayWindow::Month => "it is the month of the member's birthday",
    }
}
