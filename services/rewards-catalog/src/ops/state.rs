//! The state of what a batch concerns: loaded at its beginning, changed by its decisions, persisted at its end.

mod lotteries;
mod wanted;

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use common::{
    points::Points,
    versions::{Catalogue, Published, Version, Versions},
    writer::{Memory, Stamp, Work, Writes},
};
use proto::rewards_catalog as pb;
use sqlx::PgConnection;

use super::{Command, record};
use crate::{
    domain::{Facts, MemberStatus, Redemption, Reward, Stock, next_step, stock_delta},
    store::{self, LotteryKey, MemberKey, RedemptionKey, StockKey, redemption::StoredRedemption, stock::ChangedStock},
};
use lotteries::Lotteries;
use wanted::Wanted;

/// What a batch concerns.
pub struct State {
    pub(super) rewards: Published<Reward>,
    pub(super) statuses: Loaded<MemberKey, MemberStatus>,
    pub(super) levels: Loaded<(MemberKey, String), String>,
    pub(super) stocks: Loaded<StockKey, Stock>,
    pub(super) lotteries: Lotteries,
    redemptions: Loaded<RedemptionKey, StoredRedemption>,
    redeemed_counts: HashMap<(MemberKey, String), u32>,
}

/// What is remembered of a member from one batch to the next.
#[derive(Clone, Default)]
pub struct RememberedMember {
    status: Option<MemberStatus>,
    under_way: Vec<StoredRedemption>,
}

impl State {
    /// Loads what the calls concern and is not remembered. Events bring their own facts.
    pub async fn load(
        rewards: &Catalogue<Reward>,
        tx: &mut PgConnection,
        memory: &Memory<RememberedMember>,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        let mut wanted = Wanted::default();
        for (key, command) in &work.calls {
            wanted.add(key, command);
        }
        let rewards = rewards.load(tx, work).await?;
        let (levels, counts) = wanted.asked_by_rules(&rewards);
        let (statuses, redemptions) = wanted.recall(memory);
        let statuses = with(statuses, store::member::load(tx, &wanted.members).await?);
        let redemptions = with(redemptions, store::redemption::load(tx, &wanted.redemptions).await?);
        wanted.add_stocks_of(&redemptions);
        let lotteries = Lotteries::load(tx, &mut wanted).await?;
        Ok(State {
            rewards,
            statuses: statuses.into(),
            levels: store::level::load(tx, &levels).await?.into(),
            redeemed_counts: store::redemption::count(tx, &counts).await?,
            redemptions: redemptions.into(),
            lotteries,
            // Last, so that no other transaction waits for a stock longer than it must.
            stocks: store::stock::lock(tx, &wanted.stocks).await?.into(),
        })
    }

    /// Remembers where members stand, and their redemptions that are under way: the next step of those is near.
    pub fn remember(&self, memory: &mut Memory<RememberedMember>) {
        let concerned = self
            .statuses
            .known
            .keys()
            .chain(self.redemptions.known.keys().map(|key| &key.member));
        let known = |key: &MemberKey| memory.get(key.program_id, key.member_id).cloned().unwrap_or_default();
        let mut members: HashMap<MemberKey, RememberedMember> = concerned.map(|key| (*key, known(key))).collect();
        for (key, status) in &self.statuses.known {
            members.entry(*key).or_default().status = Some(*status);
        }
        for (key, stored) in &self.redemptions.known {
            let under_way = &mut members.entry(key.member).or_default().under_way;
            under_way.retain(|known| known.redemption.redemption_id != key.redemption_id);
            if next_step(&stored.redemption).is_some() {
                under_way.push(stored.clone());
            }
        }
        for (key, member) in members {
            memory.keep(key.program_id, key.member_id, member);
        }
    }

    /// Says what to write of what changed.
    pub fn persist(&mut self, rewards: &Catalogue<Reward>, writes: &mut Writes) {
        rewards.persist(&mut self.rewards, writes);
        store::member::save(&self.statuses.changed(), writes);
        store::level::save(&self.levels.changed(), writes);
        store::redemption::save(&self.redemptions.changed(), writes);
        self.lotteries.persist(writes);
        let stocks = self.stocks.changed_from();
        let stocks = stocks.map(|(key, was, is)| ChangedStock {
            key,
            was: was.copied(),
            is: *is,
        });
        store::stock::save(&stocks.collect::<Vec<_>>(), writes);
    }

    /// Returns every version of the program's rewards.
    pub fn versions(&self, stamp: &Stamp<'_>) -> Option<&Arc<Versions<Reward>>> {
        self.rewards.of(stamp.program_id())
    }

    /// Returns the version of a reward that is in force.
    pub fn in_force(&self, reward: &str, stamp: &Stamp<'_>) -> Option<Arc<Version<Reward>>> {
        self.versions(stamp)?.in_force(reward, stamp.now()).cloned()
    }

    /// Returns how many of a reward are left.
    pub fn stock(&self, key: &StockKey) -> Stock {
        self.stocks.get(key).copied().unwrap_or_default()
    }

    /// Returns what is known of the member who asks and a reward; nothing when the member is not known.
    pub fn facts(&self, reward: &Reward, stamp: &Stamp<'_>) -> Option<Facts<'_>> {
        let member = member_key(stamp);
        let level = reward
            .eligibility
            .ladder
            .as_ref()
            .and_then(|ladder| self.levels.get(&(member, ladder.clone())));
        Some(Facts {
            member_status: *self.statuses.get(&member)?,
            level: level.map(String::as_str),
            redeemed_count: self
                .redeemed_counts
                .get(&(member, reward.code.clone()))
                .copied()
                .unwrap_or(0),
            available_points: None::<Points>,
            stock: self.stock(&stock_key(&reward.code, stamp)),
        })
    }

    /// Returns a redemption of the member who asks.
    pub fn redemption(&self, key: &RedemptionKey) -> Option<&Redemption> {
        self.redemptions.get(key).map(|stored| &stored.redemption)
    }

    /// Keeps a redemption that begins or moves on: the stock and the member's count move with it, and the feed tells.
    pub fn put_redemption(&mut self, redemption: Redemption, stamp: &mut Stamp<'_>) {
        let key = RedemptionKey {
            member: member_key(stamp),
            redemption_id: redemption.redemption_id,
        };
        let stored = self.redemptions.get(&key).cloned();
        let before = stored.as_ref().map(|stored| &stored.redemption);
        if before == Some(&redemption) {
            return;
        }
        self.move_stock(stock_delta(before, &redemption), &redemption, stamp);
        let seq = stored.as_ref().map_or(stamp.next_seq(), |stored| stored.seq);
        if before.is_none_or(|before| before.state.name() != redemption.state.name()) {
            let changed = pb::RedemptionChanged {
                redemption: Some((&redemption).into()),
            };
            record(stamp, pb::rewards_catalog_event::Event::RedemptionChanged(changed));
        }
        self.redemptions.put(
            key,
            StoredRedemption {
                redemption,
                seq,
                changed_at: stamp.recorded_at(),
            },
        );
    }

    fn move_stock(&mut self, delta: i64, redemption: &Redemption, stamp: &Stamp<'_>) {
        if delta == 0 {
            return;
        }
        let key = stock_key(&redemption.reward, stamp);
        let left = self
            .stock(&key)
            .adjust(delta)
            .expect("what is redeemed is in stock, and what comes back was");
        self.stocks.put(key, left);
        if let Some(count) = self
            .redeemed_counts
            .get_mut(&(member_key(stamp), redemption.reward.clone()))
        {
            *count = count.saturating_add_signed(if delta < 0 { 1 } else { -1 });
        }
    }
}

/// Returns the member whom a decision is about.
pub fn member_key(stamp: &Stamp<'_>) -> MemberKey {
    MemberKey {
        program_id: stamp.program_id(),
        member_id: stamp.member_id(),
    }
}

/// Returns the stock that a decision is about.
pub fn stock_key(reward: &str, stamp: &Stamp<'_>) -> StockKey {
    StockKey {
        program_id: stamp.program_id(),
        reward: reward.to_owned(),
    }
}

/// Returns the lottery that a decision is about.
pub fn lottery_key(lottery: &str, stamp: &Stamp<'_>) -> LotteryKey {
    LotteryKey {
        program_id: stamp.program_id(),
        lottery: lottery.to_owned(),
    }
}

fn with<K: Eq + Hash, V>(mut some: HashMap<K, V>, more: HashMap<K, V>) -> HashMap<K, V> {
    some.extend(more);
    some
}

/// Records of one kind: what was loaded, and what was changed since.
pub struct Loaded<K, V> {
    known: HashMap<K, V>,
    /// What changed, and what it was.
    changed: BTreeMap<K, Option<V>>,
}

impl<K: Clone + Eq + Hash + Ord, V> Loaded<K, V> {
    /// Returns a record.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.known.get(key)
    }

    /// Changes a record.
    pub fn put(&mut self, key: K, value: V) {
        let was = self.known.insert(key.clone(), value);
        self.changed.entry(key).or_insert(was);
    }

    fn changed(&self) -> Vec<(&K, &V)> {
        self.changed.keys().map(|key| (key, &self.known[key])).collect()
    }

    fn changed_from(&self) -> impl Iterator<Item = (&K, Option<&V>, &V)> {
        self.changed
            .iter()
            .map(|(key, was)| (key, was.as_ref(), &self.known[key]))
    }
}

impl<K, V> From<HashMap<K, V>> for Loaded<K, V> {
    fn from(known: HashMap<K, V>) -> Self {
        Loaded {
            known,
            changed: BTreeMap::new(),
        }
    }
}
