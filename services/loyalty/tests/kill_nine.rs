//! `kill -9` in the middle of everything.

use std::time::Duration;

use crate::{
    process::{Process, purchases},
    reference::{CUSTOMERS, totals, undisturbed},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_suite_that_is_killed_again_and_again_ends_with_the_same_totals() {
    let expected = undisturbed().await;
    let mut process = Process::start().await;
    let replay = process.replay();
    let replaying = tokio::spawn(async move { replay.run(&purchases(CUSTOMERS), |_| {}).await });
    let mut kills = 0;
    while !replaying.is_finished() && kills < 5 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        process.kill_and_restart().await;
        kills += 1;
    }
    let tally = replaying
        .await
        .expect("the replay does not panic")
        .expect("the replay ends");
    assert!(kills >= 2, "the replay was over before it could be disturbed");
    assert_eq!(totals(&process, tally).await, expected);
}
