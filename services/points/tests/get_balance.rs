use harness::{at, refusal};
use proto::points::{self as pb, consistency::Requirement};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

fn requirements(token: &str) -> [Option<Requirement>; 4] {
    [
        None,
        Some(Requirement::MinimizeLatency(())),
        Some(Requirement::AtLeastAsFresh(token.to_owned())),
        Some(Requirement::FullyConsistent(())),
    ]
}

#[tokio::test]
async fn a_balance_is_the_same_however_fresh_it_must_be() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let token = ledger
        .client()
        .spend_points(ledger.spend_request(30, "r-2"))
        .await
        .unwrap()
        .into_inner()
        .balance_token;
    for requirement in requirements(&token) {
        let balance = ledger.balance(requirement.clone()).await;
        assert_eq!(balance.amounts.unwrap().available, 70, "{requirement:?}");
        assert_eq!(
            (balance.member_id.as_str(), balance.wallet.as_str()),
            (ledger.member_id.as_str(), "points")
        );
        assert!(!balance.balance_token.is_empty());
    }
}

#[tokio::test]
async fn a_read_sees_every_write_whose_token_it_carries() {
    let ledger = Ledger::open().await;
    for number in 1..=50 {
        let request = ledger.earn_request(1, &format!("r-{number}"));
        let token = ledger
            .client()
            .earn_points(request)
            .await
            .unwrap()
            .into_inner()
            .balance_token;
        let balance = ledger.balance(Some(Requirement::AtLeastAsFresh(token))).await;
        assert_eq!(balance.amounts.unwrap().available, number);
    }
}

#[tokio::test]
async fn a_member_who_never_had_anything_has_nothing() {
    let ledger = Ledger::open().await;
    for requirement in [None, None, Some(Requirement::FullyConsistent(()))] {
        assert_eq!(ledger.balance(requirement).await.amounts, Some(pb::Amounts::default()));
    }
}

#[tokio::test]
async fn what_lapses_next_is_told() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    ledger.program.advance_to("2026-01-02T05:00:00Z").await;
    ledger.earn(50, "r-2").await;
    let balance = ledger.balance(None).await;
    assert_eq!(
        (balance.next_expiry_at, balance.next_expiry_points),
        (Some(at("2026-01-31T05:00:00Z")), 100)
    );
}

#[tokio::test]
async fn a_balance_is_exact_to_the_instant_at_which_points_lapse() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    ledger.program.advance_to("2026-01-31T04:59:59Z").await;
    for requirement in [None, Some(Requirement::FullyConsistent(()))] {
        assert_eq!(ledger.balance(requirement).await.amounts.unwrap().available, 100);
    }
    ledger.program.advance_to("2026-01-31T05:00:00Z").await;
    for requirement in [None, Some(Requirement::FullyConsistent(()))] {
        assert_eq!(ledger.balance(requirement).await.amounts.unwrap().available, 0);
    }
}

#[tokio::test]
async fn a_member_or_wallet_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    for requirement in [None, Some(Requirement::FullyConsistent(()))] {
        let consistency = Some(pb::Consistency { requirement });
        let request = |member_id: String, wallet: &str| pb::GetBalanceRequest {
            member_id,
            wallet: wallet.to_owned(),
            consistency: consistency.clone(),
            ..pb::GetBalanceRequest::default()
        };
        let nobody = request(Uuid::now_v7().to_string(), "points");
        let refused = refusal(ledger.client().get_balance(nobody).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "ACCOUNT_NOT_FOUND")
        );
        let nothing = request(ledger.member_id.clone(), "growth");
        let refused = refusal(ledger.client().get_balance(nothing).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "WALLET_NOT_FOUND")
        );
    }
}

#[tokio::test]
async fn a_token_of_another_member_is_refused() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let theirs = other
        .client()
        .earn_points(other.earn_request(1, "r-1"))
        .await
        .unwrap()
        .into_inner()
        .balance_token;
    for token in [theirs.as_str(), "nonsense", "AAAAAAAAAAAAAAAAAAA"] {
        let refused = refusal(
            ledger
                .try_balance(Some(Requirement::AtLeastAsFresh(token.to_owned())))
                .await,
        );
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::InvalidArgument, "INVALID_BALANCE_TOKEN")
        );
    }
}

#[tokio::test]
async fn a_balance_that_was_told_a_moment_ago_is_told_again_but_never_instead_of_a_newer_one() {
    let suite = harness::Suite::start(&["--balance-memory-ms=10000"]);
    let program = suite.program().await;
    crate::support::publish(&program, crate::support::wallet("points")).await;
    let member_id = program.enrolled().await;
    let ledger = Ledger { program, member_id };
    ledger.earn(100, "r-1").await;
    let mut redis = suite.redis().await;
    let () = redis::cmd("flushdb").query_async(&mut redis).await.unwrap();
    let mut database = suite.database().await;
    sqlx::query("alter table points.account rename to hidden")
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(
        ledger.balance(None).await.amounts.unwrap().available,
        100,
        "nobody has to be asked"
    );
    sqlx::query("alter table points.hidden rename to account")
        .execute(&mut database)
        .await
        .unwrap();
    let token = ledger
        .client()
        .spend_points(ledger.spend_request(30, "r-2"))
        .await
        .unwrap();
    let token = token.into_inner().balance_token;
    assert_eq!(
        ledger.balance(None).await.amounts.unwrap().available,
        70,
        "a write of this replica is known at once"
    );
    let fresh = ledger.balance(Some(Requirement::AtLeastAsFresh(token))).await;
    assert_eq!(fresh.amounts.unwrap().available, 70);
}
