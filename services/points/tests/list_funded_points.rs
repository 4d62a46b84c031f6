use harness::refusal;
use proto::points::{self as pb, DayBasis, Period};
use tonic::Code;

use crate::{
    story::{earn, five_weeks, funded, funder, value},
    support::{Answer, Ledger, try_publish, wallet_of_days},
};

fn request(page_size: i32, page_token: &str) -> pb::ListFundedPointsRequest {
    pb::ListFundedPointsRequest {
        wallet: "points".to_owned(),
        period: Period::Month.into(),
        basis: DayBasis::Occurred.into(),
        first_day: "2026-01-01".to_owned(),
        last_day: "2026-02-28".to_owned(),
        page_size,
        page_token: page_token.to_owned(),
    }
}

async fn try_list(ledger: &Ledger, request: pb::ListFundedPointsRequest) -> Answer<pb::ListFundedPointsResponse> {
    ledger.program.liability().list_funded_points(request).await
}

/// Returns of each line the day, the funder, what was earned, taken back and left, and the cost.
fn told(lines: &[pb::FundedPoints]) -> Vec<(&str, &str, [i64; 3], Option<i64>)> {
    lines
        .iter()
        .map(|line| {
            assert_eq!(line.price.is_some(), line.cost.is_some());
            (
                line.first_day.as_str(),
                line.funder.as_str(),
                [line.issued_points, line.taken_back_points, line.net_points],
                line.cost.as_ref().map(|cost| cost.minor_units),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_funder_pays_for_what_was_earned_and_not_taken_back() {
    let ledger = five_weeks().await;
    let dearer = pb::Wallet {
        funders: vec![funder("acme", Some(90)), funder("staff", None)],
        ..funded(wallet_of_days(30))
    };
    try_publish(&ledger.program, "r-1", dearer).await.unwrap();
    earn(&ledger, 1_001, "acme", "r-15").await;
    earn(&ledger, 5, "staff", "r-16").await;
    let answer = try_list(&ledger, request(0, "")).await.unwrap().into_inner();
    assert_eq!(
        told(&answer.lines),
        [
            ("2026-01-01", "", [520, 0, 520], None),
            // 50 were taken back as a debt. 1,077 points at 0.80 for 100 are 861.6.
            ("2026-01-01", "acme", [1_127, 50, 1_077], Some(862)),
            ("2026-01-01", "brand", [300, 300, 0], Some(0)),
            ("2026-02-01", "acme", [1_001, 0, 1_001], Some(901)),
            ("2026-02-01", "staff", [5, 0, 5], None),
        ]
    );
    assert_eq!(answer.lines[1].price, Some(value(80)));
    assert_eq!(answer.lines[3].price, Some(value(90)));
    assert_eq!(answer.next_page_token, "");
}

#[tokio::test]
async fn pages_hold_every_line_once() {
    let ledger = five_weeks().await;
    let whole = try_list(&ledger, request(0, "")).await.unwrap().into_inner().lines;
    let (mut lines, mut token) = (Vec::new(), String::new());
    for page in 0.. {
        let answer = try_list(&ledger, request(1, &token)).await.unwrap().into_inner();
        assert!(answer.lines.len() == 1 && page < 9);
        lines.extend(answer.lines);
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(lines, whole);
    let first = try_list(&ledger, request(1, "")).await.unwrap().into_inner();
    let other = pb::ListFundedPointsRequest {
        basis: DayBasis::Recorded.into(),
        ..request(1, &first.next_page_token)
    };
    let refused = refusal(try_list(&ledger, other).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
    );
}
