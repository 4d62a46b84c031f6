//! `ExtendHold`.

use common::ids::EntryId;
use prost::Message as _;
use proto::points as pb;

use super::{Desk, hold_points::hold_after};
use crate::{domain, error::Error};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 11;

/// Asks to give a hold more time.
#[derive(Clone, Debug)]
pub struct ExtendHold {
    /// The hold.
    pub hold_id: EntryId,
    /// For how long from now.
    pub ttl_seconds: u32,
}

/// Gives a hold more time.
pub fn extend_hold(desk: &mut Desk<'_, '_>, command: &ExtendHold) -> Result<Vec<u8>, Error> {
    let (wallet, ended) = desk.points_hold(command.hold_id)?;
    let extend = domain::ExtendHold {
        hold_id: command.hold_id,
        ttl_seconds: command.ttl_seconds,
        ended,
    };
    let posted = desk.post(&wallet, &domain::Command::ExtendHold(extend), "")?;
    let response = pb::ExtendHoldResponse {
        hold: hold_after(&posted),
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
