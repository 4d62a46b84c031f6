//! Prospects: what they do is recorded, and earns where an accrual says so.

use harness::at;
use proto::campaign as pb;

use crate::support::{
    Shop, accrual, bought, brought_back, double, fared, first_purchase, publish_accrual, publish_campaign,
    publish_wallet, when, worth,
};

/// A prospect of the same program.
async fn prospect_of(shop: &Shop) -> Shop {
    Shop {
        program: shop.program.clone(),
        member_id: shop.program.prospect().await,
    }
}

/// The points, the spend and the orders that an activity adds.
fn added(activity: &pb::Activity) -> (i64, i64, i64) {
    let metrics = activity.decision.as_ref().unwrap().metrics.unwrap();
    (metrics.points_earned, metrics.spend_minor_units, metrics.orders)
}

async fn is_decided_alike(shop: &Shop, activity: &pb::Activity) -> bool {
    let request = pb::VerifyDecisionRequest {
        member_id: shop.member_id.clone(),
        activity_id: activity.activity_id.clone(),
    };
    let verified = shop.program.activities().verify_decision(request).await.unwrap();
    verified.into_inner().outcome() == pb::VerifyOutcome::Same
}

#[tokio::test]
async fn what_is_done_before_joining_counts_for_nothing_whenever_it_is_recorded() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", when(first_purchase(), double("first")))
        .await
        .unwrap();
    let shop = prospect_of(&shop).await;
    let before = shop.buys("17", 10_000).await;
    let back = shop.record("back-17", brought_back("17", &[])).await.activity.unwrap();
    for activity in [&before, &back] {
        assert_eq!((worth(activity), added(activity)), (0, (0, 0, 0)));
        assert!(is_decided_alike(&shop, activity).await);
    }
    let request = pb::ExplainActivityRequest {
        member_id: shop.member_id.clone(),
        activity_id: before.activity_id.clone(),
        language: pb::Language::Unspecified.into(),
    };
    let explained = shop.program.activities().explain_activity(request).await.unwrap();
    assert_eq!(
        explained.into_inner().sentences,
        [
            "The member bought order 17.",
            "The customer had not joined the program yet.",
            "It was the member's first purchase.",
            "Campaign first (version 1) did not apply: it is for members, and the customer had not joined.",
            "No points change hands.",
        ]
    );

    shop.program.advance_to("2026-01-02T05:00:00Z").await;
    shop.program.joins(&shop.member_id).await;
    let late = pb::ActivityInput {
        occurred_at: Some(at("2026-01-02T04:59:59Z")),
        ..shop.input(bought("18", 10_000))
    };
    let late = shop.try_input("18", late).await.unwrap().into_inner().activity.unwrap();
    assert_eq!((worth(&late), added(&late)), (0, (0, 0, 0)));
    let first = shop.buys("19", 10_000).await;
    assert_eq!((worth(&first), added(&first)), (200, (200, 10_000, 1)));
    assert_eq!(
        worth(&shop.buys("20", 10_000).await),
        100,
        "the first as a member was 19"
    );
    assert_eq!(shop.available().await, 300);
}

#[tokio::test]
async fn prospects_earn_what_is_for_them_and_campaigns_that_do_something_for_that_alone() {
    let shop = Shop::open().await;
    let for_all = pb::Accrual {
        prospects_earn: true,
        ..accrual()
    };
    publish_accrual(&shop.program, "a-1", for_all).await.unwrap();
    publish_wallet(&shop.program, "growth").await;
    let growth = pb::Accrual {
        code: "growth".to_owned(),
        wallet: "growth".to_owned(),
        ..accrual()
    };
    publish_accrual(&shop.program, "a-2", growth).await.unwrap();
    let mut of_both = double("of-both");
    of_both.effects.push(pb::Effect {
        accrual: "growth".to_owned(),
        ..of_both.effects[0].clone()
    });
    let discount = pb::Discount {
        off: Some(pb::discount::Off::PerMille(100)),
        ..pb::Discount::default()
    };
    let member_price = pb::Campaign {
        effects: Vec::new(),
        discounts: vec![discount],
        ..double("member-price")
    };
    publish_campaign(&shop.program, "c-1", when(first_purchase(), double("first")))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", of_both).await.unwrap();
    publish_campaign(&shop.program, "c-3", member_price).await.unwrap();

    let prospect = prospect_of(&shop).await;
    let request = |of: &Shop| pb::QuoteOrderRequest {
        input: Some(of.input(bought("17", 10_000))),
        floors: Vec::new(),
    };
    let mut prices = Vec::new();
    for of in [&shop, &prospect] {
        let quoted = of.program.activities().quote_order(request(of)).await.unwrap();
        prices.push(quoted.into_inner().price_minor_units);
    }
    assert_eq!(prices, [9_000, 10_000], "discounts are for members");

    let first = prospect.buys("17", 10_000).await;
    assert_eq!((worth(&first), added(&first)), (200, (200, 10_000, 1)));
    assert_eq!(fared(&first), [("first".to_owned(), pb::NotFiredReason::Unspecified)]);
    assert!(is_decided_alike(&prospect, &first).await);
    prospect.program.joins(&prospect.member_id).await;
    let next = prospect.buys("18", 10_000).await;
    assert_eq!(
        worth(&next),
        400,
        "it was the second, and a member has both accruals and the other campaign"
    );
    assert_eq!(
        (prospect.available().await, prospect.available_in("growth").await),
        (400, 200)
    );
}
