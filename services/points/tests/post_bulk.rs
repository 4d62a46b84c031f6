use futures::{StreamExt as _, stream};
use proto::points::{self as pb, bulk_command::Command, bulk_result::Result as Outcome};
use tonic::{Code, Status};

use crate::support::Ledger;

fn earn(ledger: &Ledger, points: i64, request_id: &str) -> Command {
    Command::Earn(ledger.earn_request(points, request_id))
}

fn message(commands: impl IntoIterator<Item = Command>) -> pb::PostBulkRequest {
    let command = |command| pb::BulkCommand { command: Some(command) };
    pb::PostBulkRequest {
        commands: commands.into_iter().map(command).collect(),
    }
}

/// Sends messages and returns the answers, and how the stream ended.
async fn post(ledger: &Ledger, messages: Vec<pb::PostBulkRequest>) -> (Vec<Vec<Outcome>>, Option<Status>) {
    let mut answers = match ledger.client().post_bulk(stream::iter(messages)).await {
        Ok(answers) => answers.into_inner(),
        Err(status) => return (Vec::new(), Some(status)),
    };
    let mut outcomes = Vec::new();
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(answer) => outcomes.push(answer.results.into_iter().filter_map(|result| result.result).collect()),
            Err(status) => return (outcomes, Some(status)),
        }
    }
    (outcomes, None)
}

fn done(outcome: &Outcome) -> &pb::BulkDone {
    match outcome {
        Outcome::Done(done) => done,
        Outcome::Refusal(refusal) => panic!("it was refused: {refusal:?}"),
    }
}

fn refused(outcome: &Outcome) -> &pb::BulkRefusal {
    match outcome {
        Outcome::Done(done) => panic!("it was done: {done:?}"),
        Outcome::Refusal(refusal) => refusal,
    }
}

#[tokio::test]
async fn every_command_has_a_result_of_its_own_in_the_order_in_which_they_were_sent() {
    let ledger = Ledger::open().await;
    let spend = |points, request_id| Command::Spend(ledger.spend_request(points, request_id));
    let nonsense = pb::EarnPointsRequest {
        member_id: "nobody".to_owned(),
        ..ledger.earn_request(1, "r-5")
    };
    let messages = vec![
        message([
            earn(&ledger, 100, "r-1"),
            spend(30, "r-2"),
            spend(80, "r-3"),
            spend(70, "r-4"),
        ]),
        message([Command::Earn(nonsense), earn(&ledger, 5, "r-6")]),
    ];
    let (answers, end) = post(&ledger, messages).await;
    assert!(end.is_none(), "{end:?}");
    let [first, second] = answers.as_slice() else {
        panic!("two messages have two answers: {answers:?}");
    };
    let entries = ledger.entries().await;
    let ids: Vec<&String> = entries.iter().map(|entry| &entry.entry_id).collect();
    assert_eq!(
        [
            &done(&first[0]).entry_ids[0],
            &done(&first[1]).entry_ids[0],
            &done(&first[3]).entry_ids[0]
        ],
        ids[..3]
    );
    let short = refused(&first[2]);
    assert_eq!(
        (short.code, short.reason.as_str()),
        (Code::FailedPrecondition as i32, "INSUFFICIENT_POINTS")
    );
    assert_eq!(short.metadata["missing"], "10");
    let bad = refused(&second[0]);
    assert_eq!(
        (bad.code, bad.reason.as_str()),
        (Code::InvalidArgument as i32, "INVALID_REQUEST")
    );
    assert!(bad.violations[0].starts_with("member_id: "), "{:?}", bad.violations);
    assert!(!done(&second[1]).balance_token.is_empty());
    assert_eq!(ledger.available().await, 5);
}

#[tokio::test]
async fn whatever_a_single_call_posts_a_stream_posts_too() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    let hold = ledger.hold(40, "r-2").await;
    let key = |request_id: &str| (request_id.to_owned(), ledger.member_id.clone());
    let (request_id, member_id) = key("r-3");
    let capture = Command::Capture(pb::CaptureHoldRequest {
        request_id,
        member_id,
        hold_id: hold.hold_id,
        points: 10,
        reference: String::new(),
    });
    let (request_id, member_id) = key("r-4");
    let reverse = Command::Reverse(pb::ReverseEntryRequest {
        request_id,
        member_id,
        entry_id: earned.entry_id,
        points: 20,
        reference: String::new(),
    });
    let (request_id, member_id) = key("r-5");
    let batch = Command::Batch(pb::PostBatchRequest {
        request_id,
        member_id,
        postings: vec![crate::support::earn(7), crate::support::spend(3)],
        reference: String::new(),
    });
    let (answers, end) = post(&ledger, vec![message([capture, reverse, batch])]).await;
    assert!(end.is_none(), "{end:?}");
    let made: Vec<usize> = answers[0].iter().map(|outcome| done(outcome).entry_ids.len()).collect();
    assert_eq!(made, [1, 1, 2]);
    assert_eq!(ledger.available().await, 74);
}

#[tokio::test]
async fn commands_of_one_member_are_done_in_the_order_in_which_they_were_sent() {
    let ledger = Ledger::open().await;
    let pair = |number: i64| {
        let spend = Command::Spend(ledger.spend_request(1 + number % 7, &format!("s-{number}")));
        [earn(&ledger, 1 + number % 7, &format!("e-{number}")), spend]
    };
    let messages = (0..6)
        .map(|m| message((m * 500..(m + 1) * 500).flat_map(&pair)))
        .collect();
    let (answers, end) = post(&ledger, messages).await;
    assert!(end.is_none(), "{end:?}");
    let outcomes: Vec<&Outcome> = answers.iter().flatten().collect();
    assert_eq!(outcomes.len(), 6_000);
    outcomes.into_iter().for_each(|outcome| _ = done(outcome));
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn a_stream_that_is_sent_again_changes_nothing_and_answers_the_same() {
    let ledger = Ledger::open().await;
    let messages = || {
        let some = |message_number: i64| {
            message(
                (0..200)
                    .map(move |number| (message_number, number))
                    .map(|(m, n)| earn(&ledger, 1 + n % 3, &format!("r-{m}-{n}"))),
            )
        };
        (0..3).map(some).collect::<Vec<_>>()
    };
    let (first, _) = post(&ledger, messages()).await;
    let (again, _) = post(&ledger, messages()).await;
    assert_eq!((first.len(), first.iter().flatten().count()), (3, 600));
    assert_eq!(again, first);
    assert_eq!(
        ledger.available().await,
        3 * (0..200).map(|number| 1 + number % 3).sum::<i64>()
    );
}

#[tokio::test]
async fn a_message_with_too_many_commands_ends_the_stream_and_does_nothing() {
    let ledger = Ledger::open().await;
    let too_many = message((0..1_001).map(|number| earn(&ledger, 1, &format!("x-{number}"))));
    let (answers, end) = post(&ledger, vec![message([earn(&ledger, 5, "r-1")]), too_many]).await;
    assert_eq!(end.map(|status| status.code()), Some(Code::InvalidArgument));
    assert_eq!(answers.len(), 1);
    assert_eq!(ledger.available().await, 5);
}
