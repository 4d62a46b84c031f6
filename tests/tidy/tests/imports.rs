//! Who may import whom.

use std::collections::BTreeSet;

use tidy::{Crate, SERVICES, crates, enforce, read, root};

/// The table of ARCHITECTURE.md. "everything" is every crate of the workspace.
const HEADING: [&str; 3] = ["Crate", "May import", "In its tests also"];
const TABLE: [[&str; 3]; 7] = [
    ["proto", "nothing", "nothing"],
    ["common", "proto", "harness, private-servers"],
    ["private-servers", "nothing", "nothing"],
    ["tidy", "nothing", "nothing"],
    ["a service", "common, proto", "harness"],
    ["loyalty", "everything", "everything"],
    ["other crates in tests/", "everything", "everything"],
];

const WHY: &str = "\
Why: services meet only in contracts, so that each can be deployed, scaled and understood alone; plumbing that knows no
business can be read without it. What to do: ask the other service through its RPC (`peers.rs`) or follow its feed;
move what two services share into `libs/common` if it is plumbing, and keep it twice if it is business. If the table
itself is wrong, change it in ARCHITECTURE.md and in tests/tidy/tests/imports.rs, in a commit that argues for it.";

#[test]
fn crates_import_only_what_the_table_allows() {
    let mut broken = Vec::new();
    for it in crates() {
        let [_, imports, test_imports] = row_of(&it);
        let refused = it.imports.iter().filter(|name| !allows(imports, name));
        let refused_in_tests = it
            .test_imports
            .iter()
            .filter(|name| !allows(test_imports, name) && !allows(imports, name));
        broken.extend(refused.map(|name| format!("{} imports {name}", it.name)));
        broken.extend(refused_in_tests.map(|name| format!("{} imports {name} in its tests", it.name)));
    }
    enforce(
        "A crate imports only what the table of ARCHITECTURE.md allows",
        WHY,
        broken,
    );
}

#[test]
fn architecture_md_shows_the_table_that_is_enforced() {
    let text = read(&root().join("ARCHITECTURE.md"));
    let rows: Vec<Vec<String>> = text.lines().filter_map(cells).collect();
    let start = rows
        .iter()
        .position(|row| *row == HEADING)
        .map_or(rows.len(), |heading| heading + 2);
    let shown: BTreeSet<Vec<String>> = rows[start..].iter().take_while(|row| row.len() == 3).cloned().collect();
    let enforced: BTreeSet<Vec<String>> = TABLE.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    let line = |row: &Vec<String>| format!("| {} |", row.join(" | "));
    let missing = enforced
        .difference(&shown)
        .map(|row| format!("not there: {}", line(row)));
    let extra = shown
        .difference(&enforced)
        .map(|row| format!("not enforced: {}", line(row)));
    enforce(
        "ARCHITECTURE.md shows the table of who may import whom",
        "Why: people read the page, the compiler of rules is tests/tidy/tests/imports.rs, and a page that says something else \
         is worse than none.\nWhat to do: make both the same, under the heading `| Crate | May import | In its tests also |`.",
        missing.chain(extra).collect(),
    );
}

fn row_of(it: &Crate) -> [&'static str; 3] {
    let name = match it.name.as_str() {
        name if TABLE.iter().any(|row| row[0] == name) => name,
        name if SERVICES.contains(&name) => "a service",
        _ if it.kind == "tests" => "other crates in tests/",
        name => panic!("{name} has no row in the table of who may import whom.\n{WHY}"),
    };
    *TABLE
        .iter()
        .find(|row| row[0] == name)
        .expect("the name is one of the table")
}

fn allows(cell: &str, name: &str) -> bool {
    cell == "everything" || cell.split(", ").any(|allowed| allowed == name)
}

/// Returns the cells of a line that is a row of a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(|cell| cell.trim().replace('`', "")).collect())
}
