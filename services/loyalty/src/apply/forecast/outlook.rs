//! What a plan would cost: every day that is looked at is judged, and what it brings is added up and held against a budget.

use std::collections::BTreeSet;

use campaign::domain::Budget;
use jiff::civil::Date;

use crate::apply::manifest::Manifest;

use super::{
    Forecast, Untold,
    budgets::{Strain, strains},
    judge::{ENROLMENT, Judge},
    levels::{Average, Climb, climbs},
    sources::{Ledger, Source, sum},
    spread::{Spread, every_day},
};

/// What a plan would cost.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The first day that was looked at, and the day after the last.
    pub days: (Date, Date),
    /// Everything that costs money.
    pub sources: Vec<Source>,
    /// What all of it costs if everyone takes everything, in minor units.
    pub cost_minor_units: i64,
    /// What all of it costs if as many take it as are expected to.
    pub expected_minor_units: i64,
    /// The budget that all of it is held against.
    pub budget: String,
    /// The money of that budget for this time.
    pub cap_minor_units: i64,
    /// How much of that can be spent without the reserve.
    pub spendable_minor_units: i64,
    /// The budgets that pay for campaigns, and those around them.
    pub strains: Vec<Strain>,
    /// How far an average member is from each level.
    pub climbs: Vec<Climb>,
}

impl Outlook {
    /// Returns by how much the plan costs more than its budget can spend, as far as it is expected to be taken up; nothing where it does not.
    pub fn over_minor_units(&self) -> Option<i64> {
        let over = self.expected_minor_units - self.spendable_minor_units;
        (over > 0).then_some(over)
    }
}

/// Looks ahead.
pub fn of(forecast: &Forecast, manifest: &Manifest) -> Result<Outlook, Untold> {
    let ledger = judge(forecast, manifest)?;
    let sources = ledger.sources(manifest, &forecast.costs)?;
    let total = |cost: fn(&Source) -> i64| {
        let costs = sources.iter().map(|source| Some(cost(source)));
        sum(costs).ok_or(Untold::TooLarge)
    };
    let (cap_minor_units, spendable_minor_units) = money_of(forecast, manifest)?;
    let average = Average::new(ledger.bought, forecast.members, forecast.days);
    Ok(Outlook {
        days: forecast.days,
        cost_minor_units: total(|source| source.cost_minor_units)?,
        expected_minor_units: total(|source| source.expected_minor_units)?,
        sources,
        budget: forecast.budget.clone(),
        cap_minor_units,
        spendable_minor_units,
        strains: strains(manifest, &ledger.paid)?,
        climbs: climbs(&manifest.ladders, &average)?,
    })
}

/// Judges every day: the orders of the day, of which some are the first of those who enrolled, and what else is done on it.
fn judge(forecast: &Forecast, manifest: &Manifest) -> Result<Ledger, Untold> {
    let judge = Judge::new(manifest, forecast.order_minor_units)?;
    let orders = forecast.orders()?;
    let newcomers = forecast.newcomers();
    let mut ledger = Ledger::default();
    let mut without_a_purchase = 0;
    for day in every_day(forecast.days) {
        let orders = orders.on(day);
        without_a_purchase += newcomers.map_or(0, |newcomers| newcomers.on(day));
        let firsts = orders.min(without_a_purchase);
        without_a_purchase -= firsts;
        ledger.add(day, firsts, &judge.purchase(day, true)?);
        ledger.add(day, orders - firsts, &judge.purchase(day, false)?);
        if let Some(enrolments) = &forecast.enrolments {
            ledger.add(
                day,
                enrolments.on(day),
                &judge.custom(day, ENROLMENT, &Default::default())?,
            );
        }
        for activity in &forecast.activities {
            let decision = judge.custom(day, &activity.kind, &activity.attributes)?;
            ledger.add(day, activity.spread.on(day), &decision);
        }
    }
    Ok(ledger)
}

/// Returns what a budget has for the time of a forecast, and what of that can be spent: once for each of its periods that lies in it.
fn money_of(forecast: &Forecast, manifest: &Manifest) -> Result<(i64, i64), Untold> {
    let wire = manifest.budgets.iter().find(|budget| budget.code == forecast.budget);
    let budget: Option<Budget> = wire.and_then(|wire| campaign::budget_from_wire(wire).ok());
    let budget = budget.ok_or_else(|| Untold::Unreadable(format!("there is no budget {:?}", forecast.budget)))?;
    let starts: BTreeSet<Date> = every_day(forecast.days).map(|day| budget.period.start(day)).collect();
    let periods = i64::try_from(starts.len()).map_err(|_| Untold::TooLarge)?;
    let money = |of_one: i64| of_one.checked_mul(periods).ok_or(Untold::TooLarge);
    Ok((money(budget.cap_minor_units)?, money(budget.open_minor_units())?))
}

impl Forecast {
    /// Returns the orders: as many as all members' spend is enough for.
    fn orders(&self) -> Result<Spread, Untold> {
        let spend = self.spend_per_member_minor_units.checked_mul(self.members);
        let orders = spend.and_then(|spend| spend.checked_div(self.order_minor_units));
        Ok(self.spread(orders.ok_or(Untold::TooLarge)?))
    }

    /// Returns those of the ones who enrol who will buy.
    fn newcomers(&self) -> Option<Spread> {
        let enrolments = self.enrolments?;
        let times = i128::from(enrolments.times) * i128::from(self.first_purchase_per_mille) / 1000;
        Some(Spread {
            times: i64::try_from(times).unwrap_or(enrolments.times),
            ..enrolments
        })
    }

    fn spread(&self, times: i64) -> Spread {
        let (from, until) = self.days;
        Spread { times, from, until }
    }
}
