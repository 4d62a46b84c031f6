//! What an account row holds besides its sums, packed into few bytes: private to the store, and not a contract.

use common::{ids::EntryId, points::Points};
use jiff::{
    SignedDuration, Span,
    civil::{Date, date},
};
use prost::Message as _;
use proto::points as pb;
use uuid::Uuid;

use super::{
    instant, waits,
    wallets::{period_from_wire, period_to_wire},
};
use crate::domain::{
    Account, EarnedIn, Hold, Lately, Notices, Numbers, Portion, Portions, TakenBack, Told, WalletCode,
};

/// The day from which days are counted.
const EPOCH: Date = date(1970, 1, 1);

#[derive(Clone, PartialEq, prost::Message)]
struct State {
    #[prost(int64, tag = "1")]
    issued: i64,
    /// What lapses last comes first: what an earning adds stands at the front then, and the database logs only what changed there.
    #[prost(message, repeated, tag = "2")]
    open: Vec<Packed>,
    #[prost(message, repeated, tag = "3")]
    holds: Vec<Held>,
    #[prost(int64, tag = "4")]
    debt: i64,
    #[prost(message, repeated, tag = "5")]
    taken_back: Vec<Taken>,
    #[prost(sint64, optional, tag = "6")]
    slides_until: Option<i64>,
    #[prost(message, repeated, tag = "7")]
    earned_in: Vec<Earned>,
    #[prost(sint64, optional, tag = "8")]
    notice_due_at: Option<i64>,
    #[prost(message, repeated, tag = "9")]
    told: Vec<ToldOf>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Packed {
    #[prost(int64, tag = "1")]
    first_number: i64,
    #[prost(int64, tag = "2")]
    points: i64,
    #[prost(sint64, optional, tag = "3")]
    activates_at: Option<i64>,
    #[prost(sint64, optional, tag = "4")]
    expires_at: Option<i64>,
    #[prost(string, tag = "5")]
    activates_on: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Held {
    #[prost(fixed64, tag = "1")]
    hold_high: u64,
    #[prost(fixed64, tag = "2")]
    hold_low: u64,
    #[prost(sint64, tag = "3")]
    expires_at: i64,
    #[prost(message, repeated, tag = "4")]
    portions: Vec<Packed>,
    #[prost(int64, tag = "5")]
    grace_seconds: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Taken {
    #[prost(int64, tag = "1")]
    seq: i64,
    #[prost(int64, tag = "2")]
    points: i64,
    #[prost(int64, tag = "3")]
    lapsed: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Earned {
    #[prost(enumeration = "pb::Period", tag = "1")]
    period: i32,
    #[prost(sint64, tag = "2")]
    ends_at: i64,
    #[prost(int64, tag = "3")]
    points: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct ToldOf {
    /// In days since the epoch.
    #[prost(sint32, tag = "1")]
    on: i32,
    #[prost(uint32, tag = "2")]
    lead_days: u32,
}

/// Packs an account.
pub fn encode(account: &Account) -> Vec<u8> {
    let hold = |hold: &Hold| {
        let (hold_high, hold_low) = hold.hold_id.uuid().as_u64_pair();
        Held {
            hold_high,
            hold_low,
            expires_at: instant::pack(hold.expires_at),
            portions: hold.portions.iter().map(pack).collect(),
            grace_seconds: hold.grace.as_secs(),
        }
    };
    let taken = |taken: &TakenBack| Taken {
        seq: taken.seq,
        points: taken.points.get(),
        lapsed: taken.lapsed.get(),
    };
    let earned = |earned: &EarnedIn| Earned {
        period: period_to_wire(earned.period).into(),
        ends_at: instant::pack(earned.ends_at),
        points: earned.points.get(),
    };
    let state = State {
        issued: account.issued,
        open: account.open.as_slice().iter().rev().map(pack).collect(),
        holds: account.holds.iter().map(hold).collect(),
        debt: account.debt.get(),
        taken_back: account.taken_back.iter().map(taken).collect(),
        slides_until: account.slides_until.map(instant::pack),
        earned_in: account.earned_in.iter().map(earned).collect(),
        notice_due_at: account.notices.due_at.map(instant::pack),
        told: account.notices.told.iter().map(pack_told).collect(),
    };
    state.encode_to_vec()
}

/// Unpacks an account; nothing when the bytes are not one.
pub fn decode(wallet: WalletCode, last_seq: i64, bytes: &[u8]) -> Option<Account> {
    let state = State::decode(bytes).ok()?;
    let hold = |held: Held| {
        Some(Hold {
            hold_id: EntryId::from(Uuid::from_u64_pair(held.hold_high, held.hold_low)),
            expires_at: instant::unpack(held.expires_at)?,
            grace: SignedDuration::from_secs(held.grace_seconds),
            portions: held.portions.into_iter().map(unpack).collect::<Option<_>>()?,
        })
    };
    let taken = |taken: Taken| {
        Some(TakenBack {
            seq: taken.seq,
            points: Points::new(taken.points)?,
            lapsed: Points::new(taken.lapsed)?,
        })
    };
    let earned = |earned: Earned| {
        Some(EarnedIn {
            period: period_from_wire(earned.period())?,
            ends_at: instant::unpack(earned.ends_at)?,
            points: Points::new(earned.points)?,
        })
    };
    Some(Account {
        wallet,
        open: state.open.into_iter().rev().map(unpack).collect::<Option<Portions>>()?,
        holds: state.holds.into_iter().map(hold).collect::<Option<_>>()?,
        debt: Points::new(state.debt)?,
        taken_back: state.taken_back.into_iter().map(taken).collect::<Option<_>>()?,
        lately: Lately::default(),
        issued: state.issued,
        slides_until: instant::unpack_optional(state.slides_until)?,
        earned_in: state.earned_in.into_iter().map(earned).collect::<Option<_>>()?,
        notices: Notices {
            due_at: instant::unpack_optional(state.notice_due_at)?,
            told: state.told.into_iter().map(unpack_told).collect::<Option<_>>()?,
        },
        last_seq,
    })
}

fn pack_told(told: &Told) -> ToldOf {
    let since_epoch = EPOCH.until(told.on);
    ToldOf {
        on: since_epoch.map_or(0, |days| days.get_days()),
        lead_days: told.lead_days.into(),
    }
}

fn unpack_told(told: ToldOf) -> Option<Told> {
    Some(Told {
        on: EPOCH.checked_add(Span::new().try_days(told.on).ok()?).ok()?,
        lead_days: u16::try_from(told.lead_days).ok()?,
    })
}

fn pack(portion: &Portion) -> Packed {
    let (activates_at, activates_on) = waits::pack(portion);
    Packed {
        first_number: portion.numbers.first,
        points: portion.points().get(),
        activates_at,
        expires_at: portion.expires_at.map(instant::pack),
        activates_on,
    }
}

fn unpack(packed: Packed) -> Option<Portion> {
    Some(Portion {
        numbers: Numbers {
            first: packed.first_number,
            points: Points::new(packed.points)?,
        },
        waits: waits::unpack(packed.activates_at, &packed.activates_on)?,
        expires_at: instant::unpack_optional(packed.expires_at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Period;

    fn portion(first: i64, points: i64, expires_at: Option<&str>) -> Portion {
        Portion {
            numbers: Numbers {
                first,
                points: Points::new(points).unwrap(),
            },
            waits: None,
            expires_at: expires_at.map(|at| at.parse().unwrap()),
        }
    }

    fn account() -> Account {
        let mut account = Account::empty(WalletCode::new("points").unwrap());
        account.open = [portion(10, 3, None), portion(14, 4, Some("2030-01-01T00:00:00Z"))]
            .into_iter()
            .collect();
        account.holds.push(Hold {
            hold_id: Uuid::from_u128(0x0123_4567).into(),
            expires_at: "2026-01-01T00:15:00.5Z".parse().unwrap(),
            grace: SignedDuration::from_hours(24),
            portions: vec![portion(1, 9, None)],
        });
        account.debt = Points::new(7).unwrap();
        account.taken_back.push(TakenBack {
            seq: 5,
            points: Points::new(2).unwrap(),
            lapsed: Points::ZERO,
        });
        account.issued = 17;
        account.slides_until = Some("2031-01-01T00:00:00Z".parse().unwrap());
        account.earned_in.push(EarnedIn {
            period: Period::Month,
            ends_at: "2026-02-01T00:00:00Z".parse().unwrap(),
            points: Points::new(7).unwrap(),
        });
        account.notices = Notices {
            due_at: Some("2026-03-01T05:00:00Z".parse().unwrap()),
            told: vec![Told {
                on: date(2026, 3, 31),
                lead_days: 30,
            }],
        };
        account.last_seq = 12;
        account
    }

    #[test]
    fn an_account_is_read_back_as_it_was_saved() {
        let account = account();
        assert_eq!(decode(account.wallet.clone(), 12, &encode(&account)), Some(account));
    }

    #[test]
    fn an_account_is_packed_the_same_for_ever() {
        let hex: String = encode(&account()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "08111204080a1003120a080e10042080c4bd9b1c1a1c1167452301000000001882d1ccf99ea4c70c2204080110092880a30520072a0408051002\
             3080e0d0d71c3a0a08011080bce9af1a1807\
             40c0bebcb41a4a0608fec002101e"
        );
    }

    #[test]
    fn bytes_that_are_no_account_are_not_read_as_one() {
        let wallet = WalletCode::new("points").unwrap();
        assert_eq!(decode(wallet.clone(), 1, b"\xff\xff"), None);
        let negative = State {
            debt: -1,
            ..State::default()
        };
        assert_eq!(decode(wallet, 1, &negative.encode_to_vec()), None);
    }
}
