//! The journal: one row is an event of the service's feed and, for the change a caller asked for, the record of the request.
//!
//! Rows of a shard are numbered 1, 2, 3, ... in the order of their commits, because a change counts only if nobody has written to the shard since it looked. There is no
//! outbox beside it and no table of keys: what happened, that it was published, and what was answered are one row and one fact.

use bytes::Bytes;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{
    Arguments as _, AssertSqlSafe, PgConnection, Row as _,
    error::BoxDynError,
    postgres::{PgArguments, PgRow},
};
use uuid::Uuid;

use crate::{
    fingerprint::Fingerprint,
    ids::{MemberId, ProgramId},
    shard::Shard,
};

/// A row of the journal.
#[derive(Clone, Debug)]
pub struct JournalRow {
    /// The shard.
    pub shard: Shard,
    /// The position on the shard.
    pub seq: i64,
    /// The program.
    pub program_id: ProgramId,
    /// The member; nil for what concerns the whole program.
    pub member_id: MemberId,
    /// The request that caused it; nothing when the service did it by itself.
    pub request: Option<RequestRecord>,
    /// When it happened in the business.
    pub occurred_at: Timestamp,
    /// When it was recorded; strictly increasing on a shard from one decision to the next. Rows of one decision share it.
    pub recorded_at: Timestamp,
    /// The event, as the service keeps it; empty when the request changed nothing.
    pub event: Bytes,
}

/// What is remembered of a request, for ever.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// Its id.
    pub request_id: String,
    /// Which of the service's methods it asked for: one id may be used once with each.
    pub method: i16,
    /// What it said.
    pub fingerprint: Fingerprint,
    /// What was answered, as the service keeps it.
    pub answer: Bytes,
}

/// What a request id is remembered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestName {
    /// The shard of the member.
    pub shard: Shard,
    /// The program.
    pub program_id: ProgramId,
    /// The member; nil for requests that concern the whole program.
    pub member_id: MemberId,
    /// The method.
    pub method: i16,
    /// The id.
    pub request_id: String,
}

/// How much of a request's key is its member's.
const MEMBER_BYTES: usize = 4;

/// Returns the key under which a request is found, whatever method it asked for: a cryptographic hash of few bytes, so that the index is small and
/// nobody can make two requests meet. It begins with the member, whose requests then lie together in the index. It is for ever: another key would
/// forget every request.
pub fn request_key(program_id: ProgramId, member_id: MemberId, request_id: &str) -> Uuid {
    let mut hash = blake3::Hasher::new();
    hash.update(program_id.uuid().as_bytes());
    hash.update(member_id.uuid().as_bytes());
    let of_member = hash.finalize();
    hash.update(request_id.as_bytes());
    let of_request = hash.finalize();
    let mut key = [0; 16];
    key[..MEMBER_BYTES].copy_from_slice(&of_member.as_bytes()[..MEMBER_BYTES]);
    key[MEMBER_BYTES..].copy_from_slice(&of_request.as_bytes()[..16 - MEMBER_BYTES]);
    Uuid::from_bytes(key)
}

impl JournalRow {
    /// Returns what the request is remembered by, on the row that remembers it.
    pub fn request_name(&self) -> Option<RequestName> {
        let request = self.request.as_ref()?;
        Some(RequestName {
            shard: self.shard,
            program_id: self.program_id,
            member_id: self.member_id,
            method: request.method,
            request_id: request.request_id.clone(),
        })
    }
}

/// Makes the id of what a journal row records: a UUIDv7 whose random bits carry the row's shard and position, so that the row is found
/// by its primary key. Twenty-four bits stay random, so that ids cannot be counted through.
pub fn journal_id(at: Timestamp, shard: Shard, seq: i64) -> Uuid {
    journal_id_with(at, shard, seq, rand::random())
}

/// Makes the same id again, from what was random in it.
pub fn journal_id_with(at: Timestamp, shard: Shard, seq: i64, noise: u32) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
    let noise = u64::from(noise);
    let place = (shard.get() as u64) << 44 | (seq as u64 & 0xfff_ffff_ffff);
    let high = millis << 16 | 0x7000 | (noise & 0xfff);
    let low = 0b10 << 62 | (noise >> 12 & 0xfff) << 50 | place;
    Uuid::from_u64_pair(high, low)
}

/// Reads what is random in an id made by [`journal_id`].
pub fn journal_noise(id: Uuid) -> u32 {
    let (high, low) = id.as_u64_pair();
    ((low >> 50 & 0xfff) << 12 | (high & 0xfff)) as u32
}

/// Reads from an id made by [`journal_id`] where its row is. Any other id gives some place, or none: the row there tells.
pub fn journal_place(id: Uuid) -> Option<(Shard, i64)> {
    let (_, low) = id.as_u64_pair();
    Some((Shard::new((low >> 44 & 0x3f) as i16)?, (low & 0xfff_ffff_ffff) as i64))
}

/// The statements on `<schema>.journal`.
pub(crate) struct JournalSql {
    insert: String,
    read_after: String,
}

impl JournalSql {
    pub(crate) fn new(schema: &str) -> JournalSql {
        let columns = "shard, seq, program_id, member_id, request_id, method, fingerprint, answer, occurred_at, recorded_at, event";
        JournalSql {
            insert: format!(
                "insert into {schema}.journal ({columns}, request_key)
                 select * from unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::smallint[], $7::bytea[],
                                      $8::bytea[], $9::timestamptz[], $10::timestamptz[], $11::bytea[], $12::uuid[])"
            ),
            read_after: format!(
                "select found.*
                   from unnest($1::smallint[], $2::bigint[]) as wanted (of_shard, of_seq)
                  cross join lateral (
                        select {columns} from {schema}.journal
                         where shard = of_shard and seq > of_seq
                         order by seq
                         limit $3) as found"
            ),
        }
    }

    /// Returns the statement that appends rows; its first twelve values are theirs.
    pub(crate) fn insert(&self) -> &str {
        &self.insert
    }

    /// Binds rows as those values.
    pub(crate) fn bind(arguments: &mut PgArguments, rows: &[JournalRow]) -> Result<(), BoxDynError> {
        let requests = || rows.iter().map(|row| row.request.as_ref());
        arguments.add(rows.iter().map(|row| row.shard.get()).collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.seq).collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.program_id.uuid()).collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.member_id.uuid()).collect::<Vec<_>>())?;
        let ids = requests().map(|request| request.map(|request| request.request_id.as_str()));
        arguments.add(ids.collect::<Vec<_>>())?;
        arguments.add(
            requests()
                .map(|request| request.map(|request| request.method))
                .collect::<Vec<_>>(),
        )?;
        let fingerprints = requests().map(|request| request.map(|request| request.fingerprint.as_bytes()));
        arguments.add(fingerprints.collect::<Vec<_>>())?;
        let answers = requests().map(|request| request.map(|request| request.answer.as_ref()));
        arguments.add(answers.collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.occurred_at.to_sqlx()).collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.recorded_at.to_sqlx()).collect::<Vec<_>>())?;
        arguments.add(rows.iter().map(|row| row.event.as_ref()).collect::<Vec<_>>())?;
        let key = |row: &JournalRow| {
            let request = row.request.as_ref()?;
            Some(request_key(row.program_id, row.member_id, &request.request_id))
        };
        arguments.add(rows.iter().map(key).collect::<Vec<_>>())
    }

    /// Reads what follows on each of some shards, in order within each, at most `limit` of each.
    pub(crate) async fn read_after(
        &self,
        connection: &mut PgConnection,
        after: &[(Shard, i64)],
        limit: i64,
    ) -> Result<Vec<JournalRow>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.read_after.as_str()))
            .bind(after.iter().map(|(shard, _)| shard.get()).collect::<Vec<_>>())
            .bind(after.iter().map(|(_, seq)| *seq).collect::<Vec<_>>())
            .bind(limit)
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_row).collect()
    }
}

/// Reads a row that a statement returned with the journal's columns under their names.
pub fn read_row(row: &PgRow) -> Result<JournalRow, sqlx::Error> {
    let number: i16 = row.try_get("shard")?;
    let request_id: Option<String> = row.try_get("request_id")?;
    let request = match request_id {
        None => None,
        Some(request_id) => Some(RequestRecord {
            request_id,
            method: row.try_get("method")?,
            fingerprint: Fingerprint::from_bytes(row.try_get("fingerprint")?),
            answer: Bytes::from(row.try_get::<Vec<u8>, _>("answer")?),
        }),
    };
    Ok(JournalRow {
        shard: Shard::new(number).ok_or_else(|| sqlx::Error::Decode(format!("no shard {number}").into()))?,
        seq: row.try_get("seq")?,
        program_id: row.try_get("program_id")?,
        member_id: row.try_get("member_id")?,
        request,
        occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("occurred_at")?.to_jiff(),
        recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>("recorded_at")?.to_jiff(),
        event: Bytes::from(row.try_get::<Vec<u8>, _>("event")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_request_never_changes() {
        let program_id = ProgramId::from(Uuid::from_u128(1));
        let key = |member, request_id| request_key(program_id, MemberId::from(Uuid::from_u128(member)), request_id);
        let (first, other, of_other_member) = (key(2, "order-1"), key(2, "order-2"), key(3, "order-1"));
        assert_eq!(first.to_string(), "47654d5c-7205-73d7-7b01-583c087ad154");
        assert_eq!(first.as_bytes()[..MEMBER_BYTES], other.as_bytes()[..MEMBER_BYTES]);
        assert_ne!(first, other);
        assert_ne!(
            first.as_bytes()[MEMBER_BYTES..],
            of_other_member.as_bytes()[MEMBER_BYTES..]
        );
    }

    #[test]
    fn an_id_of_the_journal_is_a_uuid_of_version_seven_that_knows_its_row() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (shard, seq) in [(0, 1), (63, 0xfff_ffff_ffff), (17, 123_456_789)] {
            let shard = Shard::new(shard).unwrap();
            let id = journal_id(at, shard, seq);
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            assert_eq!(journal_place(id), Some((shard, seq)));
            assert_eq!(journal_id_with(at, shard, seq, journal_noise(id)), id);
        }
    }
}
