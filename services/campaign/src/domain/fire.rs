//! Tells which campaigns apply: each by itself first, then as their groups choose, then as exclusive tags leave them, and groups choose anew where these took one of theirs.

use std::collections::{BTreeSet, HashMap};

use super::campaign::{Campaign, NotFired};
use super::condition::Unmet;
use super::decision::{CampaignDecision, GroupUsed};
use super::group::{Candidate, around, choose};
use super::rules::{Rules, Version};
use super::situation::Situation;

/// Which campaigns apply.
pub(super) struct Fired<'a> {
    /// Every campaign that was considered, in that order.
    pub campaigns: Vec<Fared<'a>>,
    /// The groups that combined them.
    pub groups: Vec<GroupUsed>,
}

/// How one campaign fared.
pub(super) struct Fared<'a> {
    pub version: &'a Version<Campaign>,
    pub unmet: Option<Unmet>,
    pub because_of: Option<&'a str>,
}

/// What campaigns are looked at for.
pub(super) struct Aim<'a> {
    /// Tells whether a campaign has any of it.
    pub is_for: fn(&Campaign) -> bool,
    /// Returns what a campaign would bring of it alone, by which groups compare; nothing when that cannot be held.
    pub alone: &'a dyn Fn(&Campaign) -> Option<i128>,
}

/// Tells which campaigns apply, but for some whose budgets have not enough left for them; nothing when a number cannot be held.
pub(super) fn fire<'a>(
    rules: &'a Rules,
    situation: &Situation<'_>,
    aim: &Aim<'_>,
    too_dear: &BTreeSet<&str>,
) -> Option<Fired<'a>> {
    let fare = |version: &'a Version<Campaign>| {
        let is_too_dear = too_dear.contains(version.rule.code.as_str());
        Fared {
            version,
            unmet: if is_too_dear {
                Some(whole(NotFired::BudgetExhausted))
            } else {
                version.rule.why_not(situation)
            },
            because_of: None,
        }
    };
    let considered = rules.considered(situation).into_iter();
    let considered = considered.filter(|version| (aim.is_for)(&version.rule));
    let mut campaigns: Vec<Fared<'a>> = considered.map(fare).collect();
    loop {
        let groups = let_groups_choose(rules, aim, &mut campaigns)?;
        if !keep_tags_apart(&mut campaigns) {
            return Some(Fired { campaigns, groups });
        }
        // Groups counted on what fell away: they choose anew without it.
        let not_chosen = campaigns
            .iter_mut()
            .filter(|fared| fared.unmet == Some(whole(NotFired::NotChosen)));
        not_chosen.for_each(|fared| (fared.unmet, fared.because_of) = (None, None));
    }
}

/// Only groups that are named by what was considered, and those that these lie in, are asked: the others have nothing to choose from.
fn let_groups_choose<'a>(rules: &'a Rules, aim: &Aim<'_>, campaigns: &mut [Fared<'a>]) -> Option<Vec<GroupUsed>> {
    if campaigns.iter().all(|fared| fared.version.rule.group.is_none()) {
        return Some(Vec::new());
    }
    let mut can_apply: Vec<(usize, &'a str)> = Vec::new();
    let mut candidates = Vec::new();
    for (at, fared) in campaigns.iter().enumerate().filter(|(_, fared)| fared.unmet.is_none()) {
        let campaign: &'a Campaign = &fared.version.rule;
        can_apply.push((at, &campaign.code));
        candidates.push(Candidate {
            code: &campaign.code,
            group: campaign.group.as_deref(),
            priority: campaign.priority,
            points: if campaign.group.is_some() {
                (aim.alone)(campaign)?
            } else {
                0
            },
        });
    }
    let named = campaigns.iter().filter_map(|fared| fared.version.rule.group.as_deref());
    let groups = around(rules.groups(), named);
    for (loser, winner) in &choose(&groups, &candidates) {
        let fared = &mut campaigns[can_apply[*loser].0];
        fared.unmet = Some(whole(NotFired::NotChosen));
        fared.because_of = (winner != loser).then_some(can_apply[*winner].1);
    }
    let used = groups.iter().map(|group| GroupUsed {
        group: group.rule.code.clone(),
        version: group.version,
    });
    Some(used.collect())
}

/// Of those that share a tag, only the first applies. Tells whether any that lies in a group fell away.
fn keep_tags_apart(campaigns: &mut [Fared<'_>]) -> bool {
    let mut fell_away = false;
    let mut taken: HashMap<&str, &str> = HashMap::new();
    for fared in campaigns.iter_mut().filter(|fared| fared.unmet.is_none()) {
        let campaign: &Campaign = &fared.version.rule;
        let first = campaign.exclusive_tags.iter().find_map(|tag| taken.get(tag).copied());
        if first.is_some() {
            (fared.unmet, fared.because_of) = (Some(whole(NotFired::ExclusiveTag)), first);
            fell_away |= campaign.group.is_some();
            continue;
        }
        taken.extend(campaign.exclusive_tags.iter().map(|tag| (tag, campaign.code.as_str())));
    }
    fell_away
}

fn whole(reason: NotFired) -> Unmet {
    Unmet { part: 0, reason }
}

impl Fared<'_> {
    /// Writes it into the receipt.
    pub fn decision(&self) -> CampaignDecision {
        CampaignDecision {
            campaign: self.version.rule.code.clone(),
            version: self.version.version,
            unmet: self.unmet,
            because_of: self.because_of.map(str::to_owned),
        }
    }
}
