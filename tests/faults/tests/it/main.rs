//! Proof under fire, in short: for every change. `cargo faults` is the long run.

mod budgets;
mod races;
mod short_run;

use std::path::{Path, PathBuf};

use faults::Product;

/// The product as it is built here: the program of this crate serves as `loyalty serve` does.
fn product() -> Product {
    Product {
        program: env!("CARGO_BIN_EXE_faults").into(),
        canary: None,
    }
}

/// A directory for the servers of a test.
fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults").join(name)
}
