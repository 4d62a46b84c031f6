//! Reads the tree for the house rules in `tests/`.
//!
//! A rule is a test. When it fails it lists every place, says why the rule exists and what to do about it. Rules read the
//! files as they are on disk; nothing here runs the suite.

#![forbid(unsafe_code)]

mod crates;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

pub use crates::{Crate, crates};
pub use source::Source;

/// The five services. Rules about services run over these, so that a missing one is a failure and not a silence.
pub const SERVICES: [&str; 5] = ["member", "points", "tier", "rewards-catalog", "campaign"];

/// Returns the folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is two folders up")
}

/// Returns a path as people name it: from the folder of the workspace.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Reads a file of the tree.
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("could not read {}: {error}", shown(path)))
}

/// Returns the names in a folder, sorted; none when there is no such folder.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .map(|found| found.flatten().collect::<Vec<_>>())
        .unwrap_or_default();
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Returns the files with an extension in a folder and the folders below it, sorted.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let paths = names_in(folder).into_iter().map(|name| folder.join(name));
    paths
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path, extension),
            false if path.extension().is_some_and(|found| found == extension) => vec![path],
            false => vec![],
        })
        .collect()
}

/// Fails with all places where a rule is broken, why there is such a rule, and what to do.
pub fn enforce(rule: &str, why_and_what_to_do: &str, broken: Vec<String>) {
    let places: String = broken.iter().map(|place| format!("\n  {place}")).collect();
    assert!(broken.is_empty(), "{rule}.{places}\n{why_and_what_to_do}");
}
