//! `campaign.member_day`: what members did on each day, as far as campaigns ask about it.

use common::writer::{Part, Writes};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::{MemberKey, members::columns};
use crate::domain::{DayKey, DoneOnDay};

/// Loads what some members did on each day.
pub async fn load_days(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<Vec<(MemberKey, DayKey, DoneOnDay)>, sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", done.kind,
                  done.day as "day: jiff_sqlx::Date", done.times, done.spend
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
            cross join lateral (
                  select kind, day, times, spend from campaign.member_day
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1000000) as done"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    let rows = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let member = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let key = DayKey {
            kind: row.kind,
            day: row.day.to_jiff(),
        };
        let done = DoneOnDay {
            times: row.times,
            spend_minor_units: row.spend,
        };
        (member, key, done)
    });
    Ok(rows.collect())
}

/// Saves what members did on some days, each as it stands now.
pub fn save_days(changed: &[(MemberKey, DayKey, DoneOnDay)], writes: &mut Writes) {
    if changed.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(changed.iter().map(|(member, ..)| member));
    let keys = || changed.iter().map(|(_, key, _)| key);
    let part = Part::new(
        "insert into campaign.member_day (shard, program_id, member_id, kind, day, times, spend)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::date[], $6::bigint[], $7::bigint[])
         on conflict (shard, program_id, member_id, kind, day) do update
         set times = excluded.times, spend = excluded.spend",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(keys().map(|key| key.kind.clone()))
            .column(keys().map(|key| key.day.to_sqlx()))
            .column(changed.iter().map(|(.., done)| done.times))
            .column(changed.iter().map(|(.., done)| done.spend_minor_units)),
    );
}
