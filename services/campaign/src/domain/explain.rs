//! Tells a decision in sentences, for people who have to answer a member.

use common::points::Points;
use common::ratio::Ratio;

use super::activity::Activity;
use super::campaign::NotFired;
use super::condition::Unmet;
use super::decision::{AccrualDecision, Award, CampaignDecision, Contribution, Decision};
use super::facts::{Facts, LevelFact};
use super::left_out::LeftOut;

/// Tells why an activity earned what it did, in the order in which it was decided; and why some campaigns were not even considered.
pub fn explain(activity: &Activity, decision: &Decision, left_out: &[LeftOut]) -> Vec<String> {
    let mut sentences = vec![opening(activity)];
    sentences.extend(facts(activity, &decision.facts));
    sentences.extend(decision.campaigns.iter().map(campaign));
    sentences.extend(left_out.iter().map(not_considered));
    for accrual in &decision.accruals {
        sentences.extend(explain_accrual(activity, accrual));
    }
    sentences.extend(kept(decision));
    sentences.extend(closing(&decision.awards));
    sentences
}

fn opening(activity: &Activity) -> String {
    match activity {
        Activity::Purchase(purchase) => format!("The member bought order {}.", purchase.order_id()),
        Activity::Return(returned) => {
            format!(
                "Goods of order {} came back. The rest is judged as if nothing else had been bought.",
                returned.order_id
            )
        }
        Activity::Custom(custom) => format!("The member did \"{}\".", custom.kind),
    }
}

fn facts(activity: &Activity, facts: &Facts) -> Vec<String> {
    let counted = match facts.purchases_before {
        0 => "It was the member's first purchase.".to_owned(),
        1 => "The member had made 1 purchase before.".to_owned(),
        more => format!("The member had made {more} purchases before."),
    };
    let purchases = (!matches!(activity, Activity::Custom(_))).then_some(counted);
    purchases.into_iter().chain(facts.levels.iter().map(level)).collect()
}

fn level(fact: &LevelFact) -> String {
    match &fact.level {
        Some(level) => format!(
            "On ladder {} the member was on level {level}, with factor {}.",
            fact.ladder,
            number(fact.accrual_factor)
        ),
        None => format!("On ladder {} the member had no level.", fact.ladder),
    }
}

fn explain_accrual(activity: &Activity, accrual: &AccrualDecision) -> Vec<String> {
    let mut sentences = Vec::new();
    let AccrualDecision {
        accrual: code,
        version,
        wallet,
        ..
    } = accrual;
    match activity {
        Activity::Custom(_) => sentences.push(format!("Accrual {code} (version {version}) credits wallet {wallet}.")),
        Activity::Purchase(_) | Activity::Return(_) => sentences.push(format!(
            "Accrual {code} (version {version}) counted {} minor units and made {} of them, for wallet {wallet}.",
            accrual.base_minor_units,
            exact_points(accrual.base_points),
        )),
    }
    sentences.extend(accrual.contributions.iter().map(contribution));
    if !matches!(activity, Activity::Custom(_)) {
        let (tier, factor) = (number(accrual.tier_factor), number(accrual.factor));
        sentences.push(format!(
            "The level's factor {tier} and the campaigns make factor {factor}: {} after rounding.",
            points(accrual.rounded_points)
        ));
    }
    if !accrual.added_points.is_zero() {
        sentences.push(format!("Campaigns added {} to that.", points(accrual.added_points)));
    }
    if !accrual.capped_points.is_zero() {
        sentences.push(format!(
            "The cap on an order took off {}.",
            points(accrual.capped_points)
        ));
    }
    sentences.push(format!("Accrual {code} makes it {}.", points(accrual.points)));
    sentences
}

fn campaign(decision: &CampaignDecision) -> String {
    let name = format!("Campaign {} (version {})", decision.campaign, decision.version);
    match (decision.unmet, &decision.because_of) {
        (None, _) => format!("{name} applied."),
        (Some(unmet), Some(other)) => format!("{name} did not apply: {} {other}.", why_not(unmet.reason)),
        (
            Some(Unmet {
                reason: NotFired::NotChosen,
                ..
            }),
            None,
        ) => {
            format!("{name} did not apply: its group had chosen another one when the order was recorded.")
        }
        (Some(unmet), None) => format!("{name} did not apply: {}.", why_not(unmet.reason)),
    }
}

fn not_considered(of: &LeftOut) -> String {
    let name = format!("Campaign {} (version {})", of.campaign, of.version);
    match of.reason {
        Some(reason) => format!("{name} did not apply: {}.", why_not(reason)),
        None => format!("{name} did not apply: it was not published yet when the activity was recorded."),
    }
}

fn contribution(of: &Contribution) -> String {
    let brought = format!("Campaign {} brought {}", of.campaign, points(of.points));
    if of.capped_points.is_zero() {
        format!("{brought}.")
    } else {
        format!("{brought}; its caps and limits took off {}.", points(of.capped_points))
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
        NotFired::NothingLeft => "nothing of the order is left",
    }
}

fn kept(decision: &Decision) -> Option<String> {
    let kept = &decision.returned.as_ref()?.kept;
    Some(match kept.as_slice() {
        [] => "Nothing of the order is left.".to_owned(),
        lines => {
            let line =
                |line: &super::kept::KeptLine| format!("{} of line {}", line.money.gross_minor_units, line.line_id);
            format!(
                "Of the order the member keeps, in minor units before discounts: {}.",
                lines.iter().map(line).collect::<Vec<_>>().join(", ")
            )
        }
    })
}

fn closing(awards: &[Award]) -> Vec<String> {
    let told = |Award { wallet, points }: &Award| match points.unsigned_abs() {
        1 if *points < 0 => format!("1 point is taken back from wallet {wallet}."),
        many if *points < 0 => format!("{many} points are taken back from wallet {wallet}."),
        1 => format!("Wallet {wallet} is credited with 1 point."),
        many => format!("Wallet {wallet} is credited with {many} points."),
    };
    if awards.is_empty() {
        vec!["No points change hands.".to_owned()]
    } else {
        awards.iter().map(told).collect()
    }
}

fn points(points: Points) -> String {
    exact_points(Ratio::whole(points.get()))
}

fn exact_points(points: Ratio) -> String {
    format!(
        "{} {}",
        number(points),
        if points == Ratio::ONE { "point" } else { "points" }
    )
}

/// Writes a ratio as people do where it has an end after at most six places, and as a fraction where not.
fn number(ratio: Ratio) -> String {
    let (Some(num), Some(den)) = (ratio.num(), ratio.den()) else {
        return "?".to_owned();
    };
    if den == 1 {
        return num.to_string();
    }
    let scaled = ratio.checked_mul(Ratio::whole(1_000_000));
    match scaled.and_then(|scaled| Some((scaled.num()?, scaled.den()?))) {
        Some((millionths, 1)) => {
            let digits = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
            digits.trim_end_matches('0').to_owned()
        }
        _ => format!("{num}/{den}"),
    }
}

#[cfg(test)]
mod tests {
    use super::number;
    use common::ratio::Ratio;

    #[test]
    fn numbers_are_written_as_people_do() {
        let written = |num, den| number(Ratio::new(num, den).unwrap());
        assert_eq!(
            [
                written(8, 5),
                written(2, 1),
                written(21, 2),
                written(1, 3),
                written(1, 64)
            ],
            ["1.6", "2", "10.5", "1/3", "0.015625"]
        );
    }
}
