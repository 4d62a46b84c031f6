//! `member.member`.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    db::Db,
    writer::{Part, Writes},
};
use jiff_sqlx::{Timestamp, ToSqlx as _};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Place, Table, place::PlaceColumns};
use crate::domain::{Member, Revision, Standing, Status};

struct Row {
    program_id: Uuid,
    member_id: Uuid,
    status: String,
    channel: String,
    enrolled_at: Option<Timestamp>,
    revision: i64,
}

/// Finds a member.
pub async fn find_member(db: &Db, place: Place) -> Result<Option<Member>, sqlx::Error> {
    db.run(move |pool| async move {
        let row = sqlx::query_as!(
            Row,
            "select program_id, member_id, status, channel, enrolled_at, revision
               from member.member
              where shard = $1 and program_id = $2 and member_id = $3",
            place.shard().get(),
            place.program_id().uuid(),
            place.member_id().uuid(),
        );
        row.fetch_optional(&pool).await?.map(read).transpose()
    })
    .await
}

/// Loads the members at some places.
pub async fn load_members(
    tx: &mut PgConnection,
    places: &BTreeSet<Place>,
) -> Result<Table<Place, Member>, sqlx::Error> {
    if places.is_empty() {
        return Ok(Table::loaded(BTreeMap::new()));
    }
    let columns: PlaceColumns = places.iter().collect();
    let rows = sqlx::query_as!(
        Row,
        "select member.program_id, member.member_id, member.status, member.channel, member.enrolled_at, member.revision
           from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (shard, program_id, member_id)
           join member.member using (shard, program_id, member_id)",
        &columns.shards,
        &columns.program_ids,
        &columns.member_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let rows = rows
        .into_iter()
        .map(|row| Ok((Place::read(row.program_id, row.member_id), read(row)?)));
    rows.collect::<Result<_, sqlx::Error>>().map(Table::loaded)
}

/// Saves the members that changed.
pub fn save_members(members: &Table<Place, Member>, writes: &mut Writes) {
    if members.is_unchanged() {
        return;
    }
    let columns: PlaceColumns = members.changed().map(|(place, _)| place).collect();
    let changed = || members.changed().map(|(_, member)| member);
    let part = Part::new(
        "insert into member.member (shard, program_id, member_id, status, channel, enrolled_at, revision)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
         on conflict on constraint member_pkey do update
         set status = excluded.status, channel = excluded.channel, enrolled_at = excluded.enrolled_at, revision = excluded.revision",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.program_ids)
            .bind(columns.member_ids)
            .column(changed().map(|member| stored_status(member.status)))
            .column(changed().map(|member| member.channel.clone()))
            .column(changed().map(|member| member.enrolled_at.map(|at| at.to_sqlx())))
            .column(changed().map(|member| member.revision.get())),
    );
}

fn read(row: Row) -> Result<Member, sqlx::Error> {
    let (status, revision) = (read_status(&row.status), Revision::new(row.revision));
    let (Some(status), Some(revision)) = (status, revision) else {
        return Err(sqlx::Error::Decode(
            format!("member {} is stored as no member can be", row.member_id).into(),
        ));
    };
    Ok(Member {
        member_id: row.member_id.into(),
        status,
        channel: row.channel,
        enrolled_at: row.enrolled_at.map(|at| at.to_jiff()),
        revision,
    })
}

const STATUSES: [(&str, Status); 7] = [
    ("prospect", Status::Open(Standing::Prospect)),
    ("frozen_prospect", Status::Frozen(Standing::Prospect)),
    ("registered", Status::Open(Standing::Registered)),
    ("activated", Status::Open(Standing::Activated)),
    ("frozen_registered", Status::Frozen(Standing::Registered)),
    ("frozen_activated", Status::Frozen(Standing::Activated)),
    ("closed", Status::Closed),
];

fn read_status(stored: &str) -> Option<Status> {
    STATUSES
        .iter()
        .find(|(name, _)| *name == stored)
        .map(|(_, status)| *status)
}

fn stored_status(status: Status) -> &'static str {
    match status {
        Status::Open(Standing::Prospect) => "prospect",
        Status::Frozen(Standing::Prospect) => "frozen_prospect",
        Status::Open(Standing::Registered) => "registered",
        Status::Open(Standing::Activated) => "activated",
        Status::Frozen(Standing::Registered) => "frozen_registered",
        Status::Frozen(Standing::Activated) => "frozen_activated",
        Status::Closed => "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_as_it_is_stored() {
        for (name, status) in STATUSES {
            assert_eq!((stored_status(status), read_status(name)), (name, Some(status)));
        }
    }
}
