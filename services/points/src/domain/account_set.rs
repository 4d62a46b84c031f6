//! What a member has in every wallet.

use super::{account::Account, wallet::WalletCode};

/// A member's accounts, one a wallet. They are few, and lie together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountSet(Vec<Account>);

impl AccountSet {
    /// Returns the account in a wallet, where there is one.
    pub fn get(&self, wallet: &WalletCode) -> Option<&Account> {
        self.0.iter().find(|account| account.wallet == *wallet)
    }

    /// Returns the account in a wallet; an empty one where the member never had anything.
    pub fn of(&mut self, wallet: &WalletCode) -> &mut Account {
        let place = self.0.iter().position(|account| account.wallet == *wallet);
        let place = place.unwrap_or_else(|| {
            self.0.reserve_exact(1);
            self.0.push(Account::empty(wallet.clone()));
            self.0.len() - 1
        });
        &mut self.0[place]
    }

    /// Puts an account in, in place of the one in its wallet.
    pub fn put(&mut self, account: Account) {
        let wallet = account.wallet.clone();
        *self.of(&wallet) = account;
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.0.iter()
    }

    /// Returns all of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Account> {
        self.0.iter_mut()
    }

    /// Keeps those of which something is true.
    pub fn retain(&mut self, is_kept: impl FnMut(&mut Account) -> bool) {
        self.0.retain_mut(is_kept);
    }
}
