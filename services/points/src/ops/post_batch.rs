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
pub enum Posting {
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
    let read: Vec<_> = command
        .postings
        .iter()
        .map(|posting| read_posting(desk, posting))
        .collect();
    let good: Vec<_> = read.iter().map_while(|posting| posting.as_ref().ok()).collect();
    let postings: Vec<_> = good
        .iter()
        .map(|(wallet, command)| domain::Posting {
            wallet,
            command: command.clone(),
        })
        .collect();
    if let Some(Err(refusal)) = read.get(postings.len()) {
        // What comes before it may be refused for a reason that only the ledger sees, and then that is the first.
        desk.check_all(&postings)?;
        return Err(Error::Batch {
            posting: postings.len(),
            refusal: Box::new(refusal.clone()),
        });
    }
    let posted = desk.post_all(&postings, &command.reference)?;
    let response = pb::PostBatchResponse {
        entries: posted.entries,
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}

/// Finds what a posting names.
fn read_posting(desk: &Desk<'_, '_>, posting: &Posting) -> Result<(Wallet, domain::Command), Error> {
    match posting {
        Posting::Earn { wallet, earned } => {
            desk.check_allowed()?;
            let wallet = desk.points_wallet(wallet, earned.occurred_at.unwrap_or(desk.now()))?;
            Ok((wallet, domain::Command::EarnPoints(earned.clone())))
        }
        Posting::Spend { wallet, points } => {
            desk.check_allowed()?;
            let wallet = desk.points_wallet(wallet, desk.now())?;
            Ok((
                wallet,
                domain::Command::SpendPoints(domain::SpendPoints { points: *points }),
            ))
        }
        Posting::Reverse { earning, points } => {
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
