//! Where a campaign stands at an instant: it is to come, runs, is off, is over, or was put away.
//!
//! None of it is stored: it follows from what is published, and from what the schedules say.

use common::zone::Zone;
use jiff::Timestamp;

use super::campaign::Campaign;

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CampaignState {
    /// No version is in force yet, or its schedule has not begun.
    Scheduled,
    /// Its schedule has begun and is not over.
    Running,
    /// It is off.
    Paused,
    /// Its schedule names no further time.
    Ended,
    /// It was put away.
    Archived,
}

/// A version of a campaign, as far as it matters here.
pub struct Stage<'a> {
    /// 1, 2, 3, ...
    pub version: i32,
    /// From when on it holds.
    pub effective_from: Timestamp,
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Whether it is put away.
    pub is_archived: bool,
}

/// Where a campaign stands, and until when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CampaignStanding {
    /// Where it stands.
    pub state: CampaignState,
    /// The version in force, if one is.
    pub version: Option<i32>,
    /// When the state is another one, as far as that is known.
    pub changes_at: Option<Timestamp>,
}

/// Tells where a campaign stands, by its versions in their order.
pub fn standing(stages: &[Stage<'_>], zone: &Zone, now: Timestamp) -> CampaignStanding {
    let state = state_at(stages, zone, now);
    let ahead = stages
        .iter()
        .filter(|stage| stage.effective_from > now)
        .chain(in_force(stages, now));
    let mut changes: Vec<Timestamp> = ahead
        .flat_map(|stage| {
            let schedule = &stage.campaign.schedule;
            [Some(stage.effective_from), schedule.start, schedule.over_at(zone)]
        })
        .flatten()
        .filter(|at| *at > now)
        .collect();
    changes.sort_unstable();
    CampaignStanding {
        state,
        version: in_force(stages, now).map(|stage| stage.version),
        changes_at: changes.into_iter().find(|at| state_at(stages, zone, *at) != state),
    }
}

fn in_force<'a, 'b>(stages: &'a [Stage<'b>], at: Timestamp) -> Option<&'a Stage<'b>> {
    stages.iter().rev().find(|stage| stage.effective_from <= at)
}

fn state_at(stages: &[Stage<'_>], zone: &Zone, at: Timestamp) -> CampaignState {
    let Some(stage) = in_force(stages, at) else {
        return CampaignState::Scheduled;
    };
    let schedule = &stage.campaign.schedule;
    if stage.is_archived {
        CampaignState::Archived
    } else if schedule.over_at(zone).is_some_and(|over| over <= at) {
        CampaignState::Ended
    } else if stage.campaign.paused {
        CampaignState::Paused
    } else if schedule.start.is_some_and(|start| start > at) {
        CampaignState::Scheduled
    } else {
        CampaignState::Running
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Names, Schedule, Trigger};

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * 86_400).unwrap()
    }

    fn campaign(from: Option<i64>, until: Option<i64>, paused: bool) -> Campaign {
        Campaign {
            code: "double".to_owned(),
            display_name: "Double points".to_owned(),
            trigger: Trigger::Purchase,
            schedule: Schedule {
                start: from.map(day),
                end: until.map(day),
                ..Schedule::default()
            },
            condition: None,
            effects: Vec::new(),
            discounts: Vec::new(),
            limits: Vec::new(),
            funding: None,
            priority: 0,
            group: None,
            exclusive_tags: Names::default(),
            paused,
            make_up: None,
            grants: Vec::new(),
        }
    }

    fn told(stages: &[(i64, &Campaign, bool)], now: i64) -> (CampaignState, Option<i32>, Option<Timestamp>) {
        let stages: Vec<Stage<'_>> = stages
            .iter()
            .zip(1..)
            .map(|((from, campaign, is_archived), version)| Stage {
                version,
                effective_from: day(*from),
                campaign,
                is_archived: *is_archived,
            })
            .collect();
        let zone = Zone::utc();
        let CampaignStanding {
            state,
            version,
            changes_at,
        } = standing(&stages, &zone, day(now));
        (state, version, changes_at)
    }

    #[test]
    fn a_campaign_is_to_come_runs_and_ends() {
        use CampaignState::{Ended, Running, Scheduled};
        let festival = campaign(Some(10), Some(20), false);
        let stages = [(5, &festival, false)];
        assert_eq!(told(&stages, 4), (Scheduled, None, Some(day(10))));
        assert_eq!(told(&stages, 5), (Scheduled, Some(1), Some(day(10))));
        assert_eq!(told(&stages, 10), (Running, Some(1), Some(day(20))));
        assert_eq!(told(&stages, 20), (Ended, Some(1), None));
    }

    #[test]
    fn what_is_published_for_later_changes_the_state_then() {
        use CampaignState::{Archived, Paused, Running};
        let (on, off) = (campaign(None, None, false), campaign(None, None, true));
        assert_eq!(told(&[(0, &on, false)], 3), (Running, Some(1), None));
        let stages = [(0, &on, false), (5, &off, false), (9, &off, true)];
        assert_eq!(told(&stages, 3), (Running, Some(1), Some(day(5))));
        assert_eq!(told(&stages, 5), (Paused, Some(2), Some(day(9))));
        assert_eq!(told(&stages, 9), (Archived, Some(3), None));
    }

    #[test]
    fn a_version_that_is_overtaken_before_it_holds_changes_nothing() {
        let (on, off) = (campaign(None, None, false), campaign(None, None, true));
        let stages = [(0, &on, false), (9, &off, false), (2, &on, false)];
        assert_eq!(told(&stages, 3), (CampaignState::Running, Some(3), None));
    }
}
