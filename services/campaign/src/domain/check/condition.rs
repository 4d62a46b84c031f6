//! Tells what is impossible in a condition, and where.

use crate::domain::activity::PURCHASE;
use crate::domain::campaign::{REPORTED, Trigger};
use crate::domain::condition::{Condition, Test};
use crate::domain::contradiction::Contradiction;
use crate::domain::expression::Expression;
use crate::domain::history::Measure;

impl Condition {
    /// Tells everything that makes the condition impossible for a campaign of a trigger, each at its own place.
    pub(super) fn contradictions(&self, trigger: &Trigger) -> Vec<Contradiction> {
        let checks = [
            (
                self.depth() > Condition::MAX_DEPTH,
                "is nested too deeply: at most 8 levels",
            ),
            (self.parts() > Condition::MAX_PARTS, "has too many parts: at most 200"),
        ];
        let wrong = checks.into_iter().filter(|(wrong, _)| *wrong);
        let mut found: Vec<Contradiction> = wrong
            .map(|(_, sentence)| Contradiction::new("condition", sentence))
            .collect();
        if found.is_empty() {
            self.look_into("condition", trigger, &mut found);
        }
        found
    }

    fn look_into(&self, path: &str, trigger: &Trigger, found: &mut Vec<Contradiction>) {
        let (name, within) = match self {
            Condition::Is(test) => {
                if let Test::Expression(expression) = test {
                    found.extend(expression.contradiction(format!("{path}.expression"), trigger));
                    return;
                }
                let contradictions = test.contradictions(trigger);
                found.extend(
                    contradictions
                        .into_iter()
                        .map(|(field, sentence)| Contradiction::new(format!("{path}.{field}"), sentence)),
                );
                return;
            }
            Condition::All(within) => ("all", within),
            Condition::Any(within) => ("any", within),
            Condition::None(within) => ("none", within),
        };
        for (at, condition) in within.iter().enumerate() {
            condition.look_into(&format!("{path}.{name}.conditions[{at}]"), trigger, found);
        }
    }
}

impl Expression {
    /// Tells what is wrong with it for a campaign of a trigger, and at which character.
    pub(super) fn contradiction(&self, field: String, trigger: &Trigger) -> Option<Contradiction> {
        if let Some(fault) = self.fault() {
            let sentence = format!(
                "does not hold together: what stands at character {} {}",
                fault.at, fault.sentence
            );
            return Some(Contradiction::new(field, sentence));
        }
        if matches!(trigger, Trigger::Custom(_)) && self.is_about_orders() {
            return Some(Contradiction::new(
                field,
                "asks about orders, and this campaign is not about one",
            ));
        }
        let in_vain = *trigger == Trigger::Purchase && self.asks_for_attributes();
        in_vain.then(|| Contradiction::new(field, "asks for attributes, which purchases have not"))
    }
}

impl Test {
    fn contradictions(&self, trigger: &Trigger) -> Vec<(&'static str, &'static str)> {
        let about_orders = matches!(trigger, Trigger::Custom(_)) && self.is_about_orders();
        let mut found = Vec::new();
        if about_orders {
            found.push((self.field(), "asks about orders, and this campaign is not about one"));
        }
        let checks = match self {
            Test::Order {
                at_least_minor_units,
                below_minor_units: Some(below),
                ..
            } => vec![(
                at_least_minor_units >= below,
                "order.below_minor_units",
                "asks for an order of at least so much and of less than that",
            )],
            Test::Attribute { .. } => vec![(
                *trigger == Trigger::Purchase,
                "attribute",
                "asks for attributes, which purchases have not",
            )],
            Test::History {
                of,
                measure,
                at_least,
                at_most,
            } => vec![
                (
                    at_most.is_some_and(|most| most < *at_least),
                    "history.at_most",
                    "is less than at_least",
                ),
                (
                    *at_least == 0 && at_most.is_none(),
                    "history.at_least",
                    "asks for nothing: say how much at least, or at most",
                ),
                (
                    *measure == Measure::Spend && of.kind != PURCHASE,
                    "history.measure",
                    "is money, which only purchases have",
                ),
                (
                    of.kind == "return",
                    "history.kind",
                    "is not counted: what came back is taken off the purchases",
                ),
            ],
            Test::Birthday(_) => vec![(
                trigger.kind() == REPORTED[3],
                "birthday",
                "asks whether it is the birthday, which this always is",
            )],
            Test::Sample(sample) => vec![(
                sample.until_per_mille <= sample.from_per_mille,
                "sample.until_per_mille",
                "is not after the first place: nobody would be in it",
            )],
            _ => Vec::new(),
        };
        let wrong = checks.into_iter().filter(|(wrong, ..)| *wrong);
        found.extend(wrong.map(|(_, field, sentence)| (field, sentence)));
        found
    }

    /// Returns the field of the contract that it is.
    fn field(&self) -> &'static str {
        match self {
            Test::Level { .. } => "level",
            Test::FirstPurchase => "first_purchase",
            Test::Channel(_) => "channel",
            Test::Store(_) => "store",
            Test::PaymentMethod(_) => "payment_method",
            Test::Order { .. } => "order",
            Test::Lines { .. } => "lines",
            Test::Attribute { .. } => "attribute",
            Test::EnrolledWithinDays(_) => "enrolled",
            Test::History { .. } => "history",
            Test::Sample(_) => "sample",
            Test::Birthday(_) => "birthday",
            Test::Expression(_) => "expression",
        }
    }
}
