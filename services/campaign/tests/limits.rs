//! How often campaigns apply for a member, also when everything happens at once, and what returns give back of that.

use proto::campaign as pb;

use crate::support::{Shop, bought, brought_back, did, double, fared, publish_campaign, thanks_for, worth};

fn limited(period: pb::LimitPeriod, times: i64, points: i64, campaign: pb::Campaign) -> pb::Campaign {
    let limit = pb::Limit {
        period: period.into(),
        times,
        points,
    };
    pb::Campaign {
        limits: vec![limit],
        ..campaign
    }
}

#[tokio::test]
async fn a_campaign_applies_once_a_day_in_the_zone_of_the_program() {
    let shop = Shop::open().await;
    let daily = limited(pb::LimitPeriod::Day, 1, 0, thanks_for("check-in", 5));
    publish_campaign(&shop.program, "c-1", daily).await.unwrap();
    let mut points = Vec::new();
    for (request_id, until) in [
        ("1", "2026-01-01T06:00:00Z"),
        ("2", "2026-01-02T04:59:59Z"),
        ("3", "2026-01-02T05:00:00Z"),
    ] {
        shop.program.advance_to(until).await;
        points.push(worth(&shop.record(request_id, did("check-in")).await.activity.unwrap()));
    }
    assert_eq!(points, [5, 0, 5]);
}

#[tokio::test]
async fn many_at_once_do_not_exceed_a_limit() {
    let shop = Shop::open().await;
    let thrice = limited(pb::LimitPeriod::Campaign, 3, 0, thanks_for("share", 10));
    publish_campaign(&shop.program, "c-1", thrice).await.unwrap();
    let requests: Vec<String> = (0..40).map(|number| format!("share-{number}")).collect();
    let shares = requests.iter().map(|request_id| shop.record(request_id, did("share")));
    let shares = futures::future::join_all(shares).await;
    let earned: i64 = shares.iter().map(|share| worth(share.activity.as_ref().unwrap())).sum();
    assert_eq!((earned, shop.available().await), (30, 30));
}

#[tokio::test]
async fn points_are_cut_to_what_the_limit_leaves_and_the_receipt_says_so() {
    let shop = Shop::open().await;
    let hundred_fifty = limited(pb::LimitPeriod::Month, 0, 150, double("double"));
    publish_campaign(&shop.program, "c-1", hundred_fifty).await.unwrap();
    assert_eq!(worth(&shop.buys("1", 10_000).await), 200);
    let second = shop.buys("2", 10_000).await;
    assert_eq!(worth(&second), 150);
    let decision = second.decision.unwrap();
    let contribution = &decision.accruals[0].contributions[0];
    assert_eq!((contribution.points, contribution.capped_points), (50, 50));
    let used = &decision.facts.unwrap().uses[0];
    assert_eq!((used.campaign.as_str(), used.times, used.points), ("double", 1, 100));
    let third = shop.buys("3", 10_000).await;
    assert_eq!(worth(&third), 100);
    assert_eq!(fared(&third), [("double".to_owned(), pb::NotFiredReason::LimitReached)]);
}

#[tokio::test]
async fn what_comes_back_can_be_had_again() {
    let shop = Shop::open().await;
    publish_campaign(
        &shop.program,
        "c-1",
        limited(pb::LimitPeriod::Campaign, 1, 0, double("once")),
    )
    .await
    .unwrap();
    assert_eq!(worth(&shop.buys("1", 10_000).await), 200);
    assert_eq!(worth(&shop.buys("2", 10_000).await), 100);
    let back = shop.record("back", brought_back("1", &[])).await.activity.unwrap();
    assert_eq!(worth(&back), -200);
    assert_eq!(worth(&shop.buys("3", 10_000).await), 200);
    assert_eq!(worth(&shop.buys("4", 10_000).await), 100);
}

#[tokio::test]
async fn a_preview_knows_what_was_used() {
    let shop = Shop::open().await;
    publish_campaign(
        &shop.program,
        "c-1",
        limited(pb::LimitPeriod::Campaign, 1, 0, double("once")),
    )
    .await
    .unwrap();
    shop.buys("1", 10_000).await;
    let preview = shop.try_preview(bought("2", 10_000)).await.unwrap().into_inner();
    assert_eq!(preview.decision.unwrap().awards[0].points, 100);
}
