//! `member.program`. What every service knows of a program is saved by the writer; this is the rest.

use std::collections::{BTreeMap, BTreeSet};

use common::{auth::ProgramScope, db::Db, ids::ProgramId, zone::Zone};
use jiff_sqlx::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Table;
use crate::domain::{Program, ProgramClock, Revision};

struct Row {
    program_id: Uuid,
    zone: String,
    currency_code: String,
    clock_at: Option<Timestamp>,
    name: String,
    revision: i64,
}

/// Finds the caller's program.
pub async fn find_program(db: &Db, scope: ProgramScope) -> Result<Option<Program>, sqlx::Error> {
    db.run(move |pool| async move {
        let row = sqlx::query_as!(
            Row,
            "select program_id, zone, currency_code, clock_at, name, revision from member.program where program_id = $1",
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
        "select program_id, zone, currency_code, clock_at, name, revision from member.program where program_id = any($1)",
        &program_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let rows = rows.into_iter().map(|row| Ok((row.program_id.into(), read(row)?)));
    rows.collect::<Result<_, sqlx::Error>>().map(Table::loaded)
}

/// Saves what the writer has not saved of the programs that changed.
pub async fn save_programs(tx: &mut PgConnection, programs: &Table<ProgramId, Program>) -> Result<(), sqlx::Error> {
    if programs.is_unchanged() {
        return Ok(());
    }
    let program_ids: Vec<Uuid> = programs.changed().map(|(id, _)| id.uuid()).collect();
    let names: Vec<&str> = programs.changed().map(|(_, program)| program.name.as_str()).collect();
    let revisions: Vec<i64> = programs.changed().map(|(_, program)| program.revision.get()).collect();
    sqlx::query!(
        "update member.program
            set name = changed.name, revision = changed.revision
           from unnest($1::uuid[], $2::text[], $3::bigint[]) as changed (program_id, name, revision)
          where program.program_id = changed.program_id",
        &program_ids,
        &names as &[&str],
        &revisions,
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn read(row: Row) -> Result<Program, sqlx::Error> {
    let (zone, revision) = (Zone::find(&row.zone), Revision::new(row.revision));
    let (Some(zone), Some(revision)) = (zone, revision) else {
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
        revision,
    })
}
