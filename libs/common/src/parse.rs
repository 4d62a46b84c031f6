//! From a request on the wire to a command that makes sense. All that is wrong with a request is found before it is refused.
//!
//! Three readers look at it: the rules written in the contract, a walk over every text for characters that have no business
//! in one, and the service's own conversion. Nobody can forget the first two: they come with [`parse`].

mod fields;
mod text;

use prost::{Message, Name};
use proto::Validate;
use tonic::{Request, Status};

use crate::{auth::Caller, refusal::Violations};

pub use fields::{business_time, id, optional_id, page_size, timestamp};
pub use text::text;

/// Reads a request: returns who calls and what they ask for, or refuses with every violation.
pub fn parse<Wire, Command>(request: Request<Wire>) -> Result<(Caller, Command), Status>
where
    Wire: Message + Name + Validate,
    Command: TryFrom<Wire, Error = Violations>,
{
    let caller = Caller::of(&request)?;
    Ok((caller, read(request.into_inner(), Command::try_from)?))
}

/// Reads a message with the service's own reader, or tells every violation.
pub fn read<Wire, Command>(
    wire: Wire,
    reader: impl FnOnce(Wire) -> Result<Command, Violations>,
) -> Result<Command, Violations>
where
    Wire: Message + Name + Validate,
{
    let mut violations = check(&wire);
    match reader(wire) {
        Ok(command) => violations.finish(Some(command)),
        Err(more) => {
            violations.merge(more);
            Err(violations)
        }
    }
}

/// Checks a message against its contract, and its texts for characters that have no business in one.
pub fn check<Wire: Message + Name + Validate>(wire: &Wire) -> Violations {
    let mut violations = Violations::default();
    for violation in wire.violations() {
        violations.add(violation.field, violation.description);
    }
    violations.merge(text::check_texts(wire));
    violations
}

#[cfg(test)]
mod tests {
    use proto::tier::PublishLadderRequest;
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::*;
    use crate::{auth::ProgramScope, ids::ProgramId};

    #[derive(Debug)]
    struct Publish;

    impl TryFrom<PublishLadderRequest> for Publish {
        type Error = Violations;

        fn try_from(wire: PublishLadderRequest) -> Result<Self, Violations> {
            let mut violations = Violations::default();
            violations.check(wire.effective_from.is_some(), "effective_from", "is missing");
            violations.check(
                wire.ladder.is_some(),
                "ladder",
                "is missing, as the contract said already",
            );
            violations.finish(Some(Publish))
        }
    }

    fn called(wire: PublishLadderRequest) -> Request<PublishLadderRequest> {
        let mut request = Request::new(wire);
        request
            .extensions_mut()
            .insert(Caller::worker("tier", ProgramScope::new(ProgramId::new())));
        request
    }

    #[test]
    fn what_three_readers_find_is_told_at_once_and_no_field_twice() {
        let wire = PublishLadderRequest {
            request_id: "a\u{7}".to_owned(),
            ..Default::default()
        };
        let status = parse::<_, Publish>(called(wire)).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let violations = status.get_details_bad_request().unwrap().field_violations;
        let mut fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["effective_from", "ladder", "request_id"]);
        assert_eq!(status.get_details_error_info().unwrap().reason, "INVALID_REQUEST");
    }

    #[test]
    fn a_request_that_came_past_the_gate_is_nobodys() {
        let status = parse::<_, Publish>(Request::new(PublishLadderRequest::default())).unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
}
