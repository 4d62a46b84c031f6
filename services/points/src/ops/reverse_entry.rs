//! `ReverseEntry`.

use common::{ids::EntryId, points::Points};
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{domain, error::Error};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 6;

/// Asks to take an earning back.
#[derive(Clone, Debug)]
pub struct ReverseEntry {
    /// The earning.
    pub entry_id: EntryId,
    /// How many; nothing for what is left of it to reverse.
    pub points: Option<Points>,
    /// What it is about.
    pub reference: String,
}

/// Takes an earning back. What the wallet says now of a shortfall holds.
pub fn reverse_entry(desk: &mut Desk<'_, '_>, command: &ReverseEntry) -> Result<Vec<u8>, Error> {
    let (wallet, original) = desk.original(command.entry_id)?;
    let wallet = desk.wallet_held(&wallet)?;
    let reverse = domain::ReverseEntry {
        original,
        points: command.points,
    };
    let posted = desk.post(&wallet, &domain::Command::ReverseEntry(reverse), &command.reference)?;
    let response = pb::ReverseEntryResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
