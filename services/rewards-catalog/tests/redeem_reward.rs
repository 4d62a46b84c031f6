use std::collections::BTreeSet;

use futures::future::join_all;
use harness::refusal;
use proto::rewards_catalog::{self as pb, RedemptionState};
use tonic::Code;
use uuid::Uuid;

use crate::shop::{Shop, mug, price};

#[tokio::test]
async fn a_redeemed_reward_is_paid_for_taken_from_the_stock_and_comes_with_a_code() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    assert_eq!(
        (redemption.state(), redemption.price.clone()),
        (RedemptionState::Fulfilled, Some(price(100)))
    );
    assert_eq!((redemption.reward.as_str(), redemption.reward_version), ("mug", 1));
    assert_eq!(redemption.fulfilment_code.len(), 23, "four groups of five");
    assert_eq!(shop.points().await, (150, 0));
    assert_eq!(shop.stock("mug").await, 2);
    assert_eq!(shop.get(&redemption.redemption_id).await, redemption);
}

#[tokio::test]
async fn redeeming_twice_with_one_request_id_redeems_once() {
    let shop = Shop::open().await;
    let first = shop.redeem("r-1", "mug").await;
    assert_eq!(shop.redeem("r-1", "mug").await, first);
    assert_eq!((shop.points().await, shop.stock("mug").await), ((150, 0), 2));
    let refused = refusal(shop.try_redeem("r-1", "tea").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "reward");
}

#[tokio::test]
async fn redeeming_many_times_at_once_with_one_request_id_redeems_once() {
    let shop = Shop::open().await;
    let answers = join_all((0..10).map(|_| shop.redeem("r-1", "mug"))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!((shop.points().await, shop.stock("mug").await), ((150, 0), 2));
}

#[tokio::test]
async fn the_first_answer_comes_again_even_after_a_cancellation() {
    let shop = Shop::open().await;
    let first = shop.redeem("r-1", "mug").await;
    shop.try_cancel("c-1", &first.redemption_id).await.unwrap();
    assert_eq!(shop.redeem("r-1", "mug").await, first);
    assert_eq!((shop.points().await, shop.stock("mug").await), ((250, 0), 3));
}

#[tokio::test]
async fn no_code_is_like_another_and_none_is_stored_or_told() {
    let shop = Shop::open().await;
    let (first, second) = (shop.redeem("r-1", "mug").await, shop.redeem("r-2", "mug").await);
    assert_ne!(first.fulfilment_code, second.fulfilment_code);
    let code = first.fulfilment_code.clone();
    assert!(!format!("{:?}", shop.told().await).contains(&code));
    let mut database = harness::suite().database().await;
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select event || coalesce(answer, '') from rewards.journal")
        .fetch_all(&mut database)
        .await
        .unwrap();
    assert!(
        stored
            .iter()
            .all(|bytes| !bytes.windows(code.len()).any(|window| window == code.as_bytes()))
    );
}

#[tokio::test]
async fn too_few_points_reject_the_redemption_and_give_the_stock_back() {
    let shop = Shop::open().await;
    shop.publish(pb::Reward {
        price: Some(price(300)),
        ..mug()
    })
    .await;
    for _ in 0..2 {
        let refused = refusal(shop.try_redeem("r-1", "mug").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::FailedPrecondition, "REWARD_UNAVAILABLE")
        );
        assert_eq!(refused.metadata["unavailable"], "INSUFFICIENT_POINTS");
        assert_eq!(
            (
                refused.metadata["missing_points"].as_str(),
                refused.metadata["reward"].as_str()
            ),
            ("50", "mug")
        );
    }
    assert_eq!((shop.points().await, shop.stock("mug").await), ((250, 0), 3));
    let rejected = &shop.list().await[0];
    assert_eq!(
        (rejected.state(), rejected.rejection()),
        (RedemptionState::Rejected, pb::UnavailableReason::InsufficientPoints)
    );
}

#[tokio::test]
async fn a_wallet_that_nobody_has_holds_too_few_points() {
    let shop = Shop::open().await;
    shop.publish(pb::Reward {
        price: Some(pb::Price {
            wallet: "miles".to_owned(),
            points: 7,
        }),
        ..mug()
    })
    .await;
    let refused = refusal(shop.try_redeem("r-1", "mug").await);
    assert_eq!(
        (
            refused.metadata["unavailable"].as_str(),
            refused.metadata["missing_points"].as_str()
        ),
        ("INSUFFICIENT_POINTS", "7")
    );
    assert_eq!(shop.stock("mug").await, 3);
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_and_leaves_nothing_behind() {
    let shop = Shop::open().await;
    shop.publish(pb::Reward {
        code: "tea".to_owned(),
        ..mug()
    })
    .await;
    let refused = refusal(shop.try_redeem("r-1", "tea").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "REWARD_UNAVAILABLE")
    );
    assert_eq!(refused.metadata["unavailable"], "OUT_OF_STOCK");
    assert!(shop.list().await.is_empty());
    shop.stock_up("tea", 1).await;
    assert_eq!(
        shop.redeem("r-1", "tea").await.state(),
        RedemptionState::Fulfilled,
        "the request id is free"
    );
}

#[tokio::test]
async fn a_member_has_no_more_than_the_limit_and_cancelled_ones_do_not_count() {
    let shop = Shop::open().await;
    let eligibility = pb::Eligibility {
        per_member_limit: 1,
        ..pb::Eligibility::default()
    };
    shop.publish(pb::Reward {
        eligibility: Some(eligibility),
        ..mug()
    })
    .await;
    let first = shop.redeem("r-1", "mug").await;
    let refused = refusal(shop.try_redeem("r-2", "mug").await);
    assert_eq!(
        (
            refused.metadata["unavailable"].as_str(),
            refused.metadata["limit"].as_str()
        ),
        ("LIMIT_REACHED", "1")
    );
    shop.try_cancel("c-1", &first.redemption_id).await.unwrap();
    shop.redeem("r-2", "mug").await;
}

#[tokio::test]
async fn a_limit_holds_when_everything_comes_at_once() {
    let shop = Shop::open().await;
    let eligibility = pb::Eligibility {
        per_member_limit: 1,
        ..pb::Eligibility::default()
    };
    shop.publish(pb::Reward {
        eligibility: Some(eligibility),
        ..mug()
    })
    .await;
    let requests: Vec<String> = (0..8).map(|n| format!("r-{n}")).collect();
    let answers = join_all(requests.iter().map(|request_id| shop.try_redeem(request_id, "mug"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(shop.points().await, (150, 0));
}

#[tokio::test]
async fn a_frozen_member_gets_nothing() {
    let shop = Shop::open().await;
    shop.freeze().await;
    let refused = refusal(shop.try_redeem("r-1", "mug").await);
    assert_eq!(refused.metadata["unavailable"], "MEMBER_NOT_ALLOWED");
}

#[tokio::test]
async fn of_many_who_want_the_last_ones_exactly_as_many_get_one() {
    let shop = Shop::open().await;
    let members = join_all((0..30).map(|_| shop.customer(100))).await;
    let answers = join_all(members.iter().map(|member_id| async {
        let request = pb::RedeemRewardRequest {
            member_id: member_id.clone(),
            ..shop.redeem_request("r-1", "mug")
        };
        shop.redemptions().redeem_reward(request).await
    }))
    .await;
    let (given, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((given.len(), shop.stock("mug").await), (3, 0));
    assert!(
        refused
            .into_iter()
            .all(|answer| refusal(answer).metadata["unavailable"] == "OUT_OF_STOCK")
    );
    let codes: BTreeSet<_> = given
        .into_iter()
        .map(|answer| answer.unwrap().into_inner().redemption.unwrap().fulfilment_code)
        .collect();
    assert_eq!(codes.len(), 3);
}

#[tokio::test]
async fn the_price_that_was_agreed_is_the_price_that_is_paid() {
    let shop = Shop::open().await;
    let before = shop.redeem("r-1", "mug").await;
    shop.publish(pb::Reward {
        price: Some(price(150)),
        refundable: false,
        ..mug()
    })
    .await;
    let after = shop.redeem("r-2", "mug").await;
    assert_eq!(
        (after.price, after.reward_version, shop.points().await),
        (Some(price(150)), 2, (0, 0))
    );
    shop.try_cancel("c-1", &before.redemption_id).await.unwrap();
    assert_eq!(shop.points().await, (100, 0));
    assert_eq!(
        refusal(shop.try_cancel("c-2", &after.redemption_id).await).reason,
        "NOT_CANCELLABLE"
    );
}

#[tokio::test]
async fn a_redemption_needs_a_reward_and_a_member_who_exist() {
    let shop = Shop::open().await;
    let refused = refusal(shop.try_redeem("r-1", "tea").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "REWARD_NOT_FOUND")
    );
    let stranger = pb::RedeemRewardRequest {
        member_id: Uuid::now_v7().to_string(),
        ..shop.redeem_request("r-1", "mug")
    };
    let refused = refusal(shop.redemptions().redeem_reward(stranger).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    let nonsense = pb::RedeemRewardRequest {
        member_id: "me".to_owned(),
        ..shop.redeem_request("", "")
    };
    let refused = refusal(shop.redemptions().redeem_reward(nonsense).await);
    // An empty request id breaks two rules: it is too short, and it has no printable character.
    assert_eq!(
        (refused.code, refused.fields),
        (
            Code::InvalidArgument,
            ["request_id", "request_id", "member_id", "reward"]
                .map(str::to_owned)
                .to_vec()
        )
    );
}
