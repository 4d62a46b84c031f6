//! Expressions: what rules cannot say otherwise, in a part of the [Common Expression Language](https://cel.dev) in which everything ends soon.
//!
//! All is checked when a rule is published: the grammar, the types, the names, and what it costs at worst, for an order of the most lines that there can be. There are no
//! floating-point numbers, nothing is defined that could call itself, and texts do not grow. Numbers that cannot be held, a division by zero and a missing attribute make an
//! expression fail: then it says no, and a formula brings nothing.

mod check;
mod code;
mod lex;
mod names;
mod parse;
mod run;

use std::sync::Arc;

use super::situation::Situation;
use check::Asks;
use code::Code;
use run::{Run, Value};

/// The most steps that an expression may take.
pub const MOST_STEPS: u64 = 50_000;

/// An expression of a rule.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    checked: Result<Checked, Fault>,
}

#[derive(Clone, Debug)]
struct Checked {
    code: Arc<Code>,
    asks: Asks,
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// At which character, from 1.
    pub at: usize,
    /// What is wrong.
    pub sentence: String,
}

/// What comes of an expression that cannot be worked out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failed;

impl Expression {
    /// Reads an expression that is true or false.
    pub fn condition(source: &str) -> Expression {
        Expression::read(source, check::Type::Bool)
    }

    /// Reads an expression that is a number.
    pub fn formula(source: &str) -> Expression {
        Expression::read(source, check::Type::Int)
    }

    fn read(source: &str, wanted: check::Type) -> Expression {
        let checked = parse::parse(source).and_then(|node| check::check(&node, &wanted));
        Expression {
            source: source.to_owned(),
            checked: checked.map(|(code, asks)| Checked {
                code: Arc::new(code),
                asks,
            }),
        }
    }

    /// Returns it as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns what is wrong with it, if anything is.
    pub fn fault(&self) -> Option<&Fault> {
        self.checked.as_ref().err()
    }

    /// Tells whether it asks about an order.
    pub fn is_about_orders(&self) -> bool {
        self.checked.as_ref().is_ok_and(|checked| checked.asks.order)
    }

    /// Tells whether it asks for attributes of an activity.
    pub fn asks_for_attributes(&self) -> bool {
        self.checked.as_ref().is_ok_and(|checked| checked.asks.attributes)
    }

    /// Goes through the ladders on which it asks for the member's level.
    pub fn ladders(&self) -> impl Iterator<Item = &str> {
        let asks = self.checked.iter().flat_map(|checked| &checked.asks.ladders);
        asks.map(String::as_str)
    }

    /// Tells whether it holds.
    pub(super) fn holds(&self, situation: &Situation<'_>) -> Result<bool, Failed> {
        match self.value(situation)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(Failed),
        }
    }

    /// Returns the number that it comes to.
    pub(super) fn number(&self, situation: &Situation<'_>) -> Result<i64, Failed> {
        match self.value(situation)? {
            Value::Int(number) => Ok(number),
            _ => Err(Failed),
        }
    }

    fn value<'a>(&'a self, situation: &'a Situation<'_>) -> Result<Value<'a>, Failed> {
        let checked = self.checked.as_ref().map_err(|_| Failed)?;
        Run::new(situation).value(&checked.code)
    }
}

/// The same words mean the same.
impl PartialEq for Expression {
    fn eq(&self, other: &Expression) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl Fault {
    fn at(at: usize, sentence: impl Into<String>) -> Fault {
        Fault {
            at,
            sentence: sentence.into(),
        }
    }
}
