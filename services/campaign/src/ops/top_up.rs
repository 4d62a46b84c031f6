//! Asks budgets for more money for a shard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use common::{auth::ProgramScope, ids::ProgramId};
use jiff::civil::Date;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    error::ShortLeases,
    store::{Leased, lease_more},
};

/// For how long a budget is believed to have nothing left.
const BELIEVED: Duration = Duration::from_millis(500);
/// How long to wait for what others were just given and may leave.
const SOON: Duration = Duration::from_millis(50);

/// A budget, and the day on which the time began whose money it is.
pub type BudgetTime = (String, Date);

/// Budgets that had nothing left a moment ago: whoever needs them is decided without asking. Cheap to clone.
#[derive(Clone, Default)]
pub struct Exhausted(Arc<Mutex<HashMap<(ProgramId, BudgetTime), Instant>>>);

impl Exhausted {
    /// Returns those of a program.
    pub fn of(&self, program_id: ProgramId) -> Vec<BudgetTime> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return Vec::new();
        }
        known.retain(|_, since| since.elapsed() < BELIEVED);
        let of_program = known.keys().filter(|(known, _)| *known == program_id);
        of_program.map(|(_, budget)| budget.clone()).collect()
    }

    /// Forgets those of a program: something was given back, or there is more.
    pub fn forget(&self, program_id: ProgramId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(known, _), _| *known != program_id);
    }

    fn note(&self, program_id: ProgramId, budget: BudgetTime) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((program_id, budget), Instant::now());
    }
}

/// Gets what is missing. Returns the budgets that have nothing to give.
pub async fn top_up(cx: &Context, scope: ProgramScope, short: ShortLeases) -> Result<Vec<BudgetTime>, Failure> {
    // Caps may just have been raised.
    let (_, rules) = rules_now(cx, scope).await?;
    let asked = cx.db.run(move |pool| async move {
        let mut answers = Vec::with_capacity(short.short.len());
        for (lease, missing_minor_units) in short.short {
            let leased = lease_more(&pool, &rules, (&lease, missing_minor_units), &short.needed).await?;
            answers.push((leased, (lease.budget, lease.starts_on)));
        }
        Ok::<_, sqlx::Error>(answers)
    });
    let answers = asked.await?;
    if answers.iter().any(|(leased, _)| *leased == Leased::Soon) {
        tokio::time::sleep(SOON).await;
    }
    let exhausted = answers.into_iter().filter(|(leased, _)| *leased == Leased::Nothing);
    let exhausted: Vec<BudgetTime> = exhausted.map(|(_, budget)| budget).collect();
    for budget in &exhausted {
        cx.exhausted.note(scope.id(), budget.clone());
    }
    Ok(exhausted)
}
