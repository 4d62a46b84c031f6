//! `campaign.member_use`: how often campaigns with limits applied for members.

use common::writer::{Part, Writes};
use jiff_sqlx::ToSqlx as _;
use proto::campaign as pb;
use sqlx::PgConnection;

use super::{
    MemberKey,
    campaigns::{period, period_to_wire},
    members::columns,
    unreadable,
};
use crate::domain::{UseKey, Used};

/// Loads how often campaigns with limits applied for some members.
pub async fn load_uses(
    connection: &mut PgConnection,
    keys: &[MemberKey],
) -> Result<Vec<(MemberKey, UseKey, Used)>, sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", used.campaign, used.period,
                  used.starts_on as "starts_on: jiff_sqlx::Date", used.times, used.points
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
            cross join lateral (
                  select campaign, period, starts_on, times, points from campaign.member_use
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1000000) as used"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    let mut uses = Vec::new();
    for row in rows.fetch_all(connection).await? {
        let member = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let key = UseKey {
            campaign: row.campaign,
            period: pb::LimitPeriod::try_from(i32::from(row.period))
                .ok()
                .and_then(period)
                .ok_or_else(|| unreadable("period of a limit"))?,
            starts_on: row.starts_on.to_jiff(),
        };
        let used = Used {
            times: row.times,
            points: row.points,
        };
        uses.push((member, key, used));
    }
    Ok(uses)
}

/// Saves how often campaigns with limits applied, each as it stands now.
pub fn save_uses(changed: &[(MemberKey, UseKey, Used)], writes: &mut Writes) {
    if changed.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(changed.iter().map(|(member, ..)| member));
    let keys = || changed.iter().map(|(_, key, _)| key);
    let part = Part::new(
        "insert into campaign.member_use (shard, program_id, member_id, campaign, period, starts_on, times, points)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::date[], $7::bigint[], $8::bigint[])
         on conflict (shard, program_id, member_id, campaign, period, starts_on) do update
         set times = excluded.times, points = excluded.points",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(keys().map(|key| key.campaign.clone()))
            .column(keys().map(|key| period_to_wire(key.period) as i16))
            .column(keys().map(|key| key.starts_on.to_sqlx()))
            .column(changed.iter().map(|(.., used)| used.times))
            .column(changed.iter().map(|(.., used)| used.points)),
    );
}
