//! Sections of lotteries, with and without mistakes.

use super::{FORMS, Manifest};

#[test]
fn a_section_of_months_is_a_lottery_for_each() {
    let manifest = Manifest::parse("forms.toml", FORMS).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let codes: Vec<&str> = manifest
        .lotteries
        .iter()
        .flatten()
        .map(|lottery| lottery.code.as_str())
        .collect();
    assert_eq!(codes, ["draw-2026-11", "draw-2026-12", "draw-2027-01", "fair"]);
    let months = &manifest.lotteries[0];
    assert!(
        months.windows(2).all(|pair| pair[0].closes_at == pair[1].opens_at),
        "no month has a gap before it"
    );
}

#[test]
fn mistakes_in_lotteries_are_told_with_their_lines() {
    let line_of = |piece: &str| {
        1 + FORMS[..FORMS.find(piece).expect("the file has it")]
            .matches('\n')
            .count()
    };
    let cases = [
        (
            "weight = 1\n",
            "weight = 0\n",
            "prize.weight: must be at least 1, unless it is the fallback",
        ),
        (
            "fallback = \"second\"",
            "fallback = \"third\"",
            "prize.fallback: must be the code of a prize further down",
        ),
        (
            "worth = \"800\"",
            "worth = \"8.50\"",
            "prize.worth: must be an amount of JPY",
        ),
        (
            "last = \"2027-01\"",
            "last = \"2026-10\"",
            "months: must be 1 to 60 months, the first of them first",
        ),
        (
            "last = \"2027-01\"",
            "last = \"January\"",
            "months.last: must be a month in quotation marks",
        ),
        (
            "closes = 2026-06-02",
            "closes = 2026-06-01",
            "closes: must be after the lottery opens",
        ),
        (
            "odds = \"deck\"",
            "odds = \"desk\"",
            "odds: is \"desk\"; it must be \"fixed\" or \"deck\"",
        ),
        (
            "code = \"fair\"",
            "code = \"draw-2026-12\"",
            "code: makes \"draw-2026-12\", which line",
        ),
        (
            "points = 10 }\nmonths",
            "points = 0 }\nmonths",
            "ticket.points: must be at least 1",
        ),
        (
            "reward = \"mug\"\nquantity = 30",
            "reward = \"mugg\"\nquantity = 30",
            "prize.reward: is \"mugg\", and there is no such reward; did you mean \"mug\"?",
        ),
    ];
    for (piece, by, told) in cases {
        let lines = Manifest::parse("forms.toml", &FORMS.replacen(piece, by, 1))
            .expect_err("the file has a mistake")
            .lines();
        let expected = format!("forms.toml:{}: lottery.{told}", line_of(piece));
        assert!(
            lines.len() == 1 && lines[0].starts_with(&expected),
            "{piece} as {by}: {lines:#?}"
        );
    }
}
