//! Redis loses everything in the middle of everything.

use std::time::Duration;

use crate::{
    process::{Process, purchases},
    reference::{CUSTOMERS, totals, undisturbed},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_flushed_again_and_again_changes_nothing() {
    let expected = undisturbed().await;
    let process = Process::start().await;
    let replay = process.replay();
    let replaying = tokio::spawn(async move { replay.run(&purchases(CUSTOMERS), |_| {}).await });
    let mut redis = process.redis().await;
    while !replaying.is_finished() {
        tokio::time::sleep(Duration::from_millis(200)).await;
        redis::cmd("flushdb")
            .exec_async(&mut redis)
            .await
            .expect("Redis can be flushed");
    }
    let tally = replaying
        .await
        .expect("the replay does not panic")
        .expect("the replay ends");
    assert_eq!(totals(&process, tally).await, expected);
}
