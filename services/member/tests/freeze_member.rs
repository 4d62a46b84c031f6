use harness::{refusal, suite};
use proto::member::{FreezeMemberRequest, MemberStatus};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, at_fault, refused, shared, with};

fn request(request_id: &str, member_id: &str) -> FreezeMemberRequest {
    FreezeMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        reason_code: "fraud-review".to_owned(),
        await_effects: false,
    }
}

#[tokio::test]
async fn a_membership_is_held_once() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    for _ in 0..2 {
        assert_eq!(members.freeze("a", &member_id).await.unwrap(), MemberStatus::Frozen);
    }
    let found = refusal(program.members().freeze_member(request("b", &member_id)).await);
    let expected = with(
        refused(Code::FailedPrecondition, "STATUS_NOT_ALLOWED"),
        "member_id",
        &member_id,
    );
    assert_eq!(found, with(expected, "status", "FROZEN"));
}

#[tokio::test]
async fn holding_needs_a_reason_and_a_member() {
    let program = suite().program().await;
    let member_id = Uuid::now_v7().to_string();
    let found = refusal(program.members().freeze_member(request("a", &member_id)).await);
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &member_id)
    );
    let unreasoned = FreezeMemberRequest {
        reason_code: "Because!".to_owned(),
        ..request("a", &member_id)
    };
    let found = refusal(program.members().freeze_member(unreasoned).await);
    assert_eq!(
        found,
        at_fault(shared(Code::InvalidArgument, "INVALID_REQUEST"), &["reason_code"])
    );
}
