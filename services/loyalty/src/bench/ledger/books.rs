//! What the ledger acknowledged, to be held against what it holds.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sqlx::PgPool;
use uuid::Uuid;

/// Counts what was acknowledged in a program.
#[derive(Debug, Default)]
pub struct Books {
    requests: AtomicU64,
    points: AtomicI64,
}

impl Books {
    /// Adds requests that were acknowledged, and the points that they gave or, below zero, took.
    pub fn add(&self, requests: u64, points: i64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
        self.points.fetch_add(points, Ordering::Relaxed);
    }

    /// Returns how many requests were acknowledged.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Tells whether the ledger holds exactly that: as entries, and as points in accounts, none of them set aside. Nothing may be under way.
    pub async fn hold(&self, pool: &PgPool, program_id: Uuid) -> Result<bool, sqlx::Error> {
        let (requests, available, held): (i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from points.journal
                      where program_id = $1 and member_id <> '00000000-0000-0000-0000-000000000000' and request_id is not null),
                    coalesce(sum(available), 0)::bigint,
                    coalesce(sum(held), 0)::bigint
               from points.account where program_id = $1",
        )
        .bind(program_id)
        .fetch_one(pool)
        .await?;
        let holds = requests as u64 == self.requests() && available == self.points.load(Ordering::Relaxed) && held == 0;
        if !holds {
            eprintln!("acknowledged: {self:?}; recorded: {requests} requests, {available} points and {held} set aside");
        }
        Ok(holds)
    }
}
