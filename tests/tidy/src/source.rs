//! A Rust file as its tokens: what it says to the compiler, without its comments.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{files_below, read, shown};

/// A Rust file.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    tokens: Vec<Token>,
}

#[derive(Debug, PartialEq)]
struct Token {
    line: usize,
    text: String,
}

impl Source {
    /// Reads all Rust files of a folder, or the one file that a path names; none where there is nothing.
    pub fn all_in(path: &Path) -> Vec<Source> {
        let files = if path.is_file() {
            vec![path.to_owned()]
        } else {
            files_below(path, "rs")
        };
        files
            .into_iter()
            .map(|file| Source::parse(file.clone(), &read(&file)))
            .collect()
    }

    fn parse(path: PathBuf, text: &str) -> Source {
        let stream = TokenStream::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", shown(&path)));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Source { path, tokens }
    }

    /// Returns the places that contain these words: "redis", "Timestamp::now", "todo!".
    pub fn places_of(&self, words: &str) -> Vec<String> {
        let mut wanted = Vec::new();
        flatten(TokenStream::from_str(words).expect("words are tokens"), &mut wanted);
        let is_it = |found: &&[Token]| {
            found
                .iter()
                .zip(&wanted)
                .all(|(found, wanted)| found.text == wanted.text)
        };
        self.tokens
            .windows(wanted.len())
            .filter(is_it)
            .map(|found| self.place(found[0].line, words))
            .collect()
    }

    /// Returns the places that name one of these modules of their own crate: `crate::store`, `use crate::{store, rpc}`.
    pub fn places_of_modules(&self, modules: &[&str]) -> Vec<String> {
        let starts = self
            .tokens
            .windows(3)
            .enumerate()
            .filter(|(_, found)| found[0].text == "crate" && found[1].text == ":" && found[2].text == ":");
        starts
            .flat_map(|(at, _)| self.modules_at(at + 3))
            .filter(|token| modules.contains(&token.text.as_str()))
            .map(|token| self.place(token.line, &format!("crate::{}", token.text)))
            .collect()
    }

    /// Returns the places of the string literals for which something holds.
    pub fn places_of_strings(&self, is_it: impl Fn(&str) -> bool) -> Vec<String> {
        let inside = |text: &str| {
            text.trim_start_matches(['b', 'c', 'r', '#'])
                .strip_prefix('"')
                .map(str::to_owned)
        };
        let strings = self
            .tokens
            .iter()
            .filter_map(|token| Some((token.line, inside(&token.text)?)));
        strings
            .filter(|(_, text)| is_it(text))
            .map(|(line, text)| self.place(line, text.trim().lines().next().unwrap_or_default()))
            .collect()
    }

    /// Returns the first words of the paths that start at a token: one, or those of a group in braces.
    fn modules_at(&self, start: usize) -> Vec<&Token> {
        let rest = &self.tokens[start..];
        if rest.first().is_none_or(|token| token.text != "{") {
            return rest.first().into_iter().collect();
        }
        let mut depth = 0;
        let mut modules = Vec::new();
        for pair in rest.windows(2) {
            match pair[0].text.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && matches!(pair[0].text.as_str(), "{" | ",") {
                modules.push(&pair[1]);
            }
        }
        modules
    }

    fn place(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", shown(&self.path))
    }
}

/// Writes tokens one after another, groups with their delimiters. What documents an item is a comment, and left out.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let TokenTree::Group(group) = tree else {
            tokens.push(Token {
                line,
                text: tree.to_string(),
            });
            continue;
        };
        let first = group.stream().into_iter().next().map(|tree| tree.to_string());
        if group.delimiter() == Delimiter::Bracket && first.as_deref() == Some("doc") {
            continue;
        }
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        tokens.push(Token {
            line,
            text: open.to_owned(),
        });
        flatten(group.stream(), tokens);
        tokens.push(Token {
            line: group.span_close().start().line,
            text: close.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::parse("points/src/lib.rs".into(), text)
    }

    #[test]
    fn words_are_found_in_code_and_not_in_comments_or_strings() {
        let code = source("//! redis\n/// redis\nfn f() { // redis\n    g(\"redis\");\n    redis::cmd();\n}");
        assert_eq!(code.places_of("redis"), ["points/src/lib.rs:5: redis"]);
        assert_eq!(
            source("fn f() { Timestamp::now() }").places_of("Timestamp::now").len(),
            1
        );
        assert!(
            source("fn f() { Timestamp::from_second(now) }")
                .places_of("Timestamp::now")
                .is_empty()
        );
    }

    #[test]
    fn modules_are_found_alone_and_in_groups() {
        let code = source("use crate::{domain::{self, store}, rpc};\nfn f() { crate::store::find() }");
        let found = code.places_of_modules(&["store", "rpc"]);
        assert_eq!(
            found,
            ["points/src/lib.rs:1: crate::rpc", "points/src/lib.rs:2: crate::store"]
        );
    }

    #[test]
    fn strings_are_found_whatever_their_quotes() {
        let code =
            source("/// select\nconst A: &str = \"select 1\"; const B: &str = r#\"select 2\"#; const C: char = '\"';");
        assert_eq!(code.places_of_strings(|text| text.starts_with("select")).len(), 2);
    }
}
