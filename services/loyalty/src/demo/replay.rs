//! The replay: day after day, every purchase through the public API, as the retailer's checkout would call it.
//!
//! The members of a day are served concurrently, each member's purchases in order. Every call waits for its effects, so that what a member is on a
//! day does not depend on how fast the machine is: the totals are the same on every run.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use jiff::{Span, Timestamp, tz::TimeZone};
use proto::{
    campaign::{
        ActivityInput, Purchase as WirePurchase, PurchaseLine, RecordActivityRequest, RecordActivityResponse, Return,
        activity_input::Activity,
    },
    member::{AdvanceClockRequest, EnrollMemberRequest, Profile},
    rewards_catalog::RedeemRewardRequest,
};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    clients::{Clients, persist},
    purchases::{FIRST_DAY, Purchase},
};

/// How many members are served at once.
const CONCURRENCY: usize = 256;
/// How long after its purchase a return comes.
const RETURN_AFTER_DAYS: usize = 7;
/// How many of a hundred purchases are returned.
const RETURNED_PERCENT: u64 = 2;

/// What to replay, and how.
pub struct Replay {
    /// The clients.
    pub clients: Clients,
    /// The zone in which the program's days begin.
    pub zone: TimeZone,
    /// The wallet that rewards are bought from.
    pub wallet: String,
    /// The rewards and what they cost: each member saves for one of them.
    pub rewards: Vec<(String, i64)>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Members that were enrolled.
    pub members: u64,
    /// Purchases that were recorded.
    pub purchases: u64,
    /// Returns that were recorded.
    pub returns: u64,
    /// Rewards that were redeemed.
    pub redemptions: u64,
}

/// What one member does on one day.
#[derive(Default)]
struct MemberDay {
    returns: Vec<u32>,
    purchases: Vec<Purchase>,
}

impl Replay {
    /// Replays purchases and tells of each that is done.
    pub async fn run(&self, purchases: &[Purchase], done: impl Fn(u64) + Sync) -> anyhow::Result<Tally> {
        let mut days = by_day(purchases);
        let mut members: HashMap<u32, Arc<str>> = HashMap::new();
        let mut total = Tally::default();
        for (day, of_members) in std::mem::take(&mut days) {
            self.begin(day).await?;
            let known = &members;
            let served: Vec<(u32, Arc<str>, Tally)> = stream::iter(of_members)
                .map(|(customer, todo)| {
                    let member = known.get(&customer).cloned();
                    async move { self.serve(customer, member, todo).await }
                })
                .buffer_unordered(CONCURRENCY)
                .inspect_ok(|(_, _, tally)| done(tally.purchases))
                .try_collect()
                .await?;
            for (customer, member, tally) in served {
                members.insert(customer, member);
                total = total.and(tally);
            }
        }
        Ok(total)
    }

    /// Advances the program's clock to the beginning of a day, and waits until everything due by then has happened.
    async fn begin(&self, day: usize) -> anyhow::Result<()> {
        let date = FIRST_DAY.checked_add(Span::new().days(day as i64))?;
        let to: Timestamp = date.to_zoned(self.zone.clone())?.timestamp();
        let request = AdvanceClockRequest {
            request_id: format!("day-{date}"),
            to: Some(common::time::to_wire(to)),
            await_effects: true,
        };
        let advanced = persist(|| {
            let (mut client, request) = (self.clients.programs(), request.clone());
            async move { client.advance_clock(slow(request)).await }
        });
        advanced
            .await
            .with_context(|| format!("the clock could not be advanced to {date}"))?;
        Ok(())
    }

    /// Does what a member does on a day: returns first, then purchases, and a redemption as soon as the points suffice.
    async fn serve(
        &self,
        customer: u32,
        member: Option<Arc<str>>,
        todo: MemberDay,
    ) -> anyhow::Result<(u32, Arc<str>, Tally)> {
        let mut tally = Tally::default();
        let member = match member {
            Some(member) => member,
            None => {
                tally.members += 1;
                self.enroll(customer).await?
            }
        };
        for order in todo.returns {
            let activity = Activity::Return(Return {
                order_id: order_id(order),
                lines: Vec::new(),
            });
            self.record(customer, &member, format!("return-{order}"), activity)
                .await?;
            tally.returns += 1;
        }
        for purchase in todo.purchases {
            let recorded = self
                .record(customer, &member, order_id(purchase.order), sold(&purchase))
                .await?;
            tally.purchases += 1;
            tally.redemptions += self.redeem(customer, &member, purchase.order, &recorded).await?;
        }
        Ok((customer, member, tally))
    }

    async fn enroll(&self, customer: u32) -> anyhow::Result<Arc<str>> {
        let request = EnrollMemberRequest {
            request_id: format!("customer-{customer}"),
            channel: "web".to_owned(),
            profile: Some(Profile {
                name: format!("Customer {customer}"),
                email: format!("customer-{customer}@example.com"),
                card_number: format!("CDNOW-{customer:05}"),
                ..Profile::default()
            }),
            await_effects: true,
            ..EnrollMemberRequest::default()
        };
        let enrolled = persist(|| {
            let (mut client, request) = (self.clients.members(customer as usize), request.clone());
            async move { client.enroll_member(slow(request)).await }
        });
        let enrolled = enrolled
            .await
            .with_context(|| format!("customer {customer} could not be enrolled"))?;
        Ok(enrolled.member.context("the answer lacks the member")?.member_id.into())
    }

    async fn record(
        &self,
        customer: u32,
        member: &str,
        request_id: String,
        activity: Activity,
    ) -> anyhow::Result<RecordActivityResponse> {
        let input = ActivityInput {
            member_id: member.to_owned(),
            channel: "web".to_owned(),
            activity: Some(activity),
            ..ActivityInput::default()
        };
        let request = RecordActivityRequest {
            request_id,
            input: Some(input),
            park_days: 0,
            await_effects: true,
        };
        let recorded = persist(|| {
            let (mut client, request) = (self.clients.activities(customer as usize), request.clone());
            async move { client.record_activity(slow(request)).await }
        });
        recorded
            .await
            .with_context(|| format!("{} of customer {customer} could not be recorded", request.request_id))
    }

    /// Redeems the reward that the member saves for, as often as the points suffice, all at once: none depends on another.
    async fn redeem(
        &self,
        customer: u32,
        member: &str,
        order: u32,
        recorded: &RecordActivityResponse,
    ) -> anyhow::Result<u64> {
        let Some((reward, price)) = self.saves_for(customer) else {
            return Ok(0);
        };
        let balance = recorded.balances.iter().find(|balance| balance.wallet == self.wallet);
        let affordable = balance.map_or(0, |balance| balance.available) / price;
        let redemptions = (1..=affordable).map(async |number| {
            let request = RedeemRewardRequest {
                request_id: format!("redeem-{order}-{number}"),
                member_id: member.to_owned(),
                reward: reward.clone(),
            };
            let fulfilled = persist(|| {
                let (mut client, request) = (self.clients.redemptions(customer as usize), request.clone());
                async move { client.redeem_reward(slow(request)).await }
            });
            fulfilled
                .await
                .with_context(|| format!("{} of customer {customer} was not redeemed", request.request_id))
        });
        Ok(try_join_all(redemptions).await?.len() as u64)
    }

    fn saves_for(&self, customer: u32) -> Option<&(String, i64)> {
        let choice = xxh3_64(&customer.to_be_bytes()) as usize;
        self.rewards.get(choice.checked_rem(self.rewards.len())?)
    }
}

impl Tally {
    fn and(self, other: Tally) -> Tally {
        Tally {
            members: self.members + other.members,
            purchases: self.purchases + other.purchases,
            returns: self.returns + other.returns,
            redemptions: self.redemptions + other.redemptions,
        }
    }
}

/// Gives a call that waits for its effects the time that a loaded machine may need.
fn slow<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(std::time::Duration::from_secs(20));
    request
}

fn order_id(order: u32) -> String {
    format!("order-{order}")
}

fn sold(purchase: &Purchase) -> Activity {
    Activity::Purchase(WirePurchase {
        order_id: order_id(purchase.order),
        currency_code: "USD".to_owned(),
        lines: vec![PurchaseLine {
            line_id: "1".to_owned(),
            sku: "cd".to_owned(),
            quantity: purchase.cds.max(1),
            gross_minor_units: purchase.cents,
            ..PurchaseLine::default()
        }],
        ..WirePurchase::default()
    })
}

/// Sorts purchases, and the returns that follow from them, by day and member.
fn by_day(purchases: &[Purchase]) -> BTreeMap<usize, BTreeMap<u32, MemberDay>> {
    let mut days: BTreeMap<usize, BTreeMap<u32, MemberDay>> = BTreeMap::new();
    let last = purchases.iter().map(|purchase| purchase.day).max().unwrap_or(0);
    for day in 0..=last {
        days.entry(day).or_default();
    }
    for purchase in purchases {
        let today = days.entry(purchase.day).or_default();
        today.entry(purchase.customer).or_default().purchases.push(*purchase);
        if is_returned(purchase.order) {
            let later = days.entry(purchase.day + RETURN_AFTER_DAYS).or_default();
            later.entry(purchase.customer).or_default().returns.push(purchase.order);
        }
    }
    days
}

fn is_returned(order: u32) -> bool {
    xxh3_64(order_id(order).as_bytes()) % 100 < RETURNED_PERCENT
}
