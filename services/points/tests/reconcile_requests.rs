use harness::refusal;
use proto::points as pb;

use crate::support::{Ledger, earn, spend};

fn key(ledger: &Ledger, request_id: &str) -> pb::RequestKey {
    pb::RequestKey {
        member_id: ledger.member_id.clone(),
        request_id: request_id.to_owned(),
    }
}

#[tokio::test]
async fn what_took_effect_is_told_with_its_entries_in_the_order_asked() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "earn").await;
    let batch = ledger
        .post("batch", vec![earn(1), spend(2)])
        .await
        .unwrap()
        .into_inner()
        .entries;
    refusal(ledger.try_spend(1_000, "refused").await);
    let keys = ["batch", "refused", "earn", "never", "earn"].map(|request_id| key(&ledger, request_id));
    let request = pb::ReconcileRequestsRequest { keys: keys.to_vec() };
    let outcomes = ledger
        .client()
        .reconcile_requests(request)
        .await
        .unwrap()
        .into_inner()
        .outcomes;
    assert_eq!(
        outcomes
            .iter()
            .map(|outcome| outcome.key.clone().unwrap())
            .collect::<Vec<_>>(),
        keys
    );
    assert_eq!(
        outcomes.iter().map(|outcome| outcome.took_effect).collect::<Vec<_>>(),
        [true, false, true, false, true]
    );
    let ids: Vec<String> = batch.into_iter().map(|entry| entry.entry_id).collect();
    assert_eq!(
        (&outcomes[0].entry_ids, &outcomes[2].entry_ids),
        (&ids, &vec![earned.entry_id])
    );
    assert_eq!(outcomes[2].recorded_at, earned.recorded_at);
    assert_eq!(outcomes[3].recorded_at, None);
}

#[tokio::test]
async fn the_requests_of_another_program_are_not_seen() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    ledger.earn(100, "earn").await;
    let request = pb::ReconcileRequestsRequest {
        keys: vec![key(&ledger, "earn")],
    };
    let outcomes = other
        .client()
        .reconcile_requests(request)
        .await
        .unwrap()
        .into_inner()
        .outcomes;
    assert!(!outcomes[0].took_effect);
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_told() {
    let ledger = Ledger::open().await;
    let keys = vec![
        key(&ledger, "earn"),
        pb::RequestKey {
            member_id: "nobody".to_owned(),
            request_id: String::new(),
        },
    ];
    let refused = refusal(
        ledger
            .client()
            .reconcile_requests(pb::ReconcileRequestsRequest { keys })
            .await,
    );
    for field in ["keys[1].member_id", "keys[1].request_id"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} is missing in {:?}",
            refused.fields
        );
    }
}
