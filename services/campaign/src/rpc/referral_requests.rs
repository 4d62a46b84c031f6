//! Requests about referrals, read.

use common::{ids::MemberId, page::Filter, parse, refusal::Violations};
use proto::campaign::{self as pb, list_referrals_request::Of};

use super::rule_requests::{instant, rule};
use crate::{
    ops::{BindReferral, PublishReferralPolicy, ReviewReferral, TellMarks},
    store::{ListedBy, referral_policy_from_wire, referral_state_from_wire},
};

/// A member who invites friends.
pub struct InvitingMember(pub MemberId);

/// The referral of a friend.
pub struct NamedReferral(pub MemberId);

/// A page of referrals.
pub struct ListedReferrals {
    /// Which.
    pub by: ListedBy,
    /// How many.
    pub page_size: i64,
    /// Where the last page ended.
    pub page_token: String,
    /// What a token is bound to.
    pub filter: Filter,
}

impl TryFrom<pb::PublishReferralPolicyRequest> for PublishReferralPolicy {
    type Error = Violations;

    fn try_from(request: pb::PublishReferralPolicyRequest) -> Result<PublishReferralPolicy, Violations> {
        let mut violations = Violations::default();
        let policy = request.referral_policy.as_ref();
        let policy = rule(&mut violations, "referral_policy", policy, referral_policy_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = policy.zip(effective_from);
        violations.finish(read.map(|(policy, effective_from)| PublishReferralPolicy {
            request,
            policy,
            effective_from,
        }))
    }
}

impl TryFrom<pb::GetInviteCodeRequest> for InvitingMember {
    type Error = Violations;

    fn try_from(request: pb::GetInviteCodeRequest) -> Result<InvitingMember, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &request.member_id);
        violations.finish(member_id.map(InvitingMember))
    }
}

impl TryFrom<pb::BindReferralRequest> for BindReferral {
    type Error = Violations;

    fn try_from(request: pb::BindReferralRequest) -> Result<BindReferral, Violations> {
        let mut violations = Violations::default();
        let referee = parse::id(&mut violations, "referee_member_id", &request.referee_member_id);
        violations.finish(referee.map(|referee| BindReferral {
            request,
            referee,
            referrer: None,
        }))
    }
}

impl TryFrom<pb::TellMarksRequest> for TellMarks {
    type Error = Violations;

    fn try_from(request: pb::TellMarksRequest) -> Result<TellMarks, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &request.member_id);
        violations.finish(member_id.map(|member_id| TellMarks { request, member_id }))
    }
}

impl TryFrom<pb::GetReferralRequest> for NamedReferral {
    type Error = Violations;

    fn try_from(request: pb::GetReferralRequest) -> Result<NamedReferral, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "referee_member_id", &request.referee_member_id);
        violations.finish(member_id.map(NamedReferral))
    }
}

impl TryFrom<pb::ListReferralsRequest> for ListedReferrals {
    type Error = Violations;

    fn try_from(request: pb::ListReferralsRequest) -> Result<ListedReferrals, Violations> {
        let mut violations = Violations::default();
        let page_size = parse::page_size(&mut violations, "page_size", request.page_size);
        let by = match &request.of {
            Some(Of::ReferrerMemberId(member_id)) => {
                parse::id(&mut violations, "referrer_member_id", member_id).map(ListedBy::Referrer)
            }
            Some(Of::State(state)) => {
                let state = pb::ReferralState::try_from(*state).ok();
                state.and_then(referral_state_from_wire).map(ListedBy::State)
            }
            None => None,
        };
        let page_token = request.page_token.clone();
        let filter = Filter::of(&pb::ListReferralsRequest {
            page_size: 0,
            page_token: String::new(),
            ..request
        });
        let read = by.zip(page_size);
        violations.finish(read.map(|(by, page_size)| ListedReferrals {
            by,
            page_size,
            page_token,
            filter,
        }))
    }
}

impl TryFrom<pb::ReviewReferralRequest> for ReviewReferral {
    type Error = Violations;

    fn try_from(request: pb::ReviewReferralRequest) -> Result<ReviewReferral, Violations> {
        let mut violations = Violations::default();
        let referee = parse::id(&mut violations, "referee_member_id", &request.referee_member_id);
        let approves = match request.verdict() {
            pb::ReferralVerdict::Unspecified => None,
            pb::ReferralVerdict::Approve => Some(true),
            pb::ReferralVerdict::Reject => Some(false),
        };
        let read = referee.zip(approves);
        violations.finish(read.map(|(referee, approves)| ReviewReferral {
            request,
            referee,
            approves,
            operator: String::new(),
        }))
    }
}
