//! Activities, decided by many campaigns.
//!
//! * **evaluation**: an order of three lines, judged by 50 and by 1,000 running campaigns, nothing else: no network, no database.
//! * **activities**: `RecordActivity` of the running suite with 50 running campaigns. An activity counts when it is durable, and its points are.
//! * **latency**: the same at seven tenths of that rate; a call that is late to begin counts from when it should have begun.
//! * **preview**: `PreviewActivity` against a bare echo on connections of its own.

mod evaluation;
mod plan;
mod served;

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use common::server::asked_to_end;
use serde::Serialize;

use crate::demo::{self, Started};

/// How many campaigns run while activities are recorded, and how many more while they are only evaluated.
const RUNNING: usize = 50;
const MANY: usize = 1_000;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct CampaignArgs {
    /// How many rounds; each measures everything in turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long one measurement takes, in milliseconds.
    #[arg(long, default_value_t = 3_000)]
    slice_ms: u64,
    /// How many members do something.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    members: u32,
    /// Only evaluate: no servers are started.
    #[arg(long)]
    evaluation_only: bool,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// What was measured; medians of the rounds.
#[derive(Clone, Debug, Default, Serialize)]
struct Figures {
    #[serde(flatten)]
    evaluated: evaluation::Evaluated,
    #[serde(flatten)]
    served: Option<served::Served>,
}

/// Measures and prints.
pub async fn run(args: CampaignArgs) -> anyhow::Result<()> {
    let slice = Duration::from_millis(args.slice_ms);
    let evaluated = evaluation::measure(args.rounds as usize, slice)?;
    let mut figures = Figures {
        evaluated,
        served: None,
    };
    if !args.evaluation_only {
        let suite = demo::start("bench", "127.0.0.1:0", &[]).await?;
        let served = tokio::select! {
            served = measure_served(&suite, &args, slice) => served?,
            () = asked_to_end() => bail!("ended before everything was measured"),
        };
        figures.served = Some(served);
        suite.stop().await;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        println!("{}", figures.table());
    }
    Ok(())
}

async fn measure_served(suite: &Started, args: &CampaignArgs, slice: Duration) -> anyhow::Result<served::Served> {
    served::measure(suite, args.members as usize, args.rounds as usize, slice).await
}

impl Figures {
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["", "measured", "bar"]);
        let evaluated = &self.evaluated;
        table.add_row([
            "an evaluation with 50 campaigns, us".to_owned(),
            format!("{:.1}", evaluated.evaluate_50_us),
            "<= 20".to_owned(),
        ]);
        table.add_row([
            "with 1,000, us".to_owned(),
            format!("{:.1}", evaluated.evaluate_1000_us),
            "<= 3 times that".to_owned(),
        ]);
        if let Some(served) = &self.served {
            table.add_row([
                "activities a second".to_owned(),
                format!("{:.0}", served.activities_per_s),
                ">= 5000".to_owned(),
            ]);
            table.add_row([
                format!("p99 at {:.0} a second, ms", served.paced_per_s),
                format!("{:.1}", served.p99_ms),
                "< 60".to_owned(),
            ]);
            table.add_row([
                "previews over echoes".to_owned(),
                format!("{:.2}", served.preview_over_echo),
                ">= 0.5".to_owned(),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}
