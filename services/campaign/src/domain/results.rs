//! What campaigns bring about: how often they apply, what that costs, and what is sold by it.

use super::campaign::Campaign;
use super::decision::{AccrualDecision, Contribution};
use super::evaluate::Judgement;
use super::fire::Fared;
use super::purse::cost;

/// What a campaign that applied brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Brought {
    /// The campaign.
    pub campaign: String,
    /// The points.
    pub points: i64,
    /// What they cost, where the campaign says what a point costs.
    pub cost_minor_units: i64,
}

/// What an activity adds to what a campaign brings about.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct CampaignResult {
    /// The campaign.
    pub campaign: String,
    /// How often it applied.
    pub times: i64,
    /// The points.
    pub points: i64,
    /// What they cost.
    pub cost_minor_units: i64,
    /// What was spent in orders to which it applied.
    pub sales_minor_units: i64,
}

/// Tells what each campaign that applied brought.
pub(super) fn brought(campaigns: &[Fared<'_>], accruals: &[AccrualDecision]) -> Vec<Brought> {
    let fired = campaigns.iter().filter(|fared| fared.unmet.is_none());
    fired.map(|fared| of_campaign(&fared.version.rule, accruals)).collect()
}

fn of_campaign(campaign: &Campaign, accruals: &[AccrualDecision]) -> Brought {
    let contributions = accruals.iter().flat_map(|accrual| &accrual.contributions);
    let own = contributions.filter(|of| of.campaign == campaign.code);
    let of_grants = campaign.grants.iter().map(|grant| grant.cost_minor_units);
    let (mut points, mut cost_minor_units) = (0, of_grants.fold(0, i64::saturating_add));
    for Contribution {
        effect,
        points: of_effect,
        ..
    } in own
    {
        points += of_effect.get();
        let cost = campaign
            .effects
            .get(*effect)
            .and_then(|effect| cost(effect, *of_effect));
        cost_minor_units = cost_minor_units.saturating_add(cost.unwrap_or(0));
    }
    Brought {
        campaign: campaign.code.clone(),
        points,
        cost_minor_units,
    }
}

/// Tells what an activity adds to what campaigns bring about: all that it brought, or for a return what differs from before. Each is told with what is spent then.
pub(super) fn results(after: (&Judgement, i64), before: Option<(&Judgement, i64)>) -> Vec<CampaignResult> {
    let mut results: Vec<CampaignResult> = Vec::new();
    let sides = [Some((after, 1)), before.map(|before| (before, -1))];
    for ((judged, spend), sign) in sides.into_iter().flatten() {
        for of in &judged.brought {
            let at = results.iter().position(|result| result.campaign == of.campaign);
            let at = at.unwrap_or_else(|| {
                results.push(CampaignResult {
                    campaign: of.campaign.clone(),
                    ..CampaignResult::default()
                });
                results.len() - 1
            });
            let result = &mut results[at];
            result.times += sign;
            result.points += sign * of.points;
            result.cost_minor_units = result.cost_minor_units.saturating_add(sign * of.cost_minor_units);
            result.sales_minor_units += sign * spend;
        }
    }
    results.retain(|result| {
        (
            result.times,
            result.points,
            result.cost_minor_units,
            result.sales_minor_units,
        ) != (0, 0, 0, 0)
    });
    results
}
