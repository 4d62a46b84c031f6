use harness::{Program, at, refusal, suite};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{accrual, publish_accrual};

#[tokio::test]
async fn the_first_version_holds_from_the_beginning_of_time() {
    let program = suite().program().await;
    let answer = publish_accrual(&program, "a-1", accrual()).await.unwrap().into_inner();
    let version = answer.accrual_version.unwrap();
    assert!(answer.changed);
    assert_eq!(
        (version.version, version.effective_from),
        (1, Some(at("1970-01-01T00:00:00Z")))
    );
    assert_eq!(version.accrual, Some(accrual()));
}

#[tokio::test]
async fn publishing_what_is_in_force_changes_nothing_and_anything_else_makes_a_version() {
    let program = suite().program().await;
    publish_accrual(&program, "a-1", accrual()).await.unwrap();
    let same = publish_accrual(&program, "a-2", accrual()).await.unwrap().into_inner();
    assert_eq!((same.changed, same.accrual_version.unwrap().version), (false, 1));
    let capped = pb::Accrual {
        max_points_per_order: 500,
        ..accrual()
    };
    let other = publish_accrual(&program, "a-3", capped).await.unwrap().into_inner();
    let version = other.accrual_version.unwrap();
    assert_eq!((other.changed, version.version), (true, 2));
    assert_eq!(version.effective_from, Some(at("2026-01-01T05:00:00Z")));
}

#[tokio::test]
async fn publishing_twice_with_one_request_id_publishes_once() {
    let program = suite().program().await;
    let first = publish_accrual(&program, "a-1", accrual()).await.unwrap().into_inner();
    assert_eq!(
        publish_accrual(&program, "a-1", accrual()).await.unwrap().into_inner(),
        first
    );
    let other = pb::Accrual {
        max_points_per_order: 500,
        ..accrual()
    };
    let refused = refusal(publish_accrual(&program, "a-1", other).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "accrual");
}

#[tokio::test]
async fn a_new_version_cannot_hold_from_before_now() {
    let program = suite().program().await;
    publish_accrual(&program, "a-1", accrual()).await.unwrap();
    let request = pb::PublishAccrualRequest {
        request_id: "a-2".to_owned(),
        accrual: Some(pb::Accrual {
            max_points_per_order: 500,
            ..accrual()
        }),
        effective_from: Some(at("2025-12-31T00:00:00Z")),
    };
    let refused = refusal(program.rules().publish_accrual(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn an_accrual_that_breaks_the_contract_is_told_everything_at_once() {
    let program = suite().program().await;
    let wrong = pb::Accrual {
        code: "NO".to_owned(),
        base: None,
        composition: 0,
        ..accrual()
    };
    let refused = refusal(publish_accrual(&program, "a-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["accrual.code", "accrual.base", "accrual.composition"]);
}

#[tokio::test]
async fn nothing_is_published_in_a_program_that_does_not_exist() {
    let refused = refusal(publish_accrual(&Program::unmade(suite().channel()), "a-1", accrual()).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}
