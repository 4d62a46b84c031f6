use harness::{Program, refusal, suite};
use proto::{points as pb, value::Money};
use tonic::Code;

use crate::{
    story::{earn, first_day, five_weeks, forget_value, funded, liability, value},
    support::{Ledger, try_publish, wallet},
};

fn dollars(minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "USD".to_owned(),
        minor_units,
    })
}

#[tokio::test]
async fn what_a_wallet_owes_is_told_to_the_point_and_to_the_cent() {
    let told = liability(&first_day().await).await;
    let amounts = pb::Amounts {
        available: 830,
        pending: 0,
        held: 100,
        debt: 20,
    };
    assert_eq!(told.amounts, Some(amounts));
    assert_eq!((told.outstanding_points, told.in_transit_points), (930, 0));
    assert_eq!((told.difference, told.debt_difference), (0, 0));
    assert_eq!(told.value, Some(value(100)));
    assert_eq!((told.outstanding_value, told.debt_value), (dollars(930), dollars(20)));
    // Nothing has lapsed yet: nothing is expected to.
    let breakage = told.breakage.unwrap();
    assert_eq!((breakage.expired_points, breakage.redeemed_points), (0, 620));
    assert_eq!((breakage.estimated_points, breakage.estimated_value), (0, dollars(0)));
    assert_eq!(told.net_value, dollars(930));
    assert_eq!(told.cut.unwrap().seqs.len(), 64);
}

#[tokio::test]
async fn what_lapsed_says_how_much_more_will() {
    let told = liability(&five_weeks().await).await;
    assert_eq!((told.outstanding_points, told.difference), (77, 0));
    assert_eq!((told.value, told.outstanding_value), (Some(value(200)), dollars(154)));
    let breakage = told.breakage.unwrap();
    assert_eq!(breakage.method(), pb::BreakageMethod::TrailingYear);
    assert_eq!(
        (breakage.first_day.as_str(), breakage.last_day.as_str()),
        ("2025-02-06", "2026-02-05")
    );
    assert_eq!((breakage.expired_points, breakage.redeemed_points), (930, 620));
    // 77 * 930 / 1550 is 46.2.
    assert_eq!((breakage.estimated_points, breakage.estimated_value), (46, dollars(92)));
    assert_eq!((told.net_value, told.debt_value), (dollars(62), dollars(40)));
}

#[tokio::test]
async fn without_a_value_nothing_is_said_in_money() {
    let ledger = first_day().await;
    forget_value(&ledger).await;
    let told = liability(&ledger).await;
    assert_eq!(told.outstanding_points, 930);
    assert_eq!(
        (told.value, told.outstanding_value, told.debt_value),
        (None, None, None)
    );
    assert_eq!((told.net_value, told.breakage.unwrap().estimated_value), (None, None));
}

#[tokio::test]
async fn accounts_that_are_not_what_the_journal_tells_are_told_of() {
    let ledger = first_day().await;
    let mut database = suite().database().await;
    for (column, tampered) in [("available", (-7, 0)), ("debt", (-7, -7))] {
        let statement = format!("update points.account set {column} = {column} + 7 where member_id = $1::uuid");
        let done = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(&ledger.member_id)
            .execute(&mut database)
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1);
        let told = liability(&ledger).await;
        assert_eq!((told.difference, told.debt_difference), tampered);
    }
}

#[tokio::test]
async fn a_wallet_that_is_not_there_is_refused() {
    let ledger = Ledger::open().await;
    let nowhere = Program::unmade(suite().channel());
    for (program, code) in [(&ledger.program, "miles"), (&nowhere, "points")] {
        let request = pb::GetLiabilityRequest {
            wallet: code.to_owned(),
        };
        let refused = refusal(program.liability().get_liability(request).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "WALLET_NOT_FOUND")
        );
        assert_eq!(refused.metadata["wallet"], code);
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_counted_is_refused() {
    let ledger = Ledger::open().await;
    let priceless = pb::Wallet {
        value: Some(pb::PointValue {
            points: 1,
            minor_units: 1_000_000_000,
        }),
        ..funded(wallet("points"))
    };
    try_publish(&ledger.program, "priceless", priceless).await.unwrap();
    earn(&ledger, 1_000_000_000_000, "", "r-1").await;
    let request = pb::GetLiabilityRequest {
        wallet: "points".to_owned(),
    };
    let refused = refusal(ledger.program.liability().get_liability(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::OutOfRange, "BALANCE_OUT_OF_RANGE")
    );
}
