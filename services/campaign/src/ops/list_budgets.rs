//! Tells the budgets of a program, and what was spent of them.

use std::collections::{BTreeMap, BTreeSet};

use common::{auth::ProgramScope, time, versions::Version};
use jiff::civil::Date;
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::Budget,
    store::{BudgetRule, ProgramRules, Spending, list_spending},
};

/// Returns the budgets, by code, each with what was spent of it.
pub async fn list_budgets(cx: &Context, scope: ProgramScope) -> Result<Vec<pb::BudgetStanding>, Failure> {
    let (program, rules) = rules_now(cx, scope).await?;
    let today = program.zone.tz().to_datetime(program.now_for_reading()).date();
    let spending = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        list_spending(&mut connection, program.program_id).await
    });
    let spending = spending.await?;
    let accounts = Accounts::of(&rules, &spending);
    let budgets = rules.budgets.all_latest();
    Ok(budgets.map(|(_, latest)| accounts.standing(latest, today)).collect())
}

/// What was spent of every budget for a time, with everything in the budgets that are a part of it.
struct Accounts<'a> {
    rules: &'a ProgramRules,
    spent: BTreeMap<(&'a str, Date), (i64, i64)>,
}

impl<'a> Accounts<'a> {
    fn of(rules: &'a ProgramRules, spending: &[Spending]) -> Accounts<'a> {
        let mut spent: BTreeMap<(&str, Date), (i64, i64)> = BTreeMap::new();
        for of in spending {
            for budget in rules.path_of(&of.budget) {
                let starts_on = budget.period.start(of.starts_on);
                let sum = spent.entry((budget.code.as_str(), starts_on)).or_default();
                sum.0 += of.spent;
                sum.1 += of.over;
            }
        }
        Accounts { rules, spent }
    }

    fn standing(&self, latest: &Version<BudgetRule>, today: Date) -> pb::BudgetStanding {
        let budget = &*latest.definition.0;
        let mut times: BTreeSet<Date> = self
            .spent
            .keys()
            .filter(|(code, _)| *code == budget.code)
            .map(|(_, starts_on)| *starts_on)
            .collect();
        times.insert(budget.period.start(today));
        let releases = self.rules.releases.all_latest().map(|(_, latest)| &latest.wire);
        let mut releases: Vec<pb::ReserveRelease> = releases.filter(|of| of.budget == budget.code).cloned().collect();
        releases.sort_by(|a, b| b.release_id.cmp(&a.release_id));
        pb::BudgetStanding {
            budget_version: Some(pb::BudgetVersion {
                budget: Some(latest.wire.clone()),
                version: latest.version,
                effective_from: Some(time::to_wire(latest.effective_from)),
            }),
            usage: times
                .into_iter()
                .rev()
                .map(|starts_on| self.usage(budget, starts_on))
                .collect(),
            reserve_releases: releases,
        }
    }

    /// Returns what can be spent: what neither the budget nor those that it is a part of have spent.
    fn available(&self, budget: &Budget, starts_on: Date) -> i64 {
        let left = self.rules.path_of(&budget.code).into_iter().map(|of| {
            let starts_on = of.period.start(starts_on);
            let (spent, _) = self
                .spent
                .get(&(of.code.as_str(), starts_on))
                .copied()
                .unwrap_or_default();
            self.rules.open_minor_units(of, starts_on) - spent
        });
        left.min().unwrap_or(0).max(0)
    }

    fn usage(&self, budget: &Budget, starts_on: Date) -> pb::BudgetUsage {
        let (spent, over) = self
            .spent
            .get(&(budget.code.as_str(), starts_on))
            .copied()
            .unwrap_or_default();
        let open = self.rules.open_minor_units(budget, starts_on);
        pb::BudgetUsage {
            starts_on: starts_on.to_string(),
            cap_minor_units: budget.cap_minor_units,
            reserve_minor_units: budget.cap_minor_units - open,
            spent_minor_units: spent,
            over_minor_units: over,
            available_minor_units: self.available(budget, starts_on),
        }
    }
}
