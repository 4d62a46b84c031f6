//! What contradicts itself in a lottery.

use super::*;
use crate::domain::tests::{at, mug};

fn prize(code: &str, reward: Option<&str>, quantity: i64, weight: i64) -> Prize {
    Prize {
        code: code.to_owned(),
        reward: reward.map(str::to_owned),
        quantity,
        weight,
        fallback: None,
        worth_minor_units: 0,
    }
}

fn definition(odds_mode: OddsMode, prizes: Vec<Prize>) -> LotteryDefinition {
    LotteryDefinition {
        code: "draw".to_owned(),
        display_name: "Draw".to_owned(),
        description: String::new(),
        ticket_price: mug().price,
        opens_at: at(10),
        closes_at: at(20),
        tickets_per_member: None,
        odds_mode,
        prizes,
    }
}

fn fields(definition: LotteryDefinition, currency: &str) -> Vec<String> {
    let found = Lottery::new(definition, currency).err().unwrap_or_default();
    found.iter().map(LotteryContradiction::field).collect()
}

#[test]
fn odds_need_weights_and_a_deck_needs_quantities() {
    let odds = vec![prize("first", Some("mug"), 1, 1), prize("blank", None, 0, 99)];
    assert!(fields(definition(OddsMode::FixedOdds, odds.clone()), "USD").is_empty());
    let wrong = ["prizes[0].weight", "prizes[1].quantity", "prizes[1].weight"];
    assert_eq!(fields(definition(OddsMode::Deck, odds), "USD"), wrong);
    let cards = vec![prize("first", Some("mug"), 1, 0), prize("blank", None, 9, 0)];
    let wrong = ["prizes[0].weight", "prizes[1].weight", "prizes[1].quantity"];
    assert_eq!(fields(definition(OddsMode::FixedOdds, cards.clone()), "USD"), wrong);
    let deck = Lottery::new(definition(OddsMode::Deck, cards), "USD").unwrap();
    assert_eq!(deck.tickets(), Some(10));
}

#[test]
fn a_fallback_lies_further_down_so_that_falling_ends() {
    let falling = |code: &str, to: &str| Prize {
        fallback: Some(to.to_owned()),
        ..prize(code, Some("mug"), 1, 1)
    };
    let circle = vec![falling("first", "second"), falling("second", "first")];
    assert_eq!(
        fields(definition(OddsMode::FixedOdds, circle), "USD"),
        ["prizes[1].fallback"]
    );
    let only_fallen_to = vec![falling("first", "second"), prize("second", Some("mug"), 1, 0)];
    assert!(fields(definition(OddsMode::FixedOdds, only_fallen_to), "USD").is_empty());
}

#[test]
fn in_programs_of_the_yuan_prizes_tell_their_worth_and_keep_to_the_limit() {
    let worth = |minor_units| Prize {
        worth_minor_units: minor_units,
        ..prize("first", Some("mug"), 1, 1)
    };
    for (minor_units, wrong) in [(0, true), (1, false), (5_000_000, false), (5_000_001, true)] {
        let lottery = definition(OddsMode::FixedOdds, vec![worth(minor_units)]);
        assert_eq!(!fields(lottery.clone(), "CNY").is_empty(), wrong, "{minor_units}");
        assert!(fields(lottery, "USD").is_empty());
    }
}

#[test]
fn every_contradiction_is_named_at_once() {
    let found = fields(
        LotteryDefinition {
            display_name: " ".to_owned(),
            closes_at: at(10),
            ticket_price: Price::NONE,
            ..definition(OddsMode::Deck, vec![prize("a", None, 1, 0), prize("a", None, 1, 0)])
        },
        "USD",
    );
    let expected = [
        "display_name",
        "ticket_price.points",
        "closes_at",
        "prizes",
        "prizes[1].code",
    ];
    assert_eq!(found, expected);
}
