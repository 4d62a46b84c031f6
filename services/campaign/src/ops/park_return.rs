//! Parks a return that came before its order, and records it once its order is there: by the request with which it came, so that it is recorded once, whoever is faster, the worker or the
//! caller who asks again.

use common::{
    auth::Caller,
    ids::MemberId,
    refusal::{Fault, Refusal},
    writer::{Key, Stamp, WriteError},
};
use jiff::SignedDuration;
use prost::Message as _;
use proto::campaign::{self as pb, ParkedReturnState};

use super::{
    AskedActivity, Command, Failure, RecordActivity,
    record_activity::{key_of, record},
    state::{State, member_of},
};
use crate::{
    context::Context,
    error::Error,
    store::{MemberKey, ParkedReturn, drop_parked_return, find_parked_return, parked_to_wire, refuse_parked_return},
};

/// What this is remembered under.
const METHOD: i16 = 108;

/// Asks to park a return.
#[derive(Clone, Debug)]
pub struct ParkReturn {
    request: pb::RecordActivityRequest,
    member_id: MemberId,
    order_id: String,
}

/// What became of asking to park a return.
pub(super) enum Parked {
    /// It waits.
    Waiting(Box<pb::RecordActivityResponse>),
    /// It was parked before, and is recorded, or about to be refused for what its order says.
    OrderCame,
    /// It was parked before, and its order did not come in time.
    GivenUp,
}

/// What became of a return whose order came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unparked {
    /// It is recorded.
    Recorded,
    /// Its order does not allow for it.
    Refused,
    /// It is tried again.
    Later,
}

/// Parks a return, unless it is not waiting any more.
pub(super) async fn park_return(cx: &Context, caller: &Caller, command: ParkReturn) -> Result<Parked, Failure> {
    let (program, request) = (caller.program(), &command.request);
    let member = MemberKey {
        program_id: program.id(),
        member_id: command.member_id,
    };
    let request_id = request.request_id.clone();
    let key = Key::of_member(program, command.member_id, METHOD, &request_id, request);
    let answer = cx.writer.call(key, Command::ParkReturn(command.into())).await?;
    let parked: pb::RecordActivityResponse = answer.decode()?;
    if !answer.repeated {
        return Ok(Parked::Waiting(parked.into()));
    }
    let find = move |pool| async move { find_parked_return(&pool, member, &request_id).await };
    Ok(match cx.db.run::<_, _, _, sqlx::Error>(find).await? {
        Some(ParkedReturnState::Waiting) => Parked::Waiting(parked.into()),
        Some(ParkedReturnState::GivenUp) => Parked::GivenUp,
        _ => Parked::OrderCame,
    })
}

/// Records a return whose order came, and posts what it takes back.
pub async fn record_parked_return(cx: &Context, caller: &Caller, parked: ParkedReturn) -> Result<Unparked, Failure> {
    let (member_id, request) = (parked.member.member_id, parked.request.clone());
    let mut asked =
        AskedActivity::reported(member_id, &request).ok_or_else(|| Fault::internal("a return makes no sense"))?;
    asked.occurred_at.get_or_insert(parked.parked_at);
    let key = key_of(caller, member_id, &request);
    let refused = match record(cx, caller, key, RecordActivity::new(request, asked).of_worker()).await {
        Ok(_) => {
            let strike_off = move |pool| async move { drop_parked_return(&pool, &parked).await };
            cx.db.run::<_, _, _, sqlx::Error>(strike_off).await?;
            return Ok(Unparked::Recorded);
        }
        Err(Failure::Write(WriteError::Refused(refused))) => refused,
        Err(failure) => return Err(failure),
    };
    if let Error::OrderNotFound { .. } | Error::MemberNotFound { .. } = refused {
        return Ok(Unparked::Later);
    }
    let reason = Refusal::from(refused).reason;
    let refuse = move |pool| async move { refuse_parked_return(&pool, &parked, reason).await };
    let is_news = cx.db.run::<_, _, _, sqlx::Error>(refuse).await?;
    Ok(if is_news { Unparked::Refused } else { Unparked::Later })
}

impl ParkReturn {
    /// Asks to park the return that a command records, if it is one and may wait.
    pub(super) fn of(command: &RecordActivity) -> Option<ParkReturn> {
        let (order_id, is_return) = command.asked.order()?;
        (is_return && command.request.park_days > 0).then(|| ParkReturn {
            request: command.request.clone(),
            member_id: command.asked.member_id,
            order_id: order_id.to_owned(),
        })
    }

    /// Parks it. That its order has come meanwhile does not matter: the worker finds it.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let member = member_of(stamp);
        if state.member(&member).is_none() {
            return Err(Error::MemberNotFound {
                member_id: self.member_id,
            });
        }
        let parked_at = stamp.now();
        let parked = ParkedReturn {
            member,
            order_id: self.order_id.clone(),
            request: self.request.clone(),
            parked_at,
            gives_up_at: parked_at + SignedDuration::from_hours(24 * i64::from(self.request.park_days)),
        };
        let answer = pb::RecordActivityResponse {
            parked: Some(parked_to_wire(&parked)),
            ..pb::RecordActivityResponse::default()
        };
        state.park(parked);
        Ok(answer.encode_to_vec())
    }
}
