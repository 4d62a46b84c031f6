//! `MemberService`.

use proto::member::{self as pb, member_service_server::MemberService};
use tonic::Request;

use super::{
    Change, Reply,
    contacts::{get_contacts, list_consents},
    enroll_member::enroll_member,
    get_member::get_member,
    lookup_member::lookup_member,
    update_member::update_member,
};
use crate::context::Context;

/// The RPCs of members.
pub struct Members {
    cx: Context,
}

impl Members {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Members {
        Members { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl MemberService for Members {
    async fn enroll_member(&self, request: Request<pb::EnrollMemberRequest>) -> Reply<pb::EnrollMemberResponse> {
        enroll_member(&self.cx, request).await
    }

    async fn get_member(&self, request: Request<pb::GetMemberRequest>) -> Reply<pb::GetMemberResponse> {
        get_member(&self.cx, request).await
    }

    async fn lookup_member(&self, request: Request<pb::LookupMemberRequest>) -> Reply<pb::LookupMemberResponse> {
        lookup_member(&self.cx, request).await
    }

    async fn update_member(&self, request: Request<pb::UpdateMemberRequest>) -> Reply<pb::UpdateMemberResponse> {
        update_member(&self.cx, request).await
    }

    async fn register_member(&self, request: Request<pb::RegisterMemberRequest>) -> Reply<pb::RegisterMemberResponse> {
        Change::make(&self.cx, request).await
    }

    async fn activate_member(&self, request: Request<pb::ActivateMemberRequest>) -> Reply<pb::ActivateMemberResponse> {
        Change::make(&self.cx, request).await
    }

    async fn freeze_member(&self, request: Request<pb::FreezeMemberRequest>) -> Reply<pb::FreezeMemberResponse> {
        Change::make(&self.cx, request).await
    }

    async fn unfreeze_member(&self, request: Request<pb::UnfreezeMemberRequest>) -> Reply<pb::UnfreezeMemberResponse> {
        Change::make(&self.cx, request).await
    }

    async fn close_member(&self, request: Request<pb::CloseMemberRequest>) -> Reply<pb::CloseMemberResponse> {
        Change::make(&self.cx, request).await
    }

    async fn tell_consents(&self, request: Request<pb::TellConsentsRequest>) -> Reply<pb::TellConsentsResponse> {
        Change::make(&self.cx, request).await
    }

    async fn list_consents(&self, request: Request<pb::ListConsentsRequest>) -> Reply<pb::ListConsentsResponse> {
        list_consents(&self.cx, request).await
    }

    async fn get_contacts(&self, request: Request<pb::GetContactsRequest>) -> Reply<pb::GetContactsResponse> {
        get_contacts(&self.cx, request).await
    }
}
