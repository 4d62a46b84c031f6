//! The names of what expressions can ask for, and what each is.

use super::check::Type;
use super::code::{Fact, OfLine, OfPayment};

/// Returns a part of something that can only be asked for in parts.
pub fn example_of(name: &str) -> &'static str {
    match name {
        "order" => "order.spend",
        "activity" => "activity.channel",
        "member" => "member.purchases_before",
        _ => "time.hour",
    }
}

/// Finds a fact by its name.
pub fn fact(of: &str, field: &str) -> Option<(Fact, Type)> {
    let fact = match (of, field) {
        ("order", "lines") => return Some((Fact::Lines, Type::List(Type::Line.into()))),
        ("order", "payments") => return Some((Fact::Payments, Type::List(Type::Payment.into()))),
        ("activity", "attributes") => return Some((Fact::Attributes, Type::Attributes)),
        ("activity", "kind") => return Some((Fact::Kind, Type::Text)),
        ("activity", "reference") => return Some((Fact::Reference, Type::Text)),
        ("activity", "channel") => return Some((Fact::Channel, Type::Text)),
        ("activity", "store") => return Some((Fact::Store, Type::Text)),
        ("order", "gross") => Fact::Gross,
        ("order", "discount") => Fact::Discount,
        ("order", "spend") => Fact::Spend,
        ("order", "tax") => Fact::Tax,
        ("order", "freight") => Fact::Freight,
        ("member", "purchases_before") => Fact::PurchasesBefore,
        ("member", "days_enrolled") => Fact::DaysEnrolled,
        ("time", "year") => Fact::Year,
        ("time", "month") => Fact::Month,
        ("time", "day") => Fact::Day,
        ("time", "weekday") => Fact::Weekday,
        ("time", "hour") => Fact::Hour,
        ("time", "minute") => Fact::Minute,
        _ => return None,
    };
    Some((fact, Type::Int))
}

/// Finds what is known of a line.
pub fn field_of_line(field: &str) -> Option<(OfLine, Type)> {
    Some(match field {
        "sku" => (OfLine::Sku, Type::Text),
        "brand" => (OfLine::Brand, Type::Text),
        "categories" => (OfLine::Categories, Type::List(Type::Text.into())),
        "quantity" => (OfLine::Quantity, Type::Int),
        "gross" => (OfLine::Gross, Type::Int),
        "discount" => (OfLine::Discount, Type::Int),
        "price" => (OfLine::Price, Type::Int),
        "tax" => (OfLine::Tax, Type::Int),
        _ => return None,
    })
}

/// Finds what is known of a payment.
pub fn field_of_payment(field: &str) -> Option<(OfPayment, Type)> {
    Some(match field {
        "method" => (OfPayment::Method, Type::Text),
        "amount" => (OfPayment::Amount, Type::Int),
        _ => return None,
    })
}
