//! What an activity is judged from, read for many at once: the rules of their programs, what is known of their members, and the orders they are about.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
};

use common::{ids::ProgramId, program::Program};
use jiff::{Timestamp, civil::Date};
use sqlx::{PgConnection, PgPool};

use super::{
    KnownOrder, MemberKey, OrderKey, ProgramRules, RuleBook, WantedOrder, load_days, load_members, load_money,
    load_orders, load_uses,
};
use crate::domain::Member;

/// What is asked for.
pub struct WantedCase {
    /// The program, as far as it is known.
    pub program: Arc<Program>,
    /// The member.
    pub member: MemberKey,
    /// The order that it is about, if it is about one.
    pub order: Option<WantedOrder>,
    /// When it happened; without it, now.
    pub at: Option<Timestamp>,
}

/// What was found.
pub struct FoundCase {
    /// The rules of the program.
    pub rules: ProgramRules,
    /// The member, where known.
    pub member: Option<Member>,
    /// The order, where recorded.
    pub order: Option<KnownOrder>,
    /// What budgets have left.
    pub money: Arc<Money>,
}

/// What budgets have left, by the day on which the time began.
pub type Money = HashMap<(String, Date), i64>;

/// Reads how often campaigns applied for some members, and what they did day by day, where the rules of their programs ask for that.
pub async fn load_what_they_did(
    connection: &mut PgConnection,
    members: &[MemberKey],
    known: &mut HashMap<MemberKey, Member>,
    rules: impl Fn(ProgramId) -> ProgramRules,
) -> Result<(), sqlx::Error> {
    let asked = |by: fn(&ProgramRules) -> bool| -> Vec<MemberKey> {
        members
            .iter()
            .copied()
            .filter(|key| by(&rules(key.program_id)))
            .collect()
    };
    let counted = asked(ProgramRules::any_uses);
    if !counted.is_empty() {
        for (member, key, used) in load_uses(connection, &counted).await? {
            known.entry(member).or_default().uses.put(key, used);
        }
    }
    let remembered = asked(ProgramRules::any_history);
    if !remembered.is_empty() {
        for (member, key, done) in load_days(connection, &remembered).await? {
            known.entry(member).or_default().days.put(key, done);
        }
    }
    Ok(())
}

/// Reads what several activities are judged from.
pub async fn load_cases(
    pool: &PgPool,
    book: &RuleBook,
    wanted: Vec<WantedCase>,
) -> Result<Vec<FoundCase>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut rules: HashMap<ProgramId, ProgramRules> = HashMap::new();
    for case in &wanted {
        if let Entry::Vacant(unknown) = rules.entry(case.program.program_id) {
            unknown.insert(book.of_program(&mut connection, &case.program).await?);
        }
    }
    let members: BTreeSet<MemberKey> = wanted.iter().map(|case| case.member).collect();
    let members: Vec<MemberKey> = members.into_iter().collect();
    let mut known = load_members(&mut connection, &members).await?;
    load_what_they_did(&mut connection, &members, &mut known, |program_id| {
        rules[&program_id].clone()
    })
    .await?;
    let mut orders: BTreeMap<OrderKey, bool> = BTreeMap::new();
    for order in wanted.iter().filter_map(|case| case.order.as_ref()) {
        *orders.entry(order.key.clone()).or_default() |= order.whole;
    }
    let orders: Vec<WantedOrder> = orders
        .into_iter()
        .map(|(key, whole)| WantedOrder { key, whole })
        .collect();
    let mut money: HashMap<ProgramId, Arc<Money>> = HashMap::new();
    for (program_id, rules) in &rules {
        let of_program = wanted.iter().filter(|case| case.program.program_id == *program_id);
        let budgets: BTreeSet<(String, Date)> = of_program
            .flat_map(|case| {
                let at = case.at.unwrap_or_else(|| case.program.now_for_reading());
                rules.budgets_at(at, &case.program.zone)
            })
            .collect();
        if !budgets.is_empty() {
            let budgets: Vec<(String, Date)> = budgets.into_iter().collect();
            let left = load_money(&mut connection, rules, *program_id, &budgets).await?;
            money.insert(*program_id, Arc::new(left));
        }
    }
    let orders = load_orders(&mut connection, &orders, |member| rules[&member.program_id].clone()).await?;
    let found = wanted.into_iter().map(|case| FoundCase {
        rules: rules[&case.member.program_id].clone(),
        member: known
            .get(&case.member)
            .filter(|member| member.status.is_some())
            .cloned(),
        order: case.order.and_then(|order| orders.get(&order.key).cloned()),
        money: money.get(&case.member.program_id).cloned().unwrap_or_default(),
    });
    Ok(found.collect())
}
