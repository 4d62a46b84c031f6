//! An expression whose types are known, and what it costs at worst.

use regex::Regex;

use crate::domain::purchase::Purchase;

/// The most categories that a line may be listed under, as the contract says.
const MOST_CATEGORIES: u64 = 20;
/// What looking for a pattern costs: a text is at most 200 characters long, and patterns are looked for in linear time.
const OF_PATTERN: u64 = 50;

/// An expression whose types are known.
#[derive(Clone, Debug)]
pub enum Code {
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Code>),
    /// What a list is gone through with, by its place from the outside.
    Each(usize),
    Fact(Fact),
    OfLine(Box<Code>, OfLine),
    OfPayment(Box<Code>, OfPayment),
    /// The level on a ladder; an empty text for none.
    Level(String),
    Attribute(Box<Code>),
    HasAttribute(Box<Code>),
    Not(Box<Code>),
    Negate(Box<Code>),
    And(Box<Code>, Box<Code>),
    Or(Box<Code>, Box<Code>),
    If(Box<Code>, Box<Code>, Box<Code>),
    Arithmetic(Arithmetic, Box<Code>, Box<Code>),
    Compare(Comparison, Box<Code>, Box<Code>),
    In(Box<Code>, Box<Code>),
    Size(Box<Code>),
    TextIs(TextIs, Box<Code>, Box<Code>),
    Matches(Box<Code>, Regex),
    Number(Box<Code>),
    Sum(Box<Code>),
    Over(Box<Over>),
}

/// Goes through a list.
#[derive(Clone, Debug)]
pub struct Over {
    pub list: Code,
    pub what: What,
    /// What is asked of each, or made of it.
    pub each: Code,
}

/// What is made of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// Something that is known without being told more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact {
    Lines,
    Payments,
    Gross,
    Discount,
    Spend,
    Tax,
    Freight,
    Kind,
    Reference,
    Channel,
    Store,
    Attributes,
    PurchasesBefore,
    DaysEnrolled,
    Year,
    Month,
    Day,
    Weekday,
    Hour,
    Minute,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OfLine {
    Sku,
    Brand,
    Categories,
    Quantity,
    Gross,
    Discount,
    Price,
    Tax,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OfPayment {
    Method,
    Amount,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TextIs {
    Beginning,
    End,
    Part,
}

impl Code {
    /// Returns how many steps it takes at worst.
    pub fn cost(&self) -> u64 {
        let of: &[&Code] = match self {
            Code::Over(over) => {
                let each = over.list.length().saturating_mul(over.each.cost().saturating_add(1));
                return over.list.cost().saturating_add(each).saturating_add(1);
            }
            Code::List(all) => return all.iter().map(Code::cost).fold(1, u64::saturating_add),
            Code::In(of, list) => return of.cost().saturating_add(list.cost()).saturating_add(list.length() + 1),
            Code::Sum(list) => return list.cost().saturating_add(list.length() + 1),
            Code::Matches(of, _) => return of.cost().saturating_add(OF_PATTERN),
            Code::Fact(Fact::Lines | Fact::Gross | Fact::Discount | Fact::Spend | Fact::Tax) => {
                return Purchase::MAX_LINES as u64;
            }
            Code::Bool(_) | Code::Int(_) | Code::Text(_) | Code::Each(_) | Code::Fact(_) | Code::Level(_) => &[],
            Code::OfLine(of, OfLine::Categories) => return of.cost().saturating_add(MOST_CATEGORIES),
            Code::OfLine(of, _) | Code::OfPayment(of, _) => &[of],
            Code::Attribute(of) | Code::HasAttribute(of) => &[of],
            Code::Not(of) | Code::Negate(of) | Code::Size(of) | Code::Number(of) => &[of],
            Code::And(one, other) | Code::Or(one, other) => &[one, other],
            Code::Arithmetic(_, one, other) | Code::Compare(_, one, other) | Code::TextIs(_, one, other) => {
                &[one, other]
            }
            Code::If(condition, yes, no) => &[condition, yes, no],
        };
        of.iter().map(|code| code.cost()).fold(1, u64::saturating_add)
    }

    /// Returns how long it is at most, for a list.
    fn length(&self) -> u64 {
        match self {
            Code::Fact(Fact::Lines) => Purchase::MAX_LINES as u64,
            Code::Fact(Fact::Payments) => Purchase::MAX_PAYMENTS as u64,
            Code::OfLine(_, OfLine::Categories) => MOST_CATEGORIES,
            Code::List(all) => all.len() as u64,
            Code::Over(over) => over.list.length(),
            Code::If(_, yes, no) => yes.length().max(no.length()),
            _ => 0,
        }
    }
}
