//! `ReferralService`.

use common::{auth::ProgramScope, ids::MemberId, parse::parse, refusal::Fault, writer::WriteError};
use jiff::Timestamp;
use proto::campaign::{self as pb, referral_service_server::ReferralService};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    Reply,
    referral_requests::{InvitingMember, ListedReferrals, NamedReferral},
};
use crate::{
    context::Context,
    error::Error,
    ops::{self, BindReferral, Command, Failure, PublishReferralPolicy, ReviewReferral, TellMarks},
    store::{MemberKey, find_referral, list_referral_moves, list_referrals, referral_move_to_wire, referral_to_wire},
};

/// The RPCs about referrals.
pub struct Referrals {
    cx: Context,
}

/// Where a page ends.
type Place = (i64, Uuid);

impl Referrals {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Referrals {
        Referrals { cx: cx.clone() }
    }

    async fn check_program(&self, program: ProgramScope) -> Result<(), Status> {
        let found = self.cx.programs.find(program).await.map_err(Fault::from)?;
        let found = found.ok_or(WriteError::<Error>::ProgramNotFound(program.id()));
        Ok(found.map(drop)?)
    }
}

#[tonic::async_trait]
impl ReferralService for Referrals {
    async fn publish_referral_policy(
        &self,
        request: Request<pb::PublishReferralPolicyRequest>,
    ) -> Reply<pb::PublishReferralPolicyResponse> {
        let (caller, command) = parse::<_, PublishReferralPolicy>(request)?;
        let key = command.key(&caller);
        let command = Command::PublishReferralPolicy(command.into());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn get_invite_code(&self, request: Request<pb::GetInviteCodeRequest>) -> Reply<pb::GetInviteCodeResponse> {
        let (caller, InvitingMember(member_id)) = parse(request)?;
        self.check_program(caller.program()).await?;
        Ok(Response::new(ops::invite_code(&self.cx, &caller, member_id).await?))
    }

    async fn bind_referral(&self, request: Request<pb::BindReferralRequest>) -> Reply<pb::BindReferralResponse> {
        let (caller, command) = parse::<_, BindReferral>(request)?;
        Ok(Response::new(ops::bind_referral(&self.cx, &caller, command).await?))
    }

    async fn tell_marks(&self, request: Request<pb::TellMarksRequest>) -> Reply<pb::TellMarksResponse> {
        let (caller, command) = parse::<_, TellMarks>(request)?;
        let key = command.key(&caller);
        let command = Command::TellMarks(command.into());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn get_referral(&self, request: Request<pb::GetReferralRequest>) -> Reply<pb::GetReferralResponse> {
        let (caller, NamedReferral(member_id)) = parse(request)?;
        self.check_program(caller.program()).await?;
        let friend = MemberKey {
            program_id: caller.program().id(),
            member_id,
        };
        let find = move |pool| async move { find_referral(&pool, friend).await };
        let referral = self.cx.db.run(find).await.map_err(Fault::from)?;
        let referral = referral.ok_or(Failure::from(Error::ReferralNotFound { member_id }))?;
        let list = move |pool| async move { list_referral_moves(&pool, friend).await };
        let moves = self.cx.db.run(list).await.map_err(Fault::from)?;
        Ok(Response::new(pb::GetReferralResponse {
            referral: Some(referral_to_wire(member_id, &referral)),
            moves: moves.iter().map(referral_move_to_wire).collect(),
        }))
    }

    async fn list_referrals(&self, request: Request<pb::ListReferralsRequest>) -> Reply<pb::ListReferralsResponse> {
        let (caller, listed) = parse::<_, ListedReferrals>(request)?;
        let ListedReferrals {
            by,
            page_size,
            page_token,
            filter,
        } = listed;
        let (program, tokens) = (caller.program(), &self.cx.page_tokens);
        let after: Option<Place> = tokens.open(program, filter, &page_token)?;
        let after = after.and_then(|(micros, member)| Some((Timestamp::from_microsecond(micros).ok()?, member.into())));
        let after: (Timestamp, MemberId) = after.unwrap_or((Timestamp::UNIX_EPOCH, MemberId::nil()));
        let list = move |pool| async move { list_referrals(&pool, program, by, after, page_size + 1).await };
        let mut page = self.cx.db.run(list).await.map_err(Fault::from)?;
        let more = page.len() as i64 > page_size;
        page.truncate(page_size as usize);
        let last = page.last().filter(|_| more).map(|(key, referral)| {
            let place: Place = (referral.bound_at.as_microsecond(), key.member_id.uuid());
            tokens.seal(program, filter, &place)
        });
        let referrals = page
            .iter()
            .map(|(key, referral)| referral_to_wire(key.member_id, referral));
        Ok(Response::new(pb::ListReferralsResponse {
            referrals: referrals.collect(),
            next_page_token: last.unwrap_or_default(),
        }))
    }

    async fn review_referral(&self, request: Request<pb::ReviewReferralRequest>) -> Reply<pb::ReviewReferralResponse> {
        let (caller, mut command) = parse::<_, ReviewReferral>(request)?;
        command.operator = caller.actor().subject().to_owned();
        let key = command.key(&caller);
        let command = Command::ReviewReferral(command.into());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }
}
