//! Crediting points.

use common::points::Points;
use jiff::Timestamp;

use super::{
    account::{Account, EarnedIn},
    due::apply_due,
    entry::{EntryDraft, EntryKind},
    expiry::ExpiryPolicy,
    portions::{Portion, Wait},
    refusal::Refusal,
    stamp::Stamp,
    wallet::{FunderCode, Wallet},
};

/// Asks to credit points, as a lot of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnPoints {
    /// How many.
    pub points: Points,
    /// When it happened in the business; nothing for now.
    pub occurred_at: Option<Timestamp>,
    /// What the points wait for; nothing when they are available at once.
    pub waits: Option<Wait>,
    /// When they lapse, where a rule or a level says otherwise than the wallet.
    pub expiry: Option<ExpiryPolicy>,
    /// Who pays for them; nothing when the program does.
    pub funder: Option<FunderCode>,
}

/// Credits points, as far as the caps of the wallet let them in. A debt is settled first; points that would have lapsed by now lapse at once.
pub(super) fn earn_points(
    account: &mut Account,
    wallet: &Wallet,
    command: &EarnPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let occurred_at = command.occurred_at.unwrap_or(stamp.now);
    if occurred_at > stamp.now {
        return Err(Refusal::OccurredInFuture { now: stamp.now });
    }
    if let Some(funder) = &command.funder
        && !wallet.funders.contains(funder)
    {
        return Err(Refusal::FunderUnknown {
            funder: funder.clone(),
            known: wallet.funders.clone(),
        });
    }
    let points = account.let_in(wallet, command.points, stamp.now)?;
    account.check_room(points)?;

    let draft = account.open_entry(EntryKind::Earn, points, stamp);
    let waits = command.waits.clone().filter(|waits| waits.is_after(stamp.now));
    let lives_from = match waits {
        Some(Wait::Until(at)) if wallet.expiry_from_activation && !wallet.lives_on() => at,
        _ => occurred_at,
    };
    let expiry = command.expiry.as_ref().unwrap_or(&wallet.expiry);
    let lot = Portion {
        numbers: account.issue(points),
        expires_at: account.end_of_life(expiry, lives_from, wallet, stamp.now),
        waits,
    };
    account.count_earned(wallet, points, stamp.now);
    let debt_points = account.settle_debt(&lot);
    let earned = account.close_entry(EntryDraft {
        portions: vec![lot],
        debt_points,
        lost_points: command.points.saturating_sub(points),
        funder: command.funder.clone(),
        occurred_at,
        ..draft
    });

    let mut drafts = vec![earned];
    drafts.extend(apply_due(account, stamp));
    Ok(drafts)
}

impl Account {
    /// Puts new points in, but for those that settle a debt, and returns how many do.
    pub(super) fn settle_debt(&mut self, lot: &Portion) -> Points {
        let debt_points = self.debt.min(lot.points());
        let (_, rest) = lot.split(debt_points);
        self.debt = self.debt.saturating_sub(debt_points);
        self.open.put(rest);
        debt_points
    }

    /// Returns when points lapse that begin to live at an instant. Those that live on with every activity lapse together with the others that do.
    pub(super) fn end_of_life(
        &self,
        expiry: &ExpiryPolicy,
        from: Timestamp,
        wallet: &Wallet,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let expires_at = expiry.expires_at(from, &wallet.zone);
        let others = self.slides_until.filter(|until| *until > now);
        match (expiry, others) {
            (ExpiryPolicy::Inactivity { kinds, .. }, Some(until)) if !kinds.earning => Some(until),
            (ExpiryPolicy::Inactivity { .. }, Some(until)) => expires_at.max(Some(until)),
            _ => expires_at,
        }
    }

    /// Returns how many of some points the caps of the wallet let in; refuses when none.
    fn let_in(&self, wallet: &Wallet, points: Points, now: Timestamp) -> Result<Points, Refusal> {
        let caps = &wallet.caps;
        let there = self.amounts().total();
        let of_period = caps.earned_per.iter().map(|cap| {
            let earned = self.earned_in.iter().find(|earned| earned.period == cap.period);
            let earned = earned
                .filter(|earned| earned.ends_at > now)
                .map_or(Points::ZERO, |earned| earned.points);
            cap.points.saturating_sub(earned)
        });
        // What settles a debt adds nothing to the balance.
        let of_balance = caps
            .balance
            .map(|cap| cap.saturating_sub(there).saturating_add(self.debt));
        let room = of_period
            .chain(of_balance)
            .chain(caps.earning)
            .fold(points, Points::min);
        if room.is_zero() {
            return Err(Refusal::CapReached {
                wallet: self.wallet.clone(),
            });
        }
        Ok(room)
    }

    /// Counts what was earned in the periods that have a cap.
    fn count_earned(&mut self, wallet: &Wallet, points: Points, now: Timestamp) {
        let today = || now.to_zoned(wallet.zone.tz().clone()).date();
        // Also of periods that the version in force then did not cap: another one may.
        self.earned_in.retain(|earned| earned.ends_at > now);
        for cap in wallet.caps.earned_per.iter() {
            match self.earned_in.iter_mut().find(|earned| earned.period == cap.period) {
                Some(earned) => earned.points = earned.points.saturating_add(points),
                None => {
                    let next_day = cap.period.next_after(today());
                    let ends_at = next_day.and_then(|day| day.to_zoned(wallet.zone.tz().clone()).ok());
                    self.earned_in.extend(ends_at.map(|ends_at| EarnedIn {
                        period: cap.period,
                        ends_at: ends_at.timestamp(),
                        points,
                    }));
                }
            }
        }
    }
}
