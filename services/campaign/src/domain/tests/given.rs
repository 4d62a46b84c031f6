//! What campaigns give besides points.

use super::*;

/// Gives a level for an order from 50.00 on, and no points.
fn lifting(on_shortage: OnShortage, cost_minor_units: i64) -> Campaign {
    let mut lifting = paid_by("spring", on_shortage, Ratio::ONE, campaign("lift", add(1)));
    lifting.effects.clear();
    lifting.condition = Some(order_from(50_00));
    lifting.grants = vec![one_up(cost_minor_units)];
    lifting
}

fn bought(available_minor_units: i64, lifting: Campaign) -> Order {
    let order = order_of(100_00, rules(vec![accrual()], vec![lifting]));
    with_money("spring", available_minor_units, order)
}

fn cost(decision: &Decision) -> (i64, i64) {
    let standing = decision
        .charges
        .first()
        .map(|charge| charge.standing)
        .unwrap_or_default();
    (standing.minor_units, standing.over_minor_units)
}

#[test]
fn a_return_takes_back_what_is_not_due_for_the_rest_and_its_budget_has_the_money_again() {
    let mut order = bought(1_000, lifting(OnShortage::BaseOnly, 600));
    let whole = decide_purchase(&mut order).unwrap().decision;
    assert_eq!((whole.given.len(), cost(&whole)), (1, (600, 0)));

    let still_due = take_back(&mut order, &[("1", 50_00)]).returned.unwrap();
    assert_eq!((still_due.revoked.len(), still_due.standing_given.len()), (0, 1));
    let back = take_back(&mut order, &[("1", 1)]);
    let returned = back.returned.clone().unwrap();
    assert_eq!(returned.revoked[0].activity_id, order.activity_id);
    assert_eq!((returned.standing_given.len(), cost(&back)), (0, (0, 0)));
}

#[test]
fn what_a_return_makes_due_is_given_for_the_return() {
    let small = Campaign {
        condition: Some(Condition::None(vec![order_from(50_00)])),
        ..lifting(OnShortage::BaseOnly, 0)
    };
    let mut order = bought(0, small);
    assert!(decide_purchase(&mut order).unwrap().decision.given.is_empty());
    let back = take_back(&mut order, &[("1", 60_00)]);
    assert_eq!(back.given[0].campaign, "lift");
    assert_ne!(back.returned.unwrap().standing_given[0].activity_id, order.activity_id);
    let gone = take_back(&mut order, &[]);
    assert_eq!(gone.returned.unwrap().revoked.len(), 1);
}

#[test]
fn a_grant_is_given_whole_or_not_at_all() {
    for on_shortage in [OnShortage::Partial, OnShortage::BaseOnly] {
        let decision = decided(&bought(599, lifting(on_shortage, 600)));
        assert_eq!(
            fared(&decision),
            [("lift", Some(NotFired::BudgetExhausted))],
            "{on_shortage:?}"
        );
        assert!(decision.given.is_empty());
        assert_eq!(cost(&decision), (0, 0));
    }
    let allowed = decided(&bought(599, lifting(OnShortage::Allow, 600)));
    assert_eq!((allowed.given.len(), cost(&allowed)), (1, (599, 1)));
    let refused = decide_purchase(&mut bought(599, lifting(OnShortage::Reject, 600))).unwrap();
    assert_eq!(
        (refused.shortages[0].refuses, refused.shortages[0].missing_minor_units),
        (true, 1)
    );
}

#[test]
fn it_is_told_in_words() {
    let told = |language| {
        let mut order = bought(600, lifting(OnShortage::BaseOnly, 600));
        let bought = Activity::Purchase(order.purchase.clone());
        let whole = decide_purchase(&mut order).unwrap().decision;
        let back = Activity::Return(returned(&[("1", 60_00)]));
        let rest = take_back(&mut order, &[("1", 60_00)]);
        let find = |told: Vec<String>| {
            told.into_iter()
                .find(|sentence| sentence.contains("status") && sentence.contains("lift"))
        };
        [
            find(explain(&bought, &whole, &[], language)),
            find(explain(&back, &rest, &[], language)),
        ]
        .map(Option::unwrap)
    };
    assert_eq!(
        told(Language::English),
        [
            "Campaign lift gives the next level on status for 90 days.",
            "What campaign lift gave is taken back: the next level on status for 90 days."
        ]
    );
    assert_eq!(
        told(Language::Chinese),
        [
            "活动 lift 赠送 status 的等级上升 1 级，为期 90 天。",
            "收回活动 lift 赠送的 status 的等级上升 1 级，为期 90 天。"
        ]
    );
}

#[test]
fn a_cost_needs_a_budget_and_a_grant_is_enough_for_a_campaign() {
    let unpaid = Campaign {
        funding: None,
        ..lifting(OnShortage::BaseOnly, 1)
    };
    let found = unpaid.contradictions(&[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].field, "grants[0].cost_minor_units");
    assert!(lifting(OnShortage::BaseOnly, 1).contradictions(&[]).is_empty());
}
