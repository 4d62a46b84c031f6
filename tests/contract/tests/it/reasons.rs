//! Every way of saying no is documented where it is said, and provoked by some test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const PREFIX: &str = "ERROR_REASON_";

/// What only a fault of ours, or of what we depend on, can bring about. Tests of `libs/common` show how they are told.
const FAULTS: [&str; 2] = ["INTERNAL", "TEMPORARILY_UNAVAILABLE"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the reasons of each package.
fn reasons() -> BTreeMap<String, BTreeSet<String>> {
    let enums = proto::descriptors().all_enums().filter(|it| it.name() == "ErrorReason");
    enums
        .map(|it| {
            let values = it.values().filter(|value| value.number() != 0);
            let names = values.map(|value| value.name().trim_start_matches(PREFIX).to_owned());
            (it.parent_file().package_name().to_owned(), names.collect())
        })
        .collect()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

#[test]
fn every_refusal_that_an_rpc_names_is_a_reason() {
    let reasons = reasons();
    let mut contracts = Vec::new();
    files(&root().join("proto/loyalty"), "proto", &mut contracts);
    assert!(contracts.len() > 15);
    for contract in contracts {
        let text = fs::read_to_string(&contract).unwrap();
        let package = text
            .lines()
            .find_map(|line| line.strip_prefix("package ")?.strip_suffix(';'))
            .unwrap();
        let shared = &reasons["loyalty.event.v1"];
        let own = reasons.get(package).unwrap_or(shared);
        for sentence in refusals(&text) {
            let named = sentence
                .split(|c: char| !c.is_ascii_uppercase() && c != '_')
                .filter(|word| word.len() > 3 && word.contains('_'));
            for word in named.filter(|word| !["NOT_FOUND", "FAILED_PRECONDITION", "INVALID_ARGUMENT"].contains(word)) {
                assert!(
                    own.contains(word) || shared.contains(word),
                    "{}: {word} is no reason",
                    contract.display()
                );
            }
        }
    }
}

/// Returns what stands in comments from "Refusals:" to the end of the comment.
fn refusals(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut current: Option<String> = None;
    for line in text.lines().map(str::trim) {
        match (line.strip_prefix("//"), &mut current) {
            (Some(comment), None) if comment.contains("Refusals:") => current = Some(comment.to_owned()),
            (Some(comment), Some(sentence)) => sentence.push_str(comment),
            (None, Some(_)) => sentences.extend(current.take()),
            _ => {}
        }
    }
    sentences
}

#[test]
fn every_reason_is_provoked_by_some_test() {
    let mut tests = Vec::new();
    for folder in ["services", "libs", "tests"] {
        for member in fs::read_dir(root().join(folder)).unwrap().flatten() {
            files(&member.path().join("tests"), "rs", &mut tests);
        }
    }
    tests.retain(|path| !path.ends_with("contract/tests/it/reasons.rs"));
    let texts: Vec<String> = tests.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let missing: Vec<String> = reasons()
        .into_iter()
        .flat_map(|(package, names)| names.into_iter().map(move |name| (package.clone(), name)))
        .filter(|(_, name)| !FAULTS.contains(&name.as_str()))
        .filter(|(_, name)| !texts.iter().any(|text| text.contains(&format!("\"{name}\""))))
        .map(|(package, name)| format!("{package}: {name}"))
        .collect();
    assert!(missing.is_empty(), "no test provokes:\n{}", missing.join("\n"));
}
