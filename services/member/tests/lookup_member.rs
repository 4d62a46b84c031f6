use harness::{refusal, suite};
use proto::member::{LookupMemberRequest, lookup_member_request::Identifier};
use tonic::Code;

use crate::{Members, ada, at_fault, refused, shared};

#[tokio::test]
async fn a_member_is_found_however_the_identifier_is_written() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", ada()).await;
    for phone in ["+4930901820", "+49 30 90 18 20", "tel:+49-30-901820"] {
        assert_eq!(
            members.lookup(Identifier::Phone(phone.to_owned())).await.unwrap(),
            member_id
        );
    }
    for email in ["ada@example.com", " ADA@EXAMPLE.COM "] {
        assert_eq!(
            members.lookup(Identifier::Email(email.to_owned())).await.unwrap(),
            member_id
        );
    }
    for card_number in ["AB123456", "ab-12-34-56"] {
        assert_eq!(
            members
                .lookup(Identifier::CardNumber(card_number.to_owned()))
                .await
                .unwrap(),
            member_id
        );
    }
}

#[tokio::test]
async fn an_identifier_that_nobody_has_here_is_not_found() {
    let (program, other) = (suite().program().await, suite().program().await);
    Members::of(&other).enrolled("form-1", ada()).await;
    let request = LookupMemberRequest {
        identifier: Some(Identifier::Phone("+49 30 901820".to_owned())),
    };
    let found = refusal(program.members().lookup_member(request).await);
    assert_eq!(found, refused(Code::NotFound, "MEMBER_NOT_FOUND"));
}

#[tokio::test]
async fn what_is_no_identifier_is_refused() {
    let program = suite().program().await;
    let wrong = [
        (Identifier::Phone("030 901820".to_owned()), "phone"),
        (Identifier::Email("ada".to_owned()), "email"),
        (Identifier::CardNumber("12 34".to_owned()), "card_number"),
    ];
    for (identifier, field) in wrong {
        let request = LookupMemberRequest {
            identifier: Some(identifier),
        };
        let found = refusal(program.members().lookup_member(request).await);
        assert_eq!(
            found,
            at_fault(refused(Code::InvalidArgument, "INVALID_IDENTIFIER"), &[field])
        );
    }
    let found = refusal(
        program
            .members()
            .lookup_member(LookupMemberRequest { identifier: None })
            .await,
    );
    assert_eq!(
        found,
        at_fault(shared(Code::InvalidArgument, "INVALID_REQUEST"), &["identifier"])
    );
}
