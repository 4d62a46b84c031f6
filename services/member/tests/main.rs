//! The member service as its callers see it: real gRPC, real Postgres, a clock that is moved by hand.

#![forbid(unsafe_code)]

mod activate_member;
mod advance_clock;
mod birthdays;
mod close_member;
mod contacts;
mod create_program;
mod enroll_member;
mod freeze_member;
mod get_member;
mod get_program;
mod lookup_member;
mod personal_data;
mod register_member;
mod scopes;
mod unfreeze_member;
mod update_member;
mod update_program;

use std::collections::BTreeMap;

use harness::{Client, Program, Refused};
use proto::member::{
    ActivateMemberRequest, CloseMemberRequest, EnrollMemberRequest, EnrollMemberResponse, FreezeMemberRequest,
    GetMemberRequest, LookupMemberRequest, Member, MemberStatus, Profile, lookup_member_request::Identifier,
    member_service_client::MemberServiceClient,
};
use tonic::{Code, Response, Status};

/// The refusal with a reason of the member service's own and without numbers.
fn refused(code: Code, reason: &str) -> Refused {
    Refused {
        code,
        reason: reason.to_owned(),
        domain: "member.loyalty".to_owned(),
        metadata: BTreeMap::new(),
        fields: Vec::new(),
    }
}

/// The refusal for one of the reasons that all services share.
fn shared(code: Code, reason: &str) -> Refused {
    Refused {
        domain: "loyalty".to_owned(),
        ..refused(code, reason)
    }
}

/// The same refusal with a number that explains it.
fn with(mut refused: Refused, key: &str, value: &str) -> Refused {
    refused.metadata.insert(key.to_owned(), value.to_owned());
    refused
}

/// The same refusal with the fields at fault.
fn at_fault(refused: Refused, fields: &[&str]) -> Refused {
    Refused {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        ..refused
    }
}

fn ada() -> Profile {
    Profile {
        name: "Ada Lovelace".to_owned(),
        phone: "+49 (0)30 901820".to_owned(),
        email: "Ada@Example.COM".to_owned(),
        card_number: "ab12-3456".to_owned(),
        attributes: BTreeMap::from([("shoe_size".to_owned(), "38".to_owned())]),
        birth_date: "1915-12-10".to_owned(),
    }
}

fn with_phone(phone: &str) -> Profile {
    Profile {
        phone: phone.to_owned(),
        ..Profile::default()
    }
}

/// What the tests do to members over and over.
struct Members {
    client: MemberServiceClient<Client>,
}

impl Members {
    fn of(program: &Program) -> Members {
        Members {
            client: program.members(),
        }
    }

    async fn enroll(&self, request_id: &str, profile: Profile) -> Result<Response<EnrollMemberResponse>, Status> {
        let request = EnrollMemberRequest {
            request_id: request_id.to_owned(),
            channel: "web".to_owned(),
            profile: Some(profile),
            ..EnrollMemberRequest::default()
        };
        self.client.clone().enroll_member(request).await
    }

    async fn enrolled(&self, request_id: &str, profile: Profile) -> String {
        let response = self
            .enroll(request_id, profile)
            .await
            .expect("a member can be enrolled")
            .into_inner();
        response.member.expect("the answer has the member").member_id
    }

    async fn get(&self, member_id: &str) -> Member {
        let request = GetMemberRequest {
            member_id: member_id.to_owned(),
            with_profile: false,
        };
        let response = self
            .client
            .clone()
            .get_member(request)
            .await
            .expect("the member is there")
            .into_inner();
        response.member.expect("the answer has the member")
    }

    async fn profile(&self, member_id: &str) -> Profile {
        let request = GetMemberRequest {
            member_id: member_id.to_owned(),
            with_profile: true,
        };
        let response = self
            .client
            .clone()
            .get_member(request)
            .await
            .expect("the member is there")
            .into_inner();
        response
            .member
            .and_then(|member| member.profile)
            .expect("the answer has the profile")
    }

    async fn lookup(&self, identifier: Identifier) -> Result<String, Status> {
        let request = LookupMemberRequest {
            identifier: Some(identifier),
        };
        let response = self.client.clone().lookup_member(request).await?.into_inner();
        Ok(response.member.expect("the answer has the member").member_id)
    }

    async fn activate(&self, request_id: &str, member_id: &str) -> Result<MemberStatus, Status> {
        let request = ActivateMemberRequest {
            request_id: request_id.to_owned(),
            member_id: member_id.to_owned(),
            await_effects: false,
        };
        let response = self.client.clone().activate_member(request).await?.into_inner();
        Ok(response.member.expect("the answer has the member").status())
    }

    async fn freeze(&self, request_id: &str, member_id: &str) -> Result<MemberStatus, Status> {
        let request = FreezeMemberRequest {
            request_id: request_id.to_owned(),
            member_id: member_id.to_owned(),
            reason_code: "fraud-review".to_owned(),
            await_effects: false,
        };
        let response = self.client.clone().freeze_member(request).await?.into_inner();
        Ok(response.member.expect("the answer has the member").status())
    }

    async fn close(&self, request_id: &str, member_id: &str) -> Result<MemberStatus, Status> {
        let request = CloseMemberRequest {
            request_id: request_id.to_owned(),
            member_id: member_id.to_owned(),
            await_effects: false,
        };
        let response = self.client.clone().close_member(request).await?.into_inner();
        Ok(response.member.expect("the answer has the member").status())
    }
}
