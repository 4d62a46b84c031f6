//! `HoldPoints`.

use common::time;
use prost::Message as _;
use proto::points as pb;

use super::{Desk, desk::Posted};
use crate::{
    domain::{self, EntryKind, HoldState, HoldStatus, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 3;

/// Asks to set points of a member aside.
#[derive(Clone, Debug)]
pub struct HoldPoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// How many, and for how long.
    pub held: domain::HoldPoints,
    /// What it is about.
    pub reference: String,
}

/// Sets points aside, so that only the hold can spend them.
pub fn hold_points(desk: &mut Desk<'_, '_>, command: &HoldPoints) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let wallet = desk.points_wallet(&command.wallet, desk.now())?;
    let posted = desk.post(
        &wallet,
        &domain::Command::HoldPoints(command.held.clone()),
        &command.reference,
    )?;
    let response = pb::HoldPointsResponse {
        hold: hold_after(&posted),
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}

/// Returns the hold that entries are about, as they leave it.
pub(super) fn hold_after(posted: &Posted) -> Option<pb::Hold> {
    let by_request = || posted.drafts.iter().filter(|draft| draft.by_request);
    let first = by_request().next()?;
    let hold_id = match first.kind {
        EntryKind::Hold => first.entry_id,
        _ => first.related_entry_id?,
    };
    let status = HoldStatus::read(hold_id, by_request())?;
    Some(pb::Hold {
        hold_id: status.hold_id.to_string(),
        member_id: posted.entries.first()?.member_id.clone(),
        wallet: first.wallet.to_string(),
        state: state_to_wire(status.state).into(),
        points: status.points.get(),
        captured_points: status.captured_points.get(),
        expires_at: Some(time::to_wire(status.expires_at)),
    })
}

fn state_to_wire(state: HoldState) -> pb::HoldState {
    match state {
        HoldState::Active => pb::HoldState::Active,
        HoldState::Captured => pb::HoldState::Captured,
        HoldState::PartiallyCaptured => pb::HoldState::PartiallyCaptured,
        HoldState::Released => pb::HoldState::Released,
        HoldState::Expired => pb::HoldState::Expired,
    }
}
