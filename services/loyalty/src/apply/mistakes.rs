//! What is wrong with a file, each with its line and key, and where in the file every field of a message comes from.

use std::{collections::BTreeMap, error::Error, fmt};

/// One thing that is wrong with a file.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The key, as a path from the top of the file: `wallet.expiry.after_days`.
    pub key: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistakes {
    file: String,
    list: Vec<Mistake>,
}

impl Mistakes {
    /// Collects mistakes in the order of their lines.
    pub(super) fn new(file: &str, mut list: Vec<Mistake>) -> Mistakes {
        list.sort();
        list.dedup();
        Mistakes {
            file: file.to_owned(),
            list,
        }
    }

    /// Returns them as lines that an editor can jump to: `file:line: key: what`.
    pub fn lines(&self) -> Vec<String> {
        self.list
            .iter()
            .map(|Mistake { line, key, what }| format!("{}:{line}: {key}: {what}", self.file))
            .collect()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, s) = (self.list.len(), if self.list.len() == 1 { "" } else { "s" });
        write!(
            f,
            "{count} mistake{s} in {}; nothing was applied\n{}",
            self.file,
            self.lines().join("\n")
        )
    }
}

impl Error for Mistakes {}

/// Where something stands in a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mark {
    /// The line, from 1.
    pub line: usize,
    /// The key, as a path from the top of the file.
    pub key: String,
    /// Whether it is known to be wrong, so that nothing more needs to be said of it.
    pub wrong: bool,
}

/// Where the fields of the messages stand in the file, by their paths: `wallet[0].expiry.after_days.days`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marks(BTreeMap<String, Mark>);

impl Marks {
    /// Notes where a field stands.
    pub(super) fn note(&mut self, field: &str, line: usize, key: &str) {
        let mark = Mark {
            line,
            key: key.to_owned(),
            wrong: false,
        };
        self.0.entry(field.to_owned()).or_insert(mark);
    }

    /// Notes that a field is wrong.
    pub(super) fn spoil(&mut self, field: &str, line: usize, key: &str) {
        self.note(field, line, key);
        if let Some(mark) = self.0.get_mut(field) {
            mark.wrong = true;
        }
    }

    /// Returns where a field stands, or else the nearest thing around it that stands in the file.
    pub fn find(&self, field: &str) -> Option<&Mark> {
        around(field).find_map(|path| self.0.get(path))
    }

    /// Tells whether a field, or something around it, is known to be wrong.
    pub(super) fn is_wrong(&self, field: &str) -> bool {
        around(field).filter_map(|path| self.0.get(path)).any(|mark| mark.wrong)
    }
}

/// Returns the path and all paths around it, the nearest first: `a.b[0].c`, `a.b[0]`, `a.b`, `a`.
fn around(field: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(field), |path| path.rfind(['.', '[']).map(|end| &path[..end]))
}

/// Returns the known word that a misspelt one is nearest to, when it is near to any.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = 1 + word.chars().count() / 3;
    let near = known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, _)| *distance <= far);
    near.min().map(|(_, known)| known)
}

/// Counts the letters that must be added, left out or replaced to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != against);
            let added_or_left_out = row[j].min(row[j + 1]) + 1;
            diagonal = std::mem::replace(&mut row[j + 1], replaced.min(added_or_left_out));
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_strange_one_is_near_to_none() {
        let known = ["code", "name", "expiry", "overdraft"];
        assert_eq!(nearest("expirey", known), Some("expiry"));
        assert_eq!(nearest("overdarft", known), Some("overdraft"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn a_field_that_is_not_in_the_file_stands_where_its_nearest_surroundings_do() {
        let mut marks = Marks::default();
        marks.note("ladder[0].levels[1]", 17, "ladder.level");
        assert_eq!(
            marks.find("ladder[0].levels[1].any_of[0].all_of").map(|mark| mark.line),
            Some(17)
        );
        assert_eq!(marks.find("ladder[1].levels[1]"), None);
    }
}
