//! What the campaign service asks of others: it follows the member and tier feeds, has the points service post awards, and watches how far the tier
//! service and the rewards catalog are.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use common::{auth::Caller, ids::MemberId, peers::Peer, process::Process, refusal::Fault};
use proto::{
    campaign as pb,
    member::{ContactQuery, ContactStanding, GetContactsRequest, member_service_client::MemberServiceClient},
    points::{
        EarnPosting, EarningOfRequest, Entry, PostBatchRequest, PostBatchResponse, Posting, ReconcileRequestsRequest,
        RequestKey, ReversePosting, points_service_client::PointsServiceClient, posting::Command,
        reverse_posting::Earning,
    },
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    NAME,
    domain::{MessageChannel, MessagePurpose},
    store::{channel_to_wire, purpose_to_wire},
};

/// How long a posting may take that no caller waits for.
const UNHURRIED: Duration = Duration::from_secs(10);

/// What the request id ends with under which a return that also gives takes back.
const TAKEN_BACK: &str = ":taken-back";

/// The reason of an award that is refused because it takes back only what was never awarded.
const NOTHING_WAS_AWARDED: &str = "NOTHING_WAS_AWARDED";

/// How much is taken back with one batch at most: as much as the points service takes.
const TAKEN_BACK_AT_ONCE: usize = 50;

/// Refusals of the points service that pass when it has caught up with the feeds that this service is ahead of it in.
const PASSING: [&str; 3] = ["ACCOUNT_NOT_FOUND", "OCCURRED_IN_FUTURE", "PROGRAM_NOT_FOUND"];

/// The services that it asks. Cheap to clone.
#[derive(Clone)]
pub struct Peers {
    /// Whose feed tells of programs, clocks and members, and who says how members are reached.
    pub member: Peer,
    /// Whose feed tells of ladders and levels.
    pub tier: Peer,
    /// Who posts awards, and whose feed tells of points that lapse soon.
    pub points: Peer,
    /// Who is asked how far it is.
    pub rewards_catalog: Peer,
}

/// What came of posting an award.
pub enum Posted {
    /// It is posted, and this is what the member has after it.
    Done(Vec<pb::WalletBalance>),
    /// It was refused for good, for this reason.
    Refused(String),
    /// The points service could not be reached, or is not ready for it.
    Later,
}

/// Who is to be written to, by which channel and for what.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AskedContact {
    /// The member.
    pub member_id: MemberId,
    /// The channel.
    pub channel: MessageChannel,
    /// The purpose.
    pub purpose: MessagePurpose,
}

/// How a member is reached, or why not. It is personal data, so it cannot be shown.
pub struct ReachedBy {
    /// Whether.
    pub standing: ContactStanding,
    /// The address; empty for a channel that goes by the member's id.
    pub address: String,
    /// The language that the member reads, if that is known.
    pub language: String,
}

impl Peers {
    /// Finds them.
    pub fn of(process: &Process) -> anyhow::Result<Peers> {
        let key = process.key_of(NAME)?;
        Ok(Peers {
            member: process.peer(&key, "member", &["feeds.follow", "members.contact"])?,
            tier: process.peer(&key, "tier", &["feeds.follow"])?,
            points: process.peer(&key, "points", &["points.post", "points.read", "feeds.follow"])?,
            rewards_catalog: process.peer(&key, "rewards-catalog", &["feeds.follow"])?,
        })
    }

    /// Has the awards of an activity posted: first what it takes back, then what it gives. What was never awarded, because the points service refused it, is not taken back; where that
    /// is all, it is refused. A caller who waits gets an answer in time, whether the points service does or not.
    pub async fn post_award(&self, caller: &Caller, member_id: MemberId, activity: &pb::Activity) -> Posted {
        let mut balances: Vec<pb::WalletBalance> = Vec::new();
        let mut refused = None;
        for request in batches(member_id, activity) {
            let time = caller
                .deadline()
                .remaining()
                .map_or(UNHURRIED, |remaining| remaining / 2);
            let mut points = PointsServiceClient::new(self.points.on_behalf_of(caller).within(time));
            match points.post_batch(request).await {
                Ok(posted) => {
                    let newer = balances_after(&posted.into_inner());
                    balances.retain(|old| newer.iter().all(|new| new.wallet != old.wallet));
                    balances.extend(newer);
                }
                Err(status) => match refused_or_later(&status) {
                    // Whatever became of the one, the other may hold.
                    Posted::Refused(reason) => refused = Some(reason),
                    later => return later,
                },
            }
        }
        let gives = activity.decision.iter().flat_map(|decision| &decision.awards);
        if balances.is_empty() && !gives.into_iter().any(|award| award.points > 0) {
            refused.get_or_insert_with(|| NOTHING_WAS_AWARDED.to_owned());
        }
        refused.map_or(Posted::Done(balances), Posted::Refused)
    }

    /// Asks how members are reached.
    pub async fn contacts(&self, caller: &Caller, asked: &[AskedContact]) -> Result<Vec<ReachedBy>, Status> {
        let query = |asked: &AskedContact| ContactQuery {
            member_id: asked.member_id.to_string(),
            channel: channel_to_wire(asked.channel).into(),
            purpose: purpose_to_wire(asked.purpose).into(),
        };
        let request = GetContactsRequest {
            queries: asked.iter().map(query).collect(),
        };
        let mut members = MemberServiceClient::new(self.member.on_behalf_of(caller).within(UNHURRIED));
        let contacts = members.get_contacts(request).await?.into_inner().contacts;
        let reached = contacts.into_iter().map(|contact| ReachedBy {
            standing: contact.standing(),
            address: contact.address,
            language: contact.language,
        });
        Ok(reached.collect())
    }

    /// Tells which of some activities have their awards posted, by asking the points service itself.
    pub async fn posted_awards(
        &self,
        caller: &Caller,
        member_id: MemberId,
        activity_ids: &[String],
    ) -> Result<HashSet<String>, Fault> {
        let key = |activity_id: &String| RequestKey {
            member_id: member_id.to_string(),
            request_id: activity_id.clone(),
        };
        let request = ReconcileRequestsRequest {
            keys: activity_ids.iter().map(key).collect(),
        };
        let time = caller
            .deadline()
            .remaining()
            .map_or(UNHURRIED, |remaining| remaining / 2);
        let mut points = PointsServiceClient::new(self.points.on_behalf_of(caller).within(time));
        let outcomes = points.reconcile_requests(request).await?.into_inner().outcomes;
        let posted = outcomes.into_iter().filter(|outcome| outcome.took_effect);
        Ok(posted.filter_map(|outcome| Some(outcome.key?.request_id)).collect())
    }
}

/// Writes the awards of an activity as batches: what a purchase earns, or what a return takes back of that. The request id of the last is the activity's id: once it is posted,
/// all are. Where a return gives too, because what is kept earns more, what it takes back goes first and under ids of its own: it holds whatever becomes of the rest.
fn batches(member_id: MemberId, activity: &pb::Activity) -> Vec<PostBatchRequest> {
    let (Some(input), Some(decision)) = (activity.input.as_ref(), activity.decision.as_ref()) else {
        return Vec::new();
    };
    let reference = match input.activity.as_ref() {
        Some(pb::activity_input::Activity::Purchase(purchase)) => &purchase.order_id,
        Some(pb::activity_input::Activity::Return(returned)) => &returned.order_id,
        Some(pb::activity_input::Activity::Custom(custom)) => &custom.reference,
        None => return Vec::new(),
    };
    let id = &activity.activity_id;
    let taken_back = taken_back(decision);
    let taken_back = taken_back
        .chunks(TAKEN_BACK_AT_ONCE)
        .enumerate()
        .map(|(at, chunk)| match at {
            0 => (format!("{id}{TAKEN_BACK}"), chunk.to_vec()),
            at => (format!("{id}{TAKEN_BACK}/{at}"), chunk.to_vec()),
        });
    let mut given = given(decision);
    let first = (!given.is_empty()).then(|| given.remove(0));
    let parts = (1..).zip(given).map(|(part, given)| (request_of(id, part), given));
    let first = first.map(|first| (id.clone(), first));
    let mut batches: Vec<(String, Vec<Posting>)> = taken_back.chain(parts).chain(first).collect();
    if let Some((request_id, _)) = batches.last_mut() {
        request_id.clone_from(id);
    }
    let batch = |(request_id, postings)| PostBatchRequest {
        request_id,
        member_id: member_id.to_string(),
        postings,
        reference: reference.clone(),
    };
    batches.into_iter().map(batch).collect()
}

/// Names the request by which a part of what an activity earns is posted.
fn request_of(activity_id: &str, part: i32) -> String {
    match part {
        0 => activity_id.to_owned(),
        part => format!("{activity_id}/{part}"),
    }
}

fn taken_back(decision: &pb::Decision) -> Vec<Posting> {
    let reverse = |credit: &pb::Credit| {
        let earning = EarningOfRequest {
            request_id: request_of(&credit.activity_id, credit.part),
            wallet: credit.wallet.clone(),
        };
        Command::Reverse(ReversePosting {
            earning: Some(Earning::OfRequest(earning)),
            points: credit.points,
        })
    };
    decision.reversed.iter().map(reverse).map(posting).collect()
}

/// Says what is given, part by part: an earning is found again by its request and its wallet, so no part has two for the same wallet. The first part is there whenever there is any.
fn given(decision: &pb::Decision) -> Vec<Vec<Posting>> {
    // What a return gives counts from when the order was bought.
    let occurred_at = decision.metrics.and_then(|metrics| metrics.counted_at);
    let earn = |award: &pb::Award| {
        Command::Earn(EarnPosting {
            wallet: award.wallet.clone(),
            points: award.points,
            occurred_at,
            activates_at: award.activates_at,
            funder: award.funder.clone(),
            ..EarnPosting::default()
        })
    };
    let mut parts: Vec<Vec<Posting>> = Vec::new();
    let mut of_wallets: HashMap<&str, usize> = HashMap::new();
    for award in decision.awards.iter().filter(|award| award.points > 0) {
        let part = of_wallets.entry(&award.wallet).or_default();
        if parts.len() == *part {
            parts.push(Vec::new());
        }
        parts[*part].push(posting(earn(award)));
        *part += 1;
    }
    parts
}

/// The caps of one wallet keep nothing from another, and what they cut cannot be taken back.
fn posting(command: Command) -> Posting {
    Posting {
        command: Some(command),
        as_far_as_possible: true,
    }
}

/// Tells what the member has after the last entry in each wallet.
fn balances_after(posted: &PostBatchResponse) -> Vec<pb::WalletBalance> {
    let balance = |entry: &Entry| {
        let after = entry.after.unwrap_or_default();
        pb::WalletBalance {
            wallet: entry.wallet.clone(),
            available: after.available,
            pending: after.pending,
            debt: after.debt,
            balance_token: posted.balance_token.clone(),
        }
    };
    let last = posted.entries.iter().enumerate().filter(|(at, entry)| {
        !posted.entries[at + 1..]
            .iter()
            .any(|later| later.wallet == entry.wallet)
    });
    last.map(|(_, entry)| balance(entry)).collect()
}

/// Tells a refusal that will never change from trouble that passes.
fn refused_or_later(status: &Status) -> Posted {
    let definitive = [
        Code::InvalidArgument,
        Code::NotFound,
        Code::AlreadyExists,
        Code::FailedPrecondition,
        Code::OutOfRange,
    ]
    .contains(&status.code());
    let reason = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    if definitive && !PASSING.contains(&reason.as_str()) {
        tracing::warn!(reason, "the points service refused an award");
        return Posted::Refused(reason);
    }
    tracing::debug!(code = ?status.code(), reason, "an award is posted later");
    Posted::Later
}
