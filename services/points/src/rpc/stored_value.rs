//! `StoredValueService`.

use common::{
    auth::Caller,
    ids::MemberId,
    page::Filter,
    parse::{id, page_size, parse},
    refusal::{Fault, Violations},
};
use proto::points::{self as pb, stored_value_service_server::StoredValueService};
use tonic::{Request, Response, Status};

use super::{
    Reply,
    change::change,
    fields::wallet,
    get_balance::{find_program, found},
};
use crate::{
    context::Context,
    domain::{Amounts, WalletCode},
    error::Error,
    store::{self, Freshness, amounts_to_wire},
};

/// The RPCs on stored value.
pub struct StoredValues {
    cx: Context,
}

impl StoredValues {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> StoredValues {
        StoredValues { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl StoredValueService for StoredValues {
    async fn top_up(&self, request: Request<pb::TopUpRequest>) -> Reply<pb::TopUpResponse> {
        change(&self.cx, request).await
    }

    async fn spend_stored_value(
        &self,
        request: Request<pb::SpendStoredValueRequest>,
    ) -> Reply<pb::SpendStoredValueResponse> {
        change(&self.cx, request).await
    }

    async fn hold_stored_value(
        &self,
        request: Request<pb::HoldStoredValueRequest>,
    ) -> Reply<pb::HoldStoredValueResponse> {
        change(&self.cx, request).await
    }

    async fn capture_stored_value(
        &self,
        request: Request<pb::CaptureStoredValueRequest>,
    ) -> Reply<pb::CaptureStoredValueResponse> {
        change(&self.cx, request).await
    }

    async fn release_stored_value(
        &self,
        request: Request<pb::ReleaseStoredValueRequest>,
    ) -> Reply<pb::ReleaseStoredValueResponse> {
        change(&self.cx, request).await
    }

    async fn refund_stored_value(
        &self,
        request: Request<pb::RefundStoredValueRequest>,
    ) -> Reply<pb::RefundStoredValueResponse> {
        change(&self.cx, request).await
    }

    async fn cash_out(&self, request: Request<pb::CashOutRequest>) -> Reply<pb::CashOutResponse> {
        change(&self.cx, request).await
    }

    async fn get_stored_value(&self, request: Request<pb::GetStoredValueRequest>) -> Reply<pb::GetStoredValueResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(get_stored_value(&self.cx, &caller, asked).await?))
    }

    async fn list_top_ups(&self, request: Request<pb::ListTopUpsRequest>) -> Reply<pb::ListTopUpsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_top_ups(&self.cx, &caller, asked).await?))
    }
}

/// Asks what a member has of stored value.
struct GetStoredValue {
    member_id: MemberId,
    wallet: WalletCode,
}

impl TryFrom<pb::GetStoredValueRequest> for GetStoredValue {
    type Error = Violations;

    fn try_from(wire: pb::GetStoredValueRequest) -> Result<GetStoredValue, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        violations.finish(
            member_id
                .zip(wallet)
                .map(|(member_id, wallet)| GetStoredValue { member_id, wallet }),
        )
    }
}

/// Returns what a member has in both wallets, read together.
async fn get_stored_value(
    cx: &Context,
    caller: &Caller,
    asked: GetStoredValue,
) -> Result<pb::GetStoredValueResponse, Status> {
    let GetStoredValue { member_id, wallet } = asked;
    let program = find_program(cx, caller, member_id).await?;
    let (wallets, of) = (cx.wallets.clone(), program.clone());
    let versions = cx
        .db
        .run(move |pool| async move { wallets.of_program(&mut *pool.acquire().await?, &of).await });
    let versions = versions.await.map_err(Fault::from)?;
    let now = program.now_for_reading();
    let in_force = versions.in_force(wallet.as_str(), now);
    let terms = in_force.ok_or_else(|| Error::WalletNotFound { wallet: wallet.clone() })?;
    let terms = terms.definition.in_zone(&program.zone);
    let policy = terms
        .stored_value
        .ok_or_else(|| Error::NotStoredValue { wallet: wallet.clone() })?;
    let both = [Some(wallet), policy.bonus].into_iter().flatten();
    let both: Vec<_> = both.map(|wallet| (member_id, wallet, Freshness::Newest)).collect();
    let read = cx.balances.read_many(&program, &both).await.map_err(Fault::from)?;
    let mut amounts = [Amounts::default(); 2];
    for ((reading, (_, wallet, _)), amounts) in read.into_iter().zip(&both).zip(&mut amounts) {
        *amounts = found(reading, member_id, wallet)?.amounts_at(now);
    }
    let [principal, bonus] = amounts;
    let is_free = principal.held.is_zero() && bonus.held.is_zero();
    Ok(pb::GetStoredValueResponse {
        principal: Some(amounts_to_wire(principal)),
        bonus: Some(amounts_to_wire(bonus)),
        spendable: principal.available.saturating_add(bonus.available).get(),
        cash_out: if is_free { principal.available.get() } else { 0 },
    })
}

/// Asks for a page of what a member paid in.
struct ListTopUps {
    member_id: MemberId,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListTopUpsRequest> for ListTopUps {
    type Error = Violations;

    fn try_from(wire: pb::ListTopUpsRequest) -> Result<ListTopUps, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let filter = Filter::of(&pb::ListTopUpsRequest {
            member_id: wire.member_id,
            ..pb::ListTopUpsRequest::default()
        });
        violations.finish(member_id.zip(page_size).map(|(member_id, page_size)| ListTopUps {
            member_id,
            page_size,
            page_token: wire.page_token,
            filter,
        }))
    }
}

async fn list_top_ups(cx: &Context, caller: &Caller, asked: ListTopUps) -> Result<pb::ListTopUpsResponse, Status> {
    let (scope, member_id) = (caller.program(), asked.member_id);
    let before: Option<i64> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let read = cx
        .db
        .run(move |pool| async move { store::list_top_ups(&pool, scope, member_id, before, asked.page_size).await });
    let (top_ups, next) = read
        .await
        .map_err(Fault::from)?
        .ok_or(Error::AccountNotFound { member_id })?;
    Ok(pb::ListTopUpsResponse {
        top_ups,
        next_page_token: next
            .map(|place| cx.page_tokens.seal(scope, asked.filter, &place))
            .unwrap_or_default(),
    })
}
