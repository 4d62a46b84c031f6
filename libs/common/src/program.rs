//! What every service knows of a program: its zone, its currency, and its clock.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use crate::{ids::ProgramId, time, writer::Part, zone::Zone};

/// A program as a service knows it.
#[derive(Clone, Debug)]
pub struct Program {
    /// The id.
    pub program_id: ProgramId,
    /// Where its days begin.
    pub zone: Zone,
    /// The currency it counts in.
    pub currency_code: String,
    /// Where its clock stands, when it is a sandbox; a live program goes by the clock of the database.
    pub clock_at: Option<Timestamp>,
    /// Counts the changes of this service's configuration for the program.
    pub config_version: i64,
}

impl Program {
    /// Returns the program's time, given the database's.
    pub fn now(&self, database_now: Timestamp) -> Timestamp {
        self.clock_at.unwrap_or(database_now)
    }
}

/// The statements on `<schema>.program`.
pub(crate) struct ProgramSql {
    select: String,
    select_all: String,
    upsert: String,
}

impl ProgramSql {
    pub(crate) fn new(schema: &str) -> ProgramSql {
        let columns = "program_id, zone, currency_code, clock_at, config_version";
        ProgramSql {
            select: format!("select {columns} from {schema}.program where program_id = any($1)"),
            select_all: format!("select {columns} from {schema}.program"),
            upsert: format!(
                "insert into {schema}.program (program_id, zone, currency_code, clock_at, config_version)
                 values ($1, $2, $3, $4, $5)
                 on conflict (program_id) do update
                 set clock_at = excluded.clock_at, config_version = excluded.config_version"
            ),
        }
    }

    /// Loads some programs as they stand in the transaction.
    pub(crate) async fn load(
        &self,
        connection: &mut PgConnection,
        programs: &[ProgramId],
    ) -> Result<HashMap<ProgramId, Program>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.select.as_str()))
            .bind(programs)
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| read(row).map(|program| (program.program_id, program)))
            .collect()
    }

    /// Loads every program.
    pub(crate) async fn load_all(&self, connection: &mut PgConnection) -> Result<Vec<Program>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.select_all.as_str()))
            .fetch_all(connection)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Stores a program that is new or whose clock or configuration moved.
    pub(crate) fn save(&self, program: &Program) -> Part {
        Part::new(self.upsert.clone())
            .bind(program.program_id)
            .bind(program.zone.name().to_owned())
            .bind(program.currency_code.clone())
            .bind(program.clock_at.map(|at| time::to_micros(at).to_sqlx()))
            .bind(program.config_version)
    }
}

fn read(row: &PgRow) -> Result<Program, sqlx::Error> {
    read_as(row, "zone", "clock_at", "config_version")
}

/// Reads a program of a row in which some columns have other names.
pub(crate) fn read_as(row: &PgRow, zone: &str, clock_at: &str, config_version: &str) -> Result<Program, sqlx::Error> {
    let zone: &str = row.try_get(zone)?;
    Ok(Program {
        program_id: row.try_get("program_id")?,
        zone: Zone::find(zone).ok_or_else(|| sqlx::Error::Decode(format!("unknown zone {zone}").into()))?,
        currency_code: row.try_get("currency_code")?,
        clock_at: row
            .try_get::<Option<jiff_sqlx::Timestamp>, _>(clock_at)?
            .map(jiff_sqlx::Timestamp::to_jiff),
        config_version: row.try_get(config_version)?,
    })
}
