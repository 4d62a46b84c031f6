//! What is proved all the time: some accounts, and some decisions.

use std::{net::TcpListener, time::Duration};

use harness::purchase;
use prost::Message as _;
use proto::{
    campaign::{ActivityInput, RecordActivityRequest, RecordActivityResponse, activity_input::Activity},
    points::EarnPointsRequest,
};
use sqlx::Connection as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{calls::enrol, process::Process};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_tampered_with_drives_the_drift_up_until_it_is_right_again() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let metrics = free.expect("a port is free").to_string();
    let process = Process::start_with(&["--audit-accounts-per-minute=60000", "--metrics-listen", &metrics]).await;
    let clients = process.clients();
    let member_id = enrol(&clients).await;
    let request = EarnPointsRequest {
        request_id: "r-1".to_owned(),
        member_id: member_id.clone(),
        wallet: "points".to_owned(),
        points: 100,
        ..EarnPointsRequest::default()
    };
    clients
        .points(0)
        .earn_points(request)
        .await
        .expect("points can be earned");
    wait_for(&metrics, "points_audit_drift", 0).await;
    let mut database = process.database().await;
    for (change, drift) in [("+", 1), ("-", 0)] {
        let tamper =
            format!("update points.account set available = available {change} 1 where member_id = '{member_id}'");
        let done = sqlx::query(sqlx::AssertSqlSafe(tamper)).execute(&mut database).await;
        assert_eq!(done.expect("the account can be changed").rows_affected(), 1);
        wait_for(&metrics, "points_audit_drift", drift).await;
    }
    database.close().await.expect("the connection closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_was_tampered_with_is_noticed_until_it_is_right_again() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let metrics = free.expect("a port is free").to_string();
    let process = Process::start_with(&["--verify-decisions-per-minute=60000", "--metrics-listen", &metrics]).await;
    let clients = process.clients();
    let member_id = enrol(&clients).await;
    let input = ActivityInput {
        member_id: member_id.clone(),
        channel: "web".to_owned(),
        activity: Some(Activity::Purchase(purchase("o-1", 10_000))),
        ..ActivityInput::default()
    };
    let request = RecordActivityRequest {
        request_id: "o-1".to_owned(),
        input: Some(input),
        park_days: 0,
        await_effects: false,
    };
    let recorded = clients
        .activities(0)
        .record_activity(request)
        .await
        .expect("it can be recorded");
    let right = recorded.into_inner().activity.expect("the answer has it");
    wait_for(&metrics, "campaign_decisions_different", 0).await;
    let mut wrong = right.clone();
    wrong.decision.as_mut().expect("it has a receipt").accruals[0].base_minor_units += 1;
    let mut database = process.database().await;
    for (activity, different) in [(wrong, 1), (right, 0)] {
        let answer = RecordActivityResponse {
            activity: Some(activity),
            ..RecordActivityResponse::default()
        };
        let tamper = "update campaign.journal set answer = $1 where member_id = $2::uuid and answer is not null";
        let tampered = sqlx::query(tamper).bind(answer.encode_to_vec()).bind(&member_id);
        let done = tampered.execute(&mut database).await;
        assert_eq!(done.expect("the receipt can be changed").rows_affected(), 1);
        wait_for(&metrics, "campaign_decisions_different", different).await;
    }
    database.close().await.expect("the connection closes");
}

/// Waits until a metric has a value.
async fn wait_for(address: &str, metric: &str, value: u64) {
    for _ in 0..600 {
        let text = get(address).await;
        let lines = text.lines().filter(|line| line.starts_with(metric));
        if lines.into_iter().any(|line| line.ends_with(&format!(" {value}"))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{metric} is not {value}: {}", get(address).await);
}

async fn get(address: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("metrics are served");
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the answer is text");
    answer
}
