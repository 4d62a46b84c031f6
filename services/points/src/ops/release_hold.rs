//! `ReleaseHold`.

use common::ids::EntryId;
use prost::Message as _;
use proto::points as pb;

use super::{Desk, hold_points::hold_after};
use crate::{domain, error::Error};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 5;

/// Asks to give held points back.
#[derive(Clone, Debug)]
pub struct ReleaseHold {
    /// The hold.
    pub hold_id: EntryId,
}

/// Gives held points back. A member who may not spend any more gets them back all the same.
pub fn release_hold(desk: &mut Desk<'_, '_>, command: &ReleaseHold) -> Result<Vec<u8>, Error> {
    let (wallet, ended) = desk.points_hold(command.hold_id)?;
    let release = domain::ReleaseHold {
        hold_id: command.hold_id,
        ended,
    };
    let posted = desk.post(&wallet, &domain::Command::ReleaseHold(release), "")?;
    let response = pb::ReleaseHoldResponse {
        hold: hold_after(&posted),
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
