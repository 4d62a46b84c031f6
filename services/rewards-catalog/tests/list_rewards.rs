use harness::refusal;
use proto::rewards_catalog as pb;
use tonic::Code;

use crate::shop::{Shop, mug, price};

/// Opens a shop with a cap, a mug and a voucher, of which there are only mugs.
async fn shop_of_three() -> Shop {
    let shop = Shop::open().await;
    let cap = pb::Reward {
        code: "cap".to_owned(),
        display_name: "Cap".to_owned(),
        price: Some(price(300)),
        ..mug()
    };
    let voucher = pb::Reward {
        code: "voucher".to_owned(),
        display_name: "Voucher".to_owned(),
        description: "For coffee or a MUG of tea.".to_owned(),
        category: "vouchers".to_owned(),
        ..mug()
    };
    shop.publish(cap).await;
    shop.publish(voucher).await;
    shop
}

async fn found(shop: &Shop, request: pb::ListRewardsRequest) -> Vec<String> {
    let answer = shop.rewards().list_rewards(request).await.unwrap().into_inner();
    assert_eq!(answer.next_page_token, "");
    answer
        .reward_versions
        .into_iter()
        .map(|version| version.reward.unwrap().code)
        .collect()
}

#[tokio::test]
async fn rewards_are_listed_by_code_and_narrowed_by_each_filter() {
    let shop = shop_of_three().await;
    let all = pb::ListRewardsRequest::default;
    assert_eq!(found(&shop, all()).await, ["cap", "mug", "voucher"]);
    assert_eq!(
        found(
            &shop,
            pb::ListRewardsRequest {
                search: "mug".to_owned(),
                ..all()
            }
        )
        .await,
        ["mug", "voucher"]
    );
    assert_eq!(
        found(
            &shop,
            pb::ListRewardsRequest {
                category: "goods".to_owned(),
                ..all()
            }
        )
        .await,
        ["cap", "mug"]
    );
    assert_eq!(
        found(
            &shop,
            pb::ListRewardsRequest {
                max_points: 100,
                ..all()
            }
        )
        .await,
        ["mug", "voucher"]
    );
    assert_eq!(
        found(
            &shop,
            pb::ListRewardsRequest {
                available_only: true,
                ..all()
            }
        )
        .await,
        ["mug"]
    );
    shop.publish(pb::Reward { paused: true, ..mug() }).await;
    assert!(
        found(
            &shop,
            pb::ListRewardsRequest {
                available_only: true,
                ..all()
            }
        )
        .await
        .is_empty()
    );
}

#[tokio::test]
async fn pages_follow_one_another_and_a_token_belongs_to_its_question() {
    let shop = shop_of_three().await;
    let page = |page_token: &str| pb::ListRewardsRequest {
        page_size: 2,
        page_token: page_token.to_owned(),
        ..pb::ListRewardsRequest::default()
    };
    let first = shop.rewards().list_rewards(page("")).await.unwrap().into_inner();
    assert_eq!(first.reward_versions.len(), 2);
    assert_eq!(found(&shop, page(&first.next_page_token)).await, ["voucher"]);
    let other = pb::ListRewardsRequest {
        category: "goods".to_owned(),
        ..page(&first.next_page_token)
    };
    for request in [other, page("forged")] {
        let refused = refusal(shop.rewards().list_rewards(request).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
        );
    }
}

#[tokio::test]
async fn a_negative_page_size_is_refused() {
    let shop = Shop::empty().await;
    let request = pb::ListRewardsRequest {
        page_size: -1,
        max_points: -1,
        ..pb::ListRewardsRequest::default()
    };
    let refused = refusal(shop.rewards().list_rewards(request).await);
    assert_eq!(refused.reason, "INVALID_REQUEST");
    assert_eq!(refused.fields.len(), 2, "{:?}", refused.fields);
}
