//! Which shards of a feed this replica takes in: each has its fair share, held by advisory locks that end with their session.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{Connection as _, PgConnection};

use crate::{
    db::Db,
    shard::{SHARDS, Shard},
};

/// How often the shares are looked at again.
pub(crate) const BALANCE_EVERY: Duration = Duration::from_secs(1);
/// The lock that every replica shares, beyond the numbers of the shards: counting its holders counts the replicas.
const PRESENCE: i32 = SHARDS as i32;

/// The shards that this replica may take in.
pub(crate) struct Share {
    db: Db,
    class: i32,
    session: Option<PgConnection>,
    held: BTreeSet<Shard>,
}

impl Share {
    /// Prepares to share what `name` stands for with the other replicas.
    pub(crate) fn of(db: &Db, name: &str) -> Share {
        let class = xxhash_rust::xxh3::xxh3_64(name.as_bytes()) as i32;
        Share {
            db: db.clone(),
            class,
            session: None,
            held: BTreeSet::new(),
        }
    }

    /// Returns the shards held.
    pub(crate) fn held(&self) -> &BTreeSet<Shard> {
        &self.held
    }

    /// Takes free shards up to the fair share and gives back what is above it; tells whether anything changed. When the session
    /// is lost, so are its locks.
    pub(crate) async fn balance(&mut self) -> Result<bool, sqlx::Error> {
        let before = self.held.clone();
        let session = match self.session.take() {
            Some(session) => session,
            None => {
                self.held.clear();
                self.join().await?
            }
        };
        match self.settle(session).await {
            Ok(session) => {
                self.session = Some(session);
                Ok(self.held != before)
            }
            Err(error) => {
                self.held.clear();
                Err(error)
            }
        }
    }

    async fn join(&self) -> Result<PgConnection, sqlx::Error> {
        let mut session = PgConnection::connect_with(&self.db.options()).await?;
        sqlx::query("select pg_advisory_lock_shared($1, $2)")
            .bind(self.class)
            .bind(PRESENCE)
            .execute(&mut session)
            .await?;
        Ok(session)
    }

    async fn settle(&mut self, mut session: PgConnection) -> Result<PgConnection, sqlx::Error> {
        let replicas: i64 = sqlx::query_scalar(
            "select count(*) from pg_locks
              where locktype = 'advisory' and classid::bigint = $1 and objid = $2 and objsubid = 2
                and database = (select oid from pg_database where datname = current_database())",
        )
        .bind(i64::from(self.class as u32))
        .bind(PRESENCE)
        .fetch_one(&mut session)
        .await?;
        let fair = (SHARDS as usize).div_ceil(replicas.max(1) as usize);

        while self.held.len() > fair {
            let Some(shard) = self.held.pop_last() else { break };
            sqlx::query("select pg_advisory_unlock($1, $2)")
                .bind(self.class)
                .bind(i32::from(shard.get()))
                .execute(&mut session)
                .await?;
        }
        let missing: Vec<i32> = Shard::all()
            .filter(|shard| !self.held.contains(shard))
            .map(|shard| i32::from(shard.get()))
            .collect();
        for shard in missing {
            if self.held.len() >= fair {
                break;
            }
            let taken: bool = sqlx::query_scalar("select pg_try_advisory_lock($1, $2)")
                .bind(self.class)
                .bind(shard)
                .fetch_one(&mut session)
                .await?;
            if taken {
                self.held.extend(Shard::new(shard as i16));
            }
        }
        Ok(session)
    }
}
