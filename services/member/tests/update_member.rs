use harness::{Program, refusal, suite};
use proto::{
    event::{SubscribeRequest, event::Payload},
    member::{Profile, UpdateMemberRequest, lookup_member_request::Identifier, member_event},
};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, at_fault, refused, shared, with, with_phone};

fn request(request_id: &str, member_id: &str, paths: &[&str], profile: Profile) -> UpdateMemberRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    UpdateMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        update_mask: Some(prost_types::FieldMask { paths }),
        profile: Some(profile),
        ..UpdateMemberRequest::default()
    }
}

/// Returns the fields that the last update of a program's members changed, as the feed tells.
async fn told_fields(program: &Program) -> Vec<String> {
    let request = SubscribeRequest {
        feed: "member".to_owned(),
        until_now: true,
        ..SubscribeRequest::default()
    };
    let mut stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let mut fields = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        for event in message.events {
            let Some(Payload::Member(member)) = event.payload else {
                continue;
            };
            if let Some(member_event::Event::MemberUpdated(updated)) = member.event {
                fields = updated.fields;
            }
        }
    }
    fields
}

#[tokio::test]
async fn only_the_named_fields_change_and_an_empty_value_removes() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let before = members.profile(&member_id).await;

    let changes = Profile {
        name: "Ada King".to_owned(),
        email: "ignored@example.com".to_owned(),
        ..Profile::default()
    };
    let paths = ["profile.name", "profile.phone", "profile.attributes"];
    let answer = program
        .members()
        .update_member(request("a", &member_id, &paths, changes))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.member.unwrap().etag, "2");
    let expected = Profile {
        name: "Ada King".to_owned(),
        phone: String::new(),
        attributes: Default::default(),
        ..before
    };
    assert_eq!(members.profile(&member_id).await, expected);
    assert_eq!(told_fields(&program).await, paths);
}

#[tokio::test]
async fn the_channel_can_be_changed_but_not_removed() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let to_store = UpdateMemberRequest {
        channel: "store-12".to_owned(),
        ..request("a", &member_id, &["channel", "profile.name"], ada())
    };
    program.members().update_member(to_store).await.unwrap();
    assert_eq!(members.get(&member_id).await.channel, "store-12");
    assert_eq!(told_fields(&program).await, ["channel"], "the name is what it was");

    let found = refusal(
        program
            .members()
            .update_member(request("b", &member_id, &["channel"], ada()))
            .await,
    );
    assert_eq!(
        found,
        at_fault(shared(Code::InvalidArgument, "INVALID_REQUEST"), &["channel"])
    );
}

#[tokio::test]
async fn a_changed_identifier_is_found_and_the_old_one_is_free() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let other_id = members.enrolled("form-2", with_phone("+49 30 901821")).await;
    let phone = |phone: &str| Identifier::Phone(phone.to_owned());

    let taken = request("a", &member_id, &["profile.phone"], with_phone("+49 30 901821"));
    let found = refusal(program.members().update_member(taken).await);
    assert_eq!(
        found,
        with(
            refused(Code::AlreadyExists, "IDENTIFIER_TAKEN"),
            "field",
            "profile.phone"
        )
    );

    let free = request("b", &member_id, &["profile.phone"], with_phone("+49 30 901822"));
    program.members().update_member(free).await.unwrap();
    assert_eq!(members.lookup(phone("+49 30 901822")).await.unwrap(), member_id);
    assert!(members.lookup(phone("+49 30 901820")).await.is_err());
    assert_eq!(
        members
            .lookup(Identifier::Email("ada@example.com".to_owned()))
            .await
            .unwrap(),
        member_id
    );

    let old = request("c", &other_id, &["profile.phone"], with_phone("+49 30 901820"));
    program.members().update_member(old).await.unwrap();
    assert_eq!(members.lookup(phone("+49 30 901820")).await.unwrap(), other_id);
}

#[tokio::test]
async fn repeating_a_request_changes_nothing_and_other_content_is_refused() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let rename = |name: &str| Profile {
        name: name.to_owned(),
        ..Profile::default()
    };
    let asked = request("a", &member_id, &["profile.name"], rename("Ada King"));
    let first = program
        .members()
        .update_member(asked.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        program.members().update_member(asked).await.unwrap().into_inner(),
        first
    );

    let other = request("a", &member_id, &["profile.name"], rename("Ada Byron"));
    let found = refusal(program.members().update_member(other).await);
    let expected = with(shared(Code::AlreadyExists, "REQUEST_ID_REUSED"), "request_id", "a");
    assert_eq!(found, with(expected, "differing_fields", "profile"));
}

#[tokio::test]
async fn an_old_etag_is_refused() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", ada()).await;
    let asked = |request_id: &str| UpdateMemberRequest {
        etag: "1".to_owned(),
        ..request(request_id, &member_id, &["profile.name"], Profile::default())
    };
    program.members().update_member(asked("a")).await.unwrap();
    let found = refusal(program.members().update_member(asked("b")).await);
    assert_eq!(found, with(refused(Code::Aborted, "ETAG_MISMATCH"), "etag", "2"));
}

#[tokio::test]
async fn fields_that_cannot_change_are_all_named() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", ada()).await;
    let asked = request("a", &member_id, &["profile", "profile.name", "status"], ada());
    let found = refusal(program.members().update_member(asked).await);
    let expected = refused(Code::InvalidArgument, "FIELD_NOT_UPDATABLE");
    assert_eq!(
        found,
        at_fault(expected, &["update_mask.paths[0]", "update_mask.paths[2]"])
    );
}

#[tokio::test]
async fn what_is_no_identifier_is_refused() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", ada()).await;
    let asked = request("a", &member_id, &["profile.phone"], with_phone("030"));
    let found = refusal(program.members().update_member(asked).await);
    assert_eq!(
        found,
        at_fault(refused(Code::InvalidArgument, "INVALID_IDENTIFIER"), &["profile.phone"])
    );
}

#[tokio::test]
async fn a_closed_or_unknown_member_is_not_updated() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    members.close("close", &member_id).await.unwrap();
    let found = refusal(
        program
            .members()
            .update_member(request("a", &member_id, &["profile.name"], ada()))
            .await,
    );
    assert_eq!(
        found,
        with(
            refused(Code::FailedPrecondition, "MEMBER_CLOSED"),
            "member_id",
            &member_id
        )
    );

    let nobody = Uuid::now_v7().to_string();
    let found = refusal(
        program
            .members()
            .update_member(request("a", &nobody, &["profile.name"], ada()))
            .await,
    );
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &nobody)
    );
}
