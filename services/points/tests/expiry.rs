use harness::{at, refusal};
use proto::points::{self as pb, expiry_policy::Policy};
use tonic::Code;

use crate::support::{Ledger, wallet};

fn lapsing(policy: Policy) -> pb::Wallet {
    pb::Wallet {
        expiry: Some(pb::ExpiryPolicy { policy: Some(policy) }),
        ..wallet("points")
    }
}

fn end_of(period: pb::Period, after_months: i32, after_days: i32) -> Policy {
    Policy::AtPeriodEnd(pb::ExpiryAtPeriodEnd {
        period: period.into(),
        after_months,
        after_days,
    })
}

#[tokio::test]
async fn points_lapse_when_the_wallet_says() {
    let on_dates = Policy::OnDates(pb::ExpiryOnDates {
        dates: vec![pb::MonthDay { month: 3, day: 31 }, pb::MonthDay { month: 9, day: 30 }],
        after_months: 6,
    });
    for (policy, lapses_at) in [
        (end_of(pb::Period::Day, 12, 0), "2027-01-02T05:00:00Z"),
        (end_of(pb::Period::Month, 0, 45), "2026-03-01T05:00:00Z"),
        (end_of(pb::Period::HalfYear, 12, 0), "2027-07-01T04:00:00Z"),
        (on_dates, "2026-10-01T04:00:00Z"),
    ] {
        let ledger = Ledger::with(lapsing(policy)).await;
        assert_eq!(ledger.earn(10, "r-1").await.expires_at, Some(at(lapses_at)));
    }
}

#[tokio::test]
async fn a_rule_may_say_otherwise_than_the_wallet() {
    let ledger = Ledger::open().await;
    let request = pb::EarnPointsRequest {
        expiry: Some(pb::ExpiryPolicy {
            policy: Some(end_of(pb::Period::Month, 1, 0)),
        }),
        ..ledger.earn_request(10, "r-1")
    };
    let earned = ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(earned.expires_at, Some(at("2026-03-01T05:00:00Z")));
    assert_eq!(ledger.earn(10, "r-2").await.expires_at, None);
}

#[tokio::test]
async fn points_live_on_with_every_activity_that_the_wallet_lists() {
    let inactivity = Policy::AfterInactivity(pb::ExpiryAfterInactivity {
        days: 30,
        kinds: vec![pb::ActivityKind::Spend.into()],
    });
    let ledger = Ledger::with(lapsing(inactivity)).await;
    let earned = ledger.earn(100, "r-1").await;
    assert_eq!(earned.expires_at, Some(at("2026-02-01T05:00:00Z")));
    ledger.program.advance_to("2026-01-20T12:00:00Z").await;
    assert_eq!(
        ledger.earn(10, "r-2").await.expires_at,
        Some(at("2026-02-01T05:00:00Z")),
        "to earn is not listed"
    );
    let spent = ledger.spend(5, "r-3").await;
    assert_eq!(spent.extended_to, Some(at("2026-02-20T05:00:00Z")));
    ledger.program.advance_to("2026-02-20T04:59:59Z").await;
    assert_eq!(ledger.available().await, 105);
    ledger.program.advance_to("2026-02-20T05:00:00Z").await;
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn what_concerns_all_points_of_a_wallet_is_not_said_of_some() {
    let ledger = Ledger::open().await;
    let inactivity = Policy::AfterInactivity(pb::ExpiryAfterInactivity {
        days: 30,
        kinds: vec![pb::ActivityKind::Spend.into()],
    });
    let request = pb::EarnPointsRequest {
        expiry: Some(pb::ExpiryPolicy {
            policy: Some(inactivity),
        }),
        ..ledger.earn_request(10, "r-1")
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["expiry.after_inactivity"]);
}
