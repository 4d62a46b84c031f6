//! Rounds: load, faults, rest, and a look at everything.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::sleep;
use tonic::Code;

use crate::{
    Cluster, Fault, Product, Report,
    check::{self, Findings},
    fault::{self, Deck},
    history::{Call, History},
    load::{Asked, Caller, Stage, WALLET},
};

/// A run of rounds.
#[derive(Clone, Debug)]
pub struct Run {
    /// What everything that is drawn comes from.
    pub seed: u64,
    /// How many rounds.
    pub rounds: u32,
    /// How many faults a round has.
    pub faults: u32,
    /// Which faults; none for all.
    pub only: Vec<Fault>,
    /// How many callers ask at once.
    pub callers: usize,
    /// How many members they ask about.
    pub members: usize,
    /// Whether to end with the first round that finds something.
    pub until_found: bool,
}

/// How a round ended.
#[derive(Debug)]
pub struct Verdict {
    /// What is wrong.
    pub findings: Findings,
    /// What was done, and how much was looked at.
    pub report: Report,
}

impl Run {
    /// Runs all rounds on a cluster of their own.
    pub async fn go(&self, product: &Product, directory: &Path, say: impl Fn(&str)) -> Result<Report> {
        let (mut rng, mut deck) = (StdRng::seed_from_u64(self.seed), Deck::of(&self.only));
        let mut cluster = Cluster::start(product, directory).await?;
        let mut total = Report::new(self.seed);
        let mut before: Option<(Arc<Stage>, Vec<Call>)> = None;
        for round in 1..=self.rounds {
            let (verdict, stage, calls) = match self.round(&mut cluster, &mut deck, &mut rng).await {
                Ok(done) => done,
                Err(error) => {
                    total.find(round, vec![format!("the round does not get to its end: {error:#}")]);
                    break;
                }
            };
            total.add(round, verdict);
            if let Some((stage, calls)) = &before {
                total.find(round, check::check_again(stage, calls).await?);
            }
            before = Some((stage, calls));
            say(&total.progress());
            if self.until_found && !total.findings.is_empty() {
                break;
            }
        }
        Ok(total)
    }

    async fn round(
        &self,
        cluster: &mut Cluster,
        deck: &mut Deck,
        rng: &mut StdRng,
    ) -> Result<(Verdict, Arc<Stage>, Vec<Call>)> {
        let stage = Arc::new(Stage::set(cluster, self.members).await?);
        let callers = (0..self.callers).map(|number| Caller::new(stage.clone(), number, rng.random()));
        let callers: Vec<_> = callers.map(|caller| tokio::spawn(caller.run())).collect();
        let mut injected: BTreeMap<Fault, u64> = BTreeMap::new();
        for _ in 0..self.faults {
            sleep(Duration::from_millis(rng.random_range(50..400))).await;
            let fault = deck.draw(rng);
            fault.inject(cluster, rng).await?;
            *injected.entry(fault).or_default() += 1;
        }
        sleep(Duration::from_millis(300)).await;
        let last = fault::begin_last(cluster, rng).await?;
        stage.close();
        let mut history = History::default();
        for caller in callers {
            history.extend(caller.await?);
        }
        last.end(cluster);
        let mut findings = check::come_to_rest(&stage).await?;
        findings.extend(spend_promised_fortunes(cluster, &stage).await?);
        let (checked, found) = check::check(cluster, &stage, &history).await?;
        findings.extend(found);
        let mut report = Report::new(self.seed);
        report.injected = injected;
        report.checked = checked;
        report.attempts = history.attempts;
        report.cancellations = history.cancellations;
        let verdict = Verdict { findings, report };
        Ok((verdict, stage, history.calls))
    }
}

/// Makes the mirror promise fortunes, tries to spend them everywhere, and lets Redis forget them: nothing is ever decided on what Redis says.
async fn spend_promised_fortunes(cluster: &Cluster, stage: &Stage) -> Result<Findings> {
    fault::promise_fortunes(cluster, stage).await?;
    let mut findings = Findings::new();
    for (number, clients) in stage.clients.iter().enumerate() {
        for member_id in &stage.members {
            let spend = Asked::Spend(proto::points::SpendPointsRequest {
                request_id: format!("fortune-{number}"),
                member_id: member_id.clone(),
                wallet: WALLET.to_owned(),
                points: 1_000_000_000,
                reference: String::new(),
            });
            let spent = spend.send(clients, 0, Duration::from_secs(10)).await;
            if !spent
                .as_ref()
                .is_err_and(|status| status.code() == Code::FailedPrecondition)
            {
                findings.push(format!("a fortune that only Redis knows of: {spent:?}"));
            }
        }
    }
    fault::forget(cluster).await?;
    Ok(findings)
}
