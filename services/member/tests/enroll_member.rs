use futures::future::join_all;
use harness::{Program, at, refusal, suite};
use proto::member::{AdvanceClockRequest, EnrollMemberRequest, MemberStatus, lookup_member_request::Identifier};
use tonic::Code;

use crate::{Members, ada, at_fault, refused, shared, with, with_phone};

fn request(request_id: &str) -> EnrollMemberRequest {
    EnrollMemberRequest {
        request_id: request_id.to_owned(),
        channel: "store-12".to_owned(),
        ..EnrollMemberRequest::default()
    }
}

#[tokio::test]
async fn a_member_is_registered_at_the_programs_time_and_the_answer_has_no_profile() {
    let program = suite().program().await;
    let asked = EnrollMemberRequest {
        profile: Some(ada()),
        ..request("form-1")
    };
    let member = program
        .members()
        .enroll_member(asked)
        .await
        .unwrap()
        .into_inner()
        .member
        .unwrap();
    assert_eq!(member.status(), MemberStatus::Registered);
    assert_eq!((member.channel.as_str(), member.etag.as_str()), ("store-12", "1"));
    assert_eq!(member.enrolled_at, Some(at("2026-01-01T05:00:00Z")));
    assert_eq!(member.profile, None);
    assert_eq!(Members::of(&program).get(&member.member_id).await, member);
}

#[tokio::test]
async fn someone_may_have_enrolled_earlier_but_not_in_the_future() {
    let program = suite().program().await;
    let earlier = EnrollMemberRequest {
        occurred_at: Some(at("1997-01-01T00:00:00Z")),
        ..request("a")
    };
    let member = program
        .members()
        .enroll_member(earlier)
        .await
        .unwrap()
        .into_inner()
        .member
        .unwrap();
    assert_eq!(member.enrolled_at, Some(at("1997-01-01T00:00:00Z")));

    let later = EnrollMemberRequest {
        occurred_at: Some(at("2026-01-01T05:00:01Z")),
        ..request("b")
    };
    let found = refusal(program.members().enroll_member(later.clone()).await);
    let expected = refused(Code::InvalidArgument, "OCCURRED_IN_FUTURE");
    assert_eq!(found, with(expected, "clock_at", "2026-01-01T05:00:00Z"));

    let advance = AdvanceClockRequest {
        request_id: "advance".to_owned(),
        to: Some(at("2026-01-02T00:00:00Z")),
        await_effects: false,
    };
    program.programs().advance_clock(advance).await.unwrap();
    program
        .members()
        .enroll_member(later)
        .await
        .expect("a refused request id is free, and the future has come");
}

#[tokio::test]
async fn enrolling_twice_with_one_request_id_enrols_once() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let first = members.enroll("form-1", ada()).await.unwrap().into_inner();
    let second = members.enroll("form-1", ada()).await.unwrap().into_inner();
    assert_eq!(first, second);

    let found = refusal(members.enroll("form-1", with_phone("+49 30 1")).await);
    assert_eq!(found.reason, "INVALID_IDENTIFIER", "what is malformed is said first");
    let found = refusal(members.enroll("form-1", with_phone("+49 30 901821")).await);
    let expected = with(shared(Code::AlreadyExists, "REQUEST_ID_REUSED"), "request_id", "form-1");
    assert_eq!(found, with(expected, "differing_fields", "profile"));
}

#[tokio::test]
async fn an_identifier_belongs_to_one_member_however_it_is_written() {
    let program = suite().program().await;
    let members = Members::of(&program);
    members.enrolled("form-1", ada()).await;
    let taken = |field| with(refused(Code::AlreadyExists, "IDENTIFIER_TAKEN"), "field", field);

    let phone = members.enroll("form-2", with_phone("tel:+49-30-901820")).await;
    assert_eq!(refusal(phone), taken("profile.phone"));
    let email = proto::member::Profile {
        email: "ADA@example.com".to_owned(),
        ..Default::default()
    };
    assert_eq!(refusal(members.enroll("form-2", email).await), taken("profile.email"));
    let card = proto::member::Profile {
        card_number: "AB123456".to_owned(),
        ..with_phone("+49 30 901821")
    };
    assert_eq!(
        refusal(members.enroll("form-2", card).await),
        taken("profile.card_number")
    );

    members.enrolled("form-3", with_phone("+49 30 901821")).await;
}

#[tokio::test]
async fn of_many_who_enrol_with_one_phone_at_once_one_gets_it() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let forms: Vec<String> = (0..40).map(|form| format!("form-{form}")).collect();
    let outcomes = join_all(
        forms
            .iter()
            .map(|form| members.enroll(form, with_phone("+49 30 901820"))),
    )
    .await;
    let (enrolled, refusals): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((enrolled.len(), refusals.len()), (1, 39));
    let taken = with(
        refused(Code::AlreadyExists, "IDENTIFIER_TAKEN"),
        "field",
        "profile.phone",
    );
    assert!(refusals.into_iter().all(|outcome| refusal(outcome) == taken));
    let owner = members
        .lookup(Identifier::Phone("+49 30 901820".to_owned()))
        .await
        .unwrap();
    let enrolled = enrolled.into_iter().next().unwrap().unwrap().into_inner();
    assert_eq!(enrolled.member.unwrap().member_id, owner);
}

#[tokio::test]
async fn the_same_person_may_be_in_two_programs() {
    let (one, other) = (suite().program().await, suite().program().await);
    let in_one = Members::of(&one).enrolled("form-1", ada()).await;
    let in_other = Members::of(&other).enrolled("form-1", ada()).await;
    assert_ne!(in_one, in_other);
}

#[tokio::test]
async fn everything_wrong_with_a_profile_is_said_at_once() {
    let program = suite().program().await;
    let profile = proto::member::Profile {
        email: "ada".to_owned(),
        ..with_phone("030 901820")
    };
    let found = refusal(Members::of(&program).enroll("form-1", profile.clone()).await);
    let expected = refused(Code::InvalidArgument, "INVALID_IDENTIFIER");
    assert_eq!(found, at_fault(expected, &["profile.phone", "profile.email"]));

    let asked = EnrollMemberRequest {
        channel: "Web!".to_owned(),
        profile: Some(profile),
        ..request("form-1")
    };
    let found = refusal(program.members().enroll_member(asked).await);
    assert_eq!(found.reason, "INVALID_REQUEST");
    let mut fields = found.fields;
    fields.sort();
    assert_eq!(fields, ["channel", "profile.email", "profile.phone"]);
}

#[tokio::test]
async fn nobody_enrols_in_a_program_that_was_never_created() {
    let program = Program::unmade(suite().channel());
    let found = refusal(Members::of(&program).enroll("form-1", ada()).await);
    assert_eq!(
        found,
        with(
            shared(Code::NotFound, "PROGRAM_NOT_FOUND"),
            "program_id",
            &program.program_id
        )
    );
}
