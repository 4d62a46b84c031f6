use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::Ledger;

#[tokio::test]
async fn an_entry_is_found_by_its_id() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(30, "r-2").await;
    let answer = ledger
        .client()
        .get_entry(pb::GetEntryRequest {
            entry_id: spent.entry_id.clone(),
        })
        .await
        .unwrap();
    assert_eq!(answer.into_inner().entry, Some(spent));
}

#[tokio::test]
async fn an_entry_that_does_not_exist_or_is_of_another_program_is_not_found() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let earned = ledger.earn(100, "r-1").await.entry_id;
    // The same place of the journal, but not the id that was made there.
    let guessed = format!("{}0{}", &earned[..1], &earned[2..]);
    for (asker, entry_id) in [
        (&ledger, Uuid::now_v7().to_string()),
        (&other, earned.clone()),
        (&ledger, guessed),
    ] {
        let refused = refusal(
            asker
                .client()
                .get_entry(pb::GetEntryRequest {
                    entry_id: entry_id.clone(),
                })
                .await,
        );
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "ENTRY_NOT_FOUND")
        );
        assert_eq!(refused.metadata["entry_id"], entry_id);
    }
}
