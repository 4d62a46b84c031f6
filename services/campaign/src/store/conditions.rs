//! Conditions, as they are stored.

use proto::campaign as pb;

use super::{Unreadable, accruals::base, campaigns::period};
use crate::domain::{
    AttributeIs, BirthdayWindow, Condition, EarnBase, Expression, History, LineFilter, Measure, Names, Sample, Test,
    Window,
};

const UNREADABLE: Unreadable = Unreadable("condition");

/// Reads a condition.
pub(super) fn condition(wire: &pb::Condition) -> Result<Condition, Unreadable> {
    use pb::condition::Condition as Wire;
    let several = |of: &pb::Conditions| of.conditions.iter().map(condition).collect::<Result<Vec<_>, _>>();
    Ok(Condition::Is(match wire.condition.as_ref().ok_or(UNREADABLE)? {
        Wire::All(all) => return several(all).map(Condition::All),
        Wire::Any(any) => return several(any).map(Condition::Any),
        Wire::None(none) => return several(none).map(Condition::None),
        Wire::Level(level) => Test::Level {
            ladder: level.ladder.clone(),
            levels: Names::new(&level.levels),
        },
        Wire::FirstPurchase(pb::FirstPurchaseCondition {}) => Test::FirstPurchase,
        Wire::Channel(names) => Test::Channel(Names::new(&names.names)),
        Wire::Store(names) => Test::Store(Names::new(&names.names)),
        Wire::PaymentMethod(names) => Test::PaymentMethod(Names::new(&names.names)),
        Wire::Order(order) => Test::Order {
            base: order.base.as_ref().map_or_else(|| Ok(EarnBase::paid()), base)?,
            at_least_minor_units: order.at_least_minor_units,
            below_minor_units: (order.below_minor_units > 0).then_some(order.below_minor_units),
        },
        Wire::Lines(lines) => Test::Lines {
            filter: lines.filter.as_ref().map(line_filter).unwrap_or_default(),
            at_least_minor_units: lines.at_least_minor_units,
            at_least_quantity: i64::from(lines.at_least_quantity),
        },
        Wire::Attribute(attribute) => Test::Attribute {
            name: attribute.name.clone(),
            is: attribute_is(attribute.is.as_ref().ok_or(UNREADABLE)?),
        },
        Wire::Enrolled(enrolled) => Test::EnrolledWithinDays(enrolled.within_days),
        Wire::History(history) => self::history(history)?,
        Wire::Sample(sample) => Test::Sample(Sample {
            name: sample.sample.clone(),
            from_per_mille: sample.from_per_mille,
            until_per_mille: sample.until_per_mille,
        }),
        Wire::Expression(expression) => Test::Expression(Expression::condition(&expression.expression)),
        Wire::Birthday(birthday) => Test::Birthday(match birthday.window() {
            pb::BirthdayWindow::Unspecified => return Err(Unreadable("condition.birthday.window")),
            pb::BirthdayWindow::Day => BirthdayWindow::Day,
            pb::BirthdayWindow::Week => BirthdayWindow::Week,
            pb::BirthdayWindow::Month => BirthdayWindow::Month,
        }),
    }))
}

/// Reads a filter of lines.
pub(super) fn line_filter(wire: &pb::LineFilter) -> LineFilter {
    LineFilter {
        skus: Names::new(&wire.skus),
        categories: Names::new(&wire.categories),
        brands: Names::new(&wire.brands),
        except_categories: Names::new(&wire.except_categories),
        except_brands: Names::new(&wire.except_brands),
    }
}

fn history(wire: &pb::HistoryCondition) -> Result<Test, Unreadable> {
    use pb::history_condition::Window as Wire;
    let window = match wire.window.as_ref().ok_or(Unreadable("condition.history.window"))? {
        Wire::LastDays(days) => Window::LastDays(*days),
        Wire::Period(number) => {
            let period = pb::LimitPeriod::try_from(*number).ok().and_then(period);
            Window::Period(period.ok_or(Unreadable("condition.history.period"))?)
        }
        Wire::Since(day) => Window::Since(day.parse().map_err(|_| Unreadable("condition.history.since"))?),
    };
    let measure = match wire.measure() {
        pb::HistoryMeasure::Unspecified => return Err(Unreadable("condition.history.measure")),
        pb::HistoryMeasure::Times => Measure::Times,
        pb::HistoryMeasure::Days => Measure::Days,
        pb::HistoryMeasure::Spend => Measure::Spend,
    };
    Ok(Test::History {
        of: History {
            kind: wire.kind.clone(),
            window,
        },
        measure,
        at_least: wire.at_least,
        at_most: wire.at_most,
    })
}

fn attribute_is(wire: &pb::attribute_condition::Is) -> AttributeIs {
    match wire {
        pb::attribute_condition::Is::OneOf(texts) => AttributeIs::OneOf(Names::new(&texts.texts)),
        pb::attribute_condition::Is::AtLeast(least) => AttributeIs::AtLeast(*least),
        pb::attribute_condition::Is::AtMost(most) => AttributeIs::AtMost(*most),
    }
}
