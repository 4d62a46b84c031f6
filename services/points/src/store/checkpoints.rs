//! `points.checkpoint`: what was signed, and whether what is there continues it.

use sqlx::PgConnection;

use crate::domain::evidence::{Checkpoint, Hash};

/// How many checkpoints are read at once.
const CHECKPOINTS: i64 = 1_000;

/// A checkpoint with its signature.
#[derive(Clone, Debug)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The signature, in URL-safe base64.
    pub signature: String,
}

/// What whoever seals knows of what was sealed: the database may tell something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSealed {
    /// The number of a checkpoint.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
}

impl LastSealed {
    /// Says it of a checkpoint.
    pub(super) fn of(checkpoint: &Checkpoint) -> LastSealed {
        LastSealed {
            number: checkpoint.number,
            hash: checkpoint.hash(),
        }
    }
}

/// Tells whether what is known to have been sealed is still there, and everything after it names what is before it.
pub(super) async fn continues(connection: &mut PgConnection, known: Option<LastSealed>) -> Result<bool, sqlx::Error> {
    let Some(known) = known else { return Ok(true) };
    let mut next = known.number;
    let mut before: Option<Hash> = None;
    loop {
        let checkpoints = list_checkpoints_from(connection, next, CHECKPOINTS).await?;
        for signed in &checkpoints {
            let checkpoint = &signed.checkpoint;
            let follows = match before {
                None => LastSealed::of(checkpoint) == known,
                Some(before) => checkpoint.number == next && checkpoint.previous == before,
            };
            if !follows {
                return Ok(false);
            }
            before = Some(checkpoint.hash());
            next = checkpoint.number + 1;
        }
        if (checkpoints.len() as i64) < CHECKPOINTS {
            return Ok(before.is_some());
        }
    }
}

/// Finds the last checkpoint.
pub(super) async fn find_last(connection: &mut PgConnection) -> Result<Option<SignedCheckpoint>, sqlx::Error> {
    Ok(list_checkpoints(connection, None, 1).await?.pop())
}

/// Lists checkpoints before one, the newest first.
pub async fn list_checkpoints(
    connection: &mut PgConnection,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<SignedCheckpoint>, sqlx::Error> {
    let rows = sqlx::query_as!(
        CheckpointRow,
        r#"select number, sealed_at as "sealed_at: jiff_sqlx::Timestamp", previous, root, signature from points.checkpoint
            where number < $1
            order by number desc
            limit $2"#,
        before.unwrap_or(i64::MAX),
        limit,
    );
    let rows = rows.fetch_all(connection).await?;
    rows.into_iter().map(CheckpointRow::read).collect()
}

/// Lists checkpoints from one on, in their order.
pub async fn list_checkpoints_from(
    connection: &mut PgConnection,
    first: i64,
    limit: i64,
) -> Result<Vec<SignedCheckpoint>, sqlx::Error> {
    let rows = sqlx::query_as!(
        CheckpointRow,
        r#"select number, sealed_at as "sealed_at: jiff_sqlx::Timestamp", previous, root, signature from points.checkpoint
            where number >= $1
            order by number
            limit $2"#,
        first,
        limit,
    );
    let rows = rows.fetch_all(connection).await?;
    rows.into_iter().map(CheckpointRow::read).collect()
}

struct CheckpointRow {
    number: i64,
    sealed_at: jiff_sqlx::Timestamp,
    previous: Vec<u8>,
    root: Vec<u8>,
    signature: String,
}

impl CheckpointRow {
    fn read(self) -> Result<SignedCheckpoint, sqlx::Error> {
        Ok(SignedCheckpoint {
            checkpoint: Checkpoint {
                number: self.number,
                sealed_at: self.sealed_at.to_jiff().as_microsecond(),
                previous: hash(&self.previous)?,
                root: hash(&self.root)?,
            },
            signature: self.signature,
        })
    }
}

/// Reads a hash that is stored.
pub(super) fn hash(bytes: &[u8]) -> Result<Hash, sqlx::Error> {
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a stored hash is not 32 bytes long".into()))
}
