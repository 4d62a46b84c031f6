//! The plan of S3 held against the figures that its requirements name, and what becomes of a forecast whose file is changed.

use common::currency::Currency;

use super::{
    look_ahead,
    outlook::Outlook,
    sources::Source,
    spread::{Spread, every_day},
};
use crate::apply::Manifest;

const S3: &str = include_str!("../../../../../deploy/programs/s3-plan.toml");
/// A yuan, in fen.
const YUAN: i64 = 100;
const RATE_A: &str = r#"{ points = 100, per = "100.00", step = "full" }"#;
const RATE_B: &str = r#"{ points = 1, per = "10.00", step = "full" }"#;

/// Returns the plan with pieces replaced.
fn with(pieces: &[(&str, &str)]) -> String {
    pieces.iter().fold(S3.to_owned(), |text, (piece, by)| {
        assert!(text.contains(piece), "the plan has no {piece:?}");
        text.replacen(piece, by, 1)
    })
}

fn outlook_of(text: &str) -> Outlook {
    let manifest = Manifest::parse("s3-plan.toml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let outlook = look_ahead(&manifest).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    outlook.expect("the plan has a forecast")
}

/// Returns how often something gives points, how many, and what it costs as expected, in fen.
fn source(outlook: &Outlook, name: &str) -> (i64, i64, i64) {
    let found = outlook.sources.iter().find(|source| source.name == name);
    let Source {
        times,
        points,
        expected_minor_units,
        ..
    } = found.unwrap_or_else(|| panic!("{name} costs nothing"));
    (*times, points.unwrap_or_default(), *expected_minor_units)
}

fn mistakes(pieces: &[(&str, &str)]) -> Vec<String> {
    let told = Manifest::parse("s3-plan.toml", &with(pieces)).expect_err("the file has mistakes");
    told.lines()
}

fn line_of(piece: &str) -> usize {
    let found = S3.lines().position(|line| line.contains(piece));
    1 + found.unwrap_or_else(|| panic!("the plan has no {piece:?}"))
}

#[test]
fn the_plan_of_s3_costs_what_its_requirements_say() {
    let outlook = outlook_of(S3);
    assert_eq!(source(&outlook, "base"), (14_000_000, 1_400_000_000, 14_000_000 * YUAN));
    assert_eq!(
        source(&outlook, "sign-up"),
        (1_000_000, 1_000_000_000, 10_000_000 * YUAN)
    );
    assert_eq!(source(&outlook, "first-purchase"), (300_000, 3_000_000, 30_000 * YUAN));
    let costs = outlook.sources.iter().filter(|source| source.points.is_none());
    let costs: Vec<_> = costs
        .map(|source| {
            (
                source.name.as_str(),
                source.cost_minor_units,
                source.expected_minor_units,
            )
        })
        .collect();
    let expected = [
        ("欢迎礼包", 100_000_000 * YUAN, 25_000_000 * YUAN),
        ("生日礼品", 100_000_000 * YUAN, 20_000_000 * YUAN),
    ];
    assert_eq!(costs, expected);
    assert_eq!(
        (outlook.cap_minor_units, outlook.spendable_minor_units),
        (10_000_000 * YUAN, 9_500_000 * YUAN)
    );
    assert_eq!(outlook.expected_minor_units, 69_998_771 * YUAN);
    assert_eq!(outlook.over_minor_units(), Some(60_498_771 * YUAN));
}

#[test]
fn with_the_other_rate_base_points_cost_a_tenth() {
    let outlook = outlook_of(&with(&[(RATE_A, RATE_B)]));
    assert_eq!(source(&outlook, "base"), (14_000_000, 140_000_000, 1_400_000 * YUAN));
    assert_eq!(
        source(&outlook, "sign-up"),
        (1_000_000, 1_000_000_000, 10_000_000 * YUAN)
    );
}

#[test]
fn an_average_member_never_reaches_silver_within_a_year() {
    for (rate, spend_minor_units, without_campaigns) in [(RATE_A, 10_000 * YUAN, 700), (RATE_B, 100_000 * YUAN, 70)] {
        let outlook = outlook_of(&with(&[(RATE_A, rate)]));
        let silver = &outlook.climbs[0];
        assert_eq!((silver.level.as_str(), silver.after_days), ("silver", None));
        assert_eq!(silver.spend_minor_units, Some(spend_minor_units));
        assert_eq!(silver.done - silver.of_campaigns, without_campaigns);
    }
}

#[test]
fn points_that_count_for_life_make_silver_in_the_end() {
    let alone = r#"{ points_earned = 10_000, within = "365 days" }"#;
    let ways = r#"[{ points_earned = 10_000, within = "lifetime" }, { spend = "690.00", within = "calendar year" }, { orders = 8, within = "365 days" }]"#;
    let outlook = outlook_of(&with(&[(alone, ways)]));
    let silver: Vec<_> = outlook.climbs[..3]
        .iter()
        .map(|climb| (climb.done, climb.after_days))
        .collect();
    // 737 points in 365 days are 10,000 after 13 years and a half; 690 of 700 yuan are spent after 360 days; there are 7 orders.
    let days = 1 + (10_000 * 2_000_000 * 365 - 1) / (1_400_000_000 + 3_000_000 + 26_849_400 + 46_027_700);
    assert_eq!(silver, [(737, Some(days)), (700 * YUAN, Some(360)), (7, None)]);
}

#[test]
fn an_order_earns_what_its_full_hundreds_make() {
    let outlook = outlook_of(&with(&[(r#"order = "100.00""#, r#"order = "140.00""#)]));
    assert_eq!(source(&outlook, "base"), (10_000_000, 1_000_000_000, 10_000_000 * YUAN));
}

#[test]
fn a_campaign_counts_on_its_days_alone() {
    let day = |text: &str| text.parse().unwrap();
    let orders = Spread {
        times: 14_000_000,
        from: day("2026-01-01"),
        until: day("2027-01-01"),
    };
    // 8 October is a double day for being an eighth, which comes first by its name.
    let festival = every_day((day("2026-10-01"), day("2026-10-08")));
    let of_festival: i64 = festival.map(|day| orders.on(day)).sum();
    let outlook = outlook_of(S3);
    assert_eq!(
        source(&outlook, "national-day"),
        (of_festival, of_festival * 100, of_festival * 100)
    );
    // Whoever enrols after March gets nothing: 90 of 365 days.
    let all_year = outlook_of(&with(&[("until = 2026-04-01, first", "first")]));
    let in_time = 1_000_000 * 90 / 365;
    assert_eq!(
        source(&all_year, "sign-up"),
        (in_time, in_time * 1_000, in_time * 1_000)
    );
}

#[test]
fn budgets_are_told_their_dearest_period() {
    let outlook = outlook_of(S3);
    let strain = |code: &str| outlook.strains.iter().find(|strain| strain.budget == code);
    let (year, month) = (strain("year").unwrap(), strain("online-month").unwrap());
    assert_eq!(year.dearest_minor_units, 10_998_771 * YUAN);
    assert_eq!(
        (month.spendable_minor_units, month.dearest_on.to_string()),
        (475_000 * YUAN, "2026-03-01".to_owned())
    );
    assert!(
        month.dearest_minor_units > 3_444_000 * YUAN,
        "31 of 90 days of sign-ups alone cost more: {month:?}"
    );
    assert_eq!(strain("stores-month"), None);
}

#[test]
fn a_budget_for_a_month_has_its_money_twelve_times_a_year() {
    let outlook = outlook_of(&with(&[(
        "budget = \"year\"\nmembers",
        "budget = \"online-month\"\nmembers",
    )]));
    assert_eq!(
        (outlook.cap_minor_units, outlook.spendable_minor_units),
        (6_000_000 * YUAN, 5_700_000 * YUAN)
    );
}

#[test]
fn what_no_budget_pays_for_costs_what_points_are_worth() {
    let of_share = "limits = { per = \"day\", times = 3 }\nbudget = \"content-month\"\non_shortage = \"base only\"\ncost_per_point = \"0.01\"";
    let unpaid = "limits = { per = \"day\", times = 3 }";
    let worth = ("value = { points = 100, worth", "value = { points = 700, worth");
    let outlook = outlook_of(&with(&[(of_share, unpaid), worth]));
    // 6,000,000 points at 700 for a yuan, a started fen as one; sign-up points cost what the campaign says.
    assert_eq!(source(&outlook, "share"), (600_000, 6_000_000, 857_143));
    assert_eq!(source(&outlook, "sign-up").2, 10_000_000 * YUAN);
}

#[test]
fn a_plan_that_fits_is_not_refused() {
    let yuan = Currency::new("CNY");
    let refusal = outlook_of(S3).refusal(&yuan).expect("it does not fit");
    assert!(refusal.starts_with("the plan would cost 60,498,771.00 CNY more than the budget \"year\" can spend"));
    let large = outlook_of(&with(&[("cap = \"10000000.00\"", "cap = \"100000000.00\"")]));
    assert_eq!((large.over_minor_units(), large.refusal(&yuan)), (None, None));
}

#[test]
fn people_read_figures_with_thousands_apart() {
    let manifest = Manifest::parse("s3-plan.toml", S3).unwrap();
    let text = look_ahead(&manifest).unwrap().unwrap().text(&manifest.frame);
    for words in [
        "from 2026-01-01 until 2027-01-01, in CNY",
        "10,000,000.00 for this time, 500,000.00 of it in reserve: 9,500,000.00 can be spent",
        "If all take it, 215,498,771.00 too much; as expected, 60,498,771.00 too much.",
        "silver (status) asks for 10,000 points within 365 days; an average member comes to 737 points in such a time, 37 of them by campaigns: never. \
         Without campaigns it takes 10,000.00 of spend.",
        "Not looked at: limits per member",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let large = [
        ("members = 2_000_000", "members = 1_000_000_000_000"),
        ("spend_per_member = \"700.00\"", "spend_per_member = \"1000000000.00\""),
    ];
    let manifest = Manifest::parse("s3-plan.toml", &with(&large)).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let told = look_ahead(&manifest).expect_err("it cannot be counted").lines();
    let line = line_of("[forecast]");
    assert_eq!(
        told,
        [format!(
            "s3-plan.toml:{line}: forecast: comes to more than can be counted; one of its numbers is too large"
        )]
    );
}

#[test]
fn every_mistake_of_a_forecast_is_told_with_its_line() {
    let pieces = [
        ("from = 2026-01-01\nuntil", "from = 2026-01-01T12:00:00\nuntil"),
        ("budget = \"year\"\nmembers", "budget = \"yaer\"\nmembers"),
        ("members = 2_000_000", "members = 0"),
        ("spend_per_member = \"700.00\"", "spend_per_member = 700"),
        ("order = \"100.00\"", "typical_order = \"100.00\""),
        ("first_purchase_per_mille = 300", "first_purchase_per_mille = 1_001"),
        ("kind = \"share\"", "kind = \"shares\""),
    ];
    let line = |piece: &str| line_of(piece) + 1;
    let at = line_of("[forecast]");
    let expected = [
        format!("{at}: forecast.order: is missing; write for example: order = \"100.00\""),
        format!(
            "{}: forecast.from: must be a day without quotation marks, such as 1997-01-31",
            at + 1
        ),
        format!(
            "{}: forecast.budget: is \"yaer\", and there is no such budget; did you mean \"year\"?",
            at + 3
        ),
        format!("{}: forecast.members: must be between 1 and 1000000000000", at + 4),
        format!(
            "{}: forecast.spend_per_member: must be an amount of CNY in quotation marks, from \"0.01\" to \"10000000000.00\"",
            at + 5
        ),
        format!("{}: forecast.typical_order: is not a known key; known here: ", at + 6),
        format!(
            "{}: forecast.enrolments.first_purchase_per_mille: must be between 0 and 1000",
            at + 7
        ),
        format!(
            "{}: forecast.activity.kind: is \"shares\", and there is no such activity that a campaign is for; did you mean \"share\"?",
            line("[[forecast.activity]]")
        ),
    ];
    let told = mistakes(&pieces);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(
            told.starts_with(&format!("s3-plan.toml:{expected}")),
            "{told}\n{expected}"
        );
    }
}

#[test]
fn a_forecast_that_contradicts_itself_is_told_too() {
    let at = line_of("[forecast]");
    let cases = [
        (
            ("until = 2027-01-01", "until = 2025-12-31"),
            at + 2,
            "forecast.until: must be after from",
        ),
        (
            ("until = 2027-01-01", "until = 2037-01-01"),
            at + 2,
            "forecast.until: must be at most 3660 days after from",
        ),
        (
            ("until = 2026-04-01, first", "until = 2027-04-01, first"),
            at + 7,
            "forecast.enrolments.until: must be within the time of the forecast",
        ),
        (
            ("until = 2026-04-01, first", "from = 2025-01-01, first"),
            at + 7,
            "forecast.enrolments.from: must be within the time of the forecast",
        ),
        (
            ("value = { points = 100, worth = \"1.00\" }", ""),
            line_of("[[wallet]]"),
            "wallet: needs for the forecast what its points are worth",
        ),
        (
            ("taken_up_per_mille = 250", "taken_up_per_mille = -1"),
            line_of("taken_up_per_mille = 250"),
            "forecast.cost.taken_up_per_mille: must be between 0 and 1000",
        ),
    ];
    for (piece, line, told) in cases {
        let lines = mistakes(&[piece]);
        assert!(
            lines.len() == 1 && lines[0].starts_with(&format!("s3-plan.toml:{line}: {told}")),
            "{piece:?}: {lines:#?}"
        );
    }
}

#[test]
fn what_a_partner_pays_for_costs_the_plan_nothing() {
    let worth = r#"value = { points = 100, worth = "1.00" }"#;
    let funded = format!("{worth}\nfunders = [{{ code = \"air\", name = \"Air\" }}]");
    let outlook = outlook_of(&with(&[
        (worth, &funded),
        (
            &format!("earn = {RATE_A}"),
            &format!("funder = \"air\"\nearn = {RATE_A}"),
        ),
    ]));
    assert_eq!(source(&outlook, "base"), (14_000_000, 1_400_000_000, 0));
    assert_eq!(source(&outlook, "first-purchase").2, 30_000 * YUAN);
}
