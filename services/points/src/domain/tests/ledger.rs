//! One member's wallet in a test: the account, a clock moved by hand, and every entry so far.

use common::{
    ids::{EntryId, MemberId, ProgramId},
    points::Points,
    zone::Zone,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::*;

/// An account and its journal.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub account: Account,
    pub wallet: Wallet,
    pub now: Timestamp,
    pub entries: Vec<EntryDraft>,
}

/// The instant so many hours after a test began.
pub fn hour(hours: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

/// The instant so many days after a test began.
pub fn day(days: i64) -> Timestamp {
    hour(24 * days)
}

pub fn points(points: i64) -> Points {
    Points::new(points).unwrap()
}

/// Asks to credit points that are available at once and lapse as the wallet says.
pub fn earning(earned: i64, occurred_at: Option<Timestamp>) -> EarnPoints {
    EarnPoints {
        points: points(earned),
        occurred_at,
        waits: None,
        expiry: None,
        funder: None,
    }
}

/// The id of the entry at a place.
pub fn id_at(seq: i64) -> EntryId {
    Uuid::from_u128(seq as u128).into()
}

pub fn amounts(available: i64, pending: i64, held: i64, debt: i64) -> Amounts {
    Amounts {
        available: points(available),
        pending: points(pending),
        held: points(held),
        debt: points(debt),
    }
}

impl Ledger {
    /// A wallet whose points live ten days, and which waives what cannot be taken back.
    pub fn new() -> Ledger {
        Ledger::of(ExpiryPolicy::AfterDays { days: 10 }, OverdraftPolicy::Forbid)
    }

    /// A wallet whose points live ten days, and which carries debts.
    pub fn with_debts() -> Ledger {
        Ledger::of(
            ExpiryPolicy::AfterDays { days: 10 },
            OverdraftPolicy::CarryDebt { limit: None },
        )
    }

    pub fn of(expiry: ExpiryPolicy, overdraft: OverdraftPolicy) -> Ledger {
        let code = WalletCode::new("points").unwrap();
        let wallet = Wallet {
            code: code.clone(),
            expiry,
            expiry_from_activation: false,
            overdraft,
            restore_grace: SignedDuration::from_hours(7 * 24),
            hold_grace: SignedDuration::ZERO,
            transfer: TransferPolicy::KeepDates,
            caps: Caps::default(),
            zone: Zone::utc(),
            adjustments: None,
            stored_value: None,
            funders: [FunderCode::new("acme").unwrap()].into(),
        };
        Ledger {
            account: Account::empty(code),
            wallet,
            now: day(0),
            entries: Vec::new(),
        }
    }

    pub fn stamp(&self) -> Stamp<'static> {
        Stamp {
            now: self.now,
            next_seq: self.last_seq() + 1,
            id_at: &id_at,
        }
    }

    pub fn last_seq(&self) -> i64 {
        self.entries.len() as i64
    }

    /// Decides a command and returns its answer. A refusal must have changed nothing.
    pub fn ask(&mut self, command: Command) -> Result<EntryDraft, Refusal> {
        let (before, mut stamp) = (self.account.clone(), self.stamp());
        let decided = decide(&mut self.account, &self.wallet, &command, &mut stamp);
        match &decided {
            Ok(drafts) => {
                self.entries.extend(drafts.iter().cloned());
                assert_eq!(stamp.next_seq, self.last_seq() + 1);
                assert!(
                    next_due_at(&self.account).is_none_or(|due_at| due_at > self.now),
                    "nothing due is left"
                );
            }
            Err(_) => assert_eq!((&self.account, stamp.next_seq), (&before, self.last_seq() + 1)),
        }
        decided.map(|drafts| {
            drafts
                .into_iter()
                .find(|draft| draft.by_request)
                .expect("every command makes an entry")
        })
    }

    pub fn earn(&mut self, earned: i64) -> EntryDraft {
        self.earn_at(earned, self.now, None).unwrap()
    }

    pub fn earn_at(
        &mut self,
        earned: i64,
        at: Timestamp,
        activates_at: Option<Timestamp>,
    ) -> Result<EntryDraft, Refusal> {
        self.ask(Command::EarnPoints(EarnPoints {
            waits: activates_at.map(Wait::Until),
            ..earning(earned, Some(at))
        }))
    }

    pub fn spend(&mut self, spent: i64) -> Result<EntryDraft, Refusal> {
        self.ask(Command::SpendPoints(SpendPoints { points: points(spent) }))
    }

    pub fn hold(&mut self, held: i64, ttl_seconds: Option<u32>) -> Result<EntryDraft, Refusal> {
        self.ask(Command::HoldPoints(HoldPoints {
            points: points(held),
            ttl_seconds,
        }))
    }

    pub fn capture(&mut self, hold_id: EntryId, captured: Option<i64>) -> Result<EntryDraft, Refusal> {
        let ended = self.ended(hold_id);
        self.ask(Command::CaptureHold(CaptureHold {
            hold_id,
            points: captured.map(points),
            ended,
        }))
    }

    pub fn release(&mut self, hold_id: EntryId) -> Result<EntryDraft, Refusal> {
        let ended = self.ended(hold_id);
        self.ask(Command::ReleaseHold(ReleaseHold { hold_id, ended }))
    }

    pub fn reverse(&mut self, earning: &EntryDraft, reversed: Option<i64>) -> Result<EntryDraft, Refusal> {
        let original = self.original(earning.entry_id, self.last_seq());
        self.ask(Command::ReverseEntry(ReverseEntry {
            original,
            points: reversed.map(points),
        }))
    }

    pub fn restore(
        &mut self,
        spend: &EntryDraft,
        restored: Option<i64>,
        initiator: Initiator,
    ) -> Result<EntryDraft, Refusal> {
        let original = self.original(spend.entry_id, self.last_seq());
        self.ask(Command::RestoreSpend(RestoreSpend {
            original,
            points: restored.map(points),
            initiator,
        }))
    }

    /// What an entry moved, lot by lot: of which, how many.
    pub fn moves(&self, entry: &EntryDraft) -> Vec<(EntryId, i64)> {
        let lots: Vec<&EntryDraft> = self.entries.iter().filter(|entry| entry.kind.makes_lot()).collect();
        let of = |numbers: Numbers| {
            let shares = lots
                .iter()
                .map(move |lot| (lot.entry_id, numbers.common(lot.made().unwrap()).points.get()));
            shares.filter(|(_, points)| *points > 0)
        };
        entry.portions.iter().flat_map(|portion| of(portion.numbers)).collect()
    }

    /// Reads an entry as the store does, when its journal goes so far.
    pub fn original(&self, entry_id: EntryId, as_of_seq: i64) -> Original {
        let entry = self.entries.iter().find(|entry| entry.entry_id == entry_id).unwrap();
        let journal = self.entries.iter().filter(|entry| entry.seq <= as_of_seq);
        let mut original = Original {
            occurred_at: entry.occurred_at,
            entry_id,
            seq: entry.seq,
            kind: entry.kind,
            points: entry.points,
            portions: entry.portions.clone(),
            lapsed: Points::ZERO,
            as_of_seq,
            other_member: entry.other_member,
            funder: entry.funder.clone(),
        };
        original.lapsed = points(journal.map(|entry| entry.lapsed_of(original.numbers()).get()).sum());
        original
    }

    pub fn status(&self, hold_id: EntryId) -> Option<HoldStatus> {
        HoldStatus::read(hold_id, &self.entries)
    }

    fn ended(&self, hold_id: EntryId) -> Option<HoldState> {
        self.status(hold_id)
            .map(|status| status.state)
            .filter(|state| *state != HoldState::Active)
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(ProgramId::nil(), MemberId::nil(), &self.account)
    }

    /// What the member has now, without a write.
    pub fn amounts(&self) -> Amounts {
        self.snapshot().amounts_at(self.now)
    }

    /// Applies what is due by now.
    pub fn catch_up(&mut self) -> Vec<EntryDraft> {
        let mut stamp = self.stamp();
        let drafts = apply_due(&mut self.account, &mut stamp);
        self.entries.extend(drafts.iter().cloned());
        drafts
    }
}
