//! Binds a friend to whoever invited them.

use common::{
    auth::Caller,
    ids::MemberId,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{
    Command, Failure,
    referrals::{Why, move_to},
    state::{State, member_of},
};
use crate::{
    context::Context,
    domain::{Member, NotReferred, Referral, ReferralPolicy, ReferralReason, ReferralState, Referrer, typed_code},
    error::Error,
    store::{MemberKey, find_invited_by, load_members, referral_to_wire},
};

/// What this is remembered under.
const METHOD: i16 = 90;

/// Asks to bind a friend.
#[derive(Clone, Debug)]
pub struct BindReferral {
    /// The request, as it came.
    pub request: pb::BindReferralRequest,
    /// The friend.
    pub referee: MemberId,
    /// Who has the code, where anybody has. Nothing of it that matters changes: when somebody enrolled stays as it is, and whoever was frozen a moment ago brings nobody anything.
    pub referrer: Option<Referrer>,
}

/// Binds a friend. Who has the code is on another shard, and is read before.
pub async fn bind_referral(
    cx: &Context,
    caller: &Caller,
    mut command: BindReferral,
) -> Result<pb::BindReferralResponse, Failure> {
    let (program, code) = (caller.program(), typed_code(&command.request.invite_code));
    let find = move |pool: sqlx::PgPool| async move {
        let Some(member_id) = find_invited_by(&pool, program, &code).await? else {
            return Ok(None);
        };
        let key = MemberKey {
            program_id: program.id(),
            member_id,
        };
        let mut connection = pool.acquire().await?;
        let known = load_members(&mut connection, &[key])
            .await?
            .remove(&key)
            .unwrap_or_default();
        Ok::<_, sqlx::Error>(Some(Referrer {
            member_id,
            status: known.status,
            enrolled_at: known.enrolled_at,
        }))
    };
    command.referrer = cx.db.run(find).await?;
    let request = &command.request;
    let key = Key::of_member(program, command.referee, METHOD, &request.request_id, request);
    let answer = cx.writer.call(key, Command::BindReferral(command.into())).await?;
    Ok(answer.decode()?)
}

impl BindReferral {
    /// Binds the friend, unless somebody else is faster or there is a reason against it.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let friend = member_of(stamp);
        let member_id = friend.member_id;
        let member = state.member(&friend).ok_or(Error::MemberNotFound { member_id })?;
        let policy = self.check(state, member, stamp)?;
        let referrer = self.referrer.as_ref().ok_or_else(|| Error::InviteCodeNotFound {
            invite_code: self.request.invite_code.clone(),
        })?;
        let program = stamp.program().expect("the writer refuses calls for unknown programs");
        let (now, zone) = (stamp.now(), &program.zone);
        let refused = |why| Error::ReferralNotAllowed { member_id, why };
        let known = state.referrals.get(&friend).cloned();
        let is_same = known.as_ref().is_some_and(|known| known.referrer == referrer.member_id);
        if let Some(known) = &known
            && !policy.lets_go(known, state.referrals.orders_of(&friend))
        {
            return Err(refused(NotReferred::AlreadyBound));
        }
        let referee = (member_id, member.enrolled_at);
        policy.check(referee, referrer, (now, zone)).map_err(refused)?;
        let bound = match known {
            Some(known) if is_same => known,
            known => {
                let reasons = known.iter().map(|_| ReferralReason::LaterTouch).collect();
                let new = Referral {
                    referrer: referrer.member_id,
                    invite_code: typed_code(&self.request.invite_code),
                    state: ReferralState::Bound,
                    reasons: Vec::new(),
                    bound_at: now,
                    changed_at: now,
                    gives_up_at: policy.gives_up_at(now, zone),
                    order_id: None,
                    reported: None,
                };
                let why = Why {
                    reasons,
                    ..Why::default()
                };
                move_to(state, stamp, (new, now), why)
            }
        };
        state.referrals.add_marks(friend, &self.request.marks);
        Ok(pb::BindReferralResponse {
            referral: Some(referral_to_wire(member_id, &bound)),
        }
        .encode_to_vec())
    }

    /// Refuses those who are no members any more, and programs in which nobody is bound.
    fn check(&self, state: &State, member: &Member, stamp: &Stamp<'_>) -> Result<ReferralPolicy, Error> {
        let status = member.status.filter(|status| !status.earns());
        if let Some(status) = status {
            return Err(Error::MemberNotAllowed {
                member_id: self.referee,
                status,
            });
        }
        let rules = state.rules.of(stamp.program_id());
        rules.referral_policy(stamp.now()).ok_or(Error::ReferralPolicyNotFound)
    }
}
