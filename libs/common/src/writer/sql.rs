//! The statements of a batch that are the same in every service: one that looks, and one that writes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgArguments};

use super::{Answer, Part, Writes};
use crate::{
    canary,
    fingerprint::Fingerprint,
    ids::ProgramId,
    journal::{JournalRow, JournalSql, RequestName, RequestRecord, request_key},
    program::{self, Program, ProgramSql},
    shard::Shard,
    time,
};

/// Where a shard stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) last_seq: i64,
    pub(crate) last_recorded_at: Timestamp,
    /// How often it was written: what was read of the shard is current as long as this says the same.
    pub(crate) writes: i64,
}

/// A feed's name and a shard of it.
pub(crate) type CursorKey = (&'static str, Shard);

/// What a batch asks the database before anything else.
#[derive(Default)]
pub(crate) struct Question {
    pub(crate) shards: BTreeSet<Shard>,
    pub(crate) programs: BTreeSet<ProgramId>,
    pub(crate) cursors: BTreeSet<CursorKey>,
    pub(crate) requests: Vec<RequestName>,
}

/// What it is told: all as it stood at one instant.
pub(crate) struct Seen {
    pub(crate) heads: BTreeMap<Shard, Head>,
    /// The database's clock.
    pub(crate) now: Timestamp,
    pub(crate) programs: HashMap<ProgramId, Program>,
    /// How far feeds are taken in. One that was never begun is missing.
    pub(crate) cursors: BTreeMap<CursorKey, i64>,
    /// The rows that remember requests.
    pub(crate) remembered: Vec<JournalRow>,
}

impl Seen {
    pub(crate) fn at(now: Timestamp) -> Seen {
        Seen {
            heads: BTreeMap::new(),
            now,
            programs: HashMap::new(),
            cursors: BTreeMap::new(),
            remembered: Vec::new(),
        }
    }
}

/// What was answered to a request the first time.
pub(crate) struct FirstAnswer {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) answer: Answer,
}

/// What a batch comes to.
pub(crate) struct Outcome<'a> {
    pub(crate) rows: &'a [JournalRow],
    /// Where the shards of the batch stand now, and how often they had been written when they were looked at.
    pub(crate) heads: &'a BTreeMap<Shard, Head>,
    /// How far feeds are taken in now; and whether they were before.
    pub(crate) cursors: BTreeMap<CursorKey, (i64, bool)>,
    pub(crate) programs: Vec<&'a Program>,
    /// The programs as the decisions took them to be, where they must still be so.
    pub(crate) believed: &'a [Program],
    /// Until when it counts by the database's clock, where that was not asked for the time.
    pub(crate) latest: Option<Timestamp>,
    pub(crate) writes: Writes,
}

impl Outcome<'_> {
    /// Tells whether there is nothing to write.
    pub(crate) fn is_nothing(&self) -> bool {
        self.rows.is_empty() && self.cursors.is_empty() && self.programs.is_empty() && self.writes.is_empty()
    }
}

pub(crate) struct WriterSql {
    lock: String,
    look: String,
    write: String,
    unchanged: String,
    as_believed: String,
    program: ProgramSql,
    move_cursors: String,
    begin_cursors: String,
}

const HEAD: i16 = 0;
const PROGRAM: i16 = 1;
const CURSOR: i16 = 2;

impl WriterSql {
    pub(crate) fn new(schema: &str) -> WriterSql {
        let as_it_was = canary::spoil("no-shard-lock", "head.writes = moved.writes", || "true");
        WriterSql {
            lock: format!("select from {schema}.shard where shard = any($1) order by shard for update"),
            // The lateral limit pins an index probe for each key: a plain join may be planned as a scan of the whole journal.
            look: format!(
                "select 0::smallint as kind, shard, last_seq as seq, writes as number, last_recorded_at as at, clock_timestamp() as now,
                        null::uuid as program_id, null::uuid as member_id, null::text as name, null::text as currency_code,
                        null::bytea as fingerprint, null::bytea as answer, null::bytea as event
                   from {schema}.shard where shard = any($1)
                 union all
                 select 1::smallint, null, null, config_version, clock_at, null, program_id, null, zone, currency_code, null, null, null
                   from {schema}.program where program_id = any($2)
                 union all
                 select 2::smallint, shard, seq, null, null, null, null, null, source, null, null, null, null
                   from {schema}.cursor where source = any($3) and shard = any($1)
                 union all
                 select 3::smallint, shard, seq, method, occurred_at, recorded_at, program_id, member_id, request_id, null, fingerprint,
                        answer, event
                   from unnest($4::smallint[], $5::uuid[], $6::smallint[]) as asked (of_shard, of_key, of_method)
                  cross join lateral (
                        select shard, seq, method, occurred_at, recorded_at, program_id, member_id, request_id, fingerprint, answer, event
                          from {schema}.journal
                         where shard = of_shard and request_key = of_key and method = of_method
                         limit 1) as found"
            ),
            // The heads are locked in the order of their numbers, so that replicas cannot wait for one another in a circle.
            write: format!(
                "with entered as ({}),
                 moved as (
                     update {schema}.shard as head
                        set last_seq = moved.last_seq, last_recorded_at = moved.last_recorded_at, writes = moved.writes + 1
                       from (select shard from {schema}.shard
                              where shard = any($13) order by shard for no key update) as held
                       join unnest($13::smallint[], $14::bigint[], $15::timestamptz[], $16::bigint[])
                            as moved (shard, last_seq, last_recorded_at, writes) on moved.shard = held.shard
                      where head.shard = held.shard and {as_it_was}
                     returning head.shard)",
                JournalSql::new(schema).insert()
            ),
            unchanged: format!(
                "select count(*) from unnest($1::smallint[], $2::bigint[]) as looked (shard, writes)
                   join {schema}.shard as head on head.shard = looked.shard and head.writes = looked.writes"
            ),
            as_believed: format!(
                "(select count(*) from unnest($17::uuid[], $18::timestamptz[], $19::bigint[])
                         as believed (program_id, clock_at, config_version)
                    join {schema}.program as known on known.program_id = believed.program_id
                     and known.clock_at is not distinct from believed.clock_at
                     and known.config_version = believed.config_version) = cardinality($17::uuid[])
                 and coalesce(clock_timestamp() <= $20::timestamptz, true)"
            ),
            program: ProgramSql::new(schema),
            move_cursors: format!(
                "update {schema}.cursor as cursor
                    set seq = moved.seq
                   from unnest($1::text[], $2::smallint[], $3::bigint[]) as moved (source, shard, seq)
                  where cursor.source = moved.source and cursor.shard = moved.shard"
            ),
            begin_cursors: format!(
                "insert into {schema}.cursor (source, shard, seq)
                 select * from unnest($1::text[], $2::smallint[], $3::bigint[])"
            ),
        }
    }

    /// Locks the heads of some shards, always in the order of their numbers.
    pub(crate) async fn lock(
        &self,
        connection: &mut PgConnection,
        shards: &BTreeSet<Shard>,
    ) -> Result<(), sqlx::Error> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.get()).collect();
        let lock = sqlx::query(AssertSqlSafe(self.lock.as_str())).bind(shards);
        lock.execute(connection).await.map(|_| ())
    }

    /// Looks where everything stands that a batch concerns.
    pub(crate) async fn look(&self, connection: &mut PgConnection, question: &Question) -> Result<Seen, sqlx::Error> {
        let requests = &question.requests;
        let key = |name: &RequestName| request_key(name.program_id, name.member_id, &name.request_id);
        let sources: BTreeSet<&'static str> = question.cursors.iter().map(|(source, _)| *source).collect();
        let rows = sqlx::query(AssertSqlSafe(self.look.as_str()))
            .bind(question.shards.iter().map(|shard| shard.get()).collect::<Vec<_>>())
            .bind(question.programs.iter().map(|id| id.uuid()).collect::<Vec<_>>())
            .bind(sources.iter().copied().collect::<Vec<_>>())
            .bind(requests.iter().map(|name| name.shard.get()).collect::<Vec<_>>())
            .bind(requests.iter().map(key).collect::<Vec<_>>())
            .bind(requests.iter().map(|name| name.method).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        let mut seen = Seen::at(Timestamp::MIN);
        for row in &rows {
            match row.try_get::<i16, _>("kind")? {
                HEAD => {
                    let head = Head {
                        last_seq: row.try_get("seq")?,
                        last_recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>("at")?.to_jiff(),
                        writes: row.try_get("number")?,
                    };
                    seen.heads.insert(shard_of(row)?, head);
                    let now = row.try_get::<jiff_sqlx::Timestamp, _>("now")?.to_jiff();
                    seen.now = seen.now.max(time::to_micros(now));
                }
                PROGRAM => {
                    let program = program::read_as(row, "name", "at", "number")?;
                    seen.programs.insert(program.program_id, program);
                }
                CURSOR => {
                    let name: &str = row.try_get("name")?;
                    if let Some(source) = sources.iter().find(|source| **source == name) {
                        seen.cursors.insert((source, shard_of(row)?), row.try_get("seq")?);
                    }
                }
                _ => seen.remembered.push(read_remembered(row)?),
            }
        }
        if seen.heads.len() == question.shards.len() {
            Ok(seen)
        } else {
            Err(sqlx::Error::RowNotFound)
        }
    }

    /// Writes what a batch comes to, all of it or nothing: one statement, and where no transaction is open one transaction. It counts only if nobody
    /// has written to one of its shards since they were looked at. Returns the time by the database's clock.
    pub(crate) async fn write(
        &self,
        connection: &mut PgConnection,
        outcome: Outcome<'_>,
        locked: bool,
    ) -> Result<Timestamp, sqlx::Error> {
        let Outcome {
            rows,
            heads,
            cursors,
            programs,
            believed,
            latest,
            mut writes,
        } = outcome;
        for program in programs {
            writes.add(self.program.save(program));
        }
        for (was_begun, sql) in [(true, &self.move_cursors), (false, &self.begin_cursors)] {
            let moved = || cursors.iter().filter(move |(_, (_, begun))| *begun == was_begun);
            if moved().next().is_some() {
                let part = Part::new(sql.clone())
                    .column(moved().map(|((source, _), _)| *source))
                    .column(moved().map(|((_, shard), _)| shard.get()))
                    .column(moved().map(|(_, (seq, _))| *seq));
                writes.add(part);
            }
        }
        let mut arguments = PgArguments::default();
        let mut sql = self.write.clone();
        let bound = JournalSql::bind(&mut arguments, rows)
            .and_then(|()| bind_heads(&mut arguments, heads))
            .and_then(|()| bind_beliefs(&mut arguments, believed, latest))
            .and_then(|()| writes.append(&mut sql, &mut arguments));
        let conditions = bound.map_err(sqlx::Error::Encode)?;
        // A division by zero is how a statement says that it must not count.
        sql.push_str(&format!(
            "\nselect 1 / (count(*) = cardinality($13::smallint[]) and {}{conditions})::integer, clock_timestamp() as now from moved",
            self.as_believed
        ));
        let written = sqlx::query_with(AssertSqlSafe(sql), arguments)
            .fetch_one(connection)
            .await
            .map_err(|error| disturbed(error, locked))?;
        let now = written.try_get::<jiff_sqlx::Timestamp, _>("now")?.to_jiff();
        Ok(time::to_micros(now))
    }

    /// Fails when somebody has written to one of some shards since they were looked at.
    pub(crate) async fn check_unchanged(
        &self,
        connection: &mut PgConnection,
        heads: &BTreeMap<Shard, Head>,
    ) -> Result<(), sqlx::Error> {
        let unchanged: i64 = sqlx::query_scalar(AssertSqlSafe(self.unchanged.as_str()))
            .bind(heads.keys().map(|shard| shard.get()).collect::<Vec<_>>())
            .bind(heads.values().map(|head| head.writes).collect::<Vec<_>>())
            .fetch_one(connection)
            .await?;
        if unchanged == heads.len() as i64 {
            Ok(())
        } else {
            Err(not_certain())
        }
    }
}

/// What is said of a batch whose shards somebody else has written to meanwhile.
const DISTURBED: &str = "somebody else wrote to the same shards";

/// Returns what a batch fails with that is to be decided again, because what it was decided on is not certain.
pub(crate) fn not_certain() -> sqlx::Error {
    sqlx::Error::Protocol(DISTURBED.to_owned())
}

/// Tells whether a batch failed because somebody else wrote to its shards: it did not happen, and is to be decided again.
pub(crate) fn is_disturbed(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Protocol(text) if text == DISTURBED)
}

/// Reads what the database says when a statement must not count: that it divided by zero or, where the heads were not locked, that what it inserts is
/// there already.
fn disturbed(error: sqlx::Error, locked: bool) -> sqlx::Error {
    match error.as_database_error().and_then(|error| error.code()).as_deref() {
        Some("22012") => not_certain(),
        Some("23505") if !locked => not_certain(),
        _ => error,
    }
}

fn bind_heads(arguments: &mut PgArguments, heads: &BTreeMap<Shard, Head>) -> Result<(), sqlx::error::BoxDynError> {
    use sqlx::Arguments as _;
    arguments.add(heads.keys().map(|shard| shard.get()).collect::<Vec<_>>())?;
    arguments.add(heads.values().map(|head| head.last_seq).collect::<Vec<_>>())?;
    let instants = heads.values().map(|head| head.last_recorded_at.to_sqlx());
    arguments.add(instants.collect::<Vec<_>>())?;
    arguments.add(heads.values().map(|head| head.writes).collect::<Vec<_>>())
}

fn bind_beliefs(
    arguments: &mut PgArguments,
    believed: &[Program],
    latest: Option<Timestamp>,
) -> Result<(), sqlx::error::BoxDynError> {
    use sqlx::Arguments as _;
    arguments.add(
        believed
            .iter()
            .map(|program| program.program_id.uuid())
            .collect::<Vec<_>>(),
    )?;
    let clocks = believed
        .iter()
        .map(|program| program.clock_at.map(|at| time::to_micros(at).to_sqlx()));
    arguments.add(clocks.collect::<Vec<_>>())?;
    let versions = believed.iter().map(|program| program.config_version);
    arguments.add(versions.collect::<Vec<_>>())?;
    arguments.add(latest.map(|at| time::to_micros(at).to_sqlx()))
}

fn shard_of(row: &sqlx::postgres::PgRow) -> Result<Shard, sqlx::Error> {
    let number: i16 = row.try_get("shard")?;
    Shard::new(number).ok_or_else(|| sqlx::Error::Decode(format!("no shard {number}").into()))
}

/// Reads a row of the journal that remembers a request.
fn read_remembered(row: &sqlx::postgres::PgRow) -> Result<JournalRow, sqlx::Error> {
    let method: i64 = row.try_get("number")?;
    let request = RequestRecord {
        request_id: row.try_get("name")?,
        method: method as i16,
        fingerprint: Fingerprint::from_bytes(row.try_get("fingerprint")?),
        answer: row.try_get::<Vec<u8>, _>("answer")?.into(),
    };
    Ok(JournalRow {
        shard: shard_of(row)?,
        seq: row.try_get("seq")?,
        program_id: row.try_get("program_id")?,
        member_id: row.try_get("member_id")?,
        request: Some(request),
        occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("at")?.to_jiff(),
        recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>("now")?.to_jiff(),
        event: row.try_get::<Vec<u8>, _>("event")?.into(),
    })
}
