//! Publishes a version of a ladder.

use std::sync::Arc;

use common::{time, versions::Version, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::tier::{self as pb, tier_event};

use super::State;
use crate::{
    domain::Ladder,
    error::Error,
    store::{LadderTerms, StoredLadder},
};

/// The method by which its requests are remembered.
pub const METHOD: i16 = 1;

/// Asks to publish a ladder.
pub struct PublishLadder {
    /// The ladder as it was asked for.
    pub wire: pb::Ladder,
    /// The ladder, which does not contradict itself.
    pub ladder: Arc<Ladder>,
    /// From when on it is to hold; nothing for now.
    pub effective_from: Option<Timestamp>,
}

/// Publishes the ladder, unless the newest version says the same. The first version holds from the beginning, whatever was asked: every member
/// stands somewhere, and always has.
pub fn decide(state: &mut State, command: &PublishLadder, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let code = command.ladder.code();
    let latest = state
        .ladders
        .of(stamp.program_id())
        .and_then(|versions| versions.latest(code))
        .cloned();
    if let Some(latest) = &latest {
        if latest.wire.ladder.as_ref() == Some(&command.wire) {
            return Ok(answer(latest, false));
        }
        if let Some(lost) = latest.definition.ladder.level_lost_in(&command.ladder) {
            return Err(Error::LevelInUse {
                level: lost.code.clone(),
            });
        }
    }
    let published_at = time::to_micros(stamp.now());
    let stored = StoredLadder {
        ladder: Some(command.wire.clone()),
        published_at: Some(time::to_wire(published_at)),
    };
    let terms = LadderTerms {
        ladder: command.ladder.clone(),
        published_at,
    };
    let effective_from = command.effective_from.filter(|_| latest.is_some());
    let (version, _) = state.ladders.publish(code, stored, terms, effective_from, stamp)?;
    state.judged_by.remove(&stamp.program_id());
    state.published = true;
    let ladder_version = Some(ladder_version(&version));
    let event = tier_event::Event::LadderPublished(pb::LadderPublished { ladder_version });
    stamp.record(stamp.member_id(), stamp.now(), &pb::TierEvent { event: Some(event) });
    Ok(answer(&version, true))
}

fn answer(version: &Version<LadderTerms>, changed: bool) -> Vec<u8> {
    pb::PublishLadderResponse {
        ladder_version: Some(ladder_version(version)),
        changed,
    }
    .encode_to_vec()
}

/// Writes a version of a ladder.
pub fn ladder_version(version: &Version<LadderTerms>) -> pb::LadderVersion {
    pb::LadderVersion {
        ladder: version.wire.ladder.clone(),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
    }
}
