//! `RefundStoredValue`.

use common::points::Points;

use super::{
    Desk, cash_out,
    prepaid::{Prepaid, post},
};
use crate::{
    domain::{Command, EntryKind, Initiator, Original, Refusal, RestoreSpend, Shares, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 25;

/// Asks to give back what was taken.
#[derive(Clone, Debug)]
pub struct RefundStoredValue {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// The request that took it, and by which number its method is remembered.
    pub taken_by: (i16, String),
    /// How much; nothing for what is left of it.
    pub amount: Option<Points>,
    /// Who changed their mind.
    pub initiator: Initiator,
    /// What it is about.
    pub reference: String,
}

/// Gives a payment back to the lots it came from; or a cash-out, as a whole.
pub fn refund_stored_value(desk: &mut Desk<'_, '_>, command: &RefundStoredValue) -> Result<Vec<u8>, Error> {
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let (method, request_id) = &command.taken_by;
    let taken = desk.originals_of((*method, request_id), &prepaid)?;
    let taken = taken
        .into_iter()
        .filter(|(_, original)| comes_back(*method, original.kind));
    let taken: Vec<_> = taken.collect();
    let taken: Vec<Taken> = taken.into_iter().map(|original| Taken::find(desk, original)).collect();
    let back = if taken.iter().any(Taken::is_paid_out) {
        whole(&taken, command.amount)?
    } else {
        parted(desk, &prepaid, &taken, command.amount)?
    };
    let mut commands = Vec::new();
    for (taken, points) in taken.iter().zip(back).filter(|(_, points)| !points.is_zero()) {
        let restore = RestoreSpend {
            original: taken.original.clone(),
            points: Some(points),
            initiator: command.initiator,
        };
        commands.push((desk.wallet_held(&taken.wallet)?, Command::RestoreSpend(restore)));
    }
    let commands: Vec<_> = commands
        .iter()
        .map(|(wallet, command)| (wallet, command.clone()))
        .collect();
    post(desk, &commands, &command.reference)
}

/// Tells whether what a request made of a kind comes back. What a cash-out kept back for gifts that were used does not: they are the member's.
fn comes_back(method: i16, kind: EntryKind) -> bool {
    match kind {
        EntryKind::CashOut | EntryKind::Forfeit | EntryKind::Capture => true,
        EntryKind::Spend => method != cash_out::METHOD,
        _ => false,
    }
}

/// What a request took from one of the wallets.
struct Taken {
    original: Original,
    wallet: WalletCode,
    /// How much of it came back before.
    back: Points,
}

impl Taken {
    fn find(desk: &Desk<'_, '_>, (wallet, original): (WalletCode, Original)) -> Taken {
        Taken {
            back: desk.taken_back(&wallet, original.seq),
            original,
            wallet,
        }
    }

    fn is_paid_out(&self) -> bool {
        matches!(self.original.kind, EntryKind::CashOut | EntryKind::Forfeit)
    }

    fn left(&self) -> Points {
        self.original.points.saturating_sub(self.back)
    }
}

/// What was paid out comes back as a whole: the cash did not reach the member.
fn whole(taken: &[Taken], asked: Option<Points>) -> Result<Vec<Points>, Refusal> {
    let left = taken.iter().map(Taken::left).fold(Points::ZERO, Points::saturating_add);
    if left.is_zero() || asked.is_some_and(|asked| asked != left) {
        let asked = asked.unwrap_or(Points::ZERO);
        return Err(Refusal::MoreThanEntry { left, asked });
    }
    Ok(taken.iter().map(Taken::left).collect())
}

/// Returns what comes back of each share of a payment: what a smaller payment would not have taken.
fn parted(
    desk: &Desk<'_, '_>,
    prepaid: &Prepaid,
    taken: &[Taken],
    asked: Option<Points>,
) -> Result<Vec<Points>, Refusal> {
    let is_principal = |taken: &Taken| taken.wallet == prepaid.principal.code;
    let (mut paid, mut before) = (Shares::default(), Shares::default());
    for taken in taken {
        let share = (taken.original.points, taken.back);
        if is_principal(taken) {
            (paid.principal, before.principal) = share;
        } else {
            (paid.bonus, before.bonus) = share;
        }
    }
    let order = taken
        .first()
        .map(|taken| prepaid.order_at(desk, taken.original.occurred_at));
    let left = paid.total().saturating_sub(before.total());
    let amount = Some(asked.unwrap_or(left)).filter(|amount| !amount.is_zero());
    let back = amount
        .zip(order)
        .and_then(|(amount, order)| paid.give_back(order, before, amount));
    let back = back.ok_or(Refusal::MoreThanEntry {
        left,
        asked: asked.unwrap_or(Points::ZERO),
    })?;
    let share = |taken: &Taken| {
        if is_principal(taken) {
            back.principal
        } else {
            back.bonus
        }
    };
    Ok(taken.iter().map(share).collect())
}
