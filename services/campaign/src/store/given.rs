//! What campaigns give besides points, as it is published, stored and told.

use proto::campaign as pb;

use super::Unreadable;
use crate::domain::{Given, Gives, Grant, LevelGrant, MessageGrant, StandingGrant, ToLevel};

/// Reads a grant.
pub(super) fn grant(wire: &pb::Grant) -> Result<Grant, Unreadable> {
    let unreadable = Unreadable("grants");
    let gives = match wire.grant.as_ref().ok_or(unreadable)? {
        pb::grant::Grant::Level(wire) => Gives::Level(LevelGrant {
            ladder: wire.ladder.clone(),
            to: match wire.to.as_ref().ok_or(unreadable)? {
                pb::level_grant::To::LevelsUp(levels) => ToLevel::Up(*levels),
                pb::level_grant::To::Level(level) => ToLevel::Level(level.clone()),
            },
            lasts_days: (wire.lasts_days > 0).then_some(wire.lasts_days),
        }),
        pb::grant::Grant::Message(wire) => Gives::Message(MessageGrant {
            template: wire.template.clone(),
        }),
    };
    Ok(Grant {
        gives,
        cost_minor_units: wire.cost_minor_units,
    })
}

fn grant_to_wire(grant: &Grant) -> pb::Grant {
    let gives = match &grant.gives {
        Gives::Level(level) => pb::grant::Grant::Level(pb::LevelGrant {
            ladder: level.ladder.clone(),
            to: Some(match &level.to {
                ToLevel::Up(levels) => pb::level_grant::To::LevelsUp(*levels),
                ToLevel::Level(level) => pb::level_grant::To::Level(level.clone()),
            }),
            lasts_days: level.lasts_days.unwrap_or(0),
        }),
        Gives::Message(message) => pb::grant::Grant::Message(pb::MessageGrant {
            template: message.template.clone(),
        }),
    };
    pb::Grant {
        grant: Some(gives),
        cost_minor_units: grant.cost_minor_units,
    }
}

/// Writes what an activity is given for.
pub fn given_to_wire(given: &Given) -> pb::Given {
    pb::Given {
        activity_id: String::new(),
        campaign: given.campaign.clone(),
        grant: i32::try_from(given.grant).unwrap_or(i32::MAX),
        gives: Some(grant_to_wire(&given.gives)),
    }
}

/// Writes what an earlier activity was given for.
pub fn standing_to_wire(standing: &StandingGrant) -> pb::Given {
    pb::Given {
        activity_id: standing.activity_id.to_string(),
        ..given_to_wire(&standing.given)
    }
}

pub(super) fn given_from_wire(wire: &pb::Given) -> Option<Given> {
    Some(Given {
        campaign: wire.campaign.clone(),
        grant: usize::try_from(wire.grant).ok()?,
        gives: grant(wire.gives.as_ref()?).ok()?,
    })
}

pub(super) fn standing_from_wire(wire: &pb::Given) -> Option<StandingGrant> {
    Some(StandingGrant {
        activity_id: wire.activity_id.parse().ok()?,
        given: given_from_wire(wire)?,
    })
}
