//! The feeds, as a platform team reads them.

use futures::TryStreamExt as _;
use harness::{Program, refusal, suite};
use proto::event::{Cursor, Event, SubscribeRequest};
use tonic::Code;

async fn read(program: &Program, after: Vec<Cursor>) -> Vec<Event> {
    let request = SubscribeRequest {
        feed: "member".into(),
        after,
        until_now: true,
    };
    let stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let runs: Vec<_> = stream.map_ok(|run| run.events).try_collect().await.unwrap();
    runs.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_sees_its_own_events_and_no_others() {
    let (mine, theirs) = (suite().program().await, suite().program().await);
    let (member, _) = (mine.enrolled().await, theirs.enrolled().await);
    let events = read(&mine, Vec::new()).await;
    assert!(events.iter().all(|event| event.program_id == mine.program_id));
    assert_eq!(events.iter().filter(|event| event.member_id == member).count(), 1);
    assert_eq!(
        events.len(),
        2,
        "the program and the member were made, and nothing else happened"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_where_the_cursor_stands() {
    let program = suite().program().await;
    program.enrolled().await;
    let events = read(&program, Vec::new()).await;
    let shards: std::collections::BTreeMap<i32, i64> = events.iter().map(|event| (event.shard, event.seq)).collect();
    let cursors = shards.into_iter().map(|(shard, seq)| Cursor { shard, seq });
    assert_eq!(read(&program, cursors.collect()).await, Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_not_served_is_refused() {
    let program = suite().program().await;
    let request = SubscribeRequest {
        feed: "weather".into(),
        ..SubscribeRequest::default()
    };
    let refused = refusal(program.feeds().subscribe(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "FEED_UNKNOWN")
    );
    assert_eq!(refused.metadata["feed"], "weather");
}
