//! What the operations on stored value share: a member's two wallets, and commands that are posted to both as one.

use common::points::Points;
use jiff::Timestamp;
use prost::Message as _;
use proto::points as pb;

use super::{Desk, desk::Posted};
use crate::{
    domain::{self, Amounts, Command, Shares, SpendOrder, StoredValue, Wallet, WalletCode},
    error::Error,
};

/// The wallets of a member's stored value, in the versions that are in force.
pub struct Prepaid {
    /// In which the principal lies.
    pub principal: Wallet,
    /// In which the bonus lies, where any is given.
    pub bonus: Option<Wallet>,
    /// What the first says of both.
    pub policy: StoredValue,
}

impl Prepaid {
    /// Finds the wallets.
    pub fn open(desk: &Desk<'_, '_>, wallet: &WalletCode) -> Result<Prepaid, Error> {
        let principal = desk.wallet(wallet, desk.now())?;
        let no_stored_value = || Error::NotStoredValue { wallet: wallet.clone() };
        let policy = principal.stored_value.clone().ok_or_else(no_stored_value)?;
        let bonus = policy.bonus.as_ref().map(|code| desk.wallet_held(code));
        Ok(Prepaid {
            principal,
            bonus: bonus.transpose()?,
            policy,
        })
    }

    /// Tells whether a wallet is one of the two.
    pub fn has(&self, wallet: &WalletCode) -> bool {
        self.principal.code == *wallet || self.policy.bonus.as_ref() == Some(wallet)
    }

    /// Returns what the member has of each.
    pub fn amounts(&self, desk: &Desk<'_, '_>) -> (Amounts, Amounts) {
        let bonus = self.bonus.as_ref().map(|wallet| desk.amounts(&wallet.code));
        (desk.amounts(&self.principal.code), bonus.unwrap_or_default())
    }

    /// Returns what the member can spend of each.
    pub fn available(&self, desk: &Desk<'_, '_>) -> Shares {
        let (principal, bonus) = self.amounts(desk);
        Shares {
            principal: principal.available,
            bonus: bonus.available,
        }
    }

    /// Parts an amount by what is there, or refuses it.
    pub fn part(&self, desk: &Desk<'_, '_>, asked: Points) -> Result<Shares, Error> {
        let there = self.available(desk);
        let available = there.total();
        let parted = there.part(self.policy.order, asked);
        Ok(parted.ok_or(domain::Refusal::InsufficientPoints { available, asked })?)
    }

    /// Returns the order in which payments were parted at an instant.
    pub fn order_at(&self, desk: &Desk<'_, '_>, at: Timestamp) -> SpendOrder {
        let then = desk.wallet(&self.principal.code, at).ok();
        let policy = then.and_then(|wallet| wallet.stored_value);
        policy.map_or(self.policy.order, |policy| policy.order)
    }

    /// Posts to each wallet what its share asks for; nothing where that is nothing.
    pub fn post(
        &self,
        desk: &mut Desk<'_, '_>,
        shares: Shares,
        command: impl Fn(Points) -> Command,
        reference: &str,
    ) -> Result<Vec<u8>, Error> {
        let wallets = [
            (Some(&self.principal), shares.principal),
            (self.bonus.as_ref(), shares.bonus),
        ];
        let postings = wallets.into_iter().filter(|(_, points)| !points.is_zero());
        let postings: Vec<_> = postings
            .filter_map(|(wallet, points)| Some((wallet?, command(points))))
            .collect();
        post(desk, &postings, reference)
    }
}

/// Posts commands as one and answers with what they made.
pub fn post(desk: &mut Desk<'_, '_>, commands: &[(&Wallet, Command)], reference: &str) -> Result<Vec<u8>, Error> {
    let posted = post_all(desk, commands, reference)?;
    Ok(answer(desk, posted))
}

/// Posts commands as one. The caller named one thing and not several, so a refusal is of that.
pub fn post_all(desk: &mut Desk<'_, '_>, commands: &[(&Wallet, Command)], reference: &str) -> Result<Posted, Error> {
    let postings = commands.iter().map(|(wallet, command)| domain::Posting {
        as_far_as_possible: false,
        wallet,
        command: command.clone(),
    });
    let postings: Vec<_> = postings.collect();
    desk.post_all(&postings, reference).map_err(|error| match error {
        Error::Batch { refusal, .. } => *refusal,
        whole => whole,
    })
}

/// Answers with what was made, in the form that all these answers have.
pub fn answer(desk: &Desk<'_, '_>, posted: Posted) -> Vec<u8> {
    let answer = pb::PostBatchResponse {
        entries: posted.entries,
        balance_token: desk.balance_token(),
    };
    answer.encode_to_vec()
}
