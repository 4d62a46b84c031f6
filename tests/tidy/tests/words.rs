//! Words that have no place in what we ship.

use std::path::PathBuf;

use tidy::{Source, crates, enforce, files_below, read, root, shown};

/// Rust files longer than this are a question; the answer stands in `LONG_FILES`.
const LONGEST_FILE: usize = 400;

/// Files that are longer for a reason: the path from the folder of the workspace, and the reason.
const LONG_FILES: [(&str, &str); 1] = [(
    "libs/proto/build/validators.rs",
    "one generator, read top to bottom: each kind of rule is a few lines beside the others",
)];

#[test]
fn nothing_is_left_unfinished() {
    let sources = crates().into_iter().flat_map(|it| Source::all_in(&it.dir.join("src")));
    let unfinished = sources
        .flat_map(|it| ["todo!", "unimplemented!"].map(|word| it.places_of(word)))
        .flatten();
    let marks = ["TODO", "FIXME", "XXX", "HACK"];
    let noted = rust_files(&["src"]).into_iter().flat_map(|path| {
        let text = read(&path);
        let comments = text
            .lines()
            .enumerate()
            .filter_map(|(at, line)| Some((at + 1, line.split_once("//")?.1)));
        let marked = comments.filter(|(_, comment)| words(comment).any(|word| marks.contains(&word)));
        marked
            .map(|(line, comment)| format!("{}:{line}: {}", shown(&path), comment.trim()))
            .collect::<Vec<_>>()
    });
    enforce(
        "Nothing in src/ is left for later",
        "Why: code that panics where it is unfinished, and notes that nobody reads, reach production.\n\
         What to do: finish it, or leave it out and open an issue.",
        unfinished.chain(noted).collect(),
    );
}

#[test]
fn contracts_have_no_floating_point() {
    let floats = ["double", "float", "DoubleValue", "FloatValue", "Struct", "ListValue"];
    let broken = files_below(&root().join("proto/loyalty"), "proto")
        .into_iter()
        .flat_map(|path| {
            let text = read(&path);
            let code = text
                .lines()
                .enumerate()
                .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()));
            let broken = code.filter(|(_, code)| words(code).any(|word| floats.contains(&word)));
            broken
                .map(|(line, code)| format!("{}:{line}: {}", shown(&path), code.trim()))
                .collect::<Vec<_>>()
        });
    enforce(
        "No contract has a field of floating point, directly or in a Struct",
        "Why: points and money are exact, and 0.1 is not a double.\n\
         What to do: int64 in the smallest unit for points and money, `loyalty.value.v1` ratios for rates.",
        broken.collect(),
    );
}

#[test]
fn files_are_short_or_say_why_not() {
    let lengths = rust_files(&["src", "tests", "build", "benches"])
        .into_iter()
        .map(|path| {
            let lines = read(&path).lines().count();
            (shown(&path), lines)
        });
    let (long, short): (Vec<_>, Vec<_>) = lengths.partition(|(_, lines)| *lines > LONGEST_FILE);
    let excused = |path: &str| LONG_FILES.iter().any(|(excused, _)| *excused == path);
    let unexcused = long
        .into_iter()
        .filter(|(path, _)| !excused(path))
        .map(|(path, lines)| format!("{path}: {lines} lines"));
    let needless = short
        .into_iter()
        .filter(|(path, _)| excused(path))
        .map(|(path, _)| format!("{path}: short, yet listed"));
    enforce(
        "A Rust file has at most 400 lines, or a reason in tests/tidy/tests/words.rs",
        "Why: a file is read top to bottom, in one sitting. A long one usually does two things.\n\
         What to do: find the second thing and give it a file named after it. If it really is one thing, add the file to \
         LONG_FILES with the reason.",
        unexcused.chain(needless).collect(),
    );
}

/// Returns the Rust files in these folders of all crates.
fn rust_files(folders: &[&str]) -> Vec<PathBuf> {
    let folders = crates()
        .into_iter()
        .flat_map(|it| folders.iter().map(move |folder| it.dir.join(folder)));
    folders.flat_map(|folder| files_below(&folder, "rs")).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
