//! The sentences in English.

use common::points::Points;
use common::ratio::Ratio;

use super::Words;
use super::number::number;
use crate::domain::campaign::NotFired;
use crate::domain::charge::Charge;
use crate::domain::decision::{AccrualDecision, Award, Contribution};
use crate::domain::describe::what_in_english;
use crate::domain::facts::LevelFact;
use crate::domain::grant::Given;
use crate::domain::history::HistoryFact;
use crate::domain::kept::KeptLine;
use crate::domain::sample::SampleFact;
use crate::domain::streak::StreakFact;
use crate::domain::terms::Destination;
use jiff::civil::Date;

/// English.
pub(super) struct English;

impl Words for English {
    fn bought(&self, order_id: &str) -> String {
        format!("The member bought order {order_id}.")
    }

    fn came_back(&self, order_id: &str) -> String {
        format!("Goods of order {order_id} came back. The rest is judged as if nothing else had been bought.")
    }

    fn did(&self, kind: &str) -> String {
        format!("The member did \"{kind}\".")
    }

    fn purchases_before(&self, purchases: i64) -> String {
        match purchases {
            0 => "It was the member's first purchase.".to_owned(),
            1 => "The member had made 1 purchase before.".to_owned(),
            more => format!("The member had made {more} purchases before."),
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
            Some(level) => {
                let factor = number(*accrual_factor);
                format!("On ladder {ladder} the member was on level {level}, with factor {factor}.")
            }
            None => format!("On ladder {ladder} the member had no level."),
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
            spent => format!(", for {spent} minor units"),
        };
        format!("Since {since} the member had done \"{kind}\" {times} times before, on {days} days{spent}.")
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
            return format!("Campaign {campaign} had applied on this day already.");
        }
        let after = match days_after {
            0 => String::new(),
            after => format!(" and {after} days in a row after it"),
        };
        format!(
            "Campaign {campaign} had applied {days_before} days in a row before this day{after}, and on {other_days} days in all."
        )
    }

    fn sample(&self, fact: &SampleFact) -> String {
        let SampleFact { sample, per_mille } = fact;
        format!("In sample {sample} the member has place {per_mille} of 0 to 999.")
    }

    fn prospect(&self) -> String {
        "The customer had not joined the program yet.".to_owned()
    }

    fn birthday(&self, on: Date) -> String {
        format!("The member has their birthday on {on}.")
    }

    fn applied(&self, campaign: &str, version: i32) -> String {
        format!("Campaign {campaign} (version {version}) applied.")
    }

    fn did_not_apply(&self, campaign: &str, version: i32, reason: NotFired, because_of: Option<&str>) -> String {
        let other = because_of.map(|other| format!(" {other}")).unwrap_or_default();
        format!(
            "Campaign {campaign} (version {version}) did not apply: {}{other}.",
            why_not(reason)
        )
    }

    fn not_published(&self, campaign: &str, version: i32) -> String {
        format!(
            "Campaign {campaign} (version {version}) did not apply: it was not published yet when the activity was recorded."
        )
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
        let made = exact_points(*base_points);
        format!(
            "Accrual {code} (version {version}) counted {base_minor_units} minor units and made {made} of them, for wallet {wallet}."
        )
    }

    fn credits_wallet(&self, accrual: &AccrualDecision) -> String {
        let AccrualDecision {
            accrual: code,
            version,
            wallet,
            ..
        } = accrual;
        format!("Accrual {code} (version {version}) credits wallet {wallet}.")
    }

    fn brought(&self, of: &Contribution) -> String {
        let brought = format!("Campaign {} brought {}", of.campaign, points(of.points));
        if of.capped_points.is_zero() {
            format!("{brought}.")
        } else {
            format!(
                "{brought}; its caps, limits and budget took off {}.",
                points(of.capped_points)
            )
        }
    }

    fn factor(&self, accrual: &AccrualDecision) -> String {
        let (tier, factor) = (number(accrual.tier_factor), number(accrual.factor));
        let made = points(accrual.rounded_points);
        format!("The level's factor {tier} and the campaigns make factor {factor}: {made} after rounding.")
    }

    fn added(&self, accrual: &AccrualDecision) -> String {
        format!("Campaigns added {} to that.", points(accrual.added_points))
    }

    fn capped(&self, accrual: &AccrualDecision) -> String {
        format!("The cap on an order took off {}.", points(accrual.capped_points))
    }

    fn makes(&self, accrual: &AccrualDecision) -> String {
        format!("Accrual {} makes it {}.", accrual.accrual, points(accrual.points))
    }

    fn keeps(&self, kept: &[KeptLine]) -> String {
        if kept.is_empty() {
            return "Nothing of the order is left.".to_owned();
        }
        let line = |line: &KeptLine| format!("{} of line {}", line.money.gross_minor_units, line.line_id);
        let lines: Vec<String> = kept.iter().map(line).collect();
        format!(
            "Of the order the member keeps, in minor units before discounts: {}.",
            lines.join(", ")
        )
    }

    fn award(&self, Award { to, points }: &Award) -> String {
        let Destination {
            wallet,
            funder,
            activates_at,
        } = to;
        let paid = funder.as_ref().map(|funder| format!(", paid by {funder}"));
        let waits = activates_at.map(|at| format!(", available from {at}"));
        let terms = paid.unwrap_or_default() + &waits.unwrap_or_default();
        match points.unsigned_abs() {
            1 if *points < 0 => format!("1 point is taken back from wallet {wallet}{terms}."),
            many if *points < 0 => format!("{many} points are taken back from wallet {wallet}{terms}."),
            1 => format!("Wallet {wallet} is credited with 1 point{terms}."),
            many => format!("Wallet {wallet} is credited with {many} points{terms}."),
        }
    }

    fn gives(&self, Given { campaign, gives, .. }: &Given) -> String {
        format!("Campaign {campaign} gives {}.", what_in_english(&gives.gives))
    }

    fn revokes(&self, Given { campaign, gives, .. }: &Given) -> String {
        format!(
            "What campaign {campaign} gave is taken back: {}.",
            what_in_english(&gives.gives)
        )
    }

    fn charged(&self, charge: &Charge) -> String {
        let Charge { budget, by, .. } = charge;
        let over = match by.over_minor_units {
            0 => String::new(),
            back if back < 0 => format!(" What it had not is {} minor units less.", -back),
            over => format!(" What it had not is {over} minor units more."),
        };
        match by.minor_units {
            back if back < 0 => format!("Budget {budget} gets {} minor units back.{over}", -back),
            cost => format!("Budget {budget} pays {cost} minor units.{over}"),
        }
    }

    fn nothing_awarded(&self) -> String {
        "No points change hands.".to_owned()
    }
}

fn why_not(reason: NotFired) -> &'static str {
    match reason {
        NotFired::Paused => "it was off",
        NotFired::OtherTrigger => "it is for another kind of activity",
        NotFired::OutsideSchedule => "it did not run at that time",
        NotFired::OtherLevel => "the member was not on one of its levels",
        NotFired::NotFirstPurchase => "it was not the member's first purchase",
        NotFired::OtherChannel => "it is for other channels",
        NotFired::BelowMinimum => "the order, or what is left of it, was too small",
        NotFired::AboveMaximum => "the order was too large",
        NotFired::OtherStore => "it is for other stores",
        NotFired::OtherPaymentMethod => "it is for other methods of payment",
        NotFired::LinesMissing => "the order, or what is left of it, had too little of the goods it asks for",
        NotFired::OtherAttribute => "the activity was not what it asks for",
        NotFired::EnrolledTooLongAgo => "the member enrolled too long ago",
        NotFired::NoneOfSeveral => "none of several conditions held, and one must",
        NotFired::Excluded => "something held that it excludes",
        NotFired::LimitReached => "it had applied for the member as often as it may, or brought as many points",
        NotFired::ExclusiveTag => "it does not go together with campaign",
        NotFired::NotChosen => "its group chose campaign",
        NotFired::BudgetExhausted => "its budget had not enough left",
        NotFired::NothingLeft => "nothing of the order is left",
        NotFired::OtherHistory => "what the member has done is not what it asks for",
        NotFired::NotInSample => "the member is not in its sample",
        NotFired::NoMakeUpLeft => "there was nothing to make up for, or nothing left to make up with",
        NotFired::NotBirthday => "it was not around the member's birthday",
        NotFired::OtherExpression => "its expression was not true",
        NotFired::ExpressionFailed => "its expression could not be worked out",
        NotFired::NotJoined => "it is for members, and the customer had not joined",
    }
}

fn points(points: Points) -> String {
    exact_points(Ratio::whole(points.get()))
}

fn exact_points(points: Ratio) -> String {
    let unit = if points == Ratio::ONE { "point" } else { "points" };
    format!("{} {unit}", number(points))
}
