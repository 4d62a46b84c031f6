use harness::refusal;
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Answer, Shop, brought_back};

async fn page(shop: &Shop, page_size: i32, page_token: &str) -> Answer<pb::ListActivitiesResponse> {
    let request = pb::ListActivitiesRequest {
        member_id: shop.member_id.clone(),
        page_size,
        page_token: page_token.to_owned(),
    };
    shop.program.activities().list_activities(request).await
}

fn requests(page: &pb::ListActivitiesResponse) -> Vec<&str> {
    page.activities
        .iter()
        .map(|activity| activity.request_id.as_str())
        .collect()
}

#[tokio::test]
async fn activities_are_listed_with_their_receipts_the_newest_first() {
    let shop = Shop::open().await;
    let first = shop.buys("17", 10_000).await;
    let back = shop.record("back", brought_back("17", &[])).await.activity.unwrap();
    let neighbour = shop.neighbour().await;
    neighbour.buys("18", 10_000).await;
    assert_eq!(page(&shop, 0, "").await.unwrap().into_inner().activities, [back, first]);
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let shop = Shop::open().await;
    for order in ["1", "2", "3", "4", "5"] {
        shop.buys(order, 100).await;
    }
    let first = page(&shop, 2, "").await.unwrap().into_inner();
    assert_eq!(requests(&first), ["5", "4"]);
    shop.buys("6", 100).await;
    let second = page(&shop, 2, &first.next_page_token).await.unwrap().into_inner();
    assert_eq!(requests(&second), ["3", "2"]);
    let last = page(&shop, 2, &second.next_page_token).await.unwrap().into_inner();
    assert_eq!((requests(&last), last.next_page_token.as_str()), (vec!["1"], ""));
}

#[tokio::test]
async fn a_page_token_is_good_for_the_list_that_gave_it() {
    let shop = Shop::open().await;
    shop.buys("1", 100).await;
    shop.buys("2", 100).await;
    let token = page(&shop, 1, "").await.unwrap().into_inner().next_page_token;
    let neighbour = shop.neighbour().await;
    for (reader, token) in [(&neighbour, token.as_str()), (&shop, "made-up")] {
        let refused = refusal(page(reader, 1, token).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
        );
    }
}

#[tokio::test]
async fn the_activities_of_nobody_are_not_found() {
    let shop = Shop::open().await;
    assert_eq!(page(&shop, 0, "").await.unwrap().into_inner().activities, []);
    let stranger = Shop {
        member_id: Uuid::now_v7().to_string(),
        ..shop
    };
    let refused = refusal(page(&stranger, 0, "").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
}
