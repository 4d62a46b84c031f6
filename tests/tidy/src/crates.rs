//! The crates of the workspace and what they import of one another.

use std::collections::BTreeSet;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::{names_in, read, root};

/// A crate of the workspace.
#[derive(Debug)]
pub struct Crate {
    /// The name of its package.
    pub name: String,
    /// The folder of the workspace that it lies in: libs, services or tests.
    pub kind: &'static str,
    pub dir: PathBuf,
    /// The crates of the workspace that it imports.
    pub imports: BTreeSet<String>,
    /// Those that only its tests import.
    pub test_imports: BTreeSet<String>,
}

/// Returns the crates of the workspace.
pub fn crates() -> Vec<Crate> {
    let found: Vec<(&str, PathBuf, Table)> = ["libs", "services", "tests"]
        .into_iter()
        .flat_map(|kind| {
            names_in(&root().join(kind))
                .into_iter()
                .map(move |name| (kind, root().join(kind).join(name)))
        })
        .filter(|(_, dir)| dir.join("Cargo.toml").exists())
        .map(|(kind, dir)| {
            (
                kind,
                dir.clone(),
                read(&dir.join("Cargo.toml")).parse().expect("a manifest is TOML"),
            )
        })
        .collect();
    let name_of = |manifest: &Table| {
        manifest["package"]["name"]
            .as_str()
            .expect("a package has a name")
            .to_owned()
    };
    let members: BTreeSet<String> = found.iter().map(|(_, _, manifest)| name_of(manifest)).collect();
    let ours =
        |manifest: &Table, sections: &[&str]| imports(manifest, sections).intersection(&members).cloned().collect();
    found
        .iter()
        .map(|(kind, dir, manifest)| Crate {
            name: name_of(manifest),
            kind,
            dir: dir.clone(),
            imports: ours(manifest, &["dependencies", "build-dependencies"]),
            test_imports: ours(manifest, &["dev-dependencies"]),
        })
        .collect()
}

/// Returns the packages that these sections of a manifest name, those for one platform only among them.
fn imports(manifest: &Table, sections: &[&str]) -> BTreeSet<String> {
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = platforms
        .filter_map(|(_, platform)| platform.as_table())
        .chain([manifest]);
    tables
        .flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()))
        .flatten()
        .map(|(name, details)| {
            details
                .get("package")
                .and_then(Value::as_str)
                .unwrap_or(name)
                .to_owned()
        })
        .collect()
}
