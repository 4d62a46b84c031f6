//! `loyalty apply FILE`: makes a program what a file says it is.
//!
//! The file is read to its end, and every mistake in it is told at once, before anything is sent. Then it is compared with what stands in the
//! services, the differences are shown, and each is published through the public RPCs under a key made of its content: running it again
//! changes nothing, and a run that broke off is finished by the next one. Nothing is ever deleted: what the program has and the file has
//! not stays, because a member may still hold it.
//!
//! A file that says what its plan is expected to meet is held against its own budget first: a plan that costs more than that can spend is not applied
//! unless the caller says so.

mod accrual;
mod amounts;
mod budget;
mod campaign;
mod condition;
mod contradictions;
mod discount;
mod effect;
mod expiry;
mod forecast;
mod grant;
mod group;
mod history;
mod ladder;
mod lint;
mod lottery;
mod manifest;
mod mistakes;
mod parts;
mod plan;
mod program;
mod references;
mod referral;
mod refused;
mod reward;
mod rules;
mod schedule;
mod services;
mod sheet;
mod streak;
mod target;
mod template;
#[cfg(test)]
mod tests;
mod wallet;
mod words;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use prost::Message as _;
use proto::member::Program;
use tonic::Status;

pub use manifest::Manifest;
pub use mistakes::{Mistake, Mistakes};
pub use plan::{Plan, Step};
pub use services::Transport;

use parts::{Part, request_id};
use services::Services;

use crate::server::ServerArgs;

/// What to apply, and where.
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// The file: a program as TOML. See deploy/programs.
    pub file: PathBuf,
    /// Where the services are. Without a token the calls are those of development mode, in the program that the file names.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub plan_only: bool,
    /// Apply a plan whose forecast costs more than its budget can spend.
    #[arg(long)]
    pub over_budget: bool,
}

/// What applying a file did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Applied {
    /// How many things began to exist, the program among them.
    pub created: usize,
    /// How many became different.
    pub changed: usize,
    /// How many were what the file says already.
    pub unchanged: usize,
    /// How many campaigns wait for somebody's approval, as drafts.
    pub submitted: usize,
}

/// Reads a file, shows what its plan would cost where it has a forecast, shows what it would change, and changes it.
pub async fn run(args: ApplyArgs) -> anyhow::Result<()> {
    let manifest = Manifest::read(&args.file)?;
    let outlook = forecast::look_ahead(&manifest)?;
    if let Some(outlook) = &outlook {
        println!("{}", outlook.text(&manifest.frame));
    }
    let strange = lint::look(&manifest);
    if !strange.is_empty() {
        println!("Worth a look:\n  {}\n", strange.join("\n  "));
    }
    let refusal = outlook.and_then(|outlook| outlook.refusal(&manifest.frame.currency));
    let services = Services(args.server.connect(&manifest.program_id())?);
    let plan = plan(&manifest, &services)
        .await
        .with_context(|| format!("the services at {}", args.server.url))?;
    println!("{}", plan.table(&manifest));
    if plan.is_empty() {
        println!("Nothing to change.");
    } else if args.plan_only {
        println!("Nothing was changed: --plan-only.");
    } else if let Some(refusal) = refusal.filter(|_| !args.over_budget) {
        bail!(refusal);
    } else {
        let Applied {
            created,
            changed,
            unchanged,
            submitted,
        } = carry_out(&manifest, &plan, &services).await?;
        println!("Applied: {created} created, {changed} changed, {unchanged} unchanged.");
        if submitted > 0 {
            println!("Submitted: {submitted} campaigns, as drafts that somebody else has to approve (ApproveDraft).");
        }
    }
    Ok(())
}

/// Makes the program what a file says it is, whatever it would cost.
pub async fn apply(manifest: &Manifest, transport: impl Transport) -> anyhow::Result<Applied> {
    let services = Services(transport);
    let plan = plan(manifest, &services).await?;
    carry_out(manifest, &plan, &services).await
}

async fn plan<'a>(manifest: &'a Manifest, services: &Services<impl Transport>) -> anyhow::Result<Plan<'a>> {
    let program = services
        .program()
        .await
        .map_err(|status| refused("the program cannot be read", &status))?;
    let standings = match &program {
        Some(_) => services.standings(&manifest.frame).await,
        None => Ok(Default::default()),
    };
    let standings = standings.map_err(|status| refused("the program's configuration cannot be read", &status))?;
    Ok(Plan::new(manifest, program, &standings)?)
}

/// Publishes in the order of the plan: what others refer to comes first.
async fn carry_out(
    manifest: &Manifest,
    plan: &Plan<'_>,
    services: &Services<impl Transport>,
) -> anyhow::Result<Applied> {
    let mut applied = Applied::default();
    write_program(manifest, plan, services)
        .await
        .map_err(|status| refused("the program was refused", &status))?;
    applied.count(&plan.program, plan.program != Step::Unchanged);
    for planned in &plan.parts {
        let part = planned.listed.part;
        let refused = |status| refused::to_publish(manifest, &planned.listed, &status);
        let mut different = false;
        if planned.step != Step::Unchanged {
            match (services.publish(part, planned.version).await, part) {
                (Err(status), Part::Campaign(campaign)) if refused::needs_approval(&status) => {
                    services
                        .submit_campaign(campaign, planned.version)
                        .await
                        .map_err(refused)?;
                    applied.submitted += 1;
                    continue;
                }
                (published, _) => different |= published.map_err(refused)?,
            }
        }
        if planned.needs_stock {
            different |= services
                .give_first_stock(part.code(), planned.listed.stock)
                .await
                .map_err(refused)?;
        }
        applied.count(&planned.step, different);
    }
    Ok(applied)
}

async fn write_program(
    manifest: &Manifest,
    plan: &Plan<'_>,
    services: &Services<impl Transport>,
) -> Result<(), Status> {
    match (&plan.program, &plan.standing) {
        (Step::Change(_), Some(standing)) => {
            let renamed = Program {
                name: manifest.program.name.clone(),
                ..standing.clone()
            };
            services
                .rename_program(&renamed, request_id("program-name", &renamed.encode_to_vec()))
                .await
        }
        (Step::Unchanged, _) => Ok(()),
        (Step::Create | Step::Change(_), _) => {
            services
                .create_program(
                    &manifest.program,
                    request_id("program", &manifest.program.encode_to_vec()),
                )
                .await
        }
    }
}

impl Applied {
    fn count(&mut self, step: &Step, different: bool) {
        match step {
            _ if !different => self.unchanged += 1,
            Step::Create => self.created += 1,
            Step::Change(_) | Step::Unchanged => self.changed += 1,
        }
    }
}

fn refused(what: &str, status: &Status) -> anyhow::Error {
    anyhow!("{what}: {}", refused::sentence(status))
}
