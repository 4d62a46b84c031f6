//! The shard writer and the feeds, with the smallest service there can be: a number for each member, in a real Postgres.

mod ledger;
mod servers;

use std::{collections::HashSet, time::Duration};

use common::writer::{Event, WriteError};
use jiff::{Timestamp, civil::date, tz::TimeZone};
use ledger::{Add, Probe};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_takes_effect_once_however_often_it_comes_at_once() {
    let probe = Probe::start().await;
    let member = probe.member();
    let calls = (0..100).map(|_| {
        let probe = probe.clone();
        tokio::spawn(async move { probe.add(member, "once", 5).await.unwrap() })
    });
    let mut answers = HashSet::new();
    for call in calls.collect::<Vec<_>>() {
        answers.insert(call.await.unwrap().bytes);
    }
    assert_eq!(
        answers.len(),
        1,
        "every repetition gets the first answer, byte for byte"
    );
    assert_eq!(probe.number(member).await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_with_other_content_is_refused_and_the_fields_are_named() {
    let probe = Probe::start().await;
    let member = probe.member();
    probe.add(member, "a", 5).await.unwrap();
    match probe.add(member, "a", 6).await {
        Err(WriteError::Reused {
            request_id,
            differing_fields,
        }) => {
            assert_eq!(
                (request_id.as_str(), differing_fields),
                ("a", vec!["points".to_owned()])
            );
        }
        other => panic!("{other:?}"),
    }
    probe
        .add(probe.member(), "a", 6)
        .await
        .expect("two members may use the same key");
    assert_eq!(probe.number(member).await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_fails_alone_and_leaves_nothing() {
    let probe = Probe::start().await;
    let (poor, rich) = (probe.member(), probe.member());
    let calls = (0..200).map(|number| {
        let probe = probe.clone();
        tokio::spawn(async move {
            match number % 2 {
                0 => probe.add(rich, &number.to_string(), 1).await.is_ok(),
                _ => matches!(
                    probe.add(poor, &number.to_string(), -1).await,
                    Err(WriteError::Refused(_))
                ),
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
    assert_eq!((probe.number(poor).await, probe.number(rich).await), (0, 100));
    probe
        .add(poor, "1", 1)
        .await
        .expect("a refused request id was not used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_not_known_is_refused() {
    let probe = Probe::start().await;
    let stranger = probe.in_unknown_program();
    assert!(matches!(
        stranger.add(stranger.member(), "a", 1).await,
        Err(WriteError::ProgramNotFound(_))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn places_on_a_shard_have_no_gaps_and_times_strictly_increase() {
    let probe = Probe::start().await;
    let calls = (0..300).map(|number: u32| {
        let probe = probe.clone();
        tokio::spawn(async move {
            probe
                .add(probe.member(), &number.to_string(), i64::from(number % 3) - 1)
                .await
                .is_ok()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    for rows in probe.journal().await.chunk_by(|a, b| a.0 == b.0) {
        assert!(
            rows.iter().enumerate().all(|(at, row)| row.1 == at as i64 + 1),
            "{rows:?}"
        );
        assert!(rows.windows(2).all(|pair| pair[0].2 < pair[1].2), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_at_any_moment_leave_no_transaction_open_and_lose_nothing() {
    let probe = Probe::start().await;
    let member = probe.member();
    let calls = (0..400_u64).map(|number| {
        let probe = probe.clone();
        tokio::spawn(async move {
            let request_id = number.to_string();
            let call = probe.add(member, &request_id, 1);
            tokio::time::timeout(Duration::from_micros(number % 40 * 100), call)
                .await
                .is_ok_and(|answer| answer.is_ok())
        })
    });
    let mut acknowledged = 0;
    for call in calls.collect::<Vec<_>>() {
        acknowledged += i64::from(call.await.unwrap());
    }
    // A last call on the member's shard comes after everything that was still under way there.
    probe.add(member, "last", 1).await.unwrap();
    assert!(probe.number(member).await > acknowledged);
    assert_eq!(probe.open_transactions().await, 0);
    for number in 0..400_u64 {
        probe.add(member, &number.to_string(), 1).await.unwrap();
    }
    assert_eq!(
        probe.number(member).await,
        401,
        "repeating every call makes each of them happen exactly once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_in_the_middle_loses_and_doubles_nothing() {
    let probe = Probe::start().await;
    let member = probe.member();
    let adding = tokio::spawn({
        let probe = probe.clone();
        async move {
            for number in 0..300 {
                while probe.add(member, &number.to_string(), 1).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    });
    while !adding.is_finished() {
        probe.terminate_backends().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    adding.await.unwrap();
    assert_eq!(probe.number(member).await, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_on_the_same_shards_count_as_one() {
    let probe = Probe::start().await;
    let other = probe.other_replica();
    let member = probe.member();
    let calls = (0..200).map(|number| {
        let replica = if number % 2 == 0 { probe.clone() } else { other.clone() };
        // Each id comes to both replicas.
        tokio::spawn(async move { replica.add(member, &(number / 2).to_string(), 1).await.unwrap().bytes })
    });
    let mut answers = HashSet::new();
    for call in calls.collect::<Vec<_>>() {
        answers.insert(call.await.unwrap());
    }
    assert_eq!(answers.len(), 100);
    assert_eq!(probe.number(member).await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_taken_in_once_and_only_in_order() {
    let probe = Probe::start().await;
    let member = probe.member();
    let [first, second, third] = [1, 2, 3].map(|seq| Add::event(&probe, member, seq));
    assert!(!probe.take_in(second.clone()).await, "what came before is missing");
    assert!(probe.take_in(first.clone()).await);
    assert!(probe.take_in(first).await, "an event that was taken in before is done");
    assert!(probe.take_in(second.clone()).await);
    assert!(probe.take_in(third).await && probe.take_in(second).await);
    assert_eq!(probe.number(member).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_feed_that_is_not_wanted_whole_nothing_is_left_out_or_taken_in_twice() {
    let probe = Probe::start().await;
    let member = probe.member();
    let [fifth, ninth, twelfth] = [5, 9, 12].map(|seq| Add::event(&probe, member, seq));
    let nothing = Event {
        program_id: String::new(),
        member_id: String::new(),
        ..Add::event(&probe, member, 7)
    };
    assert!(!probe.take_in_after(5, ninth.clone()).await, "the fifth is missing");
    assert!(probe.take_in_after(0, fifth.clone()).await);
    assert!(
        probe.take_in_after(5, nothing.clone()).await,
        "nothing is wanted up to the seventh"
    );
    // A replica that does not know that reads on from the fifth.
    assert!(probe.take_in_after(5, ninth.clone()).await && probe.take_in_after(0, fifth).await);
    assert!(probe.take_in_after(5, ninth).await && probe.take_in_after(5, nothing).await);
    assert!(
        !probe.take_in_after(10, twelfth.clone()).await,
        "between the ninth and the tenth may be one"
    );
    assert!(probe.take_in_after(9, twelfth).await);
    assert_eq!(probe.number(member).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_to_two_replicas_is_taken_in_once() {
    let probe = Probe::start().await;
    let other = probe.other_replica();
    let member = probe.member();
    for seq in 1..=40 {
        let event = Add::event(&probe, member, seq);
        // Now one is ahead and now the other, and what each remembers of the cursor is soon out of date.
        let (first, second) = if seq % 3 == 0 {
            (&other, &probe)
        } else {
            (&probe, &other)
        };
        if seq % 2 == 0 {
            let both = tokio::join!(first.take_in(event.clone()), second.take_in(event));
            assert!(both.0 && both.1);
        } else {
            assert!(first.take_in(event).await);
        }
    }
    assert_eq!(probe.number(member).await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_transactions_are_to_touch_one_shard_none_touches_two() {
    let probe = Probe::start_with(&["--single-shard-transactions", "--writers", "1"]).await;
    let calls = (0..200).map(|number: u32| {
        let probe = probe.clone();
        tokio::spawn(async move { probe.add(probe.member(), &number.to_string(), 1).await.is_ok() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
    assert!(probe.shards_of_transactions().await.iter().all(|shards| *shards == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_replica_remembers_is_not_believed_after_another_has_written() {
    let probe = Probe::start().await;
    let other = probe.other_replica();
    let member = probe.member();
    probe.add(member, "a", 1).await.unwrap();
    other.add(member, "b", 5).await.unwrap();
    probe.add(member, "c", -6).await.unwrap();
    assert!(matches!(other.add(member, "d", -1).await, Err(WriteError::Refused(_))));
    probe.add(member, "e", 1).await.unwrap();
    other.add(member, "f", -1).await.unwrap();
    assert_eq!(probe.number(member).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_another_replica_has_moved_is_what_the_next_decision_goes_by() {
    let probe = Probe::start().await;
    let member = probe.member();
    let days: Vec<Timestamp> = (1..=5)
        .map(|day| date(1997, 1, day).to_zoned(TimeZone::UTC).unwrap().timestamp())
        .collect();
    for day in &days {
        probe.set_clock(*day).await;
        for number in 0..3 {
            probe.add(member, &format!("{day} {number}"), 1).await.unwrap();
        }
    }
    let expected: Vec<Timestamp> = days.iter().flat_map(|day| [*day; 3]).collect();
    assert_eq!(probe.occurred().await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_request_id_gets_its_first_answer_between_new_ones_and_refusals() {
    let probe = Probe::start().await;
    let member = probe.member();
    let mut first = Vec::new();
    for number in 0..20 {
        first.push(probe.add(member, &format!("{number}"), 1).await.unwrap().bytes);
        let again = probe.add(member, &format!("{}", number / 2), 1).await.unwrap();
        assert_eq!(again.bytes, first[number / 2]);
        let too_much = probe.add(member, "too much", -1_000).await;
        assert!(matches!(too_much, Err(WriteError::Refused(_))));
    }
    assert_eq!(probe.number(member).await, 20);
}
