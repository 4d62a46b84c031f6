use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, publish, wallet};

fn request(ledger: &Ledger) -> pb::ListEntriesRequest {
    pb::ListEntriesRequest {
        member_id: ledger.member_id.clone(),
        ..pb::ListEntriesRequest::default()
    }
}

#[tokio::test]
async fn pages_list_every_entry_once_the_newest_first() {
    let ledger = Ledger::open().await;
    for number in 1..=7 {
        ledger.earn(number, &format!("r-{number}")).await;
    }
    let (mut points, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListEntriesRequest {
            page_size: 3,
            page_token,
            ..request(&ledger)
        };
        let page = ledger.client().list_entries(request).await.unwrap().into_inner();
        assert!(page.entries.len() <= 3);
        points.extend(page.entries.iter().map(|entry| entry.points));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(points, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn one_wallet_can_be_asked_for() {
    let ledger = Ledger::open().await;
    publish(&ledger.program, wallet("growth")).await;
    for number in 1..=6 {
        let wallet = if number % 3 == 0 { "growth" } else { "points" };
        let request = ledger.earn_request(number, &format!("r-{number}"));
        ledger
            .client()
            .earn_points(pb::EarnPointsRequest {
                wallet: wallet.to_owned(),
                ..request
            })
            .await
            .unwrap();
    }
    let asked = pb::ListEntriesRequest {
        wallet: "growth".to_owned(),
        page_size: 1,
        ..request(&ledger)
    };
    let first = ledger.client().list_entries(asked.clone()).await.unwrap().into_inner();
    let second = pb::ListEntriesRequest {
        page_token: first.next_page_token,
        ..asked
    };
    let second = ledger.client().list_entries(second).await.unwrap().into_inner();
    assert_eq!((first.entries[0].points, second.entries[0].points), (6, 3));
}

#[tokio::test]
async fn a_token_of_another_question_is_refused() {
    let ledger = Ledger::open().await;
    ledger.earn(1, "r-1").await;
    ledger.earn(1, "r-2").await;
    let asked = pb::ListEntriesRequest {
        page_size: 1,
        ..request(&ledger)
    };
    let page_token = ledger
        .client()
        .list_entries(asked)
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    let other = pb::ListEntriesRequest {
        page_token,
        wallet: "points".to_owned(),
        ..request(&ledger)
    };
    let refused = refusal(ledger.client().list_entries(other).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
    );
}

#[tokio::test]
async fn a_member_without_entries_has_none_and_one_that_nobody_enrolled_is_not_found() {
    let ledger = Ledger::open().await;
    assert!(ledger.entries().await.is_empty());
    let nobody = pb::ListEntriesRequest {
        member_id: Uuid::now_v7().to_string(),
        ..request(&ledger)
    };
    let refused = refusal(ledger.client().list_entries(nobody).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
}
