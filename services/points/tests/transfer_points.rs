use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;

use crate::support::{Answer, Ledger, wallet, wallet_of_days};

/// A member of a program whose members may give points to one another, and another member.
async fn two(wallet: pb::Wallet) -> (Ledger, Ledger) {
    let giver = Ledger::with(pb::Wallet {
        transfer: pb::TransferPolicy::KeepDates.into(),
        ..wallet
    })
    .await;
    let taker = giver.another().await;
    (giver, taker)
}

async fn transfer(from: &Ledger, to: &Ledger, points: i64, request_id: &str) -> Answer<pb::TransferPointsResponse> {
    let request = pb::TransferPointsRequest {
        request_id: request_id.to_owned(),
        member_id: from.member_id.clone(),
        wallet: "points".to_owned(),
        to_member_id: to.member_id.clone(),
        points,
        reference: "gift".to_owned(),
    };
    from.client().transfer_points(request).await
}

#[tokio::test]
async fn points_arrive_with_their_dates_as_a_lot_of_the_taker() {
    let (giver, taker) = two(wallet_of_days(30)).await;
    giver.earn(100, "r-1").await;
    giver.program.advance_to("2026-01-10T05:00:00Z").await;
    giver.earn(50, "r-2").await;
    let done = transfer(&giver, &taker, 120, "r-3").await.unwrap().into_inner();
    let (left, came) = (done.entry.unwrap(), done.received_entry.unwrap());
    assert_eq!(
        (left.kind(), came.kind()),
        (pb::EntryKind::TransferOut, pb::EntryKind::TransferIn)
    );
    assert_eq!(
        (&left.other_member_id, &came.other_member_id),
        (&taker.member_id, &giver.member_id)
    );
    assert_eq!(
        (came.related_entry_id, came.reference.as_str()),
        (left.entry_id, "gift")
    );
    let ends: Vec<_> = came
        .portions
        .iter()
        .map(|portion| (portion.points, portion.expires_at))
        .collect();
    assert_eq!(
        ends,
        [
            (100, Some(at("2026-01-31T05:00:00Z"))),
            (20, Some(at("2026-02-09T05:00:00Z")))
        ]
    );
    assert_eq!((giver.available().await, taker.available().await), (30, 120));
    let spent = taker.spend(110, "r-4").await;
    assert_eq!(
        taker.lots_of(&spent).await,
        [(came.entry_id.clone(), 100), (came.entry_id, 10)]
    );
}

#[tokio::test]
async fn asking_twice_moves_the_points_once_and_answers_the_same() {
    let (giver, taker) = two(wallet("points")).await;
    giver.earn(100, "r-1").await;
    let first = transfer(&giver, &taker, 60, "r-2").await.unwrap().into_inner();
    assert_eq!(transfer(&giver, &taker, 60, "r-2").await.unwrap().into_inner(), first);
    let refused = refusal(transfer(&giver, &taker, 61, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!((giver.available().await, taker.available().await), (40, 60));
}

#[tokio::test]
async fn what_the_taker_may_not_have_comes_back() {
    let (giver, taker) = two(wallet_of_days(30)).await;
    let earned = giver.earn(100, "r-1").await;
    taker.freeze().await;
    for _ in 0..2 {
        let refused = refusal(transfer(&giver, &taker, 60, "r-2").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::FailedPrecondition, "TRANSFER_DECLINED")
        );
        assert_eq!(refused.metadata["because"], "MEMBER_NOT_ALLOWED");
        assert_eq!((giver.available().await, taker.available().await), (100, 0));
    }
    assert_eq!(giver.balance(None).await.next_expiry_at, earned.expires_at);
    let entries = giver.entries().await;
    let story: Vec<_> = entries.iter().map(pb::Entry::kind).collect();
    assert_eq!(
        story,
        [pb::EntryKind::Earn, pb::EntryKind::TransferOut, pb::EntryKind::Restore]
    );
}

#[tokio::test]
async fn points_do_not_come_back_by_a_restoration_as_well() {
    let (giver, taker) = two(wallet("points")).await;
    giver.earn(100, "r-1").await;
    let left = transfer(&giver, &taker, 60, "r-2")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    let refused = refusal(giver.try_restore(&left.entry_id, 0, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "NOT_RESTORABLE")
    );
    assert_eq!(refused.metadata["kind"], "TRANSFER_OUT");
}

#[tokio::test]
async fn a_debt_of_the_taker_is_settled_first() {
    let (giver, taker) = two(wallet("points")).await;
    giver.earn(100, "r-1").await;
    let earned = taker.earn(50, "r-1").await;
    taker.spend(50, "r-2").await;
    taker.reverse(&earned.entry_id, 0, "r-3").await;
    let came = transfer(&giver, &taker, 0, "r-2")
        .await
        .unwrap()
        .into_inner()
        .received_entry
        .unwrap();
    assert_eq!((came.points, came.debt_points), (100, 50));
    assert_eq!((giver.available().await, taker.available().await), (0, 50));
}

#[tokio::test]
async fn nobody_gives_to_themselves_to_nobody_or_where_the_wallet_forbids_it() {
    let (giver, taker) = two(wallet("points")).await;
    giver.earn(100, "r-1").await;
    let own = refusal(transfer(&giver, &giver, 60, "r-2").await);
    assert_eq!(
        (own.code, own.fields.as_slice()),
        (Code::InvalidArgument, ["to_member_id".to_owned()].as_slice())
    );
    let stranger = Ledger::open().await;
    let unknown = refusal(transfer(&giver, &stranger, 60, "r-3").await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
    assert_eq!(unknown.metadata["member_id"], stranger.member_id);
    let short = refusal(transfer(&giver, &taker, 101, "r-4").await);
    assert_eq!(short.reason, "INSUFFICIENT_POINTS");
    stranger.earn(10, "r-1").await;
    let other = stranger.another().await;
    let forbidden = refusal(transfer(&stranger, &other, 5, "r-5").await);
    assert_eq!(
        (forbidden.code, forbidden.reason.as_str()),
        (Code::FailedPrecondition, "TRANSFERS_FORBIDDEN")
    );
    assert_eq!(giver.available().await, 100);
}

#[tokio::test]
async fn crossing_transfers_neither_wait_for_one_another_nor_lose_anything() {
    let (one, other) = two(wallet("points")).await;
    one.earn(500, "r-1").await;
    other.earn(500, "r-1").await;
    let crossing = (0..100).map(|number| {
        let (from, to) = if number % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        async move { transfer(from, to, 1 + number % 7, &format!("t-{number}")).await }
    });
    futures::future::try_join_all(crossing).await.unwrap();
    assert_eq!(one.available().await + other.available().await, 1_000);
}
