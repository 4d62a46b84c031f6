//! `rewards.lottery`: the rules of each lottery, and what is left of its prizes. `rewards.lottery_seed`: what draws are computed from.

mod row;

use std::collections::{BTreeSet, HashMap};

use common::{
    auth::ProgramScope,
    db::Db,
    ids::LotteryId,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::rewards_catalog as pb;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{LotteryKey, nonsense};
use crate::domain::{Lottery, Seed};
use row::Row;

/// A lottery, and how its tickets and prizes stand.
#[derive(Clone, Debug)]
pub struct StoredLottery {
    pub lottery_id: LotteryId,
    pub revision: i32,
    pub lottery: Lottery,
    /// The rules as they travel.
    pub wire: pb::Lottery,
    pub commitment: Vec<u8>,
    pub tickets_sold: i64,
    pub tickets_drawn: i64,
    /// In the order of the prizes.
    pub prizes_left: Vec<i64>,
    pub revealed_at: Option<Timestamp>,
    /// How often it was written; 0 for one that is new.
    pub writes: i64,
}

/// Loads some lotteries. Members on all shards draw from one, so its row is locked like that of a stock.
pub async fn lock(
    tx: &mut PgConnection,
    keys: &BTreeSet<LotteryKey>,
) -> Result<HashMap<LotteryKey, StoredLottery>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let (programs, lotteries) = columns(keys);
    let rows = sqlx::query_as!(
        Row,
        "select program_id, lottery, lottery_id, revision, definition, commitment, tickets_sold, tickets_drawn, prizes_left,
                revealed_at, writes
           from rewards.lottery
          where (program_id, lottery) in (select * from unnest($1::uuid[], $2::text[]))
          order by program_id, lottery
            for update",
        &programs,
        &lotteries,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.key(), row.read()?))).collect()
}

/// Loads the seeds of some lotteries.
pub async fn load_seeds(
    tx: &mut PgConnection,
    keys: &BTreeSet<LotteryKey>,
) -> Result<HashMap<LotteryKey, Seed>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let (programs, lotteries) = columns(keys);
    let rows = sqlx::query!(
        "select program_id, lottery, seed from rewards.lottery_seed
          where (program_id, lottery) in (select * from unnest($1::uuid[], $2::text[]))",
        &programs,
        &lotteries,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let key = LotteryKey {
                program_id: row.program_id.into(),
                lottery: row.lottery,
            };
            Ok((key, read_seed(row.seed)?))
        })
        .collect()
}

/// Saves some lotteries, if they still are what they were when they were loaded.
pub fn save(lotteries: &[(&LotteryKey, &StoredLottery)], writes: &mut Writes) {
    for (key, stored) in lotteries {
        let part = match stored.writes {
            0 => Part::new(
                "insert into rewards.lottery (program_id, lottery, lottery_id, revision, definition, commitment, closes_at,
                                              tickets_sold, tickets_drawn, prizes_left, revealed_at, writes)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 + 1)
                 returning lottery",
            ),
            _ => Part::new(
                "update rewards.lottery
                    set lottery_id = $3, revision = $4, definition = $5, commitment = $6, closes_at = $7, tickets_sold = $8,
                        tickets_drawn = $9, prizes_left = $10, revealed_at = $11, writes = $12 + 1
                  where program_id = $1 and lottery = $2 and writes = $12
                 returning lottery",
            ),
        };
        let part = part
            .bind(key.program_id.uuid())
            .bind(key.lottery.clone())
            .bind(stored.lottery_id.uuid())
            .bind(stored.revision)
            .bind(stored.wire.encode_to_vec())
            .bind(stored.commitment.clone())
            .bind(stored.lottery.closes_at.to_sqlx())
            .bind(stored.tickets_sold)
            .bind(stored.tickets_drawn)
            .bind(stored.prizes_left.clone())
            .bind(stored.revealed_at.map(|at| at.to_sqlx()))
            .bind(stored.writes);
        writes.add(part.must_return(1));
    }
}

/// Saves the seeds of new lotteries.
pub fn save_seeds(seeds: &[(&LotteryKey, &Seed)], writes: &mut Writes) {
    for (key, seed) in seeds {
        let part = Part::new("insert into rewards.lottery_seed (program_id, lottery, seed) values ($1, $2, $3)");
        let part = part.bind(key.program_id.uuid()).bind(key.lottery.clone());
        writes.add(part.bind(seed.reveal().to_vec()));
    }
}

/// Finds a lottery of the program, with its seed if that is revealed.
pub async fn find(
    db: &Db,
    scope: ProgramScope,
    lottery: &str,
) -> Result<Option<(StoredLottery, Option<Seed>)>, sqlx::Error> {
    let (program_id, lottery) = (scope.id().uuid(), lottery.to_owned());
    let find = move |pool: PgPool| async move {
        let row = sqlx::query_as!(
            Row,
            "select program_id, lottery, lottery_id, revision, definition, commitment, tickets_sold, tickets_drawn, prizes_left,
                    revealed_at, writes
               from rewards.lottery
              where program_id = $1 and lottery = $2",
            program_id,
            lottery,
        );
        let Some(row) = row.fetch_optional(&pool).await? else {
            return Ok(None);
        };
        let key = row.key();
        let stored = row.read()?;
        let seed = match stored.revealed_at {
            Some(_) => load_seeds(&mut *pool.acquire().await?, &BTreeSet::from([key.clone()]))
                .await?
                .remove(&key),
            None => None,
        };
        Ok(Some((stored, seed)))
    };
    db.run(find).await
}

/// Lists the lotteries of the program by code, after one, each with its seed if that is revealed.
pub async fn list(
    db: &Db,
    scope: ProgramScope,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<(StoredLottery, Option<Seed>)>, sqlx::Error> {
    let program_id = scope.id().uuid();
    let list = move |pool: PgPool| async move {
        let rows = sqlx::query_as!(
            Row,
            "select program_id, lottery, lottery_id, revision, definition, commitment, tickets_sold, tickets_drawn, prizes_left,
                    revealed_at, writes
               from rewards.lottery
              where program_id = $1 and ($2::text is null or lottery > $2)
              order by lottery
              limit $3",
            program_id,
            after,
            limit,
        );
        let rows = rows.fetch_all(&pool).await?;
        let revealed = rows.iter().filter(|row| row.revealed_at.is_some()).map(Row::key);
        let mut seeds = load_seeds(&mut *pool.acquire().await?, &revealed.collect()).await?;
        let read = rows.into_iter().map(|row| {
            let key = row.key();
            Ok((row.read()?, seeds.remove(&key)))
        });
        read.collect()
    };
    db.run(list).await
}

fn read_seed(seed: Vec<u8>) -> Result<Seed, sqlx::Error> {
    Ok(Seed::new(seed.try_into().map_err(|_| nonsense("seed"))?))
}

fn columns(keys: &BTreeSet<LotteryKey>) -> (Vec<Uuid>, Vec<String>) {
    (
        keys.iter().map(|key| key.program_id.uuid()).collect(),
        keys.iter().map(|key| key.lottery.clone()).collect(),
    )
}
