//! What of a member matters to rules.

use super::*;

fn level(level: &str, factor: Ratio) -> MemberLevel {
    MemberLevel {
        ladder: "status".into(),
        level: level.into(),
        accrual_factor: factor,
    }
}

fn factor_of(member: &Member, ladders: &Ladders, second: i64) -> Ratio {
    let zone = Zone::find("UTC").unwrap();
    let at = Timestamp::from_second(second).unwrap();
    let facts = member.facts(&rules(vec![accrual()], vec![]), ladders, &zone, &bought_at(at));
    facts.factor_on(Some("status"))
}

fn published(version: i32, second: i64, factor: Ratio) -> LadderVersion {
    let effective_from = Timestamp::from_second(second).unwrap();
    LadderVersion {
        ladder: "status".into(),
        version,
        effective_from,
        counts_points: false,
        levels: vec![LadderLevel {
            code: "gold".into(),
            accrual_factor: factor,
            discount_per_mille: 200,
        }],
    }
}

#[test]
fn a_level_multiplies_by_what_its_ladder_says_when_it_happens() {
    let mut gold = Member::default();
    gold.enter(level("silver", ratio(6, 5)));
    gold.enter(level("gold", ratio(7, 5)));
    let mut ladders = Ladders::default();
    ladders.put(published(2, 100, ratio(3, 2)));
    ladders.put(published(1, 0, ratio(7, 5)));
    assert_eq!(
        [99, 100].map(|second| factor_of(&gold, &ladders, second)),
        [ratio(7, 5), ratio(3, 2)]
    );
}

#[test]
fn a_level_takes_off_prices_what_its_ladder_says() {
    let mut gold = Member::default();
    gold.enter(level("gold", ratio(7, 5)));
    let mut ladders = Ladders::default();
    ladders.put(published(1, 0, ratio(7, 5)));
    let zone = Zone::find("UTC").unwrap();
    let facts = gold.facts(
        &rules(vec![accrual()], vec![]),
        &ladders,
        &zone,
        &bought_at(Timestamp::UNIX_EPOCH),
    );
    assert_eq!((facts.discount_on("status"), facts.discount_on("other")), (200, 0));
}

#[test]
fn a_level_that_the_ladder_does_not_know_multiplies_by_what_it_did_when_it_was_entered() {
    let mut member = Member::default();
    member.enter(level("legend", ratio(5, 1)));
    let mut ladders = Ladders::default();
    ladders.put(published(1, 0, ratio(7, 5)));
    assert_eq!(factor_of(&member, &ladders, 0), ratio(5, 1));
}

#[test]
fn a_member_without_a_level_is_multiplied_by_one() {
    let zone = Zone::find("UTC").unwrap();
    let facts = Member {
        purchases: 3,
        ..Member::default()
    }
    .facts(
        &rules(
            vec![
                accrual(),
                Accrual {
                    code: "growth".into(),
                    ..accrual()
                },
            ],
            vec![],
        ),
        &Ladders::default(),
        &zone,
        &bought_at(Timestamp::UNIX_EPOCH),
    );
    let nothing = LevelFact {
        ladder: "status".into(),
        level: None,
        accrual_factor: Ratio::ONE,
        discount_per_mille: 0,
    };
    assert_eq!(
        facts,
        Facts {
            budgets: vec![],
            levels: vec![nothing],
            purchases_before: 3,
            zone,
            enrolled_at: None,
            is_prospect: false,
            uses: vec![],
            histories: vec![],
            streaks: vec![],
            samples: vec![],
            is_counted: false,
            birthday_on: None,
        }
    );
}
