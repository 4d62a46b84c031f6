//! `GetLiability`: what a wallet owes its members.

use common::{auth::Caller, refusal::Violations, time};
use proto::{points as pb, value::Money};
use tonic::Status;

use super::{
    books_of::{BooksOf, value_to_wire},
    fields::wallet,
};
use crate::{
    context::Context,
    domain::{Breakage, PointValue, WalletCode},
    error::Error,
    store::amounts_to_wire,
};

/// Asks what a wallet owes its members.
pub struct GetLiability(WalletCode);

impl TryFrom<pb::GetLiabilityRequest> for GetLiability {
    type Error = Violations;

    fn try_from(wire: pb::GetLiabilityRequest) -> Result<GetLiability, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        violations.finish(wallet.map(GetLiability))
    }
}

/// Returns what a wallet owes its members.
pub async fn get_liability(
    cx: &Context,
    caller: &Caller,
    GetLiability(wallet): GetLiability,
) -> Result<pb::GetLiabilityResponse, Status> {
    let of = BooksOf::read(cx, caller, wallet, true).await?;
    let outstanding = of.counted(of.outstanding())?;
    let in_transit = of.counted(of.books.told().and_then(|told| told.in_transit()))?;
    let breakage = of.counted(Breakage::of_year_up_to(&of.books.totals, of.today()))?;
    let estimated = breakage.estimate(outstanding);
    let (difference, debt_difference) = of.differences()?;
    let value = of.value_now();
    let money = |points| worth(&of, value, points);
    let (outstanding_value, estimated_value) = (money(outstanding)?, money(estimated)?);
    let net = outstanding_value.as_ref().zip(estimated_value.as_ref());
    let net = net.map(|(all, lost)| of.money(all.minor_units - lost.minor_units));
    Ok(pb::GetLiabilityResponse {
        amounts: Some(amounts_to_wire(of.books.amounts)),
        outstanding_points: outstanding,
        in_transit_points: in_transit,
        value: value.map(value_to_wire),
        outstanding_value,
        debt_value: money(of.books.amounts.debt)?,
        breakage: Some(pb::Breakage {
            method: pb::BreakageMethod::TrailingYear.into(),
            first_day: breakage.stretch.first.to_string(),
            last_day: breakage.stretch.last.to_string(),
            expired_points: breakage.expired,
            redeemed_points: breakage.redeemed,
            estimated_points: estimated,
            estimated_value,
        }),
        net_value: net,
        difference,
        debt_difference,
        cut: of.cut(),
        read_at: Some(time::to_wire(of.books.read_at)),
    })
}

/// Returns what points are worth, where they are worth anything.
fn worth(of: &BooksOf, value: Option<PointValue>, points: i64) -> Result<Option<Money>, Error> {
    let Some(value) = value else { return Ok(None) };
    Ok(Some(of.money(of.counted(value.of(points))?)))
}
