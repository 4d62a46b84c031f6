//! `points.seal`: segments of the journal, under signed checkpoints.

use common::{
    auth::ProgramScope,
    ids::EntryId,
    journal::journal_place,
    shard::{SHARDS, Shard},
};
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{
    checkpoints::{LastSealed, SignedCheckpoint, continues, find_last, hash, list_checkpoints},
    entries::find_entry,
};
use crate::domain::evidence::{
    Checkpoint, Hash, Head, NOTHING, SealedRequest, SealedRow, Segment, head_leaves, root_of,
};

/// How many rows a segment has at most.
const ROWS: i64 = 2_000;
/// What the lock of whoever seals is called.
const LOCK: i64 = 0x6c6f_7961_6c74_7901;

/// How sealing went.
#[derive(Clone, Debug)]
pub enum Sealing {
    /// There is nothing to seal now, or another replica is at it. What is the last checkpoint, if there is one.
    Rested(Option<LastSealed>),
    /// A checkpoint was made, and there may be more to seal.
    Made(LastSealed),
    /// What is in the database does not continue what was sealed before.
    Forged,
}

/// Seals what was recorded since the last checkpoint, if anything was. Whoever owns the database may have taken checkpoints back, to have other rows
/// sealed in their place: nothing is signed that does not continue what is `known` to have been sealed.
pub async fn seal(
    pool: &PgPool,
    known: Option<LastSealed>,
    sign: impl Fn(&Hash) -> Result<String, sqlx::Error>,
) -> Result<Sealing, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let locked = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "locked!""#, LOCK);
    if !locked.fetch_one(&mut *tx).await? {
        return Ok(Sealing::Rested(known));
    }
    let last = find_last(&mut tx).await?;
    if !continues(&mut tx, known).await? {
        return Ok(Sealing::Forged);
    }
    let number = last.as_ref().map_or(1, |last| last.checkpoint.number + 1);
    let mut heads = heads_at(&mut tx, number).await?;
    let mut segments = Vec::new();
    for (shard, head) in Shard::all().zip(heads.iter_mut()) {
        let rows = read_rows(&mut tx, shard, head.last_seq, i64::MAX, ROWS).await?;
        let Some(segment) = segment_of(shard, head, &rows)? else {
            continue;
        };
        *head = segment.link(head);
        segments.push((segment, head.chain));
    }
    if segments.is_empty() {
        let last = last.map(|last| LastSealed::of(&last.checkpoint));
        return Ok(Sealing::Rested(last));
    }
    let checkpoint = Checkpoint {
        number,
        // The clock of whoever signs: that of the database says what its owner likes.
        sealed_at: jiff::Timestamp::now().as_microsecond(),
        previous: last.map_or(NOTHING, |last| last.checkpoint.hash()),
        root: root_of(&head_leaves(&heads)),
    };
    let signature = sign(&checkpoint.hash())?;
    save_segments(&mut tx, number, &segments).await?;
    sqlx::query!(
        "insert into points.checkpoint (number, sealed_at, previous, root, signature) values ($1, $2, $3, $4, $5)",
        number,
        jiff::Timestamp::from_microsecond(checkpoint.sealed_at)
            .unwrap_or_default()
            .to_sqlx() as jiff_sqlx::Timestamp,
        &checkpoint.previous[..],
        &checkpoint.root[..],
        signature,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    tracing::info!(
        number,
        hash = %blake3::Hash::from(checkpoint.hash()),
        signature,
        segments = segments.len(),
        "a checkpoint was signed: keep this line where the owner of the database cannot reach it"
    );
    Ok(Sealing::Made(LastSealed::of(&checkpoint)))
}

fn segment_of(shard: Shard, head: &Head, rows: &[SealedRow]) -> Result<Option<Segment>, sqlx::Error> {
    let Some((first, last)) = rows.first().zip(rows.last()) else {
        return Ok(None);
    };
    let dense = rows.iter().zip(head.last_seq + 1..).all(|(row, seq)| row.seq == seq);
    if !dense {
        let gap = format!("the journal of shard {shard} has a gap after {}", head.last_seq);
        return Err(sqlx::Error::Decode(gap.into()));
    }
    Ok(Some(Segment {
        shard: shard.get(),
        number: head.number + 1,
        first_seq: first.seq,
        last_seq: last.seq,
        root: root_of(&rows.iter().map(SealedRow::leaf).collect::<Vec<_>>()),
    }))
}

async fn save_segments(
    connection: &mut PgConnection,
    checkpoint: i64,
    segments: &[(Segment, Hash)],
) -> Result<(), sqlx::Error> {
    let of = |pick: fn(&Segment) -> i64| segments.iter().map(|(segment, _)| pick(segment)).collect::<Vec<_>>();
    sqlx::query!(
        "insert into points.seal (shard, number, first_seq, last_seq, root, chain, checkpoint)
         select *, $7::bigint from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])",
        &segments.iter().map(|(segment, _)| segment.shard).collect::<Vec<_>>(),
        &of(|segment| segment.number),
        &of(|segment| segment.first_seq),
        &of(|segment| segment.last_seq),
        &segments.iter().map(|(segment, _)| segment.root.to_vec()).collect::<Vec<_>>(),
        &segments.iter().map(|(_, chain)| chain.to_vec()).collect::<Vec<_>>(),
        checkpoint,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns where every shard's chain stood at a checkpoint, in order.
async fn heads_at(connection: &mut PgConnection, checkpoint: i64) -> Result<Vec<Head>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select sealed.shard as "shard!", sealed.number as "number!", sealed.last_seq as "last_seq!", sealed.chain as "chain!"
             from generate_series(0::smallint, $1::smallint - 1) as wanted (of_shard)
            cross join lateral (
                  select shard, number, last_seq, chain from points.seal
                   where shard = of_shard and checkpoint <= $2
                   order by checkpoint desc
                   limit 1) as sealed"#,
        SHARDS,
        checkpoint,
    )
    .fetch_all(connection)
    .await?;
    let mut heads = vec![Head::default(); SHARDS as usize];
    for row in rows {
        heads[row.shard as usize] = Head {
            number: row.number,
            last_seq: row.last_seq,
            chain: hash(&row.chain)?,
        };
    }
    Ok(heads)
}

/// A segment, and the chain before it.
#[derive(Clone, Debug)]
pub struct SealedSegment {
    /// The segment.
    pub segment: Segment,
    /// The head of the chain before it.
    pub before: Head,
}

/// Lists the segments of a checkpoint, by shard.
pub async fn list_segments(connection: &mut PgConnection, checkpoint: i64) -> Result<Vec<SealedSegment>, sqlx::Error> {
    let rows = sqlx::query!(
        "select sealed.shard, sealed.number, sealed.first_seq, sealed.last_seq, sealed.root, before.chain as \"before?\"
           from points.seal as sealed
           left join points.seal as before on before.shard = sealed.shard and before.number = sealed.number - 1
          where sealed.checkpoint = $1
          order by sealed.shard, sealed.number",
        checkpoint,
    )
    .fetch_all(connection)
    .await?;
    let segments = rows.into_iter().map(|row| {
        Ok(SealedSegment {
            before: Head {
                number: row.number - 1,
                last_seq: row.first_seq - 1,
                chain: row.before.map_or(Ok(NOTHING), |chain| hash(&chain))?,
            },
            segment: Segment {
                shard: row.shard,
                number: row.number,
                first_seq: row.first_seq,
                last_seq: row.last_seq,
                root: hash(&row.root)?,
            },
        })
    });
    segments.collect()
}

/// An entry under a signature.
#[derive(Clone, Debug)]
pub struct Inclusion {
    /// The segment that it lies in.
    pub sealed: SealedSegment,
    /// The rows of the segment.
    pub rows: Vec<SealedRow>,
    /// Which of them it is.
    pub index: usize,
    /// Where all chains ended at the checkpoint.
    pub heads: Vec<Head>,
    /// The checkpoint.
    pub signed: SignedCheckpoint,
}

/// What was found of an entry.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is under a signature.
    Sealed(Box<Inclusion>),
    /// It is not, yet.
    NotSealed,
    /// There is no such entry.
    Nothing,
}

/// Finds an entry of the program with what proves that it was recorded.
pub async fn find_inclusion(pool: &PgPool, scope: ProgramScope, entry_id: EntryId) -> Result<Found, sqlx::Error> {
    let known = find_entry(pool, scope, entry_id).await?;
    let Some((shard, seq)) = journal_place(entry_id.uuid()).filter(|_| known.is_some()) else {
        return Ok(Found::Nothing);
    };
    let connection = &mut *pool.acquire().await?;
    let checkpoint = sqlx::query_scalar!(
        "select checkpoint from points.seal where shard = $1 and last_seq >= $2 order by last_seq limit 1",
        shard.get(),
        seq,
    );
    let Some(checkpoint) = checkpoint.fetch_optional(&mut *connection).await? else {
        return Ok(Found::NotSealed);
    };
    let segments = list_segments(connection, checkpoint).await?;
    let signed = list_checkpoints(connection, Some(checkpoint + 1), 1).await?.pop();
    let of_entry = |sealed: &SealedSegment| sealed.segment.shard == shard.get();
    let Some((sealed, signed)) = segments.into_iter().find(of_entry).zip(signed) else {
        return Ok(Found::NotSealed);
    };
    Ok(Found::Sealed(Box::new(Inclusion {
        rows: read_segment(connection, &sealed).await?,
        index: (seq - sealed.segment.first_seq) as usize,
        heads: heads_at(connection, checkpoint).await?,
        sealed,
        signed,
    })))
}

/// Reads the rows of a segment.
pub async fn read_segment(
    connection: &mut PgConnection,
    sealed: &SealedSegment,
) -> Result<Vec<SealedRow>, sqlx::Error> {
    let Segment {
        shard,
        first_seq,
        last_seq,
        ..
    } = sealed.segment;
    let shard = Shard::new(shard).ok_or_else(|| sqlx::Error::Decode(format!("no shard {shard}").into()))?;
    read_rows(connection, shard, first_seq - 1, last_seq, i64::MAX).await
}

/// Reads rows of a shard after a place, up to another, as they are stored to the byte.
async fn read_rows(
    connection: &mut PgConnection,
    shard: Shard,
    after_seq: i64,
    last_seq: i64,
    limit: i64,
) -> Result<Vec<SealedRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select seq, program_id, member_id, request_key, request_id, method, fingerprint, answer, event,
                  occurred_at as "occurred_at: jiff_sqlx::Timestamp", recorded_at as "recorded_at: jiff_sqlx::Timestamp"
             from points.journal
            where shard = $1 and seq > $2 and seq <= $3
            order by seq
            limit $4"#,
        shard.get(),
        after_seq,
        last_seq,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(|row| SealedRow {
        shard: shard.get(),
        seq: row.seq,
        program_id: Uuid::into_bytes(row.program_id),
        member_id: Uuid::into_bytes(row.member_id),
        request_key: row.request_key.map(Uuid::into_bytes),
        request: row.request_id.map(|request_id| SealedRequest {
            request_id,
            method: row.method.unwrap_or_default(),
            fingerprint: row.fingerprint.unwrap_or_default(),
            answer: row.answer.unwrap_or_default(),
        }),
        occurred_at: row.occurred_at.to_jiff().as_microsecond(),
        recorded_at: row.recorded_at.to_jiff().as_microsecond(),
        event: row.event,
    });
    Ok(rows.collect())
}
