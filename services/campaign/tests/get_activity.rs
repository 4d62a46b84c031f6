use harness::refusal;
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Shop, bought};

#[tokio::test]
async fn an_activity_is_read_as_it_was_answered() {
    let shop = Shop::open().await;
    let recorded = shop.record("r-1", bought("17", 10_000)).await.activity.unwrap();
    assert_eq!(shop.get(&recorded.activity_id).await, recorded);
}

#[tokio::test]
async fn an_activity_is_found_by_its_member_and_its_program_only() {
    let (shop, other) = (Shop::open().await, Shop::open().await);
    let activity_id = shop.buys("17", 10_000).await.activity_id;
    let neighbour = shop.neighbour().await;
    let foreign = Shop {
        program: other.program,
        member_id: shop.member_id.clone(),
    };
    for (reader, id) in [
        (&neighbour, &activity_id),
        (&foreign, &activity_id),
        (&shop, &Uuid::now_v7().to_string()),
    ] {
        let refused = refusal(reader.try_get(id).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "ACTIVITY_NOT_FOUND")
        );
        assert_eq!(refused.metadata["activity_id"], *id);
    }
}

#[tokio::test]
async fn ids_that_are_none_are_told_at_once() {
    let shop = Shop::open().await;
    let request = pb::GetActivityRequest {
        member_id: "a".to_owned(),
        activity_id: "b".to_owned(),
    };
    let refused = refusal(shop.program.activities().get_activity(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["member_id", "activity_id"]);
}
