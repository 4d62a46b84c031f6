//! Wallets: what members collect, as configured.

use std::{fmt, sync::Arc};

use common::{points::Points, zone::Zone};
use jiff::SignedDuration;

use super::{
    adjustment::AdjustmentPolicy,
    expiry::{ExpiryPolicy, Period},
    stored_value::StoredValue,
};

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

/// The name by which earnings call who pays for their points: spelled as a wallet's code is. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunderCode(WalletCode);

impl FunderCode {
    /// Accepts a text that can be a funder's code: 1 to 32 of `a-z 0-9 _ -`, a letter first.
    pub fn new(code: &str) -> Option<FunderCode> {
        WalletCode::new(code).map(FunderCode)
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for FunderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a version of a wallet says about points, and the zone of its program.
#[derive(Clone, Debug, PartialEq)]
pub struct Wallet {
    /// The code.
    pub code: WalletCode,
    /// When what was earned lapses.
    pub expiry: ExpiryPolicy,
    /// Whether the life of points that wait begins when they become available, and not when they were earned.
    pub expiry_from_activation: bool,
    /// What happens when more is taken back than is there.
    pub overdraft: OverdraftPolicy,
    /// How long points live on that a merchant gives back after their time.
    pub restore_grace: SignedDuration,
    /// How long points live on whose time ran out while they were held.
    pub hold_grace: SignedDuration,
    /// What members may give one another.
    pub transfer: TransferPolicy,
    /// What a member may earn, have and spend at most.
    pub caps: Caps,
    /// What may be given and taken by hand; nothing where nothing may.
    pub adjustments: Option<AdjustmentPolicy>,
    /// What makes it a wallet of stored value; nothing where points lie in it.
    pub stored_value: Option<StoredValue>,
    /// Who pays for points besides the program itself.
    pub funders: Arc<[FunderCode]>,
    /// Where the program's days and months begin.
    pub zone: Zone,
}

impl Wallet {
    /// Tells whether points live on with every activity.
    pub(super) fn lives_on(&self) -> bool {
        matches!(self.expiry, ExpiryPolicy::Inactivity { .. })
    }
}

/// What happens when a reversal takes back more than is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverdraftPolicy {
    /// Only what is still pending is taken back; the rest is waived.
    PendingOnly,
    /// What is missing is waived.
    Forbid,
    /// What is missing becomes a debt, which the next earnings settle first.
    CarryDebt {
        /// How much a member may owe; what is above is waived. Nothing for any amount.
        limit: Option<Points>,
    },
}

/// Whether members may give points to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferPolicy {
    /// They may not.
    Forbid,
    /// They may, and points keep their dates.
    KeepDates,
    /// They may, and points live as if they were earned at that moment.
    ResetDates,
}

/// What a member may earn, have and spend at most; nothing for any amount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// To have: available, pending and held. What an earning would bring above it is cut off.
    pub balance: Option<Points>,
    /// To earn at once. What is above is cut off.
    pub earning: Option<Points>,
    /// To spend or hold at once. More is refused.
    pub debit: Option<Points>,
    /// To earn in a period. What is above is cut off.
    pub earned_per: Arc<[PeriodCap]>,
}

/// What a member may earn in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodCap {
    /// The period, in the program's zone, by the program's clock.
    pub period: Period,
    /// The points.
    pub points: Points,
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
