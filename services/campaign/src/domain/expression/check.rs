//! Finds out what each part of an expression is, and refuses what makes no sense, at its place.

use regex::RegexBuilder;

use super::code::{Arithmetic, Code, Comparison, Fact, Over, TextIs, What};
use super::names::{example_of, fact, field_of_line, field_of_payment};
use super::parse::{Node, Part};
use super::{Fault, MOST_STEPS};

/// How large a pattern may become.
const MAX_PATTERN_BYTES: usize = 64 * 1024;
/// How deep a pattern may be.
const MAX_PATTERN_DEPTH: u32 = 16;

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Bool,
    Int,
    Text,
    Line,
    Payment,
    List(Box<Type>),
    Attributes,
    /// The empty list is one of anything.
    Nothing,
}

/// What an expression asks about.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    pub order: bool,
    pub attributes: bool,
    pub ladders: Vec<String>,
}

/// Checks a whole expression.
pub fn check(node: &Node, wanted: &Type) -> Result<(Code, Asks), Fault> {
    let mut check = Check::default();
    let code = check.wanted(node, wanted)?;
    let cost = code.cost();
    if cost > MOST_STEPS {
        let sentence = format!("takes too long: {cost} steps for the largest order, and at most {MOST_STEPS} may be");
        return Err(Fault::at(node.at, sentence));
    }
    Ok((code, check.asks))
}

#[derive(Default)]
struct Check {
    /// What lists are gone through with, from the outside.
    each: Vec<(String, Type)>,
    asks: Asks,
}

type Typed = (Code, Type);

impl Type {
    fn name(&self) -> &'static str {
        match self {
            Type::Bool => "true or false",
            Type::Int => "a number",
            Type::Text => "a text",
            Type::Line => "a line",
            Type::Payment => "a payment",
            Type::List(_) | Type::Nothing => "a list",
            Type::Attributes => "attributes",
        }
    }
}

impl Check {
    fn wanted(&mut self, node: &Node, wanted: &Type) -> Result<Code, Fault> {
        let (code, is) = self.typed(node)?;
        if is == *wanted {
            Ok(code)
        } else {
            Err(Fault::at(
                node.at,
                format!("is {} and should be {}", is.name(), wanted.name()),
            ))
        }
    }

    fn boxed(&mut self, node: &Node, wanted: &Type) -> Result<Box<Code>, Fault> {
        self.wanted(node, wanted).map(Box::new)
    }

    fn typed(&mut self, node: &Node) -> Result<Typed, Fault> {
        match &node.part {
            Part::Bool(known) => Ok((Code::Bool(*known), Type::Bool)),
            Part::Int(number) => Ok((Code::Int(*number), Type::Int)),
            Part::Text(text) => Ok((Code::Text(text.clone()), Type::Text)),
            Part::List(all) => self.list(all),
            Part::Name(name) => self.name(node.at, name),
            Part::Select(of, field) => self.select(node.at, of, field),
            Part::Index(of, key) => {
                self.wanted(of, &Type::Attributes)?;
                Ok((Code::Attribute(self.boxed(key, &Type::Text)?), Type::Text))
            }
            Part::Call(of, function, arguments) => self.call(node.at, of.as_deref(), function, arguments),
            Part::Unary("!", of) => Ok((Code::Not(self.boxed(of, &Type::Bool)?), Type::Bool)),
            Part::Unary(_, of) => Ok((Code::Negate(self.boxed(of, &Type::Int)?), Type::Int)),
            Part::Binary(symbol, one, other) => self.binary(symbol, one, other),
            Part::If(condition, yes, no) => {
                let condition = self.boxed(condition, &Type::Bool)?;
                let (yes, is) = self.typed(yes)?;
                let no = self.boxed(no, &is)?;
                Ok((Code::If(condition, yes.into(), no), is))
            }
        }
    }

    fn list(&mut self, all: &[Node]) -> Result<Typed, Fault> {
        let Some((first, rest)) = all.split_first() else {
            return Ok((Code::List(Vec::new()), Type::List(Type::Nothing.into())));
        };
        let (at, (first, of)) = (first.at, self.typed(first)?);
        keep_flat(at, &of)?;
        let mut codes = vec![first];
        for node in rest {
            codes.push(self.wanted(node, &of)?);
        }
        Ok((Code::List(codes), Type::List(of.into())))
    }

    fn name(&mut self, at: usize, name: &str) -> Result<Typed, Fault> {
        let found = self.each.iter().rposition(|(known, _)| known == name);
        if let Some(place) = found {
            return Ok((Code::Each(place), self.each[place].1.clone()));
        }
        let sentence = if ["order", "activity", "member", "time"].contains(&name) {
            format!("is nothing by itself: ask for a part of it, as in {}", example_of(name))
        } else {
            "is no name that there is here: there are order, activity, member and time".to_owned()
        };
        Err(Fault::at(at, sentence))
    }

    fn select(&mut self, at: usize, of: &Node, field: &str) -> Result<Typed, Fault> {
        if let Part::Name(name) = &of.part
            && !self.each.iter().any(|(known, _)| known == name)
            && ["order", "activity", "member", "time"].contains(&name.as_str())
        {
            let found = fact(name, field);
            let (fact, is) = found.ok_or_else(|| Fault::at(at, format!("is nothing that {name} has")))?;
            self.asks.order |= name == "order";
            self.asks.attributes |= fact == Fact::Attributes;
            return Ok((Code::Fact(fact), is));
        }
        let (code, is) = self.typed(of)?;
        let unknown = |of: &str| Fault::at(at, format!("is nothing that {of} has"));
        match is {
            Type::Line => {
                let (field, is) = field_of_line(field).ok_or_else(|| unknown("a line"))?;
                Ok((Code::OfLine(code.into(), field), is))
            }
            Type::Payment => {
                let (field, is) = field_of_payment(field).ok_or_else(|| unknown("a payment"))?;
                Ok((Code::OfPayment(code.into(), field), is))
            }
            Type::Attributes => Ok((Code::Attribute(Code::Text(field.to_owned()).into()), Type::Text)),
            other => Err(unknown(other.name())),
        }
    }

    fn binary(&mut self, symbol: &str, one: &Node, other: &Node) -> Result<Typed, Fault> {
        let arithmetic = match symbol {
            "+" => Some(Arithmetic::Add),
            "-" => Some(Arithmetic::Subtract),
            "*" => Some(Arithmetic::Multiply),
            "/" => Some(Arithmetic::Divide),
            "%" => Some(Arithmetic::Remainder),
            _ => None,
        };
        if let Some(how) = arithmetic {
            let (one, other) = (self.boxed(one, &Type::Int)?, self.boxed(other, &Type::Int)?);
            return Ok((Code::Arithmetic(how, one, other), Type::Int));
        }
        let code = match symbol {
            "&&" => Code::And(self.boxed(one, &Type::Bool)?, self.boxed(other, &Type::Bool)?),
            "||" => Code::Or(self.boxed(one, &Type::Bool)?, self.boxed(other, &Type::Bool)?),
            "in" => self.within(one, other)?,
            _ => self.comparison(symbol, one, other)?,
        };
        Ok((code, Type::Bool))
    }

    fn within(&mut self, one: &Node, other: &Node) -> Result<Code, Fault> {
        let (of, is) = self.typed(one)?;
        let (list, of_list) = self.typed(other)?;
        match of_list {
            Type::Attributes if is == Type::Text => Ok(Code::HasAttribute(of.into())),
            Type::List(each) if *each == is || *each == Type::Nothing => Ok(Code::In(of.into(), list.into())),
            Type::List(each) => Err(Fault::at(
                one.at,
                format!("is {} and each of the list is {}", is.name(), each.name()),
            )),
            other_type => Err(Fault::at(
                other.at,
                format!("is {} and should be a list", other_type.name()),
            )),
        }
    }

    fn comparison(&mut self, symbol: &str, one: &Node, other: &Node) -> Result<Code, Fault> {
        let (left, is) = self.typed(one)?;
        if !matches!(is, Type::Bool | Type::Int | Type::Text) {
            return Err(Fault::at(one.at, format!("is {}, which is not compared", is.name())));
        }
        let right = self.boxed(other, &is)?;
        let how = match symbol {
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::More,
            _ => Comparison::AtLeast,
        };
        Ok(Code::Compare(how, left.into(), right))
    }

    fn call(&mut self, at: usize, of: Option<&Node>, function: &str, arguments: &[Node]) -> Result<Typed, Fault> {
        if let (
            Some(of),
            [
                Node {
                    part: Part::Name(each), ..
                },
                asked,
            ],
        ) = (of, arguments)
            && let Some(what) = over(function)
        {
            return self.over(of, each, what, asked);
        }
        if let (
            Some(Node {
                part: Part::Name(member),
                ..
            }),
            "level",
            [ladder],
        ) = (of, function, arguments)
            && member == "member"
        {
            return self.level(ladder);
        }
        // A function of one thing is called before it or behind it, as in CEL.
        let all: Vec<&Node> = of.into_iter().chain(arguments).collect();
        match (function, all.as_slice()) {
            ("size", [of]) => match self.typed(of)? {
                (code, Type::Text | Type::List(_) | Type::Attributes) => Ok((Code::Size(code.into()), Type::Int)),
                (_, is) => Err(Fault::at(of.at, format!("is {}, which has no size", is.name()))),
            },
            ("int", [of]) => Ok((Code::Number(self.boxed(of, &Type::Text)?), Type::Int)),
            ("sum", [of]) => {
                let numbers = Type::List(Type::Int.into());
                Ok((Code::Sum(self.boxed(of, &numbers)?), Type::Int))
            }
            ("matches", [of, pattern]) => self.matches(of, pattern),
            ("startsWith" | "endsWith" | "contains", [of, asked]) => {
                let how = match function {
                    "startsWith" => TextIs::Beginning,
                    "endsWith" => TextIs::End,
                    _ => TextIs::Part,
                };
                let (of, asked) = (self.boxed(of, &Type::Text)?, self.boxed(asked, &Type::Text)?);
                Ok((Code::TextIs(how, of, asked), Type::Bool))
            }
            _ => Err(Fault::at(
                at,
                "is no function that there is here, or not with so many arguments",
            )),
        }
    }

    /// `member.level('status')` asks for the level on a ladder, which is named plainly so that it is known before.
    fn level(&mut self, ladder: &Node) -> Result<Typed, Fault> {
        let Part::Text(ladder) = &ladder.part else {
            return Err(Fault::at(ladder.at, "should be a ladder by its code, in quotes"));
        };
        self.asks.ladders.push(ladder.clone());
        Ok((Code::Level(ladder.clone()), Type::Text))
    }

    fn matches(&mut self, of: &Node, pattern: &Node) -> Result<Typed, Fault> {
        let of = self.boxed(of, &Type::Text)?;
        let Part::Text(written) = &pattern.part else {
            return Err(Fault::at(pattern.at, "should be a pattern, in quotes"));
        };
        let mut builder = RegexBuilder::new(written);
        let builder = builder.size_limit(MAX_PATTERN_BYTES).nest_limit(MAX_PATTERN_DEPTH);
        let compiled = builder.build();
        let compiled = compiled.map_err(|_| Fault::at(pattern.at, "is no pattern, or one that is too large"))?;
        Ok((Code::Matches(of, compiled), Type::Bool))
    }

    fn over(&mut self, of: &Node, each: &str, what: What, asked: &Node) -> Result<Typed, Fault> {
        let (list, is) = self.typed(of)?;
        let Type::List(of_list) = is.clone() else {
            return Err(Fault::at(of.at, format!("is {} and should be a list", is.name())));
        };
        let at = asked.at;
        self.each.push((each.to_owned(), *of_list));
        let asked = match what {
            What::Map => self.typed(asked),
            _ => self.wanted(asked, &Type::Bool).map(|code| (code, Type::Bool)),
        };
        self.each.pop();
        let (at, (asked, made)) = (at, asked?);
        keep_flat(at, &made)?;
        let is = match what {
            What::All | What::Exists | What::ExistsOne => Type::Bool,
            What::Filter => is,
            What::Map => Type::List(made.into()),
        };
        let over = Over {
            list,
            what,
            each: asked,
        };
        Ok((Code::Over(over.into()), is))
    }
}

/// A list of lists could grow with every step: there is none.
fn keep_flat(at: usize, each: &Type) -> Result<(), Fault> {
    match each {
        Type::List(_) => Err(Fault::at(at, "is a list, and lists do not lie in lists here")),
        _ => Ok(()),
    }
}

fn over(function: &str) -> Option<What> {
    Some(match function {
        "all" => What::All,
        "exists" => What::Exists,
        "exists_one" => What::ExistsOne,
        "filter" => What::Filter,
        "map" => What::Map,
        _ => return None,
    })
}
