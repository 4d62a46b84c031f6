//! What campaigns give besides points: all of it wherever they apply, and none of it where they do not.

use common::ids::ActivityId;

use super::fire::Fared;

/// Something that a campaign gives besides points.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// What.
    pub gives: Gives,
    /// What it costs the campaign's budget.
    pub cost_minor_units: i64,
}

/// What a campaign gives besides points.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Gives {
    /// A higher level for a time.
    Level(LevelGrant),
    /// A message.
    Message(MessageGrant),
}

/// A higher level for a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LevelGrant {
    /// The ladder.
    pub ladder: String,
    /// Which level.
    pub to: ToLevel,
    /// For how many days; nothing for ever.
    pub lasts_days: Option<i32>,
}

/// A message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageGrant {
    /// By which template it is written.
    pub template: String,
}

/// Which level a member is lifted to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToLevel {
    /// So many above that of the member.
    Up(i32),
    /// This one.
    Level(String),
}

/// Something that a campaign gives for an activity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Given {
    /// The campaign.
    pub campaign: String,
    /// Which of its grants, from 0.
    pub grant: usize,
    /// What it is.
    pub gives: Grant,
}

/// Something that an order has been given, and for which of the activities about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StandingGrant {
    /// The activity.
    pub activity_id: ActivityId,
    /// What was given.
    pub given: Given,
}

impl Given {
    fn is_the_same(&self, other: &Given) -> bool {
        (&self.campaign, self.grant) == (&other.campaign, other.grant)
    }
}

/// Goes through what the campaigns that apply give.
pub(super) fn given(campaigns: &[Fared<'_>]) -> Vec<Given> {
    let fired = campaigns.iter().filter(|fared| fared.unmet.is_none());
    let all = fired.flat_map(|fared| {
        let campaign = &fared.version.rule;
        campaign.grants.iter().enumerate().map(|(grant, gives)| Given {
            campaign: campaign.code.clone(),
            grant,
            gives: gives.clone(),
        })
    });
    all.collect()
}

/// Lets everything stand that an activity is given for.
pub fn stand(activity_id: ActivityId, given: &[Given]) -> Vec<StandingGrant> {
    let standing = |given: &Given| StandingGrant {
        activity_id,
        given: given.clone(),
    };
    given.iter().map(standing).collect()
}

/// What becomes of what an order was given when some of it comes back.
pub(super) struct Regranted {
    /// What is given now and was not before.
    pub given: Vec<Given>,
    /// What is taken back.
    pub revoked: Vec<StandingGrant>,
    /// What the order has then.
    pub standing: Vec<StandingGrant>,
}

/// Tells what changes where an order is to have what is given for what is kept of it, and nothing else: so the order of returns cannot matter.
pub(super) fn regrant(standing: &[StandingGrant], activity_id: ActivityId, due: &[Given]) -> Regranted {
    let is_due = |standing: &&StandingGrant| due.iter().any(|given| given.is_the_same(&standing.given));
    let (mut kept, revoked): (Vec<_>, Vec<_>) = standing.iter().partition(is_due);
    let is_new = |given: &&Given| !standing.iter().any(|standing| standing.given.is_the_same(given));
    let given: Vec<Given> = due.iter().filter(is_new).cloned().collect();
    let new = stand(activity_id, &given);
    kept.extend(&new);
    Regranted {
        revoked: revoked.into_iter().cloned().collect(),
        standing: kept.into_iter().cloned().collect(),
        given,
    }
}
