use harness::at;
use proto::points::{self as pb, balance_result::Result as Outcome, consistency::Requirement};
use uuid::Uuid;

use crate::support::Ledger;

fn request(member_id: &str, wallet: &str) -> pb::GetBalanceRequest {
    pb::GetBalanceRequest {
        member_id: member_id.to_owned(),
        wallet: wallet.to_owned(),
        ..pb::GetBalanceRequest::default()
    }
}

/// Asks for balances, and returns for each what is available or why not.
async fn ask(ledger: &Ledger, requests: Vec<pb::GetBalanceRequest>) -> Vec<Result<i64, String>> {
    let answer = ledger
        .program
        .statements()
        .batch_get_balances(pb::BatchGetBalancesRequest { requests })
        .await;
    let results = answer.unwrap().into_inner().results.into_iter();
    let outcome = |result: pb::BalanceResult| match result.result.unwrap() {
        Outcome::Balance(balance) => Ok(balance.amounts.unwrap().available),
        Outcome::Refusal(refusal) => Err(refusal.reason),
    };
    results.map(outcome).collect()
}

#[tokio::test]
async fn many_balances_are_each_what_one_call_would_have_answered() {
    let ledger = Ledger::open().await;
    let (rich, poor) = (ledger.another().await, ledger.another().await);
    rich.earn(1_000, "r-1").await;
    let token = rich
        .client()
        .spend_points(rich.spend_request(1, "r-2"))
        .await
        .unwrap()
        .into_inner()
        .balance_token;
    let fresh = |requirement| pb::GetBalanceRequest {
        consistency: Some(pb::Consistency {
            requirement: Some(requirement),
        }),
        ..request(&rich.member_id, "points")
    };
    let requests = vec![
        request(&poor.member_id, "points"),
        request(&rich.member_id, "points"),
        fresh(Requirement::AtLeastAsFresh(token)),
        fresh(Requirement::FullyConsistent(())),
        fresh(Requirement::AtLeastAsFresh("of nobody".to_owned())),
        request(&Uuid::now_v7().to_string(), "points"),
        request(&rich.member_id, "growth"),
        pb::GetBalanceRequest {
            as_of: Some(at("2025-12-31T00:00:00Z")),
            ..request(&rich.member_id, "points")
        },
        request(&rich.member_id, "points"),
    ];
    let refused = |reason: &str| Err(reason.to_owned());
    let expected = [
        Ok(0),
        Ok(999),
        Ok(999),
        Ok(999),
        refused("INVALID_BALANCE_TOKEN"),
        refused("ACCOUNT_NOT_FOUND"),
        refused("WALLET_NOT_FOUND"),
        Ok(0),
        Ok(999),
    ];
    for _ in 0..3 {
        assert_eq!(ask(&ledger, requests.clone()).await, expected);
    }
}

#[tokio::test]
async fn in_a_program_that_is_not_known_nobody_has_an_account() {
    let ledger = Ledger::open().await;
    let elsewhere = Ledger {
        program: harness::Program::unmade(harness::suite().channel()),
        member_id: ledger.member_id.clone(),
    };
    let asked = ask(&elsewhere, vec![request(&ledger.member_id, "points")]).await;
    assert_eq!(asked, [Err("ACCOUNT_NOT_FOUND".to_owned())]);
}

#[tokio::test]
async fn every_wrong_field_is_told_with_its_place() {
    let ledger = Ledger::open().await;
    let requests = vec![
        request(&ledger.member_id, "points"),
        request("nobody", "points"),
        request(&ledger.member_id, "NO WALLET"),
    ];
    let answer = ledger
        .program
        .statements()
        .batch_get_balances(pb::BatchGetBalancesRequest { requests })
        .await;
    let refused = harness::refusal(answer);
    assert_eq!(refused.fields, ["requests[1].member_id", "requests[2].wallet"]);
    let none = pb::BatchGetBalancesRequest { requests: Vec::new() };
    let refused = harness::refusal(ledger.program.statements().batch_get_balances(none).await);
    assert_eq!(refused.fields, ["requests"]);
}
