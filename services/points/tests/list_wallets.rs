use harness::suite;
use proto::points as pb;

use crate::support::{publish, try_publish, wallet, wallet_of_days};

#[tokio::test]
async fn the_latest_version_of_each_wallet_is_listed_by_code() {
    let program = suite().program().await;
    publish(&program, wallet("points")).await;
    publish(&program, wallet("growth")).await;
    program.advance_to("2026-01-02T00:00:00Z").await;
    try_publish(&program, "shorter", wallet_of_days(30)).await.unwrap();
    let answer = program
        .wallets()
        .list_wallets(pb::ListWalletsRequest {})
        .await
        .unwrap()
        .into_inner();
    let listed: Vec<(String, i32)> = answer
        .wallet_versions
        .into_iter()
        .map(|version| (version.wallet.unwrap().code, version.version))
        .collect();
    assert_eq!(listed, [("growth".to_owned(), 1), ("points".to_owned(), 2)]);
}

#[tokio::test]
async fn a_program_without_wallets_has_none() {
    let program = suite().program().await;
    let answer = program
        .wallets()
        .list_wallets(pb::ListWalletsRequest {})
        .await
        .unwrap()
        .into_inner();
    assert!(answer.wallet_versions.is_empty());
}
