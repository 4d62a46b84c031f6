use harness::refusal;
use proto::points::{self as pb, watch_account_response::News};
use tonic::{Code, Streaming};
use uuid::Uuid;

use crate::support::{Ledger, publish, wallet, wallet_of_days};

async fn watch(ledger: &Ledger, after: &str) -> Streaming<pb::WatchAccountResponse> {
    let request = pb::WatchAccountRequest {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        after: after.to_owned(),
    };
    let answer = ledger.program.statements().watch_account(request).await;
    answer.unwrap().into_inner()
}

async fn entry(watching: &mut Streaming<pb::WatchAccountResponse>) -> (pb::Entry, String) {
    let response = watching.message().await.unwrap().unwrap();
    match response.news.unwrap() {
        News::Entry(entry) => (entry, response.balance_token),
        News::Balance(balance) => panic!("a balance in the middle: {balance:?}"),
    }
}

#[tokio::test]
async fn whoever_watches_hears_the_balance_and_then_every_entry_in_order() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(5, "before").await;
    let mut watching = watch(&ledger, "").await;
    let first = watching.message().await.unwrap().unwrap();
    let Some(News::Balance(balance)) = first.news else {
        panic!("not the balance: {first:?}");
    };
    assert_eq!(
        (balance.amounts.unwrap().available, &balance.balance_token),
        (5, &first.balance_token)
    );
    publish(&ledger.program, wallet("growth")).await;
    let other = ledger.another().await;
    for number in 1..=40 {
        let mine = ledger.earn(number, &format!("r-{number}")).await;
        other.earn(number, &format!("r-{number}")).await;
        assert_eq!(entry(&mut watching).await.0, mine);
    }
    ledger.program.advance_to("2026-03-01T00:00:00Z").await;
    let (lapsed, _) = entry(&mut watching).await;
    assert_eq!((lapsed.kind(), lapsed.points), (pb::EntryKind::Expire, 825));
}

#[tokio::test]
async fn a_stream_that_ended_goes_on_where_it_was_without_a_gap() {
    let ledger = Ledger::open().await;
    let mut watching = watch(&ledger, "").await;
    let mut after = watching.message().await.unwrap().unwrap().balance_token;
    let mut told = Vec::new();
    let made = async {
        let mut made = Vec::new();
        for number in 1..=60 {
            made.push(ledger.earn(1, &format!("r-{number}")).await);
        }
        made
    };
    let heard = async {
        // Every few entries the watcher goes away and comes back.
        while told.len() < 60 {
            let mut watching = watch(&ledger, &after).await;
            for _ in 0..7.min(60 - told.len()) {
                let (entry, token) = entry(&mut watching).await;
                told.push(entry);
                after = token;
            }
        }
        told
    };
    let (made, told) = tokio::join!(made, heard);
    assert_eq!(told, made);
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let ledger = Ledger::open().await;
    let request = |member_id: &str, wallet: &str, after: &str| pb::WatchAccountRequest {
        member_id: member_id.to_owned(),
        wallet: wallet.to_owned(),
        after: after.to_owned(),
    };
    let nobody = Uuid::now_v7().to_string();
    for (request, code, reason) in [
        (request(&nobody, "points", ""), Code::NotFound, "ACCOUNT_NOT_FOUND"),
        (
            request(&ledger.member_id, "growth", ""),
            Code::NotFound,
            "WALLET_NOT_FOUND",
        ),
        (
            request(&ledger.member_id, "points", "nonsense"),
            Code::InvalidArgument,
            "INVALID_BALANCE_TOKEN",
        ),
    ] {
        let refused = refusal(ledger.program.statements().watch_account(request).await);
        assert_eq!((refused.code, refused.reason.as_str()), (code, reason));
    }
}
