//! What a campaign is, in words.

use common::currency::Currency;
use jiff::civil::Weekday;

use super::*;

fn told(campaign: &Campaign, language: Language) -> Vec<String> {
    let setting = Setting {
        zone: Zone::find("Asia/Shanghai").unwrap(),
        currency: Currency::new("CNY"),
    };
    describe(campaign, &setting, language)
}

/// Double points on books at the weekend for gold members, within limits, paid by a budget; and a discount.
fn rich() -> Campaign {
    let books = LineFilter {
        categories: Names::new(["books"]),
        ..LineFilter::default()
    };
    let double = Does::Multiply {
        factor: ratio(3, 2),
        lines: Some(books.clone()),
    };
    let mut rich = capped(
        300,
        paid_by("spring", OnShortage::BaseOnly, Ratio::ONE, campaign("rich", double)),
    );
    rich.display_name = "Weekend of books".into();
    rich.schedule = Schedule {
        start: Some("2026-01-31T16:00:00Z".parse().unwrap()),
        end: Some("2026-03-01T04:30:00Z".parse().unwrap()),
        days: vec![
            Days {
                on: On::Weekly(vec![Weekday::Saturday, Weekday::Sunday]),
                lasts_days: 1,
            },
            Days {
                on: On::NthWeekday(-1, Weekday::Friday),
                lasts_days: 3,
            },
        ],
        times: vec![DayTime {
            from_minute: 18 * 60,
            until_minute: 20 * 60 + 30,
        }],
        except: vec![("2026-02-16".parse().unwrap(), "2026-02-22".parse().unwrap())],
    };
    rich.condition = Some(Condition::All(vec![
        on_levels(&["gold", "diamond"]),
        Condition::Any(vec![
            order_from(100_00),
            Condition::None(vec![Condition::Is(Test::Channel(Names::new(["web"])))]),
        ]),
    ]));
    rich.discounts = vec![Discount {
        off: Off::PerMille(125),
        lines: Some(books),
        max_minor_units: Some(50_00),
    }];
    rich.limits = vec![Limit {
        period: LimitPeriod::Month,
        times: Some(2),
        points: Some(points(500)),
    }];
    rich.group = Some("festival".into());
    rich.exclusive_tags = Names::new(["double-day"]);
    rich
}

#[test]
fn a_campaign_is_told_in_english() {
    assert_eq!(
        told(&rich(), Language::English),
        [
            "Campaign rich: Weekend of books.",
            "It is for purchases.",
            "It runs from 2026-02-01 00:00 until 2026-03-01 12:30.",
            "It runs every Saturday and Sunday, and on the last Friday of every month, for 3 days.",
            "It runs from 18:00 to 20:30.",
            "It does not run on 2026-02-16 to 2026-02-22.",
            "It applies if the member is diamond or gold on status, and one of these holds (the order comes to at least 100.00 CNY (after discounts); \
             none of these holds (it is done by web)).",
            "It makes 1.5 times the points of goods of category books, at most 300 (accrual base).",
            "It takes 12.5 % off the price of goods of category books, at most 50.00 CNY.",
            "A member has it at most 2 times and for 500 points a month.",
            "Its group festival says which of several campaigns apply.",
            "It does not go together with other campaigns for double-day.",
            "Budget spring pays for it; when that has not enough left, it does not apply.",
        ]
    );
}

#[test]
fn a_campaign_is_told_in_chinese() {
    assert_eq!(
        told(&rich(), Language::Chinese),
        [
            "活动 rich：Weekend of books。",
            "适用于消费。",
            "自 2026-02-01 00:00 起，至 2026-03-01 12:30 止。",
            "活动日：每星期六、星期日；每月最后一个星期五起 3 天。",
            "时段：18:00 至 20:30。",
            "2026-02-16 至 2026-02-22 除外。",
            "条件：会员在 status 的等级为 diamond、gold，并且满足任一（订单金额满 100.00 元（折后价）；均不满足（渠道为 web））。",
            "积分 1.5 倍（品类 books），最多 300 分（积分规则 base）。",
            "减价 12.5%（品类 books），最多 50.00 元。",
            "每位会员每月最多 2 次、500 分。",
            "同组活动由 festival 决定哪些生效。",
            "不与其他 double-day 活动同享。",
            "费用由预算 spring 支付；余额不足时活动不生效。",
        ]
    );
}

#[test]
fn days_are_told_as_people_say_them() {
    let on = |on: On| {
        let schedule = Schedule {
            days: vec![Days { on, lasts_days: 1 }],
            ..Schedule::default()
        };
        let campaign = Campaign {
            schedule,
            ..campaign("days", add(1))
        };
        (
            told(&campaign, Language::English).remove(2),
            told(&campaign, Language::Chinese).remove(2),
        )
    };
    let told = [
        on(On::Monthly(vec![1, 22, -1, -2])),
        on(On::NthWeekday(2, Weekday::Tuesday)),
        on(On::Yearly(vec![(6, 18)])),
        on(On::LastWeekend(LastWeekend::LastFullWeekendInsideMonth)),
    ];
    let english: Vec<&str> = told.iter().map(|(english, _)| english.as_str()).collect();
    assert_eq!(
        english,
        [
            "It runs on the 1st and 22nd and last and 2nd last day of every month.",
            "It runs on the 2nd Tuesday of every month.",
            "It runs every year on 06-18.",
            "It runs on the last weekend of every month that has both days in it.",
        ]
    );
    let chinese: Vec<&str> = told.iter().map(|(_, chinese)| chinese.as_str()).collect();
    assert_eq!(
        chinese,
        [
            "活动日：每月 1 日、 22 日、最后一天、倒数第 2 天。",
            "活动日：每月第 2 个星期二。",
            "活动日：每年 6 月 18 日。",
            "活动日：每月最后一个完整周末。",
        ]
    );
}

/// Days in a row for those of a pilot who bought before.
fn over_time() -> Campaign {
    let asked = |kind: &str, window, measure, at_least, at_most| {
        Condition::Is(Test::History {
            of: History {
                kind: kind.into(),
                window,
            },
            measure,
            at_least,
            at_most,
        })
    };
    Campaign {
        trigger: Trigger::Custom("check-in".into()),
        condition: Some(Condition::All(vec![
            asked("purchase", Window::LastDays(30), Measure::Spend, 100_00, None),
            asked("review", Window::Period(LimitPeriod::Year), Measure::Times, 1, Some(3)),
            Condition::Is(Test::Sample(Sample {
                name: "pilot".into(),
                from_per_mille: 0,
                until_per_mille: 125,
            })),
        ])),
        make_up: Some(MakeUp {
            kind: "make-up".into(),
            days_per_month: 2,
        }),
        ..campaign(
            "streak",
            Does::Streak(Streak {
                points_by_day: vec![1, 2, 5],
                end: StreakEnd::BeginAgain,
                within: Some(LimitPeriod::Month),
                milestones: vec![Milestone { days: 20, points: 100 }],
            }),
        )
    }
}

#[test]
fn what_is_done_over_time_is_told_in_both_languages() {
    assert_eq!(
        told(&over_time(), Language::English),
        [
            "Campaign streak: streak.",
            "It is for whoever does \"check-in\".",
            "It applies if with this the member has done \"purchase\" at least for 100.00 CNY in the last 30 days, and with this the member has done \"review\" at least 1 times and at most 3 times in the year, and the member is one of 12.5 % of all, drawn by lot (pilot).",
            "It adds 1, 2, 5 points for days in a row within a month, and then from the beginning again; 100 more once there are 20 days in all within a month (accrual base).",
            "A missing day can be made up for by \"make-up\", for at most 2 days of a month.",
        ]
    );
    assert_eq!(
        told(&over_time(), Language::Chinese),
        [
            "活动 streak：streak。",
            "适用于“check-in”行为。",
            "条件：最近 30 天“purchase”（含本次）不少于 100.00 元，并且本年“review”（含本次）不少于 1 次且不多于 3 次，并且会员在抽样 pilot 的 12.5% 之内。",
            "每月内连续各天依次赠送 1、2、5 分，此后从头开始；每月内累计 20 天另送 100 分（积分规则 base）。",
            "可用“make-up”补签，每月最多 2 天。",
        ]
    );
}
