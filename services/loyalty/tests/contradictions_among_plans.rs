//! Where plans contradict one another, each has a file of its own, and the two differ in what they contradict each other about and in nothing else.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::played::{Played, line, text_of};

/// Pairs of files, and where they differ. A file's id and name are its own.
const PAIRS: &[(&str, &str, &[&str])] = &[
    ("23-points-per-hundred", "23-points-per-ten", &["accrual.base.earn"]),
    (
        "24-twenty-percent-a-level",
        "24-diamond-doubles",
        &[
            "ladder.status.level.silver.factor",
            "ladder.status.level.gold.factor",
            "ladder.status.level.diamond.factor",
        ],
    ),
    ("32-no-cap", "33-one-year", &["wallet.points.expiry"]),
    (
        "38-last-weekend",
        "38-last-full-weekend",
        &["campaign.redemption-weekend.schedule"],
    ),
    (
        "51-level-discounts-running",
        "51-level-discounts-initial",
        &[
            "discounts.stacking",
            "ladder.status.level.silver.discount_per_mille",
            "ladder.status.level.gold.discount_per_mille",
            "ladder.status.level.diamond.discount_per_mille",
        ],
    ),
    (
        "k4-three-levels",
        "k4-four-levels",
        &[
            "ladder.status.level, in order",
            "ladder.status.level.standard",
            "ladder.status.level.silver.enter",
        ],
    ),
    (
        "k4-four-levels",
        "k4-platinum-below-diamond",
        &["ladder.status.level, in order", "ladder.status.level.platinum"],
    ),
    (
        "k4-platinum-below-diamond",
        "k4-platinum-on-top",
        &["ladder.status.level, in order", "ladder.status.level.platinum.enter"],
    ),
    (
        "k4-four-levels",
        "k4-two-ladders",
        &["ladder, in order", "ladder.growth"],
    ),
    ("k5-by-points", "k5-by-spend", ENTRIES),
    ("k5-by-points", "k5-by-either", ENTRIES),
    ("k5-by-points", "k5-by-growth", ENTRIES),
    ("k6-by-points", "k6-by-spend", &["ladder.status.level.silver.enter"]),
    ("k7-for-all", "k7-from-silver", &["reward.gift.eligibility"]),
    ("k7-for-all", "k7-in-a-window", &["reward.gift.eligibility"]),
    ("k9-for-all", "k9-for-diamond", &["campaign.free-order.condition.level"]),
    (
        "k10-prospects-earn-nothing",
        "k10-prospects-earn",
        &["accrual.base.prospects_earn"],
    ),
    ("k11-growth-of-30-percent", "k11-doubling", &["target.members.goal"]),
    (
        "k11-growth-of-30-percent",
        "k11-40-percent-to-18",
        &["target.members.goal"],
    ),
];
const ENTRIES: &[&str] = &[
    "ladder.status.level.silver.enter",
    "ladder.status.level.gold.enter",
    "ladder.status.level.diamond.enter",
];

#[test]
fn files_that_contradict_one_another_differ_in_that_alone() {
    for (one, other, expected) in PAIRS {
        let (before, after) = (said(one), said(other));
        let keys = before.keys().chain(after.keys());
        let differs = |key: &&String| before.get(*key) != after.get(*key);
        let mut expected: Vec<&str> = expected.iter().copied().chain(["program.id", "program.name"]).collect();
        let mut differing: Vec<&str> = keys.filter(differs).map(|key| covering(key, &expected)).collect();
        for keys in [&mut expected, &mut differing] {
            keys.sort_unstable();
            keys.dedup();
        }
        assert_eq!(differing, expected, "{one} and {other}");
    }
}

/// Returns the expected key that a key is or lies below; itself where there is none.
fn covering<'a>(key: &'a str, expected: &[&'a str]) -> &'a str {
    let is_it = |wider: &&&str| key == **wider || key.strip_prefix(**wider).is_some_and(|rest| rest.starts_with('.'));
    let covering = expected.iter().filter(is_it).max_by_key(|wider| wider.len());
    covering.copied().unwrap_or(key)
}

/// Everything that a file says, by key. Parts of a list are named by their codes, and their order is said too.
fn said(file: &str) -> BTreeMap<String, String> {
    let table: Table = text_of(file).parse().expect("the file is TOML");
    let mut said = BTreeMap::new();
    flatten(String::new(), &Value::Table(table), &mut said);
    said
}

fn flatten(at: String, value: &Value, said: &mut BTreeMap<String, String>) {
    let below = |key: &str| match at.as_str() {
        "" => key.to_owned(),
        at => format!("{at}.{key}"),
    };
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                flatten(below(key), value, said);
            }
        }
        Value::Array(parts) if parts.iter().all(|part| part.get("code").is_some()) => {
            let codes: Vec<&str> = parts.iter().filter_map(|part| part["code"].as_str()).collect();
            said.insert(format!("{at}, in order"), codes.join(", "));
            for (code, part) in codes.into_iter().zip(parts) {
                flatten(below(code), part, said);
            }
        }
        said_here => {
            said.insert(at, said_here.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_36_and_k7_who_may_redeem_and_when() {
    let (ok, level, window) = ("ok", "LEVEL_REQUIRED", "OUTSIDE_WINDOW");
    for (file, expected) in [
        ("k7-for-all", [ok, ok, ok, ok]),
        ("k7-from-silver", [level, ok, ok, ok]),
        ("k7-in-a-window", [window, window, ok, window]),
    ] {
        let mut played = Played::of(file).await;
        let had = async |played: &Played| played.redeems("gift").await.err().unwrap_or("ok".to_owned());
        played.buys(999).await;
        let mut answers = vec![had(&played).await];
        played.buys(1_000).await;
        answers.push(had(&played).await);
        for time in ["2026-02-01T23:59:59", "2026-02-02T00:00:00"] {
            played.at(time).await;
            answers.push(had(&played).await);
        }
        assert_eq!(answers, expected, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k9_one_order_of_the_member_day_is_free_for_diamond_members_or_for_all() {
    for (file, for_standard, for_diamond) in [("k9-for-all", 0, 0), ("k9-for-diamond", 300, 0)] {
        let mut played = Played::of(file).await;
        let standard = played.member.clone();
        played.another_member().await;
        played.buys(5_000).await;
        played.at("2026-08-17T23:59:59").await;
        assert_eq!(played.price(line("1", 300)).await, 300, "{file}");
        played.at("2026-08-18T00:00:00").await;
        let free = played.quote(line("1", 300)).await;
        assert_eq!(free.price_minor_units / 100, for_diamond, "{file}");
        assert_eq!(played.buys_as_quoted(free).await, 0, "what is free earns nothing");
        assert_eq!(played.price(line("1", 300)).await, 300, "{file}: one order is free");
        played.member = standard;
        assert_eq!(played.price(line("1", 300)).await, for_standard, "{file}");
        played.at("2026-08-19T00:00:00").await;
        assert_eq!(played.price(line("1", 300)).await, 300, "{file}");
    }
}
