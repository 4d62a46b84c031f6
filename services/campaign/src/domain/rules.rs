//! The rules that judge an activity: one version of each, in the order in which they are considered.

use std::sync::{Arc, OnceLock};

use super::accrual::Accrual;
use super::campaign::{Campaign, Effect, Trigger};
use super::decision::Decision;
use super::group::Group;
use super::index::Index;
use super::needs::{Before, Needs};
use super::situation::Situation;

/// A version of a rule. It never changes.
#[derive(Debug, Eq, PartialEq)]
pub struct Version<T> {
    /// 1, 2, 3, ...
    pub version: i32,
    /// The rule as of this version.
    pub rule: Arc<T>,
}

/// The rules that judge an activity.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    accruals: Vec<Version<Accrual>>,
    campaigns: Vec<Version<Campaign>>,
    groups: Vec<Version<Group>>,
    needs: Needs,
    index: Index,
    for_prospects: OnceLock<Arc<Rules>>,
}

/// Where the versions of rules are found that a decision names.
pub trait FindRules {
    /// Finds a version of an accrual.
    fn accrual(&self, code: &str, version: i32) -> Option<Arc<Accrual>>;
    /// Finds a version of a campaign.
    fn campaign(&self, code: &str, version: i32) -> Option<Arc<Campaign>>;
    /// Finds a version of a group.
    fn group(&self, code: &str, version: i32) -> Option<Arc<Group>>;
}

impl Rules {
    /// Puts rules into the order in which they are considered: accruals and groups by code, campaigns from the highest priority down and then by code.
    pub fn new(
        mut accruals: Vec<Version<Accrual>>,
        mut campaigns: Vec<Version<Campaign>>,
        mut groups: Vec<Version<Group>>,
    ) -> Rules {
        accruals.sort_by(|a, b| a.rule.code.cmp(&b.rule.code));
        groups.sort_by(|a, b| a.rule.code.cmp(&b.rule.code));
        campaigns.sort_by(|a, b| {
            b.rule
                .priority
                .cmp(&a.rule.priority)
                .then_with(|| a.rule.code.cmp(&b.rule.code))
        });
        Rules {
            needs: Needs::of(&accruals, &campaigns),
            index: Index::of(&campaigns),
            accruals,
            campaigns,
            groups,
            for_prospects: OnceLock::new(),
        }
    }

    /// Returns those that judge what prospects do: accruals that they earn, and campaigns that do something there and nothing elsewhere. Worked out once.
    pub fn for_prospects(&self) -> Arc<Rules> {
        let rules = self.for_prospects.get_or_init(|| {
            let accruals = self.accruals.iter().filter(|version| version.rule.prospects_earn);
            let campaigns = self
                .campaigns
                .iter()
                .filter(|version| self.is_for_prospects(&version.rule));
            Arc::new(Rules::new(
                accruals.cloned().collect(),
                campaigns.cloned().collect(),
                self.groups.clone(),
            ))
        });
        Arc::clone(rules)
    }

    /// Tells whether a campaign is for prospects, too.
    pub(super) fn is_for_prospects(&self, campaign: &Campaign) -> bool {
        let is_earned = |effect: &Effect| {
            let mut accruals = self.accruals.iter();
            accruals.any(|version| version.rule.code == effect.accrual && version.rule.prospects_earn)
        };
        !campaign.effects.is_empty() && campaign.effects.iter().all(is_earned)
    }

    /// Brings back the rules that made a decision, so that a return is judged by those of its purchase, whatever was published since. The campaigns that were not
    /// considered could not apply to the order, whatever of it is kept.
    ///
    /// Nothing where one of the versions that the decision names is not to be found.
    pub fn of_decision(decision: &Decision, find: &impl FindRules) -> Option<Rules> {
        let accruals = decision.accruals.iter().map(|of| {
            let rule = find.accrual(&of.accrual, of.version)?;
            Some(Version {
                version: of.version,
                rule,
            })
        });
        let campaigns = decision.campaigns.iter().map(|of| {
            let rule = find.campaign(&of.campaign, of.version)?;
            Some(Version {
                version: of.version,
                rule,
            })
        });
        let groups = decision.groups.iter().map(|of| {
            let rule = find.group(&of.group, of.version)?;
            Some(Version {
                version: of.version,
                rule,
            })
        });
        Some(Rules::new(
            accruals.collect::<Option<_>>()?,
            campaigns.collect::<Option<_>>()?,
            groups.collect::<Option<_>>()?,
        ))
    }

    /// Returns the accruals.
    pub fn accruals(&self) -> &[Version<Accrual>] {
        &self.accruals
    }

    /// Returns the campaigns.
    pub fn campaigns(&self) -> &[Version<Campaign>] {
        &self.campaigns
    }

    /// Returns the groups.
    pub fn groups(&self) -> &[Version<Group>] {
        &self.groups
    }

    /// Goes through the ladders on which a rule asks for the member's level, each once.
    pub fn ladders(&self) -> impl Iterator<Item = &str> {
        self.needs.ladders.iter().map(String::as_str)
    }

    /// Tells whether a campaign that is on is for custom activities of a kind.
    pub fn are_about(&self, kind: &str) -> bool {
        let is_about =
            |campaign: &Campaign| matches!(&campaign.trigger, Trigger::Custom(of) if of == kind) && !campaign.paused;
        self.campaigns.iter().any(|version| is_about(&version.rule))
    }

    /// Goes through the budgets that pay for campaigns, each once.
    pub fn budgets(&self) -> impl Iterator<Item = &str> {
        self.needs.budgets.iter().map(String::as_str)
    }

    /// Returns what campaigns for a trigger need to know of what the member has done before, if anything.
    pub(super) fn needed_before(&self, trigger: &Trigger) -> Option<&Before> {
        self.needs.before.get(trigger)
    }

    /// Goes through the campaigns with limits.
    pub(super) fn limited(&self) -> impl Iterator<Item = &Campaign> {
        self.needs.limited.iter().map(|at| &*self.campaigns[*at].rule)
    }

    /// Returns the campaigns that are considered in a situation: those for such activities that run at that time, but for those that are plainly for others.
    pub(super) fn considered(&self, situation: &Situation<'_>) -> Vec<&Version<Campaign>> {
        let found = self.index.find(situation).into_iter().map(|at| &self.campaigns[at]);
        found
            .filter(|campaign| {
                campaign
                    .rule
                    .schedule
                    .includes(situation.occasion.occurred_at, situation.local)
            })
            .collect()
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Rules) -> bool {
        (&self.accruals, &self.campaigns, &self.groups) == (&other.accruals, &other.campaigns, &other.groups)
    }
}

impl Eq for Rules {}

impl<T> Clone for Version<T> {
    fn clone(&self) -> Self {
        Version {
            version: self.version,
            rule: Arc::clone(&self.rule),
        }
    }
}
