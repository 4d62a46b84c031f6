//! Works an expression out.

use std::collections::BTreeMap;

use super::code::{Arithmetic, Code, Comparison, Fact, OfLine, OfPayment, Over, TextIs, What};
use super::{Failed, MOST_STEPS};
use crate::domain::kept::KeptPart;
use crate::domain::purchase::{LineMoney, Payment};
use crate::domain::situation::{Happening, Situation};

/// What an expression comes to.
#[derive(Clone)]
pub enum Value<'a> {
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Line(KeptPart<'a>),
    Payment(&'a Payment),
    List(Vec<Value<'a>>),
    Attributes(&'a BTreeMap<String, String>),
}

/// Works an expression out, in so many steps at most: fewer than what was published can take.
pub struct Run<'a, 's> {
    situation: &'a Situation<'s>,
    each: Vec<Value<'a>>,
    steps: u64,
}

type Outcome<T> = Result<T, Failed>;

impl<'a, 's> Run<'a, 's> {
    pub fn new(situation: &'a Situation<'s>) -> Run<'a, 's> {
        Run {
            situation,
            each: Vec::new(),
            steps: MOST_STEPS,
        }
    }

    pub fn value(&mut self, code: &'a Code) -> Outcome<Value<'a>> {
        self.step(1)?;
        Ok(match code {
            Code::Bool(known) => Value::Bool(*known),
            Code::Int(number) => Value::Int(*number),
            Code::Text(text) => Value::Text(text),
            Code::List(all) => Value::List(all.iter().map(|code| self.value(code)).collect::<Outcome<_>>()?),
            Code::Each(at) => self.each.get(*at).cloned().ok_or(Failed)?,
            Code::Fact(fact) => self.fact(*fact)?,
            Code::OfLine(line, of) => of_line(self.line(line)?, *of),
            Code::OfPayment(payment, of) => of_payment(self.payment(payment)?, *of),
            Code::Level(ladder) => Value::Text(self.situation.facts.level_on(Some(ladder)).unwrap_or_default()),
            Code::Attribute(name) => {
                let name = self.text(name)?;
                Value::Text(self.situation.attribute(name).ok_or(Failed)?)
            }
            Code::HasAttribute(name) => {
                let name = self.text(name)?;
                Value::Bool(self.situation.attribute(name).is_some())
            }
            Code::Not(of) => Value::Bool(!self.bool(of)?),
            Code::Negate(of) => Value::Int(self.int(of)?.checked_neg().ok_or(Failed)?),
            Code::And(one, other) => Value::Bool(self.either(one, other, false)?),
            Code::Or(one, other) => Value::Bool(self.either(one, other, true)?),
            Code::If(condition, yes, no) => {
                return if self.bool(condition)? {
                    self.value(yes)
                } else {
                    self.value(no)
                };
            }
            Code::Arithmetic(how, one, other) => Value::Int(arithmetic(*how, self.int(one)?, self.int(other)?)?),
            Code::Compare(how, one, other) => {
                let (one, other) = (self.value(one)?, self.value(other)?);
                Value::Bool(compare(*how, &one, &other)?)
            }
            Code::In(of, list) => {
                let (of, list) = (self.value(of)?, self.list(list)?);
                self.step(list.len())?;
                let found = list.iter().map(|item| compare(Comparison::Equal, &of, item));
                Value::Bool(found.collect::<Outcome<Vec<_>>>()?.contains(&true))
            }
            Code::Size(of) => Value::Int(size(&self.value(of)?)?),
            Code::TextIs(how, of, asked) => {
                let (of, asked) = (self.text(of)?, self.text(asked)?);
                Value::Bool(match how {
                    TextIs::Beginning => of.starts_with(asked),
                    TextIs::End => of.ends_with(asked),
                    TextIs::Part => of.contains(asked),
                })
            }
            Code::Matches(of, pattern) => Value::Bool(pattern.is_match(self.text(of)?)),
            Code::Number(of) => Value::Int(self.text(of)?.parse().map_err(|_| Failed)?),
            Code::Sum(list) => {
                let list = self.list(list)?;
                self.step(list.len())?;
                let add = |sum: i64, item: &Value<'_>| match item {
                    Value::Int(number) => sum.checked_add(*number).ok_or(Failed),
                    _ => Err(Failed),
                };
                Value::Int(list.iter().try_fold(0, add)?)
            }
            Code::Over(over) => self.over(over)?,
        })
    }

    fn over(&mut self, over: &'a Over) -> Outcome<Value<'a>> {
        let list = self.list(&over.list)?;
        let (mut kept, mut yes, mut failed) = (Vec::new(), 0_u64, false);
        let settles = match over.what {
            What::All => Some(false),
            What::Exists => Some(true),
            What::ExistsOne | What::Filter | What::Map => None,
        };
        for item in list {
            self.step(1)?;
            self.each.push(item.clone());
            let of = self.value(&over.each);
            self.each.pop();
            match (of, settles) {
                (Ok(of), None) if over.what == What::Map => kept.push(of),
                (Ok(Value::Bool(holds)), Some(settling)) if holds == settling => return Ok(Value::Bool(settling)),
                (Ok(Value::Bool(holds)), _) => {
                    yes += u64::from(holds);
                    kept.extend((holds && over.what == What::Filter).then_some(item));
                }
                // What another item settles is settled, as in CEL.
                (Err(Failed), Some(_)) if self.steps > 0 => failed = true,
                _ => return Err(Failed),
            }
        }
        if failed {
            return Err(Failed);
        }
        Ok(match over.what {
            What::All => Value::Bool(true),
            What::Exists => Value::Bool(false),
            What::ExistsOne => Value::Bool(yes == 1),
            What::Filter | What::Map => Value::List(kept),
        })
    }

    /// Asks the second where the first does not settle it; what fails is settled by the other, as in CEL.
    fn either(&mut self, one: &'a Code, other: &'a Code, settling: bool) -> Outcome<bool> {
        let first = self.bool(one);
        if first == Ok(settling) {
            return Ok(settling);
        }
        let second = self.bool(other)?;
        if second == settling { Ok(settling) } else { first }
    }

    fn fact(&self, fact: Fact) -> Outcome<Value<'a>> {
        let Situation {
            occasion,
            facts,
            happening,
            local,
        } = self.situation;
        let bought = || self.situation.order();
        let money = |of: fn(LineMoney) -> i64| {
            let lines = bought().into_iter().flat_map(|bought| bought.lines());
            Value::Int(lines.map(|line| of(line.money())).sum())
        };
        let (kind, reference) = match happening {
            Happening::Purchase(_) => (crate::domain::PURCHASE, ""),
            Happening::Custom(custom) => (custom.kind.as_str(), custom.reference.as_str()),
        };
        Ok(match fact {
            Fact::Lines => {
                let lines = bought().into_iter().flat_map(|bought| bought.lines());
                Value::List(lines.map(Value::Line).collect())
            }
            Fact::Payments => {
                let payments = bought().into_iter().flat_map(|bought| bought.purchase.payments());
                Value::List(payments.map(Value::Payment).collect())
            }
            Fact::Gross => money(|money| money.gross_minor_units),
            Fact::Discount => money(|money| money.discount_minor_units),
            Fact::Spend => money(|money| money.price_minor_units()),
            Fact::Tax => money(|money| money.tax_minor_units),
            Fact::Freight => Value::Int(bought().map_or(0, |bought| bought.purchase.freight_minor_units())),
            Fact::Kind => Value::Text(kind),
            Fact::Reference => Value::Text(reference),
            Fact::Channel => Value::Text(&occasion.channel),
            Fact::Store => Value::Text(&occasion.store),
            Fact::Attributes => match happening {
                Happening::Custom(custom) => Value::Attributes(&custom.attributes),
                Happening::Purchase(_) => return Err(Failed),
            },
            Fact::PurchasesBefore => Value::Int(facts.purchases_before),
            Fact::DaysEnrolled => {
                let enrolled = facts.enrolled_at.ok_or(Failed)?;
                let enrolled = facts.zone.tz().to_datetime(enrolled).date();
                let days = enrolled.until(local.date()).map_err(|_| Failed)?.get_days();
                Value::Int(days.into())
            }
            Fact::Year => Value::Int(local.year().into()),
            Fact::Month => Value::Int(local.month().into()),
            Fact::Day => Value::Int(local.day().into()),
            Fact::Weekday => Value::Int(local.weekday().to_monday_one_offset().into()),
            Fact::Hour => Value::Int(local.hour().into()),
            Fact::Minute => Value::Int(local.minute().into()),
        })
    }

    fn step(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.checked_sub(steps as u64).ok_or(Failed)?;
        Ok(())
    }

    fn bool(&mut self, code: &'a Code) -> Outcome<bool> {
        match self.value(code)? {
            Value::Bool(known) => Ok(known),
            _ => Err(Failed),
        }
    }

    fn int(&mut self, code: &'a Code) -> Outcome<i64> {
        match self.value(code)? {
            Value::Int(number) => Ok(number),
            _ => Err(Failed),
        }
    }

    fn text(&mut self, code: &'a Code) -> Outcome<&'a str> {
        match self.value(code)? {
            Value::Text(text) => Ok(text),
            _ => Err(Failed),
        }
    }

    fn list(&mut self, code: &'a Code) -> Outcome<Vec<Value<'a>>> {
        match self.value(code)? {
            Value::List(list) => Ok(list),
            _ => Err(Failed),
        }
    }

    fn line(&mut self, code: &'a Code) -> Outcome<KeptPart<'a>> {
        match self.value(code)? {
            Value::Line(line) => Ok(line),
            _ => Err(Failed),
        }
    }

    fn payment(&mut self, code: &'a Code) -> Outcome<&'a Payment> {
        match self.value(code)? {
            Value::Payment(payment) => Ok(payment),
            _ => Err(Failed),
        }
    }
}

fn of_line<'a>(kept: KeptPart<'a>, of: OfLine) -> Value<'a> {
    let line = kept.line;
    match of {
        OfLine::Sku => Value::Text(&line.sku),
        OfLine::Brand => Value::Text(&line.brand),
        OfLine::Categories => Value::List(line.categories.iter().map(|of| Value::Text(of)).collect()),
        OfLine::Quantity => Value::Int(kept.pieces()),
        OfLine::Gross => Value::Int(kept.money().gross_minor_units),
        OfLine::Discount => Value::Int(kept.money().discount_minor_units),
        OfLine::Price => Value::Int(kept.money().price_minor_units()),
        OfLine::Tax => Value::Int(kept.money().tax_minor_units),
    }
}

fn of_payment(payment: &Payment, of: OfPayment) -> Value<'_> {
    match of {
        OfPayment::Method => Value::Text(&payment.method),
        OfPayment::Amount => Value::Int(payment.minor_units),
    }
}

fn arithmetic(how: Arithmetic, one: i64, other: i64) -> Outcome<i64> {
    let made = match how {
        Arithmetic::Add => one.checked_add(other),
        Arithmetic::Subtract => one.checked_sub(other),
        Arithmetic::Multiply => one.checked_mul(other),
        Arithmetic::Divide => one.checked_div(other),
        Arithmetic::Remainder => one.checked_rem(other),
    };
    made.ok_or(Failed)
}

fn compare(how: Comparison, one: &Value<'_>, other: &Value<'_>) -> Outcome<bool> {
    let order = match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        _ => return Err(Failed),
    };
    Ok(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::More => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    })
}

fn size(of: &Value<'_>) -> Outcome<i64> {
    let size = match of {
        Value::Text(text) => text.chars().count(),
        Value::List(list) => list.len(),
        Value::Attributes(all) => all.len(),
        _ => return Err(Failed),
    };
    i64::try_from(size).map_err(|_| Failed)
}
