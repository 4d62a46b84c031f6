//! The rules of the contracts at run time.
//!
//! The implementations of [`Validate`] are generated, see `build/validators.rs`. A valid message costs no allocation: the
//! place of a field is written down only when the field breaks a rule. A violation never repeats the value at fault,
//! because the value may be personal.

use std::fmt::{self, Display};

/// A message whose contract has rules, or none.
pub trait Validate {
    /// Adds every rule that the message breaks, as found at a place.
    fn check(&self, at: &Place<'_>, found: &mut Vec<Violation>);

    /// Returns every rule that the message breaks. A valid message has none.
    fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        self.check(&Place::MESSAGE, &mut found);
        found
    }
}

impl<T: Validate> Validate for Box<T> {
    fn check(&self, at: &Place<'_>, found: &mut Vec<Violation>) {
        (**self).check(at, found);
    }
}

/// A rule that a message breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field at fault, seen from the message, for example `lines[2].quantity`.
    pub field: String,
    /// The rule as the contract spells it, for example `int64.gte`.
    pub rule: &'static str,
    /// What the rule asks for, for example `must be at least 1`.
    pub description: &'static str,
}

/// Where in a message a check stands.
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Message,
    Field(&'static str),
    Index(usize),
    Key(&'a dyn Display),
}

impl<'a> Place<'a> {
    /// The message itself.
    pub const MESSAGE: Place<'static> = Place {
        parent: None,
        step: Step::Message,
    };

    /// Returns the place of a field.
    pub fn field(&'a self, name: &'static str) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Field(name),
        }
    }

    /// Returns the place of an item of a list.
    pub fn index(&'a self, index: usize) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// Returns the place of an entry of a map.
    pub fn key(&'a self, key: &'a dyn Display) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// Returns the violation of a rule at this place.
    pub fn violation(&self, rule: &'static str, description: &'static str) -> Violation {
        Violation {
            field: self.to_string(),
            rule,
            description,
        }
    }
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        let follows_a_field = self.parent.is_some_and(|parent| !matches!(parent.step, Step::Message));
        match self.step {
            Step::Message => Ok(()),
            Step::Field(name) if follows_a_field => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{:?}]", key.to_string()),
        }
    }
}

/// Returns how many characters a text has: Unicode scalar values, as the rules count them.
pub(crate) fn length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// Returns whether a text is a UUID in its usual form, in either case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
