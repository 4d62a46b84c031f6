//! Where a service's own feed stands, and its newest rows.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use proto::event::{Event, event::Payload};
use sqlx::{AssertSqlSafe, Row as _, error::BoxDynError};
use tokio::sync::watch;

use crate::{
    db::Db,
    ids::{MemberId, ProgramId},
    journal::{JournalRow, JournalSql},
    shard::{SHARDS, Shard},
    time,
};

/// How many rows of each shard are kept in memory.
const KEPT: usize = 128;
/// How often the heads are read, to learn what other replicas wrote.
const POLL: Duration = Duration::from_millis(100);

/// A service's own feed: the place where the writer announces what it committed.
pub struct Hub {
    db: Db,
    journal: JournalSql,
    heads: String,
    decode: fn(&JournalRow) -> Result<Payload, BoxDynError>,
    shards: Mutex<Vec<Newest>>,
    moved: watch::Sender<()>,
}

/// What was read of a feed.
pub(crate) struct Run {
    /// The events, in order within each shard.
    pub(crate) events: Vec<Event>,
    /// Up to where each shard was read that has anything more.
    pub(crate) reached: Vec<(Shard, i64)>,
}

/// What is known of a shard.
#[derive(Default)]
struct Newest {
    head: i64,
    rows: VecDeque<JournalRow>,
}

impl Newest {
    /// Tells whether everything after a place is among the rows.
    fn reaches_back_to(&self, after: i64) -> bool {
        let first = self.rows.front().is_some_and(|first| first.seq <= after + 1);
        first && self.rows.back().is_some_and(|last| last.seq == self.head)
    }
}

impl Hub {
    /// Makes the hub of a service's feed and keeps its heads current for as long as it is used.
    pub fn start(db: &Db, schema: &'static str, decode: fn(&JournalRow) -> Result<Payload, BoxDynError>) -> Arc<Hub> {
        let hub = Arc::new(Hub {
            db: db.clone(),
            journal: JournalSql::new(schema),
            heads: format!("select shard, last_seq from {schema}.shard"),
            decode,
            shards: Mutex::new((0..SHARDS).map(|_| Newest::default()).collect()),
            moved: watch::Sender::new(()),
        });
        let weak = Arc::downgrade(&hub);
        tokio::spawn(async move {
            while let Some(hub) = weak.upgrade() {
                if let Err(error) = hub.read_heads().await {
                    tracing::debug!(schema, %error, "the heads of the feed cannot be read");
                }
                drop(hub);
                tokio::time::sleep(POLL).await;
            }
        });
        hub
    }

    /// Announces rows that are committed, in order within each shard.
    pub(crate) fn publish(&self, rows: Vec<JournalRow>) {
        if rows.is_empty() {
            return;
        }
        {
            let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
            for mut row in rows {
                // The feed does not tell what was answered.
                if let Some(request) = &mut row.request {
                    request.answer = Bytes::new();
                }
                let newest = &mut shards[row.shard.index()];
                if newest.rows.back().is_some_and(|last| last.seq + 1 != row.seq) {
                    newest.rows.clear();
                }
                newest.head = newest.head.max(row.seq);
                newest.rows.push_back(row);
                if newest.rows.len() > KEPT {
                    newest.rows.pop_front();
                }
            }
        }
        self.moved.send_replace(());
    }

    /// Returns where each shard stands.
    pub fn heads(&self) -> Vec<i64> {
        self.shards
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|newest| newest.head)
            .collect()
    }

    /// Returns a signal that fires when the feed grew.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Tells whether something of a member may have been recorded after a place, and up to which place that is known. Not to be sure costs a read of the
    /// record; it is so where the newest rows do not reach back far enough.
    pub fn wrote_to(&self, shard: Shard, after: i64, (program_id, member_id): (ProgramId, MemberId)) -> (bool, i64) {
        let shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = &shards[shard.index()];
        if newest.head <= after {
            return (false, after);
        }
        let is_theirs =
            |row: &JournalRow| row.seq > after && (row.program_id, row.member_id) == (program_id, member_id);
        (
            !newest.reaches_back_to(after) || newest.rows.iter().any(is_theirs),
            newest.head,
        )
    }

    /// Reads the heads from the database.
    pub async fn read_heads(&self) -> Result<(), sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.heads.as_str()))
            .fetch_all(self.db.pool())
            .await?;
        let mut grew = false;
        {
            let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
            for row in rows {
                let (shard, last_seq): (i16, i64) = (row.try_get("shard")?, row.try_get("last_seq")?);
                if let Some(newest) = shards.get_mut(shard as usize)
                    && newest.head < last_seq
                {
                    newest.head = last_seq;
                    grew = true;
                }
            }
        }
        if grew {
            self.moved.send_replace(());
        }
        Ok(())
    }

    /// Reads what follows some cursors, in order within each shard, at most `limit` rows of each, from memory where it reaches back far enough. What is
    /// not wanted is passed over before anything is made of it.
    pub(crate) async fn read_after(
        &self,
        cursors: &[(Shard, i64)],
        limit: usize,
        wanted: fn(&JournalRow) -> bool,
    ) -> Result<Run, sqlx::Error> {
        let (mut rows, mut older, mut reached) = (Vec::new(), Vec::new(), Vec::new());
        {
            let shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
            for &(shard, after) in cursors {
                let newest = &shards[shard.index()];
                if newest.head <= after {
                    continue;
                }
                if newest.reaches_back_to(after) {
                    let later = || newest.rows.iter().filter(|row| row.seq > after).take(limit);
                    rows.extend(later().filter(|row| wanted(row)).cloned());
                    reached.extend(later().last().map(|row| (shard, row.seq)));
                } else {
                    older.push((shard, after));
                }
            }
        }
        if !older.is_empty() {
            let mut connection = self.db.pool().acquire().await?;
            let read = self.journal.read_after(&mut connection, &older, limit as i64).await?;
            let ends = read.chunk_by(|row, next| row.shard == next.shard);
            reached.extend(ends.filter_map(|rows| rows.last().map(|row| (row.shard, row.seq))));
            rows.extend(read.into_iter().filter(wanted));
        }
        let events = rows.iter().map(|row| self.event(row));
        Ok(Run {
            events: events.collect::<Result<_, _>>().map_err(sqlx::Error::Decode)?,
            reached,
        })
    }

    fn event(&self, row: &JournalRow) -> Result<Event, BoxDynError> {
        Ok(Event {
            shard: i32::from(row.shard.get()),
            seq: row.seq,
            program_id: row.program_id.to_string(),
            member_id: if row.member_id.is_nil() {
                String::new()
            } else {
                row.member_id.to_string()
            },
            occurred_at: Some(time::to_wire(row.occurred_at)),
            recorded_at: Some(time::to_wire(row.recorded_at)),
            request_id: row
                .request
                .as_ref()
                .map(|request| request.request_id.clone())
                .unwrap_or_default(),
            payload: if row.event.is_empty() {
                None
            } else {
                Some((self.decode)(row)?)
            },
        })
    }
}
