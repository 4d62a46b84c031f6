use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*};

use super::{
    fold::Fold,
    ledger::*,
    model::Model,
    steps::{Step, command, ledger, step},
};
use crate::domain::*;

/// Asks the model the same.
fn ask_model(
    model: &mut Model,
    ledger: &Ledger,
    command: &Command,
    made: Option<&EntryDraft>,
) -> Result<(), &'static str> {
    let now = ledger.now;
    let entry_id = made.map_or(id_at(-1), |made| made.entry_id);
    match command {
        Command::EarnPoints(EarnPoints {
            points,
            occurred_at,
            waits,
            ..
        }) => model.earn(entry_id, points.get(), occurred_at.unwrap_or(now), waits.clone(), now),
        Command::SpendPoints(command) => model.spend(entry_id, command.points.get(), now),
        Command::HoldPoints(command) => {
            let ttl = SignedDuration::from_secs(command.ttl_seconds.unwrap().into());
            model.hold(entry_id, command.points.get(), now + ttl)
        }
        Command::CaptureHold(command) => {
            model.capture(entry_id, command.hold_id, command.points.map(|some| some.get()), now)
        }
        Command::ReleaseHold(command) => model.release(command.hold_id, now),
        Command::ReverseEntry(command) => {
            model.reverse(command.original.entry_id, command.points.map(|some| some.get()))
        }
        Command::RestoreSpend(command) => model.restore(
            command.original.entry_id,
            command.points.map(|some| some.get()),
            command.initiator,
            now,
        ),
        Command::ActivatePoints(command) => model.activate(&Wait::For(command.event.clone()), now),
        Command::ExtendPoints(command) => match &command.which {
            Which::Of(original) if !original.kind.makes_lot() && command.expires_at > now => Err("not a lot"),
            Which::Of(original) => model.extend(Some(original.entry_id), None, command.expires_at, now),
            Which::LapsingBefore(before) => model.extend(None, Some(*before), command.expires_at, now),
        },
        Command::ExtendHold(command) => {
            let ttl = SignedDuration::from_secs(command.ttl_seconds.into());
            model.extend_hold(command.hold_id, now + ttl)
        }
        Command::WriteOffDebt(command) => model.write_off(command.points.map(|some| some.get())),
        Command::TakeOut(command) => model.take_out(entry_id, command.points.get()),
        Command::TransferOut(command) => model.transfer_out(entry_id, command.points.map(|some| some.get())),
        Command::TransferIn(command) => {
            let part = |portion: &Portion| (portion.points().get(), portion.expires_at);
            let parts: Vec<_> = command.portions.iter().map(part).collect();
            model.transfer_in(entry_id, &parts, now)
        }
    }
}

fn in_the_models_words(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::InsufficientPoints { .. } => "insufficient",
        Refusal::HoldNotFound { .. } => "hold not found",
        Refusal::HoldNotActive { state, .. } => state.name(),
        Refusal::MoreThanHeld { .. } => "more than held",
        Refusal::NotReversible { .. } => "not reversible",
        Refusal::NotRestorable { .. } => "not restorable",
        Refusal::MoreThanEntry { .. } => "more than entry",
        Refusal::OverLimit { .. } => "over limit",
        Refusal::CapReached { .. } => "cap reached",
        Refusal::NothingWaits { .. } => "nothing waits",
        Refusal::EndInPast { .. } => "end in past",
        Refusal::NothingToExtend { .. } => "nothing to extend",
        Refusal::NotALot { .. } => "not a lot",
        Refusal::MoreThanOwed { .. } => "more than owed",
        Refusal::TransfersForbidden { .. }
        | Refusal::FunderUnknown { .. }
        | Refusal::OccurredInFuture { .. }
        | Refusal::BalanceOutOfRange { .. } => "never asked for here",
    }
}

/// Returns the numbers of the points that lie in an account, each once.
fn numbers_in(account: &Account) -> BTreeSet<i64> {
    let runs = account.open.as_slice().iter().map(|portion| portion.numbers);
    let all: Vec<i64> = runs.flat_map(|run| run.first..run.end()).collect();
    let each: BTreeSet<i64> = all.iter().copied().collect();
    assert_eq!(each.len(), all.len(), "no point lies in two portions");
    each
}

/// Checks that every lot's points are somewhere, each once, and that all lots together are what the account has and what its entries say became of
/// the rest.
fn check_lots(ledger: &Ledger, lines: &Lines, lots: &[LotStory]) {
    let sum = |part: fn(&LotStory) -> i64| lots.iter().map(part).sum::<i64>();
    for lot in lots {
        let parts = [
            lot.available,
            lot.pending,
            lot.held,
            lot.settled,
            lot.spent,
            lot.transferred_out,
            lot.expired,
            lot.reversed,
        ];
        assert!(parts.iter().all(|part| *part >= 0), "{lot:?}");
        assert_eq!(parts.iter().sum::<i64>(), lot.points().get(), "{lot:?}");
    }
    let amounts = ledger.entries.last().map(|entry| entry.after).unwrap_or_default();
    let there = [sum(|lot| lot.available), sum(|lot| lot.pending), sum(|lot| lot.held)];
    assert_eq!(
        there,
        [amounts.available, amounts.pending, amounts.held].map(|points| points.get())
    );
    let gone = |line| lines.get(line);
    assert_eq!(sum(|lot| lot.settled), gone(Line::Settled));
    assert_eq!(sum(|lot| lot.expired), gone(Line::Expired));
    assert_eq!(sum(|lot| lot.reversed), gone(Line::Reversed));
    let spent = gone(Line::Redeemed) + gone(Line::PaidOut) + gone(Line::Forfeited);
    assert_eq!(sum(|lot| lot.spent), spent - gone(Line::Restored));
}

/// Checks that a snapshot says of every coming instant what will be true then.
fn check_snapshot(ledger: &Ledger) {
    let (snapshot, mut later) = (ledger.snapshot(), ledger.clone());
    for hours in [0, 1, 30, 61, 110, 121, 200, 1_000] {
        later.now = ledger.now + SignedDuration::from_hours(hours);
        let instant = later.now;
        later.catch_up();
        assert_eq!(
            later.account.amounts(),
            snapshot.amounts_at(instant),
            "{hours} hours on"
        );
        let next = later.snapshot().next_expiry_at(instant);
        assert_eq!(next, snapshot.next_expiry_at(instant), "{hours} hours on");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 36_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_entries_the_lots_the_snapshot_and_a_plain_model_agree(
        mut ledger in ledger(),
        steps in vec(step(), 1..60),
    ) {
        let mut model = Model::new(&ledger.wallet);
        let mut fold = Fold::default();
        let mut replay = Replay::new(ledger.wallet.code.clone());
        let mut book = LotBook::new(ledger.wallet.code.clone());
        let mut lines = Lines::default();
        let mut followed = 0;
        for step in &steps {
            let Some(command) = command(&mut ledger, step) else { continue };
            let made = ledger.ask(command.clone());
            model.live_until(ledger.now);
            let expected = ask_model(&mut model, &ledger, &command, made.as_ref().ok());
            prop_assert_eq!(made.as_ref().map(|_| ()).map_err(in_the_models_words), expected);

            for entry in &ledger.entries[followed..] {
                fold.follow(entry);
                prop_assert_eq!(replay.follow(entry), Ok(()), "{:?}", entry);
                prop_assert_eq!(book.follow(entry), Ok(()), "{:?}", entry);
                lines = lines.checked_add(&Lines::of(entry)).unwrap();
                prop_assert_eq!(lines.outstanding(), Some(entry.after.total().get()), "{:?}", entry);
                prop_assert_eq!(lines.debt(), Some(entry.after.debt.get()), "{:?}", entry);
            }
            followed = ledger.entries.len();
            prop_assert!(ledger.entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "places leave no gap");
            prop_assert_eq!(ledger.amounts(), model.amounts());
            if made.is_ok() {
                prop_assert_eq!(ledger.account.amounts(), fold.amounts());
                prop_assert_eq!(ledger.account.amounts(), model.amounts());
                prop_assert_eq!(numbers_in(&ledger.account), model.open());
                prop_assert_eq!(replay.account().as_told(), ledger.account.as_told());
            }
            check_snapshot(&ledger);
        }
        check_lots(&ledger, &lines, &book.finish());
    }

    #[test]
    fn a_batch_is_its_commands_one_after_another_or_nothing(
        mut ledger in ledger(),
        history in vec(step(), 0..30),
        steps in vec(step(), 1..6),
        hours in 0..=150i64,
    ) {
        for step in &history {
            if let Some(command) = command(&mut ledger, step) {
                let _ = ledger.ask(command);
            }
        }
        ledger.now += SignedDuration::from_hours(hours);
        let waits = |step: &&Step| !matches!(step, Step::Wait { .. });
        let commands: Vec<Command> = steps.iter().filter(waits).filter_map(|step| command(&mut ledger, step)).collect();
        let postings: Vec<Posting> =
            commands.iter().map(|command| Posting { wallet: &ledger.wallet, command: command.clone(), as_far_as_possible: false }).collect();
        let mut before = AccountSet::default();
        before.put(ledger.account.clone());
        let (mut accounts, mut stamp) = (before.clone(), ledger.stamp());
        let decided = decide_batch(&mut accounts, &postings, &mut stamp);

        let mut alone = ledger.clone();
        let refused = commands.iter().enumerate().find_map(|(posting, command)| {
            alone.ask(command.clone()).err().map(|refusal| BatchRefusal { posting, refusal })
        });
        match refused {
            Some(refused) => {
                prop_assert_eq!(decided, Err(refused));
                prop_assert_eq!((accounts, stamp.next_seq), (before, ledger.last_seq() + 1));
            }
            None => {
                prop_assert_eq!(decided.unwrap(), alone.entries[ledger.entries.len()..].to_vec());
                prop_assert_eq!(accounts.of(&ledger.wallet.code), &mut alone.account);
            }
        }
    }

    #[test]
    fn it_does_not_matter_how_often_what_is_due_is_applied(
        mut ledger in ledger(),
        history in vec(step(), 1..40),
        stops in vec(0..=60i64, 1..10),
    ) {
        for step in &history {
            if let Some(command) = command(&mut ledger, step) {
                let _ = ledger.ask(command);
            }
        }
        let mut often = ledger.clone();
        for hours in stops {
            often.now += SignedDuration::from_hours(hours);
            often.catch_up();
        }
        ledger.now = often.now;
        ledger.catch_up();
        prop_assert_eq!(often.entries, ledger.entries);
        prop_assert_eq!(often.account, ledger.account);
    }
}
