//! The state of what a batch concerns: loaded, changed by one decision after another, persisted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::{
    ids::MemberId,
    writer::{Stamp, Work},
};
use sqlx::PgConnection;

use super::Command;
use crate::{
    domain::{Member, MemberLevel, MemberStatus},
    store::{
        AwardPlace, BatchRules, ChangedLevel, KnownOrder, MemberKey, OrderKey, RuleBook, SavedOrder, Settlement,
        WantedOrder, insert_awards, load_members, load_orders, save_levels, save_members, save_orders, settle_awards,
    },
};

/// The state of what a batch concerns.
pub struct State {
    /// The rules of its programs.
    pub rules: BatchRules,
    members: HashMap<MemberKey, Member>,
    orders: HashMap<OrderKey, KnownOrder>,
    changed_members: BTreeSet<MemberKey>,
    changed_levels: BTreeMap<(MemberKey, String), MemberLevel>,
    changed_orders: BTreeMap<OrderKey, i64>,
    new_awards: Vec<AwardPlace>,
    settled: Vec<(AwardPlace, Settlement)>,
}

impl State {
    /// Loads it, with one statement for the members and one for the orders.
    pub async fn load(tx: &mut PgConnection, book: &RuleBook, work: &Work<'_, Command>) -> Result<State, sqlx::Error> {
        let rules = book.load(tx, work).await?;
        let members = concerned_members(work);
        let members = if members.is_empty() {
            HashMap::new()
        } else {
            load_members(tx, &members).await?
        };
        let orders = load_orders(tx, &concerned_orders(work), |member| rules.of(member.program_id)).await?;
        Ok(State {
            rules,
            members,
            orders,
            changed_members: BTreeSet::new(),
            changed_levels: BTreeMap::new(),
            changed_orders: BTreeMap::new(),
            new_awards: Vec::new(),
            settled: Vec::new(),
        })
    }

    /// Returns what is known of a member; nothing where the member is not.
    pub fn member(&self, key: &MemberKey) -> Option<&Member> {
        self.members.get(key).filter(|member| member.status.is_some())
    }

    /// Changes what is known of a member.
    pub fn change_member(&mut self, key: MemberKey, change: impl FnOnce(&mut Member)) {
        change(self.members.entry(key).or_default());
        self.changed_members.insert(key);
    }

    /// Puts a member on a level. The member itself need not be known yet.
    pub fn enter_level(&mut self, key: MemberKey, level: MemberLevel) {
        self.members.entry(key).or_default().enter(level.clone());
        self.changed_levels.insert((key, level.ladder.clone()), level);
    }

    /// Returns an order that is recorded.
    pub fn order(&self, key: &OrderKey) -> Option<&KnownOrder> {
        self.orders.get(key)
    }

    /// Keeps an order as it stands after the activity whose receipt is at a place.
    pub fn put_order(&mut self, key: OrderKey, order: KnownOrder, latest_seq: i64) {
        self.changed_orders.insert(key.clone(), latest_seq);
        self.orders.insert(key, order);
    }

    /// Keeps that an award is to be posted.
    pub fn add_award(&mut self, place: AwardPlace) {
        self.new_awards.push(place);
    }

    /// Keeps what became of an award.
    pub fn settle_award(&mut self, place: AwardPlace, settlement: Settlement) {
        self.settled.push((place, settlement));
    }

    /// Persists what changed.
    pub async fn persist(&mut self, tx: &mut PgConnection, book: &RuleBook) -> Result<(), sqlx::Error> {
        book.persist(tx, &mut self.rules).await?;
        save_members(tx, &self.saved_members()).await?;
        save_levels(tx, &self.saved_levels()).await?;
        save_orders(tx, &self.saved_orders()).await?;
        insert_awards(tx, &self.new_awards).await?;
        settle_awards(tx, &self.settled).await
    }

    fn saved_members(&self) -> Vec<(MemberKey, MemberStatus, i64)> {
        let changed = self.changed_members.iter().map(|key| (key, &self.members[key]));
        changed
            .filter_map(|(key, member)| Some((*key, member.status?, member.purchases)))
            .collect()
    }

    fn saved_levels(&self) -> Vec<ChangedLevel> {
        self.changed_levels
            .iter()
            .map(|((key, _), level)| ChangedLevel {
                key: *key,
                level: level.clone(),
            })
            .collect()
    }

    fn saved_orders(&self) -> Vec<SavedOrder> {
        let saved = |(key, latest_seq): (&OrderKey, &i64)| {
            let KnownOrder {
                activity_id,
                purchase_seq,
                ..
            } = self.orders[key];
            SavedOrder {
                key: key.clone(),
                activity_id,
                purchase_seq,
                latest_seq: *latest_seq,
            }
        };
        self.changed_orders.iter().map(saved).collect()
    }
}

/// Returns whose change is decided.
pub fn member_of(stamp: &Stamp<'_>) -> MemberKey {
    MemberKey {
        program_id: stamp.program_id(),
        member_id: stamp.member_id(),
    }
}

fn concerned_members(work: &Work<'_, Command>) -> Vec<MemberKey> {
    let mut members = BTreeSet::new();
    for (key, command) in &work.calls {
        if matches!(command, Command::RecordActivity(_)) {
            members.insert(MemberKey {
                program_id: key.program_id(),
                member_id: key.member_id(),
            });
        }
    }
    for event in &work.events {
        if let (Ok(program_id), Ok(member_id)) = (event.program_id.parse(), event.member_id.parse::<MemberId>()) {
            members.insert(MemberKey { program_id, member_id });
        }
    }
    members.into_iter().collect()
}

fn concerned_orders(work: &Work<'_, Command>) -> Vec<WantedOrder> {
    let mut orders: BTreeMap<OrderKey, bool> = BTreeMap::new();
    for (key, command) in &work.calls {
        let Command::RecordActivity(command) = command else {
            continue;
        };
        let member = MemberKey {
            program_id: key.program_id(),
            member_id: key.member_id(),
        };
        if let Some((order_id, whole)) = command.asked.order() {
            *orders
                .entry(OrderKey {
                    member,
                    order_id: order_id.to_owned(),
                })
                .or_default() |= whole;
        }
    }
    orders
        .into_iter()
        .map(|(key, whole)| WantedOrder { key, whole })
        .collect()
}
