//! Rules in Chinese.

mod grants;
mod over_time;

use jiff::Timestamp;
use jiff::civil::Weekday;

use super::{RuleWords, Setting, clock};
use crate::domain::accrual::{DiscountBase, EarnBase, EarnRate, EarnStep};
use crate::domain::budget::{Funding, OnShortage};
use crate::domain::campaign::{Campaign, Does, Effect, PointsPer, REPORTED, Trigger};
use crate::domain::condition::{AttributeIs, Condition, Test};
use crate::domain::discount::{Discount, Off};
use crate::domain::explain::number;
use crate::domain::grant::Grant;
use crate::domain::limit::{Limit, LimitPeriod};
use crate::domain::lines::LineFilter;
use crate::domain::names::Names;
use crate::domain::schedule::{Days, LastWeekend, On, Schedule};
use crate::domain::streak::MakeUp;

pub(in crate::domain) use grants::what;

/// Chinese.
pub(super) struct Chinese<'a>(pub &'a Setting);

impl RuleWords for Chinese<'_> {
    fn name(&self, campaign: &Campaign) -> String {
        format!("活动 {}：{}。", campaign.code, campaign.display_name)
    }

    fn trigger(&self, trigger: &Trigger) -> String {
        match trigger {
            Trigger::Purchase => "适用于消费。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[0] => "适用于新注册会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[1] => "适用于激活的会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[2] => "适用于等级变更的会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[3] => "适用于过生日的会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[4] => "适用于有积分即将过期的会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[5] => "适用于成功推荐好友的会员。".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[6] => "适用于受好友邀请的会员。".to_owned(),
            Trigger::Custom(kind) => format!("适用于“{kind}”行为。"),
        }
    }

    fn schedule(&self, schedule: &Schedule) -> Vec<String> {
        let instant = |at: Timestamp| self.0.zone.tz().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
        let window = match (schedule.start, schedule.end) {
            (None, None) => None,
            (Some(start), None) => Some(format!("自 {} 起。", instant(start))),
            (None, Some(end)) => Some(format!("至 {} 止。", instant(end))),
            (Some(start), Some(end)) => Some(format!("自 {} 起，至 {} 止。", instant(start), instant(end))),
        };
        let days: Vec<String> = schedule.days.iter().map(days).collect();
        let times = schedule
            .times
            .iter()
            .map(|time| format!("{} 至 {}", clock(time.from_minute), clock(time.until_minute)));
        let times: Vec<String> = times.collect();
        let except = schedule.except.iter().map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first} 至 {last}")
            }
        });
        let except: Vec<String> = except.collect();
        let days = (!days.is_empty()).then(|| format!("活动日：{}。", days.join("；")));
        let times = (!times.is_empty()).then(|| format!("时段：{}。", times.join("、")));
        let except = (!except.is_empty()).then(|| format!("{} 除外。", except.join("、")));
        window.into_iter().chain(days).chain(times).chain(except).collect()
    }

    fn condition(&self, condition: &Condition) -> String {
        format!("条件：{}。", self.says(condition))
    }

    fn effect(&self, effect: &Effect) -> String {
        let of = |lines: &Option<LineFilter>| {
            lines
                .as_ref()
                .map(|lines| format!("（{}）", goods(lines)))
                .unwrap_or_default()
        };
        let does = match &effect.does {
            Does::Multiply { factor, lines } => format!("积分 {} 倍{}", number(*factor), of(lines)),
            Does::AddPoints { points, per, lines } => {
                let per = match per {
                    PointsPer::Activity => "",
                    PointsPer::Line => "每行",
                    PointsPer::Piece => "每件",
                };
                format!("{per}赠送 {} 分{}", points.get(), of(lines))
            }
            Does::Earn { rate, base, lines } => {
                let base = base
                    .as_ref()
                    .map(|base| format!("，按{}", money_of(base)))
                    .unwrap_or_default();
                format!("{}{base}{}", self.rate(rate), of(lines))
            }
            Does::Streak(streak) => over_time::in_a_row(streak),
            Does::Formula(formula) => format!("按公式赠送积分：{}", formula.source()),
        };
        let most = effect
            .max_points
            .map(|most| format!("，最多 {} 分", most.get()))
            .unwrap_or_default();
        format!("{does}{most}（积分规则 {}）。", effect.accrual)
    }

    fn discount(&self, discount: &Discount) -> String {
        let off = match &discount.off {
            Off::PerMille(per_mille) => format!("减价 {}%", number_of_per_cent(*per_mille)),
            Off::MinorUnits(amount) => format!("立减 {}", self.amount(*amount)),
            Off::Level(ladder) => format!("享受 {ladder} 等级折扣"),
        };
        let of = discount
            .lines
            .as_ref()
            .map(|lines| format!("（{}）", goods(lines)))
            .unwrap_or_default();
        let most = discount
            .max_minor_units
            .map(|most| format!("，最多 {}", self.amount(most)));
        format!("{off}{of}{}。", most.unwrap_or_default())
    }

    fn limit(&self, limit: &Limit) -> String {
        let period = match limit.period {
            LimitPeriod::Campaign => "活动期间",
            LimitPeriod::Day => "每日",
            LimitPeriod::Week => "每周",
            LimitPeriod::Month => "每月",
            LimitPeriod::Quarter => "每季度",
            LimitPeriod::Year => "每年",
        };
        let times = limit.times.map(|times| format!("{times} 次"));
        let points = limit.points.map(|points| format!("{} 分", points.get()));
        let most: Vec<String> = times.into_iter().chain(points).collect();
        format!("每位会员{period}最多 {}。", most.join("、"))
    }

    fn group(&self, group: &str) -> String {
        format!("同组活动由 {group} 决定哪些生效。")
    }

    fn exclusive_tags(&self, tags: &Names) -> String {
        format!("不与其他 {} 活动同享。", list(tags))
    }

    fn funding(&self, funding: &Funding) -> String {
        let short = match funding.on_shortage {
            OnShortage::Partial => "按余额赠送",
            OnShortage::BaseOnly => "活动不生效",
            OnShortage::Reject => "拒绝交易",
            OnShortage::Allow => "照常生效",
        };
        format!("费用由预算 {} 支付；余额不足时{short}。", funding.budget)
    }

    fn paused(&self) -> String {
        "活动已暂停。".to_owned()
    }

    fn make_up(&self, make_up: &MakeUp) -> String {
        let MakeUp { kind, days_per_month } = make_up;
        format!("可用“{kind}”补签，每月最多 {days_per_month} 天。")
    }

    fn grant(&self, Grant { gives, .. }: &Grant) -> String {
        format!("赠送 {}。", grants::what(gives))
    }
}

impl Chinese<'_> {
    fn says(&self, condition: &Condition) -> String {
        let each = |conditions: &[Condition], joint: &str| {
            let each: Vec<String> = conditions.iter().map(|condition| self.says(condition)).collect();
            each.join(joint)
        };
        match condition {
            Condition::All(all) => each(all, "，并且"),
            Condition::Any(any) => format!("满足任一（{}）", each(any, "；")),
            Condition::None(none) => format!("均不满足（{}）", each(none, "；")),
            Condition::Is(test) => self.test(test),
        }
    }

    fn test(&self, test: &Test) -> String {
        match test {
            Test::Level { ladder, levels } => format!("会员在 {ladder} 的等级为 {}", list(levels)),
            Test::FirstPurchase => "会员首次消费".to_owned(),
            Test::Channel(names) => format!("渠道为 {}", list(names)),
            Test::Store(names) => format!("门店为 {}", list(names)),
            Test::PaymentMethod(names) => format!("使用 {} 支付", list(names)),
            Test::Order {
                base,
                at_least_minor_units,
                below_minor_units,
            } => {
                let least = (*at_least_minor_units > 0).then(|| format!("满 {}", self.amount(*at_least_minor_units)));
                let below = below_minor_units.map(|below| format!("低于 {}", self.amount(below)));
                let bounds: Vec<String> = least.into_iter().chain(below).collect();
                format!("订单金额{}（{}）", bounds.join("且"), money_of(base))
            }
            Test::Lines {
                filter,
                at_least_minor_units,
                at_least_quantity,
            } => {
                let worth = (*at_least_minor_units > 0).then(|| format!("满 {}", self.amount(*at_least_minor_units)));
                let pieces = (*at_least_quantity > 0).then(|| format!("至少 {at_least_quantity} 件"));
                let asked: Vec<String> = [Some(goods(filter)), worth, pieces].into_iter().flatten().collect();
                format!("购买{}", asked.join("，"))
            }
            Test::Attribute { name, is } => match is {
                AttributeIs::OneOf(texts) => format!("{name} 为 {}", list(texts)),
                AttributeIs::AtLeast(least) => format!("{name} 不低于 {least}"),
                AttributeIs::AtMost(most) => format!("{name} 不高于 {most}"),
            },
            Test::EnrolledWithinDays(days) => format!("注册不超过 {days} 天"),
            Test::History {
                of,
                measure,
                at_least,
                at_most,
            } => self.has_done(of, *measure, *at_least, *at_most),
            Test::Sample(sample) => {
                let part = number_of_per_cent(i64::from(sample.until_per_mille - sample.from_per_mille));
                format!("会员在抽样 {} 的 {part}% 之内", sample.name)
            }
            Test::Expression(expression) => format!("表达式成立：{}", expression.source()),
            Test::Birthday(window) => over_time::near_birthday(*window).to_owned(),
        }
    }

    fn rate(&self, rate: &EarnRate) -> String {
        let step = match rate.step {
            EarnStep::FullSteps => "每满",
            EarnStep::ProRata => "每",
        };
        format!("{step} {} 赠送 {} 分", self.amount(rate.per_minor_units), rate.points)
    }

    fn amount(&self, minor_units: i64) -> String {
        let currency = &self.0.currency;
        match currency.code() {
            "CNY" => format!("{} 元", currency.spell(minor_units)),
            other => format!("{} {other}", currency.spell(minor_units)),
        }
    }
}

fn days(days: &Days) -> String {
    let on = match &days.on {
        On::Weekly(weekdays) => {
            let names: Vec<&str> = weekdays.iter().map(|day| weekday(*day)).collect();
            format!("每{}", names.join("、"))
        }
        On::Monthly(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(|number| day_of_month(*number)).collect();
            format!("每月{}", numbers.join("、"))
        }
        On::NthWeekday(-1, day) => format!("每月最后一个{}", weekday(*day)),
        On::NthWeekday(number, day) if *number < 0 => {
            format!("每月倒数第 {} 个{}", number.unsigned_abs(), weekday(*day))
        }
        On::NthWeekday(number, day) => format!("每月第 {number} 个{}", weekday(*day)),
        On::Yearly(days) => {
            let days: Vec<String> = days.iter().map(|(month, day)| format!("{month} 月 {day} 日")).collect();
            format!("每年 {}", days.join("、"))
        }
        On::LastWeekend(LastWeekend::LastSaturdayAndNextDay) => "每月最后一个星期六及次日".to_owned(),
        On::LastWeekend(LastWeekend::LastFullWeekendInsideMonth) => "每月最后一个完整周末".to_owned(),
    };
    match days.lasts_days {
        1 => on,
        lasts => format!("{on}起 {lasts} 天"),
    }
}

fn day_of_month(number: i8) -> String {
    match number {
        -1 => "最后一天".to_owned(),
        before if before < 0 => format!("倒数第 {} 天", before.unsigned_abs()),
        number => format!(" {number} 日"),
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}

fn goods(filter: &LineFilter) -> String {
    let some = |what: &str, names: &Names| (!names.is_empty()).then(|| format!("{what} {}", list(names)));
    let asked = [
        some("货号", &filter.skus),
        some("品类", &filter.categories),
        some("品牌", &filter.brands),
        some("不含品类", &filter.except_categories),
        some("不含品牌", &filter.except_brands),
    ];
    let asked: Vec<String> = asked.into_iter().flatten().collect();
    if asked.is_empty() {
        "任意商品".to_owned()
    } else {
        asked.join("，")
    }
}

fn money_of(base: &EarnBase) -> String {
    let price = match base.discount {
        DiscountBase::Before => "折前价",
        DiscountBase::After => "折后价",
    };
    let with = [(base.with_tax, "，含税"), (base.with_freight, "，含运费")];
    let with: String = with.iter().filter(|(with, _)| *with).map(|(_, words)| *words).collect();
    let without = &base.without_payment_methods;
    let without = (!without.is_empty()).then(|| format!("，不含 {} 支付部分", list(without)));
    format!("{price}{with}{}", without.unwrap_or_default())
}

fn number_of_per_cent(per_mille: i64) -> String {
    match per_mille % 10 {
        0 => (per_mille / 10).to_string(),
        tenths => format!("{}.{tenths}", per_mille / 10),
    }
}

fn list(names: &Names) -> String {
    names.iter().collect::<Vec<_>>().join("、")
}
