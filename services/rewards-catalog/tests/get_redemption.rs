use harness::refusal;
use proto::rewards_catalog as pb;
use tonic::Code;
use uuid::Uuid;

use crate::shop::Shop;

#[tokio::test]
async fn a_redemption_is_shown_to_its_member_with_its_code() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    let shown = shop.get(&redemption.redemption_id).await;
    assert_eq!(shown, redemption);
    assert_ne!(shown.fulfilment_code, "");
}

#[tokio::test]
async fn a_redemption_of_another_member_or_program_does_not_exist() {
    let (shop, elsewhere) = (Shop::open().await, Shop::open().await);
    let redemption_id = shop.redeem("r-1", "mug").await.redemption_id;
    let other = shop.customer(10).await;
    let ask = async |shop: &Shop, member_id: &str, redemption_id: &str| {
        let request = pb::GetRedemptionRequest {
            member_id: member_id.to_owned(),
            redemption_id: redemption_id.to_owned(),
        };
        refusal(shop.redemptions().get_redemption(request).await)
    };
    for refused in [
        ask(&shop, &other, &redemption_id).await,
        ask(&elsewhere, &shop.member_id, &redemption_id).await,
        ask(&shop, &shop.member_id, &Uuid::now_v7().to_string()).await,
    ] {
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "REDEMPTION_NOT_FOUND")
        );
    }
    assert_eq!(
        ask(&shop, "me", "that one").await.fields,
        ["member_id", "redemption_id"]
    );
}
