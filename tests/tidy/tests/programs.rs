//! The program files of the requirements.

use std::collections::BTreeMap;

use tidy::{enforce, files_below, read, root};
use toml::Table;

/// The files' names, without their ending and sorted, and what they say.
fn files() -> Vec<(String, String)> {
    let paths = files_below(&root().join("deploy/programs/requirements"), "toml");
    let named = paths.into_iter().map(|path| {
        let name = path
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        (name, read(&path))
    });
    let mut files: Vec<(String, String)> = named.collect();
    files.sort();
    files
}

#[test]
fn every_program_file_is_played_by_a_test() {
    let tests = files_below(&root().join("services/loyalty/tests"), "rs");
    let tests: String = tests.iter().map(|path| read(path)).collect();
    let unplayed = files()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !tests.contains(&format!("\"{name}\"")));
    enforce(
        "Every file of deploy/programs/requirements is named by a test of services/loyalty",
        "Why: a file that nobody plays claims what it likes.\n\
         What to do: play it through the public API, as requirements.rs does, or take it out.",
        unplayed.collect(),
    );
}

#[test]
fn a_program_has_an_id_of_its_own() {
    let mut programs: BTreeMap<String, String> = BTreeMap::new();
    let mut broken = Vec::new();
    for (name, text) in files() {
        let table: Table = text.parse().expect("a program file is TOML");
        let id = table["program"]["id"].as_str().expect("an id is text").to_owned();
        let first = programs.entry(id).or_insert_with(|| name.clone());
        if !name.starts_with(first.as_str()) {
            broken.push(format!("{name} has the id of {first}"));
        }
    }
    enforce(
        "A program file has an id that no other has, unless it is the same program after a change",
        "Why: applying the one would change the other.\n\
         What to do: give it an id of its own; or, where it is a change, the name of what it changes with more behind it.",
        broken,
    );
}
