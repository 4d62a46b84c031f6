//! The state of what a batch concerns: loaded, changed by one decision after another, persisted.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Memory, Stamp, Work, Writes},
};
use jiff::civil::Date;
use sqlx::PgConnection;

use super::{Command, drafts::Drafts, messages::Messages, referrals::Referrals};
use crate::{
    domain::{Charge, Cost, DayKey, DoneOnDay, Member, MemberLevel, MemberStatus, UseChange},
    store::{
        AwardPlace, BatchRules, ChangedLevel, KnownOrder, LeaseKey, MemberKey, MemberMonth, MembershipChange, Nearby,
        OrderKey, ParkedReturn, Report, ReportKey, RuleBook, SavedOrder, WantedOrder, charge_leases, delete_reports,
        insert_awards, insert_membership_changes, insert_parked_returns, insert_reports, load_leases, load_members,
        load_orders, load_what_they_did, save_levels, save_members, save_orders, save_tallies,
    },
};

/// The state of what a batch concerns.
pub struct State {
    /// The rules of its programs.
    pub rules: BatchRules,
    members: HashMap<MemberKey, Arc<Member>>,
    orders: HashMap<OrderKey, KnownOrder>,
    changed_members: BTreeSet<MemberKey>,
    changed_levels: BTreeMap<(MemberKey, String), MemberLevel>,
    changed_months: BTreeSet<MemberMonth>,
    changed_orders: BTreeMap<OrderKey, i64>,
    new_orders: BTreeSet<OrderKey>,
    new_awards: Vec<AwardPlace>,
    parked: Vec<ParkedReturn>,
    reported: Vec<Report>,
    membership: Vec<MembershipChange>,
    recorded: Vec<ReportKey>,
    /// The messages that campaigns give.
    pub messages: Messages,
    /// The drafts of campaigns.
    pub drafts: Drafts,
    /// Who brought whom.
    pub referrals: Referrals,
    leases: HashMap<LeaseKey, i64>,
    charged: BTreeMap<LeaseKey, Cost>,
}

impl State {
    /// Loads it, with one statement for the members that are not remembered and one for the orders.
    pub async fn load(
        tx: &mut PgConnection,
        memory: &mut Memory<Arc<Member>>,
        book: &RuleBook,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        let rules = book.load(tx, work).await?;
        let mut members = HashMap::new();
        let mut unknown = Vec::new();
        for key in concerned_members(work) {
            match memory.take(key.program_id, key.member_id) {
                Some(known) => drop(members.insert(key, known)),
                None => unknown.push(key),
            }
        }
        if !unknown.is_empty() {
            let mut read = load_members(tx, &unknown).await?;
            load_what_they_did(tx, &unknown, &mut read, |program_id| rules.of(program_id)).await?;
            members.extend(read.into_iter().map(|(key, member)| (key, Arc::new(member))));
        }
        let wanted = concerned_orders(work);
        let orders = load_orders(tx, &wanted, |member| rules.of(member.program_id)).await?;
        let looked_into = wanted.iter().filter(|wanted| wanted.whole);
        for known in looked_into.filter_map(|wanted| orders.get(&wanted.key)) {
            known.looked_into()?;
        }
        let leases = concerned_leases(work, &rules, &orders);
        let leases = match leases.as_slice() {
            [] => HashMap::new(),
            keys => load_leases(tx, keys).await?,
        };
        Ok(State {
            rules,
            members,
            orders,
            changed_members: BTreeSet::new(),
            changed_levels: BTreeMap::new(),
            changed_months: BTreeSet::new(),
            changed_orders: BTreeMap::new(),
            new_orders: BTreeSet::new(),
            new_awards: Vec::new(),
            parked: Vec::new(),
            reported: Vec::new(),
            membership: Vec::new(),
            recorded: Vec::new(),
            messages: Messages::load(tx, work).await?,
            drafts: Drafts::load(tx, work).await?,
            referrals: Referrals::load(tx, work).await?,
            leases,
            charged: BTreeMap::new(),
        })
    }

    /// Returns what is known of a member; nothing where the member is not.
    pub fn member(&self, key: &MemberKey) -> Option<&Member> {
        self.members
            .get(key)
            .map(Arc::as_ref)
            .filter(|member| member.status.is_some())
    }

    /// Changes what is known of a member.
    pub fn change_member(&mut self, key: MemberKey, change: impl FnOnce(&mut Member)) {
        change(self.member_mut(key));
        self.changed_members.insert(key);
    }

    /// Counts how often campaigns with limits applied for a member, on a day.
    pub fn count_uses(&mut self, key: MemberKey, uses: &[UseChange], day: Date) {
        let changed = self.member_mut(key).uses.count(uses, day);
        self.changed_months
            .extend(changed.into_iter().map(|month| (key, month)));
    }

    /// Counts what a member did on a day.
    pub fn count_day(&mut self, key: MemberKey, day: DayKey, done: DoneOnDay) {
        self.changed_months.insert((key, day.day.first_of_month()));
        self.member_mut(key).days.count(day, done);
    }

    /// Puts a member on a level. The member itself need not be known yet.
    pub fn enter_level(&mut self, key: MemberKey, level: MemberLevel) {
        self.member_mut(key).enter(level.clone());
        self.changed_levels.insert((key, level.ladder.clone()), level);
    }

    /// Returns an order that is recorded.
    pub fn order(&self, key: &OrderKey) -> Option<&KnownOrder> {
        self.orders.get(key)
    }

    /// Keeps an order as it stands after the activity whose receipt is at a place.
    pub fn put_order(&mut self, key: OrderKey, order: KnownOrder, latest_seq: i64) {
        self.changed_orders.insert(key.clone(), latest_seq);
        if self.orders.insert(key.clone(), order).is_none() {
            self.new_orders.insert(key);
        }
    }

    /// Keeps a return until its order comes.
    pub fn park(&mut self, parked: ParkedReturn) {
        self.parked.push(parked);
    }

    /// Keeps who joined or left, to be counted.
    pub fn add_membership_change(&mut self, change: MembershipChange) {
        self.membership.push(change);
    }

    /// Keeps what another service reported, to be recorded as an activity.
    pub fn add_report(&mut self, report: Report) {
        self.reported.push(report);
    }

    /// Strikes off what another service reported: it is recorded.
    pub fn strike_off_report(&mut self, key: ReportKey) {
        self.recorded.push(key);
    }

    /// Tells whether there is anything that other services reported, to be recorded as activities.
    pub fn has_reports(&self) -> bool {
        !self.reported.is_empty()
    }

    /// Returns what a shard may spend of a budget yet.
    pub fn money(&self, key: &LeaseKey) -> i64 {
        self.leases.get(key).copied().unwrap_or(0)
    }

    /// Charges what an activity costs, or gives back.
    pub fn charge(&mut self, shard: Shard, program_id: ProgramId, charges: &[Charge]) {
        for charge in charges.iter().filter(|charge| charge.by != Cost::default()) {
            let key = LeaseKey {
                shard,
                program_id,
                budget: charge.budget.clone(),
                starts_on: charge.starts_on,
            };
            if let Some(left) = self.leases.get_mut(&key) {
                *left -= charge.by.minor_units;
            }
            let charged = self.charged.entry(key).or_default();
            charged.minor_units += charge.by.minor_units;
            charged.over_minor_units += charge.by.over_minor_units;
        }
    }

    /// Keeps that an award is to be posted.
    pub fn add_award(&mut self, place: AwardPlace) {
        self.new_awards.push(place);
    }

    /// Remembers the members, for the batches and the previews that follow.
    pub fn remember(&mut self, memory: &mut Memory<Arc<Member>>, nearby: &Nearby) {
        nearby.carry_on(memory.concerned(), &self.members, self.new_orders.iter());
        for (key, member) in self.members.drain() {
            memory.keep(key.program_id, key.member_id, member);
        }
    }

    /// Says what to write of what changed.
    pub fn persist(&mut self, book: &RuleBook, writes: &mut Writes) {
        book.persist(&mut self.rules, writes);
        save_members(&self.saved_members(), writes);
        save_levels(&self.saved_levels(), writes);
        save_tallies(&self.changed_months, |key| &self.members[key], writes);
        save_orders(&self.saved_orders(), writes);
        insert_awards(&self.new_awards, writes);
        insert_parked_returns(&self.parked, writes);
        charge_leases(&self.charged, writes);
        insert_reports(&self.reported, writes);
        insert_membership_changes(&self.membership, writes);
        delete_reports(&self.recorded, writes);
        self.messages.persist(writes);
        self.drafts.persist(writes);
        self.referrals.persist(writes);
    }

    fn member_mut(&mut self, key: MemberKey) -> &mut Member {
        Arc::make_mut(self.members.entry(key).or_default())
    }

    fn saved_members(&self) -> Vec<(MemberKey, MemberStatus, &Member)> {
        let changed = self.changed_members.iter().map(|key| (key, self.members[key].as_ref()));
        changed
            .filter_map(|(key, member)| Some((*key, member.status?, member)))
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
                is_new: self.new_orders.contains(key),
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
        if command.concerns_member() {
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
        let Some((order_id, whole)) = command.order() else {
            continue;
        };
        let member = MemberKey {
            program_id: key.program_id(),
            member_id: key.member_id(),
        };
        *orders
            .entry(OrderKey {
                member,
                order_id: order_id.to_owned(),
            })
            .or_default() |= whole;
    }
    orders
        .into_iter()
        // One that must not be there yet is found to be when it is inserted.
        .filter(|(_, whole)| *whole || !work.presumes)
        .map(|(key, whole)| WantedOrder { key, whole })
        .collect()
}

/// Tells which leases activities may be charged to: those of the budgets of their time and, for returns, those that their orders were.
fn concerned_leases(
    work: &Work<'_, Command>,
    rules: &BatchRules,
    orders: &HashMap<OrderKey, KnownOrder>,
) -> Vec<LeaseKey> {
    let mut leases = BTreeSet::new();
    for (key, order) in orders
        .iter()
        .filter_map(|(key, known)| Some((key, known.order.as_ref()?)))
    {
        leases.extend(order.bought.iter().map(|charge| LeaseKey {
            shard: key.member.shard(),
            program_id: key.member.program_id,
            budget: charge.budget.clone(),
            starts_on: charge.starts_on,
        }));
    }
    for (key, command) in &work.calls {
        let (Command::RecordActivity(command), Some(program)) = (command, work.programs.get(&key.program_id())) else {
            continue;
        };
        let at = command.asked.occurred_at.unwrap_or_else(|| program.now(work.now));
        let rules = rules.of(key.program_id());
        let budgets = rules.budgets_at(at, &program.zone);
        leases.extend(budgets.into_iter().map(|(budget, starts_on)| LeaseKey {
            shard: key.shard(),
            program_id: key.program_id(),
            budget,
            starts_on,
        }));
    }
    leases.into_iter().collect()
}
