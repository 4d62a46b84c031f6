//! The books, read back: every entry and activity from the feeds, every balance and lot from the services.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::{
    campaign::{ActivityRecorded, ListActivitiesRequest, campaign_event},
    event::{Event, SubscribeRequest, event::Payload},
    points::{
        Amounts, Consistency, Entry, EntryKind, GetBalanceRequest, ListLotsRequest, consistency::Requirement,
        points_event,
    },
};

use super::clients::Clients;

/// How many members are read at once.
const CONCURRENCY: usize = 128;

/// Everything that was read back.
#[derive(Default)]
pub struct Books {
    /// Every entry of the ledger.
    pub entries: Vec<Entry>,
    /// Every activity, with the member and the request.
    pub activities: Vec<(String, String, ActivityRecorded)>,
    /// What every member has, as three ways of reading tell it.
    pub holdings: HashMap<String, Holdings>,
}

/// What a member has.
#[derive(Default)]
pub struct Holdings {
    /// By the record.
    pub recorded: Amounts,
    /// By the mirror in Redis.
    pub mirrored: Amounts,
    /// By lot: what it holds, available or pending, and what of it holds have set aside.
    pub lots: BTreeMap<String, (i64, i64)>,
    /// The activities that have a decision receipt.
    pub receipts: BTreeSet<String>,
}

impl Books {
    /// Reads everything back.
    pub async fn read(clients: &Clients, wallet: &str) -> anyhow::Result<Books> {
        let mut books = Books::default();
        let mut members = BTreeSet::new();
        for event in feed(clients, "points").await? {
            if let Some(Payload::Points(points)) = event.payload
                && let Some(points_event::Event::EntryPosted(posted)) = points.event
            {
                books.entries.extend(posted.entry);
            }
        }
        for event in feed(clients, "campaign").await? {
            members.insert(event.member_id.clone());
            if let Some(Payload::Campaign(campaign)) = event.payload
                && let Some(campaign_event::Event::ActivityRecorded(recorded)) = campaign.event
            {
                books.activities.push((event.member_id, event.request_id, recorded));
            }
        }
        members.remove("");
        books.holdings = stream::iter(members.into_iter().enumerate())
            .map(|(number, member)| read_member(clients, wallet, number, member))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(books)
    }

    /// Sums the points of the entries of a kind, less what was lost.
    pub fn moved(&self, kind: EntryKind) -> i64 {
        self.entries
            .iter()
            .filter(|entry| entry.kind() == kind)
            .map(|entry| entry.points - entry.lost_points)
            .sum()
    }

    /// Sums what was lost with the entries of a kind.
    pub fn lost(&self, kind: EntryKind) -> i64 {
        self.entries
            .iter()
            .filter(|entry| entry.kind() == kind)
            .map(|entry| entry.lost_points)
            .sum()
    }

    /// Sums what all members have.
    pub fn sum(&self, amount: fn(&Amounts) -> i64) -> i64 {
        self.holdings.values().map(|holdings| amount(&holdings.recorded)).sum()
    }
}

/// Reads a service's feed from its beginning until now.
async fn feed(clients: &Clients, feed: &str) -> anyhow::Result<Vec<Event>> {
    let request = SubscribeRequest {
        feed: feed.to_owned(),
        after: Vec::new(),
        until_now: true,
    };
    let stream = clients
        .feeds()
        .max_decoding_message_size(64 << 20)
        .subscribe(request)
        .await?
        .into_inner();
    let runs: Vec<Vec<Event>> = stream.map_ok(|run| run.events).try_collect().await?;
    Ok(runs.into_iter().flatten().collect())
}

async fn read_member(
    clients: &Clients,
    wallet: &str,
    number: usize,
    member: String,
) -> anyhow::Result<(String, Holdings)> {
    let mut points = clients.points(number);
    let mut balance = async |requirement| {
        let request = GetBalanceRequest {
            member_id: member.clone(),
            wallet: wallet.to_owned(),
            consistency: Some(Consistency {
                requirement: Some(requirement),
            }),
            ..GetBalanceRequest::default()
        };
        let balance = points.get_balance(request).await?.into_inner().balance;
        balance
            .and_then(|balance| balance.amounts)
            .context("the balance lacks its amounts")
    };
    let mirrored = balance(Requirement::MinimizeLatency(())).await?;
    let recorded = balance(Requirement::FullyConsistent(())).await?;
    let request = ListLotsRequest {
        member_id: member.clone(),
        wallet: wallet.to_owned(),
    };
    let lots = clients.points(number).list_lots(request).await?.into_inner().lots;
    let mut of_lot: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for lot in lots {
        let (points, held) = of_lot.entry(lot.lot_id).or_default();
        (*points, *held) = (*points + lot.points, *held + lot.held_points);
    }
    let receipts = receipts(clients, number, &member).await?;
    Ok((
        member,
        Holdings {
            recorded,
            mirrored,
            lots: of_lot,
            receipts,
        },
    ))
}

/// Returns the member's activities that have a receipt: every accrual considered, and what the sum of them is.
async fn receipts(clients: &Clients, number: usize, member: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut receipts = BTreeSet::new();
    let mut page_token = String::new();
    loop {
        let request = ListActivitiesRequest {
            member_id: member.to_owned(),
            page_size: 100,
            page_token,
        };
        let page = clients.activities(number).list_activities(request).await?.into_inner();
        let has_receipt = |activity: &proto::campaign::Activity| {
            activity
                .decision
                .as_ref()
                .is_some_and(|decision| !decision.accruals.is_empty() && decision.facts.is_some())
        };
        receipts.extend(
            page.activities
                .into_iter()
                .filter(has_receipt)
                .map(|activity| activity.activity_id),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(receipts);
        }
    }
}
