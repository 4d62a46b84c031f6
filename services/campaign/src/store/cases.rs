//! What an activity is judged from, read for many at once: the rules of their programs, what is known of their members, and the orders they are about.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
    time::Instant,
};

use common::{ids::ProgramId, program::Program, shard::Shard};
use jiff::{Timestamp, civil::Date};
use sqlx::{PgConnection, PgPool};

use super::{
    KnownOrder, MemberKey, Nearby, OrderKey, ProgramRules, Remembered, RuleBook, WantedOrder, load_members, load_money,
    load_order_numbers, load_orders, load_tallies,
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
    pub member: Option<Arc<Member>>,
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
    let is_asked = |key: &MemberKey| {
        let rules = rules(key.program_id);
        rules.any_uses() || rules.any_history()
    };
    let counted: Vec<MemberKey> = members.iter().copied().filter(is_asked).collect();
    if !counted.is_empty() {
        load_tallies(connection, &counted, known).await?;
    }
    Ok(())
}

/// Returns what an activity is judged from, if all of it is remembered: a member whom somebody asked about, an order that nobody knows, and rules without money.
pub fn remembered_case(book: &RuleBook, nearby: &Nearby, wanted: &WantedCase) -> Option<FoundCase> {
    let known = nearby.get(&wanted.member)?;
    let is_new = |order: &WantedOrder| !known.orders.may_have(&order.key.order_id);
    wanted.order.as_ref().is_none_or(is_new).then_some(())?;
    let rules = book.remembered(&wanted.program)?;
    budgets_of(&rules, wanted).is_empty().then(|| FoundCase {
        rules,
        member: Some(known.member).filter(|member| member.status.is_some()),
        order: None,
        money: Arc::default(),
    })
}

fn budgets_of(rules: &ProgramRules, wanted: &WantedCase) -> Vec<(String, Date)> {
    let at = wanted.at.unwrap_or_else(|| wanted.program.now_for_reading());
    rules.budgets_at(at, &wanted.program.zone)
}

/// Finds what several activities are judged from: members of whom nothing is remembered, or only what may be old, are read.
pub async fn load_cases(
    pool: &PgPool,
    book: &RuleBook,
    nearby: &Nearby,
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
    let known = find_members(&mut connection, nearby, members, &rules).await?;
    let mut orders: BTreeMap<OrderKey, bool> = BTreeMap::new();
    let may_be_there = |order: &&WantedOrder| {
        known
            .get(&order.key.member)
            .is_none_or(|of| of.orders.may_have(&order.key.order_id))
    };
    for order in wanted
        .iter()
        .filter_map(|case| case.order.as_ref())
        .filter(may_be_there)
    {
        *orders.entry(order.key.clone()).or_default() |= order.whole;
    }
    let orders: Vec<WantedOrder> = orders
        .into_iter()
        .map(|(key, whole)| WantedOrder { key, whole })
        .collect();
    let mut money: HashMap<ProgramId, Arc<Money>> = HashMap::new();
    for (program_id, rules) in &rules {
        let of_program = wanted.iter().filter(|case| case.program.program_id == *program_id);
        let budgets: BTreeSet<(String, Date)> = of_program.flat_map(|case| budgets_of(rules, case)).collect();
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
            .map(|of| of.member.clone())
            .filter(|member| member.status.is_some()),
        order: case.order.and_then(|order| orders.get(&order.key).cloned()),
        money: money.get(&case.member.program_id).cloned().unwrap_or_default(),
    });
    Ok(found.collect())
}

async fn find_members(
    connection: &mut PgConnection,
    nearby: &Nearby,
    wanted: BTreeSet<MemberKey>,
    rules: &HashMap<ProgramId, ProgramRules>,
) -> Result<HashMap<MemberKey, Remembered>, sqlx::Error> {
    let remembered = |key: MemberKey| nearby.get(&key).map(|member| (key, member));
    let mut known: HashMap<MemberKey, Remembered> = wanted.iter().copied().filter_map(remembered).collect();
    let mut unknown: Vec<MemberKey> = wanted.into_iter().filter(|key| !known.contains_key(key)).collect();
    if unknown.is_empty() {
        return Ok(known);
    }
    // First where the shards stand, so that what is read of members is not older than that.
    let began = Instant::now();
    let heads = load_heads(connection, unknown.iter().map(MemberKey::shard)).await?;
    nearby.look(&heads, began);
    known.extend(unknown.iter().copied().filter_map(remembered));
    unknown.retain(|key| !known.contains_key(key));
    if unknown.is_empty() {
        return Ok(known);
    }
    let mut read = load_members(connection, &unknown).await?;
    load_what_they_did(connection, &unknown, &mut read, |program_id| rules[&program_id].clone()).await?;
    let numbers = load_order_numbers(connection, &unknown).await?;
    for (key, member) in read {
        let read = numbers.get(&key).map(|orders| Remembered {
            member: Arc::new(member),
            orders: *orders,
        });
        if let Some(read) = read {
            nearby.keep(key, read.clone(), &heads);
            known.insert(key, read);
        }
    }
    Ok(known)
}

async fn load_heads(
    connection: &mut PgConnection,
    shards: impl Iterator<Item = Shard>,
) -> Result<HashMap<Shard, i64>, sqlx::Error> {
    let shards: BTreeSet<i16> = shards.map(|shard| shard.get()).collect();
    let shards: Vec<i16> = shards.into_iter().collect();
    let rows = sqlx::query!(
        "select shard, writes from campaign.shard where shard = any($1)",
        &shards
    );
    let rows = rows.fetch_all(connection).await?.into_iter();
    Ok(rows
        .filter_map(|row| Some((Shard::new(row.shard)?, row.writes)))
        .collect())
}
