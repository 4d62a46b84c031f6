use harness::refusal;
use proto::points::{self as pb, reverse_posting::Earning};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, earn, of_request, reverse, spend, try_publish, wallet};

#[tokio::test]
async fn all_postings_happen_in_order_and_carry_the_reference() {
    let ledger = Ledger::open().await;
    let answer = ledger
        .post("r-1", vec![earn(100), spend(30), earn(5)])
        .await
        .unwrap()
        .into_inner();
    let kinds: Vec<(pb::EntryKind, i64)> = answer
        .entries
        .iter()
        .map(|entry| (entry.kind(), entry.points))
        .collect();
    assert_eq!(
        kinds,
        [
            (pb::EntryKind::Earn, 100),
            (pb::EntryKind::Spend, 30),
            (pb::EntryKind::Earn, 5)
        ]
    );
    assert!(
        answer
            .entries
            .iter()
            .all(|entry| entry.reference == "order-1" && entry.request_id == "r-1")
    );
    assert_eq!(ledger.available().await, 75);
}

#[tokio::test]
async fn none_happens_when_one_is_refused_and_the_first_that_is_is_named() {
    let ledger = Ledger::open().await;
    let refused = refusal(
        ledger
            .post("r-1", vec![earn(100), spend(30), spend(71), spend(1)])
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "INSUFFICIENT_POINTS")
    );
    assert_eq!(
        (
            refused.metadata["posting"].as_str(),
            refused.metadata["missing"].as_str()
        ),
        ("2", "1")
    );
    assert_eq!(ledger.available().await, 0);
    assert!(ledger.entries().await.is_empty());
}

#[tokio::test]
async fn the_first_refusal_is_named_whoever_sees_it() {
    let ledger = Ledger::open().await;
    let nowhere = pb::EarnPosting {
        wallet: "growth".to_owned(),
        points: 1,
        ..pb::EarnPosting::default()
    };
    let nowhere = pb::Posting {
        command: Some(pb::posting::Command::Earn(nowhere)),
        as_far_as_possible: false,
    };
    let refused = refusal(ledger.post("r-1", vec![earn(1), nowhere.clone(), spend(9)]).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["posting"].as_str()),
        ("WALLET_NOT_FOUND", "1")
    );
    let refused = refusal(ledger.post("r-1", vec![earn(1), spend(9), nowhere]).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["posting"].as_str()),
        ("INSUFFICIENT_POINTS", "1")
    );
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn posting_twice_with_one_request_id_posts_once() {
    let ledger = Ledger::open().await;
    let first = ledger.post("r-1", vec![earn(100)]).await.unwrap().into_inner();
    assert_eq!(ledger.post("r-1", vec![earn(100)]).await.unwrap().into_inner(), first);
    assert_eq!(ledger.available().await, 100);
    let refused = refusal(ledger.post("r-1", vec![earn(100), earn(1)]).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["differing_fields"].as_str()),
        ("REQUEST_ID_REUSED", "postings")
    );
}

#[tokio::test]
async fn an_earning_is_reversed_by_its_entry() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger
        .post("r-2", vec![reverse(Earning::EntryId(earned.entry_id), 40)])
        .await
        .unwrap();
    assert_eq!(ledger.available().await, 60);
}

#[tokio::test]
async fn an_earning_is_reversed_by_the_request_that_made_it() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "purchase-1").await;
    ledger.post("purchase-2", vec![earn(50)]).await.unwrap();
    ledger
        .post("return-1", vec![reverse(of_request("purchase-1"), 10)])
        .await
        .unwrap();
    ledger
        .post("return-2", vec![reverse(of_request("purchase-2"), 0), earn(1)])
        .await
        .unwrap();
    assert_eq!(ledger.available().await, 91);
}

#[tokio::test]
async fn a_reversal_finds_the_earning_also_when_both_are_written_together() {
    let ledger = Ledger::open().await;
    // Asked without waiting, some of these meet in one transaction; whichever comes first, nothing is reversed that was not earned.
    let calls = (0..50).map(|number| {
        let ledger = Ledger {
            program: ledger.program.clone(),
            member_id: ledger.member_id.clone(),
        };
        let purchase = format!("p-{number}");
        tokio::spawn(async move {
            let returned_as = format!("return-of-{purchase}");
            let (earned, returned) = tokio::join!(
                ledger.post(&purchase, vec![earn(10)]),
                ledger.post(&returned_as, vec![reverse(of_request(&purchase), 0)])
            );
            earned.unwrap();
            match returned {
                Ok(_) => 0,
                answer => {
                    assert_eq!(refusal(answer).reason, "ENTRY_NOT_FOUND");
                    10
                }
            }
        })
    });
    let mut kept = 0;
    for call in calls.collect::<Vec<_>>() {
        kept += call.await.unwrap();
    }
    assert_eq!(ledger.available().await, kept);
}

#[tokio::test]
async fn an_earning_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let refused = refusal(ledger.post("r-1", vec![reverse(of_request("nothing"), 0)]).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ENTRY_NOT_FOUND")
    );
    assert_eq!(
        (
            refused.metadata["request_id"].as_str(),
            refused.metadata["posting"].as_str()
        ),
        ("nothing", "0")
    );
    let unknown = Earning::EntryId(Uuid::now_v7().to_string());
    assert_eq!(
        refusal(ledger.post("r-1", vec![reverse(unknown, 0)]).await).reason,
        "ENTRY_NOT_FOUND"
    );
}

#[tokio::test]
async fn of_a_frozen_member_only_earnings_can_be_reversed() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    ledger.freeze().await;
    let refused = refusal(ledger.post("r-2", vec![reverse(of_request("r-1"), 1), earn(1)]).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["posting"].as_str()),
        ("MEMBER_NOT_ALLOWED", "1")
    );
    ledger.post("r-2", vec![reverse(of_request("r-1"), 1)]).await.unwrap();
    assert_eq!(ledger.available().await, 99);
}

#[tokio::test]
async fn a_batch_of_nothing_is_refused_and_what_is_wrong_in_one_is_named() {
    let ledger = Ledger::open().await;
    assert_eq!(refusal(ledger.post("r-1", Vec::new()).await).fields, ["postings"]);
    let nothing = pb::Posting::default();
    let refused = refusal(ledger.post("r-1", vec![earn(1), nothing, earn(-1)]).await);
    assert_eq!(refused.code, Code::InvalidArgument);
    assert!(
        refused.fields.iter().any(|field| field.starts_with("postings[1]")),
        "{:?}",
        refused.fields
    );
    assert!(
        refused.fields.iter().any(|field| field == "postings[2].earn.points"),
        "{:?}",
        refused.fields
    );
}

#[tokio::test]
async fn as_far_as_possible_is_as_far_as_caps_and_earlier_reversals_leave() {
    let ledger = Ledger::open().await;
    let capped = pb::Wallet {
        caps: Some(pb::Caps {
            balance: 50,
            ..pb::Caps::default()
        }),
        ..wallet("points")
    };
    try_publish(&ledger.program, "capped", capped).await.unwrap();
    let lenient = |posting: pb::Posting| pb::Posting {
        as_far_as_possible: true,
        ..posting
    };
    let post = async |request_id: &str, postings: Vec<pb::Posting>| {
        let posted = ledger.post(request_id, postings).await.unwrap().into_inner();
        posted
            .entries
            .iter()
            .map(|entry| (entry.kind(), entry.points))
            .collect::<Vec<_>>()
    };
    assert_eq!(post("r-1", vec![lenient(earn(80))]).await, [(pb::EntryKind::Earn, 50)]);
    for _ in 0..2 {
        assert_eq!(post("r-2", vec![lenient(earn(80))]).await, []);
    }
    let cut = |points| lenient(reverse(of_request("r-1"), points));
    assert_eq!(post("r-3", vec![cut(20)]).await, [(pb::EntryKind::Reverse, 20)]);
    let none_of_these = [
        lenient(reverse(of_request("r-2"), 80)),
        lenient(reverse(of_request("r-9"), 80)),
    ];
    let refused = refusal(ledger.post("r-4", [&none_of_these[..], &[spend(31)]].concat()).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["posting"].as_str()),
        ("INSUFFICIENT_POINTS", "2")
    );
    assert_eq!(
        post("r-5", vec![none_of_these[0].clone(), cut(80), cut(80)]).await,
        [(pb::EntryKind::Reverse, 30)]
    );
    assert_eq!(ledger.available().await, 0);
}
