//! `CaptureHold`.

use common::{ids::EntryId, points::Points};
use prost::Message as _;
use proto::points as pb;

use super::{Desk, hold_points::hold_after};
use crate::{domain, error::Error};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 4;

/// Asks to spend held points.
#[derive(Clone, Debug)]
pub struct CaptureHold {
    /// The hold.
    pub hold_id: EntryId,
    /// How many; nothing for all.
    pub points: Option<Points>,
    /// What it is about.
    pub reference: String,
}

/// Spends held points, all or some; the rest comes back.
pub fn capture_hold(desk: &mut Desk<'_, '_>, command: &CaptureHold) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let (wallet, ended) = desk.points_hold(command.hold_id)?;
    let capture = domain::CaptureHold {
        hold_id: command.hold_id,
        points: command.points,
        ended,
    };
    let posted = desk.post(&wallet, &domain::Command::CaptureHold(capture), &command.reference)?;
    let response = pb::CaptureHoldResponse {
        hold: hold_after(&posted),
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
