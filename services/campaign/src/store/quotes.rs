//! Quotes, as they travel.

use proto::campaign as pb;

use super::receipts::{campaign_to_wire, group_to_wire};
use crate::domain::{Purchase, Quote, TakenOff};

/// Writes a quote of an order.
pub fn quote_to_wire(
    input: pb::ActivityInput,
    asked: &Purchase,
    quote: &Quote,
    decision: pb::Decision,
) -> pb::QuoteOrderResponse {
    let prices = quote.purchase.lines().iter().map(|line| line.money.price_minor_units());
    pb::QuoteOrderResponse {
        price_minor_units: prices.sum(),
        input: Some(at_price(input, &quote.purchase)),
        discounts: quote.discounts.iter().map(|of| discount_to_wire(of, asked)).collect(),
        campaigns: quote.campaigns.iter().map(campaign_to_wire).collect(),
        groups: quote.groups.iter().map(group_to_wire).collect(),
        decision: Some(decision),
    }
}

/// Writes the discounts into an order, whose lines are those that were asked about.
fn at_price(mut input: pb::ActivityInput, quoted: &Purchase) -> pb::ActivityInput {
    if let Some(pb::activity_input::Activity::Purchase(purchase)) = &mut input.activity {
        for (line, quoted) in purchase.lines.iter_mut().zip(quoted.lines()) {
            line.discount_minor_units = quoted.money.discount_minor_units;
        }
    }
    input
}

fn discount_to_wire(of: &TakenOff, asked: &Purchase) -> pb::QuotedDiscount {
    let lines = asked.lines().iter().zip(&of.of_lines);
    let lines = lines.filter(|(_, off)| **off > 0).map(|(line, off)| pb::LineDiscount {
        line_id: line.line_id.clone(),
        minor_units: *off,
    });
    pb::QuotedDiscount {
        campaign: of.campaign.clone(),
        discount: i32::try_from(of.discount).unwrap_or(i32::MAX),
        minor_units: of.of_lines.iter().sum(),
        capped_minor_units: of.capped_minor_units,
        lines: lines.collect(),
    }
}
