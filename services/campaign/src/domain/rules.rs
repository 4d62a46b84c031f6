//! The rules that judge an activity: one version of each, in the order in which they are considered.

use std::sync::Arc;

use super::accrual::Accrual;
use super::campaign::Campaign;
use super::decision::Decision;

/// A version of a rule. It never changes.
#[derive(Debug, Eq, PartialEq)]
pub struct Version<T> {
    /// 1, 2, 3, ...
    pub version: i32,
    /// The rule as of this version.
    pub rule: Arc<T>,
}

/// The rules that judge an activity.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rules {
    accruals: Vec<Version<Accrual>>,
    campaigns: Vec<Version<Campaign>>,
}

impl Rules {
    /// Puts rules into the order in which they are considered: accruals by code, campaigns from the highest priority down and then by code.
    pub fn new(mut accruals: Vec<Version<Accrual>>, mut campaigns: Vec<Version<Campaign>>) -> Rules {
        accruals.sort_by(|a, b| a.rule.code.cmp(&b.rule.code));
        campaigns.sort_by(|a, b| {
            b.rule
                .priority
                .cmp(&a.rule.priority)
                .then_with(|| a.rule.code.cmp(&b.rule.code))
        });
        Rules { accruals, campaigns }
    }

    /// Brings back the rules that made a decision, so that a return is judged by those of its purchase, whatever was published since.
    ///
    /// Nothing where one of the versions that the decision names is not to be found.
    pub fn of_decision(
        decision: &Decision,
        find_accrual: impl Fn(&str, i32) -> Option<Arc<Accrual>>,
        find_campaign: impl Fn(&str, i32) -> Option<Arc<Campaign>>,
    ) -> Option<Rules> {
        let (mut accruals, mut campaigns) = (Vec::new(), Vec::new());
        for accrual in &decision.accruals {
            accruals.push(Version {
                version: accrual.version,
                rule: find_accrual(&accrual.accrual, accrual.version)?,
            });
            for campaign in &accrual.campaigns {
                campaigns.push(Version {
                    version: campaign.version,
                    rule: find_campaign(&campaign.campaign, campaign.version)?,
                });
            }
        }
        Some(Rules::new(accruals, campaigns))
    }

    /// Returns the accruals.
    pub fn accruals(&self) -> &[Version<Accrual>] {
        &self.accruals
    }

    /// Goes through the campaigns of an accrual.
    pub fn campaigns_of<'a>(&'a self, accrual: &'a str) -> impl Iterator<Item = &'a Version<Campaign>> {
        self.campaigns
            .iter()
            .filter(move |campaign| campaign.rule.accrual == accrual)
    }

    /// Goes through the ladders whose factors the accruals use. A ladder that two use comes twice.
    pub fn ladders(&self) -> impl Iterator<Item = &str> {
        self.accruals
            .iter()
            .filter_map(|accrual| accrual.rule.ladder.as_deref())
    }
}

impl<T> Clone for Version<T> {
    fn clone(&self) -> Self {
        Version {
            version: self.version,
            rule: Arc::clone(&self.rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use common::ratio::Ratio;

    use super::*;
    use crate::domain::Effect;
    use crate::domain::tests::campaign;

    fn of_priority(code: &str, priority: i32) -> Version<Campaign> {
        let rule = Campaign {
            priority,
            ..campaign(code, Effect::Multiply(Ratio::whole(2)))
        };
        Version {
            version: 1,
            rule: Arc::new(rule),
        }
    }

    #[test]
    fn campaigns_are_considered_by_priority_and_then_by_code() {
        let campaigns = vec![
            of_priority("b", 1),
            of_priority("c", 9),
            of_priority("a", 1),
            of_priority("d", -1),
        ];
        let rules = Rules::new(Vec::new(), campaigns);
        let considered: Vec<_> = rules
            .campaigns_of("base")
            .map(|campaign| campaign.rule.code.as_str())
            .collect();
        assert_eq!(considered, ["c", "a", "b", "d"]);
    }
}
