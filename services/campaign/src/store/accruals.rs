//! Accruals, as they are stored: the message that was published, and what it means.

use std::sync::Arc;

use common::{
    points::Points,
    ratio::{Ratio, Rounding},
    versions::Definition,
};
use proto::{campaign as pb, value};

use super::Unreadable;
use crate::domain::{
    Accrual, Availability, CalendarPeriod, Composition, DiscountBase, EarnBase, EarnRate, EarnScope, EarnStep, Names,
    Terms,
};

/// An accrual, shared by everything that it judges.
pub struct AccrualRule(pub Arc<Accrual>);

impl Definition for AccrualRule {
    type Wire = pb::Accrual;

    const KIND: &'static str = "accrual";

    fn from_stored(wire: pb::Accrual) -> Option<AccrualRule> {
        accrual_from_wire(&wire)
            .ok()
            .map(|accrual| AccrualRule(Arc::new(accrual)))
    }
}

/// Reads an accrual.
pub fn accrual_from_wire(wire: &pb::Accrual) -> Result<Accrual, Unreadable> {
    let composition = match wire.composition() {
        pb::Composition::Unspecified => return Err(Unreadable("composition")),
        pb::Composition::Additive => Composition::Additive,
        pb::Composition::Multiplicative => Composition::Multiplicative,
        pb::Composition::Max => Composition::Max,
    };
    let rounding = match wire.rounding() {
        value::Rounding::Unspecified => return Err(Unreadable("rounding")),
        value::Rounding::Floor => Rounding::Floor,
        value::Rounding::HalfEven => Rounding::HalfEven,
        value::Rounding::Ceil => Rounding::Ceil,
    };
    Ok(Accrual {
        code: wire.code.clone(),
        wallet: wire.wallet.clone(),
        rate: wire.rate.as_ref().map(rate).transpose()?,
        base: base(wire.base.as_ref().ok_or(Unreadable("base"))?)?,
        ladder: (!wire.ladder.is_empty()).then(|| wire.ladder.clone()),
        composition,
        rounding,
        max_points_per_order: cap(wire.max_points_per_order)?,
        terms: wire.terms.as_ref().map(terms).transpose()?.unwrap_or_default(),
        prospects_earn: wire.prospects_earn,
    })
}

/// Reads on which terms points are credited.
pub(super) fn terms(wire: &pb::Terms) -> Result<Terms, Unreadable> {
    use pb::terms::Availability as Wire;
    let availability = match wire.availability {
        None => Availability::AtOnce,
        Some(Wire::AfterDays(days)) => Availability::AfterDays(days),
        Some(Wire::AtEndOf(period)) => Availability::AtEndOf(match pb::CalendarPeriod::try_from(period) {
            Ok(pb::CalendarPeriod::Month) => CalendarPeriod::Month,
            Ok(pb::CalendarPeriod::Quarter) => CalendarPeriod::Quarter,
            Ok(pb::CalendarPeriod::Year) => CalendarPeriod::Year,
            Ok(pb::CalendarPeriod::Unspecified) | Err(_) => return Err(Unreadable("terms.at_end_of")),
        }),
    };
    Ok(Terms {
        funder: (!wire.funder.is_empty()).then(|| wire.funder.clone()),
        availability,
    })
}

pub(super) fn rate(wire: &pb::EarnRate) -> Result<EarnRate, Unreadable> {
    let step = match wire.step() {
        pb::EarnStep::Unspecified => return Err(Unreadable("rate.step")),
        pb::EarnStep::FullSteps => EarnStep::FullSteps,
        pb::EarnStep::ProRata => EarnStep::ProRata,
    };
    if wire.per_minor_units < 1 {
        return Err(Unreadable("rate.per_minor_units"));
    }
    Ok(EarnRate {
        per_minor_units: wire.per_minor_units,
        points: wire.points,
        step,
        scope: match wire.scope() {
            pb::EarnScope::Unspecified => EarnScope::Order,
            pb::EarnScope::Line => EarnScope::Line,
        },
    })
}

pub(super) fn base(wire: &pb::EarnBase) -> Result<EarnBase, Unreadable> {
    let discount = match wire.discount() {
        pb::DiscountBase::Unspecified => return Err(Unreadable("base.discount")),
        pb::DiscountBase::Before => DiscountBase::Before,
        pb::DiscountBase::After => DiscountBase::After,
    };
    Ok(EarnBase {
        discount,
        with_tax: wire.with_tax,
        with_freight: wire.with_freight,
        without_payment_methods: Names::new(&wire.without_payment_methods),
    })
}

/// Reads a cap: 0 is none.
pub(super) fn cap(points: i64) -> Result<Option<Points>, Unreadable> {
    match Points::new(points) {
        None => Err(Unreadable("max_points_per_order")),
        Some(points) => Ok((!points.is_zero()).then_some(points)),
    }
}

/// Reads a ratio.
pub(super) fn ratio(wire: value::Ratio) -> Option<Ratio> {
    Ratio::new(wire.num, wire.den)
}
