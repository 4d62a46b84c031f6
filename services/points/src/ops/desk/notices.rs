//! What a member is told of points that lapse soon.

use super::Desk;
use crate::{
    domain::{Account, LeadTimes, WalletCode},
    store::{Kept, MemberAccounts},
};

impl Desk<'_, '_> {
    /// Tells of points that lapse soon, and notes that it is told: to whoever can spend them. What is told to nobody counts as told too.
    pub fn tell_notices(&mut self) {
        let (now, is_allowed) = (self.now(), self.check_allowed().is_ok());
        let is_due = |account: &&Account| account.notices.due_at.is_some_and(|due_at| due_at <= now);
        let due = self.state.accounts[&self.member].accounts.iter().filter(is_due);
        let due: Vec<WalletCode> = due.map(|account| account.wallet.clone()).collect();
        for wallet in due {
            let leads = self.lead_times(&wallet);
            let zone = self.zone.clone();
            let accounts = self.own();
            let notices = accounts.accounts.of(&wallet).tell_notices(&leads, &zone, now);
            accounts.touch(&wallet);
            for notice in notices.iter().filter(|_| is_allowed) {
                self.stamp.record(self.member.1, now, &Kept::notice(&wallet, notice));
            }
        }
    }

    /// Finds out anew when the member is to be told of points in a wallet.
    pub fn plan_notices(&mut self, wallet: &WalletCode) {
        let (leads, zone, now) = (self.lead_times(wallet), self.zone.clone(), self.now());
        let accounts = self.own();
        let Some(account) = accounts.accounts.iter_mut().find(|account| account.wallet == *wallet) else {
            return;
        };
        let before = account.notices.due_at;
        account.plan_notices(&leads, &zone, now);
        if account.notices.due_at != before {
            accounts.touch(wallet);
        }
    }

    /// Returns how long before points in a wallet lapse the member is told.
    fn lead_times(&self, wallet: &WalletCode) -> LeadTimes {
        let wallets = self.wallets();
        let version = wallets.and_then(|wallets| wallets.in_force(wallet.as_str(), self.stamp.now()));
        version
            .map(|version| version.definition.notices.clone())
            .unwrap_or_default()
    }

    fn own(&mut self) -> &mut MemberAccounts {
        let accounts = self.state.accounts.get_mut(&self.member);
        accounts.expect("the desk was opened for a member that was loaded")
    }
}
