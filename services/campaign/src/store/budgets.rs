//! Budgets and the releases of their reserves, as they are stored.

use std::sync::Arc;

use common::{versions::Definition, zone::Zone};
use jiff::{Timestamp, civil::Date};
use proto::campaign as pb;

use super::{ProgramRules, Unreadable};
use crate::domain::{Budget, BudgetPeriod, Funding, OnShortage, ancestors};

/// A budget.
pub struct BudgetRule(pub Arc<Budget>);

/// A part of a budget's reserve that is proposed to be released, or is.
pub struct ReleaseRule {
    /// The budget.
    pub budget: String,
    /// The day on which the time began whose reserve it is.
    pub starts_on: Date,
    /// What is released; nothing while it is only proposed.
    pub released_minor_units: i64,
}

impl Definition for BudgetRule {
    type Wire = pb::Budget;

    const KIND: &'static str = "budget";

    fn from_stored(wire: pb::Budget) -> Option<BudgetRule> {
        budget_from_wire(&wire).ok().map(|budget| BudgetRule(Arc::new(budget)))
    }
}

impl Definition for ReleaseRule {
    type Wire = pb::ReserveRelease;

    const KIND: &'static str = "reserve-release";

    fn from_stored(wire: pb::ReserveRelease) -> Option<ReleaseRule> {
        let is_approved = !wire.approved_by.is_empty();
        Some(ReleaseRule {
            starts_on: wire.starts_on.parse().ok()?,
            released_minor_units: if is_approved { wire.minor_units } else { 0 },
            budget: wire.budget,
        })
    }
}

impl ProgramRules {
    /// Returns the latest version of a budget.
    pub fn budget(&self, code: &str) -> Option<&Budget> {
        self.budgets.latest(code).map(|latest| &*latest.definition.0)
    }

    /// Returns a budget and those that it is a part of, from the innermost outwards; none where it is not known.
    pub fn path_of(&self, code: &str) -> Vec<&Budget> {
        let Some(budget) = self.budget(code) else {
            return Vec::new();
        };
        let around = ancestors(budget, |code| self.budget(code)).unwrap_or_default();
        std::iter::once(budget).chain(around).collect()
    }

    /// Returns the budgets that pay for campaigns at an instant, each with the day on which the time began whose money it is.
    pub fn budgets_at(&self, at: Timestamp, zone: &Zone) -> Vec<(String, Date)> {
        let rules = self.in_force_at(at);
        let day = zone.tz().to_datetime(at).date();
        let known = rules.budgets().filter_map(|code| self.budget(code));
        known
            .map(|budget| (budget.code.clone(), budget.period.start(day)))
            .collect()
    }

    /// Returns what may be spent of a budget's money for a time: without the reserve, but for what was released of it.
    pub fn open_minor_units(&self, budget: &Budget, starts_on: Date) -> i64 {
        let released = self.released_minor_units(&budget.code, starts_on);
        budget
            .open_minor_units()
            .saturating_add(released)
            .min(budget.cap_minor_units)
    }

    /// Returns what was released of the reserve of a budget for a time.
    pub fn released_minor_units(&self, budget: &str, starts_on: Date) -> i64 {
        let releases = self.releases.all_latest().map(|(_, latest)| &latest.definition);
        let of_it = releases.filter(|release| release.budget == budget && release.starts_on == starts_on);
        of_it.map(|release| release.released_minor_units).sum()
    }
}

/// Reads a budget.
pub fn budget_from_wire(wire: &pb::Budget) -> Result<Budget, Unreadable> {
    let period = match wire.period() {
        pb::BudgetPeriod::Unspecified => return Err(Unreadable("period")),
        pb::BudgetPeriod::Always => BudgetPeriod::Always,
        pb::BudgetPeriod::Year => BudgetPeriod::Year,
        pb::BudgetPeriod::Quarter => BudgetPeriod::Quarter,
        pb::BudgetPeriod::Month => BudgetPeriod::Month,
    };
    Ok(Budget {
        code: wire.code.clone(),
        display_name: wire.display_name.clone(),
        parent: (!wire.parent.is_empty()).then(|| wire.parent.clone()),
        period,
        cap_minor_units: wire.cap_minor_units,
        reserve_per_mille: i64::from(wire.reserve_per_mille),
    })
}

/// Reads who pays for a campaign.
pub(super) fn funding(wire: &pb::Funding) -> Result<Funding, Unreadable> {
    let on_shortage = match wire.on_shortage() {
        pb::OnShortage::Unspecified => return Err(Unreadable("funding.on_shortage")),
        pb::OnShortage::Partial => OnShortage::Partial,
        pb::OnShortage::BaseOnly => OnShortage::BaseOnly,
        pb::OnShortage::Reject => OnShortage::Reject,
        pb::OnShortage::Allow => OnShortage::Allow,
    };
    Ok(Funding {
        budget: wire.budget.clone(),
        on_shortage,
    })
}
