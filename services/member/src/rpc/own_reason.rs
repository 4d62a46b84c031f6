//! Mistakes that have a reason of their own, such as INVALID_IDENTIFIER.

use common::{
    parse::check,
    refusal::{Refusal, Violations},
};
use prost::{Message, Name};
use proto::Validate;

use crate::error::Error;

/// Keeps a mistake in the input for its own reason, unless something else is wrong with the request too: then all of it is told at once,
/// as an invalid request.
pub fn own_reason<W: Message + Name + Validate>(
    wire: &W,
    mut found: Violations,
    error: Error,
) -> Result<Error, Violations> {
    if found.is_empty() && check(wire).is_empty() {
        return Ok(error);
    }
    for violation in Refusal::from(error).violations {
        found.add(violation.field, violation.description);
    }
    Err(found)
}
