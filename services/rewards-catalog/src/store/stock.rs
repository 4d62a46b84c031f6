//! `rewards.stock`: how many of each reward are left.

use std::collections::{BTreeSet, HashMap};

use common::{auth::ProgramScope, db::Db};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{StockKey, nonsense};
use crate::domain::Stock;

/// Locks the stocks of some rewards and loads them. Members on all shards take from one stock: the row itself is the lock, and
/// the order is the same for everyone. Whoever locks heads does that before.
pub async fn lock(tx: &mut PgConnection, keys: &BTreeSet<StockKey>) -> Result<HashMap<StockKey, Stock>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let (programs, rewards) = columns(keys.iter());
    let rows = sqlx::query!(
        "select program_id, reward, stock from rewards.stock
          where (program_id, reward) in (select * from unnest($1::uuid[], $2::text[]))
          order by program_id, reward
            for update",
        &programs,
        &rewards,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| entry(row.program_id, row.reward, row.stock))
        .collect()
}

/// Saves the stocks of some rewards.
pub async fn save(tx: &mut PgConnection, stocks: &[(&StockKey, &Stock)]) -> Result<(), sqlx::Error> {
    if stocks.is_empty() {
        return Ok(());
    }
    let (programs, rewards) = columns(stocks.iter().map(|(key, _)| *key));
    let left: Vec<i64> = stocks.iter().map(|(_, stock)| stock.get()).collect();
    sqlx::query!(
        "insert into rewards.stock (program_id, reward, stock)
         select * from unnest($1::uuid[], $2::text[], $3::bigint[])
         on conflict (program_id, reward) do update set stock = excluded.stock",
        &programs,
        &rewards,
        &left,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lists the stocks of the program's rewards, by reward.
pub async fn list(db: &Db, scope: ProgramScope) -> Result<HashMap<String, Stock>, sqlx::Error> {
    let program_id = scope.id().uuid();
    let list = move |pool: PgPool| async move {
        sqlx::query!(
            "select reward, stock from rewards.stock where program_id = $1",
            program_id
        )
        .fetch_all(&pool)
        .await
    };
    let rows = db.run(list).await?;
    rows.into_iter()
        .map(|row| Ok((row.reward, Stock::new(row.stock).ok_or_else(|| nonsense("stock"))?)))
        .collect()
}

/// Finds the stock of a reward of the program.
pub async fn find(db: &Db, scope: ProgramScope, reward: &str) -> Result<Stock, sqlx::Error> {
    let (program_id, reward) = (scope.id().uuid(), reward.to_owned());
    let find = move |pool: PgPool| async move {
        sqlx::query_scalar!(
            "select stock from rewards.stock where program_id = $1 and reward = $2",
            program_id,
            reward
        )
        .fetch_optional(&pool)
        .await
    };
    db.run(find).await?.map_or(Ok(Stock::NONE), |stock| {
        Stock::new(stock).ok_or_else(|| nonsense("stock"))
    })
}

fn columns<'a>(keys: impl Iterator<Item = &'a StockKey> + Clone) -> (Vec<Uuid>, Vec<String>) {
    (
        keys.clone().map(|key| key.program_id.uuid()).collect(),
        keys.map(|key| key.reward.clone()).collect(),
    )
}

fn entry(program_id: Uuid, reward: String, stock: i64) -> Result<(StockKey, Stock), sqlx::Error> {
    let stock = Stock::new(stock).ok_or_else(|| nonsense("stock"))?;
    Ok((
        StockKey {
            program_id: program_id.into(),
            reward,
        },
        stock,
    ))
}
