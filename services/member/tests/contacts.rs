//! What members say to being written to, and how they are reached.

use harness::{Program, refusal, suite};
use proto::{
    member::{
        Consent, ConsentState, Contact, ContactQuery, ContactStanding, EnrollMemberRequest, GetContactsRequest,
        ListConsentsRequest, TellConsentsRequest, TellConsentsResponse,
    },
    value::{ContactChannel, ContactPurpose},
};
use tonic::{Code, Response, Status};

use crate::{Members, ada, at_fault, refused, shared, with, with_phone};

fn says(channel: ContactChannel, purpose: ContactPurpose, state: ConsentState) -> Consent {
    Consent {
        channel: channel.into(),
        purpose: purpose.into(),
        state: state.into(),
        source: "form-7".to_owned(),
        told_at: None,
    }
}

fn granted() -> Consent {
    says(ContactChannel::Email, ContactPurpose::Marketing, ConsentState::Granted)
}

fn withdrawn() -> Consent {
    says(
        ContactChannel::Email,
        ContactPurpose::Marketing,
        ConsentState::Withdrawn,
    )
}

async fn tell(
    program: &Program,
    request_id: &str,
    member_id: &str,
    consents: Vec<Consent>,
) -> Result<Response<TellConsentsResponse>, Status> {
    let request = TellConsentsRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        consents,
    };
    program.members().tell_consents(request).await
}

async fn contacts(program: &Program, queries: &[(&str, ContactChannel, ContactPurpose)]) -> Vec<Contact> {
    let query = |(member_id, channel, purpose): &(&str, ContactChannel, ContactPurpose)| ContactQuery {
        member_id: (*member_id).to_owned(),
        channel: (*channel).into(),
        purpose: (*purpose).into(),
    };
    let request = GetContactsRequest {
        queries: queries.iter().map(query).collect(),
    };
    let answered = program.members().get_contacts(request).await;
    answered.expect("contacts are told").into_inner().contacts
}

fn reached(address: &str, language: &str) -> Contact {
    Contact {
        standing: ContactStanding::Reached.into(),
        address: address.to_owned(),
        language: language.to_owned(),
    }
}

fn not(standing: ContactStanding) -> Contact {
    Contact {
        standing: standing.into(),
        ..Contact::default()
    }
}

#[tokio::test]
async fn what_was_said_last_holds_and_all_of_it_is_kept() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let by_mail = async || {
        let query = (member_id.as_str(), ContactChannel::Email, ContactPurpose::Marketing);
        contacts(&program, &[query]).await.remove(0)
    };
    assert_eq!(by_mail().await, not(ContactStanding::NoConsent));
    let first = tell(&program, "c-1", &member_id, vec![granted()]).await.unwrap();
    assert_eq!(by_mail().await, reached("Ada@example.com", ""));
    tell(&program, "c-2", &member_id, vec![withdrawn()]).await.unwrap();
    // What was told before, told again, is no news.
    let again = tell(&program, "c-1", &member_id, vec![granted()]).await.unwrap();
    assert_eq!(again.into_inner(), first.into_inner());
    assert_eq!(by_mail().await, not(ContactStanding::NoConsent));
    let request = ListConsentsRequest {
        member_id: member_id.clone(),
    };
    let told = program.members().list_consents(request).await.unwrap().into_inner();
    let states: Vec<ConsentState> = told.consents.iter().map(Consent::state).collect();
    assert_eq!(states, [ConsentState::Withdrawn, ConsentState::Granted]);
    assert!(told.consents.iter().all(|consent| consent.told_at.is_some()));
}

#[tokio::test]
async fn many_are_told_at_once_each_by_a_channel_and_for_a_purpose() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let mut person = ada();
    person.attributes.insert("language".to_owned(), "zh-CN".to_owned());
    let enrol = EnrollMemberRequest {
        request_id: "form-1".to_owned(),
        channel: "web".to_owned(),
        profile: Some(person),
        consents: vec![granted()],
        ..EnrollMemberRequest::default()
    };
    let enrolled = program.members().enroll_member(enrol).await.unwrap().into_inner();
    let ada = enrolled.member.unwrap().member_id;
    let by_phone = members.enrolled("form-2", with_phone("+49 30 901821")).await;
    let frozen = members.enrolled("form-3", with_phone("+49 30 901822")).await;
    members.freeze("f", &frozen).await.unwrap();
    let nobody = uuid::Uuid::now_v7().to_string();
    let (marketing, service) = (ContactPurpose::Marketing, ContactPurpose::Service);
    let queries = [
        (ada.as_str(), ContactChannel::Email, marketing),
        (&ada, ContactChannel::Sms, marketing),
        (&ada, ContactChannel::Sms, service),
        (&by_phone, ContactChannel::Email, service),
        (&by_phone, ContactChannel::Push, service),
        (&frozen, ContactChannel::Sms, service),
        (&nobody, ContactChannel::Sms, service),
    ];
    let expected = [
        reached("Ada@example.com", "zh-CN"),
        not(ContactStanding::NoConsent),
        reached("+4930901820", "zh-CN"),
        not(ContactStanding::NoAddress),
        reached("", ""),
        not(ContactStanding::NotAllowed),
        not(ContactStanding::NoMember),
    ];
    assert_eq!(contacts(&program, &queries).await, expected);
    // Another program knows none of them.
    let other = suite().program().await;
    let elsewhere = contacts(&other, &queries).await;
    assert!(
        elsewhere
            .iter()
            .all(|contact| *contact == not(ContactStanding::NoMember))
    );
}

#[tokio::test]
async fn what_cannot_be_said_is_refused() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    let twice = refusal(tell(&program, "c-1", &member_id, vec![granted(), withdrawn()]).await);
    let invalid = shared(Code::InvalidArgument, "INVALID_REQUEST");
    assert_eq!(twice, at_fault(invalid, &["consents[1]"]));
    let nobody = uuid::Uuid::now_v7().to_string();
    let expected = with(refused(Code::NotFound, "MEMBER_NOT_FOUND"), "member_id", &nobody);
    assert_eq!(refusal(tell(&program, "c-1", &nobody, vec![granted()]).await), expected);
    members.close("close", &member_id).await.unwrap();
    let expected = with(
        refused(Code::FailedPrecondition, "MEMBER_CLOSED"),
        "member_id",
        &member_id,
    );
    assert_eq!(
        refusal(tell(&program, "c-2", &member_id, vec![granted()]).await),
        expected
    );
}
