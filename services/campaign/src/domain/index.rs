//! Finds the campaigns that may apply, without looking at those that cannot.
//!
//! A campaign is filed under what triggers it and then under one thing that it asks for without fail: a product, a brand, a category, a store, a level, a first purchase, a
//! method of payment or a channel, the rarest first. What asks for none of these is filed by itself. Looking up what a situation has finds every campaign that may apply.

use std::collections::HashMap;

use super::campaign::{Campaign, Trigger};
use super::condition::Test;
use super::lines::LineFilter;
use super::names::Names;
use super::rules::Version;
use super::situation::Situation;

/// Finds the campaigns that may apply, by their places.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    by_trigger: HashMap<Trigger, Files>,
}

#[derive(Clone, Debug, Default)]
struct Files {
    asking_nothing: Vec<usize>,
    first_purchase: Vec<usize>,
    by_name: HashMap<Asked, HashMap<String, Vec<usize>>>,
}

/// What a campaign asks for, the rarest first.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Asked {
    Sku,
    Brand,
    Category,
    Store,
    Level(String),
    FirstPurchase,
    PaymentMethod,
    Channel,
}

impl Index {
    /// Files campaigns. Those that are off are left out.
    pub fn of(campaigns: &[Version<Campaign>]) -> Index {
        let mut index = Index::default();
        let on = campaigns
            .iter()
            .enumerate()
            .filter(|(_, campaign)| !campaign.rule.paused);
        for (at, campaign) in on {
            for trigger in campaign.rule.triggers() {
                let files = index.by_trigger.entry(trigger).or_default();
                files.file(at, &campaign.rule);
            }
        }
        index
    }

    /// Finds the campaigns that may apply, in order.
    pub fn find(&self, situation: &Situation<'_>) -> Vec<usize> {
        let Some(files) = self.by_trigger.get(&Trigger::of(&situation.happening)) else {
            return Vec::new();
        };
        let mut found = files.asking_nothing.clone();
        if situation.facts.purchases_before == 0 {
            found.extend(&files.first_purchase);
        }
        for (asked, by_name) in &files.by_name {
            names_of(asked, situation, |name| {
                found.extend(by_name.get(name).into_iter().flatten())
            });
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Files {
    fn file(&mut self, at: usize, campaign: &Campaign) {
        match rarest(campaign) {
            None => self.asking_nothing.push(at),
            Some((Asked::FirstPurchase, _)) => self.first_purchase.push(at),
            Some((asked, names)) => {
                let by_name = self.by_name.entry(asked).or_default();
                for name in names.iter() {
                    by_name.entry(name.to_owned()).or_default().push(at);
                }
            }
        }
    }
}

/// Returns the rarest thing that a campaign asks for without fail.
fn rarest(campaign: &Campaign) -> Option<(Asked, Names)> {
    let required = campaign.condition.iter().flat_map(|condition| condition.required());
    let asked = required.filter_map(|test| match test {
        Test::Level { ladder, levels } => Some((Asked::Level(ladder.clone()), levels.clone())),
        Test::FirstPurchase => Some((Asked::FirstPurchase, Names::default())),
        Test::Channel(names) => Some((Asked::Channel, names.clone())),
        Test::Store(names) => Some((Asked::Store, names.clone())),
        Test::PaymentMethod(names) => Some((Asked::PaymentMethod, names.clone())),
        Test::Lines { filter, .. } => of_lines(filter),
        Test::Order { .. }
        | Test::Attribute { .. }
        | Test::EnrolledWithinDays(_)
        | Test::History { .. }
        | Test::Sample(_)
        | Test::Birthday(_)
        | Test::Expression(_) => None,
    });
    // One thing alone that it does says which lines a campaign needs; of several, each may find others, and a grant needs none.
    let mut does = campaign.line_filters();
    let of_lines = match (does.next(), does.next()) {
        (Some(Some(alone)), None) if campaign.grants.is_empty() => of_lines(alone),
        _ => None,
    };
    asked.chain(of_lines).min_by(|(one, _), (other, _)| one.cmp(other))
}

fn of_lines(filter: &LineFilter) -> Option<(Asked, Names)> {
    let lists = [
        (Asked::Sku, &filter.skus),
        (Asked::Brand, &filter.brands),
        (Asked::Category, &filter.categories),
    ];
    let asked = lists.into_iter().find(|(_, names)| !names.is_empty());
    asked.map(|(asked, names)| (asked, names.clone()))
}

/// Tells every name that a situation has where a campaign asks for one.
fn names_of<'a>(asked: &Asked, situation: &Situation<'a>, mut tell: impl FnMut(&str)) {
    let lines = || situation.order().into_iter().flat_map(|bought| bought.purchase.lines());
    match asked {
        Asked::Sku => lines().for_each(|line| tell(&line.sku)),
        Asked::Brand => lines().for_each(|line| tell(&line.brand)),
        Asked::Category => lines()
            .flat_map(|line| &line.categories)
            .for_each(|category| tell(category)),
        Asked::Store => tell(&situation.occasion.store),
        Asked::Level(ladder) => situation.facts.level_on(Some(ladder)).into_iter().for_each(tell),
        Asked::FirstPurchase => {}
        Asked::PaymentMethod => {
            let payments = situation
                .order()
                .into_iter()
                .flat_map(|bought| bought.purchase.payments());
            payments.for_each(|payment| tell(&payment.method));
        }
        Asked::Channel => tell(&situation.occasion.channel),
    }
}
