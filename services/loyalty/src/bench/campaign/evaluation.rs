//! How long an evaluation takes: the pure function alone.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use campaign::domain::{Activity, Facts, Kept, LevelFact, Occasion, Order, Rules, Version, evaluate};
use common::{ids::ActivityId, ratio::Ratio, zone::Zone};
use proto::campaign::activity_input;
use serde::Serialize;

use super::{MANY, RUNNING, plan};
use crate::bench::load::{median, rounded};

/// How many orders are evaluated in turn.
const ORDERS: usize = 512;

/// What was measured, in microseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Evaluated {
    /// With 50 campaigns.
    pub evaluate_50_us: f64,
    /// With 1,000.
    pub evaluate_1000_us: f64,
    /// The second over the first.
    pub evaluate_1000_over_50: f64,
}

/// Measures, in turns.
pub fn measure(rounds: usize, slice: Duration) -> anyhow::Result<Evaluated> {
    let (few, many) = (orders(RUNNING)?, orders(MANY)?);
    let slice = slice / 4;
    let mut measured: Vec<(f64, f64)> = Vec::new();
    for _ in 0..rounds {
        measured.push((microseconds(&few, slice)?, microseconds(&many, slice)?));
    }
    let of_few = median(measured.iter().map(|(few, _)| *few));
    let of_many = median(measured.iter().map(|(_, many)| *many));
    Ok(Evaluated {
        evaluate_50_us: rounded(of_few),
        evaluate_1000_us: rounded(of_many),
        evaluate_1000_over_50: rounded(median(measured.iter().map(|(few, many)| many / few))),
    })
}

fn microseconds(orders: &[Order], time: Duration) -> anyhow::Result<f64> {
    let since = Instant::now();
    let mut evaluated = 0_u32;
    while since.elapsed() < time {
        for order in orders {
            black_box(evaluate(black_box(order))?);
        }
        evaluated += orders.len() as u32;
    }
    Ok(since.elapsed().as_secs_f64() * 1e6 / f64::from(evaluated))
}

fn orders(campaigns: usize) -> anyhow::Result<Vec<Order>> {
    let rules = Arc::new(rules(campaigns)?);
    (0..ORDERS).map(|number| order(number, campaigns, &rules)).collect()
}

fn rules(campaigns: usize) -> anyhow::Result<Rules> {
    let first = |rule| Version { version: 1, rule };
    let accrual = campaign::accrual_from_wire(&plan::accrual())?;
    let group = campaign::group_from_wire(&plan::group())?;
    let campaigns = plan::campaigns(campaigns);
    let campaigns: Vec<_> = campaigns
        .iter()
        .map(campaign::campaign_from_wire)
        .collect::<Result<_, _>>()?;
    Ok(Rules::new(
        vec![Version {
            version: 1,
            rule: Arc::new(accrual),
        }],
        campaigns.into_iter().map(Arc::new).map(first).collect(),
        vec![Version {
            version: 1,
            rule: Arc::new(group),
        }],
    ))
}

fn order(number: usize, campaigns: usize, rules: &Arc<Rules>) -> anyhow::Result<Order> {
    let wire = activity_input::Activity::Purchase(plan::purchase(number, campaigns));
    let activity = campaign::activity_from_wire(&wire).map_err(|found| anyhow!("{found:?}"))?;
    let Activity::Purchase(purchase) = activity else {
        return Err(anyhow!("it is a purchase"));
    };
    let (store, channel) = plan::place(number, campaigns);
    let level = LevelFact {
        ladder: "status".to_owned(),
        level: Some(["standard", "silver", "gold", "diamond"][number % 4].to_owned()),
        accrual_factor: Ratio::new(6, 5).context("it is a ratio")?,
        discount_per_mille: 0,
    };
    Ok(Order {
        activity_id: ActivityId::nil(),
        occasion: Occasion {
            occurred_at: "2026-06-01T12:00:00Z".parse()?,
            channel,
            store,
        },
        kept: Kept::everything(&purchase),
        purchase,
        facts: Facts {
            levels: vec![level],
            purchases_before: (number % 8) as i64,
            zone: Zone::find("Etc/UTC").context("UTC is a zone")?,
            enrolled_at: None,
            is_prospect: false,
            uses: Vec::new(),
            budgets: Vec::new(),
            histories: Vec::new(),
            streaks: Vec::new(),
            samples: Vec::new(),
            is_counted: false,
            birthday_on: None,
        },
        rules: rules.clone(),
        standing: Vec::new(),
        given: Vec::new(),
        money: Vec::new(),
        bought: Vec::new(),
        charges: Vec::new(),
    })
}
