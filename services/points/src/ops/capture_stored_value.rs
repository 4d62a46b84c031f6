//! `CaptureStoredValue` and `ReleaseStoredValue`.

use common::{ids::EntryId, points::Points};

use super::{
    Desk, hold_stored_value,
    prepaid::{Prepaid, post},
};
use crate::{
    domain::{self, CaptureHold, Command, HoldState, ReleaseHold, Shares, Wallet, WalletCode},
    error::Error,
};

/// By which numbers requests are remembered that asked for these.
pub const CAPTURE: i16 = 23;
/// See [`CAPTURE`].
pub const RELEASE: i16 = 24;

/// Asks to pay with stored value that was set aside.
#[derive(Clone, Debug)]
pub struct CaptureStoredValue {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// The request that set it aside.
    pub hold_request_id: String,
    /// How much; nothing for all.
    pub amount: Option<Points>,
    /// What it is about.
    pub reference: String,
}

/// Asks to give back stored value that was set aside.
#[derive(Clone, Debug)]
pub struct ReleaseStoredValue {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// The request that set it aside.
    pub hold_request_id: String,
}

/// Pays with what was set aside, all or some of it, parted as the wallet says; the rest comes back.
pub fn capture_stored_value(desk: &mut Desk<'_, '_>, command: &CaptureStoredValue) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let holds = find_holds(desk, &prepaid, &command.hold_request_id)?;
    let held = shares_of(&prepaid, &holds);
    let captured = match command.amount {
        // Where the holds have ended, how they did is the reason.
        Some(asked) if !held.total().is_zero() => {
            let refusal = domain::Refusal::MoreThanHeld {
                held: held.total(),
                asked,
            };
            held.part(prepaid.policy.order, asked).ok_or(refusal)?
        }
        _ => held,
    };
    let end = |hold: &Held| {
        let share = if hold.is_principal(&prepaid) {
            captured.principal
        } else {
            captured.bonus
        };
        let (hold_id, ended) = (hold.hold_id, hold.ended);
        if share.is_zero() && !hold.points.is_zero() {
            Command::ReleaseHold(ReleaseHold { hold_id, ended })
        } else {
            let points = Some(share).filter(|share| !share.is_zero());
            Command::CaptureHold(CaptureHold { hold_id, points, ended })
        }
    };
    let commands: Vec<_> = holds.iter().map(|hold| (&hold.wallet, end(hold))).collect();
    post(desk, &commands, &command.reference)
}

/// Gives back what was set aside.
pub fn release_stored_value(desk: &mut Desk<'_, '_>, command: &ReleaseStoredValue) -> Result<Vec<u8>, Error> {
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let holds = find_holds(desk, &prepaid, &command.hold_request_id)?;
    let release = |hold: &Held| {
        let (hold_id, ended) = (hold.hold_id, hold.ended);
        Command::ReleaseHold(ReleaseHold { hold_id, ended })
    };
    let commands: Vec<_> = holds.iter().map(|hold| (&hold.wallet, release(hold))).collect();
    post(desk, &commands, "")
}

/// One of the holds of a request.
struct Held {
    hold_id: EntryId,
    wallet: Wallet,
    /// How it ended, when the journal says that it has.
    ended: Option<HoldState>,
    /// What it holds still.
    points: Points,
}

impl Held {
    fn is_active(&self) -> bool {
        !self.points.is_zero()
    }

    fn is_principal(&self, prepaid: &Prepaid) -> bool {
        self.wallet.code == prepaid.principal.code
    }
}

fn find_holds(desk: &Desk<'_, '_>, prepaid: &Prepaid, request_id: &str) -> Result<Vec<Held>, Error> {
    let mut holds = Vec::new();
    for (_, original) in desk.originals_of((hold_stored_value::METHOD, request_id), prepaid)? {
        let (wallet, ended) = desk.hold(original.entry_id)?;
        holds.push(Held {
            hold_id: original.entry_id,
            points: desk.held(&wallet.code, original.entry_id),
            wallet,
            ended,
        });
    }
    // One that ended by itself leaves the other; where both did, how they ended is the reason of a refusal.
    if holds.iter().any(Held::is_active) {
        holds.retain(Held::is_active);
    }
    Ok(holds)
}

fn shares_of(prepaid: &Prepaid, holds: &[Held]) -> Shares {
    let mut shares = Shares::default();
    for hold in holds {
        if hold.is_principal(prepaid) {
            shares.principal = hold.points;
        } else {
            shares.bonus = hold.points;
        }
    }
    shares
}
