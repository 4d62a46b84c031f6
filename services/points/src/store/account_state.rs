//! What an account row holds besides its sums, packed into few bytes: private to the store, and not a contract.

use common::{
    ids::EntryId,
    journal::{journal_id_with, journal_noise, journal_place},
    points::Points,
    shard::Shard,
};
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;

use crate::domain::{Account, Hold, Lately, LotPart, Lots, TakenBack, WalletCode};

#[derive(Clone, PartialEq, prost::Message)]
struct State {
    #[prost(message, repeated, tag = "1")]
    lots: Vec<Part>,
    #[prost(message, repeated, tag = "2")]
    holds: Vec<Held>,
    #[prost(int64, tag = "3")]
    debt: i64,
    #[prost(message, repeated, tag = "4")]
    taken_back: Vec<Taken>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Part {
    /// The lot's id, in parts that are small numbers: the place in the journal, what is random, and how many milliseconds lie between earning and
    /// recording.
    #[prost(uint64, tag = "1")]
    place: u64,
    #[prost(uint32, tag = "2")]
    noise: u32,
    #[prost(sint64, tag = "3")]
    recorded: i64,
    /// Microseconds since 1970; the next two are counted from here.
    #[prost(sint64, tag = "4")]
    earned_at: i64,
    #[prost(sint64, optional, tag = "5")]
    activates: Option<i64>,
    #[prost(sint64, optional, tag = "6")]
    expires: Option<i64>,
    #[prost(int64, tag = "7")]
    points: i64,
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
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Taken {
    #[prost(fixed64, tag = "1")]
    entry_high: u64,
    #[prost(fixed64, tag = "2")]
    entry_low: u64,
    #[prost(int64, tag = "3")]
    points: i64,
    #[prost(int64, tag = "4")]
    lapsed: i64,
}

/// Packs an account.
pub fn encode(account: &Account) -> Vec<u8> {
    let hold = |hold: &Hold| {
        let (hold_high, hold_low) = hold.hold_id.uuid().as_u64_pair();
        let parts = hold.parts.iter().map(pack).collect();
        Held {
            hold_high,
            hold_low,
            expires_at: hold.expires_at.as_microsecond(),
            parts,
        }
    };
    let taken = |taken: &TakenBack| {
        let (entry_high, entry_low) = taken.entry_id.uuid().as_u64_pair();
        Taken {
            entry_high,
            entry_low,
            points: taken.points.get(),
            lapsed: taken.lapsed.get(),
        }
    };
    let state = State {
        // What lapses last comes first: what an earning adds stands at the front then, and the database logs only what changed there.
        lots: account.lots.parts().iter().rev().map(pack).collect(),
        holds: account.holds.iter().map(hold).collect(),
        debt: account.debt.get(),
        taken_back: account.taken_back.iter().map(taken).collect(),
    };
    state.encode_to_vec()
}

/// Unpacks an account; nothing when the bytes are not one.
pub fn decode(wallet: WalletCode, last_seq: i64, bytes: &[u8]) -> Option<Account> {
    let state = State::decode(bytes).ok()?;
    let hold = |held: Held| {
        Some(Hold {
            hold_id: id(held.hold_high, held.hold_low),
            expires_at: instant(held.expires_at)?,
            parts: held.parts.into_iter().map(unpack).collect::<Option<_>>()?,
        })
    };
    let taken = |taken: Taken| {
        Some(TakenBack {
            entry_id: id(taken.entry_high, taken.entry_low),
            points: Points::new(taken.points)?,
            lapsed: Points::new(taken.lapsed)?,
        })
    };
    Some(Account {
        wallet,
        lots: state.lots.into_iter().rev().map(unpack).collect::<Option<Lots>>()?,
        holds: state.holds.into_iter().map(hold).collect::<Option<_>>()?,
        debt: Points::new(state.debt)?,
        taken_back: state.taken_back.into_iter().map(taken).collect::<Option<_>>()?,
        lately: Lately::default(),
        last_seq,
    })
}

fn pack(part: &LotPart) -> Part {
    let earned_at = part.earned_at.as_microsecond();
    let after = |at: Timestamp| at.as_microsecond() - earned_at;
    let id = part.lot_id.uuid();
    let (shard, seq) = journal_place(id).expect("every value of its bits is a shard");
    Part {
        place: (seq as u64) << 6 | shard.get() as u64,
        noise: journal_noise(id),
        recorded: (id.as_u64_pair().0 >> 16) as i64 - earned_at.div_euclid(1_000),
        earned_at,
        activates: part.activates_at.map(after),
        expires: part.expires_at.map(after),
        points: part.points.get(),
    }
}

fn unpack(part: Part) -> Option<LotPart> {
    let after = |after: Option<i64>| match after {
        None => Some(None),
        Some(after) => instant(part.earned_at.checked_add(after)?).map(Some),
    };
    let millis = part.earned_at.div_euclid(1_000).checked_add(part.recorded)?;
    let (shard, seq) = (Shard::new((part.place & 0x3f) as i16)?, (part.place >> 6) as i64);
    let lot_id = journal_id_with(Timestamp::from_millisecond(millis).ok()?, shard, seq, part.noise);
    Some(LotPart {
        lot_id: lot_id.into(),
        earned_at: instant(part.earned_at)?,
        activates_at: after(part.activates)?,
        expires_at: after(part.expires)?,
        points: Points::new(part.points)?,
    })
}

fn id(high: u64, low: u64) -> EntryId {
    Uuid::from_u64_pair(high, low).into()
}

fn instant(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(points: i64, expires_at: Option<&str>) -> LotPart {
        LotPart {
            lot_id: EntryId::new(),
            earned_at: "1969-07-20T20:17:40.000001Z".parse().unwrap(),
            activates_at: None,
            expires_at: expires_at.map(|at| at.parse().unwrap()),
            points: Points::new(points).unwrap(),
        }
    }

    #[test]
    fn an_account_is_read_back_as_it_was_saved() {
        let mut account = Account::empty(WalletCode::new("points").unwrap());
        account.lots = [part(3, None), part(4, Some("2030-01-01T00:00:00Z"))]
            .into_iter()
            .collect();
        let expires_at = "2026-01-01T00:15:00Z".parse().unwrap();
        account.holds.push(Hold {
            hold_id: EntryId::new(),
            expires_at,
            parts: vec![part(9, None)],
        });
        account.debt = Points::new(7).unwrap();
        account.taken_back.push(TakenBack {
            entry_id: EntryId::new(),
            points: Points::new(2).unwrap(),
            lapsed: Points::ZERO,
        });
        account.last_seq = 12;
        assert_eq!(decode(account.wallet.clone(), 12, &encode(&account)), Some(account));
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
