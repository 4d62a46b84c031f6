//! What lies in one another: groups, and budgets.

/// Something that may lie in another of its kind.
pub trait Nested {
    /// Its name.
    fn code(&self) -> &str;
    /// What it lies in, if in anything.
    fn parent(&self) -> Option<&str>;
}

/// How deep things may lie in one another. What lies deeper, because some were put into others later, is not asked.
pub const MAX_DEPTH: usize = 8;

/// Returns what something lies in, from its parent outwards: as many as it may lie in at most, and none twice. Refuses with the name of one that is not found.
pub fn ancestors<'a, T: Nested>(of: &'a T, find: impl Fn(&str) -> Option<&'a T>) -> Result<Vec<&'a T>, &'a str> {
    let mut ancestors: Vec<&T> = Vec::new();
    let mut parent = of.parent();
    while let Some(code) = parent
        && ancestors.len() < MAX_DEPTH
        && !ancestors.iter().any(|known| known.code() == code)
    {
        let ancestor = find(code).ok_or(code)?;
        ancestors.push(ancestor);
        parent = ancestor.parent();
    }
    Ok(ancestors)
}

/// Tells what is wrong with where something lies, if anything is.
pub(super) fn misplaced<T: Nested>(of: &T, ancestors: &[&T]) -> Option<&'static str> {
    if ancestors.iter().any(|ancestor| ancestor.code() == of.code()) {
        Some("would lie in itself")
    } else if ancestors.len() >= MAX_DEPTH {
        Some("would lie too deep: at most 8 levels")
    } else {
        None
    }
}
