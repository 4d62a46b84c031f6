//! Programs for reads: what a service knows of a program, kept in memory for a moment.
//!
//! Decisions never look here: a batch reads its programs in its own transaction.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{
    auth::ProgramScope,
    db::Db,
    ids::ProgramId,
    program::{Program, ProgramSql},
    time,
};

/// For how long a program is believed to be as it was read. What this process itself learns is known at once.
const BELIEVED: Duration = Duration::from_millis(500);

/// The programs that a service knows. Cheap to clone.
#[derive(Clone)]
pub struct ProgramCache {
    db: Db,
    sql: Arc<ProgramSql>,
    known: Arc<RwLock<HashMap<ProgramId, (Program, Instant)>>>,
}

impl ProgramCache {
    /// Prepares to read the programs of a service's schema.
    pub fn new(db: &Db, schema: &str) -> ProgramCache {
        ProgramCache {
            db: db.clone(),
            sql: Arc::new(ProgramSql::new(schema)),
            known: Arc::default(),
        }
    }

    /// Returns the caller's program; nothing when it is not known here.
    pub async fn find(&self, scope: ProgramScope) -> Result<Option<Program>, sqlx::Error> {
        if let Some((program, read_at)) = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&scope.id())
            && read_at.elapsed() < BELIEVED
        {
            return Ok(Some(program.clone()));
        }
        let (sql, program_id) = (self.sql.clone(), scope.id());
        let read = self.db.run(move |pool| async move {
            let mut connection = pool.acquire().await?;
            sql.load(&mut connection, &[program_id]).await
        });
        let program = read.await?.remove(&program_id);
        if let Some(program) = &program {
            self.learn(program.clone());
        }
        Ok(program)
    }

    /// Returns every program, for workers.
    pub async fn all(&self) -> Result<Vec<Program>, sqlx::Error> {
        let sql = self.sql.clone();
        self.db
            .run(move |pool| async move {
                let mut connection = pool.acquire().await?;
                sql.load_all(&mut connection).await
            })
            .await
    }

    /// Keeps a program as a committed batch left it.
    pub(crate) fn learn(&self, program: Program) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(program.program_id, (program, Instant::now()));
    }
}

impl Program {
    /// Returns the program's time for a read: the sandbox's clock, or this process's own.
    pub fn now_for_reading(&self) -> Timestamp {
        time::to_micros(self.now(Timestamp::now()))
    }

    /// Returns the scope for a service's own work on records of this program that it read itself.
    pub fn scope_of_worker(&self) -> ProgramScope {
        ProgramScope::new(self.program_id)
    }
}
