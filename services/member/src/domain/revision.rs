//! How often something has changed, and the etag that says so to callers.

use std::fmt;

use thiserror::Error;

/// Counts the changes of a resource; its text is the resource's etag.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Revision(i64);

/// Says that a resource changed since the caller read it.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the resource has changed since it was read; its etag is now {current}")]
pub struct EtagMismatch {
    /// The revision at which the resource stands.
    pub current: Revision,
}

impl Revision {
    /// The revision of something that was just made.
    pub const FIRST: Revision = Revision(1);

    /// Accepts a number that can be a revision.
    pub const fn new(number: i64) -> Option<Revision> {
        if number >= Revision::FIRST.0 {
            Some(Revision(number))
        } else {
            None
        }
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Returns the revision after one more change.
    pub const fn next(self) -> Revision {
        // Cannot overflow: every change costs a commit, and nobody makes 2^63 of them.
        Revision(self.0 + 1)
    }

    /// Refuses an etag that is not the current one; a caller without an etag asks for no check.
    pub fn check(self, etag: &str) -> Result<(), EtagMismatch> {
        if etag.is_empty() || etag == self.to_string() {
            Ok(())
        } else {
            Err(EtagMismatch { current: self })
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_current_etag_or_none_at_all_passes() {
        let current = Revision::FIRST.next();
        assert_eq!(current.check(""), Ok(()));
        assert_eq!(current.check("2"), Ok(()));
        for other in ["1", "3", "02", " 2", "2 ", "+2", "x"] {
            assert_eq!(current.check(other), Err(EtagMismatch { current }), "{other:?}");
        }
    }

    #[test]
    fn revisions_start_at_one() {
        assert_eq!(Revision::new(0), None);
        assert_eq!(Revision::new(1), Some(Revision::FIRST));
    }
}
