use harness::{refusal, suite};
use proto::member::{MemberStatus, UnfreezeMemberRequest};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, refused, with};

fn request(request_id: &str, member_id: &str) -> UnfreezeMemberRequest {
    UnfreezeMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        await_effects: false,
    }
}

#[tokio::test]
async fn a_held_membership_is_given_back_what_it_was() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let registered = members.enrolled("form-1", ada()).await;
    let activated = members.enrolled("form-2", Default::default()).await;
    members.activate("activate", &activated).await.unwrap();

    for (member_id, was) in [
        (registered, MemberStatus::Registered),
        (activated, MemberStatus::Activated),
    ] {
        members.freeze("freeze", &member_id).await.unwrap();
        let answer = program
            .members()
            .unfreeze_member(request("unfreeze", &member_id))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.member.unwrap().status(), was);
    }
}

#[tokio::test]
async fn only_a_held_membership_is_given_back() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", ada()).await;
    let found = refusal(program.members().unfreeze_member(request("a", &member_id)).await);
    let expected = with(
        refused(Code::FailedPrecondition, "STATUS_NOT_ALLOWED"),
        "member_id",
        &member_id,
    );
    assert_eq!(found, with(expected, "status", "REGISTERED"));

    let nobody = Uuid::now_v7().to_string();
    let found = refusal(program.members().unfreeze_member(request("a", &nobody)).await);
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &nobody)
    );
}
