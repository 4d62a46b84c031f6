use harness::{at, refusal, suite};
use proto::points as pb;
use tonic::Code;

use crate::support::{Ledger, publish, try_publish, wallet, wallet_of_days};

#[tokio::test]
async fn the_first_version_holds_from_the_beginning_of_time() {
    let program = suite().program().await;
    let version = publish(&program, wallet("points")).await;
    assert_eq!(
        (version.version, version.effective_from),
        (1, Some(at("1970-01-01T00:00:00Z")))
    );
    assert_eq!(version.wallet, Some(wallet("points")));
}

#[tokio::test]
async fn publishing_what_is_in_force_changes_nothing() {
    let program = suite().program().await;
    publish(&program, wallet("points")).await;
    let answer = try_publish(&program, "again", wallet("points"))
        .await
        .unwrap()
        .into_inner();
    assert!(!answer.changed);
    assert_eq!(answer.wallet_version.unwrap().version, 1);
}

#[tokio::test]
async fn a_new_version_holds_from_now_and_what_was_earned_before_keeps_its_end() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.program.advance_to("2026-01-10T00:00:00Z").await;
    let answer = try_publish(&ledger.program, "longer", wallet_of_days(60))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.changed);
    let version = answer.wallet_version.unwrap();
    assert_eq!(
        (version.version, version.effective_from),
        (2, Some(at("2026-01-10T00:00:00Z")))
    );
    let before = pb::EarnPointsRequest {
        occurred_at: Some(at("2026-01-09T00:00:00Z")),
        ..ledger.earn_request(1, "r-1")
    };
    let before = ledger
        .client()
        .earn_points(before)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(before.expires_at, Some(at("2026-02-08T00:00:00Z")));
    assert_eq!(ledger.earn(1, "r-2").await.expires_at, Some(at("2026-03-11T00:00:00Z")));
}

#[tokio::test]
async fn publishing_twice_with_one_request_id_publishes_once() {
    let program = suite().program().await;
    let first = try_publish(&program, "r-1", wallet("points"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        try_publish(&program, "r-1", wallet("points"))
            .await
            .unwrap()
            .into_inner(),
        first
    );
    let refused = refusal(try_publish(&program, "r-1", wallet("growth")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
}

#[tokio::test]
async fn the_scale_of_a_wallet_cannot_change() {
    let program = suite().program().await;
    publish(&program, wallet("points")).await;
    let refused = refusal(
        try_publish(
            &program,
            "r-2",
            pb::Wallet {
                scale: 2,
                ..wallet("points")
            },
        )
        .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "SCALE_FIXED")
    );
    assert_eq!(
        (refused.metadata["wallet"].as_str(), refused.metadata["scale"].as_str()),
        ("points", "0")
    );
}

#[tokio::test]
async fn a_new_version_cannot_hold_from_before_now() {
    let program = suite().program().await;
    publish(&program, wallet("points")).await;
    let request = pb::PublishWalletRequest {
        request_id: "r-2".to_owned(),
        wallet: Some(wallet_of_days(3)),
        effective_from: Some(at("2025-12-31T00:00:00Z")),
    };
    let refused = refusal(program.wallets().publish_wallet(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn in_a_program_that_does_not_exist_nothing_is_published() {
    let nowhere = harness::Program::unmade(suite().channel());
    let refused = refusal(try_publish(&nowhere, "r-1", wallet("points")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}

#[tokio::test]
async fn a_wallet_that_says_too_little_is_refused() {
    let program = suite().program().await;
    let wallet = pb::Wallet {
        code: "No!".to_owned(),
        expiry: None,
        overdraft: 0,
        ..wallet("points")
    };
    let refused = refusal(try_publish(&program, "r-1", wallet).await);
    assert_eq!(refused.code, Code::InvalidArgument);
    for field in ["wallet.code", "wallet.expiry", "wallet.overdraft"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} is missing in {:?}",
            refused.fields
        );
    }
}
