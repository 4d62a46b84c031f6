//! What a standing's row holds of the levels that campaigns gave, and a member's row of those that are not taken in yet: packed into few bytes, private
//! to the store, and not a contract.

use common::ids::ActivityId;
use jiff::Timestamp;
use prost::Message as _;
use uuid::Uuid;

use crate::domain::{GrantKey, GrantedLevel, Grants, LevelGrant, ToLevel};

#[derive(Clone, PartialEq, prost::Message)]
struct Kept {
    #[prost(message, repeated, tag = "1")]
    granted: Vec<Granted>,
    /// On which of them the member stands, from 1; 0 for none.
    #[prost(uint32, tag = "2")]
    top: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Granted {
    #[prost(message, optional, tag = "1")]
    key: Option<Key>,
    #[prost(string, tag = "2")]
    level: String,
    #[prost(sint64, tag = "3")]
    since: i64,
    #[prost(sint64, optional, tag = "4")]
    ends_at: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Key {
    #[prost(bytes = "vec", tag = "1")]
    activity_id: Vec<u8>,
    #[prost(string, tag = "2")]
    campaign: String,
    #[prost(int32, tag = "3")]
    grant: i32,
}

/// A level that is not taken in yet. One that says no level is so many up.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Given {
    #[prost(message, optional, tag = "1")]
    key: Option<Key>,
    #[prost(string, tag = "2")]
    ladder: String,
    #[prost(uint32, tag = "3")]
    levels_up: u32,
    #[prost(string, tag = "4")]
    level: String,
    #[prost(sint64, tag = "5")]
    given_at: i64,
    #[prost(int32, optional, tag = "6")]
    lasts_days: Option<i32>,
}

/// Packs the levels that a member was granted on a ladder.
pub fn encode(grants: &Grants) -> Vec<u8> {
    let granted = |granted: &GrantedLevel| Granted {
        key: Some(key_to_keep(&granted.key)),
        level: granted.level.clone(),
        since: granted.since.as_microsecond(),
        ends_at: granted.ends_at.map(Timestamp::as_microsecond),
    };
    let top = grants.top_at().map_or(0, |top| top + 1);
    let kept = Kept {
        granted: grants.all().iter().map(granted).collect(),
        top: u32::try_from(top).unwrap_or(0),
    };
    kept.encode_to_vec()
}

/// Unpacks them; nothing when the bytes do not say.
pub fn decode(bytes: &[u8]) -> Option<Grants> {
    let kept = Kept::decode(bytes).ok()?;
    let granted = |kept: &Granted| {
        Some(GrantedLevel {
            key: key_from_kept(kept.key.as_ref()?)?,
            level: kept.level.clone(),
            since: Timestamp::from_microsecond(kept.since).ok()?,
            ends_at: kept.ends_at.map(Timestamp::from_microsecond).transpose().ok()?,
        })
    };
    let all = kept.granted.iter().map(granted).collect::<Option<_>>()?;
    Grants::new(all, (kept.top as usize).checked_sub(1))
}

/// Packs a level that is not taken in yet.
pub fn given_to_keep(given: &LevelGrant) -> Given {
    let (levels_up, level) = match &given.to {
        ToLevel::Up(levels) => (u32::try_from(*levels).unwrap_or(u32::MAX), String::new()),
        ToLevel::Level(level) => (0, level.clone()),
    };
    Given {
        key: Some(key_to_keep(&given.key)),
        ladder: given.ladder.clone(),
        levels_up,
        level,
        given_at: given.given_at.as_microsecond(),
        lasts_days: given.lasts_days,
    }
}

/// Unpacks it; nothing when it does not say.
pub fn given_from_kept(kept: &Given) -> Option<LevelGrant> {
    Some(LevelGrant {
        key: key_from_kept(kept.key.as_ref()?)?,
        ladder: kept.ladder.clone(),
        to: match kept.level.is_empty() {
            true => ToLevel::Up(usize::try_from(kept.levels_up).ok()?),
            false => ToLevel::Level(kept.level.clone()),
        },
        given_at: Timestamp::from_microsecond(kept.given_at).ok()?,
        lasts_days: kept.lasts_days,
    })
}

fn key_to_keep(key: &GrantKey) -> Key {
    Key {
        activity_id: key.activity_id.uuid().as_bytes().to_vec(),
        campaign: key.campaign.clone(),
        grant: key.grant,
    }
}

fn key_from_kept(kept: &Key) -> Option<GrantKey> {
    Some(GrantKey {
        activity_id: ActivityId::from(Uuid::from_slice(&kept.activity_id).ok()?),
        campaign: kept.campaign.clone(),
        grant: kept.grant,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_granted_is_read_back_as_it_was_saved() {
        let granted = |level: &str, ends_at: Option<&str>| GrantedLevel {
            key: GrantKey {
                activity_id: ActivityId::from(Uuid::now_v7()),
                campaign: "lift".to_owned(),
                grant: 1,
            },
            level: level.to_owned(),
            since: "1969-07-20T20:17:40.000001Z".parse().unwrap(),
            ends_at: ends_at.map(|end| end.parse().unwrap()),
        };
        let all = vec![granted("silver", None), granted("gold", Some("2026-04-01T04:00:00Z"))];
        for top in [None, Some(0), Some(1)] {
            let grants = Grants::new(all.clone(), top).unwrap();
            assert_eq!(decode(&encode(&grants)), Some(grants));
        }
        assert_eq!(Grants::new(all, Some(2)), None);
        assert_eq!(decode(&encode(&Grants::default())), Some(Grants::default()));
        assert_eq!(decode(b"\xff\xff"), None);
    }
}
