//! The rows of the requirements about what members do over time, and about a part of them, as program files, played like those about points.

use proto::{
    campaign::{
        CustomActivity, GetCampaignResultsRequest, ListReferralsRequest, Payment, Purchase, ReferralState,
        activity_input::Activity, list_referrals_request::Of, referral_service_client::ReferralServiceClient,
        result_service_client::ResultServiceClient,
    },
    points::{DayBasis, ListFundedPointsRequest, Period, liability_service_client::LiabilityServiceClient},
};

use crate::{
    calls::{available, comes_to, enrol_as},
    played::{Played, line},
};

#[tokio::test(flavor = "multi_thread")]
async fn row_29_check_in_streaks() {
    let mut played = Played::of("29-check-in-streak").await;
    let mut brought = Vec::new();
    for day in [1, 2, 3, 5, 6, 7, 8] {
        played.at(&format!("2026-01-{day:02}T08:00:00")).await;
        brought.push(played.does_custom("check-in", &[]).await);
    }
    assert_eq!(brought, [1, 2, 3, 1, 2, 3, 4]);
    assert_eq!(played.does_custom("check-in", &[]).await, 0);
    // The fourth makes it eight in a row: 1 to 6 and 20, and 1 for the eighth.
    let make_up = |kind: &str| {
        Activity::Custom(CustomActivity {
            kind: kind.to_owned(),
            ..CustomActivity::default()
        })
    };
    let fourth = played.does_on("2026-01-04T08:00:00", make_up("make-up")).await;
    assert_eq!(fourth, (41 + 1) - (6 + 10));
    let mut rest = 0;
    for day in 9..=31 {
        played.at(&format!("2026-01-{day:02}T08:00:00")).await;
        rest += played.does_custom("check-in", &[]).await;
    }
    // Days 9 to 31 of four weeks and three days, of which 42 points were there, and the milestone once.
    assert_eq!(rest, 4 * 41 + 6 - 42 + 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_48_spend_in_the_campaign() {
    let mut played = Played::of("48-spend-in-campaign").await;
    played.at("2026-02-28T12:00:00").await;
    played.buys(4_000).await;
    played.at("2026-03-01T00:00:00").await;
    let mut levels = Vec::new();
    for yuan in [3_000, 1_999, 1, 900] {
        played.buys(yuan).await;
        levels.push(played.level().await);
    }
    assert_eq!(levels, ["standard", "standard", "silver", "silver"]);
    played.another_member().await;
    played.buys(5_000).await;
    assert_eq!(played.level().await, "silver");
    played.gives_back(played.orders).await;
    assert_eq!(played.level().await, "standard");
    played.at("2026-04-01T00:00:00").await;
    played.buys(5_000).await;
    assert_eq!(played.level().await, "standard");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_30_one_level_up_for_a_friend() {
    let mut played = Played::of("30-level-for-referral").await;
    let mut levels = Vec::new();
    for (on, until) in [
        ("2026-01-15T12:00:00", "2026-01-30T00:00:00"),
        ("2026-03-01T12:00:00", "2026-03-16T00:00:00"),
        ("2026-04-01T12:00:00", "2026-04-16T00:00:00"),
    ] {
        played.brings_a_friend(on, until).await;
        levels.push(played.level().await);
    }
    for day in ["2026-05-01T00:00:00", "2026-07-15T23:59:59", "2026-07-16T00:00:00"] {
        played.at(day).await;
        levels.push(played.level().await);
    }
    assert_eq!(levels, ["silver", "silver", "gold", "gold", "gold", "standard"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_30_whoever_brings_themselves_back_as_a_friend_is_looked_at() {
    let mut played = Played::of("30-level-for-referral").await;
    played.at("2026-01-15T12:00:00").await;
    let friends = [played.invites("one phone").await, played.invites("one phone").await];
    for friend in &friends {
        played.friend_buys(friend, 100).await;
    }
    played.at("2026-01-30T00:00:00").await;
    assert_eq!(
        (played.friends().await, played.level().await),
        (0, "standard".to_owned())
    );
    let flagged = ListReferralsRequest {
        of: Some(Of::State(ReferralState::Flagged.into())),
        ..ListReferralsRequest::default()
    };
    let mut referrals = ReferralServiceClient::new(played.clients.transport(0));
    let flagged = referrals.list_referrals(flagged).await.unwrap().into_inner().referrals;
    assert_eq!(flagged.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_30_points_for_a_friend_and_for_whom_they_bring() {
    let mut played = Played::of("30-points-for-referral").await;
    played.at("2026-01-02T12:00:00").await;
    let mut friends = Vec::new();
    for number in 0..3 {
        let friend = played.invites(&format!("phone {number}")).await;
        played.friend_buys(&friend, 1).await;
        friends.push(friend);
    }
    played.at("2026-01-17T00:00:00").await;
    played.has_brought(3).await;
    assert_eq!(played.balance().await, 400);
    for friend in &friends {
        comes_to(&played.clients, friend, "points", 101).await;
    }
    played
        .brings_a_friend("2026-04-01T12:00:00", "2026-04-16T00:00:00")
        .await;
    assert_eq!(played.balance().await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_76_a_pilot_with_a_part_of_the_members() {
    let mut played = Played::of("76-pilot").await;
    let (mut double, mut fifty, mut neither) = (0, 0, 0);
    for number in 0..40 {
        played.member = enrol_as(&played.clients, &format!("pilot-{number}")).await;
        let earned = [played.buys(100).await, played.buys(100).await];
        match earned {
            [200, 200] => double += 1,
            [150, 150] => fifty += 1,
            [100, 100] => neither += 1,
            other => panic!("a member is in one arm for ever, and not once in another: {other:?}"),
        }
    }
    // None of forty in an arm of a fifth would be one run in 7,500.
    assert!(double > 0 && fifty > 0 && neither > 0, "{double}, {fifty}, {neither}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_42_two_percent_of_a_year_come_back_at_its_end() {
    let mut played = Played::of("42-annual-rebate").await;
    assert_eq!(played.buys(600).await, 1_200);
    played.at("2026-06-01T12:00:00").await;
    assert_eq!(played.buys(400).await, 800);
    assert_eq!(played.gives_back(1).await, -1_200);
    played.at("2026-12-31T23:59:59").await;
    assert_eq!(available(&played.clients, &played.member).await, 0);
    played.at("2027-01-01T00:00:00").await;
    assert_eq!(available(&played.clients, &played.member).await, 800);
    assert_eq!(played.buys(100).await, 200);
    assert_eq!(available(&played.clients, &played.member).await, 800);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_74_a_partner_pays_for_its_points() {
    let mut played = Played::of("74-partner-funded").await;
    let by_card = Payment {
        method: "air-card".to_owned(),
        minor_units: 20_000,
    };
    let order = Purchase {
        payments: vec![by_card],
        ..played.order(vec![line("1", 200)])
    };
    assert_eq!(played.does(Activity::Purchase(order)).await, 300);
    assert_eq!(played.buys(100).await, 100);
    assert_eq!(played.gives_back(1).await, -300);
    let order = Purchase {
        payments: vec![Payment {
            method: "air-card".to_owned(),
            minor_units: 5_000,
        }],
        ..played.order(vec![line("1", 50)])
    };
    assert_eq!(played.does(Activity::Purchase(order)).await, 75);
    let request = ListFundedPointsRequest {
        wallet: "points".to_owned(),
        period: Period::Year.into(),
        basis: DayBasis::Occurred.into(),
        first_day: "2026-01-01".to_owned(),
        last_day: "2026-12-31".to_owned(),
        ..ListFundedPointsRequest::default()
    };
    let mut liability = LiabilityServiceClient::new(played.clients.transport(0));
    let lines = liability.list_funded_points(request).await.unwrap().into_inner().lines;
    let of = |funder: &str| {
        let line = lines.iter().find(|line| line.funder == funder).unwrap();
        let cost = line.cost.as_ref().map(|cost| cost.minor_units);
        (line.issued_points, line.taken_back_points, cost)
    };
    assert_eq!(of("air"), (100 + 25, 100, Some(20)));
    assert_eq!(of(""), (200 + 100 + 50, 200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_80_what_a_yuan_of_marketing_sells() {
    let mut played = Played::of("80-return-on-investment").await;
    assert_eq!(played.buys(20).await, 1_020);
    assert_eq!(played.buys(20).await, 1_020);
    assert_eq!(played.buys(300).await, 1_300);
    assert_eq!(played.gives_back(1).await, -1_020);
    for (campaign, times, sold, of_cost) in [("small-gift", 1, 20, 2_000), ("large-gift", 1, 300, 30_000)] {
        let request = GetCampaignResultsRequest {
            campaign: campaign.to_owned(),
            first_day: "2026-01-01".to_owned(),
            last_day: "2026-01-01".to_owned(),
        };
        let mut results = ResultServiceClient::new(played.clients.transport(0));
        let mut told = None;
        for _ in 0..200 {
            let now = results
                .get_campaign_results(request.clone())
                .await
                .unwrap()
                .into_inner();
            told = Some(now.clone());
            if now.total.is_some_and(|total| total.sales_minor_units == sold * 100) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let told = told.unwrap();
        let total = told.total.unwrap();
        assert_eq!(
            (total.times, total.cost_minor_units, total.sales_minor_units),
            (times, 1_000, sold * 100)
        );
        assert_eq!(told.sales_per_mille_of_cost, Some(of_cost), "{campaign}");
    }
}
