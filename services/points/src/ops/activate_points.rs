//! `ActivatePoints`.

use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, EventName, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 16;

/// Says that something happened for which points of a member wait.
#[derive(Clone, Debug)]
pub struct ActivatePoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// What happened.
    pub event: EventName,
    /// What it is about.
    pub reference: String,
}

/// Makes points available that waited for something to happen. A member who may not spend any more gets them all the same.
pub fn activate_points(desk: &mut Desk<'_, '_>, command: &ActivatePoints) -> Result<Vec<u8>, Error> {
    let wallet = desk.wallet(&command.wallet, desk.now())?;
    let activate = domain::ActivatePoints {
        event: command.event.clone(),
    };
    let posted = desk.post(&wallet, &domain::Command::ActivatePoints(activate), &command.reference)?;
    let response = pb::ActivatePointsResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
