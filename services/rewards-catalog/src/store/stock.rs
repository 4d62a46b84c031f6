//! `rewards.stock`: how many of each reward are left.

use std::collections::{BTreeSet, HashMap};

use common::{
    auth::ProgramScope,
    db::Db,
    writer::{Part, Writes},
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{StockKey, nonsense};
use crate::domain::Stock;

/// Loads the stocks of some rewards. Members on all shards take from one stock, so its row is locked, in the same order by everyone and after the
/// heads, where the batch is one transaction; where it is not, the stock is saved only if it is what it was.
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

/// A stock that changed.
pub struct ChangedStock<'a> {
    /// Whose it is.
    pub key: &'a StockKey,
    /// What it was when it was loaded; nothing when there was none.
    pub was: Option<Stock>,
    /// What it is now.
    pub is: Stock,
}

/// Saves the stocks that changed, if they still are what they were.
pub fn save(stocks: &[ChangedStock<'_>], writes: &mut Writes) {
    let of = |known: bool| stocks.iter().filter(move |stock| stock.was.is_some() == known);
    let (moved, new) = (of(true).count(), of(false).count());
    if moved > 0 {
        let (programs, rewards) = columns(of(true).map(|stock| stock.key));
        let part = Part::new(
            "update rewards.stock as stock
                set stock = moved.stock
               from (select program_id, reward from rewards.stock
                      where (program_id, reward) in (select * from unnest($1::uuid[], $2::text[]))
                      order by program_id, reward
                        for no key update) as held
               join unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) as moved (program_id, reward, was, stock)
                    using (program_id, reward)
              where stock.program_id = held.program_id and stock.reward = held.reward and stock.stock = moved.was
             returning stock.reward",
        );
        writes.add(
            part.bind(programs)
                .bind(rewards)
                .column(of(true).map(|stock| stock.was.map_or(0, Stock::get)))
                .column(of(true).map(|stock| stock.is.get()))
                .must_return(moved),
        );
    }
    if new > 0 {
        let (programs, rewards) = columns(of(false).map(|stock| stock.key));
        let part = Part::new(
            "insert into rewards.stock (program_id, reward, stock)
             select * from unnest($1::uuid[], $2::text[], $3::bigint[])",
        );
        writes.add(
            part.bind(programs)
                .bind(rewards)
                .column(of(false).map(|stock| stock.is.get())),
        );
    }
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
