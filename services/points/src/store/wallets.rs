//! Wallets as they are stored: the message of the contract, which was checked when it was published.

use common::{versions::Definition, zone::Zone};
use proto::points::{self as pb, expiry_policy::Policy};

use crate::domain::{ExpiryPolicy, OverdraftPolicy, Period, Wallet, WalletCode};

/// What a version of a wallet says, without the zone, which is the program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletTerms {
    /// The code.
    pub code: WalletCode,
    /// How many decimal places people see.
    pub scale: i32,
    /// When what was earned lapses.
    pub expiry: ExpiryPolicy,
    /// What happens when more is taken back than is there.
    pub overdraft: OverdraftPolicy,
}

impl WalletTerms {
    /// Returns the wallet as decisions want it.
    pub fn in_zone(&self, zone: &Zone) -> Wallet {
        Wallet {
            code: self.code.clone(),
            expiry: self.expiry,
            overdraft: self.overdraft,
            zone: zone.clone(),
        }
    }
}

impl Definition for WalletTerms {
    type Wire = pb::Wallet;

    const KIND: &'static str = "wallet";

    fn from_stored(wire: pb::Wallet) -> Option<WalletTerms> {
        Some(WalletTerms {
            code: WalletCode::new(&wire.code)?,
            scale: wire.scale,
            expiry: expiry(wire.expiry?.policy?)?,
            overdraft: match pb::OverdraftPolicy::try_from(wire.overdraft).ok()? {
                pb::OverdraftPolicy::Forbid => OverdraftPolicy::Forbid,
                pb::OverdraftPolicy::CarryDebt => OverdraftPolicy::CarryDebt,
                pb::OverdraftPolicy::Unspecified => return None,
            },
        })
    }
}

fn expiry(policy: Policy) -> Option<ExpiryPolicy> {
    Some(match policy {
        Policy::None(_) => ExpiryPolicy::None,
        Policy::AfterDays(after) => ExpiryPolicy::AfterDays {
            days: u32::try_from(after.days).ok()?,
        },
        Policy::AtPeriodEnd(end) => {
            let period = match pb::Period::try_from(end.period).ok()? {
                pb::Period::Month => Period::Month,
                pb::Period::Quarter => Period::Quarter,
                pb::Period::Year => Period::Year,
                pb::Period::Unspecified => return None,
            };
            ExpiryPolicy::AtPeriodEnd {
                period,
                after_months: u32::try_from(end.after_months).ok()?,
            }
        }
    })
}
