//! `ListRollForward`: how what is outstanding became what it is.

use common::{auth::Caller, refusal::Violations};
use proto::points as pb;
use tonic::Status;

use super::{
    books_of::{BooksOf, by_occurred, periods, value_to_wire},
    fields::wallet,
};
use crate::{
    context::Context,
    domain::{self, Line, Lines, Rolled, Stretch, WalletCode},
    error::Error,
};

/// Asks for a roll-forward.
pub struct ListRollForward {
    wallet: WalletCode,
    by_occurred: bool,
    periods: Vec<Stretch>,
}

impl TryFrom<pb::ListRollForwardRequest> for ListRollForward {
    type Error = Violations;

    fn try_from(wire: pb::ListRollForwardRequest) -> Result<ListRollForward, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let by_occurred = by_occurred(&mut violations, wire.basis());
        let periods = periods(&mut violations, wire.period(), &wire.first_day, &wire.last_day);
        violations.finish(
            wallet
                .zip(by_occurred)
                .zip(periods)
                .map(|((wallet, by_occurred), periods)| ListRollForward {
                    wallet,
                    by_occurred,
                    periods,
                }),
        )
    }
}

/// Rolls a wallet forward.
pub async fn list_roll_forward(
    cx: &Context,
    caller: &Caller,
    asked: ListRollForward,
) -> Result<pb::ListRollForwardResponse, Status> {
    let of = BooksOf::read(cx, caller, asked.wallet, asked.by_occurred).await?;
    let rolled = of.counted(domain::roll_forward(&of.books.totals, &asked.periods))?;
    let periods = rolled.iter().map(|rolled| period_to_wire(&of, rolled));
    let periods = periods.collect::<Result<Vec<_>, Error>>()?;
    let has_money = periods.iter().any(|period| period.money.is_some());
    let (difference, debt_difference) = of.differences()?;
    Ok(pb::ListRollForwardResponse {
        currency_code: if has_money { of.currency_code() } else { String::new() },
        periods,
        difference,
        debt_difference,
        cut: of.cut(),
    })
}

fn period_to_wire(of: &BooksOf, rolled: &Rolled) -> Result<pb::RollForwardPeriod, Error> {
    let Stretch { first, last } = rolled.stretch;
    let money = match of.value_after(last) {
        None => None,
        Some(value) => {
            let money = of.counted(rolled.in_money(of.value_before(first), value))?;
            Some(pb::MoneyRollForward {
                value: Some(value_to_wire(value)),
                opening: money.opening,
                lines: Some(lines_to_wire(&money.lines)),
                revaluation: money.revaluation,
                closing: money.closing,
            })
        }
    };
    Ok(pb::RollForwardPeriod {
        first_day: first.to_string(),
        last_day: last.to_string(),
        opening_points: rolled.opening,
        lines: Some(lines_to_wire(&rolled.lines)),
        closing_points: rolled.closing,
        debt: Some(pb::DebtRollForward {
            opening_points: rolled.opening_debt,
            made_points: rolled.lines.get(Line::DebtMade),
            settled_points: rolled.lines.get(Line::Settled),
            written_off_points: rolled.lines.get(Line::WrittenOff),
            closing_points: rolled.closing_debt,
        }),
        money,
    })
}

fn lines_to_wire(lines: &Lines) -> pb::RollForwardLines {
    pb::RollForwardLines {
        issued: lines.get(Line::Issued),
        transferred_in: lines.get(Line::TransferredIn),
        restored: lines.get(Line::Restored),
        redeemed: lines.get(Line::Redeemed),
        transferred_out: lines.get(Line::TransferredOut),
        expired: lines.get(Line::Expired),
        reversed: lines.get(Line::Reversed),
        settled: lines.get(Line::Settled),
        paid_out: lines.get(Line::PaidOut),
        forfeited: lines.get(Line::Forfeited),
    }
}
