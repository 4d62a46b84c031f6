//! What is to be told of points that lapse, after a wallet has another rule for it. Done twice, the second time changes nothing.

use super::Desk;
use crate::{domain::WalletCode, error::Error};

/// Finds out anew when a member is to be told of points in a wallet.
pub fn plan_notices(desk: &mut Desk<'_, '_>, wallet: &WalletCode) -> Result<Vec<u8>, Error> {
    desk.plan_notices(wallet);
    Ok(Vec::new())
}
