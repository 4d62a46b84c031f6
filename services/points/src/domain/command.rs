//! Commands, and the one function that decides them.

use jiff::Timestamp;

use super::{
    account::Account,
    account_set::AccountSet,
    activate_points::{ActivatePoints, activate_points},
    capture_hold::{CaptureHold, capture_hold},
    due::{apply_due, next_due_at},
    earn_points::{EarnPoints, earn_points},
    entry::{EntryDraft, EntryKind},
    expiry::ExpiryPolicy,
    extend_hold::{ExtendHold, extend_hold},
    extend_points::{ExtendPoints, extend_points},
    hold_points::{HoldPoints, hold_points},
    refusal::{BatchRefusal, Refusal},
    release_hold::{ReleaseHold, release_hold},
    restore_spend::{RestoreSpend, restore_spend},
    reverse_entry::{ReverseEntry, reverse_entry},
    spend_points::{SpendPoints, spend_points},
    stamp::Stamp,
    take_out::{TakeOut, take_out},
    transfer_points::{TransferIn, TransferOut, transfer_in, transfer_out},
    wallet::Wallet,
    write_off_debt::{WriteOffDebt, write_off_debt},
};

/// What can be asked of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Credit points.
    EarnPoints(EarnPoints),
    /// Debit points.
    SpendPoints(SpendPoints),
    /// Set points aside.
    HoldPoints(HoldPoints),
    /// Spend held points.
    CaptureHold(CaptureHold),
    /// Give held points back.
    ReleaseHold(ReleaseHold),
    /// Take an earning back.
    ReverseEntry(ReverseEntry),
    /// Give spent points back.
    RestoreSpend(RestoreSpend),
    /// Make points available that wait.
    ActivatePoints(ActivatePoints),
    /// Give points a later end.
    ExtendPoints(ExtendPoints),
    /// Give a hold more time.
    ExtendHold(ExtendHold),
    /// Forgive a debt.
    WriteOffDebt(WriteOffDebt),
    /// Take points out for another member.
    TransferOut(TransferOut),
    /// Take points in that came from another member.
    TransferIn(TransferIn),
    /// Take stored value out.
    TakeOut(TakeOut),
}

/// One command of a batch.
#[derive(Clone, Debug)]
pub struct Posting<'a> {
    /// The wallet, in the version that is in force for the command.
    pub wallet: &'a Wallet,
    /// The command.
    pub command: Command,
    /// Whether what caps or earlier reversals leave of it is done, and be that nothing, instead of refusing it.
    pub as_far_as_possible: bool,
}

/// Decides a command: brings the account up to now, changes it, and returns the entries that record both. The first entry that a
/// request made is the command's answer.
///
/// A refusal leaves the account and the stamp as they were.
pub fn decide(
    account: &mut Account,
    wallet: &Wallet,
    command: &Command,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let (next_seq, is_due) = (
        stamp.next_seq,
        next_due_at(account).is_some_and(|due_at| due_at <= stamp.now),
    );
    // Commands check before they change anything; only what was due has to be undone, and that is rare.
    let before = is_due.then(|| account.clone());
    let mut drafts = apply_due(account, stamp);
    match carry_out(account, wallet, command, stamp) {
        Ok(mut made) => {
            live_on(account, wallet, &mut made, stamp.now);
            drafts.extend(made);
            Ok(drafts)
        }
        Err(refusal) => {
            stamp.next_seq = next_seq;
            if let Some(before) = before {
                *account = before;
            }
            Err(refusal)
        }
    }
}

/// Decides several commands of one member as one: all of them, or none. An account that is missing is one that never had anything.
pub fn decide_batch(
    accounts: &mut AccountSet,
    postings: &[Posting<'_>],
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, BatchRefusal> {
    let (before, next_seq) = (accounts.clone(), stamp.next_seq);
    let mut drafts = Vec::new();
    for (number, posting) in postings.iter().enumerate() {
        let account = accounts.of(&posting.wallet.code);
        match decide_posting(account, posting, stamp) {
            Ok(made) => drafts.extend(made),
            Err(refusal) => {
                (*accounts, stamp.next_seq) = (before, next_seq);
                return Err(BatchRefusal {
                    posting: number,
                    refusal,
                });
            }
        }
    }
    Ok(drafts)
}

fn decide_posting(
    account: &mut Account,
    posting: &Posting<'_>,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    match (
        decide(account, posting.wallet, &posting.command, stamp),
        &posting.command,
    ) {
        (Err(refusal), _) if !posting.as_far_as_possible => Err(refusal),
        (Err(Refusal::CapReached { .. }), Command::EarnPoints(_)) => Ok(Vec::new()),
        (Err(Refusal::MoreThanEntry { left, .. }), Command::ReverseEntry(_)) if left.is_zero() => Ok(Vec::new()),
        (Err(Refusal::MoreThanEntry { left, .. }), Command::ReverseEntry(asked)) => {
            let rest = ReverseEntry {
                points: Some(left),
                ..asked.clone()
            };
            decide(account, posting.wallet, &Command::ReverseEntry(rest), stamp)
        }
        (decided, _) => decided,
    }
}

/// Where points live on with every activity, and this was one, gives all of them a later end. The last entry of the request says so: what came back
/// before it came back with the end of before.
fn live_on(account: &mut Account, wallet: &Wallet, made: &mut [EntryDraft], now: Timestamp) {
    let ExpiryPolicy::Inactivity { kinds, .. } = wallet.expiry else {
        return;
    };
    let is_first = account.slides_until.is_none_or(|until| until <= now);
    let keeps_alive = |kind: EntryKind| kinds.contain(kind) || kind.makes_lot() && is_first;
    let Some(activity) = made.iter().find(|draft| draft.by_request && keeps_alive(draft.kind)) else {
        return;
    };
    let until = wallet.expiry.expires_at(activity.occurred_at, &wallet.zone);
    let before = account.slides_until;
    if until <= before {
        return;
    }
    account.slides_until = until;
    if let Some(before) = before {
        account.move_end(before, until);
    }
    if let Some(last) = made.iter_mut().rfind(|draft| draft.by_request) {
        last.extended_to = until;
    }
}

/// Carries a command out on an account that has been brought up to now.
fn carry_out(
    account: &mut Account,
    wallet: &Wallet,
    command: &Command,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    match command {
        Command::EarnPoints(command) => earn_points(account, wallet, command, stamp),
        Command::SpendPoints(command) => spend_points(account, wallet, command, stamp),
        Command::HoldPoints(command) => hold_points(account, wallet, command, stamp),
        Command::CaptureHold(command) => capture_hold(account, command, stamp),
        Command::ReleaseHold(command) => release_hold(account, command, stamp),
        Command::ReverseEntry(command) => reverse_entry(account, wallet, command, stamp),
        Command::RestoreSpend(command) => restore_spend(account, wallet, command, stamp),
        Command::ActivatePoints(command) => activate_points(account, wallet, command, stamp),
        Command::ExtendPoints(command) => extend_points(account, command, stamp),
        Command::ExtendHold(command) => extend_hold(account, command, stamp),
        Command::WriteOffDebt(command) => write_off_debt(account, command, stamp),
        Command::TransferOut(command) => transfer_out(account, wallet, command, stamp),
        Command::TransferIn(command) => transfer_in(account, wallet, command, stamp),
        Command::TakeOut(command) => take_out(account, command, stamp),
    }
}
