//! A balance at another instant than now, or by what was known at another time.

use std::sync::Arc;

use common::{
    ids::MemberId,
    program::Program,
    refusal::{Fault, Violations},
    time,
};
use jiff::Timestamp;
use proto::points as pb;
use tonic::Status;

use super::{fields::optional_time, get_balance::found};
use crate::{
    context::Context,
    domain::{self, Account, EntryDraft, History, PastAmounts, Replay, Snapshot, WalletCode},
    store::{self, amounts_to_wire},
};

/// At which instant, and by what was known when. Not both are nothing.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    as_of: Option<Timestamp>,
    as_believed_at: Option<Timestamp>,
}

impl Times {
    /// Reads the times of a request; nothing for a balance of now. The outer option is empty when one is wrong.
    pub fn read(violations: &mut Violations, wire: &pb::GetBalanceRequest) -> Option<Option<Times>> {
        let as_of = optional_time(violations, "as_of", wire.as_of.as_ref());
        let as_believed_at = optional_time(violations, "as_believed_at", wire.as_believed_at.as_ref());
        let (as_of, as_believed_at) = as_of.zip(as_believed_at)?;
        let times = Times { as_of, as_believed_at };
        Some((as_of.is_some() || as_believed_at.is_some()).then_some(times))
    }
}

/// Returns what a member had or will have.
pub async fn balance_at(
    cx: &Context,
    program: &Arc<Program>,
    member_id: MemberId,
    wallet: &WalletCode,
    times: Times,
) -> Result<pb::Balance, Status> {
    let read = cx.balances.read_account(program, member_id, wallet).await;
    let stored = found(read.map_err(Fault::from)?, member_id, wallet)?;
    let now = program.now_for_reading();
    let is_past = times.as_of.is_some_and(|as_of| as_of < now);
    let told = if is_past || times.as_believed_at.is_some() {
        Told::read(cx, (program.program_id, member_id), &stored, times.as_believed_at).await?
    } else {
        Told::default()
    };
    // A sandbox goes by its own clock: then was when the last thing happened that was known.
    let (mut account, known_at) = match times.as_believed_at {
        None => (stored, now),
        Some(at) if program.clock_at.is_none() => (told.account(wallet)?, at.min(now)),
        Some(_) => (told.account(wallet)?, told.last_occurred_at().unwrap_or(now)),
    };
    let as_of = times.as_of.unwrap_or(known_at);
    let (amounts, next_expiry) = if as_of < known_at {
        (told.history(&mut account, known_at).amounts_at(as_of), None)
    } else {
        domain::foresee(&mut account, as_of);
        let snapshot = Snapshot::of(program.program_id, member_id, &account);
        (PastAmounts::from(account.amounts()), snapshot.next_expiry_at(as_of))
    };
    Ok(pb::Balance {
        member_id: member_id.to_string(),
        wallet: wallet.to_string(),
        amounts: Some(amounts_to_wire(amounts)),
        next_expiry_at: next_expiry.map(|(at, _)| time::to_wire(at)),
        next_expiry_points: next_expiry.map_or(0, |(_, points)| points.get()),
        balance_token: String::new(),
    })
}

/// What the entries of an account tell.
#[derive(Default)]
struct Told {
    entries: Vec<EntryDraft>,
}

impl Told {
    async fn read(
        cx: &Context,
        member: store::MemberKey,
        account: &Account,
        recorded_until: Option<Timestamp>,
    ) -> Result<Told, Fault> {
        let mut entries = Vec::new();
        let told = store::follow_entries(
            &cx.db,
            member,
            &account.wallet,
            account.last_seq,
            recorded_until,
            |entry| {
                entries.push(entry);
                Ok::<(), Fault>(())
            },
        );
        told.await??;
        Ok(Told { entries })
    }

    fn account(&self, wallet: &WalletCode) -> Result<Account, Fault> {
        let mut replay = Replay::new(wallet.clone());
        for entry in &self.entries {
            replay.follow(entry).map_err(Fault::internal)?;
        }
        Ok(replay.account().clone())
    }

    fn last_occurred_at(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.occurred_at).max()
    }

    /// Returns the movements, with those that were due and not recorded yet.
    fn history(&self, account: &mut Account, known_at: Timestamp) -> History {
        let mut history = History::default();
        self.entries.iter().for_each(|entry| history.follow(entry));
        domain::foresee(account, known_at)
            .iter()
            .for_each(|entry| history.follow(entry));
        history
    }
}
