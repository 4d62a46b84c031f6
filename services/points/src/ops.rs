//! Changes, each told from its command to its entries.
//!
//! All of them go through the shard writer: what a batch concerns is loaded at once, decided one after another, saved at once, and mirrored when it is
//! durable. What a decision needs and how it is recorded lies in [`Desk`]; each change has a file of its own.

mod activate_points;
mod adjust;
mod answer;
mod balance_token;
mod capture_hold;
mod capture_stored_value;
mod cash_out;
mod desk;
mod earn_points;
mod extend_hold;
mod extend_points;
mod follow;
mod hold_points;
mod hold_stored_value;
mod loaded;
mod plan_notices;
mod post_batch;
mod prepaid;
mod publish_wallet;
mod receive_transfer;
mod refund_stored_value;
mod release_hold;
mod restore_spend;
mod return_transfer;
mod reverse_entry;
mod settle;
mod spend_points;
mod spend_stored_value;
mod top_up;
mod transfer_points;
mod write_off_debt;
mod written;

use std::sync::Arc;

use bytes::Bytes;
use common::{
    canary,
    journal::JournalRow,
    versions::Catalogue,
    writer::{Event, Memory, Stamp, Steps, Work, Writes},
};
use sqlx::{PgConnection, error::BoxDynError};

use crate::{
    SCHEMA,
    domain::WalletCode,
    error::Error,
    store::{
        MemberAccounts, Mirror, Nearby, WalletTerms, save_accounts, save_members, save_notice_rules, save_transfers,
    },
};

pub use activate_points::ActivatePoints;
pub use adjust::{Act, Adjust, Attempted};
pub use answer::{entries_of_request, made_by, was_refused};
pub use balance_token::BalanceTokens;
pub use capture_hold::CaptureHold;
pub use capture_stored_value::{CaptureStoredValue, ReleaseStoredValue};
pub use cash_out::CashOut;
pub use earn_points::EarnPoints;
pub use extend_hold::ExtendHold;
pub use extend_points::{ExtendPoints, Extended};
pub use hold_points::HoldPoints;
pub use hold_stored_value::HoldStoredValue;
pub use loaded::Loaded;
pub use post_batch::{Asked, Earning, PostBatch, Posting};
pub use publish_wallet::PublishWallet;
pub use receive_transfer::ReceiveTransfer;
pub use refund_stored_value::RefundStoredValue;
pub use release_hold::ReleaseHold;
pub use restore_spend::RestoreSpend;
pub use return_transfer::ReturnTransfer;
pub use reverse_entry::ReverseEntry;
pub use spend_points::SpendPoints;
pub use spend_stored_value::SpendStoredValue;
pub use top_up::TopUp;
pub use transfer_points::{TransferPoints, bring_to_rest, transfer};
pub use write_off_debt::WriteOffDebt;

use desk::Desk;

/// By which number a request is remembered that asked for a method. A number is never used for another method.
pub mod method {
    pub use super::{
        activate_points::METHOD as ACTIVATE_POINTS, adjust::APPROVE as APPROVE_ADJUSTMENT,
        adjust::PROPOSE as PROPOSE_ADJUSTMENT, adjust::REJECT as REJECT_ADJUSTMENT,
        capture_hold::METHOD as CAPTURE_HOLD, capture_stored_value::CAPTURE as CAPTURE_STORED_VALUE,
        capture_stored_value::RELEASE as RELEASE_STORED_VALUE, cash_out::METHOD as CASH_OUT,
        earn_points::METHOD as EARN_POINTS, extend_hold::METHOD as EXTEND_HOLD, extend_points::METHOD as EXTEND_POINTS,
        hold_points::METHOD as HOLD_POINTS, hold_stored_value::METHOD as HOLD_STORED_VALUE,
        post_batch::METHOD as POST_BATCH, publish_wallet::METHOD as PUBLISH_WALLET,
        receive_transfer::METHOD as RECEIVE_TRANSFER, refund_stored_value::METHOD as REFUND_STORED_VALUE,
        release_hold::METHOD as RELEASE_HOLD, restore_spend::METHOD as RESTORE_SPEND,
        return_transfer::METHOD as RETURN_TRANSFER, reverse_entry::METHOD as REVERSE_ENTRY,
        spend_points::METHOD as SPEND_POINTS, spend_stored_value::METHOD as SPEND_STORED_VALUE,
        top_up::METHOD as TOP_UP, transfer_points::METHOD as TRANSFER_POINTS, write_off_debt::METHOD as WRITE_OFF_DEBT,
    };
}

/// What can be asked of the service.
#[derive(Clone, Debug)]
pub enum Command {
    /// Publish a version of a wallet.
    PublishWallet(Box<PublishWallet>),
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
    TransferPoints(TransferPoints),
    /// Take points in that came from another member.
    ReceiveTransfer(ReceiveTransfer),
    /// Give points back that another member did not get.
    ReturnTransfer(ReturnTransfer),
    /// Give or take points by hand.
    Adjust(Adjust),
    /// Credit what a member paid in advance.
    TopUp(TopUp),
    /// Pay with stored value.
    SpendStoredValue(SpendStoredValue),
    /// Set stored value aside.
    HoldStoredValue(HoldStoredValue),
    /// Pay with stored value that was set aside.
    CaptureStoredValue(CaptureStoredValue),
    /// Give back stored value that was set aside.
    ReleaseStoredValue(ReleaseStoredValue),
    /// Give a payment with stored value back.
    RefundStoredValue(RefundStoredValue),
    /// Pay stored value out.
    CashOut(CashOut),
    /// Post several commands as one.
    PostBatch(PostBatch),
    /// Bring a member's accounts up to now, and tell what is to be told.
    Settle,
    /// Find out anew when a member is to be told of points in a wallet.
    PlanNotices(WalletCode),
}

/// What the service does with what it is asked.
pub struct Ledger {
    wallets: Arc<Catalogue<WalletTerms>>,
    mirror: Mirror,
    nearby: Nearby,
    balance_tokens: BalanceTokens,
}

impl Ledger {
    /// Puts together what changes need.
    pub fn new(
        wallets: Arc<Catalogue<WalletTerms>>,
        mirror: Mirror,
        nearby: Nearby,
        balance_tokens: BalanceTokens,
    ) -> Ledger {
        Ledger {
            wallets,
            mirror,
            nearby,
            balance_tokens,
        }
    }
}

impl Steps for Ledger {
    type Command = Command;
    type State = Loaded;
    type Remembered = MemberAccounts;
    type Refusal = Error;

    const SCHEMA: &'static str = SCHEMA;

    /// What a person adjusts in a day lies under no member's head: whoever loads it locks it.
    fn claims(&self, command: &Command) -> bool {
        matches!(command, Command::Adjust(_))
    }

    async fn load(
        &self,
        connection: &mut PgConnection,
        memory: &mut Memory<MemberAccounts>,
        work: &Work<'_, Command>,
    ) -> Result<Loaded, sqlx::Error> {
        let wallets = self.wallets.load(connection, work).await?;
        Loaded::load(connection, memory, work, wallets).await
    }

    fn decide(&self, state: &mut Loaded, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let first = stamp.next_seq();
        let answer = self.carry_out(state, command, stamp)?;
        state.written.note(stamp, first);
        Ok(answer)
    }

    fn take_in(&self, state: &mut Loaded, event: &Event, stamp: &mut Stamp<'_>) {
        follow::take_in(state, event, stamp);
    }

    fn persist(&self, state: &mut Loaded, writes: &mut Writes) {
        if canary::sings("mirror-before-commit") {
            let (mirror, early) = (self.mirror.clone(), state.publications());
            tokio::spawn(async move { mirror.publish(&early).await });
        }
        self.wallets.persist(&mut state.wallets, writes);
        save_members(state.statuses.drain(), writes);
        save_accounts(&state.accounts, writes);
        save_transfers(std::mem::take(&mut state.left), writes);
        save_notice_rules(std::mem::take(&mut state.notice_rules), writes);
        state.adjustments.save(writes);
        state.top_ups.save(writes);
    }

    fn remember(&self, state: &mut Loaded, memory: &mut Memory<MemberAccounts>) {
        state.remember(memory);
    }

    fn fold_answer(row: &JournalRow, method: i16, answer: &Bytes) -> Bytes {
        answer::fold(row, method, answer)
    }

    fn unfold_answer(row: &JournalRow, kept: &Bytes) -> Result<Bytes, BoxDynError> {
        answer::unfold(row, kept)
    }

    async fn committed(&self, state: Loaded) {
        // What cannot be published now is published again by the worker, which compares the mirror with the journal.
        let publications = state.published;
        let snapshots = publications.iter().flat_map(|publication| &publication.snapshots);
        snapshots.for_each(|snapshot| self.nearby.put(snapshot));
        let _ = self.mirror.publish(&publications).await;
    }
}

impl Ledger {
    fn carry_out(&self, state: &mut Loaded, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let mut desk = match command {
            Command::PublishWallet(command) => return publish_wallet::publish_wallet(state, command, stamp),
            Command::Adjust(command) => return adjust::adjust(state, stamp, &self.balance_tokens, command),
            _ => Desk::open(state, stamp, &self.balance_tokens)?,
        };
        match command {
            Command::EarnPoints(command) => earn_points::earn_points(&mut desk, command),
            Command::SpendPoints(command) => spend_points::spend_points(&mut desk, command),
            Command::HoldPoints(command) => hold_points::hold_points(&mut desk, command),
            Command::CaptureHold(command) => capture_hold::capture_hold(&mut desk, command),
            Command::ReleaseHold(command) => release_hold::release_hold(&mut desk, command),
            Command::ReverseEntry(command) => reverse_entry::reverse_entry(&mut desk, command),
            Command::RestoreSpend(command) => restore_spend::restore_spend(&mut desk, command),
            Command::ActivatePoints(command) => activate_points::activate_points(&mut desk, command),
            Command::ExtendPoints(command) => extend_points::extend_points(&mut desk, command),
            Command::ExtendHold(command) => extend_hold::extend_hold(&mut desk, command),
            Command::WriteOffDebt(command) => write_off_debt::write_off_debt(&mut desk, command),
            Command::TransferPoints(command) => transfer_points::transfer_points(&mut desk, command),
            Command::ReceiveTransfer(command) => receive_transfer::receive_transfer(&mut desk, command),
            Command::ReturnTransfer(command) => return_transfer::return_transfer(&mut desk, command),
            Command::TopUp(command) => top_up::top_up(&mut desk, command),
            Command::SpendStoredValue(command) => spend_stored_value::spend_stored_value(&mut desk, command),
            Command::HoldStoredValue(command) => hold_stored_value::hold_stored_value(&mut desk, command),
            Command::CaptureStoredValue(command) => capture_stored_value::capture_stored_value(&mut desk, command),
            Command::ReleaseStoredValue(command) => capture_stored_value::release_stored_value(&mut desk, command),
            Command::RefundStoredValue(command) => refund_stored_value::refund_stored_value(&mut desk, command),
            Command::CashOut(command) => cash_out::cash_out(&mut desk, command),
            Command::PostBatch(command) => post_batch::post_batch(&mut desk, command),
            Command::Settle => settle::settle(&mut desk),
            Command::PlanNotices(wallet) => plan_notices::plan_notices(&mut desk, wallet),
            Command::PublishWallet(_) | Command::Adjust(_) => unreachable!("they open a desk of their own, or none"),
        }
    }
}
