//! What decides where a member stands: pure functions over ladders, daily sums and instants.
//!
//! There is no clock in here, no storage and no wire format. A level is entered as soon as its requirements are met and
//! lost only at a review; a return lowers what counts, and a later review may act on that. A level that a campaign gives lies above that for its time.

mod contradiction;
mod evaluate;
mod grant;
mod ladder;
mod member;
mod metrics;
mod progress;
mod requirement;
mod standing;
#[cfg(test)]
mod tests;
mod versions;

pub use contradiction::{Contradiction, ContradictionKind};
pub use evaluate::{due_at, evaluate, grant, revoke};
pub use grant::{GrantKey, GrantedLevel, Grants, LevelGrant, NotGranted, ToLevel};
pub use ladder::{Benefits, DowngradePolicy, Ladder, Level, Review};
pub use member::{Ladders, Member};
pub use metrics::{Day, MetricDeltas, Metrics, TooMuch};
pub use progress::{NextLevel, Progress, ProgressSet, next_level};
pub use requirement::{Metric, MetricWindow, Requirement, RequirementSet};
pub use standing::{Standing, TierChange, TierChangeCause};
pub use versions::{LadderVersion, LadderVersions};
