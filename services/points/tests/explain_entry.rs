use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::Ledger;

async fn explain(ledger: &Ledger, entry_id: &str) -> pb::ExplainEntryResponse {
    let entry_id = entry_id.to_owned();
    let answer = ledger
        .client()
        .explain_entry(pb::ExplainEntryRequest { entry_id })
        .await;
    answer.expect("the entry can be explained").into_inner()
}

#[tokio::test]
async fn a_spend_is_explained_by_the_lots_it_took_and_what_they_were_earned_for() {
    let ledger = Ledger::open().await;
    let first = pb::EarnPointsRequest {
        reference: "order-1".to_owned(),
        ..ledger.earn_request(100, "r-1")
    };
    ledger.client().earn_points(first).await.unwrap();
    let second = ledger.earn(50, "r-2").await;
    let spent = ledger.spend(120, "r-3").await;
    assert_eq!(spent.portions.len(), 1, "what lapses together lies together");

    let explained = explain(&ledger, &spent.entry_id).await;
    assert_eq!(explained.entry, Some(spent));
    let [one, other] = explained.lots.as_slice() else {
        panic!("two lots were taken from: {:?}", explained.lots);
    };
    assert_eq!(
        (one.reference.as_str(), one.request_id.as_str(), one.lot_points),
        ("order-1", "r-1", 100)
    );
    let portion = one.portion.as_ref().unwrap();
    assert_eq!((portion.first_number, portion.points), (1, 100));
    assert_eq!(
        (other.lot_id.as_str(), other.lot_points, other.earned_at),
        (second.entry_id.as_str(), 50, second.occurred_at)
    );
    let portion = other.portion.as_ref().unwrap();
    assert_eq!((portion.first_number, portion.points), (101, 20));
}

#[tokio::test]
async fn an_earning_is_explained_by_its_own_lot() {
    let ledger = Ledger::open().await;
    ledger.earn(10, "r-1").await;
    let earned = ledger.earn(20, "r-2").await;
    assert_eq!(ledger.lots_of(&earned).await, [(earned.entry_id.clone(), 20)]);
    assert_eq!(earned.portions[0].first_number, 11);
}

#[tokio::test]
async fn points_that_came_back_are_of_the_lots_they_were_spent_from_however_long_ago() {
    let ledger = Ledger::open().await;
    let old = ledger.earn(100, "old").await;
    let spent = ledger.spend(60, "spend").await;
    let many = (0..1_100).map(|number| ledger.earn_request(1, &format!("r-{number}")));
    let client = ledger.client();
    let earned = many.map(|request| {
        let mut client = client.clone();
        async move { client.earn_points(request).await }
    });
    futures::future::try_join_all(earned).await.unwrap();
    let restored = ledger
        .try_restore(&spent.entry_id, 10, "back")
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ledger.lots_of(&restored.entry.unwrap()).await, [(old.entry_id, 10)]);
}

#[tokio::test]
async fn an_entry_that_does_not_exist_or_is_of_another_program_is_not_explained() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let earned = ledger.earn(100, "r-1").await.entry_id;
    for (asker, entry_id) in [(&ledger, Uuid::now_v7().to_string()), (&other, earned)] {
        let request = pb::ExplainEntryRequest {
            entry_id: entry_id.clone(),
        };
        let refused = refusal(asker.client().explain_entry(request).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "ENTRY_NOT_FOUND")
        );
        assert_eq!(refused.metadata["entry_id"], entry_id);
    }
}
