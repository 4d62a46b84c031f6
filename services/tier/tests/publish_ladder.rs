use harness::{at, refusal, suite};
use proto::tier::{MetricWindow, PublishLadderRequest, RollingDaysWindow, metric_window::Window};
use tonic::Code;

use crate::status::{buys, level, publication, publish, standing, status, told};

#[tokio::test]
async fn a_first_version_holds_from_the_beginning_and_publishing_it_again_changes_nothing() {
    let program = suite().program().await;
    let first = publish(&program, status()).await;
    assert!(first.changed);
    let version = first.ladder_version.unwrap();
    assert_eq!((version.version, version.ladder), (1, Some(status())));
    assert!(version.effective_from.unwrap().seconds <= 0);
    let again = publish(&program, status()).await;
    assert!(!again.changed);
    assert_eq!(again.ladder_version.unwrap().version, 1);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_and_another_content_is_refused() {
    let program = suite().program().await;
    let request = publication(status());
    let first = program
        .ladders()
        .publish_ladder(request.clone())
        .await
        .unwrap()
        .into_inner();
    let mut other = status();
    other.display_name = "Other".to_owned();
    publish(&program, other.clone()).await;
    let again = program
        .ladders()
        .publish_ladder(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let refused = refusal(
        program
            .ladders()
            .publish_ladder(PublishLadderRequest {
                ladder: Some(other),
                ..request
            })
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "ladder");
}

#[tokio::test]
async fn a_program_that_does_not_exist_has_no_ladder() {
    let program = harness::Program::unmade(suite().channel());
    let refused = refusal(program.ladders().publish_ladder(publication(status())).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}

#[tokio::test]
async fn everything_in_which_a_ladder_contradicts_itself_is_listed() {
    let program = suite().program().await;
    let mut ladder = status();
    ladder.levels[0].any_of = ladder.levels[1].any_of.clone();
    ladder.levels[1].code = "standard".to_owned();
    ladder.levels[2] = level("gold", None);
    let refused = refusal(program.ladders().publish_ladder(publication(ladder)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "LADDER_INVALID")
    );
    assert_eq!(refused.domain, "tier.loyalty");
    assert_eq!(
        refused.fields,
        [
            "ladder.levels[0].any_of",
            "ladder.levels[1].code",
            "ladder.levels[2].any_of"
        ]
    );
}

#[tokio::test]
async fn every_malformed_field_is_named() {
    let program = suite().program().await;
    let mut ladder = status();
    ladder.code = "Status!".to_owned();
    ladder.review = None;
    let window = Window::RollingDays(RollingDaysWindow { days: 0 });
    ladder.levels[1].any_of[0].all_of[0].window = Some(MetricWindow { window: Some(window) });
    let request = PublishLadderRequest {
        request_id: String::new(),
        ..publication(ladder)
    };
    let refused = refusal(program.ladders().publish_ladder(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    for field in [
        "request_id",
        "ladder.code",
        "ladder.review",
        "ladder.levels[1].any_of[0].all_of[0].window.rolling_days.days",
    ] {
        assert!(
            refused.fields.iter().any(|named| named == field),
            "{field} in {:?}",
            refused.fields
        );
    }
}

#[tokio::test]
async fn a_level_on_which_members_may_stand_cannot_go() {
    let program = suite().program().await;
    publish(&program, status()).await;
    let mut ladder = status();
    ladder.levels.remove(1);
    let refused = refusal(program.ladders().publish_ladder(publication(ladder)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "LEVEL_IN_USE")
    );
    assert_eq!(refused.metadata["level"], "silver");
}

#[tokio::test]
async fn a_version_cannot_hold_from_before_now() {
    let program = suite().program().await;
    publish(&program, status()).await;
    let mut ladder = status();
    ladder.display_name = "Other".to_owned();
    let request = PublishLadderRequest {
        effective_from: Some(at("2025-12-31T00:00:00Z")),
        ..publication(ladder)
    };
    let refused = refusal(program.ladders().publish_ladder(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn an_easier_version_lifts_members_at_the_instant_from_which_it_holds() {
    let program = suite().program().await;
    publish(&program, status()).await;
    let member_id = program.enrolled().await;
    buys(&program, &member_id, "o1", 6_000).await;
    let mut easier = status();
    easier.levels[1] = level("silver", Some(5_000));
    let request = PublishLadderRequest {
        effective_from: Some(at("2026-02-01T05:00:00Z")),
        ..publication(easier)
    };
    program.ladders().publish_ladder(request).await.unwrap();
    program.advance_to("2026-01-31T00:00:00Z").await;
    assert_eq!(standing(&program, &member_id).await.level, "standard");
    program.advance_to("2026-03-01T00:00:00Z").await;
    assert_eq!(
        standing(&program, &member_id).await.since,
        Some(at("2026-02-01T05:00:00Z"))
    );
    assert_eq!(
        told(&program, &member_id).await,
        ["QUALIFIED silver", "ENROLLED standard"]
    );
}
