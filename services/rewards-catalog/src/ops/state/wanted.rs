//! What the calls of a batch need to be decided, before any of it is loaded.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use common::{
    versions::{Published, Versions},
    writer::{Key, Memory},
};

use super::RememberedMember;
use crate::{
    domain::{MemberStatus, Reward},
    ops::Command,
    store::{LotteryKey, MemberKey, RedemptionKey, StockKey, TicketKey, redemption::StoredRedemption},
};

/// What the calls of a batch need to be decided.
#[derive(Default)]
pub struct Wanted {
    pub members: BTreeSet<MemberKey>,
    counts: BTreeSet<(MemberKey, String)>,
    pub redemptions: BTreeSet<RedemptionKey>,
    pub stocks: BTreeSet<StockKey>,
    pub tickets: BTreeSet<TicketKey>,
    pub ticket_counts: BTreeSet<(MemberKey, String)>,
    pub lotteries: BTreeSet<LotteryKey>,
    /// Lotteries whose seed is needed.
    pub seeds: BTreeSet<LotteryKey>,
    /// Lotteries whose prizes come from stocks, or go back there.
    pub restocked: BTreeSet<LotteryKey>,
    /// Tickets that are drawn with this batch.
    pub draws: BTreeSet<TicketKey>,
    /// Whether the rules change with this batch.
    publishes: bool,
    /// Redemptions that may give their stock back.
    ending: Vec<RedemptionKey>,
}

impl Wanted {
    /// Adds what a call needs.
    pub fn add(&mut self, key: &Key, command: &Command) {
        let member = MemberKey {
            program_id: key.program_id(),
            member_id: key.member_id(),
        };
        let stock = |reward: &str| StockKey {
            program_id: key.program_id(),
            reward: reward.to_owned(),
        };
        let lottery = |lottery: &str| LotteryKey {
            program_id: key.program_id(),
            lottery: lottery.to_owned(),
        };
        let ticket = |ticket_id| TicketKey { member, ticket_id };
        match command {
            Command::PublishReward(command) => {
                self.publishes = true;
                self.stocks.insert(stock(&command.reward.code));
            }
            Command::AdjustStock(command) => _ = self.stocks.insert(stock(&command.reward)),
            Command::RedeemReward(command) => {
                self.members.insert(member);
                self.counts.insert((member, command.reward.clone()));
                self.stocks.insert(stock(&command.reward));
            }
            Command::CancelRedemption(command) => {
                self.redemptions.insert(RedemptionKey {
                    member,
                    redemption_id: command.redemption_id,
                });
            }
            Command::AdvanceRedemption(command) => {
                let redemption = RedemptionKey {
                    member,
                    redemption_id: command.redemption_id,
                };
                self.redemptions.insert(redemption);
                if command.change.may_free_stock() {
                    self.ending.push(redemption);
                }
            }
            Command::PublishLottery(command) => {
                let rewards = command
                    .lottery
                    .prizes
                    .iter()
                    .filter_map(|prize| prize.reward.as_deref());
                self.stocks.extend(rewards.map(stock));
                self.lotteries.insert(lottery(&command.lottery.code));
                self.restocked.insert(lottery(&command.lottery.code));
            }
            Command::BuyTicket(command) => {
                self.members.insert(member);
                self.ticket_counts.insert((member, command.lottery.clone()));
                self.lotteries.insert(lottery(&command.lottery));
            }
            Command::AdvanceTicket(command) => _ = self.tickets.insert(ticket(command.ticket_id)),
            Command::DrawTicket(command) => {
                self.tickets.insert(ticket(command.ticket_id));
                self.draws.insert(ticket(command.ticket_id));
            }
            Command::RevealSeed(command) => {
                self.lotteries.insert(lottery(&command.lottery));
                self.seeds.insert(lottery(&command.lottery));
                self.restocked.insert(lottery(&command.lottery));
            }
        }
    }

    /// Returns whose levels, and whose counts of which rewards, some version of a reward's rules asks for.
    pub fn asked_by_rules(&self, rewards: &Published<Reward>) -> (BTreeSet<MemberKey>, BTreeSet<(MemberKey, String)>) {
        let asked = |(member, reward): &&(MemberKey, String), by: fn(&Reward) -> bool| {
            let asks = |versions: &Arc<Versions<Reward>>| {
                let latest = versions.latest(reward).map_or(0, |latest| latest.version);
                let mut all = (1..=latest).filter_map(|version| versions.version(reward, version));
                all.any(|version| by(&version.definition))
            };
            self.publishes || rewards.of(member.program_id).is_some_and(asks)
        };
        let levels = self
            .counts
            .iter()
            .filter(|wanted| asked(wanted, |reward| reward.eligibility.ladder.is_some()));
        let counts = self
            .counts
            .iter()
            .filter(|wanted| asked(wanted, |reward| reward.eligibility.per_member_limit.is_some()));
        (levels.map(|(member, _)| *member).collect(), counts.cloned().collect())
    }

    /// Takes what is remembered, and no longer wants it.
    pub fn recall(
        &mut self,
        memory: &Memory<RememberedMember>,
    ) -> (
        HashMap<MemberKey, MemberStatus>,
        HashMap<RedemptionKey, StoredRedemption>,
    ) {
        let member = |key: &MemberKey| memory.get(key.program_id, key.member_id);
        let (mut statuses, mut redemptions) = (HashMap::new(), HashMap::new());
        self.members.retain(|key| {
            let known = member(key).and_then(|member| member.status);
            known.is_none_or(|status| statuses.insert(*key, status).is_some())
        });
        self.redemptions.retain(|key| {
            let is_it = |stored: &&StoredRedemption| stored.redemption.redemption_id == key.redemption_id;
            let known = member(&key.member).and_then(|member| member.under_way.iter().find(is_it));
            known.is_none_or(|stored| redemptions.insert(*key, stored.clone()).is_some())
        });
        (statuses, redemptions)
    }

    /// Adds the stocks of redemptions that may give theirs back.
    pub fn add_stocks_of(&mut self, loaded: &HashMap<RedemptionKey, StoredRedemption>) {
        let ending = self
            .ending
            .iter()
            .filter_map(|key| Some((key.member.program_id, loaded.get(key)?)));
        let stocks = ending.map(|(program_id, stored)| StockKey {
            program_id,
            reward: stored.redemption.reward.clone(),
        });
        self.stocks.extend(stocks);
    }
}
