//! What is done to Redis.

use std::{fs, time::Duration};

use anyhow::Result;
use common::ids::parse_uuid;
use prost::Message;
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use tokio::time::sleep;

use crate::{
    cluster::Cluster,
    load::{Stage, WALLET},
};

/// What a member is said to have whose mirrored balance is forged.
const FORTUNE: i64 = 1_000_000_000_000_000;
/// The keys of mirrored balances, and how many are poisoned at once.
pub const BALANCES: (&str, usize) = ("*:*:*:*:*", 6);
/// The keys of what the mirror needs to know of itself, three for each of 64 shards, and how many are poisoned at once.
pub const STANDINGS: (&str, usize) = ("{*}:[gwa]*", 48);

pub async fn flush(cluster: &Cluster) -> Result<()> {
    let mut redis = cluster.redis_connection().await?;
    Ok(redis::cmd("FLUSHALL").exec_async(&mut redis).await?)
}

pub async fn kill(cluster: &mut Cluster, a_while: Duration) -> Result<()> {
    cluster.redis.kill();
    sleep(a_while).await;
    let _ = fs::remove_file(cluster.redis_dump());
    tokio::task::block_in_place(|| Ok(cluster.redis.restart()?))
}

pub async fn pause(cluster: &Cluster, a_while: Duration) -> Result<()> {
    let mut redis = cluster.redis_connection().await?;
    let millis = u64::try_from(a_while.as_millis())?;
    let mut pause = redis::cmd("CLIENT");
    pause.arg("PAUSE").arg(millis);
    Ok(pause.exec_async(&mut redis).await?)
}

/// Lets Redis start with what it had some time ago.
pub async fn restore_old(cluster: &mut Cluster, a_while: Duration) -> Result<()> {
    let mut redis = cluster.redis_connection().await?;
    redis::cmd("SAVE").exec_async(&mut redis).await?;
    sleep(a_while).await;
    cluster.redis.kill();
    tokio::task::block_in_place(|| cluster.redis.restart())?;
    Ok(fs::remove_file(cluster.redis_dump())?)
}

/// Replaces some values: by nothing, by nonsense in bytes or in words, by another key's, or by another type, all in the same way.
pub async fn poison(cluster: &Cluster, (pattern, dose): (&str, usize), rng: &mut StdRng) -> Result<()> {
    let mut redis = cluster.redis_connection().await?;
    let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await?;
    let way = rng.random_range(0..5);
    for key in keys.sample(rng, dose) {
        match way {
            0 => redis.set::<_, _, ()>(key, "").await?,
            1 => redis.set::<_, _, ()>(key, rng.random::<[u8; 32]>().to_vec()).await?,
            2 => redis.set::<_, _, ()>(key, "nonsense").await?,
            3 => {
                let another = keys.choose(rng).expect("there are keys");
                let value: Vec<u8> = redis.getrange(another, 0, -1).await.unwrap_or_default();
                redis.set::<_, _, ()>(key, value).await?;
            }
            _ => {
                let mut list = redis::pipe();
                list.atomic().del(key).rpush(key, "nonsense");
                list.exec_async(&mut redis).await?;
            }
        }
    }
    Ok(())
}

/// Makes every mirrored balance of a stage a fortune, as new as any can be. Whoever decided on it would let it be spent.
pub async fn promise_fortunes(cluster: &Cluster, stage: &Stage) -> Result<()> {
    let mut redis = cluster.redis_connection().await?;
    for member_id in &stage.members {
        for key in balances(&mut redis, member_id).await? {
            let fortune = Forged {
                program_id: parse_uuid(&stage.program_id)?.as_bytes().to_vec(),
                member_id: parse_uuid(member_id)?.as_bytes().to_vec(),
                wallet: WALLET.to_owned(),
                parts: vec![ForgedPart { points: FORTUNE }],
            };
            let mut value = (1_i64 << 40).to_be_bytes().to_vec();
            fortune.encode(&mut value)?;
            redis::cmd("SET").arg(&key).arg(value).exec_async(&mut redis).await?;
        }
    }
    Ok(())
}

/// Lists the keys of mirrored balances that hold a text.
async fn balances(redis: &mut MultiplexedConnection, text: &str) -> Result<Vec<String>> {
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(format!("*:*:*{text}*:*"))
        .query_async(redis)
        .await?;
    Ok(keys.into_iter().filter(|key| key.ends_with(WALLET)).collect())
}

/// A mirrored balance, as the points service writes it.
#[derive(Clone, PartialEq, Message)]
struct Forged {
    #[prost(bytes = "vec", tag = "1")]
    program_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    member_id: Vec<u8>,
    #[prost(string, tag = "3")]
    wallet: String,
    #[prost(message, repeated, tag = "4")]
    parts: Vec<ForgedPart>,
}

#[derive(Clone, PartialEq, Message)]
struct ForgedPart {
    #[prost(int64, tag = "1")]
    points: i64,
}
