//! What is wrong with a purchase or a rule that is well formed but says something impossible.

/// Something that cannot be as it is said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contradiction {
    /// The field at fault, as a path from the thing that was checked.
    pub field: String,
    /// What is wrong with it, in a sentence.
    pub sentence: String,
}

impl Contradiction {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, sentence: impl Into<String>) -> Contradiction {
        Contradiction {
            field: field.into(),
            sentence: sentence.into(),
        }
    }
}
