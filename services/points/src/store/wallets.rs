//! Wallets as they are stored: the message of the contract, which was checked when it was published.

use common::{points::Points, versions::Definition, zone::Zone};
use jiff::SignedDuration;
use proto::points::{self as pb, expiry_policy::Policy};

use crate::domain::{
    Activities, AdjustmentPolicy, Caps, ExpiryPolicy, FunderCode, LeadTimes, MonthDay, OverdraftPolicy, Period,
    PeriodCap, PointValue, SpendOrder, StoredValue, TransferPolicy, Wallet, WalletCode,
};

/// For how many days points live on that a merchant gives back after their time, where the wallet does not say.
const RESTORE_GRACE_DAYS: i32 = 7;

/// What a version of a wallet says.
#[derive(Clone, Debug, PartialEq)]
pub struct WalletTerms {
    /// How many decimal places people see.
    pub scale: i32,
    /// What its points are worth; nothing where nobody said.
    pub value: Option<PointValue>,
    /// What each funder pays for points; nothing when it pays nothing.
    pub prices: Vec<(FunderCode, Option<PointValue>)>,
    /// How long before points lapse members are told.
    pub notices: LeadTimes,
    /// The wallet, in no zone yet: that is the program's.
    wallet: Wallet,
}

impl WalletTerms {
    /// Returns the code.
    pub fn code(&self) -> &WalletCode {
        &self.wallet.code
    }

    /// Returns what the wallet says of stored value; nothing where points lie in it.
    pub fn stored_value(&self) -> Option<&StoredValue> {
        self.wallet.stored_value.as_ref()
    }

    /// Returns the wallet as decisions want it.
    pub fn in_zone(&self, zone: &Zone) -> Wallet {
        Wallet {
            zone: zone.clone(),
            ..self.wallet.clone()
        }
    }
}

impl Definition for WalletTerms {
    type Wire = pb::Wallet;

    const KIND: &'static str = "wallet";

    fn from_stored(wire: pb::Wallet) -> Option<WalletTerms> {
        let days = |days: i32| SignedDuration::from_hours(24 * i64::from(days));
        let overdraft = wire.overdraft();
        let transfer = wire.transfer();
        let prices = wire.funders.iter().map(price_from_wire).collect::<Option<Vec<_>>>()?;
        let notices = wire.expiry_notice_days.iter().map(|days| u16::try_from(*days));
        Some(WalletTerms {
            scale: wire.scale,
            notices: LeadTimes::of(notices.collect::<Result<Vec<_>, _>>().ok()?),
            value: some_value(wire.value.as_ref())?,
            wallet: Wallet {
                code: WalletCode::new(&wire.code)?,
                expiry: expiry_from_wire(&wire.expiry?)?,
                expiry_from_activation: wire.expiry_from_activation,
                overdraft: match overdraft {
                    pb::OverdraftPolicy::PendingOnly => OverdraftPolicy::PendingOnly,
                    pb::OverdraftPolicy::Forbid => OverdraftPolicy::Forbid,
                    pb::OverdraftPolicy::CarryDebt => OverdraftPolicy::CarryDebt {
                        limit: some(wire.debt_limit)?,
                    },
                    pb::OverdraftPolicy::Unspecified => return None,
                },
                restore_grace: days(wire.restore_grace_days.unwrap_or(RESTORE_GRACE_DAYS)),
                hold_grace: days(wire.hold_grace_days),
                transfer: match transfer {
                    pb::TransferPolicy::Unspecified => TransferPolicy::Forbid,
                    pb::TransferPolicy::KeepDates => TransferPolicy::KeepDates,
                    pb::TransferPolicy::ResetDates => TransferPolicy::ResetDates,
                },
                caps: caps_from_wire(wire.caps.unwrap_or_default())?,
                adjustments: match wire.adjustments {
                    Some(policy) => Some(adjustments_from_wire(policy)?),
                    None => None,
                },
                stored_value: match wire.stored_value {
                    Some(policy) => Some(stored_value_from_wire(&policy)?),
                    None => None,
                },
                funders: prices.iter().map(|(funder, _)| funder.clone()).collect(),
                zone: Zone::utc(),
            },
            prices,
        })
    }
}

fn caps_from_wire(caps: pb::Caps) -> Option<Caps> {
    let per_period = |cap: &pb::PeriodCap| {
        Some(PeriodCap {
            period: period_from_wire(cap.period())?,
            points: Points::new(cap.points)?,
        })
    };
    Some(Caps {
        balance: some(caps.balance)?,
        earning: some(caps.earning)?,
        debit: some(caps.debit)?,
        earned_per: caps.earned_per.iter().map(per_period).collect::<Option<_>>()?,
    })
}

fn adjustments_from_wire(policy: pb::AdjustmentPolicy) -> Option<AdjustmentPolicy> {
    Some(AdjustmentPolicy {
        reason_codes: policy.reason_codes.into(),
        points: some(policy.points)?,
        points_per_operator_and_day: some(policy.points_per_operator_and_day)?,
    })
}

fn stored_value_from_wire(policy: &pb::StoredValuePolicy) -> Option<StoredValue> {
    Some(StoredValue {
        bonus: match policy.bonus_wallet.as_str() {
            "" => None,
            code => Some(WalletCode::new(code)?),
        },
        order: match policy.spend_order() {
            pb::SpendOrder::Unspecified => SpendOrder::Proportional,
            pb::SpendOrder::BonusFirst => SpendOrder::BonusFirst,
            pb::SpendOrder::PrincipalFirst => SpendOrder::PrincipalFirst,
        },
        most: [some(policy.max_balance)?, most_by_law(policy.regime())]
            .into_iter()
            .flatten()
            .min(),
        deducts_gifts: policy.used_gifts() == pb::UsedGiftPolicy::Deduct,
    })
}

/// Returns what may lie on a prepaid card, in fen: Measures for single-purpose commercial prepaid cards (MOFCOM, 2012), article 18.
pub fn most_by_law(regime: pb::PrepaidRegime) -> Option<Points> {
    match regime {
        pb::PrepaidRegime::Unspecified => None,
        pb::PrepaidRegime::CnNamed => Points::new(500_000),
        pb::PrepaidRegime::CnAnonymous => Points::new(100_000),
    }
}

fn price_from_wire(funder: &pb::Funder) -> Option<(FunderCode, Option<PointValue>)> {
    Some((FunderCode::new(&funder.code)?, some_value(funder.price.as_ref())?))
}

/// Reads what points are worth, if it is there.
fn some_value(wire: Option<&pb::PointValue>) -> Option<Option<PointValue>> {
    match wire {
        None => Some(None),
        Some(value) => PointValue::new(value.points, value.minor_units).map(Some),
    }
}

/// Reads a number of points, of which 0 stands for any.
fn some(points: i64) -> Option<Option<Points>> {
    Points::new(points).map(|points| (!points.is_zero()).then_some(points))
}

/// Reads when a lot lapses; nothing when it makes no sense.
pub fn expiry_from_wire(policy: &pb::ExpiryPolicy) -> Option<ExpiryPolicy> {
    Some(match policy.policy.as_ref()? {
        Policy::None(_) => ExpiryPolicy::None,
        Policy::AfterDays(after) => ExpiryPolicy::AfterDays {
            days: u32::try_from(after.days).ok()?,
        },
        Policy::AtPeriodEnd(end) => ExpiryPolicy::AtPeriodEnd {
            period: period_from_wire(end.period())?,
            after_months: u32::try_from(end.after_months).ok()?,
            after_days: u32::try_from(end.after_days).ok()?,
        },
        Policy::OnDates(on) => {
            let date =
                |date: &pb::MonthDay| MonthDay::new(i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
            ExpiryPolicy::OnDates {
                dates: on.dates.iter().map(date).collect::<Option<_>>()?,
                after_months: u32::try_from(on.after_months).ok()?,
            }
        }
        Policy::AfterInactivity(after) => {
            let has = |kind| after.kinds().any(|listed| listed == kind);
            if has(pb::ActivityKind::Unspecified) || after.kinds.is_empty() {
                return None;
            }
            ExpiryPolicy::Inactivity {
                days: u32::try_from(after.days).ok()?,
                kinds: Activities {
                    earning: has(pb::ActivityKind::Earn),
                    spending: has(pb::ActivityKind::Spend),
                },
            }
        }
    })
}

/// Reads a period.
pub fn period_from_wire(period: pb::Period) -> Option<Period> {
    Some(match period {
        pb::Period::Unspecified => return None,
        pb::Period::Day => Period::Day,
        pb::Period::Month => Period::Month,
        pb::Period::Quarter => Period::Quarter,
        pb::Period::HalfYear => Period::HalfYear,
        pb::Period::Year => Period::Year,
    })
}

/// Returns a period as it travels.
pub(super) fn period_to_wire(period: Period) -> pb::Period {
    match period {
        Period::Day => pb::Period::Day,
        Period::Month => pb::Period::Month,
        Period::Quarter => pb::Period::Quarter,
        Period::HalfYear => pb::Period::HalfYear,
        Period::Year => pb::Period::Year,
    }
}
