use harness::{at, refusal};
use proto::tier::{ListTierChangesRequest, TierChangeCause};
use tonic::Code;
use uuid::Uuid;

use crate::status::{buys, changes, program_with_member, publish, start, status, told};

#[tokio::test]
async fn each_change_tells_why_and_what_it_gives() {
    let (program, member_id) = program_with_member().await;
    program.advance_to("2026-03-05T17:00:00Z").await;
    buys(&program, &member_id, "o1", 12_000).await;
    let changes = changes(&program, &member_id).await;
    assert_eq!(changes.len(), 2);
    let risen = &changes[0];
    assert_eq!(
        (risen.member_id.as_str(), risen.ladder.as_str()),
        (member_id.as_str(), "status")
    );
    assert_eq!(
        (risen.from_level.as_str(), risen.to_level.as_str(), risen.to_rank),
        ("standard", "silver", 1)
    );
    assert_eq!((risen.cause(), risen.ladder_version), (TierChangeCause::Qualified, 1));
    assert_eq!(risen.reasons[0].all_of[0].current, 12_000);
    assert_eq!(
        (risen.occurred_at, risen.valid_until),
        (Some(at("2026-03-05T17:00:00Z")), Some(at("2027-03-05T17:00:00Z")))
    );
    assert_eq!(risen.benefits.as_ref().unwrap().discount_per_mille, 50);
    let enrolled = &changes[1];
    assert_eq!(
        (enrolled.from_level.as_str(), enrolled.to_level.as_str()),
        ("", "standard")
    );
    assert_eq!(
        (enrolled.cause(), enrolled.occurred_at, enrolled.valid_until),
        (TierChangeCause::Enrolled, Some(start()), None)
    );
}

#[tokio::test]
async fn pages_follow_one_another_and_a_ladder_can_be_picked() {
    let (program, member_id) = program_with_member().await;
    let mut growth = status();
    growth.code = "growth".to_owned();
    publish(&program, growth).await;
    buys(&program, &member_id, "o1", 12_000).await;
    buys(&program, &member_id, "o2", 40_000).await;
    let mut request = ListTierChangesRequest {
        member_id: member_id.clone(),
        ladder: "status".to_owned(),
        page_size: 2,
        page_token: String::new(),
    };
    let first = program
        .tiers()
        .list_tier_changes(request.clone())
        .await
        .unwrap()
        .into_inner();
    let levels =
        |changes: &[proto::tier::TierChange]| changes.iter().map(|change| change.to_level.clone()).collect::<Vec<_>>();
    assert_eq!(levels(&first.tier_changes), ["gold", "silver"]);
    request.page_token = first.next_page_token;
    let second = program
        .tiers()
        .list_tier_changes(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (levels(&second.tier_changes), second.next_page_token.as_str()),
        (vec!["standard".to_owned()], "")
    );
    request.ladder = "growth".to_owned();
    let refused = refusal(program.tiers().list_tier_changes(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
    );
    assert_eq!(told(&program, &member_id).await.len(), 6, "three on each ladder");
}

#[tokio::test]
async fn a_member_that_is_not_there_has_no_changes() {
    let (program, _) = program_with_member().await;
    let nobody = Uuid::now_v7().to_string();
    let request = ListTierChangesRequest {
        member_id: nobody.clone(),
        ..ListTierChangesRequest::default()
    };
    let refused = refusal(program.tiers().list_tier_changes(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["member_id"], nobody);
    let malformed = ListTierChangesRequest {
        page_size: -1,
        ..ListTierChangesRequest::default()
    };
    let refused = refusal(program.tiers().list_tier_changes(malformed).await);
    assert_eq!(
        (refused.code, refused.fields),
        (
            Code::InvalidArgument,
            vec!["member_id".to_owned(), "page_size".to_owned()]
        )
    );
}
