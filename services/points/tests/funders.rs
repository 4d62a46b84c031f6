use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;

use crate::{
    story::{funded, funder},
    support::{Ledger, earn, try_publish, wallet},
};

#[tokio::test]
async fn an_earning_tells_who_pays_for_it_and_so_does_its_reversal() {
    let ledger = Ledger::with(funded(wallet("points"))).await;
    let request = pb::EarnPointsRequest {
        funder: "acme".to_owned(),
        ..ledger.earn_request(100, "r-1")
    };
    let answer = ledger.client().earn_points(request.clone()).await.unwrap().into_inner();
    let earned = answer.entry.clone().unwrap();
    assert_eq!(earned.funder, "acme");
    assert_eq!(
        ledger.client().earn_points(request).await.unwrap().into_inner(),
        answer,
        "what is repeated is answered the same"
    );
    let reversed = ledger.reverse(&earned.entry_id, 30, "r-2").await;
    assert_eq!(reversed.funder, "acme");
    let own = ledger.earn(50, "r-3").await;
    assert_eq!(own.funder, "");
    let funders: Vec<_> = ledger.entries().await.into_iter().map(|entry| entry.funder).collect();
    assert_eq!(funders, ["acme", "acme", ""]);
}

#[tokio::test]
async fn an_earning_of_a_batch_has_a_funder_of_its_own() {
    let ledger = Ledger::with(funded(wallet("points"))).await;
    let posting = |points, code: &str| {
        let Some(pb::posting::Command::Earn(mut earn)) = earn(points).command else {
            panic!("it earns")
        };
        earn.funder = code.to_owned();
        pb::Posting {
            command: Some(pb::posting::Command::Earn(earn)),
            as_far_as_possible: false,
        }
    };
    let posted = ledger.post("r-1", vec![posting(10, "brand"), posting(20, "")]).await;
    let funders: Vec<_> = posted
        .unwrap()
        .into_inner()
        .entries
        .into_iter()
        .map(|entry| entry.funder)
        .collect();
    assert_eq!(funders, ["brand", ""]);
    let refused = refusal(
        ledger
            .post("r-2", vec![posting(10, "brand"), posting(20, "nobody")])
            .await,
    );
    assert_eq!(refused.reason, "FUNDER_UNKNOWN");
    assert_eq!(refused.metadata["posting"], "1");
    assert_eq!(ledger.available().await, 30);
}

#[tokio::test]
async fn a_funder_that_the_wallet_did_not_name_when_it_happened_is_refused() {
    let ledger = Ledger::with(wallet("points")).await;
    ledger.program.advance_to("2026-02-01T05:00:00Z").await;
    try_publish(&ledger.program, "r-1", funded(wallet("points")))
        .await
        .unwrap();
    let earning = |request_id: &str, code: &str, occurred_at: &str| pb::EarnPointsRequest {
        funder: code.to_owned(),
        occurred_at: Some(at(occurred_at)),
        ..ledger.earn_request(100, request_id)
    };
    for (code, occurred_at, known) in [
        ("nobody", "2026-02-01T05:00:00Z", "acme,brand,staff"),
        ("acme", "2026-01-31T05:00:00Z", ""),
    ] {
        let refused = refusal(ledger.client().earn_points(earning("r-2", code, occurred_at)).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::FailedPrecondition, "FUNDER_UNKNOWN")
        );
        assert_eq!(
            (refused.metadata["funder"].as_str(), refused.metadata["known"].as_str()),
            (code, known)
        );
    }
    let earned = ledger
        .client()
        .earn_points(earning("r-2", "acme", "2026-02-01T05:00:00Z"))
        .await;
    assert_eq!(earned.unwrap().into_inner().entry.unwrap().funder, "acme");
    assert_eq!(ledger.entries().await.len(), 1);
}

#[tokio::test]
async fn a_funder_is_listed_once_and_both_have_a_name_that_can_be_one() {
    let ledger = Ledger::open().await;
    let twice = pb::Wallet {
        funders: vec![funder("acme", None), funder("brand", None), funder("acme", None)],
        ..wallet("points")
    };
    let refused = refusal(try_publish(&ledger.program, "r-1", twice).await);
    assert_eq!(
        (refused.code, refused.fields.as_slice()),
        (Code::InvalidArgument, ["wallet.funders[2].code".to_owned()].as_slice())
    );
    let named = pb::EarnPointsRequest {
        funder: "No!".to_owned(),
        ..ledger.earn_request(1, "r-2")
    };
    let refused = refusal(ledger.client().earn_points(named).await);
    assert_eq!(refused.code, Code::InvalidArgument);
    assert!(refused.fields.contains(&"funder".to_owned()), "{:?}", refused.fields);
}
