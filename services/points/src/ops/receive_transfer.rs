//! The arrival of a transfer. It is never refused but declined, and that is remembered like an answer: what was sent back must not arrive later.

use common::refusal::Refusal;
use prost::Message;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, TransferIn, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 14;

/// Says that points came from another member.
#[derive(Clone, Debug)]
pub struct ReceiveTransfer {
    /// The wallet.
    pub wallet: WalletCode,
    /// The points, and where they come from.
    pub transfer: TransferIn,
    /// What it is about.
    pub reference: String,
}

/// What became of it. This is no contract, but it is remembered for ever.
#[derive(Clone, PartialEq, Message)]
pub struct Received {
    /// The entry by which the points arrived; nothing when they were declined.
    #[prost(message, optional, tag = "1")]
    pub entry: Option<pb::Entry>,
    /// The reason for which they were.
    #[prost(string, tag = "2")]
    pub declined_because: String,
}

/// Takes the points in, or declines them.
pub fn receive_transfer(desk: &mut Desk<'_, '_>, command: &ReceiveTransfer) -> Result<Vec<u8>, Error> {
    let received = match take_in(desk, command) {
        Ok(entry) => Received {
            entry,
            declined_because: String::new(),
        },
        Err(refused) => Received {
            entry: None,
            declined_because: Refusal::from(refused).reason.to_owned(),
        },
    };
    Ok(received.encode_to_vec())
}

fn take_in(desk: &mut Desk<'_, '_>, command: &ReceiveTransfer) -> Result<Option<pb::Entry>, Error> {
    desk.check_allowed()?;
    let wallet = desk.wallet(&command.wallet, desk.now())?;
    let transfer = domain::Command::TransferIn(command.transfer.clone());
    Ok(desk.post(&wallet, &transfer, &command.reference)?.first())
}
