//! Sets of names.

/// A set of names, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Names(Vec<String>);

impl Names {
    /// Makes a set.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Names {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        Names(names)
    }

    /// Tells whether a name is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes through them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
