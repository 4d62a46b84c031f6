//! `TopUp`.

use common::{points::Points, time};
use proto::points as pb;

use super::{
    Desk,
    prepaid::{Prepaid, answer, post_all},
};
use crate::{
    domain::{Caps, Command, EarnPoints, Wallet, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 20;

/// Asks to credit what a member paid.
#[derive(Clone, Debug)]
pub struct TopUp {
    /// The wallet of the principal.
    pub wallet: WalletCode,
    /// The payment.
    pub payment_id: String,
    /// What was paid.
    pub paid: Points,
    /// What is given on top.
    pub bonus: Points,
    /// What comes with it.
    pub gifts: Vec<pb::Gift>,
}

/// Credits what was paid and what is given on top, all of it or nothing: money is never cut off.
pub fn top_up(desk: &mut Desk<'_, '_>, command: &TopUp) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let prepaid = Prepaid::open(desk, &command.wallet)?;
    if desk.is_credited(&command.payment_id) {
        return Err(Error::PaymentUsed {
            payment_id: command.payment_id.clone(),
        });
    }
    let (principal, given) = prepaid.amounts(desk);
    let balance = principal.total().saturating_add(given.total());
    let asked = command.paid.saturating_add(command.bonus);
    if let Some(most) = prepaid.policy.most.filter(|most| balance.saturating_add(asked) > *most) {
        return Err(Error::StoredValueLimit { most, balance, asked });
    }
    let earn = |points| {
        Command::EarnPoints(EarnPoints {
            points,
            occurred_at: None,
            waits: None,
            expiry: None,
            funder: None,
        })
    };
    // What is given with a payment was promised: the caps on what members earn do not hold for it.
    let uncut = |wallet: &Wallet| Wallet {
        caps: Caps::default(),
        ..wallet.clone()
    };
    let bonus = prepaid.bonus.as_ref().map(uncut);
    let mut commands = vec![(&prepaid.principal, earn(command.paid))];
    if !command.bonus.is_zero() {
        let wallet = command.wallet.clone();
        let bonus = bonus.as_ref().ok_or(Error::NoBonusWallet { wallet })?;
        commands.push((bonus, earn(command.bonus)));
    }
    let posted = post_all(desk, &commands, &command.payment_id)?;
    let made = posted.drafts.iter().find(|draft| draft.by_request);
    let made = made.expect("what was paid was credited");
    let given = |gift: &pb::Gift| pb::Gift {
        state: pb::GiftState::Given.into(),
        ..gift.clone()
    };
    let top_up = pb::TopUp {
        payment_id: command.payment_id.clone(),
        wallet: command.wallet.to_string(),
        paid: command.paid.get(),
        bonus: command.bonus.get(),
        gifts: command.gifts.iter().map(given).collect(),
        entry_id: made.entry_id.to_string(),
        at: Some(time::to_wire(desk.now())),
    };
    desk.keep_top_up(made.seq, top_up);
    Ok(answer(desk, posted))
}
