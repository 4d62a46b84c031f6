//! Reads TOML that people write. Reading never stops at a mistake: it is noted with its line and key, a harmless value stands in, and in
//! the end either nothing was wrong or all that was is told at once.

use std::{cell::RefCell, collections::BTreeMap, fmt::Display};

use toml::{Spanned, de::DeTable, de::DeValue};

use super::{
    mistakes::{Mark, Marks, Mistake, Mistakes, nearest},
    words::Words,
};

/// A file that is being read.
pub struct Sheet {
    file: String,
    line_starts: Vec<usize>,
    found: RefCell<Found>,
}

#[derive(Default)]
struct Found {
    mistakes: Vec<Mistake>,
    marks: Marks,
}

/// A table of the file, and the message that is made of it.
pub struct Table<'a> {
    sheet: &'a Sheet,
    entries: &'a DeTable<'a>,
    at: Place,
    asked: RefCell<Vec<&'static str>>,
}

/// A value of the file, and the field that is made of it.
pub struct Item<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) value: &'a DeValue<'a>,
    at: Place,
}

#[derive(Clone)]
struct Place {
    line: usize,
    key: String,
    field: String,
}

impl Sheet {
    /// Prepares to read a text; the name of the file is only told in mistakes.
    pub fn new(file: &str, text: &str) -> Sheet {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Sheet {
            file: file.to_owned(),
            line_starts,
            found: RefCell::default(),
        }
    }

    /// Reads the text. What is not TOML at all ends it here, with every place where it is not.
    pub fn parse<'a>(&self, text: &'a str) -> Result<Spanned<DeTable<'a>>, Mistakes> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mistakes = errors.iter().map(|error| Mistake {
            line: self.line(error.span().map_or(0, |span| span.start)),
            key: "not TOML".to_owned(),
            what: error.message().to_owned(),
        });
        if errors.is_empty() {
            Ok(document)
        } else {
            Err(Mistakes::new(&self.file, mistakes.collect()))
        }
    }

    /// Reads the tables of a document.
    pub fn read<T>(&self, document: &Spanned<DeTable<'_>>, read: impl FnOnce(&Table<'_>) -> T) -> T {
        let at = Place {
            line: 1,
            key: String::new(),
            field: String::new(),
        };
        Table {
            sheet: self,
            entries: document.get_ref(),
            at,
            asked: RefCell::default(),
        }
        .read(read)
    }

    /// Returns where everything stands, or everything that is wrong.
    pub fn finish(self) -> Result<Marks, Mistakes> {
        let Found { mistakes, marks } = self.found.into_inner();
        if mistakes.is_empty() {
            Ok(marks)
        } else {
            Err(Mistakes::new(&self.file, mistakes))
        }
    }

    /// Notes what is wrong with a field, unless the field is known to be wrong already.
    pub fn wrong(&self, field: &str, what: impl Display) {
        let mark = self.found.borrow().marks.find(field).cloned();
        let Mark { line, key, wrong: _ } = mark.unwrap_or(Mark {
            line: 1,
            key: field.to_owned(),
            wrong: false,
        });
        if !self.is_wrong(field) {
            self.note(
                &Place {
                    line,
                    key,
                    field: field.to_owned(),
                },
                what,
            );
        }
    }

    /// Tells whether a field, or something around it, is known to be wrong.
    pub fn is_wrong(&self, field: &str) -> bool {
        self.found.borrow().marks.is_wrong(field)
    }

    /// Returns the line on which a field stands.
    pub fn line_of(&self, field: &str) -> usize {
        self.found.borrow().marks.find(field).map_or(1, |mark| mark.line)
    }

    fn note(&self, at: &Place, what: impl Display) {
        let mut found = self.found.borrow_mut();
        found.mistakes.push(Mistake {
            line: at.line,
            key: at.key.clone(),
            what: what.to_string(),
        });
        found.marks.spoil(&at.field, at.line, &at.key);
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.line_starts.partition_point(|&start| start <= offset)
    }
}

impl<'a> Table<'a> {
    /// Returns what a key says, or notes that it is missing. The example shows what could be there.
    pub fn need(&self, key: &'static str, field: &str, example: &str) -> Option<Item<'a>> {
        let found = self.find(key, field);
        if found.is_none() {
            let at = Place {
                line: self.at.line,
                ..self.place(key, field)
            };
            self.sheet
                .note(&at, format_args!("is missing; write for example: {key} = {example}"));
        }
        found
    }

    /// Returns what a key says, if it is there. The field is seen from the message of this table.
    pub fn find(&self, key: &'static str, field: &str) -> Option<Item<'a>> {
        self.asked.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        let at = Place {
            line: self.sheet.line(value.span().start),
            ..self.place(key, field)
        };
        Some(Item::new(self.sheet, value.get_ref(), at))
    }

    /// Returns the tables of a key that may be there any number of times: `[[wallet]]`.
    pub fn every(&self, key: &'static str, field: &str) -> Vec<Item<'a>> {
        self.find(key, field).map(|item| item.list()).unwrap_or_default()
    }

    /// Tells whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Returns a text that must be there.
    pub fn text(&self, key: &'static str, field: &str, example: &str) -> String {
        self.need(key, field, example)
            .map(|item| item.text())
            .unwrap_or_default()
    }

    /// Returns a choice that must be made.
    pub fn word<T: Copy + Into<i32>>(&self, key: &'static str, field: &str, words: Words<T>) -> i32 {
        let example = words.first().map(|(word, _)| format!("{word:?}")).unwrap_or_default();
        self.need(key, field, &example).map_or(0, |item| item.word(words))
    }

    /// Returns a number that must be there.
    pub fn whole(&self, key: &'static str, field: &str, example: &str) -> i64 {
        self.need(key, field, example).map_or(0, |item| item.whole())
    }

    /// Returns a yes or no, which is no when it is not there.
    pub fn flag(&self, key: &'static str, field: &str) -> bool {
        self.find(key, field).is_some_and(|item| item.flag())
    }

    /// Notes what is wrong with the table as a whole.
    pub fn wrong(&self, what: impl Display) {
        self.sheet.note(&self.at, what);
    }

    /// Reads the table and then notes every key that nobody asked for.
    fn read<T>(self, read: impl FnOnce(&Table<'_>) -> T) -> T {
        let read = read(&self);
        let asked = self.asked.into_inner();
        let unknown: BTreeMap<_, _> = self
            .entries
            .iter()
            .filter(|(key, _)| !asked.contains(&key.get_ref().as_ref()))
            .collect();
        for key in unknown.into_keys() {
            let name = key.get_ref().as_ref();
            let hint = match nearest(name, asked.iter().copied()) {
                Some(nearest) => format!("did you mean {nearest}?"),
                None => format!("known here: {}", asked.join(", ")),
            };
            let at = Place {
                line: self.sheet.line(key.span().start),
                key: joined(&self.at.key, name),
                field: String::new(),
            };
            self.sheet.note(&at, format_args!("is not a known key; {hint}"));
        }
        read
    }

    fn place(&self, key: &str, field: &str) -> Place {
        Place {
            line: self.at.line,
            key: joined(&self.at.key, key),
            field: joined(&self.at.field, field),
        }
    }
}

impl<'a> Item<'a> {
    fn new(sheet: &'a Sheet, value: &'a DeValue<'a>, at: Place) -> Item<'a> {
        sheet.found.borrow_mut().marks.note(&at.field, at.line, &at.key);
        Item { sheet, value, at }
    }

    /// Notes what is wrong with the value.
    pub fn wrong(&self, what: impl Display) {
        self.sheet.note(&self.at, what);
    }

    /// Notes that the value is not of the right kind.
    pub fn mistyped(&self, right: impl Display) {
        self.wrong(format_args!("is {}; it must be {right}", kind(self.value)));
    }

    /// Returns a text.
    pub fn text(&self) -> String {
        self.as_text().map(str::to_owned).unwrap_or_else(|| {
            self.mistyped("text in quotation marks");
            String::new()
        })
    }

    /// Returns the text, if the value is one.
    pub fn as_text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// Returns a list of texts.
    pub fn texts(&self) -> Vec<String> {
        self.list().iter().map(Item::text).collect()
    }

    /// Returns a whole number.
    pub fn whole(&self) -> i64 {
        let Some(number) = self.value.as_integer() else {
            self.mistyped("a whole number");
            return 0;
        };
        i64::from_str_radix(number.as_str(), number.radix()).unwrap_or_else(|_| {
            self.wrong("is too large a number");
            0
        })
    }

    /// Returns a whole number of the smaller range that some fields have.
    pub fn small(&self) -> i32 {
        i32::try_from(self.whole()).unwrap_or_else(|_| {
            self.wrong(format_args!("must be between {} and {}", i32::MIN, i32::MAX));
            0
        })
    }

    /// Returns a yes or no.
    pub fn flag(&self) -> bool {
        self.value.as_bool().unwrap_or_else(|| {
            self.mistyped("true or false");
            false
        })
    }

    /// Returns the choice that a word stands for.
    pub fn word<T: Copy + Into<i32>>(&self, words: Words<T>) -> i32 {
        let choices = || {
            words
                .iter()
                .map(|(word, _)| format!("{word:?}"))
                .collect::<Vec<_>>()
                .join(" or ")
        };
        let Some(text) = self.as_text() else {
            self.mistyped(choices());
            return 0;
        };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, choice)| (*choice).into()).unwrap_or_else(|| {
            self.wrong(format_args!("is {text:?}; it must be {}", choices()));
            0
        })
    }

    /// Reads a table; `forms` says what else could be there.
    pub fn table<T>(&self, forms: &str, read: impl FnOnce(&Table<'_>) -> T) -> Option<T> {
        let Some(entries) = self.value.as_table() else {
            self.mistyped(forms);
            return None;
        };
        let table = Table {
            sheet: self.sheet,
            entries,
            at: self.at.clone(),
            asked: RefCell::default(),
        };
        Some(table.read(read))
    }

    /// Returns the items of a list.
    pub fn list(&self) -> Vec<Item<'a>> {
        if !self.value.is_array() {
            self.mistyped("a list in square brackets");
        }
        self.items().unwrap_or_default()
    }

    /// Returns the items of a list, or the one item that stands for a list of its own.
    pub fn one_or_more(&self) -> Vec<Item<'a>> {
        let alone = || {
            vec![Item::new(
                self.sheet,
                self.value,
                Place {
                    field: format!("{}[0]", self.at.field),
                    ..self.at.clone()
                },
            )]
        };
        self.items().unwrap_or_else(alone)
    }

    fn items(&self) -> Option<Vec<Item<'a>>> {
        let items = self.value.as_array()?.iter().enumerate().map(|(index, value)| {
            let field = format!("{}[{index}]", self.at.field);
            let at = Place {
                line: self.sheet.line(value.span().start),
                key: self.at.key.clone(),
                field,
            };
            Item::new(self.sheet, value.get_ref(), at)
        });
        Some(items.collect())
    }
}

fn joined(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        (path, "") => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point, which is not exact",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
