//! The smallest service: it adds to a number of each member, and never lets it fall below zero.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use clap::{Args as _, FromArgMatches as _};
use common::{
    config::DatabaseSettings,
    db::Db,
    feed::Hub,
    ids::{MemberId, ProgramId},
    program::Program,
    program_cache::ProgramCache,
    shard::Shard,
    writer::{Answer, Event, Key, Memory, Part, Stamp, Steps, Work, WriteError, Writer, Writes},
    zone::Zone,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::{
    event::event::Payload,
    points::{EarnPointsRequest, PointsEvent},
};
use sqlx::{PgConnection, Row as _};

use crate::servers;

const SCHEMA: &str = "
    create schema probe;
    create table probe.shard (shard smallint primary key, last_seq bigint not null default 0, last_recorded_at timestamptz not null default 'epoch',
        writes bigint not null default 0);
    insert into probe.shard (shard) select generate_series(0, 63);
    create table probe.journal (shard smallint not null, seq bigint not null, program_id uuid not null, member_id uuid not null,
        request_id text, method smallint, fingerprint bytea, answer bytea, occurred_at timestamptz not null, recorded_at timestamptz not null,
        event bytea not null, request_key uuid, primary key (shard, seq));
    create unique index on probe.journal (shard, request_key, method) where request_key is not null;
    create table probe.cursor (source text not null, shard smallint not null, seq bigint not null, primary key (source, shard));
    create table probe.program (program_id uuid primary key, zone text not null, currency_code text not null, clock_at timestamptz,
        config_version bigint not null default 0);
    create table probe.number (member_id uuid primary key, number bigint not null);";

/// The service's steps.
pub struct Add;

/// What a batch concerns.
#[derive(Default)]
pub struct Numbers {
    programs: HashMap<MemberId, ProgramId>,
    known: HashMap<MemberId, i64>,
    changed: BTreeMap<MemberId, i64>,
}

/// The number would fall below zero.
#[derive(Debug)]
pub struct BelowZero;

impl Steps for Add {
    type Command = i64;
    type State = Numbers;
    type Remembered = i64;
    type Refusal = BelowZero;

    const SCHEMA: &'static str = "probe";

    async fn load(
        &self,
        connection: &mut PgConnection,
        memory: &mut Memory<i64>,
        work: &Work<'_, i64>,
    ) -> Result<Numbers, sqlx::Error> {
        let called = work.calls.iter().map(|(key, _)| (key.program_id(), key.member_id()));
        let reported = work
            .events
            .iter()
            .filter_map(|event| Some((event.program_id.parse().ok()?, event.member_id.parse().ok()?)));
        let mut numbers = Numbers::default();
        let mut unknown = Vec::new();
        for (program, member) in called.chain(reported) {
            numbers.programs.insert(member, program);
            match memory.take(program, member) {
                Some(number) => drop(numbers.known.insert(member, number)),
                None => unknown.push(member.uuid()),
            }
        }
        let rows = sqlx::query("select member_id, number from probe.number where member_id = any($1)")
            .bind(unknown)
            .fetch_all(connection)
            .await?;
        for row in &rows {
            numbers.known.insert(row.try_get("member_id")?, row.try_get("number")?);
        }
        Ok(numbers)
    }

    fn decide(&self, state: &mut Numbers, command: &i64, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, BelowZero> {
        let number = state.number(stamp.member_id()) + command;
        if number < 0 {
            return Err(BelowZero);
        }
        state.set(stamp.member_id(), number);
        let seq = stamp.record(stamp.member_id(), stamp.now(), &PointsEvent::default());
        Ok(format!("{seq}:{number}").into_bytes())
    }

    fn take_in(&self, state: &mut Numbers, _event: &Event, stamp: &mut Stamp<'_>) {
        state.set(stamp.member_id(), state.number(stamp.member_id()) + 1);
    }

    fn persist(&self, state: &mut Numbers, writes: &mut Writes) {
        if state.changed.is_empty() {
            return;
        }
        let part = Part::new(
            "insert into probe.number select * from unnest($1::uuid[], $2::bigint[])
             on conflict (member_id) do update set number = excluded.number",
        );
        writes.add(
            part.column(state.changed.keys().map(|member| member.uuid()))
                .column(state.changed.values().copied()),
        );
    }

    fn remember(&self, state: &mut Numbers, memory: &mut Memory<i64>) {
        for (member, number) in &state.known {
            memory.keep(state.programs[member], *member, *number);
        }
    }

    async fn committed(&self, _state: Numbers) {}
}

impl Numbers {
    fn number(&self, member: MemberId) -> i64 {
        self.known.get(&member).copied().unwrap_or(0)
    }

    fn set(&mut self, member: MemberId, number: i64) {
        self.known.insert(member, number);
        self.changed.insert(member, number);
    }
}

impl Add {
    /// Makes an event of a feed about a member.
    pub fn event(probe: &Probe, member: MemberId, seq: i64) -> Event {
        let shard = Shard::of(probe.program.program_id, member);
        Event {
            shard: i32::from(shard.get()),
            seq,
            program_id: probe.program.program_id.to_string(),
            member_id: member.to_string(),
            ..Event::default()
        }
    }
}

/// The service, at work in a database of its own.
#[derive(Clone)]
pub struct Probe {
    db: Db,
    settings: DatabaseSettings,
    program: Program,
    writer: Writer<Add>,
}

impl Probe {
    /// Starts it.
    pub async fn start() -> Probe {
        Probe::start_with(&["--writers", "2"]).await
    }

    /// Starts it with some flags.
    pub async fn start_with(flags: &[&str]) -> Probe {
        let url = servers::empty_database().await;
        let command = DatabaseSettings::augment_args(clap::Command::new("probe"));
        let matches = command.get_matches_from([&["probe", "--database-url", &url], flags].concat());
        let settings = DatabaseSettings::from_arg_matches(&matches).unwrap();
        let db = Db::new(&settings, "probe").unwrap();
        sqlx::raw_sql(SCHEMA).execute(db.pool()).await.unwrap();
        let program = program();
        sqlx::query("insert into probe.program (program_id, zone, currency_code) values ($1, 'Etc/UTC', 'USD')")
            .bind(program.program_id)
            .execute(db.pool())
            .await
            .unwrap();
        let writer = writer(&db, &settings);
        Probe {
            db,
            settings,
            program,
            writer,
        }
    }

    /// Starts another replica on the same database.
    pub fn other_replica(&self) -> Probe {
        Probe {
            writer: writer(&self.db, &self.settings),
            ..self.clone()
        }
    }

    /// Returns the same service, called in a program that it does not know.
    pub fn in_unknown_program(&self) -> Probe {
        Probe {
            program: program(),
            ..self.clone()
        }
    }

    /// Makes a member.
    pub fn member(&self) -> MemberId {
        MemberId::new()
    }

    /// Adds to a member's number.
    pub async fn add(&self, member: MemberId, request_id: &str, points: i64) -> Result<Answer, WriteError<BelowZero>> {
        let request = EarnPointsRequest {
            points,
            ..EarnPointsRequest::default()
        };
        let key = Key::of_member(self.program.scope_of_worker(), member, 1, request_id, &request);
        self.writer.call(key, points).await
    }

    /// Hands an event over and tells whether it counts as taken in.
    pub async fn take_in(&self, event: Event) -> bool {
        self.writer
            .event("other", event)
            .await
            .await
            .is_ok_and(|answer| answer.is_ok())
    }

    /// Hands an event of a feed over of which not all is wanted.
    pub async fn take_in_after(&self, after: i64, event: Event) -> bool {
        let taken = self.writer.event_after("other", after, event).await;
        taken.await.is_ok_and(|answer| answer.is_ok())
    }

    /// Reads a member's number.
    pub async fn number(&self, member: MemberId) -> i64 {
        loop {
            // The pool may still hold connections that a test has ended.
            let number = sqlx::query_scalar("select number from probe.number where member_id = $1").bind(member);
            if let Ok(number) = number.fetch_optional(self.db.pool()).await {
                return number.unwrap_or(0);
            }
        }
    }

    /// Reads the journal's shards, places and times.
    pub async fn journal(&self) -> Vec<(i16, i64, Timestamp)> {
        let rows = sqlx::query("select shard, seq, recorded_at from probe.journal order by shard, seq")
            .fetch_all(self.db.pool())
            .await
            .unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get::<jiff_sqlx::Timestamp, _>(2).to_jiff()))
            .collect()
    }

    /// Moves the program's clock, as another replica does that takes in the event first.
    pub async fn set_clock(&self, at: Timestamp) {
        let set = sqlx::query("update probe.program set clock_at = $1").bind(at.to_sqlx());
        set.execute(self.db.pool()).await.unwrap();
    }

    /// Reads when what the journal holds happened, in the order in which it was recorded.
    pub async fn occurred(&self) -> Vec<Timestamp> {
        let rows = sqlx::query("select occurred_at from probe.journal order by recorded_at");
        let rows = rows.fetch_all(self.db.pool()).await.unwrap();
        rows.iter()
            .map(|row| row.get::<jiff_sqlx::Timestamp, _>(0).to_jiff())
            .collect()
    }

    /// Counts the shards on which each transaction appended to the journal.
    pub async fn shards_of_transactions(&self) -> Vec<i64> {
        let count = "select count(distinct shard) from probe.journal group by xmin::text";
        sqlx::query_scalar(count).fetch_all(self.db.pool()).await.unwrap()
    }

    /// Counts the sessions of this database that sit in a transaction and do nothing.
    pub async fn open_transactions(&self) -> i64 {
        let count = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
        sqlx::query_scalar(count).fetch_one(self.db.pool()).await.unwrap()
    }

    /// Ends every other session of this database, whatever it is doing.
    pub async fn terminate_backends(&self) {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        let _ = sqlx::query(end).fetch_all(self.db.pool()).await;
    }
}

fn program() -> Program {
    Program {
        program_id: ProgramId::new(),
        zone: Zone::find("Etc/UTC").unwrap(),
        currency_code: "USD".to_owned(),
        clock_at: None,
        config_version: 0,
    }
}

fn writer(db: &Db, settings: &DatabaseSettings) -> Writer<Add> {
    let hub = Hub::start(db, "probe", |row| {
        Ok(Payload::Points(PointsEvent::decode(row.event.clone())?))
    });
    let programs = ProgramCache::new(db, "probe");
    Writer::start(db, &hub, &programs, Arc::new(Add), settings)
}
