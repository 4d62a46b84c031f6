use harness::{Program, at, refusal, suite};
use proto::{
    event::{SubscribeRequest, event::Payload},
    member::{
        EnrollMemberRequest, MemberStatus, RegisterMemberRequest, lookup_member_request::Identifier,
        member_event::Event,
    },
};
use tonic::Code;
use uuid::Uuid;

use crate::{Members, ada, refused, with};

fn form(request_id: &str, member_id: &str) -> RegisterMemberRequest {
    RegisterMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        channel: "store-12".to_owned(),
        ..RegisterMemberRequest::default()
    }
}

/// Makes Ada known, who has not joined.
async fn known(program: &Program) -> String {
    let request = EnrollMemberRequest {
        request_id: "lead-1".to_owned(),
        channel: "web".to_owned(),
        profile: Some(ada()),
        prospect: true,
        ..EnrollMemberRequest::default()
    };
    let known = program.members().enroll_member(request).await.unwrap().into_inner();
    let member = known.member.unwrap();
    assert_eq!((member.status(), member.enrolled_at), (MemberStatus::Prospect, None));
    member.member_id
}

/// What the feed tells of members, in order: whether they are known or enrolled.
async fn told(program: &Program) -> Vec<(&'static str, prost_types::Timestamp)> {
    let request = SubscribeRequest {
        feed: "member".to_owned(),
        until_now: true,
        ..SubscribeRequest::default()
    };
    let mut stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let mut told = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        for event in message.events {
            let at = event.occurred_at.unwrap();
            let Some(Payload::Member(member)) = event.payload else {
                continue;
            };
            match member.event {
                Some(Event::ProspectRecorded(_)) => told.push(("known", at)),
                Some(Event::MemberEnrolled(_)) => told.push(("enrolled", at)),
                _ => {}
            }
        }
    }
    told
}

#[tokio::test]
async fn a_prospect_is_known_by_their_identifiers_and_joins_once() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = known(&program).await;
    let phone = Identifier::Phone("+49 30 901820".to_owned());
    assert_eq!(members.lookup(phone).await.unwrap(), member_id);
    let taken = members.enroll("form-1", ada()).await;
    assert_eq!(
        refusal(taken).reason,
        "IDENTIFIER_TAKEN",
        "they are registered, not enrolled anew"
    );
    let confirmed = members.activate("activate", &member_id).await;
    assert_eq!(confirmed.unwrap_err().code(), Code::FailedPrecondition);

    program.advance_to("2026-01-03T05:00:00Z").await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let joined = program.members().register_member(form("form-2", &member_id)).await;
        answers.push(joined.unwrap().into_inner().member.unwrap());
    }
    let joined = &answers[0];
    assert_eq!(answers[1], *joined);
    assert_eq!(
        (joined.status(), joined.channel.as_str()),
        (MemberStatus::Registered, "store-12")
    );
    assert_eq!(joined.enrolled_at, Some(at("2026-01-03T05:00:00Z")));
    assert_eq!(
        told(&program).await,
        [
            ("known", at("2026-01-01T05:00:00Z")),
            ("enrolled", at("2026-01-03T05:00:00Z"))
        ]
    );

    let found = refusal(program.members().register_member(form("form-3", &member_id)).await);
    let expected = with(
        refused(Code::FailedPrecondition, "STATUS_NOT_ALLOWED"),
        "member_id",
        &member_id,
    );
    assert_eq!(found, with(expected, "status", "REGISTERED"));
    let changed = RegisterMemberRequest {
        channel: "web".to_owned(),
        ..form("form-2", &member_id)
    };
    let found = refusal(program.members().register_member(changed).await);
    assert_eq!(
        (found.reason.as_str(), found.metadata["differing_fields"].as_str()),
        ("REQUEST_ID_REUSED", "channel")
    );
}

#[tokio::test]
async fn someone_may_have_joined_earlier_but_not_in_the_future_and_only_if_they_are_there() {
    let program = suite().program().await;
    let member_id = known(&program).await;
    let joined_at = |request_id: &str, time: &str| RegisterMemberRequest {
        occurred_at: Some(at(time)),
        channel: String::new(),
        ..form(request_id, &member_id)
    };
    let found = refusal(
        program
            .members()
            .register_member(joined_at("a", "2026-01-01T05:00:01Z"))
            .await,
    );
    let expected = refused(Code::InvalidArgument, "OCCURRED_IN_FUTURE");
    assert_eq!(found, with(expected, "clock_at", "2026-01-01T05:00:00Z"));
    let joined = program
        .members()
        .register_member(joined_at("a", "2025-12-24T00:00:00Z"))
        .await;
    let joined = joined.unwrap().into_inner().member.unwrap();
    assert_eq!(
        (joined.enrolled_at, joined.channel.as_str()),
        (Some(at("2025-12-24T00:00:00Z")), "web")
    );

    let nobody = Uuid::now_v7().to_string();
    let found = refusal(program.members().register_member(form("b", &nobody)).await);
    assert_eq!(
        found,
        with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &nobody)
    );
}

#[tokio::test]
async fn a_prospect_may_be_held_and_is_a_prospect_again_then() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = known(&program).await;
    members.freeze("freeze", &member_id).await.unwrap();
    let found = refusal(program.members().register_member(form("form-1", &member_id)).await);
    assert_eq!(found.metadata["status"], "FROZEN");
    let unfreeze = proto::member::UnfreezeMemberRequest {
        request_id: "unfreeze".to_owned(),
        member_id: member_id.clone(),
        await_effects: false,
    };
    program.members().unfreeze_member(unfreeze).await.unwrap();
    assert_eq!(members.get(&member_id).await.status(), MemberStatus::Prospect);
    assert_eq!(members.close("close", &member_id).await.unwrap(), MemberStatus::Closed);
}
