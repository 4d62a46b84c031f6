//! The lotteries and tickets that a batch concerns.

use std::collections::{BTreeMap, HashMap};

use common::writer::{Stamp, Writes};
use proto::rewards_catalog as pb;
use sqlx::PgConnection;

use super::{Loaded, lottery_key, member_key, wanted::Wanted};
use crate::{
    domain::{MemberStatus, Seed, Ticket, TicketFacts},
    ops::record,
    store::{self, LotteryKey, MemberKey, StockKey, TicketKey, lottery::StoredLottery, ticket::StoredTicket},
};

/// The lotteries and tickets that a batch concerns.
pub struct Lotteries {
    standings: Loaded<LotteryKey, StoredLottery>,
    seeds: HashMap<LotteryKey, Seed>,
    new_seeds: BTreeMap<LotteryKey, Seed>,
    tickets: Loaded<TicketKey, StoredTicket>,
    ticket_counts: HashMap<(MemberKey, String), u32>,
}

impl Lotteries {
    /// Loads them, and adds to what is wanted the stocks that their prizes come from or go back to.
    pub async fn load(tx: &mut PgConnection, wanted: &mut Wanted) -> Result<Lotteries, sqlx::Error> {
        let tickets = store::ticket::load(tx, &wanted.tickets).await?;
        for (key, stored) in &tickets {
            let lottery = LotteryKey {
                program_id: key.member.program_id,
                lottery: stored.ticket.lottery.clone(),
            };
            if wanted.draws.contains(key) {
                wanted.seeds.insert(lottery.clone());
            }
            wanted.lotteries.insert(lottery);
        }
        let ticket_counts = store::ticket::count(tx, &wanted.ticket_counts).await?;
        let seeds = store::lottery::load_seeds(tx, &wanted.seeds).await?;
        let standings = store::lottery::lock(tx, &wanted.lotteries).await?;
        for (key, stored) in standings.iter().filter(|(key, _)| wanted.restocked.contains(key)) {
            let rewards = stored.lottery.prizes.iter().filter_map(|prize| prize.reward.clone());
            let program_id = key.program_id;
            wanted
                .stocks
                .extend(rewards.map(|reward| StockKey { program_id, reward }));
        }
        Ok(Lotteries {
            standings: standings.into(),
            seeds,
            new_seeds: BTreeMap::new(),
            tickets: tickets.into(),
            ticket_counts,
        })
    }

    /// Says what to write of what changed.
    pub fn persist(&self, writes: &mut Writes) {
        store::lottery::save(&self.standings.changed(), writes);
        store::lottery::save_seeds(&self.new_seeds.iter().collect::<Vec<_>>(), writes);
        store::ticket::save(&self.tickets.changed(), writes);
    }

    /// Returns a lottery.
    pub fn standing(&self, key: &LotteryKey) -> Option<&StoredLottery> {
        self.standings.get(key)
    }

    /// Changes a lottery.
    pub fn put(&mut self, key: LotteryKey, standing: StoredLottery) {
        self.standings.put(key, standing);
    }

    /// Returns the seed of a lottery.
    pub fn seed(&self, key: &LotteryKey) -> Option<&Seed> {
        self.seeds.get(key)
    }

    /// Keeps the seed of a new lottery.
    pub fn put_seed(&mut self, key: LotteryKey, seed: Seed) {
        self.seeds.insert(key.clone(), seed.clone());
        self.new_seeds.insert(key, seed);
    }

    /// Returns a ticket.
    pub fn ticket(&self, key: &TicketKey) -> Option<&Ticket> {
        self.tickets.get(key).map(|stored| &stored.ticket)
    }

    /// Returns what is known of the member who asks and a lottery.
    pub fn facts(&self, member_status: MemberStatus, standing: &StoredLottery, stamp: &Stamp<'_>) -> TicketFacts {
        let counted = (member_key(stamp), standing.lottery.code.clone());
        TicketFacts {
            member_status,
            tickets_of_member: self.ticket_counts.get(&counted).copied().unwrap_or(0),
            tickets_sold: standing.tickets_sold,
        }
    }

    /// Keeps a ticket that is new or moves on: what its lottery has sold and drawn moves with it, and the feed tells.
    pub fn put_ticket(&mut self, ticket: Ticket, stamp: &mut Stamp<'_>) {
        let key = TicketKey {
            member: member_key(stamp),
            ticket_id: ticket.ticket_id,
        };
        let stored = self.tickets.get(&key).cloned();
        let before = stored.as_ref().map(|stored| &stored.ticket);
        if before == Some(&ticket) {
            return;
        }
        self.count(before, &ticket, stamp);
        let seq = stored.as_ref().map_or(stamp.next_seq(), |stored| stored.seq);
        tell(before, &ticket, stamp);
        let changed_at = stamp.recorded_at();
        self.tickets.put(
            key,
            StoredTicket {
                ticket,
                seq,
                changed_at,
            },
        );
    }

    fn count(&mut self, before: Option<&Ticket>, after: &Ticket, stamp: &Stamp<'_>) {
        let delta = |is: fn(&Ticket) -> bool| i64::from(is(after)) - i64::from(before.is_some_and(is));
        let (sold, drawn) = (delta(Ticket::is_sold), delta(|ticket| ticket.draw.is_some()));
        if (sold, drawn) == (0, 0) {
            return;
        }
        let key = lottery_key(&after.lottery, stamp);
        let standing = self.standing(&key).expect("a ticket is loaded with its lottery");
        let counted = StoredLottery {
            tickets_sold: standing.tickets_sold + sold,
            tickets_drawn: standing.tickets_drawn + drawn,
            ..standing.clone()
        };
        self.put(key, counted);
        if let Some(count) = self.ticket_counts.get_mut(&(member_key(stamp), after.lottery.clone())) {
            *count = count.saturating_add_signed(sold.signum() as i32);
        }
    }
}

fn tell(before: Option<&Ticket>, after: &Ticket, stamp: &mut Stamp<'_>) {
    use pb::rewards_catalog_event::Event;
    let ticket = Some(after.into());
    if after.draw.is_some() {
        record(stamp, Event::TicketDrawn(pb::TicketDrawn { ticket }));
    } else if after.is_issued() && !before.is_some_and(Ticket::is_issued) {
        record(stamp, Event::TicketIssued(pb::TicketIssued { ticket }));
    }
}
