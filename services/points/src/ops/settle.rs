//! What happens by itself when its time has come. Done twice, the second time finds nothing due.

use super::Desk;
use crate::error::Error;

/// Brings a member's accounts up to now, and tells of points that lapse soon.
pub fn settle(desk: &mut Desk<'_, '_>) -> Result<Vec<u8>, Error> {
    desk.settle()?;
    desk.tell_notices();
    Ok(Vec::new())
}
