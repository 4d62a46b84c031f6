//! What happens by itself when a clock is advanced.

use harness::at;
use proto::points as pb;

use crate::support::{Ledger, wallet_of_days};

#[tokio::test]
async fn what_fell_due_is_recorded_at_the_instants_at_which_it_did() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let request = pb::EarnPointsRequest {
        activates_at: Some(at("2026-01-10T00:00:00Z")),
        ..ledger.earn_request(100, "r-1")
    };
    ledger.client().earn_points(request).await.unwrap();
    ledger.program.advance_to("2026-06-01T00:00:00Z").await;
    let entries = ledger.entries().await;
    let what = entries
        .iter()
        .map(|entry| (entry.kind(), entry.occurred_at.unwrap()))
        .collect::<Vec<_>>();
    assert_eq!(
        what[1..],
        [
            (pb::EntryKind::Activate, at("2026-01-10T00:00:00Z")),
            (pb::EntryKind::Expire, at("2026-01-31T05:00:00Z"))
        ]
    );
    assert!(entries[1..].iter().all(|entry| entry.request_id.is_empty()));
    assert_eq!(ledger.amounts().await, pb::Amounts::default());
}

#[tokio::test]
async fn it_is_recorded_for_every_member_before_the_clock_is_said_to_have_advanced() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let mut members = Vec::new();
    for number in 0..20 {
        let member_id = ledger.program.enrolled().await;
        let member = Ledger {
            program: ledger.program.clone(),
            member_id,
        };
        member.earn(10 + number, "r-1").await;
        members.push(member);
    }
    ledger.program.advance_to("2026-06-01T00:00:00Z").await;
    for member in members {
        assert_eq!(member.entries().await.last().unwrap().kind(), pb::EntryKind::Expire);
    }
}
