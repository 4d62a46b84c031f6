//! Programs for reads: what a service knows of a program, kept in memory for a moment.
//!
//! Decisions never look here: a batch counts only if its programs are what it took them to be.

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

/// Programs, and when they were read.
type Known = HashMap<ProgramId, (Arc<Program>, Instant)>;

/// The programs that a service knows. Cheap to clone.
#[derive(Clone)]
pub struct ProgramCache {
    db: Db,
    sql: Arc<ProgramSql>,
    known: Arc<RwLock<Known>>,
    reading: Arc<tokio::sync::Mutex<()>>,
}

impl ProgramCache {
    /// Prepares to read the programs of a service's schema.
    pub fn new(db: &Db, schema: &str) -> ProgramCache {
        ProgramCache {
            db: db.clone(),
            sql: Arc::new(ProgramSql::new(schema)),
            known: Arc::default(),
            reading: Arc::default(),
        }
    }

    /// Returns the caller's program; nothing when it is not known here. However many ask at once, one of them reads it.
    pub async fn find(&self, scope: ProgramScope) -> Result<Option<Arc<Program>>, sqlx::Error> {
        if let Some(program) = self.believed(scope.id()) {
            return Ok(Some(program));
        }
        let _one_reads = self.reading.lock().await;
        if let Some(program) = self.believed(scope.id()) {
            return Ok(Some(program));
        }
        self.read(scope).await
    }

    /// Reads the caller's program, whatever is believed of it: for who has read what may be newer than that.
    pub async fn read(&self, scope: ProgramScope) -> Result<Option<Arc<Program>>, sqlx::Error> {
        let (sql, program_id) = (self.sql.clone(), scope.id());
        let read = self.db.run(move |pool| async move {
            let mut connection = pool.acquire().await?;
            sql.load(&mut connection, &[program_id]).await
        });
        let program = read.await?.remove(&program_id);
        Ok(program.map(|program| self.keep(program)))
    }

    fn believed(&self, program_id: ProgramId) -> Option<Arc<Program>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (program, read_at) = known.get(&program_id)?;
        (read_at.elapsed() < BELIEVED).then(|| program.clone())
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
        self.keep(program);
    }

    fn keep(&self, program: Program) -> Arc<Program> {
        let program = Arc::new(program);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(program.program_id, (program.clone(), Instant::now()));
        program
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
