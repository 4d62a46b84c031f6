use harness::suite;
use proto::campaign as pb;

use crate::support::{accrual, double, publish_accrual, publish_campaign};

#[tokio::test]
async fn rules_are_listed_in_their_latest_version_by_code() {
    let program = suite().program().await;
    publish_accrual(
        &program,
        "a-1",
        pb::Accrual {
            code: "growth".to_owned(),
            ..accrual()
        },
    )
    .await
    .unwrap();
    publish_accrual(&program, "a-2", accrual()).await.unwrap();
    publish_accrual(
        &program,
        "a-3",
        pb::Accrual {
            max_points_per_order: 500,
            ..accrual()
        },
    )
    .await
    .unwrap();
    publish_campaign(&program, "c-1", double("weekend")).await.unwrap();
    publish_campaign(&program, "c-2", double("birthday")).await.unwrap();

    let rules = program
        .rules()
        .list_rules(pb::ListRulesRequest::default())
        .await
        .unwrap()
        .into_inner();
    let accruals = rules
        .accrual_versions
        .iter()
        .map(|of| (of.accrual.as_ref().unwrap().code.as_str(), of.version));
    assert_eq!(accruals.collect::<Vec<_>>(), [("base", 2), ("growth", 1)]);
    let campaigns = rules
        .campaign_versions
        .iter()
        .map(|of| (of.campaign.as_ref().unwrap().code.as_str(), of.version));
    assert_eq!(campaigns.collect::<Vec<_>>(), [("birthday", 1), ("weekend", 1)]);
}

#[tokio::test]
async fn a_program_without_rules_has_none_and_never_those_of_another() {
    let (program, other) = (suite().program().await, suite().program().await);
    publish_accrual(&other, "a-1", accrual()).await.unwrap();
    let rules = program
        .rules()
        .list_rules(pb::ListRulesRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(rules, pb::ListRulesResponse::default());
}
