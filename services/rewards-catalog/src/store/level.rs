//! `rewards.level`: on which levels the members are.

use std::collections::{BTreeSet, HashMap};

use common::writer::{Part, Writes};
use sqlx::PgConnection;

use super::{MemberColumns, MemberKey, member_key};

/// Loads on which level of each ladder some members are.
pub async fn load(
    tx: &mut PgConnection,
    keys: &BTreeSet<MemberKey>,
) -> Result<HashMap<(MemberKey, String), String>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(keys.iter());
    let rows = sqlx::query!(
        r#"select found.program_id as "program_id!", found.member_id as "member_id!",
                  found.ladder as "ladder!", found.level as "level!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (of_shard, of_program, of_member)
            cross join lateral (
                  select program_id, member_id, ladder, level from rewards.level
                   where shard = of_shard and program_id = of_program and member_id = of_member
                   limit 1000) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ((member_key(row.program_id, row.member_id), row.ladder), row.level))
        .collect())
}

/// Saves on which levels some members are.
pub fn save(levels: &[(&(MemberKey, String), &String)], writes: &mut Writes) {
    if levels.is_empty() {
        return;
    }
    let columns = MemberColumns::of(levels.iter().map(|((key, _), _)| key));
    let part = Part::new(
        "insert into rewards.level (shard, program_id, member_id, ladder, level)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
         on conflict (shard, program_id, member_id, ladder) do update set level = excluded.level",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.programs)
            .bind(columns.members)
            .column(levels.iter().map(|((_, ladder), _)| ladder.clone()))
            .column(levels.iter().map(|(_, level)| (*level).clone())),
    );
}
