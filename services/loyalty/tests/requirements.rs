//! The rows of the requirements about points as program files: each is applied, and played through the public API by a member of its own.

use proto::campaign::{Payment, Purchase, PurchaseLine, activity_input::Activity};

use crate::{
    calls::available,
    played::{Played, line},
};

#[tokio::test(flavor = "multi_thread")]
async fn row_23_points_per_hundred_and_per_ten() {
    let (mut hundred, mut ten) = (
        Played::of("23-points-per-hundred").await,
        Played::of("23-points-per-ten").await,
    );
    assert_eq!([hundred.buys(250).await, ten.buys(250).await], [200, 25]);
    assert_eq!([hundred.buys(105).await, ten.buys(105).await], [100, 10]);
    assert_eq!([hundred.gives_back(1).await, ten.gives_back(1).await], [-200, -25]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_levels_accelerate() {
    for (file, at_each_level) in [
        ("24-twenty-percent-a-level", [100, 120, 140, 160]),
        ("24-diamond-doubles", [100, 100, 100, 200]),
    ] {
        let mut played = Played::of(file).await;
        let mut earned = vec![played.buys(100).await];
        for spent in [1_000, 2_000, 3_000] {
            played.buys(spent).await;
            earned.push(played.buys(100).await);
        }
        assert_eq!(earned, at_each_level, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_and_45_ten_thousand_points_make_silver_which_doubles() {
    let mut played = Played::of("24-doubling-at-silver").await;
    assert_eq!(played.buys(9_999).await, 9_999);
    assert_eq!(played.buys(1).await, 1);
    assert_eq!(played.buys(100).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_25_double_days() {
    let mut played = Played::of("25-double-days").await;
    let mut earned = Vec::new();
    for day in [
        "2026-01-07T23:59:59",
        "2026-01-08T00:00:00",
        "2026-09-30T23:59:59",
        "2026-10-01T00:00:00",
        "2026-10-08T23:59:59",
        "2026-10-09T00:00:00",
    ] {
        played.at(day).await;
        earned.push(played.buys(100).await);
    }
    assert_eq!(earned, [100, 200, 100, 200, 200, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_26_different_times() {
    let mut played = Played::of("26-different-times").await;
    let mut earned = Vec::new();
    // 1 January 2026 is a Thursday and excepted, 6 January a Tuesday.
    for time in [
        "2026-01-01T19:00:00",
        "2026-01-02T17:59:59",
        "2026-01-02T18:00:00",
        "2026-01-02T20:00:00",
        "2026-01-03T19:00:00",
        "2026-01-06T22:00:00",
        "2026-01-07T01:59:59",
        "2026-01-07T02:00:00",
        "2026-01-07T22:30:00",
    ] {
        played.at(time).await;
        earned.push(played.buys(100).await);
    }
    assert_eq!(earned, [100, 100, 150, 100, 100, 120, 120, 100, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_first_purchase() {
    let mut played = Played::of("27-first-purchase").await;
    assert_eq!([played.buys(100).await, played.buys(100).await], [110, 100]);
    assert_eq!([played.gives_back(1).await, played.buys(100).await], [-110, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_29_check_in() {
    let mut played = Played::of("29-check-in").await;
    assert_eq!(
        [
            played.does_custom("check-in", &[]).await,
            played.does_custom("check-in", &[]).await
        ],
        [5, 0]
    );
    let mut month = 5;
    for day in 2..=31 {
        played.at(&format!("2026-01-{day:02}T08:00:00")).await;
        month += played.does_custom("check-in", &[]).await;
    }
    assert_eq!(month, 100);
    played.at("2026-02-01T00:00:00").await;
    assert_eq!(played.does_custom("check-in", &[]).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_31_share_and_quiz() {
    let mut played = Played::of("31-share-and-quiz").await;
    let mut shares = Vec::new();
    for _ in 0..4 {
        shares.push(played.does_custom("share", &[]).await);
    }
    assert_eq!(shares, [10, 10, 10, 0]);
    let mut quizzes = Vec::new();
    for score in ["79", "80", "100", "100"] {
        quizzes.push(played.does_custom("quiz", &[("score", score)]).await);
    }
    assert_eq!(quizzes, [0, 30, 20, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_32_and_33_points_without_an_end_and_for_a_year() {
    let (mut for_ever, mut a_year) = (Played::of("32-no-cap").await, Played::of("33-one-year").await);
    for played in [&mut for_ever, &mut a_year] {
        assert_eq!(played.buys(1_000_000).await, 1_000_000);
        played.at("2027-01-01T00:00:00").await;
    }
    let left = [
        available(&for_ever.clients, &for_ever.member).await,
        available(&a_year.clients, &a_year.member).await,
    ];
    assert_eq!(left, [1_000_000, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_38_both_readings_of_the_last_weekend() {
    let (mut last, mut full) = (
        Played::of("38-last-weekend").await,
        Played::of("38-last-full-weekend").await,
    );
    let mut earned = Vec::new();
    // 31 January 2026 is a Saturday.
    for day in [
        "2026-01-24T12:00:00",
        "2026-01-31T12:00:00",
        "2026-02-01T12:00:00",
        "2026-03-28T12:00:00",
    ] {
        for played in [&last, &full] {
            played.at(day).await;
        }
        earned.push([last.buys(100).await, full.buys(100).await]);
    }
    assert_eq!(earned, [[100, 200], [200, 100], [200, 100], [200, 200]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_70_large_campaigns_at_once() {
    let mut played = Played::of("70-large-campaigns").await;
    // Newcomer's gift of 50, and the double, which brings more than the 0 of the other.
    assert_eq!(played.buys(200).await, 200 + 200 + 50);
    // 400 points are more than the double, which is capped at 300.
    assert_eq!(played.buys(600).await, 600 + 400);
    let of_brand = PurchaseLine {
        brand: "acme".to_owned(),
        ..line("1", 100)
    };
    let tea = PurchaseLine {
        categories: vec!["tea".to_owned()],
        quantity: 4,
        ..line("2", 40)
    };
    let paid = Payment {
        method: "points".to_owned(),
        minor_units: 3_500,
    };
    let order = Purchase {
        payments: vec![paid],
        ..played.order(vec![of_brand, tea])
    };
    // 105 of 140 yuan count, of the brand 75 of 100. Double makes 105 more, the brand 150, the pieces of tea 20.
    assert_eq!(played.does(Activity::Purchase(order)).await, 105 + 105 + 150 + 20);
}
