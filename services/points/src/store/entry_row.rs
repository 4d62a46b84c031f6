//! A row of the journal, as far as entries are concerned.

use common::shard::Shard;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::points as pb;
use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use super::{kept::Kept, members::MemberKey, place::Place};
use crate::domain::{EntryDraft, Numbers, WalletCode};

/// A row.
pub(super) struct EntryRow {
    pub(super) shard: i16,
    pub(super) seq: i64,
    pub(super) program_id: Uuid,
    pub(super) member_id: Uuid,
    pub(super) request_id: Option<String>,
    pub(super) occurred_at: jiff_sqlx::Timestamp,
    pub(super) recorded_at: jiff_sqlx::Timestamp,
    pub(super) event: Vec<u8>,
}

impl EntryRow {
    /// Reads a member's rows before a place, the newest first.
    pub(super) async fn read_before(
        executor: impl PgExecutor<'_>,
        (program_id, member_id): MemberKey,
        before: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, sqlx::Error> {
        sqlx::query_as!(
            EntryRow,
            "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
              where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq < $4
              order by seq desc
              limit $5",
            Shard::of(program_id, member_id).get(),
            program_id.uuid(),
            member_id.uuid(),
            before,
            limit,
        )
        .fetch_all(executor)
        .await
    }

    /// Returns what was decided; nothing when the row is of another kind, or only remembers a request.
    pub(super) fn draft(&self) -> Result<Option<EntryDraft>, sqlx::Error> {
        self.read(|kept, place| kept.draft(place))
    }

    /// Returns the entry as it travels.
    pub(super) fn entry(&self) -> Result<Option<pb::Entry>, sqlx::Error> {
        self.read(Kept::into_entry)
    }

    /// Returns the entry as it travels and the numbers it gave, if it earned points in a wallet.
    pub(super) fn lot(&self, wallet: &WalletCode) -> Result<Option<(pb::Entry, Numbers)>, sqlx::Error> {
        let made = self.draft()?.filter(|draft| draft.wallet == *wallet);
        let Some(numbers) = made.and_then(|draft| draft.made()) else {
            return Ok(None);
        };
        Ok(self.entry()?.map(|entry| (entry, numbers)))
    }

    /// Returns the attempt to give or take points by hand that the row records, if it does.
    pub(super) fn attempt(&self) -> Result<Option<pb::AdjustmentAttempt>, sqlx::Error> {
        let kept = Kept::decode(self.event.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(kept.into_attempt(&self.place()?))
    }

    fn read<T>(&self, make: impl FnOnce(Kept, &Place<'_>) -> Option<T>) -> Result<Option<T>, sqlx::Error> {
        let kept = Kept::decode(self.event.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
        if self.event.is_empty() || !kept.is_entry() {
            return Ok(None);
        }
        make(kept, &self.place()?).map(Some).ok_or_else(|| self.nonsense())
    }

    fn place(&self) -> Result<Place<'_>, sqlx::Error> {
        Ok(Place {
            shard: Shard::new(self.shard).ok_or_else(|| self.nonsense())?,
            seq: self.seq,
            member_id: self.member_id.into(),
            request_id: self.request_id.as_deref(),
            occurred_at: self.occurred_at.to_jiff(),
            recorded_at: self.recorded_at.to_jiff(),
        })
    }

    fn nonsense(&self) -> sqlx::Error {
        sqlx::Error::Decode(format!("the entry at {}/{} makes no sense", self.shard, self.seq).into())
    }
}

/// Reads a member's rows after a place and up to another, of those that were recorded by a time, in their order.
pub(super) async fn read_between(
    pool: &PgPool,
    (program_id, member_id): MemberKey,
    (after, until): (i64, i64),
    recorded_until: Option<Timestamp>,
    limit: i64,
) -> Result<Vec<EntryRow>, sqlx::Error> {
    sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq > $4 and seq <= $5
            and ($6::timestamptz is null or recorded_at <= $6)
          order by seq
          limit $7",
        Shard::of(program_id, member_id).get(),
        program_id.uuid(),
        member_id.uuid(),
        after,
        until,
        recorded_until.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
        limit,
    )
    .fetch_all(pool)
    .await
}
