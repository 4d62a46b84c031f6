use harness::{refusal, suite};
use proto::member::{ActivateMemberRequest, MemberStatus};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, refused, with};

#[tokio::test]
async fn a_registered_member_is_confirmed_once() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    for _ in 0..2 {
        assert_eq!(
            members.activate("a", &member_id).await.unwrap(),
            MemberStatus::Activated
        );
    }
    assert_eq!(members.get(&member_id).await.etag, "2");

    let again = ActivateMemberRequest {
        request_id: "b".to_owned(),
        member_id: member_id.clone(),
        await_effects: false,
    };
    let found = refusal(program.members().activate_member(again).await);
    let expected = with(
        refused(Code::FailedPrecondition, "STATUS_NOT_ALLOWED"),
        "member_id",
        &member_id,
    );
    assert_eq!(found, with(expected, "status", "ACTIVATED"));
}

#[tokio::test]
async fn nobody_is_confirmed_who_is_not_there() {
    let program = suite().program().await;
    let member_id = Uuid::now_v7().to_string();
    let asked = ActivateMemberRequest {
        request_id: "a".to_owned(),
        member_id: member_id.clone(),
        await_effects: false,
    };
    let found = refusal(program.members().activate_member(asked).await);
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &member_id)
    );
}
