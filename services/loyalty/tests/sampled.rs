//! The sample of accounts that is proved all the time.

use std::{net::TcpListener, time::Duration};

use proto::points::EarnPointsRequest;
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
