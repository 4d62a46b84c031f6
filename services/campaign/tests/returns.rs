use harness::refusal;
use proto::campaign::{self as pb, activity_input::Activity as Did};
use tonic::Code;

use crate::support::{Shop, bought, brought_back, double, line, order, publish_campaign, worth};

#[tokio::test]
async fn ten_small_returns_take_back_as_much_as_one_large_return() {
    let shop = Shop::open().await;
    shop.buys("17", 10_050).await;
    let mut taken = 0;
    for part in 0..10 {
        let back = shop
            .record(&format!("back-{part}"), brought_back("17", &[("1", 105)]))
            .await
            .activity
            .unwrap();
        taken += worth(&back);
    }
    assert_eq!((taken, shop.available().await), (-10, 90));
    let rest = shop.record("rest", brought_back("17", &[])).await;
    assert_eq!(
        (worth(rest.activity.as_ref().unwrap()), shop.available().await),
        (-90, 0)
    );
    assert_eq!(rest.balances[0].available, 0);
}

#[tokio::test]
async fn a_return_tells_what_is_kept_and_counts_when_the_purchase_did() {
    let shop = Shop::open().await;
    let discounted = pb::PurchaseLine {
        discount_minor_units: 1_000,
        tax_minor_units: 700,
        ..line("1", 10_000)
    };
    let purchase = shop
        .record("17", Did::Purchase(order("17", vec![discounted, line("2", 500)])))
        .await
        .activity
        .unwrap();
    shop.program.advance_to("2026-02-01T00:00:00Z").await;
    let back = shop
        .record("back", brought_back("17", &[("1", 5_000), ("2", 0)]))
        .await
        .activity
        .unwrap();
    let decision = back.decision.unwrap();
    assert_eq!(decision.purchase_activity_id, purchase.activity_id);
    let kept = pb::KeptLine {
        line_id: "1".to_owned(),
        gross_minor_units: 5_000,
        discount_minor_units: 500,
        tax_minor_units: 350,
    };
    assert_eq!(decision.kept, [kept]);
    let metrics = decision.metrics.unwrap();
    assert_eq!(
        (metrics.spend_minor_units, metrics.orders, metrics.points_earned),
        (-5_000, 0, -50)
    );
    assert_eq!(
        metrics.counted_at,
        purchase.decision.unwrap().metrics.unwrap().counted_at
    );
}

#[tokio::test]
async fn a_return_is_judged_by_the_rules_of_its_purchase() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    shop.buys("17", 10_000).await;
    publish_campaign(
        &shop.program,
        "c-2",
        pb::Campaign {
            paused: true,
            ..double("double")
        },
    )
    .await
    .unwrap();
    publish_campaign(&shop.program, "c-3", double("for-ever"))
        .await
        .unwrap();
    let half = shop
        .record("back", brought_back("17", &[("1", 5_000)]))
        .await
        .activity
        .unwrap();
    assert_eq!(worth(&half), -100);
}

#[tokio::test]
async fn repeating_a_return_takes_back_once() {
    let shop = Shop::open().await;
    shop.buys("17", 10_000).await;
    let first = shop.record("back", brought_back("17", &[("1", 3_000)])).await;
    assert_eq!(shop.record("back", brought_back("17", &[("1", 3_000)])).await, first);
    assert_eq!(shop.available().await, 70);
}

#[tokio::test]
async fn concurrent_returns_of_one_order_never_take_back_more_than_it_earned() {
    let shop = Shop::open().await;
    shop.buys("17", 10_000).await;
    let returns = (0..12).map(|part| {
        let shop = &shop;
        async move {
            shop.try_record(&format!("back-{part}"), brought_back("17", &[("1", 1_000)]))
                .await
        }
    });
    let answers = futures::future::join_all(returns).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(shop.available().await, 0);
}

#[tokio::test]
async fn more_than_is_left_never_comes_back() {
    let shop = Shop::open().await;
    shop.buys("17", 10_000).await;
    shop.record("back", brought_back("17", &[("1", 9_920)])).await;
    let refused = refusal(shop.try_record("more", brought_back("17", &[("1", 100)])).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MORE_THAN_LEFT")
    );
    let said = ["line_id", "left_minor_units", "asked_minor_units"].map(|key| refused.metadata[key].as_str());
    assert_eq!(said, ["1", "80", "100"]);
    shop.record("rest", brought_back("17", &[])).await;
    assert_eq!(
        refusal(shop.try_record("again", brought_back("17", &[])).await).reason,
        "MORE_THAN_LEFT"
    );
}

#[tokio::test]
async fn only_what_was_bought_comes_back() {
    let shop = Shop::open().await;
    let unknown = refusal(shop.try_record("r-1", brought_back("17", &[])).await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "ORDER_NOT_FOUND")
    );
    assert_eq!(unknown.metadata["order_id"], "17");
    shop.buys("17", 10_000).await;
    let no_line = refusal(shop.try_record("r-2", brought_back("17", &[("2", 0)])).await);
    assert_eq!(
        (no_line.code, no_line.reason.as_str()),
        (Code::NotFound, "LINE_NOT_FOUND")
    );
    assert_eq!(
        (
            no_line.metadata["order_id"].as_str(),
            no_line.metadata["line_id"].as_str()
        ),
        ("17", "2")
    );
}

#[tokio::test]
async fn a_frozen_member_can_bring_goods_back() {
    let shop = Shop::open().await;
    shop.buys("17", 10_000).await;
    shop.freeze().await;
    let back = shop.record("back", brought_back("17", &[])).await.activity.unwrap();
    assert_eq!((back.state(), worth(&back)), (pb::AwardState::Awarded, -100));
    assert_eq!(
        refusal(shop.try_record("r-2", bought("18", 100)).await).reason,
        "MEMBER_NOT_ALLOWED"
    );
}
