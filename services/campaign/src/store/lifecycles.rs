//! The lives of campaigns, as they are stored and as they travel.

use common::{time, versions::Definition, versions::Version, zone::Zone};
use jiff::{Span, Timestamp, civil::Date};
use proto::campaign as pb;

use super::{CampaignRule, ProgramRules};
use crate::domain::{CampaignState, DraftStanding, DraftState, Stage, standing};

/// The code under which the one governance of a program is kept.
pub const GOVERNANCE: &str = "governance";

/// The governance of a program.
pub struct GovernanceRule {
    /// Whether campaigns are published only by approving drafts.
    pub campaigns_need_approval: bool,
}

impl Definition for GovernanceRule {
    type Wire = pb::Governance;

    const KIND: &'static str = "governance";

    fn from_stored(wire: pb::Governance) -> Option<GovernanceRule> {
        Some(GovernanceRule {
            campaigns_need_approval: wire.campaigns_need_approval,
        })
    }
}

impl ProgramRules {
    /// Tells whether campaigns are published only by approving drafts.
    pub fn campaigns_need_approval(&self) -> bool {
        let latest = self.governance.latest(GOVERNANCE);
        latest.is_some_and(|latest| latest.definition.campaigns_need_approval)
    }

    /// Tells where a campaign stands.
    pub fn campaign_standing(&self, campaign: &str, zone: &Zone, now: Timestamp) -> pb::CampaignStanding {
        let stage = |version: &std::sync::Arc<Version<CampaignRule>>| (version.clone(), version.wire.archived);
        let versions: Vec<_> = self.campaigns.of_code(campaign).iter().map(stage).collect();
        let stages: Vec<Stage<'_>> = versions
            .iter()
            .map(|(version, is_archived)| Stage {
                version: version.version,
                effective_from: version.effective_from,
                campaign: &version.definition.0,
                is_archived: *is_archived,
            })
            .collect();
        let standing = standing(&stages, zone, now);
        pb::CampaignStanding {
            campaign: campaign.to_owned(),
            state: campaign_state_to_wire(standing.state).into(),
            version: standing.version.unwrap_or(0),
            changes_at: standing.changes_at.map(time::to_wire),
        }
    }
}

/// Writes a version of the governance.
pub fn governance_version_to_wire(version: &Version<GovernanceRule>) -> pb::GovernanceVersion {
    pb::GovernanceVersion {
        governance: Some(version.wire.clone()),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
    }
}

/// Reads how a draft stands.
pub fn draft_standing(wire: &pb::Draft) -> DraftStanding {
    DraftStanding {
        state: match wire.state() {
            pb::DraftState::Unspecified | pb::DraftState::Draft => DraftState::Draft,
            pb::DraftState::InReview => DraftState::InReview,
            pb::DraftState::Published => DraftState::Published,
        },
        revision: wire.revision,
        is_template: wire.template,
        saved_by: wire.saved_by.clone(),
        submitted_by: wire.submitted_by.clone(),
        approved_by: wire.approved_by.clone(),
    }
}

/// Writes how a draft stands now into it.
pub fn with_standing(standing: DraftStanding, wire: pb::Draft) -> pb::Draft {
    pb::Draft {
        state: draft_state_to_wire(standing.state).into(),
        revision: standing.revision,
        template: standing.is_template,
        saved_by: standing.saved_by,
        submitted_by: standing.submitted_by,
        approved_by: standing.approved_by,
        ..wire
    }
}

/// Writes where a draft stands.
pub fn draft_state_to_wire(state: DraftState) -> pb::DraftState {
    match state {
        DraftState::Draft => pb::DraftState::Draft,
        DraftState::InReview => pb::DraftState::InReview,
        DraftState::Published => pb::DraftState::Published,
    }
}

/// Writes a campaign for another time: its schedule some days later in the program's zone, with its exceptions. Nothing where that leaves the calendar.
pub fn later_by_days(campaign: pb::Campaign, days: i32, zone: &Zone) -> Option<pb::Campaign> {
    let Some(schedule) = campaign.schedule.clone().filter(|_| days != 0) else {
        return Some(campaign);
    };
    let span = Span::new().days(days);
    let instant = |at: Option<prost_types::Timestamp>| -> Option<Option<prost_types::Timestamp>> {
        let Some(at) = at else { return Some(None) };
        let at = time::from_wire(at)?;
        let later = at.to_zoned(zone.tz().clone()).checked_add(span).ok()?;
        Some(Some(time::to_wire(later.timestamp())))
    };
    let day = |on: &str| -> Option<String> {
        if on.is_empty() {
            return Some(String::new());
        }
        let later = on.parse::<Date>().ok()?.checked_add(span).ok()?;
        (0..=9999).contains(&later.year()).then(|| later.to_string())
    };
    let except = schedule.except.iter().map(|range| {
        Some(pb::DateRange {
            first: day(&range.first)?,
            last: day(&range.last)?,
        })
    });
    let schedule = pb::Schedule {
        start: instant(schedule.start)?,
        end: instant(schedule.end)?,
        except: except.collect::<Option<_>>()?,
        ..schedule
    };
    Some(pb::Campaign {
        schedule: Some(schedule),
        ..campaign
    })
}

fn campaign_state_to_wire(state: CampaignState) -> pb::CampaignState {
    match state {
        CampaignState::Scheduled => pb::CampaignState::Scheduled,
        CampaignState::Running => pb::CampaignState::Running,
        CampaignState::Paused => pb::CampaignState::Paused,
        CampaignState::Ended => pb::CampaignState::Ended,
        CampaignState::Archived => pb::CampaignState::Archived,
    }
}
