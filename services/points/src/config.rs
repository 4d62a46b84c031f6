//! The settings that only the points service has.

/// None: everything it needs, every service needs.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Settings {}
