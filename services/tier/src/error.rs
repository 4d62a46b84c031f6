//! Every way in which the tier service says no.

use common::{ids::MemberId, versions::EffectiveInPast};
use jiff::Timestamp;
use thiserror::Error;

use crate::domain::Contradiction;

/// Why a request is refused. Nothing happened.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The member is not known in the program.
    #[error("the program has no member {member_id}")]
    MemberNotFound {
        /// Who was asked for.
        member_id: MemberId,
    },
    /// The program has no such ladder.
    #[error("the program has no ladder {ladder}")]
    LadderNotFound {
        /// What was asked for.
        ladder: String,
    },
    /// The ladder contradicts itself.
    #[error("the ladder contradicts itself in {} places", contradictions.len())]
    LadderInvalid {
        /// Where and how.
        contradictions: Vec<Contradiction>,
    },
    /// A level that the last version has is missing.
    #[error("level {level} is missing, and members may stand on it")]
    LevelInUse {
        /// The level.
        level: String,
    },
    /// A new version cannot hold from before now.
    #[error("a new version cannot hold from before now, which is {clock_at}")]
    EffectiveInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
    /// The time of an evaluation lies before now.
    #[error("the time of an evaluation cannot lie before now, which is {clock_at}")]
    EvaluatedInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
}

impl From<EffectiveInPast> for Error {
    fn from(refused: EffectiveInPast) -> Error {
        Error::EffectiveInPast {
            clock_at: refused.clock_at,
        }
    }
}
