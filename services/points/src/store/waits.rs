//! What points wait for, packed: an instant, or a name.

use super::instant;
use crate::domain::{EventName, Portion, Wait};

/// Packs what points wait for.
pub fn pack(portion: &Portion) -> (Option<i64>, String) {
    let event = portion.event().map(EventName::to_string);
    (portion.activates_at().map(instant::pack), event.unwrap_or_default())
}

/// Unpacks what points wait for; nothing when it makes no sense.
pub fn unpack(at: Option<i64>, event: &str) -> Option<Option<Wait>> {
    match (at, event) {
        (None, "") => Some(None),
        (Some(at), "") => Some(Some(Wait::Until(instant::unpack(at)?))),
        (None, event) => Some(Some(Wait::For(EventName::new(event)?))),
        (Some(_), _) => None,
    }
}
