//! Personal data in memory.

use std::fmt;

/// Personal data: prints as `[redacted]`, cannot be serialised, and is taken out by name only.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks a value as personal data.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Shows the value to code that must see it: the vault, and the answer to a caller that may.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Gives the value to code that must have it.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
