use common::ratio::Ratio;

use super::fixtures::*;
use crate::domain::*;

const YEARLY: Review = Review {
    after_months: 12,
    downgrade: DowngradePolicy::OneLevel,
};

fn contradictions(levels: Vec<Level>, review: Review) -> Vec<(String, ContradictionKind)> {
    let refused = Ladder::new("status".to_owned(), "Status".to_owned(), levels, review).unwrap_err();
    refused.into_iter().map(|found| (found.field, found.kind)).collect()
}

#[test]
fn a_ladder_of_one_level_and_a_ladder_of_many_are_ladders() {
    assert!(
        Ladder::new(
            "status".to_owned(),
            "Status".to_owned(),
            vec![level("standard", &[])],
            YEARLY
        )
        .is_ok()
    );
    assert_eq!(status(YEAR, 12, DowngradePolicy::Never).rank_of("gold"), Some(2));
    assert_eq!(status(YEAR, 12, DowngradePolicy::Never).rank_of("platinum"), None);
}

#[test]
fn a_ladder_lists_everything_in_which_it_contradicts_itself() {
    let mut generous = level("gold", &[&[spend(YEAR, 500)], &[]]);
    generous.benefits = Benefits {
        accrual_factor: Ratio::new(-1, 2).unwrap(),
        discount_per_mille: 1001,
        entitlements: vec!["free-shipping".to_owned(), "free-shipping".to_owned()],
    };
    let levels = vec![
        level("standard", &[&[spend(YEAR, 1)]]),
        level("silver", &[]),
        generous,
        level(
            "gold",
            &[
                &[spend(YEAR, 900), spend(YEAR, 800)],
                &[spend(MetricWindow::RollingDays(0), 0)],
            ],
        ),
    ];
    let field = |field: &str, kind| (field.to_owned(), kind);
    assert_eq!(
        contradictions(
            levels,
            Review {
                after_months: 0,
                downgrade: DowngradePolicy::Never
            }
        ),
        [
            field("review.after_months", ContradictionKind::NotPositive),
            field("levels[0].any_of", ContradictionKind::FirstLevelAsks),
            field("levels[1].any_of", ContradictionKind::LevelAsksNothing),
            field("levels[2].any_of[1].all_of", ContradictionKind::SetAsksNothing),
            field("levels[2].benefits.accrual_factor", ContradictionKind::NegativeFactor),
            field(
                "levels[2].benefits.discount_per_mille",
                ContradictionKind::DiscountAbovePrice
            ),
            field(
                "levels[2].benefits.entitlements[1]",
                ContradictionKind::EntitlementRepeated
            ),
            field("levels[3].code", ContradictionKind::CodeRepeated),
            field("levels[3].any_of[0].all_of[1]", ContradictionKind::RequirementRepeated),
            field("levels[3].any_of[1].all_of[0].at_least", ContradictionKind::NotPositive),
            field(
                "levels[3].any_of[1].all_of[0].window.rolling_days.days",
                ContradictionKind::NotPositive
            ),
        ]
    );
    assert_eq!(
        contradictions(Vec::new(), YEARLY),
        [field("levels", ContradictionKind::NoLevels)]
    );
}

#[test]
fn a_way_into_a_level_is_not_named_twice() {
    let orders = Requirement {
        metric: Metric::Orders,
        window: YEAR,
        at_least: 5,
    };
    let twice = level("silver", &[&[spend(YEAR, 100), orders], &[orders, spend(YEAR, 100)]]);
    let found = contradictions(vec![level("standard", &[]), twice], YEARLY);
    assert_eq!(
        found,
        [("levels[1].any_of[1]".to_owned(), ContradictionKind::SetRepeated)]
    );
}

#[test]
fn a_level_that_a_higher_one_always_overtakes_can_never_be_entered() {
    let higher = |spent: i64| level("gold", &[&[spend(MetricWindow::Lifetime, spent)]]);
    let ladder = |spent| {
        vec![
            level("standard", &[]),
            level("silver", &[&[spend(YEAR, 500)]]),
            higher(spent),
        ]
    };
    let overtaken = ContradictionKind::NeverEntered {
        higher: "gold".to_owned(),
    };
    assert_eq!(
        contradictions(ladder(500), YEARLY),
        [("levels[1]".to_owned(), overtaken)]
    );
    assert!(Ladder::new("status".to_owned(), "Status".to_owned(), ladder(501), YEARLY).is_ok());
}
