//! Whole files: the demo's, and ones with mistakes.

mod lotteries;

use proto::{
    campaign::{Campaign, Composition, LastWeekend, LastWeekendReading, MultiplyEffect, days::Days, effect::Effect},
    points::Wallet,
    tier::Ladder,
    value::Ratio,
};

use super::{
    Manifest, Plan, Step,
    parts::{Kind, Part},
    services::{Standing, Standings},
};

const CDNOW: &str = include_str!("../../../../deploy/programs/cdnow.toml");
const FORMS: &str = include_str!("tests/forms.toml");
const TEN_MISTAKES: &str = include_str!("tests/ten_mistakes.toml");

fn cdnow() -> Manifest {
    Manifest::parse("cdnow.toml", CDNOW).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// Returns what is wrong with the demo's program when a piece of it is replaced.
fn mistakes(piece: &str, by: &str) -> Vec<String> {
    assert!(CDNOW.contains(piece), "the program has no {piece:?}");
    let text = CDNOW.replacen(piece, by, 1);
    Manifest::parse("cdnow.toml", &text)
        .expect_err("the file has a mistake")
        .lines()
}

/// Returns a manifest's parts as the services would have them, all in version 1.
fn standings_of(manifest: &Manifest) -> Standings {
    let standing = |part: Part<'_>, stock| Standing {
        version: 1,
        facts: part.facts(&manifest.frame),
        stock,
    };
    let parts = manifest.parts().into_iter();
    parts
        .map(|listed| {
            (
                (listed.part.kind(), listed.part.code().to_owned()),
                standing(listed.part, listed.stock),
            )
        })
        .collect()
}

#[test]
fn the_program_of_the_demo_reads_whole() {
    let manifest = cdnow();
    assert_eq!(manifest.program_id(), "0190b5a6-7c2e-7d3a-8f10-0c0d0e0f1997");
    assert_eq!(manifest.zone(), "America/New_York");
    assert_eq!(manifest.start().unwrap().to_string(), "1997-01-01T05:00:00Z");
    let prices: Vec<i64> = manifest.rewards().into_iter().map(|(_, points)| points).collect();
    assert_eq!(prices, [50, 120, 250, 500, 1000]);
    assert!(manifest.rewards.iter().all(|stocked| stocked.stock == 1_000_000));

    let [Ladder { levels, .. }] = manifest.ladders.as_slice() else {
        panic!("one ladder")
    };
    let factors: Vec<_> = levels
        .iter()
        .map(|level| level.benefits.as_ref().unwrap().accrual_factor)
        .collect();
    let ratio = |num, den| Some(Ratio { num, den });
    assert_eq!(factors, [None, ratio(6, 5), ratio(7, 5), ratio(8, 5)]);
    let thresholds: Vec<i64> = levels
        .iter()
        .flat_map(|level| &level.any_of)
        .map(|way| way.all_of[0].at_least)
        .collect();
    assert_eq!(thresholds, [10_000, 25_000, 50_000]);

    let [Wallet { scale: 0, .. }] = manifest.wallets.as_slice() else {
        panic!("one wallet without decimals")
    };
    let rate = manifest.accruals[0].rate.unwrap();
    assert_eq!((rate.points, rate.per_minor_units), (1, 100));
    assert_eq!(manifest.accruals[0].composition(), Composition::Additive);
    let [Campaign { schedule, effects, .. }] = manifest.campaigns.as_slice() else {
        panic!("one campaign")
    };
    let reading = LastWeekendReading::LastSaturdayAndNextDay.into();
    let days = Some(Days::LastWeekend(LastWeekend { reading }));
    assert_eq!(schedule.as_ref().unwrap().days[0].days, days);
    let double = MultiplyEffect {
        factor: ratio(2, 1),
        lines: None,
    };
    assert_eq!(
        (effects[0].accrual.as_str(), &effects[0].effect),
        ("base", &Some(Effect::Multiply(double)))
    );
}

#[test]
fn ten_mistakes_are_told_at_once_each_with_its_line_and_key() {
    let mistakes = Manifest::parse("ten.toml", TEN_MISTAKES).expect_err("the file has mistakes");
    let expected = [
        r#"ten.toml:4: program.zone: is not in the IANA database; it must be a zone such as "America/New_York""#,
        "ten.toml:11: wallet.expirey: is not a known key; did you mean expiry?",
        "ten.toml:12: wallet.expiry.after_days: must be at least 1",
        r#"ten.toml:13: wallet.overdraft: is "carry-debt"; it must be "forbid" or "carry debt" or "pending only""#,
        r#"ten.toml:28: ladder.level.factor: must be a decimal or a fraction in quotation marks, such as "1.2" or "4/3""#,
        r#"ten.toml:32: accrual.wallet: is "point", and there is no such wallet; did you mean "points"?"#,
        "ten.toml:44: campaign.schedule.end: is not after the start",
        r#"ten.toml:45: campaign.condition.level.one_of: is "golden", and there is no such level of the ladder "status"; did you mean "gold"?"#,
        r#"ten.toml:48: reward.category: is missing; write for example: category = "goods""#,
        r#"ten.toml:54: reward.code: is "mug", which line 49 has already; every code must be another"#,
    ];
    assert_eq!(mistakes.lines(), expected);
    assert!(
        mistakes
            .to_string()
            .starts_with("10 mistakes in ten.toml; nothing was applied\n")
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let lines = mistakes("name = \"Points\"", "name = Points");
    assert!(lines[0].starts_with("cdnow.toml:14: not TOML: "), "{lines:?}");
    assert_eq!(
        Manifest::parse("empty.toml", "")
            .expect_err("nothing is there")
            .lines()
            .len(),
        1
    );
}

#[test]
fn what_the_services_would_refuse_is_told_before_anything_is_sent() {
    let cases = [
        (
            "code = \"points\"",
            "code = \"Points!\"",
            "13: wallet.code: must begin with a small letter",
        ),
        (
            "currency = \"USD\"",
            "currency = \"usd\"",
            "8: program.currency: must be three capital letters",
        ),
        ("sandbox = true ", "", "10: program.clock_at: is only for a sandbox"),
        (
            "enter = { spend = \"250.00\"",
            "enter = { spend = \"500.00\"",
            "39: ladder.level.enter: can never be entered",
        ),
        (
            "enter = { spend = \"250.00\"",
            "enter = { spend = \"0.00\"",
            "39: ladder.level.enter.spend: must be an amount of USD",
        ),
        (
            "\"365 days\"",
            "\"one year\"",
            "33: ladder.level.enter.within: must be \"lifetime\", \"calendar year\" or a number",
        ),
        (
            "{ multiply = \"2\" }",
            "{ multiply = \"0.5\" }",
            "63: campaign.effect.multiply: is below 1",
        ),
        (
            "trigger = \"purchase\"",
            "trigger = { custom = \"review\" }",
            "63: campaign.effect: has nothing to multiply",
        ),
        (
            "{ multiply = \"2\" }",
            "{ multiply = \"2\" }\ngives = { level = { ladder = \"state\", up = 1 } }",
            "64: campaign.gives.level.ladder: is \"state\", and there is no such ladder",
        ),
        (
            "{ multiply = \"2\" }",
            "{ multiply = \"2\" }\ngives = { level = { ladder = \"status\", to = \"platinum\" } }",
            "64: campaign.gives.level.to: is \"platinum\", and there is no such level of the ladder \"status\"",
        ),
        (
            "stock = 1_000_000",
            "stock = -1",
            "71: reward.stock: must be between 0 and 1000000000",
        ),
        (
            "refundable = true",
            "refundable = \"yes\"",
            "72: reward.refundable: is text; it must be true or false",
        ),
        (
            "points = 50 }",
            "points = 0 }",
            "70: reward.price.points: must be at least 1",
        ),
    ];
    for (piece, by, told) in cases {
        let lines = mistakes(piece, by);
        assert!(
            !lines.is_empty() && lines[0].starts_with(&format!("cdnow.toml:{told}")),
            "{piece} as {by}: {lines:#?}"
        );
    }
}

#[test]
fn every_form_of_the_format_is_read_and_described() {
    let manifest = Manifest::parse("forms.toml", FORMS).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let facts: Vec<String> = manifest
        .parts()
        .iter()
        .map(|listed| format!("{:?}", listed.part.facts(&manifest.frame)))
        .collect();
    let described = [
        "end of the year after 12 months",
        "100 for 100",
        "acme (Acme) pays 100 for 80",
        "staff (Staff) pays nothing",
        "never",
        "spend 20000 within calendar year and orders 3 within 90 days, or points_earned 5000 within lifetime",
        "5 per 100, step pro rata",
        "before discounts, with tax, with freight",
        "(order from 3000 and (on status one of [\\\"friend\\\"] and first purchase and channel one of",
        "order below 9000 and lines of [\\\"uji\\\"] worth 500, 2 pieces and enrolled within 90 days and in the birthday's month and none of",
        "order from 5000 (before discounts, with tax, with freight, without what was paid by",
        "on saturday for 2 days, days [1, -1] of the month for 2 days, tuesday no. 2 of the month for 2 days, 06-18 for 2 days",
        "last full weekend for 2 days at 18:00-20:00 except 2026-06-07, 2026-06-20..2026-06-22",
        "base: multiply by 4/3, at most 1000; growth: add 2 points per piece for lines in",
        "1 times per day; 500 points per campaign",
        "(stars at least 4 or language one of",
        "base: earn 1 per 100, step full of each line for lines in",
        "1 up on status, 90 days; level friend on status",
        "2 times per quarter",
        "on last weekend",
        "the top 2",
        "best for merchant",
        "from 2026-06-01 until 2026-07-01T18:00:00+09:00 on",
        "custom review",
        "birthday",
        "points expiring",
        r#"("trigger", "referral")"#,
        r#"("touch", "last"), ("bind_within_days", "7"), ("min_order", "5000"), ("qualify_after_days", "14"), ("give_up_after_days", "60")"#,
        r#"("max_bound_per_day", "3"), ("max_open", "20")"#,
        "30 days before",
        "add 50 points",
        "always",
        r#"("prize first", "mug, 3 of it, weight 1, else second, worth 800")"#,
        r#"("prize nothing", "nothing, weight 989")"#,
        r#"("opens", "2026-12-01"), ("closes", "2027-01-01"), ("tickets_per_member", "5"), ("odds", "fixed")"#,
        r#"("opens", "2026-06-01T10:00:00+09:00"), ("closes", "2026-06-02"), ("odds", "deck")"#,
    ];
    for words in described {
        assert!(
            facts.iter().any(|facts| facts.contains(words)),
            "{words} is not in {facts:#?}"
        );
    }
    let plan = Plan::new(&manifest, Some(manifest.program.clone()), &standings_of(&manifest)).unwrap();
    assert!(plan.is_empty());
}

#[test]
fn a_funder_is_listed_once() {
    let twice = r#"name = "Points"
funders = [{ code = "acme", name = "Acme" }, { code = "acme", name = "Again" }]"#;
    assert_eq!(
        mistakes("name = \"Points\"", twice),
        ["cdnow.toml:15: wallet.funders.code: is there twice"]
    );
}

#[test]
fn what_stands_already_is_unchanged() {
    let manifest = cdnow();
    let plan = Plan::new(&manifest, Some(manifest.program.clone()), &standings_of(&manifest)).unwrap();
    assert!(plan.is_empty());
    assert!(plan.left.is_empty());
}

#[test]
fn a_new_program_is_created_whole_and_in_the_order_of_references() {
    let manifest = cdnow();
    let plan = Plan::new(&manifest, None, &Standings::new()).unwrap();
    assert_eq!(plan.program, Step::Create);
    assert!(
        plan.parts
            .iter()
            .all(|planned| planned.step == Step::Create && planned.version == 0)
    );
    let kinds: Vec<Kind> = plan.parts.iter().map(|planned| planned.listed.part.kind()).collect();
    assert!(kinds.is_sorted());
    assert_eq!(plan.parts.iter().filter(|planned| planned.needs_stock).count(), 5);
}

#[test]
fn a_change_is_told_in_the_words_of_the_file() {
    let (before, after) = (
        cdnow(),
        CDNOW
            .replace("after_days = 365", "after_days = 730")
            .replace("\"1.4\"", "\"1.5\""),
    );
    let after = Manifest::parse("cdnow.toml", &after).unwrap();
    let mut standings = standings_of(&before);
    standings.insert(
        (Kind::Campaign, "spring".to_owned()),
        standings[&(Kind::Campaign, "last-weekend".to_owned())].clone(),
    );
    let plan = Plan::new(&after, Some(before.program.clone()), &standings).unwrap();
    let changed: Vec<_> = plan
        .parts
        .iter()
        .filter(|planned| planned.step != Step::Unchanged)
        .collect();
    assert_eq!(changed.len(), 2);
    let table = plan.table(&after).to_string();
    for words in [
        "expiry: after 365 days -> after 730 days",
        "gold: factor: 1.4 -> 1.5",
        "left as it is",
    ] {
        assert!(table.contains(words), "{table}");
    }
}

#[test]
fn what_past_decisions_rest_on_cannot_change() {
    let manifest = cdnow();
    let mut standing = manifest.program.clone();
    standing.zone = "Europe/Paris".to_owned();
    let refused = Plan::new(&manifest, Some(standing), &Standings::new()).unwrap_err();
    let expected = r#"cdnow.toml:7: program.zone: is "America/New_York", and the program that exists has "Europe/Paris", which cannot change"#;
    assert_eq!(refused.lines(), [expected]);
}

#[test]
fn a_key_is_the_same_for_the_same_content_and_another_after_another_version() {
    let (once, again) = (cdnow(), cdnow());
    for (once, again) in once.parts().iter().zip(again.parts()) {
        assert_eq!(once.part.request_id(3), again.part.request_id(3));
        assert_ne!(once.part.request_id(3), once.part.request_id(4));
        assert!(once.part.request_id(i32::MAX - 1).len() <= 64);
    }
}
