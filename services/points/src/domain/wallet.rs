//! Wallets: what members collect, as configured.

use std::{fmt, sync::Arc};

use common::zone::Zone;

use super::expiry::ExpiryPolicy;

/// The name by which requests call a wallet. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalletCode(Arc<str>);

impl WalletCode {
    /// Accepts a text that can be a wallet's code: 1 to 32 of `a-z 0-9 _ -`, a letter first.
    pub fn new(code: &str) -> Option<WalletCode> {
        let rest = code.strip_prefix(|first: char| first.is_ascii_lowercase())?;
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
        (rest.len() < 32 && rest.bytes().all(fits)).then(|| WalletCode(code.into()))
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WalletCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a version of a wallet says about points, and the zone of its program.
#[derive(Clone, Debug, PartialEq)]
pub struct Wallet {
    /// The code.
    pub code: WalletCode,
    /// When what was earned lapses.
    pub expiry: ExpiryPolicy,
    /// What happens when more is taken back than is there.
    pub overdraft: OverdraftPolicy,
    /// Where the program's months begin.
    pub zone: Zone,
}

/// What happens when a reversal takes back more than is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverdraftPolicy {
    /// What is missing is waived.
    Forbid,
    /// What is missing becomes a debt, which the next earnings settle first.
    CarryDebt,
}

#[cfg(test)]
mod tests {
    use super::WalletCode;

    #[test]
    fn a_code_is_short_lower_case_and_begins_with_a_letter() {
        assert!(WalletCode::new("growth_2-b").is_some());
        assert!(WalletCode::new(&"a".repeat(32)).is_some());
        for nonsense in ["", "2b", "Points", "a b", "ä", &"a".repeat(33)] {
            assert_eq!(WalletCode::new(nonsense), None, "{nonsense:?}");
        }
    }
}
