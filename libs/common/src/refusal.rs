//! How a service says no, and how it says that something of ours is broken.
//!
//! A [`Refusal`] is part of the API: a code, a reason that programs can read, the numbers that explain it. A [`Fault`] is
//! our own trouble: it is logged once, where it is answered, and the caller learns nothing of our insides. The codes are a
//! contract: a refusal means that nothing happened, a fault means *ask again with the same request id*.

mod fault;
mod violations;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

pub use fault::Fault;
pub use violations::{Violation, Violations};

/// The domain of the reasons that every service shares: `loyalty.event.v1.ErrorReason`.
pub const DOMAIN: &str = "loyalty";

/// What a status tells of its cause, for those who hand it on in a message of their own.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The reason.
    pub reason: String,
    /// The numbers that explain it.
    pub metadata: BTreeMap<String, String>,
    /// The fields at fault, each as "field: description".
    pub violations: Vec<String>,
}

/// A definitive no. Nothing happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The canonical code.
    pub code: Code,
    /// The reason, a value of the `ErrorReason` enum of the domain without its prefix.
    pub reason: &'static str,
    /// Whose reason it is: `loyalty` for those all services share, else for example `points.loyalty`.
    pub domain: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// The numbers that explain it, for programs.
    pub metadata: BTreeMap<String, String>,
    /// The fields at fault, if the input is.
    pub violations: Box<[Violation]>,
    /// When to try again, if that can help.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// Reads from a status, as it travels, whether it refuses and why.
    pub fn told_by(status: &Status) -> Told {
        let details = status.get_error_details();
        let info = details.error_info();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice());
        Told {
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            metadata: info
                .map(|info| info.metadata.clone().into_iter().collect())
                .unwrap_or_default(),
            violations: violations
                .unwrap_or_default()
                .iter()
                .map(|violation| format!("{}: {}", violation.field, violation.description))
                .collect(),
        }
    }

    /// Refuses for one of the reasons that every service shares.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            domain: DOMAIN,
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Box::default(),
            retry_after: None,
        }
    }

    /// Says whose reason it is, when it is a service's own.
    pub fn of(self, domain: &'static str) -> Self {
        Self { domain, ..self }
    }

    /// Adds a number that explains it.
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Says when to try again.
    pub fn retry_after(self, delay: Duration) -> Self {
        Self {
            retry_after: Some(delay),
            ..self
        }
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let metadata: HashMap<_, _> = refusal.metadata.into_iter().collect();
        let mut details = ErrorDetails::with_error_info(refusal.reason, refusal.domain, metadata);
        for violation in refusal.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        if let Some(delay) = refusal.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(refusal.code, refusal.message, details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_travels_with_its_reason_its_numbers_its_fields_and_its_delay() {
        let mut violations = Violations::default();
        violations.add("points", "must be positive");
        let mut refusal = Refusal::from(violations).of("points.loyalty").with("limit", 7);
        refusal = refusal.retry_after(Duration::from_millis(250));
        let status = Status::from(refusal);

        assert_eq!(status.code(), Code::InvalidArgument);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("INVALID_REQUEST", "points.loyalty")
        );
        assert_eq!(info.metadata["limit"], "7");
        let fields = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(
            (fields[0].field.as_str(), fields[0].description.as_str()),
            ("points", "must be positive")
        );
        assert_eq!(
            status.get_details_retry_info().unwrap().retry_delay,
            Some(Duration::from_millis(250))
        );
    }
}
