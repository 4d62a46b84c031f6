//! `AdjustmentService`.

use common::{
    auth::Caller,
    ids::{EntryId, MemberId},
    page::Filter,
    parse::{self, id, page_size, parse},
    points::Points,
    refusal::{Fault, Violations},
    writer::{Key, WriteError},
};
use prost::{Message, Name};
use proto::{
    Validate,
    points::{self as pb, adjustment_service_server::AdjustmentService},
};
use tonic::{Request, Response, Status};

use super::{Reply, change::Keyed, fields::wallet};
use crate::{
    context::Context,
    domain::Change,
    error::Error,
    ops::{Act, Adjust, Attempted, Command, method},
    store,
};

/// The RPCs on what is given and taken by hand.
pub struct Adjustments {
    cx: Context,
}

impl Adjustments {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Adjustments {
        Adjustments { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl AdjustmentService for Adjustments {
    async fn propose_adjustment(
        &self,
        request: Request<pb::ProposeAdjustmentRequest>,
    ) -> Reply<pb::ProposeAdjustmentResponse> {
        attempt(&self.cx, request).await
    }

    async fn approve_adjustment(
        &self,
        request: Request<pb::ApproveAdjustmentRequest>,
    ) -> Reply<pb::ApproveAdjustmentResponse> {
        attempt(&self.cx, request).await
    }

    async fn reject_adjustment(
        &self,
        request: Request<pb::RejectAdjustmentRequest>,
    ) -> Reply<pb::RejectAdjustmentResponse> {
        attempt(&self.cx, request).await
    }

    async fn list_adjustments(
        &self,
        request: Request<pb::ListAdjustmentsRequest>,
    ) -> Reply<pb::ListAdjustmentsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_adjustments(&self.cx, &caller, asked).await?))
    }

    async fn list_adjustment_attempts(
        &self,
        request: Request<pb::ListAdjustmentAttemptsRequest>,
    ) -> Reply<pb::ListAdjustmentAttemptsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_attempts(&self.cx, &caller, asked).await?))
    }
}

/// A request to do something with an adjustment.
trait Attempts: Keyed + Message + Name + Validate {
    type Answer: Message + Default;

    const METHOD: i16;

    /// Reads what is to be done, or notes all that is wrong.
    fn act(&self, violations: &mut Violations) -> Option<Act>;
}

/// Reads a request, has it decided, and answers or refuses when that is durable: what is refused is recorded too.
async fn attempt<W: Attempts>(cx: &Context, request: Request<W>) -> Reply<W::Answer> {
    let caller = Caller::of(&request)?;
    let (wire, member_id, act) = parse::read(request.into_inner(), |wire| {
        let mut violations = Violations::default();
        let act = wire.act(&mut violations);
        let member_id: Option<MemberId> = id(&mut violations, "member_id", wire.member_id().unwrap_or_default());
        let read = member_id.zip(act).map(|(member_id, act)| (wire, member_id, act));
        violations.finish(read)
    })?;
    let key = Key::of_member(caller.program(), member_id, W::METHOD, wire.request_id(), &wire);
    let command = Command::Adjust(Adjust {
        operator: caller.actor().subject().to_owned(),
        is_member: caller.is_member(member_id),
        act,
    });
    let operator = caller.actor().subject();
    let attempted: Attempted = cx.writer.call(key, command).await?.decode()?;
    if !attempted.is_by(operator) {
        return Err(WriteError::<Error>::Reused {
            request_id: wire.request_id().to_owned(),
            differing_fields: vec!["operator".to_owned()],
        }
        .into());
    }
    Ok(Response::new(attempted.answer()?))
}

impl Attempts for pb::ProposeAdjustmentRequest {
    type Answer = pb::ProposeAdjustmentResponse;

    const METHOD: i16 = method::PROPOSE_ADJUSTMENT;

    fn act(&self, violations: &mut Violations) -> Option<Act> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        // The rules of the contract say which numbers there may be.
        let points = self.points.checked_abs().and_then(Points::new);
        wallet.zip(points).map(|(wallet, points)| Act::Propose {
            wallet,
            change: if self.points > 0 {
                Change::Credit(points)
            } else {
                Change::Debit(points)
            },
            reason_code: self.reason_code.clone(),
            reference: self.reference.clone(),
        })
    }
}

impl Attempts for pb::ApproveAdjustmentRequest {
    type Answer = pb::ApproveAdjustmentResponse;

    const METHOD: i16 = method::APPROVE_ADJUSTMENT;

    fn act(&self, violations: &mut Violations) -> Option<Act> {
        let adjustment_id = id(violations, "adjustment_id", &self.adjustment_id)?;
        Some(Act::Approve {
            adjustment_id,
            proposal_hash: self.proposal_hash.clone(),
        })
    }
}

impl Attempts for pb::RejectAdjustmentRequest {
    type Answer = pb::RejectAdjustmentResponse;

    const METHOD: i16 = method::REJECT_ADJUSTMENT;

    fn act(&self, violations: &mut Violations) -> Option<Act> {
        let adjustment_id = id(violations, "adjustment_id", &self.adjustment_id)?;
        Some(Act::Reject { adjustment_id })
    }
}

/// Asks for a page.
struct Page<T> {
    of: T,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListAdjustmentsRequest> for Page<pb::AdjustmentState> {
    type Error = Violations;

    fn try_from(wire: pb::ListAdjustmentsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let filter = Filter::of(&pb::ListAdjustmentsRequest {
            state: wire.state,
            ..pb::ListAdjustmentsRequest::default()
        });
        violations.finish(page_size.map(|page_size| Page {
            of: wire.state(),
            page_size,
            page_token: wire.page_token,
            filter,
        }))
    }
}

impl TryFrom<pb::ListAdjustmentAttemptsRequest> for Page<MemberId> {
    type Error = Violations;

    fn try_from(wire: pb::ListAdjustmentAttemptsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let filter = Filter::of(&pb::ListAdjustmentAttemptsRequest {
            member_id: wire.member_id,
            ..pb::ListAdjustmentAttemptsRequest::default()
        });
        violations.finish(member_id.zip(page_size).map(|(of, page_size)| Page {
            of,
            page_size,
            page_token: wire.page_token,
            filter,
        }))
    }
}

async fn list_adjustments(
    cx: &Context,
    caller: &Caller,
    asked: Page<pb::AdjustmentState>,
) -> Result<pb::ListAdjustmentsResponse, Status> {
    let scope = caller.program();
    let before: Option<EntryId> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let read = cx.db.run(move |pool| async move {
        store::list_adjustments(&pool, scope, asked.of, before, asked.page_size + 1).await
    });
    let mut adjustments = read.await.map_err(Fault::from)?;
    let more = adjustments.len() as i64 > asked.page_size;
    adjustments.truncate(asked.page_size as usize);
    let last = adjustments.last().filter(|_| more);
    let last: Option<EntryId> = last.and_then(|last| last.adjustment_id.parse().ok());
    Ok(pb::ListAdjustmentsResponse {
        adjustments,
        next_page_token: last
            .map(|place| cx.page_tokens.seal(scope, asked.filter, &place))
            .unwrap_or_default(),
    })
}

async fn list_attempts(
    cx: &Context,
    caller: &Caller,
    asked: Page<MemberId>,
) -> Result<pb::ListAdjustmentAttemptsResponse, Status> {
    let (scope, member_id) = (caller.program(), asked.of);
    let before: Option<i64> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let read = cx
        .db
        .run(move |pool| async move { store::list_attempts(&pool, scope, member_id, before, asked.page_size).await });
    let (attempts, next) = read
        .await
        .map_err(Fault::from)?
        .ok_or(Error::AccountNotFound { member_id })?;
    Ok(pb::ListAdjustmentAttemptsResponse {
        attempts,
        next_page_token: next
            .map(|place| cx.page_tokens.seal(scope, asked.filter, &place))
            .unwrap_or_default(),
    })
}
