//! Quotes: what an order costs after the discounts of campaigns.

use std::collections::BTreeSet;

use super::campaign::Campaign;
use super::contradiction::Contradiction;
use super::decision::{CampaignDecision, DecideError, GroupUsed};
use super::discount::DiscountPolicy;
use super::fire::{Aim, Fared, fire};
use super::order::Order;
use super::price::Prices;
use super::purchase::{LineMoney, Purchase, PurchaseLine};
use super::situation::{Bought, Happening, Situation};

/// What an order costs after discounts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quote {
    /// Every campaign with discounts that was considered, in that order.
    pub campaigns: Vec<CampaignDecision>,
    /// The groups that combined them.
    pub groups: Vec<GroupUsed>,
    /// What they take off, in the order in which they were taken.
    pub discounts: Vec<TakenOff>,
    /// The order with the discounts: what is paid, and recorded then.
    pub purchase: Purchase,
}

/// What one discount takes off.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TakenOff {
    /// The campaign.
    pub campaign: String,
    /// Its discount, from 0.
    pub discount: usize,
    /// What it takes off each line, in the order of the lines.
    pub of_lines: Vec<i64>,
    /// What its cap, the most for an order and floors kept it from taking off.
    pub capped_minor_units: i64,
}

/// Why there is no quote.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum QuoteError {
    /// A number cannot be held.
    Undecidable(DecideError),
    /// More is paid than is left to pay.
    Invalid(Vec<Contradiction>),
}

/// Takes the discounts of campaigns off an order, in the order in which campaigns are considered; where they lie in groups they are compared by what each would take off alone.
pub fn quote(order: &Order, policy: DiscountPolicy, floors: &[i64]) -> Result<Quote, QuoteError> {
    let bought = Bought::new(&order.purchase, &order.kept);
    let situation = Situation::new(&order.occasion, &order.facts, Happening::Purchase(bought));
    let prices = Prices::of(&order.purchase, policy, floors);
    let alone = |campaign: &Campaign| {
        let mut prices = prices.clone();
        let off = campaign
            .discounts
            .iter()
            .map(|discount| prices.take(discount, &order.facts).0.iter().sum::<i64>());
        Some(i128::from(off.sum::<i64>()))
    };
    let aim = Aim {
        is_for: |campaign| !campaign.discounts.is_empty(),
        alone: &alone,
    };
    let fired = fire(&order.rules, &situation, &aim, &BTreeSet::new())
        .ok_or(QuoteError::Undecidable(DecideError::AwardOutOfRange))?;
    let mut prices = prices.clone();
    let mut discounts = Vec::new();
    for fared in fired.campaigns.iter().filter(|fared| fared.unmet.is_none()) {
        let campaign = &fared.version.rule;
        for (at, discount) in campaign.discounts.iter().enumerate() {
            let (of_lines, whole) = prices.take(discount, &order.facts);
            discounts.push(TakenOff {
                campaign: campaign.code.clone(),
                discount: at,
                capped_minor_units: whole - of_lines.iter().sum::<i64>(),
                of_lines,
            });
        }
    }
    Ok(Quote {
        campaigns: fired.campaigns.iter().map(Fared::decision).collect(),
        groups: fired.groups,
        discounts,
        purchase: discounted(&order.purchase, prices.taken()).map_err(QuoteError::Invalid)?,
    })
}

fn discounted(purchase: &Purchase, taken: impl Iterator<Item = i64>) -> Result<Purchase, Vec<Contradiction>> {
    let line = |(line, off): (&PurchaseLine, i64)| PurchaseLine {
        money: LineMoney {
            discount_minor_units: line.money.discount_minor_units + off,
            ..line.money
        },
        ..line.clone()
    };
    let lines = purchase.lines().iter().zip(taken).map(line).collect();
    let payments = purchase.payments().to_vec();
    Purchase::new(
        purchase.order_id().to_owned(),
        lines,
        purchase.freight_minor_units(),
        payments,
    )
}
