//! What publishing would refuse in a rule, told from the messages alone: for whoever has a whole program in hand and nothing of it published yet.

use proto::campaign as pb;

use super::{accrual_from_wire, budget_from_wire, campaign_from_wire, group_from_wire, template_from_wire};
use crate::domain::{Accrual, Budget, Contradiction, Group, ancestors};

/// Tells everything that makes a campaign impossible among the accruals of its program. What cannot be read, or is not there, is told by others.
pub fn campaign_contradictions(campaign: &pb::Campaign, accruals: &[pb::Accrual]) -> Vec<Contradiction> {
    let Ok(campaign) = campaign_from_wire(campaign) else {
        return Vec::new();
    };
    let accruals: Vec<Accrual> = accruals
        .iter()
        .filter_map(|accrual| accrual_from_wire(accrual).ok())
        .collect();
    let of_effects = campaign
        .effects
        .iter()
        .map(|effect| accruals.iter().find(|accrual| accrual.code == effect.accrual));
    let Some(of_effects) = of_effects.collect::<Option<Vec<&Accrual>>>() else {
        return Vec::new();
    };
    campaign.contradictions(&of_effects)
}

/// Tells everything that makes a group impossible among the groups of its program.
pub fn group_contradictions(group: &pb::Group, groups: &[pb::Group]) -> Vec<Contradiction> {
    let Ok(group) = group_from_wire(group) else {
        return Vec::new();
    };
    let groups: Vec<Group> = groups.iter().filter_map(|group| group_from_wire(group).ok()).collect();
    let find = |code: &str| groups.iter().find(|group| group.code == code);
    // A group that is not there is told by whoever looks for names.
    let ancestors = ancestors(&group, find).unwrap_or_default();
    group.contradictions(&ancestors)
}

/// Tells everything that makes a budget impossible among the budgets of its program.
pub fn budget_contradictions(budget: &pb::Budget, budgets: &[pb::Budget]) -> Vec<Contradiction> {
    let Ok(budget) = budget_from_wire(budget) else {
        return Vec::new();
    };
    let budgets: Vec<Budget> = budgets
        .iter()
        .filter_map(|budget| budget_from_wire(budget).ok())
        .collect();
    let find = |code: &str| budgets.iter().find(|budget| budget.code == code);
    let ancestors = ancestors(&budget, find).unwrap_or_default();
    budget.contradictions(&ancestors, None)
}

/// Tells everything that makes a template of messages impossible.
pub fn template_contradictions(template: &pb::MessageTemplate) -> Vec<Contradiction> {
    template_from_wire(template).map_or_else(|_| Vec::new(), |template| template.contradictions())
}
