//! `rewards.member`: where the members stand.

use std::collections::{BTreeSet, HashMap};

use common::writer::{Part, Writes};
use proto::member::MemberStatus as WireStatus;
use sqlx::PgConnection;

use super::{MemberColumns, MemberKey, member_key, nonsense};
use crate::domain::MemberStatus;

/// Loads where some members stand.
pub async fn load(
    tx: &mut PgConnection,
    keys: &BTreeSet<MemberKey>,
) -> Result<HashMap<MemberKey, MemberStatus>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(keys.iter());
    let rows = sqlx::query!(
        r#"select found.program_id as "program_id!", found.member_id as "member_id!", found.status as "status!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (of_shard, of_program, of_member)
            cross join lateral (
                  select program_id, member_id, status from rewards.member
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| Ok((member_key(row.program_id, row.member_id), read(row.status)?)))
        .collect()
}

/// Saves where some members stand.
pub fn save(members: &[(&MemberKey, &MemberStatus)], writes: &mut Writes) {
    if members.is_empty() {
        return;
    }
    let columns = MemberColumns::of(members.iter().map(|(key, _)| *key));
    let part = Part::new(
        "insert into rewards.member (shard, program_id, member_id, status)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[])
         on conflict (shard, program_id, member_id) do update set status = excluded.status",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.programs)
            .bind(columns.members)
            .column(members.iter().map(|(_, status)| WireStatus::from(**status) as i16)),
    );
}

fn read(number: i16) -> Result<MemberStatus, sqlx::Error> {
    let status = WireStatus::try_from(i32::from(number)).map_err(|_| nonsense("status"))?;
    MemberStatus::try_from(status).map_err(|()| nonsense("status"))
}

impl From<MemberStatus> for WireStatus {
    fn from(status: MemberStatus) -> WireStatus {
        match status {
            MemberStatus::Prospect => WireStatus::Prospect,
            MemberStatus::Registered => WireStatus::Registered,
            MemberStatus::Activated => WireStatus::Activated,
            MemberStatus::Frozen => WireStatus::Frozen,
            MemberStatus::Closed => WireStatus::Closed,
        }
    }
}

impl TryFrom<WireStatus> for MemberStatus {
    type Error = ();

    fn try_from(status: WireStatus) -> Result<MemberStatus, ()> {
        match status {
            WireStatus::Unspecified => Err(()),
            WireStatus::Prospect => Ok(MemberStatus::Prospect),
            WireStatus::Registered => Ok(MemberStatus::Registered),
            WireStatus::Activated => Ok(MemberStatus::Activated),
            WireStatus::Frozen => Ok(MemberStatus::Frozen),
            WireStatus::Closed => Ok(MemberStatus::Closed),
        }
    }
}
