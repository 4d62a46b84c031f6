//! The grammar: how words make an expression. What binds more strongly is read first, as in CEL.

use super::Fault;
use super::lex::{Token, Word, words};

/// How deep an expression may be.
const MAX_DEPTH: usize = 24;
/// How many parts it may have.
const MAX_PARTS: usize = 200;
/// How many characters.
const MAX_LENGTH: usize = 1_000;

/// A part of an expression, and at which character it begins.
#[derive(Debug)]
pub struct Node {
    pub at: usize,
    pub part: Part,
}

#[derive(Debug)]
pub enum Part {
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Node>),
    Name(String),
    Select(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    /// A function by its name, of what stands before the dot, if anything does, with arguments.
    Call(Option<Box<Node>>, String, Vec<Node>),
    Unary(&'static str, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
}

/// Reads an expression.
pub fn parse(source: &str) -> Result<Node, Fault> {
    if source.chars().count() > MAX_LENGTH {
        return Err(Fault::at(
            MAX_LENGTH + 1,
            format!("is too long: at most {MAX_LENGTH} characters"),
        ));
    }
    let mut parser = Parser {
        tokens: words(source)?,
        next: 0,
        depth: 0,
        parts: 0,
    };
    let node = parser.choice()?;
    match parser.peek() {
        Word::End => Ok(node),
        _ => Err(parser.fault("was not expected here")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    parts: usize,
}

/// How strongly an operator binds.
fn strength(word: &Word) -> Option<(&'static str, u8)> {
    Some(match word {
        Word::Symbol(symbol) => {
            let strength = match *symbol {
                "||" => 1,
                "&&" => 2,
                "==" | "!=" | "<" | "<=" | ">" | ">=" => 3,
                "+" | "-" => 4,
                "*" | "/" | "%" => 5,
                _ => return None,
            };
            (*symbol, strength)
        }
        Word::Name(name) if name == "in" => ("in", 3),
        _ => return None,
    })
}

impl Parser {
    fn choice(&mut self) -> Result<Node, Fault> {
        self.deeper(|parser| {
            let condition = parser.operation(1)?;
            if !parser.take("?") {
                return Ok(condition);
            }
            let yes = parser.operation(1)?;
            parser.expect(":")?;
            let no = parser.choice()?;
            let at = condition.at;
            parser.part(at, Part::If(condition.into(), yes.into(), no.into()))
        })
    }

    fn operation(&mut self, least: u8) -> Result<Node, Fault> {
        let mut left = self.unary()?;
        while let Some((symbol, strength)) = strength(self.peek()).filter(|(_, strength)| *strength >= least) {
            self.next += 1;
            let right = self.operation(strength + 1)?;
            let at = left.at;
            left = self.part(at, Part::Binary(symbol, left.into(), right.into()))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let Some(symbol) = ["!", "-"].into_iter().find(|symbol| self.take(symbol)) else {
            return self.postfix();
        };
        if let ("-", Word::Number(number)) = (symbol, self.peek()) {
            let number =
                i64::try_from(-i128::from(*number)).map_err(|_| self.fault("is a number too large to be held"))?;
            self.next += 1;
            return self.part(at, Part::Int(number));
        }
        let of = self.deeper(Parser::unary)?;
        self.part(at, Part::Unary(symbol, of.into()))
    }

    fn postfix(&mut self) -> Result<Node, Fault> {
        let mut node = self.primary()?;
        loop {
            let at = node.at;
            if self.take(".") {
                let at_name = self.at();
                let name = self.name()?;
                node = if self.take("(") {
                    let arguments = self.list(")")?;
                    self.part(at_name, Part::Call(Some(node.into()), name, arguments))?
                } else {
                    self.part(at_name, Part::Select(node.into(), name))?
                };
            } else if self.take("[") {
                let index = self.choice()?;
                self.expect("]")?;
                node = self.part(at, Part::Index(node.into(), index.into()))?;
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let part = match self.peek().clone() {
            Word::Number(number) => {
                let number = i64::try_from(number).map_err(|_| self.fault("is a number too large to be held"))?;
                Part::Int(number)
            }
            Word::Text(text) => Part::Text(text),
            Word::Name(name) => match name.as_str() {
                "true" => Part::Bool(true),
                "false" => Part::Bool(false),
                "in" => return Err(self.fault("was not expected here")),
                "null" => return Err(self.fault("is nothing that there is here")),
                _ => {
                    self.next += 1;
                    let part = if self.take("(") {
                        Part::Call(None, name, self.list(")")?)
                    } else {
                        Part::Name(name)
                    };
                    return self.part(at, part);
                }
            },
            Word::Symbol("(") => {
                self.next += 1;
                let within = self.choice()?;
                self.expect(")")?;
                return Ok(within);
            }
            Word::Symbol("[") => {
                self.next += 1;
                let all = self.list("]")?;
                return self.part(at, Part::List(all));
            }
            Word::End => return Err(self.fault("ends too early")),
            Word::Symbol(_) => return Err(self.fault("was not expected here")),
        };
        self.next += 1;
        self.part(at, part)
    }

    fn list(&mut self, end: &'static str) -> Result<Vec<Node>, Fault> {
        let mut all = Vec::new();
        while !self.take(end) {
            if !all.is_empty() {
                self.expect(",")?;
            }
            all.push(self.choice()?);
        }
        Ok(all)
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Parser) -> Result<Node, Fault>) -> Result<Node, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(&format!("is nested too deeply: at most {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn part(&mut self, at: usize, part: Part) -> Result<Node, Fault> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(Fault::at(at, format!("has too many parts: at most {MAX_PARTS}")));
        }
        Ok(Node { at, part })
    }

    fn name(&mut self) -> Result<String, Fault> {
        let Word::Name(name) = self.peek().clone() else {
            return Err(self.fault("should be a name"));
        };
        self.next += 1;
        Ok(name)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let is_it = matches!(self.peek(), Word::Symbol(found) if *found == symbol);
        self.next += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.fault(&format!("should be {symbol}")))
        }
    }

    /// The last word is the end, and is never taken.
    fn peek(&self) -> &Word {
        &self.tokens[self.next].word
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    fn fault(&self, sentence: &str) -> Fault {
        Fault::at(self.at(), sentence)
    }
}
