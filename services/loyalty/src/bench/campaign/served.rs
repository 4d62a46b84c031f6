//! Activities and previews through the running suite.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::bail;
use proto::campaign::{
    ActivityInput, AwardState, PreviewActivityRequest, PublishAccrualRequest, PublishCampaignRequest,
    PublishGroupRequest, RecordActivityRequest, RecordActivityResponse, activity_input::Activity,
    rule_service_client::RuleServiceClient,
};
use serde::Serialize;
use tonic::Status;
use uuid::Uuid;

use super::{RUNNING, plan};
use crate::{
    bench::{
        load::{self, Measured, median, rounded},
        plain, setup,
    },
    demo::{Started, clients::Clients},
};

/// How many calls are under way at once.
const CALLERS: usize = 256;
/// How many connections echoes go through: as many as the others do.
const CONNECTIONS: usize = 2;
/// At which share of what can be done the latency is measured.
const SHARE: f64 = 0.7;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Served {
    /// Activities a second, as fast as can be.
    pub activities_per_s: f64,
    /// At which rate the next was measured.
    pub paced_per_s: f64,
    /// Within which time 99 of 100 were answered at that rate.
    pub p99_ms: f64,
    /// Previews a second.
    pub previews_per_s: f64,
    /// The same over bare echoes a second.
    pub preview_over_echo: f64,
}

/// What is called.
#[derive(Clone)]
struct Target {
    clients: Clients,
    members: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
}

/// Measures, in turns.
pub async fn measure(suite: &Started, members: usize, rounds: usize, slice: Duration) -> anyhow::Result<Served> {
    let program_id = Uuid::now_v7().to_string();
    let clients = Clients::new(&suite.url, &program_id)?;
    setup::make_program(&clients, &program_id).await?;
    publish(&clients).await?;
    eprintln!("enrolling {members} members");
    let target = Target {
        members: Arc::new(setup::enroll(&clients, members, |_| {}).await?),
        next: Arc::new(AtomicUsize::new(0)),
        clients,
    };
    let echoes = plain::serve(
        |request: PreviewActivityRequest| ready(Ok::<_, Status>(request)),
        CONNECTIONS,
    )
    .await?;
    target.record(slice).await?;
    let (mut rates, mut paces, mut p99s, mut previews, mut ratios) = (vec![], vec![], vec![], vec![], vec![]);
    for round in 1..=rounds {
        let fast = target.record(slice).await?;
        let pace = fast.per_s * SHARE;
        let paced = target.record_at(pace, slice).await?;
        let preview = target.preview(slice / 2).await?;
        let echoed = {
            let (target, echoes) = (target.clone(), echoes.clone());
            load::run(CALLERS, slice / 2, move |number| {
                let (channel, request) = (echoes[number % echoes.len()].clone(), target.preview_request());
                plain::call::<_, PreviewActivityRequest>(channel, request)
            })
            .await?
        };
        eprintln!(
            "round {round} of {rounds}: {:.0} activities/s, p99 {:.1} ms at {pace:.0}/s, {:.0} previews/s, {:.0} echoes/s",
            fast.per_s,
            paced.within_ms(0.99),
            preview.per_s,
            echoed.per_s
        );
        rates.push(fast.per_s);
        paces.push(pace);
        p99s.push(paced.within_ms(0.99));
        previews.push(preview.per_s);
        ratios.push(preview.per_s / echoed.per_s);
    }
    Ok(Served {
        activities_per_s: median(rates).round(),
        paced_per_s: median(paces).round(),
        p99_ms: rounded(median(p99s)),
        previews_per_s: median(previews).round(),
        preview_over_echo: rounded(median(ratios)),
    })
}

async fn publish(clients: &Clients) -> anyhow::Result<()> {
    let mut rules = RuleServiceClient::new(clients.transport(0));
    let accrual = PublishAccrualRequest {
        request_id: "accrual".to_owned(),
        accrual: Some(plan::accrual()),
        effective_from: None,
    };
    rules.publish_accrual(accrual).await?;
    let group = PublishGroupRequest {
        request_id: "group".to_owned(),
        group: Some(plan::group()),
        effective_from: None,
    };
    rules.publish_group(group).await?;
    for campaign in plan::campaigns(RUNNING) {
        let request = PublishCampaignRequest {
            request_id: campaign.code.clone(),
            campaign: Some(campaign),
            effective_from: None,
        };
        rules.publish_campaign(request).await?;
    }
    Ok(())
}

impl Target {
    async fn record(&self, time: Duration) -> anyhow::Result<Measured> {
        let target = self.clone();
        let measured = load::run(CALLERS, time, move |number| target.clone().record_one(number)).await?;
        Ok(measured)
    }

    async fn record_at(&self, per_s: f64, time: Duration) -> anyhow::Result<Measured> {
        let target = self.clone();
        load::run_at(per_s, time, move |number| target.clone().record_one(number)).await
    }

    async fn record_one(self, number: usize) -> anyhow::Result<()> {
        let (input, order_id) = self.input();
        let request = RecordActivityRequest {
            request_id: order_id,
            input: Some(input),
            park_days: 0,
            await_effects: false,
        };
        let recorded: RecordActivityResponse = self
            .clients
            .activities(number)
            .record_activity(request)
            .await?
            .into_inner();
        let state = recorded.activity.map(|activity| activity.state());
        if state != Some(AwardState::Awarded) {
            bail!("an activity was not awarded but {state:?}");
        }
        Ok(())
    }

    async fn preview(&self, time: Duration) -> anyhow::Result<Measured> {
        let target = self.clone();
        load::run(CALLERS, time, move |number| {
            let (mut client, request) = (target.clients.activities(number), target.preview_request());
            async move { client.preview_activity(request).await }
        })
        .await
    }

    fn preview_request(&self) -> PreviewActivityRequest {
        PreviewActivityRequest {
            input: Some(self.input().0),
        }
    }

    fn input(&self) -> (ActivityInput, String) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let purchase = plan::purchase(number, RUNNING);
        let (store, channel) = plan::place(number, RUNNING);
        let order_id = purchase.order_id.clone();
        let input = ActivityInput {
            member_id: self.members[number % self.members.len()].clone(),
            channel,
            store,
            activity: Some(Activity::Purchase(purchase)),
            ..ActivityInput::default()
        };
        (input, order_id)
    }
}
