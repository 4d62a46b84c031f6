//! The value that is mirrored for an account: its place, eight bytes by which the newer of two is told, and then a snapshot.

use common::{
    canary,
    ids::{MemberId, ProgramId},
    points::Points,
};
use jiff::Timestamp;
use prost::Message as _;

use crate::domain::{Snapshot, SnapshotHold, SnapshotPart, WalletCode};

const PLACE_BYTES: usize = 8;

#[derive(Clone, PartialEq, prost::Message)]
struct Mirrored {
    #[prost(bytes = "vec", tag = "1")]
    program_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    member_id: Vec<u8>,
    #[prost(string, tag = "3")]
    wallet: String,
    #[prost(message, repeated, tag = "4")]
    parts: Vec<Part>,
    #[prost(message, repeated, tag = "5")]
    holds: Vec<Hold>,
    #[prost(int64, tag = "6")]
    debt: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Part {
    #[prost(int64, tag = "1")]
    points: i64,
    #[prost(sint64, optional, tag = "2")]
    activates_at: Option<i64>,
    #[prost(sint64, optional, tag = "3")]
    expires_at: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Hold {
    #[prost(sint64, tag = "1")]
    expires_at: i64,
    #[prost(message, repeated, tag = "2")]
    parts: Vec<Part>,
}

/// Packs a snapshot.
pub fn encode(snapshot: &Snapshot) -> Vec<u8> {
    let hold = |hold: &SnapshotHold| Hold {
        expires_at: hold.expires_at.as_microsecond(),
        parts: hold.parts.iter().map(pack).collect(),
    };
    let mirrored = Mirrored {
        program_id: snapshot.program_id.uuid().as_bytes().to_vec(),
        member_id: snapshot.member_id.uuid().as_bytes().to_vec(),
        wallet: snapshot.wallet.to_string(),
        parts: snapshot.parts.iter().map(pack).collect(),
        holds: snapshot.holds.iter().map(hold).collect(),
        debt: snapshot.debt.get(),
    };
    let mut value = Vec::with_capacity(PLACE_BYTES + mirrored.encoded_len());
    value.extend_from_slice(&snapshot.seq.to_be_bytes());
    mirrored.encode(&mut value).expect("a vector grows");
    value
}

/// Unpacks the snapshot of an account; nothing when the value is not one, or another's.
pub fn decode(program_id: ProgramId, member_id: MemberId, wallet: &WalletCode, value: &[u8]) -> Option<Snapshot> {
    let (place, message) = value.split_first_chunk::<PLACE_BYTES>()?;
    let seq = i64::from_be_bytes(*place);
    let mirrored = Mirrored::decode(message).ok()?;
    let is_it = mirrored.program_id == program_id.uuid().as_bytes()
        && mirrored.member_id == member_id.uuid().as_bytes()
        && mirrored.wallet == wallet.as_str();
    let hold = |hold: Hold| {
        Some(SnapshotHold {
            expires_at: Timestamp::from_microsecond(hold.expires_at).ok()?,
            parts: hold.parts.iter().map(unpack).collect::<Option<_>>()?,
        })
    };
    if !(is_it || canary::sings("foreign-values")) || seq < 0 {
        return None;
    }
    Some(Snapshot {
        program_id,
        member_id,
        wallet: wallet.clone(),
        seq,
        parts: mirrored.parts.iter().map(unpack).collect::<Option<_>>()?,
        holds: mirrored.holds.into_iter().map(hold).collect::<Option<_>>()?,
        debt: Points::new(mirrored.debt)?,
    })
}

fn pack(part: &SnapshotPart) -> Part {
    Part {
        points: part.points.get(),
        activates_at: part.activates_at.map(Timestamp::as_microsecond),
        expires_at: part.expires_at.map(Timestamp::as_microsecond),
    }
}

fn unpack(part: &Part) -> Option<SnapshotPart> {
    let instant =
        |micros: Option<i64>| micros.map_or(Some(None), |micros| Timestamp::from_microsecond(micros).ok().map(Some));
    Some(SnapshotPart {
        activates_at: instant(part.activates_at)?,
        expires_at: instant(part.expires_at)?,
        points: Points::new(part.points)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let part = SnapshotPart {
            activates_at: None,
            expires_at: Some("2026-12-31T23:00:00Z".parse().unwrap()),
            points: Points::new(250).unwrap(),
        };
        Snapshot {
            program_id: ProgramId::new(),
            member_id: MemberId::new(),
            wallet: WalletCode::new("points").unwrap(),
            seq: 77,
            parts: vec![part],
            holds: vec![SnapshotHold {
                expires_at: "2026-01-01T00:15:00Z".parse().unwrap(),
                parts: vec![part],
            }],
            debt: Points::new(5).unwrap(),
        }
    }

    #[test]
    fn a_snapshot_is_read_back_as_it_was_mirrored() {
        let it = snapshot();
        assert_eq!(decode(it.program_id, it.member_id, &it.wallet, &encode(&it)), Some(it));
    }

    #[test]
    fn a_value_of_another_account_is_a_miss() {
        let it = snapshot();
        let value = encode(&it);
        assert_eq!(decode(it.program_id, MemberId::new(), &it.wallet, &value), None);
        assert_eq!(decode(ProgramId::new(), it.member_id, &it.wallet, &value), None);
        assert_eq!(
            decode(it.program_id, it.member_id, &WalletCode::new("growth").unwrap(), &value),
            None
        );
    }

    #[test]
    fn a_value_that_is_none_is_a_miss() {
        let it = snapshot();
        for nonsense in [&b""[..], b"1", b"12345678", b"12345678\xff\xff\xff"] {
            assert_eq!(
                decode(it.program_id, it.member_id, &it.wallet, nonsense),
                None,
                "{nonsense:?}"
            );
        }
    }
}
