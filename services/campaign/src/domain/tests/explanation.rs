//! Decisions in sentences.

use super::*;

#[test]
fn a_purchase_is_explained_from_the_facts_to_the_award() {
    let weekend = Campaign {
        condition: Some(order_from(200_00)),
        priority: 1,
        ..campaign("large-order", multiply(2, 1))
    };
    let gift = capped(4, campaign("gift", add(5)));
    let accrual = Accrual {
        max_points_per_order: Some(points(160)),
        ..accrual()
    };
    let order = order(
        purchase(vec![line("1", 100_00, 0, 0)]),
        facts(ratio(8, 5)),
        rules(vec![accrual], vec![gift, weekend]),
    );
    let sentences = explain(
        &Activity::Purchase(order.purchase.clone()),
        &decided(&order),
        &[LeftOut {
            campaign: "last-weekend".into(),
            version: 3,
            reason: Some(NotFired::OutsideSchedule),
        }],
        Language::English,
    );
    assert_eq!(
        sentences,
        [
            "The member bought order 17.",
            "The member had made 7 purchases before.",
            "On ladder status the member was on level diamond, with factor 1.6.",
            "Campaign large-order (version 1) did not apply: the order, or what is left of it, was too small.",
            "Campaign gift (version 1) applied.",
            "Campaign last-weekend (version 3) did not apply: it did not run at that time.",
            "Accrual base (version 1) counted 10000 minor units and made 100 points of them, for wallet points.",
            "Campaign gift brought 4 points; its caps, limits and budget took off 1 point.",
            "The level's factor 1.6 and the campaigns make factor 1.6: 160 points after rounding.",
            "Campaigns added 4 points to that.",
            "The cap on an order took off 4 points.",
            "Accrual base makes it 160 points.",
            "Wallet points is credited with 160 points.",
        ]
    );
}

#[test]
fn a_return_is_explained_by_what_is_left() {
    let order = order_of(100_00, rules(vec![accrual()], vec![]));
    let back = returned(&[("1", 99_00)]);
    let (_, decided) = try_take_back(&order, &[("1", 99_00)]).unwrap();
    assert_eq!(
        explain(&Activity::Return(back), &decided.decision, &[], Language::English),
        [
            "Goods of order 17 came back. The rest is judged as if nothing else had been bought.",
            "The member had made 7 purchases before.",
            "On ladder status the member was on level diamond, with factor 1.",
            "Accrual base (version 1) counted 100 minor units and made 1 point of them, for wallet points.",
            "The level's factor 1 and the campaigns make factor 1: 1 point after rounding.",
            "Accrual base makes it 1 point.",
            "Of the order the member keeps, in minor units before discounts: 100 of line 1.",
            "99 points are taken back from wallet points.",
        ]
    );
}

#[test]
fn a_custom_activity_is_explained_without_money() {
    let review = Campaign {
        trigger: Trigger::Custom("review".into()),
        ..campaign("review", add(1))
    };
    let custom = Custom {
        kind: "review".into(),
        reference: String::new(),
        attributes: Default::default(),
    };
    let rules = rules(
        vec![Accrual {
            ladder: None,
            ..accrual()
        }],
        vec![review],
    );
    let nobody = Facts {
        levels: vec![],
        ..facts(Ratio::ONE)
    };
    let decided = decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom, &nobody, &rules).unwrap();
    assert_eq!(
        explain(&Activity::Custom(custom), &decided.decision, &[], Language::English),
        [
            "The member did \"review\".",
            "Campaign review (version 1) applied.",
            "Accrual base (version 1) credits wallet points.",
            "Campaign review brought 1 point.",
            "Campaigns added 1 point to that.",
            "Accrual base makes it 1 point.",
            "Wallet points is credited with 1 point.",
        ]
    );
}

#[test]
fn everything_is_told_in_chinese_too() {
    let large = Campaign {
        condition: Some(order_from(200_00)),
        ..campaign("large-order", multiply(2, 1))
    };
    let gift = capped(4, campaign("gift", add(5)));
    let order = order(
        purchase(vec![line("1", 100_00, 0, 0)]),
        facts(ratio(8, 5)),
        rules(vec![accrual()], vec![gift, large]),
    );
    let back = returned(&[("1", 40_00)]);
    let (_, decided) = try_take_back(&order, &[("1", 40_00)]).unwrap();
    assert_eq!(
        explain(&Activity::Return(back), &decided.decision, &[], Language::Chinese),
        [
            "订单 17 有商品退回，剩余部分按只购买了这些商品重新计算。",
            "会员此前已消费 7 次。",
            "在等级体系 status 中，会员等级为 diamond，积分倍数 1.6。",
            "活动 gift（第 1 版）生效。",
            "活动 large-order（第 1 版）未生效：订单（或退货后的剩余部分）未达到金额门槛。",
            "积分规则 base（第 1 版）按 6000 最小货币单位计算，得 60 分，计入 points。",
            "活动 gift 带来 4 分，因上限扣减 1 分。",
            "等级倍数 1.6 与活动合计倍数 1.6，取整后 96 分。",
            "活动另加 4 分。",
            "积分规则 base 合计 100 分。",
            "会员保留的商品（折前，最小货币单位）：第 1 行 6000。",
            "从 points 收回 64 分。",
        ]
    );
}

#[test]
fn what_the_member_did_before_is_told_where_it_was_asked_about() {
    let asked = Condition::Is(Test::History {
        of: History {
            kind: "purchase".into(),
            window: Window::LastDays(30),
        },
        measure: Measure::Times,
        at_least: 9,
        at_most: None,
    });
    let streak = Streak {
        points_by_day: vec![1],
        end: StreakEnd::Stay,
        within: None,
        milestones: vec![],
    };
    let campaign = Campaign {
        trigger: Trigger::Custom("check-in".into()),
        condition: Some(asked),
        ..campaign("streak", Does::Streak(streak))
    };
    let facts = Facts {
        levels: vec![],
        histories: vec![HistoryFact {
            kind: "purchase".into(),
            since: "1996-12-17".parse().unwrap(),
            times: 3,
            days: 2,
            spend_minor_units: 70_00,
            on_this_day: false,
        }],
        streaks: vec![StreakFact {
            campaign: "streak".into(),
            within: None,
            days_before: 4,
            days_after: 1,
            other_days: 9,
            on_this_day: false,
            made_up: 0,
        }],
        samples: vec![SampleFact {
            sample: "pilot".into(),
            per_mille: 123,
        }],
        ..facts(Ratio::ONE)
    };
    let custom = Custom {
        kind: "check-in".into(),
        reference: String::new(),
        attributes: Default::default(),
    };
    let rules = rules(vec![], vec![campaign]);
    let decided = decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom, &facts, &rules).unwrap();
    let told = |language| explain(&Activity::Custom(custom.clone()), &decided.decision, &[], language);
    assert_eq!(
        told(Language::English),
        [
            "The member did \"check-in\".",
            "Since 1996-12-17 the member had done \"purchase\" 3 times before, on 2 days, for 7000 minor units.",
            "Campaign streak had applied 4 days in a row before this day and 1 days in a row after it, and on 9 days in all.",
            "In sample pilot the member has place 123 of 0 to 999.",
            "Campaign streak (version 1) did not apply: what the member has done is not what it asks for.",
            "No points change hands.",
        ]
    );
    assert_eq!(
        told(Language::Chinese)[1..5],
        [
            "自 1996-12-17 起，会员此前“purchase”3 次，共 2 天，金额 7000 最小货币单位。",
            "活动 streak 此前连续生效 4 天，此后连续 1 天，累计 9 天。",
            "会员在抽样 pilot 中的位置为 123（0 至 999）。",
            "活动 streak（第 1 版）未生效：会员的历史行为不符合条件。",
        ]
    );
}
