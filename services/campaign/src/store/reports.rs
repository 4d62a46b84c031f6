//! `campaign.report`: what other services reported that is to be recorded as an activity.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::campaign as pb;
use sqlx::PgPool;
use uuid::Uuid;

use super::unreadable;

/// What another service reported is told apart by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReportKey {
    /// The shard.
    pub shard: Shard,
    /// Whose report it is.
    pub source: &'static str,
    /// Its number in that service's feed, or that of the referral.
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
    /// When it happens: it may lie ahead.
    pub due_at: Timestamp,
}

/// Who reports: other services, and referrals that qualify.
const SOURCES: [&str; 5] = ["member", "tier", "points", "referral", "referred"];

/// Stores what is to be recorded.
pub fn insert_reports(reports: &[Report], writes: &mut Writes) {
    if reports.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.report (shard, source, seq, program_id, member_id, input, due_at)
         select * from unnest($1::smallint[], $2::text[], $3::bigint[], $4::uuid[], $5::uuid[], $6::bytea[], $7::timestamptz[])",
    );
    writes.add(
        part.column(reports.iter().map(|report| report.key.shard.get()))
            .column(reports.iter().map(|report| report.key.source.to_owned()))
            .column(reports.iter().map(|report| report.key.seq))
            .column(reports.iter().map(|report| report.program_id.uuid()))
            .column(reports.iter().map(|report| report.member_id.uuid()))
            .column(reports.iter().map(|report| report.input.encode_to_vec()))
            .column(reports.iter().map(|report| report.due_at.to_sqlx())),
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

struct Row {
    shard: i16,
    source: String,
    seq: i64,
    program_id: Uuid,
    member_id: Uuid,
    input: Vec<u8>,
    due_at: jiff_sqlx::Timestamp,
}

/// Lists what is to be recorded by the clocks of the programs, or by that of one of them: of each at most so many, those first that wait the longest.
pub async fn list_reports(
    pool: &PgPool,
    program_id: Option<ProgramId>,
    limit: i64,
) -> Result<Vec<Report>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        // now() and no clock that ticks, or there is no index to look at.
        r#"select report.shard as "shard!", report.source as "source!", report.seq as "seq!", report.program_id as "program_id!",
                  report.member_id as "member_id!", report.input as "input!", report.due_at as "due_at!: jiff_sqlx::Timestamp"
             from campaign.program as program
            cross join lateral (
                  select shard, source, seq, program_id, member_id, input, due_at
                    from campaign.report
                   where program_id = program.program_id and due_at <= coalesce(program.clock_at, now())
                   order by due_at
                   limit $2) as report
            where $1::uuid is null or program.program_id = $1"#,
        program_id.map(|program_id| program_id.uuid()),
        limit,
    );
    rows.fetch_all(pool).await?.into_iter().map(read).collect()
}

/// Finds one report, if it is to be recorded by the clock of its program.
pub async fn find_due_report(pool: &PgPool, key: &ReportKey) -> Result<Option<Report>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select report.shard, report.source, report.seq, report.program_id, report.member_id, report.input,
                  report.due_at as "due_at: jiff_sqlx::Timestamp"
             from campaign.report
             join campaign.program using (program_id)
            where report.shard = $1 and report.source = $2 and report.seq = $3
              and report.due_at <= coalesce(program.clock_at, now())"#,
        key.shard.get(),
        key.source,
        key.seq,
    );
    row.fetch_optional(pool).await?.map(read).transpose()
}

fn read(row: Row) -> Result<Report, sqlx::Error> {
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
        due_at: row.due_at.to_jiff(),
    })
}
