//! A story in which everything happens to points of which money has a view, and the reports on it.

use harness::at;
use proto::points as pb;

use crate::support::{Answer, Ledger, try_publish, wallet_of_days};

/// Says who pays what for 100 points.
pub fn funder(code: &str, minor_units: Option<i64>) -> pb::Funder {
    pb::Funder {
        code: code.to_owned(),
        display_name: code.to_uppercase(),
        price: minor_units.map(value),
    }
}

/// Says what 100 points are worth.
pub fn value(minor_units: i64) -> pb::PointValue {
    pb::PointValue {
        points: 100,
        minor_units,
    }
}

/// Gives a wallet a value and three funders, of which one pays nothing.
pub fn funded(wallet: pb::Wallet) -> pb::Wallet {
    pb::Wallet {
        value: Some(value(100)),
        funders: vec![
            funder("acme", Some(80)),
            funder("brand", Some(10)),
            funder("staff", None),
        ],
        transfer: pb::TransferPolicy::KeepDates.into(),
        ..wallet
    }
}

/// Earns points that somebody pays for.
pub async fn earn(ledger: &Ledger, points: i64, funder: &str, request_id: &str) -> pb::Entry {
    let request = pb::EarnPointsRequest {
        funder: funder.to_owned(),
        ..ledger.earn_request(points, request_id)
    };
    let answer = ledger.client().earn_points(request).await;
    answer
        .expect("points can be earned")
        .into_inner()
        .entry
        .expect("the answer has the entry")
}

async fn transfer(from: &Ledger, to: &Ledger, points: i64, request_id: &str) -> Answer<pb::TransferPointsResponse> {
    let request = pb::TransferPointsRequest {
        request_id: request_id.to_owned(),
        member_id: from.member_id.clone(),
        wallet: "points".to_owned(),
        to_member_id: to.member_id.clone(),
        points,
        reference: String::new(),
    };
    from.client().transfer_points(request).await
}

/// Lives through the first of January: of 1,870 points issued 930 are outstanding, of which 100 are held, and 20 are owed.
pub async fn first_day() -> Ledger {
    let one = Ledger::with(funded(wallet_of_days(30))).await;
    earn(&one, 1_000, "acme", "r-1").await;
    earn(&one, 500, "", "r-2").await;
    let of_brand = earn(&one, 300, "brand", "r-3").await;
    let spent = one.spend(400, "r-4").await;
    let hold = one.hold(200, "r-5").await;
    one.try_capture(&hold.hold_id, 150, "r-6").await.unwrap();
    let hold = one.hold(30, "r-7").await;
    one.try_release(&hold.hold_id, "r-8").await.unwrap();
    one.hold(100, "r-9").await;
    one.reverse(&of_brand.entry_id, 0, "r-10").await;
    one.try_restore(&spent.entry_id, 100, "r-11").await.unwrap();

    let (two, frozen) = (one.another().await, one.another().await);
    transfer(&one, &two, 120, "r-12").await.unwrap();
    frozen.freeze().await;
    transfer(&one, &frozen, 40, "r-13")
        .await
        .expect_err("a frozen member is given nothing");
    two.spend(120, "r-1").await;
    let of_acme = earn(&two, 50, "acme", "r-2").await;
    two.spend(50, "r-3").await;
    two.reverse(&of_acme.entry_id, 0, "r-4").await;
    earn(&two, 20, "", "r-5").await;
    let forgiven = pb::WriteOffDebtRequest {
        request_id: "r-6".to_owned(),
        member_id: two.member_id.clone(),
        wallet: "points".to_owned(),
        points: 10,
        reason_code: "goodwill".to_owned(),
    };
    two.client().write_off_debt(forgiven).await.unwrap();
    one
}

/// Lives on to the fifth of February: a purchase is reported late, what was earned first lapses, and points become worth twice as much. 77 are outstanding.
pub async fn five_weeks() -> Ledger {
    let one = first_day().await;
    one.program.advance_to("2026-01-20T05:00:00Z").await;
    let late = pb::EarnPointsRequest {
        funder: "acme".to_owned(),
        occurred_at: Some(at("2026-01-15T12:00:00Z")),
        ..one.earn_request(77, "r-14")
    };
    one.client().earn_points(late).await.unwrap();
    let dearer = pb::PublishWalletRequest {
        request_id: "dearer".to_owned(),
        wallet: Some(pb::Wallet {
            value: Some(value(200)),
            ..funded(wallet_of_days(30))
        }),
        effective_from: Some(at("2026-02-01T05:00:00Z")),
    };
    one.program.wallets().publish_wallet(dearer).await.unwrap();
    one.program.advance_to("2026-02-05T05:00:00Z").await;
    one
}

/// Makes points worth nothing that is said.
pub async fn forget_value(ledger: &Ledger) {
    let worthless = pb::Wallet {
        value: None,
        ..funded(wallet_of_days(30))
    };
    try_publish(&ledger.program, "worthless", worthless).await.unwrap();
}

/// Asks what the wallet owes.
pub async fn liability(ledger: &Ledger) -> pb::GetLiabilityResponse {
    let request = pb::GetLiabilityRequest {
        wallet: "points".to_owned(),
    };
    let answer = ledger.program.liability().get_liability(request).await;
    answer.expect("the liability can be told").into_inner()
}

/// Asks for a roll-forward.
pub async fn try_roll_forward(
    ledger: &Ledger,
    period: pb::Period,
    basis: pb::DayBasis,
    (first_day, last_day): (&str, &str),
) -> Answer<pb::ListRollForwardResponse> {
    let request = pb::ListRollForwardRequest {
        wallet: "points".to_owned(),
        period: period.into(),
        basis: basis.into(),
        first_day: first_day.to_owned(),
        last_day: last_day.to_owned(),
    };
    ledger.program.liability().list_roll_forward(request).await
}

/// Asks for a roll-forward that balances.
pub async fn roll_forward(
    ledger: &Ledger,
    period: pb::Period,
    basis: pb::DayBasis,
    days: (&str, &str),
) -> Vec<pb::RollForwardPeriod> {
    let answer = try_roll_forward(ledger, period, basis, days).await;
    let rolled = answer.expect("the wallet can be rolled forward").into_inner();
    assert_eq!((rolled.difference, rolled.debt_difference), (0, 0));
    for pair in rolled.periods.windows(2) {
        assert_eq!(pair[0].closing_points, pair[1].opening_points);
    }
    for period in &rolled.periods {
        let lines = period.lines.as_ref().unwrap();
        assert_eq!(period.opening_points + net(lines), period.closing_points);
        let debt = period.debt.as_ref().unwrap();
        assert_eq!(
            debt.opening_points + debt.made_points - debt.settled_points - debt.written_off_points,
            debt.closing_points
        );
        if let Some(money) = &period.money {
            assert_eq!(
                money.opening + net(money.lines.as_ref().unwrap()) + money.revaluation,
                money.closing
            );
        }
    }
    rolled.periods
}

/// Returns by how much lines change what is outstanding.
pub fn net(lines: &pb::RollForwardLines) -> i64 {
    lines.issued + lines.transferred_in + lines.restored
        - lines.redeemed
        - lines.transferred_out
        - lines.expired
        - lines.reversed
        - lines.settled
        - lines.paid_out
        - lines.forfeited
}
