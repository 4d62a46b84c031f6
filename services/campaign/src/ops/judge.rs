//! Judges an activity from what is known, for recording it and for previewing it alike.

use std::sync::Arc;

use common::{
    ids::{ActivityId, MemberId},
    program::Program,
    shard::Shard,
    time,
};
use jiff::{Timestamp, civil::Date};
use proto::campaign as pb;

use crate::{
    domain::{
        Activity, BudgetFact, CampaignResult, Charge, Contradiction, Custom, DecideError, Decided, Decision, Facts,
        FactsOf, Kept, Member, Occasion, Order, Purchase, Return, Rules, Shortage, Trigger, UseChange, decide_custom,
        decide_purchase, decide_return,
    },
    error::{Error, ShortLeases},
    store::{KnownOrder, LeaseKey, ProgramRules, activity_from_wire},
};

/// What a caller says that a member did.
#[derive(Clone, Debug)]
pub struct AskedActivity {
    /// The member.
    pub member_id: MemberId,
    /// When it happened; without it, now.
    pub occurred_at: Option<Timestamp>,
    /// By which channel.
    pub channel: String,
    /// In which store.
    pub store: String,
    /// The currency of a purchase; empty for anything else.
    pub currency_code: String,
    /// What it was, or what is contradictory in it.
    pub activity: Result<Activity, Vec<Contradiction>>,
}

/// What an activity is judged from.
pub struct Case<'a> {
    /// The program.
    pub program: &'a Program,
    /// Where its clock stands.
    pub now: Timestamp,
    /// The member, if known.
    pub member: Option<&'a Member>,
    /// The order that it is about, if recorded.
    pub order: Option<&'a KnownOrder>,
    /// The program's rules.
    pub rules: &'a ProgramRules,
    /// What budgets have left here for the time that began on a day.
    pub money: &'a dyn Fn(&str, Date) -> i64,
    /// Tells whether that is all that can be had of one.
    pub is_all: &'a dyn Fn(&str, Date) -> bool,
}

/// How an activity was judged.
pub struct Judged {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The receipt.
    pub decision: Decision,
    /// What it adds to how often campaigns with limits applied.
    pub uses: Vec<UseChange>,
    /// What it adds to what campaigns bring about.
    pub results: Vec<CampaignResult>,
    /// What it does to an order.
    pub effect: OrderEffect,
}

/// What an activity does to an order.
pub enum OrderEffect {
    /// It is about none.
    None,
    /// It makes this one.
    Bought(Box<Order>),
    /// It leaves this of the order that it is about.
    Left(Box<Order>),
}

impl Judged {
    /// Returns the day for which it counts, in the program's zone: that of the purchase, for a return.
    pub fn counted_on(&self) -> Date {
        let zone = &self.decision.facts.zone;
        zone.tz().to_datetime(self.decision.metrics.counted_at).date()
    }
}

impl AskedActivity {
    /// Reads back what another service reported.
    pub fn reported(member_id: MemberId, request: &pb::RecordActivityRequest) -> Option<AskedActivity> {
        let input = request.input.as_ref()?;
        Some(AskedActivity {
            member_id,
            occurred_at: input.occurred_at.and_then(time::from_wire),
            channel: input.channel.clone(),
            store: input.store.clone(),
            currency_code: String::new(),
            activity: activity_from_wire(input.activity.as_ref()?),
        })
    }

    /// Returns the order it is about, and whether that is looked into or must not be there.
    pub fn order(&self) -> Option<(&str, bool)> {
        let activity = self.activity.as_ref().ok()?;
        Some((activity.order_id()?, matches!(activity, Activity::Return(_))))
    }

    /// Judges it.
    pub fn judge(&self, case: &Case<'_>, activity_id: ActivityId) -> Result<Judged, Error> {
        let (member, occasion, activity) = self.check(case)?;
        let occurred_at = occasion.occurred_at;
        let (decided, effect) = match activity {
            Activity::Purchase(purchase) => self.judge_purchase(case, member, occasion, purchase, activity_id)?,
            Activity::Return(returned) => judge_return(case, returned, activity_id)?,
            Activity::Custom(custom) => self.judge_custom(case, member, occasion, custom)?,
        };
        let Decided {
            decision,
            uses,
            results,
            shortages,
        } = decided;
        let order_id = activity.order_id().unwrap_or_default();
        self.check_money(case, &decision, &shortages, order_id)?;
        Ok(Judged {
            occurred_at,
            uses,
            results,
            decision,
            effect,
        })
    }

    fn judge_purchase(
        &self,
        case: &Case<'_>,
        member: &Member,
        occasion: Occasion,
        purchase: &Purchase,
        activity_id: ActivityId,
    ) -> Result<(Decided, OrderEffect), Error> {
        let mut order = self.new_order(case, member, occasion, purchase, activity_id)?;
        let decided = decide_purchase(&mut order).map_err(undecidable(purchase.order_id()))?;
        Ok((decided, OrderEffect::Bought(Box::new(order))))
    }

    /// Begins an order of which all is kept, under the rules and facts of its time.
    pub(super) fn new_order(
        &self,
        case: &Case<'_>,
        member: &Member,
        occasion: Occasion,
        purchase: &Purchase,
        activity_id: ActivityId,
    ) -> Result<Order, Error> {
        self.check_earns(member)?;
        if self.currency_code != case.program.currency_code {
            return Err(Error::CurrencyNotAllowed {
                currency_code: self.currency_code.clone(),
                program_currency_code: case.program.currency_code.clone(),
            });
        }
        let order_id = purchase.order_id();
        if let Some(known) = case.order {
            return Err(Error::OrderExists {
                order_id: order_id.to_owned(),
                activity_id: known.activity_id,
            });
        }
        let of = FactsOf {
            member_id: self.member_id,
            trigger: &Trigger::Purchase,
            at: occasion.occurred_at,
        };
        let (rules, facts) = case.rules_and_facts(member, of);
        Ok(Order {
            activity_id,
            occasion,
            purchase: purchase.clone(),
            facts,
            rules,
            standing: Vec::new(),
            given: Vec::new(),
            money: Vec::new(),
            bought: Vec::new(),
            charges: Vec::new(),
            kept: Kept::everything(purchase),
        })
    }

    fn judge_custom(
        &self,
        case: &Case<'_>,
        member: &Member,
        occasion: Occasion,
        custom: &Custom,
    ) -> Result<(Decided, OrderEffect), Error> {
        self.check_earns(member)?;
        let of = FactsOf {
            member_id: self.member_id,
            trigger: &Trigger::Custom(custom.kind.clone()),
            at: occasion.occurred_at,
        };
        let (rules, facts) = case.rules_and_facts(member, of);
        let decided = decide_custom(&occasion, custom, &facts, &rules).map_err(undecidable(""))?;
        Ok((decided, OrderEffect::None))
    }

    /// Finds who did it, and when and where; refuses what cannot have happened.
    pub(super) fn check<'a>(&'a self, case: &Case<'a>) -> Result<(&'a Member, Occasion, &'a Activity), Error> {
        let member = case.member.ok_or(Error::MemberNotFound {
            member_id: self.member_id,
        })?;
        let occurred_at = self.occurred_at.unwrap_or(case.now);
        if occurred_at > case.now {
            return Err(Error::OccurredInFuture { clock_at: case.now });
        }
        let occasion = Occasion {
            occurred_at,
            channel: self.channel.clone(),
            store: self.store.clone(),
        };
        let activity = self
            .activity
            .as_ref()
            .map_err(|contradictions| Error::OrderInvalid(contradictions.clone()))?;
        Ok((member, occasion, activity))
    }

    /// Has more asked for where budgets are short, as long as there may be more; then refuses what must not be cut.
    fn check_money(
        &self,
        case: &Case<'_>,
        decision: &Decision,
        shortages: &[Shortage],
        order_id: &str,
    ) -> Result<(), Error> {
        let lease = |fact: &BudgetFact| LeaseKey {
            shard: Shard::of(case.program.program_id, self.member_id),
            program_id: case.program.program_id,
            budget: fact.budget.clone(),
            starts_on: fact.starts_on,
        };
        let facts = &decision.facts.budgets;
        let missing = |fact: &BudgetFact| {
            let short = shortages.iter().filter(|short| short.budget == fact.budget);
            let missing = short
                .map(|short| short.missing_minor_units)
                .fold(0, i64::saturating_add);
            (missing > 0 && !(case.is_all)(&fact.budget, fact.starts_on)).then(|| (lease(fact), missing))
        };
        let short: Vec<(LeaseKey, i64)> = facts.iter().filter_map(missing).collect();
        if !short.is_empty() {
            return Err(Error::LeasesShort(ShortLeases {
                short,
                needed: facts.iter().map(lease).collect(),
            }));
        }
        let refuses = |short: &&Shortage| short.refuses;
        shortages.iter().find(refuses).map_or(Ok(()), |short| {
            Err(Error::Undecidable {
                order_id: order_id.to_owned(),
                refused: DecideError::BudgetExhausted {
                    budget: short.budget.clone(),
                    campaign: short.campaign.clone(),
                },
            })
        })
    }

    fn check_earns(&self, member: &Member) -> Result<(), Error> {
        match member.status {
            Some(status) if !status.earns() => Err(Error::MemberNotAllowed {
                member_id: self.member_id,
                status,
            }),
            _ => Ok(()),
        }
    }
}

/// Judges a return, by the rules and facts of its purchase. It is taken whatever the member's status: goods that came back have come back.
fn judge_return(case: &Case<'_>, returned: &Return, activity_id: ActivityId) -> Result<(Decided, OrderEffect), Error> {
    let order_id = &returned.order_id;
    let known = case.order.and_then(|known| known.order.as_ref());
    let order = known.ok_or_else(|| Error::OrderNotFound {
        order_id: order_id.clone(),
    })?;
    let spare = |charge: &Charge| (case.money)(&charge.budget, charge.starts_on);
    let (rest, decided) = decide_return(order, activity_id, returned, spare).map_err(undecidable(order_id))?;
    Ok((decided, OrderEffect::Left(Box::new(rest))))
}

pub(super) fn undecidable(order_id: &str) -> impl FnOnce(DecideError) -> Error {
    |refused| Error::Undecidable {
        order_id: order_id.to_owned(),
        refused,
    }
}

impl Case<'_> {
    fn rules_and_facts(&self, member: &Member, of: FactsOf<'_>) -> (Arc<Rules>, Facts) {
        let at = of.at;
        let mut rules = self.rules.in_force_at(at);
        let is_prospect = member.is_prospect_at(at);
        if is_prospect {
            rules = rules.for_prospects();
        }
        let mut facts = member.facts(&rules, &self.rules.ladders, &self.program.zone, &of);
        let counts = !is_prospect || !rules.accruals().is_empty();
        facts.is_counted = counts && self.rules.ask_about(of.trigger.kind());
        let budgets = self.rules.budgets_at(at, &self.program.zone).into_iter();
        facts.budgets = budgets
            .map(|(budget, starts_on)| BudgetFact {
                available_minor_units: (self.money)(&budget, starts_on),
                budget,
                starts_on,
                is_held: false,
            })
            .collect();
        (rules, facts)
    }
}
