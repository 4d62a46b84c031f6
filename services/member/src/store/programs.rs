//! `member.program`: the programs, which the other services learn of from the feed.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    auth::ProgramScope,
    db::Db,
    ids::ProgramId,
    time,
    writer::{Part, Writes},
    zone::Zone,
};
use jiff_sqlx::{Timestamp, ToSqlx as _};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Table;
use crate::domain::{LeapDay, Program, ProgramClock, Revision};

struct Row {
    program_id: Uuid,
    zone: String,
    currency_code: String,
    clock_at: Option<Timestamp>,
    name: String,
    leap_day: String,
    revision: i64,
}

/// Finds the caller's program.
pub async fn find_program(db: &Db, scope: ProgramScope) -> Result<Option<Program>, sqlx::Error> {
    db.run(move |pool| async move {
        let row = sqlx::query_as!(
            Row,
            "select program_id, zone, currency_code, clock_at, name, leap_day, revision from member.program where program_id = $1",
            scope.id().uuid(),
        );
        row.fetch_optional(&pool).await?.map(read).transpose()
    })
    .await
}

/// Loads some programs.
pub async fn load_programs(
    tx: &mut PgConnection,
    program_ids: &BTreeSet<ProgramId>,
) -> Result<Table<ProgramId, Program>, sqlx::Error> {
    if program_ids.is_empty() {
        return Ok(Table::loaded(BTreeMap::new()));
    }
    let program_ids: Vec<Uuid> = program_ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select program_id, zone, currency_code, clock_at, name, leap_day, revision from member.program where program_id = any($1)",
        &program_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let rows = rows.into_iter().map(|row| Ok((row.program_id.into(), read(row)?)));
    rows.collect::<Result<_, sqlx::Error>>().map(Table::loaded)
}

/// Saves the programs that are new or changed.
pub fn save_programs(programs: &Table<ProgramId, Program>, writes: &mut Writes) {
    for (program_id, program) in programs.changed() {
        let clock_at = match program.clock {
            ProgramClock::Live => None,
            ProgramClock::Sandbox { clock_at } => Some(time::to_micros(clock_at).to_sqlx()),
        };
        let part = Part::new(
            "insert into member.program (program_id, zone, currency_code, clock_at, name, leap_day, revision)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (program_id) do update
             set clock_at = excluded.clock_at, name = excluded.name, revision = excluded.revision",
        );
        writes.add(
            part.bind(program_id.uuid())
                .bind(program.zone.name().to_owned())
                .bind(program.currency_code.clone())
                .bind(clock_at)
                .bind(program.name.clone())
                .bind(stored_leap_day(program.leap_day).to_owned())
                .bind(program.revision.get()),
        );
    }
}

fn read(row: Row) -> Result<Program, sqlx::Error> {
    let (zone, revision) = (Zone::find(&row.zone), Revision::new(row.revision));
    let leap_days = [LeapDay::Feb28, LeapDay::Mar1];
    let leap_day = leap_days
        .into_iter()
        .find(|known| stored_leap_day(*known) == row.leap_day);
    let (Some(zone), Some(leap_day), Some(revision)) = (zone, leap_day, revision) else {
        return Err(sqlx::Error::Decode(
            format!("program {} is stored as no program can be", row.program_id).into(),
        ));
    };
    let clock = match row.clock_at {
        None => ProgramClock::Live,
        Some(clock_at) => ProgramClock::Sandbox {
            clock_at: clock_at.to_jiff(),
        },
    };
    Ok(Program {
        program_id: row.program_id.into(),
        name: row.name,
        zone,
        currency_code: row.currency_code,
        clock,
        leap_day,
        revision,
    })
}

fn stored_leap_day(leap_day: LeapDay) -> &'static str {
    match leap_day {
        LeapDay::Feb28 => "feb_28",
        LeapDay::Mar1 => "mar_1",
    }
}
