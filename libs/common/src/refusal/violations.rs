//! What is wrong with a request, field by field. A request is read to its end before it is refused, so that the caller
//! learns of every mistake at once.

use std::fmt::Display;

use tonic::{Code, Status};

use super::Refusal;

/// One thing that is wrong with one field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// The path of the field, such as `lines[2].amount.currency`.
    pub field: String,
    /// What is wrong with it, continuing "this field ...".
    pub description: String,
}

/// Collects what is wrong with a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes that a field is wrong.
    pub fn add(&mut self, field: impl Into<String>, description: impl Display) {
        self.0.push(Violation {
            field: field.into(),
            description: description.to_string(),
        });
    }

    /// Notes that a field is wrong unless the condition holds.
    pub fn check(&mut self, holds: bool, field: &str, description: impl Display) {
        if !holds {
            self.add(field, description);
        }
    }

    /// Returns the value, or notes why there is none.
    pub fn take<T, E: Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(field, error)).ok()
    }

    /// Returns the part, or notes what is wrong with it under the path of the field that holds it.
    pub fn within<T>(&mut self, field: &str, part: Result<T, Violations>) -> Option<T> {
        part.map_err(|inner| {
            self.0
                .extend(inner.0.into_iter().map(|violation| violation.under(field)))
        })
        .ok()
    }

    /// Adds what another check found, leaving out fields that are known to be wrong already.
    pub fn merge(&mut self, others: Violations) {
        for violation in others.0 {
            if !self.0.iter().any(|known| known.field == violation.field) {
                self.0.push(violation);
            }
        }
    }

    /// Tells whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what was found wrong.
    pub fn list(&self) -> &[Violation] {
        &self.0
    }

    /// Returns the value when nothing is wrong. The value is absent only when something was noted.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Violations> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) => Err(self),
            None => {
                self.check(!self.0.is_empty(), "", "could not be read");
                Err(self)
            }
        }
    }
}

impl Violation {
    fn under(self, field: &str) -> Self {
        let path = if self.field.is_empty() {
            field.to_owned()
        } else {
            format!("{field}.{}", self.field)
        };
        Self { field: path, ..self }
    }
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        let fields: Vec<_> = violations.0.iter().map(|violation| violation.field.as_str()).collect();
        let message = format!("the request is not valid: {}", fields.join(", "));
        Refusal {
            violations: violations.0.into(),
            ..Refusal::new(Code::InvalidArgument, "INVALID_REQUEST", message)
        }
    }
}

impl From<Violations> for Status {
    fn from(violations: Violations) -> Self {
        Refusal::from(violations).into()
    }
}
