//! `SpendStoredValue`.

use common::points::Points;

use super::{Desk, prepaid::Prepaid};
use crate::{
    domain::{Command, SpendPoints, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 21;

/// Asks to pay with stored value.
#[derive(Clone, Debug)]
pub struct SpendStoredValue {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// How much.
    pub amount: Points,
    /// What it is about.
    pub reference: String,
}

/// Pays with stored value, parted as the wallet says.
pub fn spend_stored_value(desk: &mut Desk<'_, '_>, command: &SpendStoredValue) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let shares = prepaid.part(desk, command.amount)?;
    let spend = |points| Command::SpendPoints(SpendPoints { points });
    prepaid.post(desk, shares, spend, &command.reference)
}
