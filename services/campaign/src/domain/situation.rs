//! What is judged: what happened, when and where, and what was known of the member.

use jiff::civil;

use super::accrual::{EarnBase, EarnRate, EarnScope};
use super::activity::{Custom, Occasion, PURCHASE};
use super::facts::Facts;
use super::history::{History, Measure};
use super::kept::{Kept, KeptPart};
use super::lines::{LineFilter, counts};
use super::purchase::Purchase;
use common::ratio::Ratio;

/// What is judged.
pub(super) struct Situation<'a> {
    pub occasion: &'a Occasion,
    pub facts: &'a Facts,
    pub happening: Happening<'a>,
    /// The calendar day and the time of day in the program's zone.
    pub local: civil::DateTime,
}

/// What happened, as far as rules can tell.
pub(super) enum Happening<'a> {
    Purchase(Bought<'a>),
    Custom(&'a Custom),
}

/// An order, and what of it is kept.
#[derive(Clone, Copy)]
pub(super) struct Bought<'a> {
    pub purchase: &'a Purchase,
    kept: &'a Kept,
}

impl<'a> Situation<'a> {
    pub fn new(occasion: &'a Occasion, facts: &'a Facts, happening: Happening<'a>) -> Situation<'a> {
        let local = facts.zone.tz().to_datetime(occasion.occurred_at);
        Situation {
            occasion,
            facts,
            happening,
            local,
        }
    }

    /// Returns the order, where it is about one.
    pub fn order(&self) -> Option<Bought<'a>> {
        match self.happening {
            Happening::Purchase(bought) => Some(bought),
            Happening::Custom(_) => None,
        }
    }

    /// Returns an attribute of the activity, if it has it.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        match self.happening {
            Happening::Purchase(_) => None,
            Happening::Custom(custom) => custom.attributes.get(name).map(String::as_str),
        }
    }

    /// Returns what the member has done with it, of an order as far as that is kept.
    pub fn has_done(&self, asked: &History, measure: Measure) -> i64 {
        let once_more = match self.happening {
            Happening::Purchase(bought) => (asked.kind == PURCHASE).then(|| bought.spend_minor_units()),
            Happening::Custom(custom) => (asked.kind == custom.kind).then_some(0),
        };
        let since = asked.window.since(self.local.date());
        if since > self.local.date() {
            return 0;
        }
        let fact = self.facts.history(&asked.kind, since);
        fact.map_or(0, |fact| fact.with(once_more, measure))
    }

    /// Tells whether it is about an order of which nothing is left.
    pub fn is_nothing(&self) -> bool {
        self.order().is_some_and(Bought::is_nothing)
    }
}

impl<'a> Bought<'a> {
    pub fn new(purchase: &'a Purchase, kept: &'a Kept) -> Bought<'a> {
        Bought { purchase, kept }
    }

    pub fn is_nothing(self) -> bool {
        self.kept.is_nothing()
    }

    /// Goes through the lines, as far as they are kept.
    pub fn lines(self) -> impl Iterator<Item = KeptPart<'a>> {
        let lines = self.purchase.lines().iter().enumerate();
        lines.filter_map(move |(at, line)| {
            Some(KeptPart {
                at,
                line,
                gross_minor_units: self.kept.of_line(at)?,
            })
        })
    }

    /// Returns what is spent on what is kept: after discounts, without tax and freight.
    pub fn spend_minor_units(self) -> i64 {
        self.lines().map(|line| line.money().price_minor_units()).sum()
    }

    /// Returns the money that counts, of some lines or of the whole order. Freight is the whole order's, and kept until nothing is left of it.
    pub fn minor_units(self, base: &EarnBase, lines: Option<&LineFilter>) -> i64 {
        let counted = self.lines().filter(|kept| counts(lines, kept.line));
        counted.map(|kept| base.of_line(self.purchase, &kept)).sum::<i64>() + self.freight(base, lines)
    }

    /// Returns the points that a rate makes of the money that counts; nothing when they cannot be held.
    pub fn points(self, rate: &EarnRate, base: &EarnBase, lines: Option<&LineFilter>) -> Option<Ratio> {
        match rate.scope {
            EarnScope::Order => rate.points_for(self.minor_units(base, lines)),
            EarnScope::Line => {
                let mut counted = self.lines().filter(|kept| counts(lines, kept.line));
                let freight = rate.points_for(self.freight(base, lines))?;
                counted.try_fold(freight, |sum, kept| {
                    sum.checked_add(rate.points_for(base.of_line(self.purchase, &kept))?)
                })
            }
        }
    }

    fn freight(self, base: &EarnBase, lines: Option<&LineFilter>) -> i64 {
        if base.with_freight && lines.is_none() && !self.is_nothing() {
            self.purchase.freight_minor_units()
        } else {
            0
        }
    }
}
