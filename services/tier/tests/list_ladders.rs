use harness::{Program, suite};
use proto::tier::ListLaddersRequest;

use crate::status::{publish, status};

async fn listed(program: &Program) -> Vec<(String, i32)> {
    let response = program
        .ladders()
        .list_ladders(ListLaddersRequest {})
        .await
        .unwrap()
        .into_inner();
    let named = |version: proto::tier::LadderVersion| (version.ladder.unwrap().code, version.version);
    response.ladder_versions.into_iter().map(named).collect()
}

#[tokio::test]
async fn every_ladder_is_listed_in_its_latest_version() {
    let program = suite().program().await;
    assert_eq!(listed(&program).await, []);
    publish(&program, status()).await;
    let mut growth = status();
    growth.code = "growth".to_owned();
    publish(&program, growth.clone()).await;
    growth.display_name = "Growth".to_owned();
    publish(&program, growth).await;
    assert_eq!(
        listed(&program).await,
        [("growth".to_owned(), 2), ("status".to_owned(), 1)]
    );
}

#[tokio::test]
async fn programs_do_not_see_one_another() {
    let program = suite().program().await;
    publish(&program, status()).await;
    assert_eq!(listed(&suite().program().await).await, []);
    assert_eq!(listed(&Program::unmade(suite().channel())).await, []);
}
