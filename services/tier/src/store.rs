//! The records, in SQL.

mod activity;
mod due;
mod grants;
mod ladders;
mod level_counts;
mod members;
mod tier_changes;
pub mod wire;

pub use due::{list_due, programs_with_due};
pub use ladders::{LadderTerms, StoredLadder, ladders_of};
pub use level_counts::count_members;
pub use members::{MemberKey, MemberRecord, Members, find_member, load_members, save_members};
pub use tier_changes::list_tier_changes;
