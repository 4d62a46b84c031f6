use harness::{refusal, suite};
use proto::member::{CloseMemberRequest, MemberStatus, lookup_member_request::Identifier};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, refused, with};

fn request(request_id: &str, member_id: &str) -> CloseMemberRequest {
    CloseMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        await_effects: false,
    }
}

#[tokio::test]
async fn a_closed_membership_stays_closed_and_its_identifiers_are_free() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    members.freeze("freeze", &member_id).await.unwrap();
    for _ in 0..2 {
        assert_eq!(members.close("close", &member_id).await.unwrap(), MemberStatus::Closed);
    }
    assert!(
        members
            .lookup(Identifier::Phone("+49 30 901820".to_owned()))
            .await
            .is_err()
    );

    let found = refusal(program.members().close_member(request("again", &member_id)).await);
    let expected = with(
        refused(Code::FailedPrecondition, "STATUS_NOT_ALLOWED"),
        "member_id",
        &member_id,
    );
    assert_eq!(found, with(expected, "status", "CLOSED"));

    let anew = members.enrolled("form-2", ada()).await;
    assert_eq!(
        members
            .lookup(Identifier::Phone("+49 30 901820".to_owned()))
            .await
            .unwrap(),
        anew
    );
}

#[tokio::test]
async fn nobody_is_closed_who_is_not_there() {
    let program = suite().program().await;
    let member_id = Uuid::now_v7().to_string();
    let found = refusal(program.members().close_member(request("a", &member_id)).await);
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &member_id)
    );
}
