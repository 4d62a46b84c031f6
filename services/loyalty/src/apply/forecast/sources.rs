//! Where the cost of a plan comes from: decisions, added up by accrual and by campaign.

use std::collections::BTreeMap;

use campaign::domain::{AccrualDecision, Decision};
use common::ratio::{Ratio, Rounding};
use jiff::civil::Date;
use proto::campaign::{Accrual, Campaign, Terms};

use crate::apply::{manifest::Manifest, parts::Kind};

use super::{OtherCost, Untold};

/// Something that costs money.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// What it is: an accrual or a campaign, or nothing of the file's other sections.
    pub kind: Option<Kind>,
    /// What it is called.
    pub name: String,
    /// How often it gives something.
    pub times: i64,
    /// How many points it gives in all; nothing where it gives other things.
    pub points: Option<i64>,
    /// What it costs if everyone takes it, in minor units.
    pub cost_minor_units: i64,
    /// What it costs if as many take it as are expected to.
    pub expected_minor_units: i64,
}

/// What typical orders came to, by the metrics that levels are reached with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bought {
    /// Orders.
    pub orders: i128,
    /// Money, in minor units.
    pub spend_minor_units: i128,
    /// Points, whatever their wallets.
    pub points: i128,
    /// Of these, the points that campaigns gave.
    pub of_campaigns: i128,
}

/// Adds up decisions.
#[derive(Default)]
pub struct Ledger {
    tallies: BTreeMap<(Kind, String), Tally>,
    /// What typical orders came to.
    pub bought: Bought,
    /// What campaigns cost the budgets that pay for them, by campaign and the first day of the month.
    pub paid: BTreeMap<(String, Date), i128>,
}

/// What something gave.
#[derive(Clone, Debug, Default)]
struct Tally {
    times: i128,
    points: BTreeMap<String, i128>,
    charged_minor_units: i128,
}

impl Ledger {
    /// Adds a decision of a day that is made so often.
    pub fn add(&mut self, day: Date, times: i64, decision: &Decision) {
        if times == 0 {
            return;
        }
        let times = i128::from(times);
        let is_order = decision.metrics.orders > 0;
        for accrual in decision.accruals.iter().filter(|_| is_order) {
            let tally = self.tally(Kind::Accrual, &accrual.accrual);
            tally.times += times;
            tally.add(&accrual.wallet, base_points(accrual) * times);
        }
        for accrual in &decision.accruals {
            for contribution in &accrual.contributions {
                let tally = self.tally(Kind::Campaign, &contribution.campaign);
                tally.add(&accrual.wallet, i128::from(contribution.points.get()) * times);
            }
        }
        for applied in decision.campaigns.iter().filter(|campaign| campaign.unmet.is_none()) {
            self.tally(Kind::Campaign, &applied.campaign).times += times;
        }
        // Each campaign is charged to a budget of its own name: see the judge.
        for charge in &decision.charges {
            let cost = i128::from(charge.by.minor_units) * times;
            self.tally(Kind::Campaign, &charge.budget).charged_minor_units += cost;
            let month = (charge.budget.clone(), day.first_of_month());
            *self.paid.entry(month).or_default() += cost;
        }
        if is_order {
            self.bought.add(times, decision);
        }
    }

    /// Tells what everything cost, in the order of the file: accruals that earn, campaigns that give points, and what costs money besides.
    pub fn sources(&self, manifest: &Manifest, costs: &[OtherCost]) -> Result<Vec<Source>, Untold> {
        let earns = |accrual: &&Accrual| accrual.rate.is_some();
        let gives = |campaign: &&Campaign| !campaign.effects.is_empty();
        let accruals = manifest.accruals.iter().filter(earns);
        let accruals = accruals.map(|accrual| self.source(Kind::Accrual, &accrual.code, false, manifest));
        let campaigns = manifest.campaigns.iter().filter(gives);
        let campaigns = campaigns.map(|of| self.source(Kind::Campaign, &of.code, of.funding.is_some(), manifest));
        accruals
            .chain(campaigns)
            .chain(costs.iter().map(other))
            .collect::<Option<_>>()
            .ok_or(Untold::TooLarge)
    }

    /// What a budget pays for costs what its decisions charged; what partners pay for costs nothing; points of anything else cost what they are worth.
    fn source(&self, kind: Kind, code: &str, is_paid: bool, manifest: &Manifest) -> Option<Source> {
        let tally = self.tallies.get(&(kind, code.to_owned())).cloned().unwrap_or_default();
        let worth = |(wallet, points): (&String, &i128)| worth(manifest, wallet, *points);
        let cost = if is_paid {
            i64::try_from(tally.charged_minor_units).ok()?
        } else if is_funded(manifest, kind, code) {
            0
        } else {
            sum(tally.points.iter().map(worth))?
        };
        Some(Source {
            kind: Some(kind),
            name: code.to_owned(),
            times: i64::try_from(tally.times).ok()?,
            points: Some(i64::try_from(tally.points.values().sum::<i128>()).ok()?),
            cost_minor_units: cost,
            expected_minor_units: cost,
        })
    }

    fn tally(&mut self, kind: Kind, code: &str) -> &mut Tally {
        self.tallies.entry((kind, code.to_owned())).or_default()
    }
}

impl Tally {
    fn add(&mut self, wallet: &str, points: i128) {
        *self.points.entry(wallet.to_owned()).or_default() += points;
    }
}

impl Bought {
    fn add(&mut self, times: i128, decision: &Decision) {
        let without_campaigns: i128 = decision.accruals.iter().map(base_points).sum();
        let points = i128::from(decision.metrics.points_earned);
        self.orders += times;
        self.spend_minor_units += i128::from(decision.metrics.spend_minor_units) * times;
        self.points += points * times;
        self.of_campaigns += (points - without_campaigns) * times;
    }
}

/// Returns what an accrual gives without campaigns: less than nothing where its cap takes some of theirs off too, so that all of it together is what members get.
fn base_points(accrual: &AccrualDecision) -> i128 {
    let contributions = accrual.contributions.iter();
    let of_campaigns: i128 = contributions.map(|of| i128::from(of.points.get())).sum();
    i128::from(accrual.points.get()) - of_campaigns
}

/// Tells whether partners pay for all the points of an accrual or of a campaign.
fn is_funded(manifest: &Manifest, kind: Kind, code: &str) -> bool {
    let has_funder = |terms: Option<&Terms>| terms.is_some_and(|terms| !terms.funder.is_empty());
    let accrual = |code: &str| manifest.accruals.iter().find(|accrual| accrual.code == code);
    let of_accrual = |code: &str| has_funder(accrual(code).and_then(|accrual| accrual.terms.as_ref()));
    match kind {
        Kind::Accrual => of_accrual(code),
        Kind::Campaign => {
            let campaign = manifest.campaigns.iter().find(|campaign| campaign.code == code);
            let mut effects = campaign.into_iter().flat_map(|campaign| &campaign.effects);
            effects.all(|effect| match &effect.terms {
                Some(terms) => has_funder(Some(terms)),
                None => of_accrual(&effect.accrual),
            })
        }
        _ => false,
    }
}

/// Returns what points are worth by their wallet, a started minor unit as one.
fn worth(manifest: &Manifest, wallet: &str, points: i128) -> Option<i64> {
    let wallet = manifest.wallets.iter().find(|known| known.code == wallet)?;
    let value = wallet.value?;
    let of_one = Ratio::new(value.minor_units, value.points)?;
    Ratio::whole(i64::try_from(points).ok()?)
        .checked_mul(of_one)?
        .round(Rounding::Ceil)
}

fn other(cost: &OtherCost) -> Option<Source> {
    let all = cost.each_minor_units.checked_mul(cost.times)?;
    let taken_up = Ratio::whole(all).checked_mul(Ratio::new(cost.taken_up_per_mille, 1000)?)?;
    Some(Source {
        kind: None,
        name: cost.name.clone(),
        times: cost.times,
        points: None,
        cost_minor_units: all,
        expected_minor_units: taken_up.round(Rounding::Ceil)?,
    })
}

/// Adds up; nothing when the sum cannot be held.
pub fn sum(mut amounts: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    amounts.try_fold(0_i64, |sum, amount| sum.checked_add(amount?))
}
