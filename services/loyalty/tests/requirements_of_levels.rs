//! The rows of the requirements about levels as program files, played like those about points. Where plans contradict one another, the same member does the same in each.

use crate::played::Played;

/// The level after each of some purchases, in yuan.
async fn levels(file: &str, ladder: &str, purchases: &[i64]) -> Vec<String> {
    let mut played = Played::of(file).await;
    let mut levels = vec![played.tier(ladder).await.level];
    for yuan in purchases {
        played.buys(*yuan).await;
        levels.push(played.tier(ladder).await.level);
    }
    levels
}

#[tokio::test(flavor = "multi_thread")]
async fn row_43_and_k4_three_four_or_five_levels_with_platinum_where_the_plan_has_it() {
    // In all: 999, 1,000, 3,000, 4,000, 5,000 and 10,000 yuan.
    let purchases = [999, 1, 2_000, 1_000, 1_000, 5_000];
    let (standard, silver, gold, platinum, diamond) = ("standard", "silver", "gold", "platinum", "diamond");
    for (file, expected) in [
        (
            "k4-three-levels",
            [silver, silver, silver, gold, gold, diamond, diamond],
        ),
        (
            "k4-four-levels",
            [standard, standard, silver, gold, gold, diamond, diamond],
        ),
        (
            "k4-platinum-below-diamond",
            [standard, standard, silver, gold, platinum, diamond, diamond],
        ),
        (
            "k4-platinum-on-top",
            [standard, standard, silver, gold, gold, diamond, platinum],
        ),
        (
            "k4-two-ladders",
            [standard, standard, silver, gold, gold, diamond, diamond],
        ),
    ] {
        assert_eq!(levels(file, "status", &purchases).await, expected, "{file}");
    }
    assert_eq!(
        levels("k4-two-ladders", "growth", &[1, 1, 1, 1]).await,
        ["seed", "sprout", "leaf", "flower", "fruit"],
        "often, and for nothing, is another ladder"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_44_and_45_and_k5_what_a_level_asks_for() {
    let (standard, silver, gold, diamond) = ("standard", "silver", "gold", "diamond");
    for (file, after) in [
        ("k5-by-points", [standard, standard, standard, standard, silver]),
        ("k5-by-spend", [standard, standard, standard, silver, standard]),
        ("k5-by-either", [standard, standard, standard, silver, silver]),
        ("k5-by-growth", [silver, gold, diamond, diamond, diamond]),
    ] {
        let mut played = Played::of(file).await;
        let mut levels = Vec::new();
        for day in [2, 4, 6] {
            let next = format!("2026-01-{:02}T00:00:00", day + 1);
            played
                .brings_a_friend(&format!("2026-01-{day:02}T12:00:00"), &next)
                .await;
            levels.push(played.level().await);
        }
        played.another_member().await;
        assert_eq!(played.buys(5_000).await, 5_000);
        levels.push(played.level().await);
        played.another_member().await;
        assert_eq!(played.does_custom("contest", &[]).await, 10_000);
        levels.push(played.level().await);
        assert_eq!(levels, after, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_46_and_49_whatever_makes_a_member_grow_makes_levels() {
    let mut played = Played::of("46-growth-stages").await;
    let mut grown = vec![
        played.does_custom("quiz", &[]).await,
        played.does_custom("quiz", &[]).await,
    ];
    for day in ["2026-01-02", "2026-01-03", "2026-01-03"] {
        played.at(&format!("{day}T12:00:00")).await;
        grown.push(played.does_custom("post", &[]).await);
    }
    grown.push(played.buys(6_999).await);
    assert_eq!(
        (grown, played.level().await),
        (vec![20, 0, 5, 5, 0, 69], "standard".to_owned())
    );
    assert_eq!(played.buys(100).await, 1);
    assert_eq!(played.level().await, "silver", "20, 10 and 70 are 100");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_30_and_48_a_referral_is_a_level_and_so_are_5000_yuan_in_a_campaign() {
    let mut played = Played::of("46-growth-stages").await;
    played
        .brings_a_friend("2026-01-02T12:00:00", "2026-01-03T00:00:00")
        .await;
    assert_eq!(played.level().await, "silver");
    played
        .brings_a_friend("2026-01-04T12:00:00", "2026-01-05T00:00:00")
        .await;
    assert_eq!(played.level().await, "gold");
    played.at("2026-03-01T00:00:00").await;
    assert_eq!(played.buys(4_999).await, 49);
    assert_eq!(played.level().await, "gold");
    assert_eq!(played.buys(1).await, 100);
    let tier = played.tier("status").await;
    let missing = tier.next.unwrap().any_of[0].all_of[0].missing;
    assert_eq!((tier.level.as_str(), missing), ("platinum", 51));
    assert_eq!(
        played.gives_back(played.orders).await,
        -100,
        "who has not spent 5,000 has not risen by it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn k6_levels_by_the_points_that_are_spent_or_by_money() {
    for (file, expected) in [
        ("k6-by-points", ["silver", "silver", "silver"]),
        ("k6-by-spend", ["standard", "standard", "silver"]),
    ] {
        let mut played = Played::of(file).await;
        assert_eq!(played.buys(500).await, 1_000);
        let mut levels = vec![played.level().await];
        for _ in 0..2 {
            played.redeems("cup").await.expect("the points are there");
        }
        assert_eq!(played.balance().await, 0);
        levels.push(played.level().await);
        played.buys(500).await;
        levels.push(played.level().await);
        assert_eq!(levels, expected, "{file}");
    }
}
