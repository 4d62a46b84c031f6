//! What members do over time, in Chinese.

use super::Chinese;
use crate::domain::birthday::BirthdayWindow;
use crate::domain::history::{History, Measure, Window};
use crate::domain::limit::LimitPeriod;
use crate::domain::streak::{Streak, StreakEnd};

impl Chinese<'_> {
    pub(super) fn has_done(&self, of: &History, measure: Measure, at_least: i64, at_most: Option<i64>) -> String {
        let number = |number: i64| match measure {
            Measure::Times => format!("{number} 次"),
            Measure::Days => format!("{number} 天"),
            Measure::Spend => self.amount(number),
        };
        let least = (at_least > 0).then(|| format!("不少于 {}", number(at_least)));
        let most = at_most.map(|most| format!("不多于 {}", number(most)));
        let bounds: Vec<String> = least.into_iter().chain(most).collect();
        let window = match of.window {
            Window::LastDays(days) => format!("最近 {days} 天"),
            Window::Period(LimitPeriod::Campaign) => "累计".to_owned(),
            Window::Period(LimitPeriod::Day) => "当日".to_owned(),
            Window::Period(LimitPeriod::Week) => "本周".to_owned(),
            Window::Period(LimitPeriod::Month) => "本月".to_owned(),
            Window::Period(LimitPeriod::Quarter) => "本季度".to_owned(),
            Window::Period(LimitPeriod::Year) => "本年".to_owned(),
            Window::Since(day) => format!("自 {day} 起"),
        };
        format!("{window}“{}”（含本次）{}", of.kind, bounds.join("且"))
    }
}

pub(super) fn in_a_row(streak: &Streak) -> String {
    let listed: Vec<String> = streak.points_by_day.iter().map(i64::to_string).collect();
    let within = match streak.within {
        Some(LimitPeriod::Week) => "每周内",
        Some(LimitPeriod::Month) => "每月内",
        Some(LimitPeriod::Quarter) => "每季度内",
        Some(LimitPeriod::Year) => "每年内",
        _ => "",
    };
    let then = match streak.end {
        StreakEnd::Stay => "此后每天与最后一天相同",
        StreakEnd::BeginAgain => "此后从头开始",
    };
    let milestones = streak
        .milestones
        .iter()
        .map(|milestone| format!("；{within}累计 {} 天另送 {} 分", milestone.days, milestone.points));
    let milestones: String = milestones.collect();
    format!("{within}连续各天依次赠送 {} 分，{then}{milestones}", listed.join("、"))
}

pub(super) fn near_birthday(window: BirthdayWindow) -> &'static str {
    match window {
        BirthdayWindow::Day => "会员生日当天",
        BirthdayWindow::Week => "会员生日所在周",
        BirthdayWindow::Month => "会员生日所在月",
    }
}
