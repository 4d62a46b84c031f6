//! The words of a program file: how the choices of the contracts are called there, and how a thing is described in them.
//!
//! A description is what two versions of a thing are compared by, so it covers every field: each kind takes its message apart field by
//! field, and the compiler asks for the words of a field that is new.

use common::zone::Zone;

use super::amounts::Currency;

/// The words for the choices of a field, in the order in which they are offered.
pub type Words<T> = &'static [(&'static str, T)];

/// What of the program the other sections are read and described in.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The currency of every amount.
    pub currency: Currency,
    /// The zone of every time without an offset.
    pub zone: Zone,
}

impl Frame {
    /// Returns what a file is read on in, once its own is wrong and nothing of it can be applied.
    pub fn stand_in() -> Frame {
        Frame {
            currency: Currency::new("USD"),
            zone: Zone::find("UTC").expect("the time zone database is built in"),
        }
    }
}

/// What is to be known of a thing: names and values, in the words of the file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts(Vec<(String, String)>);

/// A fact that two versions of a thing tell differently.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// What it was; nothing where it did not exist.
    pub from: Option<String>,
    /// What it becomes; nothing where it ends.
    pub to: Option<String>,
}

impl Facts {
    /// Adds a fact.
    pub fn with(mut self, name: impl Into<String>, value: impl ToString) -> Facts {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// Adds a fact where there is one.
    pub fn with_some(self, name: impl Into<String>, value: Option<impl ToString>) -> Facts {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a list, where it has anything.
    pub fn with_list(self, name: impl Into<String>, list: &[String]) -> Facts {
        if list.is_empty() {
            self
        } else {
            self.with(name, format!("{list:?}"))
        }
    }

    /// Adds a number, where it is not the zero that stands for none.
    pub fn with_number(self, name: impl Into<String>, number: impl Into<i64>) -> Facts {
        let number = number.into();
        if number == 0 { self } else { self.with(name, number) }
    }

    /// Adds that something is so, where it is.
    pub fn with_flag(self, name: impl Into<String>, flag: bool) -> Facts {
        if flag { self.with(name, "yes") } else { self }
    }

    /// Returns what becomes different.
    pub fn differences(&self, to: &Facts) -> Vec<Difference> {
        let ended = self.0.iter().filter(|(name, _)| to.value(name).is_none());
        let ended = ended.map(|(name, from)| Difference {
            name: name.clone(),
            from: Some(from.clone()),
            to: None,
        });
        let differs = to.0.iter().filter(|(name, value)| self.value(name) != Some(value));
        let differs = differs.map(|(name, value)| Difference {
            name: name.clone(),
            from: self.value(name).map(str::to_owned),
            to: Some(value.clone()),
        });
        ended.chain(differs).collect()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Returns the word for a choice; for one that this program does not know, its number.
pub fn spell<T: Copy + Into<i32>>(choice: i32, words: Words<T>) -> String {
    let found = words.iter().find(|(_, known)| (*known).into() == choice);
    found.map_or_else(|| format!("choice {choice}"), |(word, _)| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_and_what_is_the_same_is_not() {
        let before = Facts::default()
            .with("name", "Points")
            .with("unit", "point")
            .with_number("scale", 2);
        let after = Facts::default()
            .with("name", "Points")
            .with("unit", "star")
            .with_flag("paused", true);
        let difference = |name: &str, from: Option<&str>, to: Option<&str>| Difference {
            name: name.to_owned(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let expected = [
            difference("scale", Some("2"), None),
            difference("unit", Some("point"), Some("star")),
            difference("paused", None, Some("yes")),
        ];
        assert_eq!(before.differences(&after), expected);
        assert_eq!(before.differences(&before), []);
    }
}
