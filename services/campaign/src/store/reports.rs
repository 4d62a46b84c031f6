//! `campaign.report`: what other services reported that is to be recorded as an activity.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::campaign as pb;
use sqlx::PgPool;

use super::unreadable;

/// What another service reported is told apart by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportKey {
    /// The shard.
    pub shard: Shard,
    /// Whose report it is.
    pub source: &'static str,
    /// Its number in that service's feed.
    pub seq: i64,
}

/// What another service reported.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which.
    pub key: ReportKey,
    /// The program.
    pub program_id: ProgramId,
    /// The member.
    pub member_id: MemberId,
    /// The activity that it is.
    pub input: pb::ActivityInput,
}

/// Who reports.
const SOURCES: [&str; 2] = ["member", "tier"];

/// Stores what is to be recorded.
pub fn insert_reports(reports: &[Report], writes: &mut Writes) {
    if reports.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.report (shard, source, seq, program_id, member_id, input)
         select * from unnest($1::smallint[], $2::text[], $3::bigint[], $4::uuid[], $5::uuid[], $6::bytea[])",
    );
    writes.add(
        part.column(reports.iter().map(|report| report.key.shard.get()))
            .column(reports.iter().map(|report| report.key.source.to_owned()))
            .column(reports.iter().map(|report| report.key.seq))
            .column(reports.iter().map(|report| report.program_id.uuid()))
            .column(reports.iter().map(|report| report.member_id.uuid()))
            .column(reports.iter().map(|report| report.input.encode_to_vec())),
    );
}

/// Strikes off what is recorded.
pub fn delete_reports(recorded: &[ReportKey], writes: &mut Writes) {
    if recorded.is_empty() {
        return;
    }
    let part = Part::new(
        "delete from campaign.report as report
          using unnest($1::smallint[], $2::text[], $3::bigint[]) as recorded (shard, source, seq)
          where report.shard = recorded.shard and report.source = recorded.source and report.seq = recorded.seq",
    );
    writes.add(
        part.column(recorded.iter().map(|key| key.shard.get()))
            .column(recorded.iter().map(|key| key.source.to_owned()))
            .column(recorded.iter().map(|key| key.seq)),
    );
}

/// Strikes off what can never be recorded.
pub async fn drop_report(pool: &PgPool, key: &ReportKey) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from campaign.report where shard = $1 and source = $2 and seq = $3",
        key.shard.get(),
        key.source,
        key.seq,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Lists what is to be recorded, on each shard in order.
pub async fn list_reports(pool: &PgPool, limit: i64) -> Result<Vec<Report>, sqlx::Error> {
    let rows = sqlx::query!(
        "select shard, source, seq, program_id, member_id, input
           from campaign.report
          order by shard, source, seq
          limit $1",
        limit,
    );
    let rows = rows.fetch_all(pool).await?;
    rows.into_iter()
        .map(|row| {
            let source = SOURCES.into_iter().find(|source| *source == row.source);
            Ok(Report {
                key: ReportKey {
                    shard: Shard::new(row.shard).ok_or_else(|| unreadable("shard of a report"))?,
                    source: source.ok_or_else(|| unreadable("source of a report"))?,
                    seq: row.seq,
                },
                program_id: row.program_id.into(),
                member_id: row.member_id.into(),
                input: pb::ActivityInput::decode(row.input.as_slice()).map_err(|_| unreadable("report"))?,
            })
        })
        .collect()
}
