use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

fn request(ledger: &Ledger) -> pb::ListScheduledChangesRequest {
    pb::ListScheduledChangesRequest {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        ..pb::ListScheduledChangesRequest::default()
    }
}

async fn scheduled(ledger: &Ledger, request: pb::ListScheduledChangesRequest) -> pb::ListScheduledChangesResponse {
    let answer = ledger.program.statements().list_scheduled_changes(request).await;
    answer.unwrap().into_inner()
}

/// Makes an account in which points wait, are held and lapse on two days.
async fn account() -> Ledger {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    ledger.program.advance_to("2026-01-02T05:00:00Z").await;
    let waits = pb::EarnPointsRequest {
        activates_at: Some(at("2026-01-10T00:00:00Z")),
        ..ledger.earn_request(40, "r-2")
    };
    ledger.client().earn_points(waits).await.unwrap();
    ledger.hold(10, "r-3").await;
    ledger
}

#[tokio::test]
async fn what_will_happen_by_itself_is_told_in_the_order_of_time_and_then_happens() {
    let ledger = account().await;
    let changes = scheduled(&ledger, request(&ledger)).await.changes;
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.kind(), change.points, change.at.unwrap()))
        .collect();
    let expected = [
        (pb::EntryKind::Release, 10, at("2026-01-02T05:15:00Z")),
        (pb::EntryKind::Activate, 40, at("2026-01-10T00:00:00Z")),
        (pb::EntryKind::Expire, 100, at("2026-01-31T05:00:00Z")),
        (pb::EntryKind::Expire, 40, at("2026-02-01T05:00:00Z")),
    ];
    assert_eq!(told, expected);
    let known = ledger.entries().await.len();
    ledger.program.advance_to("2026-03-01T00:00:00Z").await;
    let happened = ledger.entries().await.split_off(known);
    let happened: Vec<_> = happened
        .iter()
        .map(|entry| (entry.kind(), entry.points, entry.occurred_at, entry.after))
        .collect();
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.kind(), change.points, change.at, change.after))
        .collect();
    assert_eq!(happened, told);
    assert!(scheduled(&ledger, request(&ledger)).await.changes.is_empty());
}

#[tokio::test]
async fn pages_hold_whole_instants_and_follow_one_another() {
    let ledger = account().await;
    let all = scheduled(&ledger, request(&ledger)).await.changes;
    let (mut page_token, mut paged) = (String::new(), Vec::new());
    loop {
        let asked = pb::ListScheduledChangesRequest {
            page_size: 1,
            page_token,
            ..request(&ledger)
        };
        let page = scheduled(&ledger, asked).await;
        assert_eq!(page.changes.len(), 1);
        paged.extend(page.changes);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
    let until = pb::ListScheduledChangesRequest {
        until: Some(at("2026-01-10T00:00:00Z")),
        ..request(&ledger)
    };
    assert_eq!(scheduled(&ledger, until).await.changes, all[..2]);
}

#[tokio::test]
async fn a_member_who_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let nobody = pb::ListScheduledChangesRequest {
        member_id: Uuid::now_v7().to_string(),
        ..request(&ledger)
    };
    let refused = refusal(ledger.program.statements().list_scheduled_changes(nobody).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
}
