//! What a batch needs to know: loaded at once, changed by the decisions, saved at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use common::{
    ids::{EntryId, ProgramId},
    points::Points,
    shard::Shard,
    versions::Published,
    writer::{Key, Memory, Work},
};
use proto::{member::MemberStatus, points as pb};
use sqlx::PgConnection;

use super::{
    Act, Asked, Command, Earning, ExtendPoints, Extended, Posting, answer::entries_of_request, written::Written,
};
use crate::{
    domain::{EntryDraft, EntryKind, HoldState, HoldStatus, Original, Snapshot, WalletCode},
    store::{
        Accounts, Adjustments, Left, MemberAccounts, MemberKey, NewNoticeRule, Publication, StoredEntry, TopUps,
        WalletTerms, find_entries, find_requests, list_later_entries, load_accounts,
    },
};

/// What a batch needs to know.
pub struct Loaded {
    /// The wallets of the programs concerned.
    pub(super) wallets: Published<WalletTerms>,
    /// The members concerned, with all that they have.
    pub(super) accounts: Accounts,
    /// The members of whom everything was loaded.
    members: BTreeSet<MemberKey>,
    /// Where members stand who were enrolled or changed in this batch.
    pub(super) statuses: HashMap<MemberKey, MemberStatus>,
    /// The wallets that have another rule of notices, by this batch.
    pub(super) notice_rules: Vec<NewNoticeRule>,
    /// The points that left for other members in this batch.
    pub(super) left: Vec<Left>,
    /// Which stretches of the journal were written.
    pub(super) written: Written,
    /// The entries that are to be reversed or restored.
    originals: HashMap<EntryId, (MemberKey, WalletCode, Original)>,
    /// What requests made by which some of it is named, and by which method each did.
    made: HashMap<(MemberKey, String), Vec<(i16, EntryId)>>,
    /// How holds ended that are to be captured or released and are in no account any more.
    ended_holds: HashMap<EntryId, (MemberKey, HoldState)>,
    /// What was proposed to be given or taken by hand.
    pub(super) adjustments: Adjustments,
    /// What was paid in advance.
    pub(super) top_ups: TopUps,
    /// What the mirror has to be told, once the batch is committed.
    pub(super) published: Vec<Publication>,
}

/// What the commands of a batch name besides their members.
#[derive(Default)]
struct Named {
    entries: BTreeSet<(MemberKey, EntryId)>,
    holds: BTreeSet<(MemberKey, EntryId)>,
    requests: BTreeSet<(MemberKey, String)>,
    adjustments: BTreeSet<(MemberKey, EntryId)>,
    operators: BTreeSet<(ProgramId, String)>,
    payments: BTreeSet<(ProgramId, String)>,
    paid_out: BTreeSet<MemberKey>,
}

impl Loaded {
    /// Loads what a batch needs to know.
    pub(super) async fn load(
        tx: &mut PgConnection,
        memory: &mut Memory<MemberAccounts>,
        work: &Work<'_, Command>,
        wallets: Published<WalletTerms>,
    ) -> Result<Loaded, sqlx::Error> {
        let members = work.calls.iter().map(|(key, _)| (key.program_id(), key.member_id()));
        let members: BTreeSet<MemberKey> = members.filter(|(_, member_id)| !member_id.is_nil()).collect();
        let mut accounts = Accounts::with_capacity(members.len());
        let mut unknown = BTreeSet::new();
        for member in &members {
            match memory.take(member.0, member.1) {
                Some(known) => drop(accounts.insert(*member, known)),
                None => drop(unknown.insert(*member)),
            }
        }
        accounts.extend(load_accounts(tx, &unknown).await?);
        let mut state = Loaded {
            wallets,
            members,
            accounts,
            statuses: HashMap::new(),
            notice_rules: Vec::new(),
            left: Vec::new(),
            written: Written::default(),
            originals: HashMap::new(),
            made: HashMap::new(),
            ended_holds: HashMap::new(),
            adjustments: Adjustments::default(),
            top_ups: TopUps::default(),
            published: Vec::new(),
        };
        let mut named = Named::of(&work.calls);
        let adjustments: Vec<_> = named.adjustments.iter().copied().collect();
        let operators: Vec<_> = named.operators.iter().cloned().collect();
        state.adjustments = Adjustments::load(tx, &adjustments, &operators).await?;
        state.top_ups = TopUps::load(tx, &named.payments, &named.paid_out).await?;
        state.load_made(tx, &mut named).await?;
        state.load_entries(tx, &named).await?;
        Ok(state)
    }

    /// Finds what requests made: the answer that a request got holds the entries.
    async fn load_made(&mut self, tx: &mut PgConnection, named: &mut Named) -> Result<(), sqlx::Error> {
        let requests: Vec<(MemberKey, String)> = named.requests.iter().cloned().collect();
        self.made
            .extend(requests.iter().map(|request| (request.clone(), Vec::new())));
        for row in find_requests(tx, &requests).await? {
            let made = entries_of_request(&row).map_err(sqlx::Error::Decode)?;
            let member = (row.program_id, row.member_id);
            let mut ids = Vec::with_capacity(made.len());
            for entry in &made {
                let Ok(id) = entry.entry_id.parse() else { continue };
                ids.push(id);
                named.entries.insert((member, id));
                if entry.kind() == pb::EntryKind::Hold {
                    named.holds.insert((member, id));
                }
            }
            if let Some(request) = row.request {
                let ids = ids.into_iter().map(|id| (request.method, id));
                self.made.entry((member, request.request_id)).or_default().extend(ids);
            }
        }
        Ok(())
    }

    /// Finds entries that are named, and what became of them as far as no account tells.
    async fn load_entries(&mut self, tx: &mut PgConnection, named: &Named) -> Result<(), sqlx::Error> {
        let holds = named
            .holds
            .iter()
            .filter(|(member, hold_id)| !self.holds(*member, *hold_id));
        let holds: BTreeSet<(MemberKey, EntryId)> = holds.copied().collect();
        let ids: Vec<EntryId> = named.entries.iter().chain(&holds).map(|(_, id)| *id).collect();
        let found = find_entries(tx, &ids).await?;
        for (member, hold_id) in &holds {
            if let Some(entry) = found.get(hold_id).filter(|entry| entry.member == *member)
                && let Some(state) = read_end_of_hold(tx, entry).await?
            {
                self.ended_holds.insert(*hold_id, (*member, state));
            }
        }
        for (member, entry_id) in &named.entries {
            if let Some(entry) = found.get(entry_id).filter(|entry| entry.member == *member) {
                let lapsed = read_lapsed(tx, entry).await?;
                self.keep_original(*member, &entry.draft, lapsed);
            }
        }
        Ok(())
    }

    /// Returns an entry of a member that can be reversed or restored, and its wallet.
    pub(super) fn original(&self, member: MemberKey, entry_id: EntryId) -> Option<(&WalletCode, &Original)> {
        let (owner, wallet, original) = self.originals.get(&entry_id)?;
        (*owner == member).then_some((wallet, original))
    }

    /// Returns the earning of a request in a wallet: the first, when it earned several times there.
    pub(super) fn earning_of(&self, member: MemberKey, request_id: &str, wallet: &WalletCode) -> Option<EntryId> {
        let is_it = |(code, original): &(&WalletCode, &Original)| *code == wallet && original.kind == EntryKind::Earn;
        let mut made = self.made_by(member, request_id, |_| true);
        made.find(is_it).map(|(_, original)| original.entry_id)
    }

    /// Returns what a request made that asked for one of some methods, in order, and in which wallets. An id may be used once with each.
    pub(super) fn made_by(
        &self,
        member: MemberKey,
        request_id: &str,
        is_asked: impl Fn(i16) -> bool,
    ) -> impl Iterator<Item = (&WalletCode, &Original)> {
        let made = self.made.get(&(member, request_id.to_owned())).into_iter().flatten();
        let made = made.filter(move |(method, _)| is_asked(*method));
        made.filter_map(move |(_, id)| self.original(member, *id))
    }

    /// Returns how a hold ended, by the journal.
    pub(super) fn end_of_hold(&self, member: MemberKey, hold_id: EntryId) -> Option<HoldState> {
        self.ended_holds
            .get(&hold_id)
            .filter(|(owner, _)| *owner == member)
            .map(|(_, state)| *state)
    }

    /// Notes what a request of this batch has made: a later one of the batch may name it.
    pub(super) fn keep_made(&mut self, member: MemberKey, request_id: &str, method: i16, drafts: &[EntryDraft]) {
        let Some(made) = self.made.get_mut(&(member, request_id.to_owned())) else {
            return;
        };
        let by_request = || drafts.iter().filter(|draft| draft.by_request);
        made.extend(by_request().map(|draft| (method, draft.entry_id)));
        by_request().for_each(|draft| self.keep_original(member, draft, Points::ZERO));
    }

    /// Notes where a member stands.
    pub(super) fn learn_status(&mut self, member: MemberKey, status: MemberStatus) {
        self.accounts
            .entry(member)
            .or_insert_with(|| MemberAccounts::new(status))
            .status = status;
        self.statuses.insert(member, status);
    }

    /// Notes what the mirror has to be told, and remembers the members of whom everything was loaded, as they are saved now. Of others only the status
    /// is known, if anything.
    pub(super) fn remember(&mut self, memory: &mut Memory<MemberAccounts>) {
        self.published = self.publications();
        for (member, accounts) in self.accounts.drain() {
            if self.members.contains(&member) {
                memory.keep(member.0, member.1, accounts.into_saved());
            } else {
                memory.forget(member.0, member.1);
            }
        }
    }

    /// Returns what the mirror has to be told.
    pub(super) fn publications(&self) -> Vec<Publication> {
        let mut snapshots: BTreeMap<Shard, Vec<Arc<Snapshot>>> = BTreeMap::new();
        for ((program_id, member_id), member) in &self.accounts {
            let changed = member.touched();
            let changed = changed.map(|account| Arc::new(Snapshot::of(*program_id, *member_id, account)));
            snapshots
                .entry(Shard::of(*program_id, *member_id))
                .or_default()
                .extend(changed);
        }
        let stretches = self.written.stretches();
        stretches
            .map(|(shard, (first, last))| {
                let snapshots = snapshots.remove(&shard).unwrap_or_default();
                Publication {
                    shard,
                    first,
                    last,
                    snapshots,
                }
            })
            .collect()
    }

    fn holds(&self, member: MemberKey, hold_id: EntryId) -> bool {
        let accounts = self
            .accounts
            .get(&member)
            .into_iter()
            .flat_map(|member| member.accounts.iter());
        accounts
            .flat_map(|account| &account.holds)
            .any(|hold| hold.hold_id == hold_id)
    }

    fn keep_original(&mut self, member: MemberKey, draft: &EntryDraft, lapsed: Points) {
        let original = Original {
            entry_id: draft.entry_id,
            seq: draft.seq,
            kind: draft.kind,
            occurred_at: draft.occurred_at,
            points: draft.points,
            portions: draft.portions.clone(),
            lapsed,
            // What lapses in this batch comes later than anything that was read.
            as_of_seq: draft.seq,
            other_member: draft.other_member,
            funder: draft.funder.clone(),
        };
        self.originals
            .insert(draft.entry_id, (member, draft.wallet.clone(), original));
    }
}

impl Named {
    fn of(calls: &[(&Key, &Command)]) -> Named {
        let mut named = Named::default();
        for (key, command) in calls {
            named.add((key.program_id(), key.member_id()), command);
        }
        named
    }

    fn add(&mut self, member: MemberKey, command: &Command) {
        match command {
            Command::CaptureHold(command) => drop(self.holds.insert((member, command.hold_id))),
            Command::ReleaseHold(command) => drop(self.holds.insert((member, command.hold_id))),
            Command::ExtendHold(command) => drop(self.holds.insert((member, command.hold_id))),
            Command::ExtendPoints(ExtendPoints {
                which: Extended::Lot(lot_id),
                ..
            }) => drop(self.entries.insert((member, *lot_id))),
            Command::ReverseEntry(command) => drop(self.entries.insert((member, command.entry_id))),
            Command::RestoreSpend(command) => drop(self.entries.insert((member, command.entry_id))),
            Command::ReturnTransfer(command) => drop(self.entries.insert((member, command.entry_id))),
            Command::Adjust(command) => {
                self.operators.insert((member.0, command.operator.clone()));
                match &command.act {
                    Act::Approve { adjustment_id, .. } | Act::Reject { adjustment_id } => {
                        self.adjustments.insert((member, *adjustment_id));
                    }
                    Act::Propose { .. } => {}
                }
            }
            Command::PostBatch(command) => command
                .postings
                .iter()
                .for_each(|posting| self.add_posting(member, posting)),
            Command::TopUp(command) => drop(self.payments.insert((member.0, command.payment_id.clone()))),
            Command::CaptureStoredValue(command) => self.add_request(member, &command.hold_request_id),
            Command::ReleaseStoredValue(command) => self.add_request(member, &command.hold_request_id),
            Command::RefundStoredValue(command) => self.add_request(member, &command.taken_by.1),
            Command::CashOut(_) => drop(self.paid_out.insert(member)),
            Command::PublishWallet(_)
            | Command::SpendStoredValue(_)
            | Command::HoldStoredValue(_)
            | Command::EarnPoints(_)
            | Command::SpendPoints(_)
            | Command::HoldPoints(_)
            | Command::ActivatePoints(_)
            | Command::ExtendPoints(_)
            | Command::WriteOffDebt(_)
            | Command::TransferPoints(_)
            | Command::ReceiveTransfer(_)
            | Command::Settle
            | Command::PlanNotices(_) => {}
        }
    }

    fn add_request(&mut self, member: MemberKey, request_id: &str) {
        self.requests.insert((member, request_id.to_owned()));
    }

    fn add_posting(&mut self, member: MemberKey, posting: &Posting) {
        match &posting.asked {
            Asked::Reverse {
                earning: Earning::Entry(entry_id),
                ..
            } => drop(self.entries.insert((member, *entry_id))),
            Asked::Reverse {
                earning: Earning::OfRequest { request_id, .. },
                ..
            } => self.add_request(member, request_id),
            Asked::Earn { .. } | Asked::Spend { .. } => {}
        }
    }
}

/// Reads how a hold ended that is in no account any more; nothing when the entry was no hold. It ended before its time was over, or then.
async fn read_end_of_hold(tx: &mut PgConnection, hold: &StoredEntry) -> Result<Option<HoldState>, sqlx::Error> {
    let until = hold.draft.hold_expires_at;
    let later = list_later_entries(tx, hold.member, hold.draft.seq, None, until).await?;
    Ok(HoldStatus::read(hold.draft.entry_id, &later).map(|status| status.state))
}

/// Counts the points of an earning that have lapsed. None have before their end.
async fn read_lapsed(tx: &mut PgConnection, earning: &StoredEntry) -> Result<Points, sqlx::Error> {
    let draft = &earning.draft;
    let earliest = draft.portions.iter().filter_map(|portion| portion.expires_at).min();
    let (Some(made), Some(earliest)) = (draft.made(), earliest) else {
        return Ok(Points::ZERO);
    };
    let later = list_later_entries(tx, earning.member, draft.seq, Some(earliest), None).await?;
    let of_wallet = later.iter().filter(|entry| entry.wallet == draft.wallet);
    let lapsed = of_wallet.map(|entry| entry.lapsed_of(made));
    Ok(lapsed.fold(Points::ZERO, |sum, points| {
        sum.checked_add(points).unwrap_or(Points::MAX)
    }))
}
