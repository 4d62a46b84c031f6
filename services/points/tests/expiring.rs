//! What the feed tells of points before they lapse.

use futures::TryStreamExt as _;
use harness::{Program, at, refusal, suite};
use proto::{
    event::{Event, SubscribeRequest, event::Payload},
    member::UnfreezeMemberRequest,
    points::{self as pb, expiry_policy::Policy, points_event},
};
use tonic::Code;

use crate::{
    check_ledger::check,
    support::{Ledger, try_publish, wallet, wallet_of_days},
};

/// A wallet whose points live to the end of the month after next, and which tells of it 30 and 7 days before.
fn telling() -> pb::Wallet {
    let end = pb::ExpiryAtPeriodEnd {
        period: pb::Period::Month.into(),
        after_months: 2,
        after_days: 0,
    };
    pb::Wallet {
        expiry: Some(pb::ExpiryPolicy {
            policy: Some(Policy::AtPeriodEnd(end)),
        }),
        expiry_notice_days: vec![7, 30],
        ..wallet("points")
    }
}

/// All that the feed tells of a program.
async fn events(program: &Program) -> Vec<Event> {
    let request = SubscribeRequest {
        feed: "points".to_owned(),
        until_now: true,
        ..SubscribeRequest::default()
    };
    let stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let runs: Vec<_> = stream.map_ok(|run| run.events).try_collect().await.unwrap();
    runs.into_iter().flatten().collect()
}

fn notice(event: Event) -> Option<(prost_types::Timestamp, pb::PointsExpiring)> {
    let Some(Payload::Points(pb::PointsEvent {
        event: Some(points_event::Event::PointsExpiring(told)),
    })) = event.payload
    else {
        return None;
    };
    assert_eq!(told.member_id, event.member_id);
    Some((event.occurred_at?, told))
}

/// What was told in a program, by when it happened.
async fn all_told(program: &Program) -> Vec<(prost_types::Timestamp, pb::PointsExpiring)> {
    events(program).await.into_iter().filter_map(notice).collect()
}

async fn told(ledger: &Ledger) -> Vec<pb::PointsExpiring> {
    let all = all_told(&ledger.program).await.into_iter().map(|(_, told)| told);
    all.filter(|told| told.member_id == ledger.member_id).collect()
}

/// What was told, in short: how many points, on which day, for which lead time, and how many days ahead.
async fn in_short(ledger: &Ledger) -> Vec<(i64, String, i32, i32)> {
    let told = told(ledger).await.into_iter();
    told.map(|told| (told.points, told.on, told.lead_days, told.days_left))
        .collect()
}

fn end_of_march(points: i64, days: i32) -> (i64, String, i32, i32) {
    (points, "2026-03-31".to_owned(), days, days)
}

#[tokio::test]
async fn a_day_is_told_once_for_each_lead_time_with_what_can_be_spent_by_then() {
    let ledger = Ledger::with(telling()).await;
    let another = ledger.another().await;
    ledger.earn(100, "r-1").await;
    another.earn(9, "r-1").await;
    ledger.spend(60, "r-2").await;
    another.spend(9, "r-2").await;
    // Midnight in New York, 30 days before a day that is behind the begin of summer time.
    ledger.program.advance_to("2026-03-01T04:59:59Z").await;
    assert_eq!(told(&ledger).await, []);
    ledger.program.advance_to("2026-03-01T05:00:00Z").await;
    let first = pb::PointsExpiring {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        points: 40,
        on: "2026-03-31".to_owned(),
        expires_at: Some(at("2026-04-01T04:00:00Z")),
        lead_days: 30,
        days_left: 30,
    };
    assert_eq!(all_told(&ledger.program).await, [(at("2026-03-01T05:00:00Z"), first)]);
    // What joins the day is told with the next lead time, as far as it is there by then.
    let late = pb::EarnPointsRequest {
        occurred_at: Some(at("2026-01-31T12:00:00Z")),
        ..ledger.earn_request(5, "r-3")
    };
    ledger.client().earn_points(late).await.unwrap();
    let hold = ledger.hold(2, "r-4").await;
    assert_eq!(hold.points, 2);
    ledger.program.advance_to("2026-03-01T05:00:01Z").await;
    assert_eq!(in_short(&ledger).await, [end_of_march(40, 30)]);
    ledger.program.advance_to("2026-03-24T03:59:59Z").await;
    assert_eq!(in_short(&ledger).await.len(), 1);
    ledger.program.advance_to("2026-03-24T04:00:00Z").await;
    assert_eq!(in_short(&ledger).await[1..], [end_of_march(45, 7)]);
    ledger.program.advance_to("2026-04-20T04:00:00Z").await;
    assert_eq!((in_short(&ledger).await.len(), told(&another).await.len()), (2, 0));
    assert_eq!(ledger.amounts().await, pb::Amounts::default());
    assert_eq!(check(&ledger, "").await.0, []);
}

#[tokio::test]
async fn a_clock_that_jumps_tells_what_is_still_ahead_and_once() {
    let ledger = Ledger::with(telling()).await;
    ledger.earn(100, "r-1").await;
    let lapses_sooner = ledger.another().await;
    let early = pb::EarnPointsRequest {
        occurred_at: Some(at("2025-12-31T12:00:00Z")),
        ..lapses_sooner.earn_request(7, "r-1")
    };
    lapses_sooner.client().earn_points(early).await.unwrap();
    ledger.program.advance_to("2026-03-29T12:00:00Z").await;
    assert_eq!(in_short(&ledger).await, [(100, "2026-03-31".to_owned(), 7, 2)]);
    assert_eq!(told(&lapses_sooner).await, []);
    ledger.program.advance_to("2026-12-31T12:00:00Z").await;
    assert_eq!(in_short(&ledger).await.len(), 1);
}

#[tokio::test]
async fn points_that_live_shorter_than_the_lead_time_are_told_at_once() {
    let short = pb::Wallet {
        expiry_notice_days: vec![30],
        ..wallet_of_days(10)
    };
    let ledger = Ledger::with(short).await;
    ledger.earn(3, "r-1").await;
    ledger.earn(4, "r-2").await;
    ledger.program.advance_to("2026-01-02T05:00:00Z").await;
    let [(3 | 7, on, 30, 8 | 9)] = &in_short(&ledger).await[..] else {
        panic!("{:?}", in_short(&ledger).await)
    };
    assert_eq!(on, "2026-01-10");
}

#[tokio::test]
async fn whoever_is_frozen_then_is_not_told_and_not_later_either() {
    let ledger = Ledger::with(telling()).await;
    ledger.earn(100, "r-1").await;
    ledger.freeze().await;
    ledger.program.advance_to("2026-03-02T05:00:00Z").await;
    let request = UnfreezeMemberRequest {
        request_id: "unfreeze".to_owned(),
        member_id: ledger.member_id.clone(),
        await_effects: true,
    };
    ledger.program.members().unfreeze_member(request).await.unwrap();
    ledger.program.advance_to("2026-03-20T05:00:00Z").await;
    assert_eq!(told(&ledger).await, []);
    ledger.program.advance_to("2026-03-24T05:00:00Z").await;
    assert_eq!(in_short(&ledger).await, [end_of_march(100, 7)]);
}

#[tokio::test]
async fn another_rule_of_a_wallet_holds_for_accounts_that_lie_still() {
    let silent = pb::Wallet {
        expiry_notice_days: Vec::new(),
        ..telling()
    };
    let ledger = Ledger::with(silent.clone()).await;
    let another = ledger.another().await;
    ledger.earn(100, "r-1").await;
    another.earn(50, "r-1").await;
    ledger.program.advance_to("2026-03-10T12:00:00Z").await;
    assert_eq!(all_told(&ledger.program).await, []);
    try_publish(&ledger.program, "telling", telling()).await.unwrap();
    ledger.program.advance_to("2026-03-11T12:00:00Z").await;
    for (member, points) in [(&ledger, 100), (&another, 50)] {
        let [(told, on, 30, 20 | 21)] = &in_short(member).await[..] else {
            panic!("{:?}", in_short(member).await)
        };
        assert_eq!((*told, on.as_str()), (points, "2026-03-31"));
    }
    try_publish(&ledger.program, "silent", silent).await.unwrap();
    ledger.program.advance_to("2026-04-10T12:00:00Z").await;
    assert_eq!(all_told(&ledger.program).await.len(), 2);
}

#[tokio::test]
async fn a_lead_time_is_a_number_of_days_and_listed_once() {
    let program = suite().program().await;
    for (days, field) in [
        (vec![30, 7, 30], "wallet.expiry_notice_days[2]"),
        (vec![0], "wallet.expiry_notice_days[0]"),
        (vec![366], "wallet.expiry_notice_days[0]"),
        (vec![1, 2, 3, 4], "wallet.expiry_notice_days"),
    ] {
        let wrong = pb::Wallet {
            expiry_notice_days: days,
            ..telling()
        };
        let refused = refusal(try_publish(&program, "r-1", wrong).await);
        assert_eq!(
            (refused.code, refused.fields),
            (Code::InvalidArgument, vec![field.to_owned()])
        );
    }
}
