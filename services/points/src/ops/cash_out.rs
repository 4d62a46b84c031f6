//! `CashOut`.

use common::points::Points;
use proto::points as pb;

use super::{
    Desk,
    prepaid::{Prepaid, post},
};
use crate::{
    domain::{self, Caps, Command, SpendPoints, TakeOut, TakenAs, Wallet, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 26;

/// Asks to pay stored value out.
#[derive(Clone, Debug)]
pub struct CashOut {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// The gifts that were used.
    pub used_gift_ids: Vec<String>,
    /// What it is about.
    pub reference: String,
}

/// Takes all of the principal out to be paid, less what used gifts are worth where the wallet says so; forfeits the bonus and the gifts that were not used.
pub fn cash_out(desk: &mut Desk<'_, '_>, command: &CashOut) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    let (principal, bonus) = prepaid.amounts(desk);
    let held = principal.held.saturating_add(bonus.held);
    if !held.is_zero() {
        return Err(Error::ValueHeld { held });
    }
    if principal.available.is_zero() && bonus.available.is_zero() {
        return Err(domain::Refusal::InsufficientPoints {
            available: Points::ZERO,
            asked: Points::ZERO,
        }
        .into());
    }
    let used = worth_of(desk, command)?;
    let kept = if prepaid.policy.deducts_gifts {
        used.min(principal.available)
    } else {
        Points::ZERO
    };
    let take_out = |points, taken_as| Command::TakeOut(TakeOut { points, taken_as });
    let paid = principal.available.saturating_sub(kept);
    // Used gifts are paid for with the principal after all, whatever may be spent at once.
    let uncapped = Wallet {
        caps: Caps::default(),
        ..prepaid.principal.clone()
    };
    let commands = [
        (Some(&prepaid.principal), paid, take_out(paid, TakenAs::Cash)),
        (
            Some(&uncapped),
            kept,
            Command::SpendPoints(SpendPoints { points: kept }),
        ),
        (
            prepaid.bonus.as_ref(),
            bonus.available,
            take_out(bonus.available, TakenAs::Forfeit),
        ),
    ];
    let commands = commands.into_iter().filter(|(_, points, _)| !points.is_zero());
    let commands: Vec<_> = commands
        .filter_map(|(wallet, _, command)| Some((wallet?, command)))
        .collect();
    let answer = post(desk, &commands, &command.reference)?;
    desk.settle_gifts(&command.wallet, |gift| {
        if command.used_gift_ids.contains(&gift.gift_id) {
            pb::GiftState::Used
        } else {
            pb::GiftState::Forfeited
        }
    });
    Ok(answer)
}

/// Adds up what the gifts are worth that were used, each of which must be one that the member was given.
fn worth_of(desk: &Desk<'_, '_>, command: &CashOut) -> Result<Points, Error> {
    let mut worth = Points::ZERO;
    for gift_id in &command.used_gift_ids {
        let mut gifts = desk
            .gifts(&command.wallet)
            .filter(|gift| gift.gift_id == *gift_id)
            .peekable();
        if gifts.peek().is_none() {
            return Err(Error::GiftNotFound {
                gift_id: gift_id.clone(),
            });
        }
        worth = gifts
            .filter_map(|gift| Points::new(gift.minor_units))
            .fold(worth, Points::saturating_add);
    }
    Ok(worth)
}
