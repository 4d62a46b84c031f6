//! `HoldStoredValue`.

use super::{Desk, prepaid::Prepaid};
use crate::{
    domain::{Command, HoldPoints, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 22;

/// Asks to set stored value aside.
#[derive(Clone, Debug)]
pub struct HoldStoredValue {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// How much, and for how long.
    pub held: HoldPoints,
    /// What it is about.
    pub reference: String,
}

/// Sets stored value aside, parted as the wallet says.
pub fn hold_stored_value(desk: &mut Desk<'_, '_>, command: &HoldStoredValue) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let shares = prepaid.part(desk, command.held.points)?;
    let ttl_seconds = command.held.ttl_seconds;
    let hold = |points| Command::HoldPoints(HoldPoints { points, ttl_seconds });
    prepaid.post(desk, shares, hold, &command.reference)
}
