//! The rows of the requirements about partners and about those who bring members, as program files, played like those about points.

use proto::{
    campaign::{ListBudgetsRequest, activity_input::Activity},
    points::{
        DayBasis, EarnPointsRequest, ListFundedPointsRequest, Period, liability_service_client::LiabilityServiceClient,
    },
};

use crate::{
    calls::{comes_to, enrol_by},
    played::{Played, line},
};

#[tokio::test(flavor = "multi_thread")]
async fn row_74_a_partner_pays_for_the_points_that_it_gives() {
    let mut played = Played::of("74-partners").await;
    for (funder, points) in [("airline", 500), ("airline", 250), ("hotel", 300)] {
        let flight = EarnPointsRequest {
            request_id: format!("{funder}-{points}"),
            member_id: played.member.clone(),
            wallet: "points".to_owned(),
            points,
            funder: funder.to_owned(),
            ..EarnPointsRequest::default()
        };
        played.clients.points(0).earn_points(flight).await.unwrap();
    }
    played.channel = "airline-app".to_owned();
    assert_eq!([played.buys(100).await, played.buys(100).await], [200, 100]);
    assert_eq!(played.balance().await, 500 + 250 + 300 + 200 + 100);

    let month = ListFundedPointsRequest {
        wallet: "points".to_owned(),
        period: Period::Month.into(),
        basis: DayBasis::Occurred.into(),
        first_day: "2026-01-01".to_owned(),
        last_day: "2026-01-31".to_owned(),
        ..ListFundedPointsRequest::default()
    };
    let mut liability = LiabilityServiceClient::new(played.clients.transport(0));
    let lines = liability.list_funded_points(month).await.unwrap().into_inner().lines;
    let lines = lines.iter().map(|line| {
        let cost = line.cost.as_ref().map(|cost| cost.minor_units);
        (line.funder.as_str(), line.net_points, cost)
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(
        lines,
        [("", 300, None), ("airline", 750, Some(600)), ("hotel", 300, Some(300))]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_75_what_comes_by_the_channel_of_a_kol_is_told_apart() {
    let mut played = Played::of("75-kol-channel").await;
    let order = |played: &Played| Activity::Purchase(played.order(vec![line("1", 100)]));
    let by_app = order(&played);
    assert_eq!(played.does(by_app).await, 100);
    played.member = enrol_by(&played.clients, "kol-lily", "fan").await;
    comes_to(&played.clients, &played.member, "points", 50).await;
    played.channel = "kol-lily".to_owned();
    let by_kol = order(&played);
    assert_eq!(played.does(by_kol).await, 150);
    played.channel = "app".to_owned();
    assert_eq!(
        played.buys(100).await,
        100,
        "a fan who comes by the app is not the KOL's"
    );

    let listed = played.budgets().list_budgets(ListBudgetsRequest {}).await.unwrap();
    let usage = &listed.into_inner().budgets[0].usage[0];
    assert_eq!(
        usage.spent_minor_units,
        50 + 50,
        "50 for enrolling, 50 for buying, a fen each"
    );
}
