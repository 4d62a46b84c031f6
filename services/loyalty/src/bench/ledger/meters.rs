//! What the database says that it did: bytes stored, bytes logged, flushes, updates in place.

use sqlx::PgPool;

/// Where the database's counters stand, or how far they moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meters {
    /// How large the tables and indexes of the ledger are.
    pub stored_bytes: f64,
    /// How much was logged.
    pub logged_bytes: f64,
    /// How often the log was flushed.
    pub flushes: f64,
    /// Updates of accounts.
    pub updates: f64,
    /// Those of them that touched no index.
    pub updates_in_place: f64,
}

impl Meters {
    /// Reads the counters.
    pub async fn read(pool: &PgPool) -> Result<Meters, sqlx::Error> {
        // The counters of a session are published at most once a second.
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        let (stored_bytes, logged_bytes, flushes, updates, updates_in_place) = sqlx::query_as(
            "select (select sum(pg_total_relation_size(oid)) from pg_class
                      where relnamespace = 'points'::regnamespace and relkind = 'r')::double precision,
                    (pg_current_wal_lsn() - '0/0'::pg_lsn)::double precision,
                    (select wal_sync from pg_stat_wal)::double precision,
                    n_tup_upd::double precision, n_tup_hot_upd::double precision
               from pg_stat_user_tables where schemaname = 'points' and relname = 'account'",
        )
        .fetch_one(pool)
        .await?;
        Ok(Meters {
            stored_bytes,
            logged_bytes,
            flushes,
            updates,
            updates_in_place,
        })
    }

    /// Adds what moved between two readings.
    pub fn add(&mut self, before: Meters, after: Meters) {
        self.stored_bytes += after.stored_bytes - before.stored_bytes;
        self.logged_bytes += after.logged_bytes - before.logged_bytes;
        self.flushes += after.flushes - before.flushes;
        self.updates += after.updates - before.updates;
        self.updates_in_place += after.updates_in_place - before.updates_in_place;
    }
}
