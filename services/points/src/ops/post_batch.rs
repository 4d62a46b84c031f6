//! `PostBatch`.

use common::{ids::EntryId, points::Points};
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, Wallet, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 8;

/// Asks to post several commands of one member as one.
#[derive(Clone, Debug)]
pub struct PostBatch {
    /// The commands, in order.
    pub postings: Vec<Posting>,
    /// What they are about.
    pub reference: String,
}

/// One command of a batch.
#[derive(Clone, Debug)]
pub struct Posting {
    /// The command.
    pub asked: Asked,
    /// Whether as much of it is done as can be, and be that nothing, instead of refusing it.
    pub as_far_as_possible: bool,
}

/// What a command of a batch asks for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Credit points.
    Earn {
        /// The wallet.
        wallet: WalletCode,
        /// How many, when it happened and when they become available.
        earned: domain::EarnPoints,
    },
    /// Debit points.
    Spend {
        /// The wallet.
        wallet: WalletCode,
        /// How many.
        points: Points,
    },
    /// Take an earning back.
    Reverse {
        /// The earning.
        earning: Earning,
        /// How many; nothing for what is left of it to reverse.
        points: Option<Points>,
    },
}

/// Names an earning.
#[derive(Clone, Debug)]
pub enum Earning {
    /// By its entry.
    Entry(EntryId),
    /// By the request that made it.
    OfRequest {
        /// The request.
        request_id: String,
        /// The wallet in which it earned.
        wallet: WalletCode,
    },
}

/// Posts several commands as one: all of them, or none. The first that is refused is named.
pub fn post_batch(desk: &mut Desk<'_, '_>, command: &PostBatch) -> Result<Vec<u8>, Error> {
    let mut read = Vec::with_capacity(command.postings.len());
    let mut refused = None;
    for (number, posting) in command.postings.iter().enumerate() {
        match read_posting(desk, posting) {
            Ok((wallet, command)) => read.push((number, wallet, command)),
            // The caps of the wallet left nothing of that earning.
            Err(Error::EarningNotFound { .. }) if posting.as_far_as_possible => {}
            Err(refusal) => {
                refused = Some((number, refusal));
                break;
            }
        }
    }
    let postings: Vec<_> = read
        .iter()
        .map(|(number, wallet, asked)| domain::Posting {
            wallet,
            command: asked.clone(),
            as_far_as_possible: command.postings[*number].as_far_as_possible,
        })
        .collect();
    let as_numbered = |error| match error {
        Error::Batch { posting, refusal } => Error::Batch {
            posting: read[posting].0,
            refusal,
        },
        other => other,
    };
    if let Some((posting, refusal)) = refused {
        // What comes before it may be refused for a reason that only the ledger sees, and then that is the first.
        desk.check_all(&postings).map_err(as_numbered)?;
        return Err(Error::Batch {
            posting,
            refusal: Box::new(refusal),
        });
    }
    let posted = desk.post_all(&postings, &command.reference).map_err(as_numbered)?;
    let response = pb::PostBatchResponse {
        entries: posted.entries,
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}

/// Finds what a posting names.
fn read_posting(desk: &Desk<'_, '_>, posting: &Posting) -> Result<(Wallet, domain::Command), Error> {
    match &posting.asked {
        Asked::Earn { wallet, earned } => {
            desk.check_earns()?;
            let wallet = desk.points_wallet(wallet, earned.occurred_at.unwrap_or(desk.now()))?;
            Ok((wallet, domain::Command::EarnPoints(earned.clone())))
        }
        Asked::Spend { wallet, points } => {
            desk.check_allowed()?;
            let wallet = desk.points_wallet(wallet, desk.now())?;
            Ok((
                wallet,
                domain::Command::SpendPoints(domain::SpendPoints { points: *points }),
            ))
        }
        Asked::Reverse { earning, points } => {
            let entry_id = match earning {
                Earning::Entry(entry_id) => *entry_id,
                Earning::OfRequest { request_id, wallet } => desk.earning_of(request_id, wallet)?,
            };
            let (wallet, original) = desk.original(entry_id)?;
            let reverse = domain::ReverseEntry {
                original,
                points: *points,
            };
            Ok((desk.wallet_held(&wallet)?, domain::Command::ReverseEntry(reverse)))
        }
    }
}
