use harness::refusal;
use proto::rewards_catalog as pb;
use tonic::Code;
use uuid::Uuid;

use crate::shop::Shop;

fn page(shop: &Shop, page_size: i32, page_token: &str) -> pb::ListRedemptionsRequest {
    pb::ListRedemptionsRequest {
        member_id: shop.member_id.clone(),
        page_size,
        page_token: page_token.to_owned(),
    }
}

#[tokio::test]
async fn the_newest_redemption_comes_first_and_pages_follow_one_another() {
    let shop = Shop::open().await;
    shop.earn(&shop.member_id, 50).await;
    let mut made = Vec::new();
    for request_id in ["r-1", "r-2", "r-3"] {
        made.push(shop.redeem(request_id, "mug").await);
    }
    made.reverse();
    assert_eq!(shop.list().await, made);
    let first = shop
        .redemptions()
        .list_redemptions(page(&shop, 2, ""))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.redemptions, made[..2]);
    let rest = shop
        .redemptions()
        .list_redemptions(page(&shop, 2, &first.next_page_token))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((&rest.redemptions[..], rest.next_page_token.as_str()), (&made[2..], ""));
}

#[tokio::test]
async fn a_page_token_belongs_to_its_member() {
    let shop = Shop::open().await;
    shop.redeem("r-1", "mug").await;
    shop.redeem("r-2", "mug").await;
    let token = shop
        .redemptions()
        .list_redemptions(page(&shop, 1, ""))
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    let other = pb::ListRedemptionsRequest {
        member_id: shop.customer(10).await,
        ..page(&shop, 1, &token)
    };
    for request in [other, page(&shop, 1, "forged")] {
        let refused = refusal(shop.redemptions().list_redemptions(request).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
        );
    }
}

#[tokio::test]
async fn a_member_who_does_not_exist_has_no_redemptions() {
    let shop = Shop::open().await;
    let stranger = pb::ListRedemptionsRequest {
        member_id: Uuid::now_v7().to_string(),
        ..page(&shop, 0, "")
    };
    let refused = refusal(shop.redemptions().list_redemptions(stranger).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    assert_eq!(
        refusal(shop.redemptions().list_redemptions(page(&shop, -1, "")).await).fields,
        ["page_size"]
    );
}
