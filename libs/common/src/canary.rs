//! Canaries: ways to break the product on purpose, one at a time, so that `tests/faults` can prove that it would notice.
//!
//! They are there with the feature `canaries` only, which no build has unless it is asked for by name. Without it nothing ever sings, and the compiler
//! leaves out what would.

/// Tells whether the product is to be broken in this way: the one that `LOYALTY_CANARY` names.
#[cfg(feature = "canaries")]
pub fn sings(name: &str) -> bool {
    static NAMED: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("LOYALTY_CANARY").ok());
    NAMED.as_deref() == Some(name)
}

/// Tells that nothing is to be broken.
#[cfg(not(feature = "canaries"))]
pub const fn sings(_name: &str) -> bool {
    false
}

/// Returns what is right; what is wrong where the product is to be broken in this way.
pub fn spoil<T>(name: &str, right: T, wrong: impl FnOnce() -> T) -> T {
    if sings(name) { wrong() } else { right }
}
