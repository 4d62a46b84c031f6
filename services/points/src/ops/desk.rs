//! Where a member's command is decided: it hands the domain what it needs, and records what came out.

mod notices;

use std::sync::Arc;

use common::{ids::EntryId, points::Points, versions::Versions, writer::Stamp, zone::Zone};
use jiff::Timestamp;
use proto::{member::MemberStatus, points as pb};

use super::{
    BalanceTokens, Loaded,
    adjust::{hash_of, proposal_of},
    prepaid::Prepaid,
};
use crate::{
    domain::{
        self, Account, AdjustmentRefusal, Amounts, EntryDraft, EntryKind, Hold, HoldState, Original, Proposal,
        Snapshot, Wallet, WalletCode,
    },
    error::Error,
    store::{EntryMark, Kept, Left, MemberAccounts, MemberKey, OperatorDay, WalletTerms, entry_to_wire},
};

/// One decision about one member.
pub struct Desk<'a, 's> {
    state: &'a mut Loaded,
    stamp: &'a mut Stamp<'s>,
    tokens: &'a BalanceTokens,
    member: MemberKey,
    zone: Zone,
}

/// What a command posted.
pub struct Posted {
    /// Everything that was decided, in order.
    pub drafts: Vec<EntryDraft>,
    /// The entries that the request made, without those that were due before it.
    pub entries: Vec<pb::Entry>,
}

impl<'a, 's> Desk<'a, 's> {
    /// Opens the desk for the member that the call concerns.
    pub fn open(
        state: &'a mut Loaded,
        stamp: &'a mut Stamp<'s>,
        tokens: &'a BalanceTokens,
    ) -> Result<Desk<'a, 's>, Error> {
        let member = (stamp.program_id(), stamp.member_id());
        let not_found = Error::AccountNotFound { member_id: member.1 };
        if !state.accounts.contains_key(&member) {
            return Err(not_found);
        }
        let zone = stamp.program().map(|program| program.zone.clone()).ok_or(not_found)?;
        Ok(Desk {
            state,
            stamp,
            tokens,
            member,
            zone,
        })
    }

    /// Returns the time by the program's clock.
    pub fn now(&self) -> Timestamp {
        self.stamp.now()
    }

    /// Refuses a member who does not spend.
    pub fn check_allowed(&self) -> Result<(), Error> {
        self.check_is(&[MemberStatus::Registered, MemberStatus::Activated])
    }

    /// Refuses a member who does not earn. A prospect does: whether what they do earns anything is decided by whoever posts it.
    pub fn check_earns(&self) -> Result<(), Error> {
        self.check_is(&[
            MemberStatus::Registered,
            MemberStatus::Activated,
            MemberStatus::Prospect,
        ])
    }

    fn check_is(&self, allowed: &[MemberStatus]) -> Result<(), Error> {
        let status = self.state.accounts[&self.member].status;
        if allowed.contains(&status) {
            return Ok(());
        }
        Err(Error::MemberNotAllowed {
            member_id: self.member.1,
            status,
        })
    }

    /// Returns a wallet in the version that is in force at an instant.
    pub fn wallet(&self, code: &WalletCode, at: Timestamp) -> Result<Wallet, Error> {
        let version = self.wallets().and_then(|wallets| wallets.in_force(code.as_str(), at));
        let version = version.ok_or_else(|| Error::WalletNotFound { wallet: code.clone() })?;
        Ok(version.definition.in_zone(&self.zone))
    }

    /// Returns a wallet of points in the version that is in force at an instant. What holds stored value moves otherwise.
    pub fn points_wallet(&self, code: &WalletCode, at: Timestamp) -> Result<Wallet, Error> {
        let holds_value = |wallet: Result<Wallet, Error>| wallet.is_ok_and(|wallet| wallet.stored_value.is_some());
        if holds_value(self.wallet(code, self.now())) {
            return Err(Error::StoredValue { wallet: code.clone() });
        }
        self.wallet(code, at)
    }

    /// Returns the hold of points that somebody named, like [`Desk::hold`]. What holds stored value is named by its request.
    pub fn points_hold(&self, hold_id: EntryId) -> Result<(Wallet, Option<HoldState>), Error> {
        let (wallet, ended) = self.hold(hold_id)?;
        match wallet.stored_value {
            None => Ok((wallet, ended)),
            Some(_) => Err(Error::StoredValue { wallet: wallet.code }),
        }
    }

    /// Returns a wallet in which the member has something: as it is now or, when it is still to come, as it will be.
    pub fn wallet_held(&self, code: &WalletCode) -> Result<Wallet, Error> {
        let latest = || self.wallets().and_then(|wallets| wallets.latest(code.as_str()));
        self.wallet(code, self.now())
            .or_else(|refused| Ok(latest().ok_or(refused)?.definition.in_zone(&self.zone)))
    }

    /// Returns an entry of the member that is to be taken back, with its wallet.
    pub fn original(&self, entry_id: EntryId) -> Result<(WalletCode, Original), Error> {
        let found = self.state.original(self.member, entry_id);
        let (wallet, original) = found.ok_or(Error::EntryNotFound { entry_id })?;
        Ok((wallet.clone(), original.clone()))
    }

    /// Returns what a request of the member earned in a wallet.
    pub fn earning_of(&self, request_id: &str, wallet: &WalletCode) -> Result<EntryId, Error> {
        let earned = self.state.earning_of(self.member, request_id, wallet);
        earned.ok_or_else(|| Error::EarningNotFound {
            request_id: request_id.to_owned(),
            wallet: wallet.clone(),
        })
    }

    /// Returns what a request made that asked for a method on stored value, and in which wallets; refused when that was nothing, or not of this value.
    pub fn originals_of(
        &self,
        (method, request_id): (i16, &str),
        prepaid: &Prepaid,
    ) -> Result<Vec<(WalletCode, Original)>, Error> {
        let made = self.state.made_by(self.member, request_id, |asked| asked == method);
        let made: Vec<_> = made.map(|(wallet, made)| (wallet.clone(), made.clone())).collect();
        if made.is_empty() || !made.iter().all(|(wallet, _)| prepaid.has(wallet)) {
            return Err(Error::PaymentNotFound {
                request_id: request_id.to_owned(),
                wallet: prepaid.principal.code.clone(),
            });
        }
        Ok(made)
    }

    /// Returns what came back so far of the entry at a place.
    pub fn taken_back(&self, wallet: &WalletCode, seq: i64) -> Points {
        let account = self.account(wallet);
        account.map_or(Points::ZERO, |account| account.taken_back_of(seq).points)
    }

    /// Returns what the member has in a wallet now.
    pub fn amounts(&self, wallet: &WalletCode) -> Amounts {
        let (program_id, member_id) = self.member;
        let snapshot = self
            .account(wallet)
            .map(|account| Snapshot::of(program_id, member_id, account));
        snapshot
            .map(|snapshot| snapshot.amounts_at(self.now()))
            .unwrap_or_default()
    }

    /// Returns what a hold still holds.
    pub fn held(&self, wallet: &WalletCode, hold_id: EntryId) -> Points {
        let holds = self.account(wallet).into_iter().flat_map(|account| &account.holds);
        let mut hold = holds.filter(|hold| hold.hold_id == hold_id);
        hold.next().map_or(Points::ZERO, Hold::points)
    }

    /// Tells whether a payment was credited, to whomever.
    pub fn is_credited(&self, payment_id: &str) -> bool {
        self.state.top_ups.is_credited(self.member.0, payment_id)
    }

    /// Keeps what the member paid in, by the entry at a place.
    pub fn keep_top_up(&mut self, seq: i64, top_up: pb::TopUp) {
        self.state.top_ups.put(self.member, seq, top_up);
    }

    /// Returns the gifts of the member of which nothing is settled.
    pub fn gifts(&self, wallet: &WalletCode) -> impl Iterator<Item = &pb::Gift> {
        self.state.top_ups.gifts(self.member, wallet)
    }

    /// Settles what becomes of them.
    pub fn settle_gifts(&mut self, wallet: &WalletCode, settle: impl Fn(&pb::Gift) -> pb::GiftState) {
        self.state.top_ups.settle_gifts(self.member, wallet, settle);
    }

    /// Returns the wallet in which a hold is or was lately, and how it ended when the journal says so.
    pub fn hold(&self, hold_id: EntryId) -> Result<(Wallet, Option<HoldState>), Error> {
        let is_it = |account: &&Account| {
            account.holds.iter().any(|hold| hold.hold_id == hold_id)
                || account.lately.ended_holds.iter().any(|(ended, _)| *ended == hold_id)
        };
        let mut accounts = self.state.accounts[&self.member].accounts.iter();
        let wallet = accounts.find(is_it).map(|account| account.wallet.clone());
        match (wallet, self.state.end_of_hold(self.member, hold_id)) {
            (None, Some(state)) => Err(domain::Refusal::HoldNotActive { hold_id, state }.into()),
            (None, None) => Err(domain::Refusal::HoldNotFound { hold_id }.into()),
            (Some(wallet), ended) => Ok((self.wallet_held(&wallet)?, ended)),
        }
    }

    /// Decides a command and records its entries.
    pub fn post(&mut self, wallet: &Wallet, command: &domain::Command, reference: &str) -> Result<Posted, Error> {
        let drafts = self.decide(|accounts, stamp| {
            let account = accounts.accounts.of(&wallet.code);
            Ok(domain::decide(account, wallet, command, stamp)?)
        })?;
        Ok(self.record(drafts, reference))
    }

    /// Decides several commands as one and records their entries.
    pub fn post_all(&mut self, postings: &[domain::Posting<'_>], reference: &str) -> Result<Posted, Error> {
        let drafts =
            self.decide(|accounts, stamp| Ok(domain::decide_batch(&mut accounts.accounts, postings, stamp)?))?;
        Ok(self.record(drafts, reference))
    }

    /// Tells whether several commands would be refused, and changes nothing.
    pub fn check_all(&mut self, postings: &[domain::Posting<'_>]) -> Result<(), Error> {
        self.decide(|accounts, stamp| {
            let mut copy = accounts.accounts.clone();
            domain::decide_batch(&mut copy, postings, stamp)?;
            Ok(())
        })
    }

    /// Brings all accounts of the member up to now and records what was due.
    pub fn settle(&mut self) -> Result<Posted, Error> {
        let drafts = self.decide(|accounts, stamp| {
            Ok(accounts
                .accounts
                .iter_mut()
                .flat_map(|account| domain::apply_due(account, stamp))
                .collect())
        })?;
        Ok(self.record(drafts, ""))
    }

    /// Notes that points left for another member, and are to be brought there.
    pub fn note_transfer(&mut self, posted: &Posted) {
        let left = posted
            .drafts
            .iter()
            .filter(|draft| draft.kind == EntryKind::TransferOut);
        self.state.left.extend(left.map(|draft| Left {
            shard: self.stamp.shard(),
            seq: draft.seq,
            program_id: self.member.0,
            entry_id: draft.entry_id,
            left_at: self.stamp.recorded_at(),
        }));
    }

    /// Returns the member.
    pub fn member(&self) -> MemberKey {
        self.member
    }

    /// Returns the id of what is recorded next.
    pub fn next_id(&self) -> EntryId {
        self.stamp.id_of_next(0).into()
    }

    /// Returns an adjustment of the member, and what decides who may approve it.
    pub fn adjustment(&self, adjustment_id: EntryId) -> Result<(pb::Adjustment, Proposal), Error> {
        let stored = self.state.adjustments.get(self.member, adjustment_id);
        let read = stored.and_then(|stored| Some((stored.clone(), proposal_of(stored)?)));
        let (stored, proposal) = read.ok_or(AdjustmentRefusal::NotFound { adjustment_id })?;
        // What is stored may have been changed by somebody who owns the database.
        if proposal.adjustment_id != adjustment_id || hash_of(self.member, &stored) != proposal.hash {
            return Err(AdjustmentRefusal::Differs { adjustment_id }.into());
        }
        Ok((stored, proposal))
    }

    /// Keeps an adjustment that is new or decided, and counts its points for whoever proposed or approved it.
    pub fn keep_adjustment(
        &mut self,
        adjustment_id: EntryId,
        adjustment: pb::Adjustment,
        counts: Option<(OperatorDay, Points)>,
    ) {
        self.state.adjustments.put(self.member, adjustment_id, adjustment);
        if let Some((day, points)) = counts {
            self.state.adjustments.count(day, points);
        }
    }

    /// Returns today for an operator and a wallet, in the program's zone.
    pub fn operator_day(&self, operator: &str, wallet: &WalletCode, act: pb::AdjustmentAct) -> OperatorDay {
        OperatorDay {
            program_id: self.member.0,
            operator: operator.to_owned(),
            wallet: wallet.to_string(),
            day: self.now().to_zoned(self.zone.tz().clone()).date().to_string(),
            act: act as i16,
        }
    }

    /// Returns how many points somebody proposed or approved in a day.
    pub fn used(&self, day: &OperatorDay) -> Points {
        self.state.adjustments.used(day)
    }

    /// Makes the token that stands for the state after what was recorded.
    pub fn balance_token(&self) -> String {
        self.tokens
            .seal(self.member.0, self.member.1, self.stamp.next_seq() - 1)
    }

    fn account(&self, wallet: &WalletCode) -> Option<&Account> {
        self.state.accounts[&self.member].accounts.get(wallet)
    }

    fn wallets(&self) -> Option<&Arc<Versions<WalletTerms>>> {
        self.state.wallets.of(self.member.0)
    }

    fn decide<T>(
        &mut self,
        decide: impl FnOnce(&mut MemberAccounts, &mut domain::Stamp<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let first = self.stamp.next_seq();
        let id_at = |seq: i64| self.stamp.id_of_next((seq - first) as usize).into();
        let mut stamp = domain::Stamp {
            now: self.stamp.now(),
            next_seq: first,
            id_at: &id_at,
        };
        let accounts = self
            .state
            .accounts
            .get_mut(&self.member)
            .expect("the desk was opened for a member that was loaded");
        decide(accounts, &mut stamp)
    }

    /// Records entries, each as an event of the feed.
    fn record(&mut self, drafts: Vec<EntryDraft>, reference: &str) -> Posted {
        let request_id = self.stamp.request_id().unwrap_or_default().to_owned();
        let recorded_at = self.stamp.recorded_at();
        let mark = EntryMark {
            member_id: self.member.1,
            request_id: &request_id,
            reference,
            recorded_at,
        };
        let accounts = self
            .state
            .accounts
            .get_mut(&self.member)
            .expect("the desk was opened for a member that was loaded");
        let mut entries = Vec::new();
        for (number, draft) in drafts.iter().enumerate() {
            if draft.by_request {
                entries.push(entry_to_wire(draft, &mark));
            }
            // The writer remembers the request on the first row that it made.
            let kept = Kept::entry(draft, &mark, number == 0);
            let seq = self.stamp.record(self.member.1, draft.occurred_at, &kept);
            debug_assert_eq!(seq, draft.seq, "an entry is where its id says");
            accounts.touch(&draft.wallet);
        }
        for (number, draft) in drafts.iter().enumerate() {
            if drafts[..number].iter().all(|other| other.wallet != draft.wallet) {
                self.plan_notices(&draft.wallet);
            }
        }
        let method = self.stamp.method().unwrap_or_default();
        self.state.keep_made(self.member, &request_id, method, &drafts);
        Posted { drafts, entries }
    }
}

impl Posted {
    /// Returns the entry that is the answer: the first that the request made.
    pub fn first(self) -> Option<pb::Entry> {
        self.entries.into_iter().next()
    }
}
