//! Tells why campaigns were not considered, for whoever asks about them.

use super::activity::{Activity, Occasion};
use super::campaign::{Campaign, NotFired, Trigger};
use super::decision::Decision;
use super::kept::Kept;
use super::rules::{Rules, Version};
use super::situation::{Bought, Happening, Situation};

/// A campaign that was not considered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeftOut {
    /// The campaign.
    pub campaign: String,
    /// Its version.
    pub version: i32,
    /// Why not; nothing where it would have been, had it been published by then.
    pub reason: Option<NotFired>,
}

/// Tells which campaigns of some rules were not considered for an activity, though they are for such activities, and why. A return is judged by the campaigns of its
/// purchase alone.
pub fn left_out(rules: &Rules, occasion: &Occasion, activity: &Activity, decision: &Decision) -> Vec<LeftOut> {
    let kept;
    let happening = match activity {
        Activity::Return(_) => return Vec::new(),
        Activity::Custom(custom) => Happening::Custom(custom),
        Activity::Purchase(purchase) => {
            kept = Kept::everything(purchase);
            Happening::Purchase(Bought::new(purchase, &kept))
        }
    };
    let situation = Situation::new(occasion, &decision.facts, happening);
    let trigger = Trigger::of(&situation.happening);
    let was_considered =
        |version: &&Version<Campaign>| decision.campaigns.iter().any(|of| of.campaign == version.rule.code);
    let others = rules.campaigns().iter().filter(|version| {
        version.rule.triggers().any(|of| of == trigger) && !version.rule.effects.is_empty() && !was_considered(version)
    });
    others
        .map(|version| LeftOut {
            campaign: version.rule.code.clone(),
            version: version.version,
            reason: why_not(rules, &version.rule, &situation),
        })
        .collect()
}

fn why_not(rules: &Rules, campaign: &Campaign, situation: &Situation<'_>) -> Option<NotFired> {
    if campaign.paused {
        return Some(NotFired::Paused);
    }
    if !campaign
        .schedule
        .includes(situation.occasion.occurred_at, situation.local)
    {
        return Some(NotFired::OutsideSchedule);
    }
    if situation.facts.is_prospect && !rules.is_for_prospects(campaign) {
        return Some(NotFired::NotJoined);
    }
    campaign.why_not(situation).map(|unmet| unmet.reason)
}
