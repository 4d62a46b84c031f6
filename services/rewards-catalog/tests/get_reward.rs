use harness::refusal;
use proto::rewards_catalog as pb;
use tonic::Code;

use crate::shop::{Shop, mug};

#[tokio::test]
async fn a_reward_is_shown_in_its_latest_version_with_its_stock() {
    let shop = Shop::open().await;
    let latest = pb::Reward {
        description: "Holds tea.".to_owned(),
        ..mug()
    };
    shop.publish(latest.clone()).await;
    let request = pb::GetRewardRequest {
        reward: "mug".to_owned(),
    };
    let version = shop
        .rewards()
        .get_reward(request)
        .await
        .unwrap()
        .into_inner()
        .reward_version
        .unwrap();
    assert_eq!((version.version, version.stock, version.reward), (2, 3, Some(latest)));
}

#[tokio::test]
async fn a_reward_of_another_program_does_not_exist() {
    Shop::open().await;
    let elsewhere = Shop::empty().await;
    let request = pb::GetRewardRequest {
        reward: "mug".to_owned(),
    };
    let refused = refusal(elsewhere.rewards().get_reward(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "REWARD_NOT_FOUND")
    );
    assert_eq!(refused.metadata["reward"], "mug");
}
