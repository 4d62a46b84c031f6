//! Entries in `points.journal`: each is the event of one row, found by its id, which knows the row's place.

use std::collections::HashMap;

use common::{
    auth::ProgramScope,
    ids::{EntryId, MemberId},
    journal::journal_place,
    shard::Shard,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use proto::points as pb;
use sqlx::{PgConnection, PgPool};

use super::{
    entry_row::EntryRow,
    members::{MemberKey, find_member},
};
use crate::domain::{EntryDraft, WalletCode};

/// How many rows are read to fill a page of one wallet's entries; when they do not, the page is short and the next goes on from there.
const ROWS_OF_A_PAGE: i64 = 5_000;
/// How many rows are read at once where it is not known how many are wanted.
const ROWS_AT_ONCE: i64 = 500;

/// An entry as the journal has it.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Whose it is.
    pub member: MemberKey,
    /// What was decided.
    pub draft: EntryDraft,
}

/// Finds entries by their ids, for decisions.
pub async fn find_entries(
    connection: &mut PgConnection,
    entry_ids: &[EntryId],
) -> Result<HashMap<EntryId, StoredEntry>, sqlx::Error> {
    let places: Vec<(Shard, i64)> = entry_ids.iter().filter_map(|id| journal_place(id.uuid())).collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select found.shard as "shard!", found.seq as "seq!", found.program_id as "program_id!", found.member_id as "member_id!",
                  found.request_id, found.occurred_at as "occurred_at!", found.recorded_at as "recorded_at!", found.event as "event!"
             from unnest($1::smallint[], $2::bigint[]) as asked (of_shard, of_seq)
            cross join lateral (
                  select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
                   where shard = of_shard and seq = of_seq
                   limit 1) as found"#,
        &places.iter().map(|(shard, _)| shard.get()).collect::<Vec<_>>(),
        &places.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(),
    )
    .fetch_all(connection)
    .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(draft) = row.draft()? {
            // Another id may point at the same place: only the id that the entry has is its own.
            found.insert(
                draft.entry_id,
                StoredEntry {
                    member: (row.program_id.into(), row.member_id.into()),
                    draft,
                },
            );
        }
    }
    Ok(found)
}

/// Lists a member's entries after a place, oldest first, of those that occurred in a stretch of time.
pub async fn list_later_entries(
    connection: &mut PgConnection,
    (program_id, member_id): MemberKey,
    after_seq: i64,
    occurred_from: Option<Timestamp>,
    occurred_until: Option<Timestamp>,
) -> Result<Vec<EntryDraft>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq > $4
            and ($5::timestamptz is null or occurred_at >= $5)
            and ($6::timestamptz is null or occurred_at <= $6)
          order by seq",
        Shard::of(program_id, member_id).get(),
        program_id.uuid(),
        member_id.uuid(),
        after_seq,
        occurred_from.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
        occurred_until.map(|at| at.to_sqlx()) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(connection)
    .await?;
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        drafts.extend(row.draft()?);
    }
    Ok(drafts)
}

/// Lists what is recorded of a member after a place, oldest first: the entry of each row that has one.
pub async fn list_recorded(
    pool: &PgPool,
    (program_id, member_id): MemberKey,
    after_seq: i64,
) -> Result<Vec<(i64, Option<pb::Entry>)>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq > $4
          order by seq
          limit $5",
        Shard::of(program_id, member_id).get(),
        program_id.uuid(),
        member_id.uuid(),
        after_seq,
        ROWS_AT_ONCE,
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((row.seq, row.entry()?))).collect()
}

/// A page of attempts to give or take points by hand: they, the newest first, and before which place the next page begins; nothing on the last.
pub type AttemptPage = (Vec<pb::AdjustmentAttempt>, Option<i64>);

/// Lists what was attempted by hand on a member before a place, the newest first; nothing when the program has no such member.
pub async fn list_attempts(
    pool: &PgPool,
    scope: ProgramScope,
    member_id: MemberId,
    before: Option<i64>,
    limit: i64,
) -> Result<Option<AttemptPage>, sqlx::Error> {
    if !find_member(pool, scope, member_id).await? {
        return Ok(None);
    }
    let (mut attempts, mut before, mut read) = (Vec::new(), before.unwrap_or(i64::MAX), 0);
    loop {
        let rows = EntryRow::read_before(pool, (scope.id(), member_id), before, ROWS_AT_ONCE).await?;
        let is_last = (rows.len() as i64) < ROWS_AT_ONCE;
        read += rows.len() as i64;
        for row in rows {
            if let Some(attempt) = row.attempt()? {
                if attempts.len() as i64 == limit {
                    return Ok(Some((attempts, Some(before))));
                }
                attempts.push(attempt);
            }
            before = row.seq;
        }
        if is_last {
            return Ok(Some((attempts, None)));
        }
        if read >= ROWS_OF_A_PAGE {
            return Ok(Some((attempts, Some(before))));
        }
    }
}

/// Finds an entry of the program.
pub async fn find_entry(
    pool: &PgPool,
    scope: ProgramScope,
    entry_id: EntryId,
) -> Result<Option<pb::Entry>, sqlx::Error> {
    let Some((shard, seq)) = journal_place(entry_id.uuid()) else {
        return Ok(None);
    };
    let row = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and seq = $2 and program_id = $3",
        shard.get(),
        seq,
        scope.id().uuid(),
    )
    .fetch_optional(pool)
    .await?;
    let entry = row.map(|row| row.entry()).transpose()?.flatten();
    Ok(entry.filter(|entry| entry.entry_id == entry_id.to_string()))
}

/// A page of entries.
pub struct EntryPage {
    /// The entries, the newest first.
    pub entries: Vec<pb::Entry>,
    /// Before which place the next page begins; nothing on the last.
    pub next_before: Option<i64>,
}

/// Lists a member's entries, the newest first; nothing when the program has no such member.
pub async fn list_entries(
    pool: &PgPool,
    scope: ProgramScope,
    member_id: MemberId,
    wallet: Option<&WalletCode>,
    before: Option<i64>,
    limit: i64,
) -> Result<Option<EntryPage>, sqlx::Error> {
    if !find_member(pool, scope, member_id).await? {
        return Ok(None);
    }
    let (mut entries, mut before, mut read) = (Vec::new(), before.unwrap_or(i64::MAX), 0);
    loop {
        let rows = EntryRow::read_before(pool, (scope.id(), member_id), before, limit + 1).await?;
        let is_last = (rows.len() as i64) <= limit;
        read += rows.len() as i64;
        for row in rows {
            if entries.len() as i64 == limit {
                return Ok(Some(EntryPage {
                    entries,
                    next_before: Some(before),
                }));
            }
            before = row.seq;
            let entry = row.entry()?;
            entries.extend(entry.filter(|entry| wallet.is_none_or(|wallet| wallet.as_str() == entry.wallet)));
        }
        if is_last {
            return Ok(Some(EntryPage {
                entries,
                next_before: None,
            }));
        }
        if read >= ROWS_OF_A_PAGE {
            return Ok(Some(EntryPage {
                entries,
                next_before: Some(before),
            }));
        }
    }
}
