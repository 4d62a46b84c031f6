//! The sentences in Chinese.

use super::Words;
use super::number::number;
use crate::domain::campaign::NotFired;
use crate::domain::charge::Charge;
use crate::domain::decision::{AccrualDecision, Award, Contribution};
use crate::domain::describe::what_in_chinese;
use crate::domain::facts::LevelFact;
use crate::domain::grant::Given;
use crate::domain::history::HistoryFact;
use crate::domain::kept::KeptLine;
use crate::domain::sample::SampleFact;
use crate::domain::streak::StreakFact;
use crate::domain::terms::Destination;
use jiff::civil::Date;

/// Chinese, as it is written in mainland China.
pub(super) struct Chinese;

impl Words for Chinese {
    fn bought(&self, order_id: &str) -> String {
        format!("会员购买了订单 {order_id}。")
    }

    fn came_back(&self, order_id: &str) -> String {
        format!("订单 {order_id} 有商品退回，剩余部分按只购买了这些商品重新计算。")
    }

    fn did(&self, kind: &str) -> String {
        format!("会员完成了“{kind}”。")
    }

    fn purchases_before(&self, purchases: i64) -> String {
        match purchases {
            0 => "这是会员的首次消费。".to_owned(),
            more => format!("会员此前已消费 {more} 次。"),
        }
    }

    fn level(&self, fact: &LevelFact) -> String {
        let LevelFact {
            ladder,
            level,
            accrual_factor,
            discount_per_mille: _,
        } = fact;
        match level {
            Some(level) => format!(
                "在等级体系 {ladder} 中，会员等级为 {level}，积分倍数 {}。",
                number(*accrual_factor)
            ),
            None => format!("在等级体系 {ladder} 中，会员尚无等级。"),
        }
    }

    fn history(&self, fact: &HistoryFact) -> String {
        let HistoryFact {
            kind,
            since,
            times,
            days,
            spend_minor_units,
            ..
        } = fact;
        let spent = match spend_minor_units {
            0 => String::new(),
            spent => format!("，金额 {spent} 最小货币单位"),
        };
        format!("自 {since} 起，会员此前“{kind}”{times} 次，共 {days} 天{spent}。")
    }

    fn streak(&self, fact: &StreakFact) -> String {
        let StreakFact {
            campaign,
            days_before,
            days_after,
            other_days,
            on_this_day,
            ..
        } = fact;
        if *on_this_day {
            return format!("活动 {campaign} 当日已生效过。");
        }
        let after = match days_after {
            0 => String::new(),
            after => format!("，此后连续 {after} 天"),
        };
        format!("活动 {campaign} 此前连续生效 {days_before} 天{after}，累计 {other_days} 天。")
    }

    fn sample(&self, fact: &SampleFact) -> String {
        let SampleFact { sample, per_mille } = fact;
        format!("会员在抽样 {sample} 中的位置为 {per_mille}（0 至 999）。")
    }

    fn prospect(&self) -> String {
        "该顾客当时尚未入会。".to_owned()
    }

    fn birthday(&self, on: Date) -> String {
        format!("会员生日为 {on}。")
    }

    fn applied(&self, campaign: &str, version: i32) -> String {
        format!("活动 {campaign}（第 {version} 版）生效。")
    }

    fn did_not_apply(&self, campaign: &str, version: i32, reason: NotFired, because_of: Option<&str>) -> String {
        let other = because_of.map(|other| format!("：{other}")).unwrap_or_default();
        format!("活动 {campaign}（第 {version} 版）未生效：{}{other}。", why_not(reason))
    }

    fn not_published(&self, campaign: &str, version: i32) -> String {
        format!("活动 {campaign}（第 {version} 版）未生效：记录该行为时活动尚未发布。")
    }

    fn counted(&self, accrual: &AccrualDecision) -> String {
        let AccrualDecision {
            accrual: code,
            version,
            wallet,
            base_minor_units,
            base_points,
            ..
        } = accrual;
        let made = number(*base_points);
        format!(
            "积分规则 {code}（第 {version} 版）按 {base_minor_units} 最小货币单位计算，得 {made} 分，计入 {wallet}。"
        )
    }

    fn credits_wallet(&self, accrual: &AccrualDecision) -> String {
        let AccrualDecision {
            accrual: code,
            version,
            wallet,
            ..
        } = accrual;
        format!("积分规则 {code}（第 {version} 版）计入 {wallet}。")
    }

    fn brought(&self, of: &Contribution) -> String {
        let brought = format!("活动 {} 带来 {} 分", of.campaign, of.points);
        if of.capped_points.is_zero() {
            format!("{brought}。")
        } else {
            format!("{brought}，因上限扣减 {} 分。", of.capped_points)
        }
    }

    fn factor(&self, accrual: &AccrualDecision) -> String {
        let (tier, factor) = (number(accrual.tier_factor), number(accrual.factor));
        format!(
            "等级倍数 {tier} 与活动合计倍数 {factor}，取整后 {} 分。",
            accrual.rounded_points
        )
    }

    fn added(&self, accrual: &AccrualDecision) -> String {
        format!("活动另加 {} 分。", accrual.added_points)
    }

    fn capped(&self, accrual: &AccrualDecision) -> String {
        format!("因单笔订单上限扣减 {} 分。", accrual.capped_points)
    }

    fn makes(&self, accrual: &AccrualDecision) -> String {
        format!("积分规则 {} 合计 {} 分。", accrual.accrual, accrual.points)
    }

    fn keeps(&self, kept: &[KeptLine]) -> String {
        if kept.is_empty() {
            return "订单已全部退回。".to_owned();
        }
        let line = |line: &KeptLine| format!("第 {} 行 {}", line.line_id, line.money.gross_minor_units);
        let lines: Vec<String> = kept.iter().map(line).collect();
        format!("会员保留的商品（折前，最小货币单位）：{}。", lines.join("，"))
    }

    fn award(&self, Award { to, points }: &Award) -> String {
        let Destination {
            wallet,
            funder,
            activates_at,
        } = to;
        let paid = funder.as_ref().map(|funder| format!("，由 {funder} 承担"));
        let waits = activates_at.map(|at| format!("，{at} 起可用"));
        let terms = paid.unwrap_or_default() + &waits.unwrap_or_default();
        match points.unsigned_abs() {
            many if *points < 0 => format!("从 {wallet} 收回 {many} 分{terms}。"),
            many => format!("{wallet} 增加 {many} 分{terms}。"),
        }
    }

    fn gives(&self, Given { campaign, gives, .. }: &Given) -> String {
        format!("活动 {campaign} 赠送 {}。", what_in_chinese(&gives.gives))
    }

    fn revokes(&self, Given { campaign, gives, .. }: &Given) -> String {
        format!("收回活动 {campaign} 赠送的 {}。", what_in_chinese(&gives.gives))
    }

    fn charged(&self, charge: &Charge) -> String {
        let Charge { budget, by, .. } = charge;
        let over = match by.over_minor_units {
            0 => String::new(),
            back if back < 0 => format!("，超支减少 {}", -back),
            over => format!("，另超支 {over}"),
        };
        match by.minor_units {
            back if back < 0 => format!("预算 {budget} 退回 {}{over}（最小货币单位）。", -back),
            cost => format!("预算 {budget} 支出 {cost}{over}（最小货币单位）。"),
        }
    }

    fn nothing_awarded(&self) -> String {
        "积分没有变动。".to_owned()
    }
}

fn why_not(reason: NotFired) -> &'static str {
    match reason {
        NotFired::Paused => "活动已停用",
        NotFired::OtherTrigger => "活动针对其他类型的行为",
        NotFired::OutsideSchedule => "当时不在活动时间内",
        NotFired::OtherLevel => "会员不在活动限定的等级",
        NotFired::NotFirstPurchase => "不是会员的首次消费",
        NotFired::OtherChannel => "活动限其他渠道",
        NotFired::BelowMinimum => "订单（或退货后的剩余部分）未达到金额门槛",
        NotFired::AboveMaximum => "订单金额超出活动上限",
        NotFired::OtherStore => "活动限其他门店",
        NotFired::OtherPaymentMethod => "活动限其他支付方式",
        NotFired::LinesMissing => "订单（或退货后的剩余部分）中活动商品不足",
        NotFired::OtherAttribute => "行为不符合活动要求",
        NotFired::EnrolledTooLongAgo => "会员入会时间已超过活动期限",
        NotFired::NoneOfSeveral => "若干条件中须满足一项，但均未满足",
        NotFired::Excluded => "符合活动的排除条件",
        NotFired::LimitReached => "已达到会员参与次数或积分的上限",
        NotFired::ExclusiveTag => "不能与其他活动同享",
        NotFired::NotChosen => "所在活动组选择了其他活动",
        NotFired::BudgetExhausted => "其预算余额不足",
        NotFired::NothingLeft => "订单已全部退回",
        NotFired::OtherHistory => "会员的历史行为不符合条件",
        NotFired::NotInSample => "会员不在抽样范围内",
        NotFired::NoMakeUpLeft => "无需补签或本月补签次数已用完",
        NotFired::NotBirthday => "不在会员生日期间",
        NotFired::OtherExpression => "表达式不成立",
        NotFired::ExpressionFailed => "表达式无法计算",
        NotFired::NotJoined => "活动仅限会员，而该顾客尚未入会",
    }
}
