//! The mirror in Redis: whatever happens to it, no wrong balance is told for long, and nothing is decided from it.
//!
//! Each test has a suite of its own, because what it does to Redis would disturb others.

use std::time::{Duration, Instant};

use futures::TryStreamExt as _;
use harness::Suite;
use proto::points as pb;
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

use crate::support::{Ledger, publish, wallet};

/// Starts a suite that asks the mirror for every balance.
fn suite() -> Suite {
    Suite::start(&["--balance-memory-ms=0"])
}

async fn ledger_of(suite: &Suite) -> Ledger {
    let program = suite.program().await;
    publish(&program, wallet("points")).await;
    let member_id = program.enrolled().await;
    Ledger { program, member_id }
}

/// Returns the keys of balances.
async fn balance_keys(redis: &mut MultiplexedConnection, ledger: &Ledger) -> Vec<String> {
    redis.keys(format!("*:{}:points", ledger.member_id)).await.unwrap()
}

/// Waits until something holds, for as long as the mirror may need.
async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < Duration::from_secs(10), "not seen in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn mirrored(redis: &mut MultiplexedConnection, ledger: &Ledger) -> String {
    eventually("the balance is mirrored", async || {
        ledger.balance(None).await;
        !balance_keys(redis, ledger).await.is_empty()
    })
    .await;
    balance_keys(redis, ledger).await.remove(0)
}

async fn available(ledger: &Ledger) -> i64 {
    ledger.balance(None).await.amounts.unwrap().available
}

#[tokio::test]
async fn a_balance_is_mirrored_with_its_write() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    let key = mirrored(&mut redis, &ledger).await;
    let before: Vec<u8> = redis.get(&key).await.unwrap();
    ledger.earn(1, "r-2").await;
    let after: Vec<u8> = redis.get(&key).await.unwrap();
    assert_ne!(before, after, "the write is answered after the mirror knows");
    assert_eq!(available(&ledger).await, 101);
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_a_miss_and_is_replaced() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    let other = Ledger {
        member_id: ledger.program.enrolled().await,
        program: ledger.program.clone(),
    };
    other.earn(7, "r-1").await;
    let key = mirrored(&mut redis, &ledger).await;
    let of_another: Vec<u8> = {
        let theirs = mirrored(&mut redis, &other).await;
        redis.get(theirs).await.unwrap()
    };
    let huge_place = [&[0x7f; 8][..], b"nonsense"].concat();
    for poison in [b"".to_vec(), b"nonsense".to_vec(), huge_place, of_another] {
        let () = redis.set(&key, poison.clone()).await.unwrap();
        assert_eq!(available(&ledger).await, 100);
        eventually("the poison is replaced", async || {
            available(&ledger).await;
            let value: Vec<u8> = redis.get(&key).await.unwrap();
            value != poison
        })
        .await;
    }
    let () = redis.del(&key).await.unwrap();
    let () = redis.lpush(&key, "of another type").await.unwrap();
    assert_eq!(available(&ledger).await, 100);
}

#[tokio::test]
async fn a_redis_that_lost_everything_changes_no_answer_and_is_filled_again() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    mirrored(&mut redis, &ledger).await;
    let () = redis::cmd("flushdb").query_async(&mut redis).await.unwrap();
    assert_eq!(available(&ledger).await, 100);
    ledger.spend(40, "r-2").await;
    assert_eq!(available(&ledger).await, 60);
    mirrored(&mut redis, &ledger).await;
    assert_eq!(available(&ledger).await, 60);
}

#[tokio::test]
async fn a_redis_that_went_back_in_time_is_abandoned() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    mirrored(&mut redis, &ledger).await;
    let dump = dump(&mut redis).await;
    ledger.spend(100, "r-2").await;
    assert_eq!(available(&ledger).await, 0);
    restore(&mut redis, &dump).await;
    eventually("the old balance is gone", async || available(&ledger).await == 0).await;
    for _ in 0..20 {
        assert_eq!(available(&ledger).await, 0, "it does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_mirror_whose_standing_makes_no_sense_begins_anew() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-0").await;
    mirrored(&mut redis, &ledger).await;
    for (nonsense, times) in [(&b"nonsense"[..], 1), (b"", 2), (b"\xff\xfe", 3)] {
        let generations: Vec<String> = redis.keys("*:generation").await.unwrap();
        for generation in generations {
            redis.set::<_, _, ()>(generation, nonsense).await.unwrap();
        }
        ledger.earn(1, &format!("r-{times}")).await;
        eventually("the balance is mirrored under another generation", async || {
            let is_told = available(&ledger).await == 100 + times;
            is_told && balance_keys(&mut redis, &ledger).await.len() as i64 == 1 + times
        })
        .await;
    }
}

#[tokio::test]
async fn what_could_not_be_published_is_published_later() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    let key = mirrored(&mut redis, &ledger).await;
    let old: Vec<u8> = redis.get(&key).await.unwrap();
    // The mirror forgets the last write, as if it had never been told.
    let watermark = format!("{}:watermark", &key[..key.find('}').unwrap() + 1]);
    ledger.spend(100, "r-2").await;
    let at: i64 = redis.get(&watermark).await.unwrap();
    let () = redis.set(&key, old).await.unwrap();
    let () = redis.set(&watermark, at - 1).await.unwrap();
    eventually("the write is published again", async || available(&ledger).await == 0).await;
}

#[tokio::test]
async fn a_poison_that_looks_right_is_gone_after_the_mirror_is_rebuilt() {
    let suite = suite();
    let (ledger, mut redis) = (ledger_of(&suite).await, suite.redis().await);
    ledger.earn(100, "r-1").await;
    let key = mirrored(&mut redis, &ledger).await;
    let right: Vec<u8> = redis.get(&key).await.unwrap();
    let other = ledger.another().await;
    other.earn(7, "r-1").await;
    mirrored(&mut redis, &other).await;
    // What the account was, under a place that is far ahead.
    ledger.spend(70, "r-2").await;
    let poison = [&i64::MAX.to_be_bytes()[..], &right[8..]].concat();
    let () = redis.set(&key, poison).await.unwrap();
    assert_eq!(available(&ledger).await, 100, "the poison is believed");
    let request = pb::RebuildMirrorRequest::default();
    let progress = ledger.client().rebuild_mirror(request).await.unwrap().into_inner();
    let progress: Vec<_> = progress.try_collect().await.unwrap();
    assert_eq!(progress.last().unwrap().balances, 2);
    assert_eq!(available(&ledger).await, 30);
    let of_one = pb::RebuildMirrorRequest {
        member_id: ledger.member_id.clone(),
    };
    let progress = ledger.client().rebuild_mirror(of_one).await.unwrap().into_inner();
    let progress: Vec<_> = progress.try_collect().await.unwrap();
    assert_eq!(progress.last().unwrap().balances, 1);
    let nobody = pb::RebuildMirrorRequest {
        member_id: uuid::Uuid::now_v7().to_string(),
    };
    let refused = harness::refusal(ledger.client().rebuild_mirror(nobody).await);
    assert_eq!(refused.reason, "ACCOUNT_NOT_FOUND");
}

type Dump = Vec<(String, Vec<u8>)>;

async fn dump(redis: &mut MultiplexedConnection) -> Dump {
    let keys: Vec<String> = redis.keys("*").await.unwrap();
    let mut dump = Vec::new();
    for key in keys {
        let value: Vec<u8> = redis::cmd("dump").arg(&key).query_async(redis).await.unwrap();
        dump.push((key, value));
    }
    dump
}

async fn restore(redis: &mut MultiplexedConnection, dump: &Dump) {
    let mut pipeline = redis::pipe();
    pipeline.atomic().cmd("flushdb").ignore();
    for (key, value) in dump {
        pipeline
            .cmd("restore")
            .arg(key)
            .arg(0)
            .arg(value)
            .arg("replace")
            .ignore();
    }
    let () = pipeline.query_async(redis).await.unwrap();
}
