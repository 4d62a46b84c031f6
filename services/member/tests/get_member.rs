use harness::{refusal, suite};
use proto::member::{GetMemberRequest, Profile};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, at_fault, refused, shared, with};

#[tokio::test]
async fn the_profile_comes_only_when_it_is_asked_for_and_in_its_one_written_form() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    assert_eq!(members.get(&member_id).await.profile, None);
    let expected = Profile {
        phone: "+4930901820".to_owned(),
        email: "Ada@example.com".to_owned(),
        card_number: "AB123456".to_owned(),
        ..ada()
    };
    assert_eq!(members.profile(&member_id).await, expected);
}

#[tokio::test]
async fn a_member_of_whom_nothing_is_kept_has_an_empty_profile() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", Profile::default()).await;
    assert_eq!(members.profile(&member_id).await, Profile::default());
}

#[tokio::test]
async fn nobody_sees_members_of_another_program() {
    let (program, other) = (suite().program().await, suite().program().await);
    let member_id = Members::of(&other).enrolled("form-1", ada()).await;
    for member_id in [member_id, Uuid::now_v7().to_string()] {
        let request = GetMemberRequest {
            member_id: member_id.clone(),
            with_profile: true,
        };
        let found = refusal(program.members().get_member(request).await);
        assert_eq!(
            found,
            with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &member_id)
        );
    }
}

#[tokio::test]
async fn what_is_no_id_is_refused() {
    let program = suite().program().await;
    let request = GetMemberRequest {
        member_id: "member-1".to_owned(),
        with_profile: false,
    };
    let found = refusal(program.members().get_member(request).await);
    assert_eq!(
        found,
        at_fault(shared(Code::InvalidArgument, "INVALID_REQUEST"), &["member_id"])
    );
}
