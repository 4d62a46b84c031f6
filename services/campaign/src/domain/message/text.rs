//! What a message says: text with placeholders from a closed list.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::domain::{Contradiction, Language};

/// What a message says in a language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageText {
    /// The language.
    pub language: Language,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What stands in for placeholders.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MessageValues {
    /// What the activity earned.
    pub points: i64,
    /// What people call the campaign.
    pub campaign: String,
    /// The member's level, where it is known.
    pub level: Option<String>,
    /// The attributes of the activity.
    pub attributes: BTreeMap<String, String>,
}

/// A message as it is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written {
    /// The language.
    pub language: Language,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Says that there is nothing to put in a placeholder's place.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("there is nothing for {{{0}}}")]
pub struct ValueMissing(pub String);

/// What a placeholder that names an attribute begins with.
const ATTRIBUTE: &str = "attribute.";

/// How many characters of a value are taken: an attribute is not a letter of its own.
const LONGEST_VALUE: usize = 200;

/// A part of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Piece<'a> {
    /// As it stands.
    Plain(&'a str),
    /// What stands between braces.
    Placeholder(&'a str),
    /// A brace that belongs to no other.
    Stray(&'a str),
}

impl MessageText {
    /// Tells every place that is wrong.
    pub(super) fn contradictions(&self, within: &str) -> Vec<Contradiction> {
        let mut found = Vec::new();
        for (field, text) in [("subject", &self.subject), ("body", &self.body)] {
            for piece in pieces(text) {
                let sentence = match piece {
                    Piece::Placeholder(name) if !is_known(name) => format!(
                        "has {{{name}}}, which is none of {{points}}, {{campaign}}, {{level}} and {{attribute.NAME}}"
                    ),
                    Piece::Stray(brace) => format!("has a {brace} that belongs to no placeholder"),
                    _ => continue,
                };
                found.push(Contradiction::new(format!("{within}.{field}"), sentence));
            }
        }
        if self.subject.contains(char::is_control) {
            found.push(Contradiction::new(
                format!("{within}.subject"),
                "has more than one line, or other control characters",
            ));
        }
        let is_control = |c: char| c.is_control() && c != '\n';
        if self.body.contains(is_control) {
            found.push(Contradiction::new(
                format!("{within}.body"),
                "has control characters that are no ends of lines",
            ));
        }
        found
    }

    /// Puts values in the places of placeholders.
    pub fn write(&self, values: &MessageValues) -> Result<Written, ValueMissing> {
        Ok(Written {
            language: self.language,
            subject: fill(&self.subject, values)?,
            body: fill(&self.body, values)?,
        })
    }
}

fn fill(text: &str, values: &MessageValues) -> Result<String, ValueMissing> {
    let mut filled = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) | Piece::Stray(plain) => filled.push_str(plain),
            Piece::Placeholder(name) => {
                let value = value(name, values).ok_or_else(|| ValueMissing(name.to_owned()))?;
                let plain = value.chars().map(|c| if c.is_control() { ' ' } else { c });
                filled.extend(plain.take(LONGEST_VALUE));
            }
        }
    }
    Ok(filled)
}

fn value(name: &str, values: &MessageValues) -> Option<String> {
    match name {
        "points" => Some(values.points.to_string()),
        "campaign" => Some(values.campaign.clone()),
        "level" => values.level.clone(),
        _ => values.attributes.get(name.strip_prefix(ATTRIBUTE)?).cloned(),
    }
}

fn is_known(name: &str) -> bool {
    let is_attribute = |name: &str| {
        let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_of_name)
    };
    ["points", "campaign", "level"].contains(&name) || name.strip_prefix(ATTRIBUTE).is_some_and(is_attribute)
}

/// Takes a text apart.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, from) = rest.split_at(at);
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain));
        }
        let inside = &from[1..];
        match inside.find(['{', '}']) {
            Some(end) if from.starts_with('{') && inside[end..].starts_with('}') => {
                pieces.push(Piece::Placeholder(&inside[..end]));
                rest = &inside[end + 1..];
            }
            _ => {
                pieces.push(Piece::Stray(&from[..1]));
                rest = inside;
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    pieces
}
