use harness::refusal;
use proto::points as pb;
use tonic::Code;

use crate::support::{Answer, Ledger, wallet};

async fn ledger(caps: pb::Caps) -> Ledger {
    Ledger::with(pb::Wallet {
        caps: Some(caps),
        ..wallet("points")
    })
    .await
}

async fn try_earn(ledger: &Ledger, points: i64, request_id: &str) -> Answer<pb::EarnPointsResponse> {
    ledger
        .client()
        .earn_points(ledger.earn_request(points, request_id))
        .await
}

#[tokio::test]
async fn an_earning_is_cut_to_what_may_be_earned_at_once() {
    let ledger = ledger(pb::Caps {
        earning: 50,
        ..pb::Caps::default()
    })
    .await;
    let entry = ledger.earn(80, "r-1").await;
    assert_eq!((entry.points, entry.lost_points), (50, 30));
    assert_eq!(ledger.available().await, 50);
}

#[tokio::test]
async fn nothing_is_earned_above_the_most_a_member_may_have() {
    let ledger = ledger(pb::Caps {
        balance: 100,
        ..pb::Caps::default()
    })
    .await;
    ledger.earn(80, "r-1").await;
    assert_eq!(ledger.earn(80, "r-2").await.points, 20);
    let refused = refusal(try_earn(&ledger, 1, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "CAP_REACHED")
    );
    let spent = ledger.spend(60, "r-4").await;
    assert_eq!(ledger.earn(80, "r-5").await.points, 60);
    ledger.try_restore(&spent.entry_id, 0, "r-6").await.unwrap();
    assert_eq!(ledger.available().await, 160, "what comes back is the member's own");
}

#[tokio::test]
async fn a_cap_of_a_period_is_new_with_the_next() {
    let per_day = pb::PeriodCap {
        period: pb::Period::Day.into(),
        points: 30,
    };
    let ledger = ledger(pb::Caps {
        earned_per: vec![per_day],
        ..pb::Caps::default()
    })
    .await;
    ledger.program.advance_to("2026-01-10T22:00:00Z").await;
    assert_eq!(ledger.earn(20, "r-1").await.points, 20);
    assert_eq!(ledger.earn(20, "r-2").await.points, 10);
    refusal(try_earn(&ledger, 20, "r-3").await);
    ledger.program.advance_to("2026-01-11T12:00:00Z").await;
    assert_eq!(ledger.earn(20, "r-4").await.points, 20);
}

#[tokio::test]
async fn a_late_earning_from_before_the_cap_does_not_make_room_under_it() {
    let ledger = Ledger::with(wallet("points")).await;
    ledger.program.advance_to("2026-01-10T12:00:00Z").await;
    let per_month = pb::PeriodCap {
        period: pb::Period::Month.into(),
        points: 30,
    };
    let capped = pb::Wallet {
        caps: Some(pb::Caps {
            earned_per: vec![per_month],
            ..pb::Caps::default()
        }),
        ..wallet("points")
    };
    crate::support::try_publish(&ledger.program, "capped", capped)
        .await
        .unwrap();
    ledger.earn(30, "r-1").await;
    let late = pb::EarnPointsRequest {
        occurred_at: Some(harness::at("2026-01-05T12:00:00Z")),
        ..ledger.earn_request(100, "r-2")
    };
    ledger.client().earn_points(late).await.unwrap();
    let refused = refusal(try_earn(&ledger, 1, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "CAP_REACHED")
    );
}

#[tokio::test]
async fn nobody_spends_or_holds_more_at_once_than_the_wallet_lets() {
    let ledger = ledger(pb::Caps {
        debit: 40,
        ..pb::Caps::default()
    })
    .await;
    ledger.earn(100, "r-1").await;
    let refused = refusal(ledger.try_spend(41, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "OVER_LIMIT")
    );
    assert_eq!(
        (refused.metadata["most"].as_str(), refused.metadata["asked"].as_str()),
        ("40", "41")
    );
    assert_eq!(refusal(ledger.try_hold(41, "r-3").await).reason, "OVER_LIMIT");
    ledger.spend(40, "r-4").await;
}
