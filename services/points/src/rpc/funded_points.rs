//! `ListFundedPoints`: what funders pay.

use common::{auth::Caller, page::Filter, parse::page_size, refusal::Violations};
use proto::points as pb;
use tonic::Status;

use super::{
    books_of::{BooksOf, by_occurred, periods, value_to_wire},
    fields::wallet,
};
use crate::{
    context::Context,
    domain::{self, FundedPoints, FunderCode, Stretch, WalletCode},
    error::Error,
};

/// Asks what funders pay.
pub struct ListFundedPoints {
    wallet: WalletCode,
    by_occurred: bool,
    periods: Vec<Stretch>,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

/// Where a line stands: its period, its funder, and which of the funder's prices it is.
type Place = (String, String, usize);

impl TryFrom<pb::ListFundedPointsRequest> for ListFundedPoints {
    type Error = Violations;

    fn try_from(wire: pb::ListFundedPointsRequest) -> Result<ListFundedPoints, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let by_occurred = by_occurred(&mut violations, wire.basis());
        let periods = periods(&mut violations, wire.period(), &wire.first_day, &wire.last_day);
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let read = || {
            Some(ListFundedPoints {
                wallet: wallet?,
                by_occurred: by_occurred?,
                periods: periods?,
                page_size: page_size?,
                filter: Filter::of(&pb::ListFundedPointsRequest {
                    page_size: 0,
                    page_token: String::new(),
                    ..wire.clone()
                }),
                page_token: wire.page_token,
            })
        };
        let read = read();
        violations.finish(read)
    }
}

/// Lists what funders pay.
pub async fn list_funded_points(
    cx: &Context,
    caller: &Caller,
    asked: ListFundedPoints,
) -> Result<pb::ListFundedPointsResponse, Status> {
    let scope = caller.program();
    let after: Option<Place> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let of = BooksOf::read(cx, caller, asked.wallet, asked.by_occurred).await?;
    let price_on = |funder: &FunderCode, day| of.price_on(funder, day);
    let funded = of.counted(domain::fund(&of.books.totals, &asked.periods, price_on))?;
    let mut left = placed(&funded).filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
    let page: Vec<_> = left.by_ref().take(asked.page_size as usize).collect();
    let last = page.last().filter(|_| left.next().is_some());
    Ok(pb::ListFundedPointsResponse {
        next_page_token: last
            .map(|(place, _)| cx.page_tokens.seal(scope, asked.filter, place))
            .unwrap_or_default(),
        lines: page
            .iter()
            .map(|(_, line)| line_to_wire(&of, line))
            .collect::<Result<_, _>>()?,
        cut: of.cut(),
    })
}

/// Returns lines with where they stand.
fn placed(funded: &[FundedPoints]) -> impl Iterator<Item = (Place, &FundedPoints)> {
    funded.iter().enumerate().map(|(number, line)| {
        let same = |other: &&FundedPoints| (other.stretch, &other.funder) == (line.stretch, &line.funder);
        let which = funded[..number].iter().rev().take_while(same).count();
        let funder = line.funder.as_ref().map(FunderCode::to_string).unwrap_or_default();
        ((line.stretch.first.to_string(), funder, which), line)
    })
}

fn line_to_wire(of: &BooksOf, line: &FundedPoints) -> Result<pb::FundedPoints, Error> {
    let cost = match line.price {
        None => None,
        Some(price) => Some(of.money(of.counted(price.of(line.net()))?)),
    };
    Ok(pb::FundedPoints {
        first_day: line.stretch.first.to_string(),
        last_day: line.stretch.last.to_string(),
        funder: line.funder.as_ref().map(FunderCode::to_string).unwrap_or_default(),
        issued_points: line.issued,
        taken_back_points: line.taken_back,
        net_points: line.net(),
        price: line.price.map(value_to_wire),
        cost,
    })
}
