use harness::{at, refusal, suite};
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    Shop, accrual, bought, brought_back, double, first_purchase, line, order, publish_accrual, publish_campaign, when,
    worth,
};

#[tokio::test]
async fn a_purchase_earns_and_its_receipt_says_why() {
    let shop = Shop::open().await;
    let recorded = shop.record("r-1", bought("17", 12_345)).await;
    let activity = recorded.activity.unwrap();
    assert_eq!(activity.state(), pb::AwardState::Awarded);
    assert_eq!((activity.request_id.as_str(), worth(&activity)), ("r-1", 123));
    let decision = activity.decision.unwrap();
    let judged = &decision.accruals[0];
    assert_eq!(
        (judged.accrual.as_str(), judged.version, judged.base_minor_units),
        ("base", 1, 12_345)
    );
    let metrics = decision.metrics.unwrap();
    assert_eq!(
        (metrics.spend_minor_units, metrics.orders, metrics.points_earned),
        (12_345, 1, 123)
    );
    assert_eq!(metrics.counted_at, Some(at("2026-01-01T05:00:00Z")));
    let balance = &recorded.balances[0];
    assert_eq!(
        (balance.wallet.as_str(), balance.available, balance.debt),
        ("points", 123, 0)
    );
    assert_eq!(shop.available().await, 123);
}

#[tokio::test]
async fn recording_twice_with_one_request_id_records_and_awards_once() {
    let shop = Shop::open().await;
    let first = shop.record("r-1", bought("17", 10_000)).await;
    assert_eq!(shop.record("r-1", bought("17", 10_000)).await, first);
    assert_eq!(shop.available().await, 100);
    let refused = refusal(shop.try_record("r-1", bought("17", 20_000)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "input");
    assert_eq!(shop.available().await, 100);
}

#[tokio::test]
async fn two_members_may_use_one_order_number_and_one_request_id() {
    let shop = Shop::open().await;
    let other = shop.neighbour().await;
    shop.buys("17", 10_000).await;
    other.buys("17", 20_000).await;
    assert_eq!((shop.available().await, other.available().await), (100, 200));
}

#[tokio::test]
async fn an_order_is_recorded_once() {
    let shop = Shop::open().await;
    let first = shop.buys("17", 10_000).await;
    let refused = refusal(shop.try_record("r-2", bought("17", 10_000)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "ORDER_EXISTS")
    );
    assert_eq!(
        (refused.metadata["order_id"].as_str(), &refused.metadata["activity_id"]),
        ("17", &first.activity_id)
    );
    assert_eq!(shop.available().await, 100);
}

#[tokio::test]
async fn an_order_that_contradicts_itself_is_told_everything_at_once() {
    let shop = Shop::open().await;
    let dear = pb::PurchaseLine {
        discount_minor_units: 200,
        ..line("1", 100)
    };
    let wrong = pb::activity_input::Activity::Purchase(order("17", vec![dear, line("1", 100)]));
    let refused = refusal(shop.try_record("r-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "ORDER_INVALID")
    );
    assert_eq!(refused.domain, "campaign.loyalty");
    assert_eq!(
        refused.fields,
        [
            "input.purchase.lines[0].discount_minor_units",
            "input.purchase.lines[1].line_id"
        ]
    );
}

#[tokio::test]
async fn a_request_that_breaks_the_contract_is_told_everything_at_once() {
    let shop = Shop::open().await;
    let input = pb::ActivityInput {
        member_id: "nobody".to_owned(),
        channel: "NO!".to_owned(),
        ..pb::ActivityInput::default()
    };
    let refused = refusal(shop.try_input("", input).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    for field in ["request_id", "input.member_id", "input.channel", "input.activity"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} in {:?}",
            refused.fields
        );
    }
}

#[tokio::test]
async fn only_members_earn() {
    let shop = Shop::open().await;
    let stranger = Shop {
        program: shop.program.clone(),
        member_id: Uuid::now_v7().to_string(),
    };
    let refused = refusal(stranger.try_record("r-1", bought("17", 100)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["member_id"], stranger.member_id);
}

#[tokio::test]
async fn a_member_of_another_program_is_no_member() {
    let (shop, other) = (Shop::open().await, Shop::open().await);
    let foreign = Shop {
        program: other.program,
        member_id: shop.member_id,
    };
    let refused = refusal(foreign.try_record("r-1", bought("17", 100)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
}

#[tokio::test]
async fn a_frozen_member_does_not_earn() {
    let shop = Shop::open().await;
    shop.freeze().await;
    let refused = refusal(shop.try_record("r-1", bought("17", 100)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MEMBER_NOT_ALLOWED")
    );
    assert_eq!(refused.metadata["status"], "FROZEN");
}

#[tokio::test]
async fn what_has_not_happened_yet_earns_nothing() {
    let shop = Shop::open().await;
    let tomorrow = pb::ActivityInput {
        occurred_at: Some(at("2026-01-02T00:00:00Z")),
        ..shop.input(bought("17", 100))
    };
    let refused = refusal(shop.try_input("r-1", tomorrow).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "OCCURRED_IN_FUTURE")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn an_order_in_another_currency_is_refused() {
    let shop = Shop::open().await;
    let euros = pb::Purchase {
        currency_code: "EUR".to_owned(),
        ..order("17", vec![line("1", 100)])
    };
    let refused = refusal(
        shop.try_record("r-1", pb::activity_input::Activity::Purchase(euros))
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "CURRENCY_NOT_ALLOWED")
    );
    let currencies = (
        refused.metadata["currency_code"].as_str(),
        refused.metadata["program_currency_code"].as_str(),
    );
    assert_eq!(currencies, ("EUR", "USD"));
}

#[tokio::test]
async fn an_award_that_no_wallet_can_take_is_refused() {
    let shop = Shop::open().await;
    let rate = pb::EarnRate {
        per_minor_units: 1,
        points: 1_000_000,
        step: pb::EarnStep::FullSteps.into(),
        ..pb::EarnRate::default()
    };
    publish_accrual(
        &shop.program,
        "generous",
        pb::Accrual {
            rate: Some(rate),
            ..accrual()
        },
    )
    .await
    .unwrap();
    let refused = refusal(shop.try_record("r-1", bought("17", 1_000_000_000_000)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::OutOfRange, "AWARD_OUT_OF_RANGE")
    );
    assert_eq!(refused.metadata["order_id"], "17");
}

#[tokio::test]
async fn an_order_of_no_value_is_recorded_and_earns_nothing() {
    let shop = Shop::open().await;
    let activity = shop.buys("17", 0).await;
    assert_eq!((activity.state(), worth(&activity)), (pb::AwardState::None, 0));
    assert_eq!(activity.decision.unwrap().metrics.unwrap().orders, 1);
}

#[tokio::test]
async fn a_late_purchase_is_judged_by_the_rules_of_its_time() {
    let shop = Shop::open().await;
    shop.program.advance_to("2026-02-01T00:00:00Z").await;
    let off = pb::Campaign {
        paused: true,
        ..double("double")
    };
    publish_campaign(&shop.program, "c-1", off).await.unwrap();
    shop.program.advance_to("2026-03-01T00:00:00Z").await;
    publish_campaign(&shop.program, "c-2", double("double")).await.unwrap();
    let february = pb::ActivityInput {
        occurred_at: Some(at("2026-02-14T00:00:00Z")),
        ..shop.input(bought("1", 10_000))
    };
    let late = shop
        .try_input("late", february)
        .await
        .unwrap()
        .into_inner()
        .activity
        .unwrap();
    assert_eq!((worth(&late), worth(&shop.buys("2", 10_000).await)), (100, 200));
    assert_eq!(late.input.unwrap().occurred_at, Some(at("2026-02-14T00:00:00Z")));
}

#[tokio::test]
async fn the_first_purchase_is_the_first_that_was_made() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", when(first_purchase(), double("welcome")))
        .await
        .unwrap();
    assert_eq!(
        [
            worth(&shop.buys("1", 10_000).await),
            worth(&shop.buys("2", 10_000).await)
        ],
        [200, 100]
    );
}

#[tokio::test]
async fn concurrent_purchases_of_one_member_all_count_once() {
    let shop = Shop::open().await;
    let orders: Vec<String> = (0..40).map(|order| format!("order-{order}")).collect();
    let twice = orders.iter().chain(&orders).map(|order_id| shop.buys(order_id, 1_000));
    let activities = futures::future::join_all(twice).await;
    assert!(
        activities
            .iter()
            .all(|activity| activity.state() == pb::AwardState::Awarded)
    );
    assert_eq!(shop.available().await, 400);
}

#[tokio::test]
async fn nothing_is_recorded_in_a_program_that_does_not_exist() {
    let program = harness::Program::unmade(suite().channel());
    let shop = Shop {
        program,
        member_id: Uuid::now_v7().to_string(),
    };
    let refused = refusal(shop.try_record("r-1", bought("17", 100)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}

#[tokio::test]
async fn an_order_as_large_as_the_contract_allows_is_recorded_and_comes_back() {
    let shop = Shop::open().await;
    let described = |number: usize| pb::PurchaseLine {
        sku: format!("sku-{number:060}"),
        categories: (0..10).map(|category| format!("category-{category:040}")).collect(),
        brand: format!("brand-{number:040}"),
        ..line(&number.to_string(), 100)
    };
    let bought = pb::activity_input::Activity::Purchase(order("17", (0..500).map(described).collect()));
    let preview = shop.try_preview(bought.clone()).await.unwrap().into_inner();
    assert_eq!(preview.decision.unwrap().awards[0].points, 500);
    assert_eq!(worth(&shop.record("r-1", bought).await.activity.unwrap()), 500);
    let back = shop.record("r-2", brought_back("17", &[])).await.activity.unwrap();
    assert_eq!((worth(&back), shop.available().await), (-500, 0));
}
