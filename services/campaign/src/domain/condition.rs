//! Conditions: what must hold for a campaign to apply. What they ask of an order, they ask of what is kept of it.

use jiff::SignedDuration;

use super::accrual::EarnBase;
use super::birthday::BirthdayWindow;
use super::campaign::NotFired;
use super::expression::{Expression, Failed};
use super::history::{History, Measure};
use super::lines::{LineFilter, counts};
use super::names::Names;
use super::sample::Sample;
use super::situation::{Bought, Situation};

/// What must hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Condition {
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// None of these.
    None(Vec<Condition>),
    /// This.
    Is(Test),
}

/// Something that is so or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Test {
    /// The member is on one of these levels of a ladder.
    Level {
        /// The ladder.
        ladder: String,
        /// The levels.
        levels: Names,
    },
    /// It is the member's first purchase.
    FirstPurchase,
    /// It was done by one of these channels.
    Channel(Names),
    /// It was done in one of these stores.
    Store(Names),
    /// Something was paid by one of these methods.
    PaymentMethod(Names),
    /// What the order comes to.
    Order {
        /// Which money counts.
        base: EarnBase,
        /// At least this.
        at_least_minor_units: i64,
        /// Less than this.
        below_minor_units: Option<i64>,
    },
    /// The order has such lines.
    Lines {
        /// Which.
        filter: LineFilter,
        /// They come to at least this together.
        at_least_minor_units: i64,
        /// They are at least this many pieces.
        at_least_quantity: i64,
    },
    /// An attribute of the activity.
    Attribute {
        /// Its name.
        name: String,
        /// What it must be.
        is: AttributeIs,
    },
    /// The member enrolled at most so many times 24 hours before.
    EnrolledWithinDays(i32),
    /// What the member has done with the activity.
    History {
        /// What, and in which time.
        of: History,
        /// What of it is counted.
        measure: Measure,
        /// At least so much.
        at_least: i64,
        /// At most so much.
        at_most: Option<i64>,
    },
    /// The member has one of these places in a sample.
    Sample(Sample),
    /// It is so near to the member's birthday.
    Birthday(BirthdayWindow),
    /// It is true.
    Expression(Expression),
}

/// What an attribute must be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttributeIs {
    /// One of these texts.
    OneOf(Names),
    /// A whole number of at least this.
    AtLeast(i64),
    /// A whole number of at most this.
    AtMost(i64),
}

/// Which part of a condition did not hold, and what that means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unmet {
    /// The part, counted from 1 as they are read, the outermost first.
    pub part: u16,
    /// What it means.
    pub reason: NotFired,
}

impl Condition {
    /// How deep a condition may be nested.
    pub const MAX_DEPTH: usize = 8;
    /// How many parts it may have.
    pub const MAX_PARTS: usize = 200;

    /// Returns which part does not hold; nothing where the condition does.
    pub(super) fn unmet(&self, situation: &Situation<'_>) -> Option<Unmet> {
        self.unmet_from(1, situation)
    }

    /// Counts its parts.
    pub fn parts(&self) -> usize {
        1 + self.within().iter().map(Condition::parts).sum::<usize>()
    }

    /// Tells how deep it is.
    pub fn depth(&self) -> usize {
        1 + self.within().iter().map(Condition::depth).max().unwrap_or(0)
    }

    /// Goes through the tests that must all hold, as far as that is plain: those of the condition itself, or of the outermost that must all hold.
    pub(super) fn required(&self) -> impl Iterator<Item = &Test> {
        let all: &[Condition] = match self {
            Condition::All(all) => all,
            alone => std::slice::from_ref(alone),
        };
        all.iter().filter_map(|condition| match condition {
            Condition::Is(test) => Some(test),
            _ => None,
        })
    }

    /// Goes through all its tests.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Condition::Is(test) => vec![test],
            _ => self.within().iter().flat_map(Condition::tests).collect(),
        }
    }

    fn within(&self) -> &[Condition] {
        match self {
            Condition::All(within) | Condition::Any(within) | Condition::None(within) => within,
            Condition::Is(_) => &[],
        }
    }

    fn unmet_from(&self, part: u16, situation: &Situation<'_>) -> Option<Unmet> {
        let next = |part: u16, condition: &Condition| {
            part.saturating_add(u16::try_from(condition.parts()).unwrap_or(u16::MAX))
        };
        let mut at = part.saturating_add(1);
        match self {
            Condition::Is(test) => test.unmet(situation).map(|reason| Unmet { part, reason }),
            Condition::All(all) => all.iter().find_map(|condition| {
                let unmet = condition.unmet_from(at, situation);
                at = next(at, condition);
                unmet
            }),
            Condition::Any(any) => {
                let unmet = |condition: &Condition| condition.unmet_from(at, situation);
                match any.as_slice() {
                    [alone] => unmet(alone),
                    several if several.iter().all(|condition| unmet(condition).is_some()) => Some(Unmet {
                        part,
                        reason: NotFired::NoneOfSeveral,
                    }),
                    _ => None,
                }
            }
            Condition::None(none) => none.iter().find_map(|condition| {
                let holds = condition.unmet_from(at, situation).is_none();
                let part = at;
                at = next(at, condition);
                holds.then_some(Unmet {
                    part,
                    reason: NotFired::Excluded,
                })
            }),
        }
    }
}

impl Test {
    /// Returns what it means that the test does not hold; nothing where it does.
    fn unmet(&self, situation: &Situation<'_>) -> Option<NotFired> {
        let unless = |holds: bool, reason| (!holds).then_some(reason);
        let order = || situation.order();
        match self {
            Test::Level { ladder, levels } => {
                let on = situation.facts.level_on(Some(ladder));
                unless(on.is_some_and(|level| levels.contains(level)), NotFired::OtherLevel)
            }
            Test::FirstPurchase => unless(situation.facts.purchases_before == 0, NotFired::NotFirstPurchase),
            Test::Channel(names) => unless(names.contains(&situation.occasion.channel), NotFired::OtherChannel),
            Test::Store(names) => unless(names.contains(&situation.occasion.store), NotFired::OtherStore),
            Test::PaymentMethod(names) => {
                let paid = |bought: Bought<'_>| {
                    bought
                        .purchase
                        .payments()
                        .iter()
                        .any(|payment| payment.minor_units > 0 && names.contains(&payment.method))
                };
                unless(order().is_some_and(paid), NotFired::OtherPaymentMethod)
            }
            Test::Order {
                base,
                at_least_minor_units,
                below_minor_units,
            } => {
                let worth = order().map_or(0, |bought| bought.minor_units(base, None));
                match below_minor_units {
                    _ if worth < *at_least_minor_units => Some(NotFired::BelowMinimum),
                    Some(below) if worth >= *below => Some(NotFired::AboveMaximum),
                    _ => None,
                }
            }
            Test::Lines {
                filter,
                at_least_minor_units,
                at_least_quantity,
            } => {
                let enough = |bought: Bought<'_>| {
                    let (mut any, mut minor_units, mut pieces) = (false, 0, 0);
                    for kept in bought.lines().filter(|kept| counts(Some(filter), kept.line)) {
                        any = true;
                        minor_units += kept.money().price_minor_units();
                        pieces += kept.pieces();
                    }
                    any && minor_units >= *at_least_minor_units && pieces >= *at_least_quantity
                };
                unless(order().is_some_and(enough), NotFired::LinesMissing)
            }
            Test::Attribute { name, is } => {
                let attribute = situation.attribute(name);
                unless(attribute.is_some_and(|text| is.met_by(text)), NotFired::OtherAttribute)
            }
            Test::EnrolledWithinDays(days) => {
                let longest = SignedDuration::from_hours(24 * i64::from(*days));
                let within = SignedDuration::ZERO..=longest;
                let since = |enrolled| within.contains(&situation.occasion.occurred_at.duration_since(enrolled));
                unless(
                    situation.facts.enrolled_at.is_some_and(since),
                    NotFired::EnrolledTooLongAgo,
                )
            }
            Test::History {
                of,
                measure,
                at_least,
                at_most,
            } => {
                let done = situation.has_done(of, *measure);
                unless(
                    done >= *at_least && at_most.is_none_or(|most| done <= most),
                    NotFired::OtherHistory,
                )
            }
            Test::Sample(sample) => {
                let place = situation.facts.place_in(&sample.name);
                unless(place.is_some_and(|place| sample.includes(place)), NotFired::NotInSample)
            }
            Test::Expression(expression) => match expression.holds(situation) {
                Ok(holds) => unless(holds, NotFired::OtherExpression),
                Err(Failed) => Some(NotFired::ExpressionFailed),
            },
            Test::Birthday(window) => {
                let near = |on| window.includes(on, situation.local.date());
                unless(situation.facts.birthday_on.is_some_and(near), NotFired::NotBirthday)
            }
        }
    }

    /// Tells whether only purchases can meet it.
    pub fn is_about_orders(&self) -> bool {
        match self {
            Test::FirstPurchase | Test::PaymentMethod(_) | Test::Order { .. } | Test::Lines { .. } => true,
            Test::Expression(expression) => expression.is_about_orders(),
            Test::Level { .. }
            | Test::Channel(_)
            | Test::Store(_)
            | Test::Attribute { .. }
            | Test::EnrolledWithinDays(_)
            | Test::History { .. }
            | Test::Sample(_)
            | Test::Birthday(_) => false,
        }
    }
}

impl AttributeIs {
    fn met_by(&self, text: &str) -> bool {
        let number = || text.parse::<i64>().ok();
        match self {
            AttributeIs::OneOf(texts) => texts.contains(text),
            AttributeIs::AtLeast(least) => number().is_some_and(|number| number >= *least),
            AttributeIs::AtMost(most) => number().is_some_and(|number| number <= *most),
        }
    }
}
