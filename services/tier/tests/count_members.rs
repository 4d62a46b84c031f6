use harness::{Program, refusal};
use proto::{
    member::CloseMemberRequest,
    tier::{CountMembersRequest, LevelCount},
};
use tonic::Code;

use crate::status::{buys, program_with_member};

pub async fn counted(program: &Program) -> Vec<(String, i64)> {
    let request = CountMembersRequest {
        ladder: "status".to_owned(),
    };
    let counts = program
        .tiers()
        .count_members(request)
        .await
        .unwrap()
        .into_inner()
        .level_counts;
    counts
        .into_iter()
        .map(|LevelCount { level, members }| (level, members))
        .collect()
}

pub fn counts(standard: i64, silver: i64, gold: i64) -> Vec<(String, i64)> {
    vec![
        ("standard".to_owned(), standard),
        ("silver".to_owned(), silver),
        ("gold".to_owned(), gold),
    ]
}

#[tokio::test]
async fn every_level_is_counted_the_lowest_first() {
    let (program, member_id) = program_with_member().await;
    program.enrolled().await;
    assert_eq!(counted(&program).await, counts(2, 0, 0));
    buys(&program, &member_id, "o1", 50_000).await;
    assert_eq!(counted(&program).await, counts(1, 0, 1));
}

#[tokio::test]
async fn who_has_left_is_not_counted() {
    let (program, member_id) = program_with_member().await;
    let request = CloseMemberRequest {
        request_id: "close".to_owned(),
        member_id,
        await_effects: true,
    };
    program.members().close_member(request).await.unwrap();
    assert_eq!(counted(&program).await, counts(0, 0, 0));
}

#[tokio::test]
async fn a_ladder_that_is_not_there_is_not_found() {
    let (program, _) = program_with_member().await;
    let refused = refusal(
        program
            .tiers()
            .count_members(CountMembersRequest {
                ladder: "growth".to_owned(),
            })
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "LADDER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["ladder"], "growth");
}
