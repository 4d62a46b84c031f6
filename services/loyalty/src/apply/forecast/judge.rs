//! Judges what is expected as the campaign service judges what happens: by the rules of the file, compiled as that does, and by its own functions.

use std::{collections::BTreeMap, sync::Arc};

use campaign::domain::{
    BudgetFact, Campaign, Custom, Decision, Facts, FactsOf, Kept, Ladders, LevelFact, LineMoney, Member, Occasion,
    OnShortage, Order, Purchase, PurchaseLine, REPORTED, Rules, Trigger, Version, decide_custom, decide_purchase,
};
use common::{ids::ActivityId, ratio::Ratio, zone::Zone};
use jiff::{Timestamp, civil::Date};
use proto::tier::Ladder;
use uuid::Uuid;

use crate::apply::manifest::Manifest;

use super::Untold;

/// The kind of activity that an enrolment is recorded as.
pub const ENROLMENT: &str = REPORTED[0];

/// The rules of a file, a member on the first level of every ladder, and a typical order.
pub struct Judge {
    rules: Arc<Rules>,
    zone: Zone,
    levels: Vec<LevelFact>,
    budgets: Vec<BudgetFact>,
    purchase: Purchase,
}

impl Judge {
    /// Compiles the rules of a file. Every campaign that a budget pays for gets one of its own that never runs out: so the decision tells what each costs, and none is cut.
    pub fn new(manifest: &Manifest, order_minor_units: i64) -> Result<Judge, Untold> {
        let accruals = versions(&manifest.accruals, campaign::accrual_from_wire)?;
        let groups = versions(&manifest.groups, campaign::group_from_wire)?;
        let campaigns = versions(&manifest.campaigns, |wire| {
            campaign::campaign_from_wire(wire).map(with_a_budget_of_its_own)
        })?;
        let rules = Rules::new(accruals, campaigns, groups);
        let budget = |code: &str| BudgetFact {
            budget: code.to_owned(),
            starts_on: Date::ZERO,
            available_minor_units: i64::MAX,
            is_held: false,
        };
        Ok(Judge {
            levels: manifest.ladders.iter().filter_map(first_level).collect(),
            budgets: rules.budgets().map(budget).collect(),
            zone: manifest.frame.zone.clone(),
            rules: Arc::new(rules),
            purchase: purchase(order_minor_units)?,
        })
    }

    /// Decides what a typical order earns at noon of a day: the first purchase of somebody who enrolled a moment ago, or one of somebody who bought before.
    pub fn purchase(&self, day: Date, is_first: bool) -> Result<Decision, Untold> {
        let occasion = self.noon_of(day)?;
        let facts = Facts {
            purchases_before: i64::from(!is_first),
            enrolled_at: is_first.then_some(occasion.occurred_at),
            ..self.facts(day, &Trigger::Purchase, &occasion)
        };
        let mut order = Order {
            activity_id: ActivityId::nil(),
            occasion,
            kept: Kept::everything(&self.purchase),
            purchase: self.purchase.clone(),
            facts,
            rules: Arc::clone(&self.rules),
            standing: Vec::new(),
            given: Vec::new(),
            money: Vec::new(),
            bought: Vec::new(),
            charges: Vec::new(),
        };
        Ok(decide_purchase(&mut order)?.decision)
    }

    /// Decides what anything else earns at noon of a day.
    pub fn custom(&self, day: Date, kind: &str, attributes: &BTreeMap<String, String>) -> Result<Decision, Untold> {
        let occasion = self.noon_of(day)?;
        let custom = Custom {
            kind: kind.to_owned(),
            reference: String::new(),
            attributes: attributes.clone(),
        };
        let facts = Facts {
            enrolled_at: (kind == ENROLMENT).then_some(occasion.occurred_at),
            ..self.facts(day, &Trigger::Custom(kind.to_owned()), &occasion)
        };
        Ok(decide_custom(&occasion, &custom, &facts, &self.rules)?.decision)
    }

    /// States what is known of a member who has done nothing yet. Every day brings another one, so that campaigns for a part of the members apply on about as many days.
    fn facts(&self, day: Date, trigger: &Trigger, occasion: &Occasion) -> Facts {
        let since_zero = day.since(Date::ZERO).map_or(0, |span| span.get_days().unsigned_abs());
        let of = FactsOf {
            member_id: Uuid::from_u128(since_zero.into()).into(),
            trigger,
            at: occasion.occurred_at,
        };
        Facts {
            levels: self.levels.clone(),
            budgets: self.budgets.clone(),
            ..Member::default().facts(&self.rules, &Ladders::default(), &self.zone, &of)
        }
    }

    fn noon_of(&self, day: Date) -> Result<Occasion, Untold> {
        let noon = self.zone.tz().to_timestamp(day.at(12, 0, 0, 0));
        let occurred_at: Timestamp = noon.map_err(|_| Untold::TooLarge)?;
        Ok(Occasion {
            occurred_at,
            channel: String::new(),
            store: String::new(),
        })
    }
}

/// Reads the rules of a file, each as a first version.
pub fn versions<W, T, E: ToString>(wires: &[W], read: impl Fn(&W) -> Result<T, E>) -> Result<Vec<Version<T>>, Untold> {
    let version = |wire| {
        let rule = read(wire).map_err(|error| Untold::Unreadable(error.to_string()))?;
        Ok(Version {
            version: 1,
            rule: Arc::new(rule),
        })
    };
    wires.iter().map(version).collect()
}

fn with_a_budget_of_its_own(mut rule: Campaign) -> Campaign {
    if let Some(funding) = &mut rule.funding {
        funding.budget.clone_from(&rule.code);
        funding.on_shortage = OnShortage::Allow;
    }
    rule
}

fn first_level(ladder: &Ladder) -> Option<LevelFact> {
    let level = ladder.levels.first()?;
    let benefits = level.benefits.clone().unwrap_or_default();
    let factor = benefits
        .accrual_factor
        .and_then(|factor| Ratio::new(factor.num, factor.den));
    Some(LevelFact {
        ladder: ladder.code.clone(),
        level: Some(level.code.clone()),
        accrual_factor: factor.unwrap_or(Ratio::ONE),
        discount_per_mille: benefits.discount_per_mille.into(),
    })
}

fn purchase(gross_minor_units: i64) -> Result<Purchase, Untold> {
    let line = PurchaseLine {
        line_id: "1".to_owned(),
        sku: String::new(),
        quantity: 1,
        money: LineMoney {
            gross_minor_units,
            ..LineMoney::default()
        },
        categories: Vec::new(),
        brand: String::new(),
    };
    Purchase::new("typical".to_owned(), vec![line], 0, Vec::new()).map_err(|_| Untold::TooLarge)
}
