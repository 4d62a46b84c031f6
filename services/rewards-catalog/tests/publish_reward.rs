use harness::{Program, at, refusal, suite};
use proto::rewards_catalog::{self as pb, rewards_catalog_event::Event};
use tonic::Code;

use crate::shop::{Shop, mug, price};

#[tokio::test]
async fn a_first_version_holds_from_the_beginning_of_time_and_has_no_stock() {
    let shop = Shop::empty().await;
    let answer = shop.try_publish("r-1", mug()).await.unwrap().into_inner();
    let version = answer.reward_version.unwrap();
    assert!(answer.changed);
    assert_eq!(
        (version.version, version.stock, version.reward.as_ref()),
        (1, 0, Some(&mug()))
    );
    assert_eq!(version.effective_from, Some(at("1970-01-01T00:00:00Z")));
    let told = shop.told().await;
    assert!(matches!(&told[..], [Event::RewardPublished(published)] if published.reward_version == Some(version)));
}

#[tokio::test]
async fn publishing_what_is_in_force_changes_nothing() {
    let shop = Shop::empty().await;
    let first = shop.publish(mug()).await;
    let said_in_other_words = pb::Reward {
        eligibility: Some(pb::Eligibility::default()),
        ..mug()
    };
    let again = shop
        .try_publish("again", said_in_other_words)
        .await
        .unwrap()
        .into_inner();
    assert_eq!((again.changed, again.reward_version), (false, Some(first)));
    assert_eq!(shop.told().await.len(), 1);
}

#[tokio::test]
async fn a_new_version_keeps_the_stock() {
    let shop = Shop::open().await;
    let dearer = shop
        .publish(pb::Reward {
            price: Some(price(120)),
            ..mug()
        })
        .await;
    assert_eq!((dearer.version, dearer.stock), (2, 3));
    assert_eq!(dearer.effective_from, Some(at("2026-01-01T05:00:00Z")));
}

#[tokio::test]
async fn repeating_a_request_id_returns_the_first_answer_and_other_content_is_refused() {
    let shop = Shop::empty().await;
    let first = shop.try_publish("r-1", mug()).await.unwrap().into_inner();
    shop.publish(pb::Reward { paused: true, ..mug() }).await;
    assert_eq!(shop.try_publish("r-1", mug()).await.unwrap().into_inner(), first);
    let refused = refusal(shop.try_publish("r-1", pb::Reward { paused: true, ..mug() }).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "reward");
}

#[tokio::test]
async fn a_reward_that_contradicts_itself_is_refused_with_every_contradiction() {
    let shop = Shop::empty().await;
    let eligibility = pb::Eligibility {
        levels: vec!["gold".to_owned(), "gold".to_owned()],
        start: Some(at("2026-02-01T00:00:00Z")),
        end: Some(at("2026-01-01T00:00:00Z")),
        ..pb::Eligibility::default()
    };
    let refused = refusal(
        shop.try_publish(
            "r-1",
            pb::Reward {
                eligibility: Some(eligibility),
                ..mug()
            },
        )
        .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "REWARD_INVALID")
    );
    assert_eq!(refused.domain, "rewards-catalog.loyalty");
    let fields = [
        "reward.eligibility.ladder",
        "reward.eligibility.levels[1]",
        "reward.eligibility.end",
    ];
    assert_eq!(refused.fields, fields);
}

#[tokio::test]
async fn fields_that_make_no_sense_are_refused_all_at_once() {
    let shop = Shop::empty().await;
    let refused = refusal(
        shop.try_publish(
            "",
            pb::Reward {
                code: "A mug".to_owned(),
                price: Some(price(0)),
                ..mug()
            },
        )
        .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    for field in ["request_id", "reward.code", "reward.price.points"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} in {:?}",
            refused.fields
        );
    }
}

#[tokio::test]
async fn a_version_cannot_hold_from_before_now() {
    let shop = Shop::open().await;
    let request = pb::PublishRewardRequest {
        request_id: "r-2".to_owned(),
        reward: Some(pb::Reward { paused: true, ..mug() }),
        effective_from: Some(at("2025-12-31T00:00:00Z")),
    };
    let refused = refusal(shop.rewards().publish_reward(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn a_program_that_does_not_exist_has_no_rewards_to_publish() {
    let program = Program::unmade(suite().channel());
    let request = pb::PublishRewardRequest {
        request_id: "r-1".to_owned(),
        reward: Some(mug()),
        effective_from: None,
    };
    let refused = refusal(program.rewards().publish_reward(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}
