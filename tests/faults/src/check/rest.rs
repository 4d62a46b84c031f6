//! Waiting until nothing moves any more, and what must be so then.

use std::time::Duration;

use anyhow::Result;
use loyalty::demo::clients::{Clients, persist};
use proto::points::{self as pb, consistency::Requirement};
use tokio::time::{Instant, sleep};

use super::Findings;
use crate::load::{Stage, WALLET};

/// How long everything that falls due, and the mirror, may take: the longest hold, the worker's second, and the time in which a mirror is mended.
const AT_REST_WITHIN: Duration = Duration::from_secs(15);
/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Waits until nothing is held and every mirrored balance is the newest, and says what is not so in the end.
pub async fn come_to_rest(stage: &Stage) -> Result<Findings> {
    let since = Instant::now();
    loop {
        let findings = look(stage).await?;
        if findings.is_empty() || since.elapsed() > AT_REST_WITHIN {
            return Ok(findings);
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(stage: &Stage) -> Result<Findings> {
    let mut findings = Findings::new();
    for member_id in &stage.members {
        let newest = read(&stage.clients[0], member_id, Requirement::FullyConsistent(())).await?;
        let held = newest.amounts.unwrap_or_default().held;
        if held > 0 {
            findings.push(format!(
                "{held} points of {member_id} are held although every hold is over"
            ));
        }
        for clients in &stage.clients {
            let quick = read(clients, member_id, Requirement::MinimizeLatency(())).await?;
            if quick != newest {
                findings.push(format!(
                    "the mirror is not brought up to date: {quick:?} instead of {newest:?}"
                ));
            }
        }
    }
    Ok(findings)
}

async fn read(clients: &Clients, member_id: &str, requirement: Requirement) -> Result<pb::Balance> {
    let request = pb::GetBalanceRequest {
        member_id: member_id.to_owned(),
        wallet: WALLET.to_owned(),
        consistency: Some(pb::Consistency {
            requirement: Some(requirement),
        }),
        ..pb::GetBalanceRequest::default()
    };
    let read = persist(|| {
        let (mut client, request) = (clients.points(0), request.clone());
        async move { client.get_balance(request).await }
    });
    Ok(read.await?.balance.unwrap_or_default())
}
