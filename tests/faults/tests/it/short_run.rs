use faults::Run;

use crate::{directory, product};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_stopped_cut_or_poisoned_what_was_answered_is_there_once() {
    let run = Run {
        seed: rand::random(),
        rounds: 2,
        faults: 9,
        only: Vec::new(),
        callers: 8,
        members: 4,
        until_found: true,
    };
    let report = run
        .go(&product(), &directory("short-run"), |line| eprintln!("{line}"))
        .await;
    let report = report.expect("the run gets to its end");
    assert!(
        report.checked.done > 0 && report.checked.reads > 0,
        "{}",
        report.table()
    );
    assert!(report.findings.is_empty(), "{}", report.table());
}
