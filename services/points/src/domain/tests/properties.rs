use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::{collection::vec, option, prelude::*, sample::Index};

use super::{fold::Fold, ledger::*, model::Model};
use crate::domain::*;

#[derive(Clone, Debug)]
enum Step {
    Wait {
        hours: i64,
    },
    Earn {
        number: i64,
        hours_ago: i64,
        activates_in: Option<i64>,
    },
    Spend {
        number: i64,
    },
    Hold {
        number: i64,
        ttl_hours: u32,
    },
    Capture {
        hold: Index,
        number: Option<i64>,
    },
    Release {
        hold: Index,
    },
    Reverse {
        earning: Index,
        number: Option<i64>,
        journal: Index,
    },
    Restore {
        spend: Index,
        number: Option<i64>,
        initiator: Initiator,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let some = || option::weighted(0.7, 1..=20i64);
    let initiator = prop_oneof![Just(Initiator::Member), Just(Initiator::Merchant)];
    prop_oneof![
        3 => (0..=96i64).prop_map(|hours| Step::Wait { hours }),
        4 => (1..=25i64, prop_oneof![Just(0), 0..=200i64], option::weighted(0.3, -20..=150i64))
            .prop_map(|(number, hours_ago, activates_in)| Step::Earn { number, hours_ago, activates_in }),
        2 => (1..=30i64).prop_map(|number| Step::Spend { number }),
        2 => (1..=30i64, 1..=150u32).prop_map(|(number, ttl_hours)| Step::Hold { number, ttl_hours }),
        2 => (any::<Index>(), some()).prop_map(|(hold, number)| Step::Capture { hold, number }),
        1 => any::<Index>().prop_map(|hold| Step::Release { hold }),
        2 => (any::<Index>(), some(), any::<Index>())
            .prop_map(|(earning, number, journal)| Step::Reverse { earning, number, journal }),
        2 => (any::<Index>(), some(), initiator).prop_map(|(spend, number, initiator)| Step::Restore { spend, number, initiator }),
    ]
}

fn ledger() -> impl Strategy<Value = Ledger> {
    let expiry = prop_oneof![
        4 => Just(ExpiryPolicy::AfterDays { days: 5 }),
        1 => Just(ExpiryPolicy::None),
        2 => Just(ExpiryPolicy::AtPeriodEnd { period: Period::Month, after_months: 0 }),
    ];
    let overdraft = prop_oneof![Just(OverdraftPolicy::Forbid), Just(OverdraftPolicy::CarryDebt)];
    (expiry, overdraft).prop_map(|(expiry, overdraft)| Ledger::of(expiry, overdraft))
}

/// Chooses among the entries of the kinds that fit, and at times among all, so that what does not fit is asked for too.
fn choose(ledger: &Ledger, index: Index, kinds: &[EntryKind]) -> Option<EntryDraft> {
    let fitting: Vec<&EntryDraft> = ledger
        .entries
        .iter()
        .filter(|entry| kinds.contains(&entry.kind))
        .collect();
    let all: Vec<&EntryDraft> = ledger.entries.iter().collect();
    let entries = if fitting.is_empty() || index.index(8) == 0 {
        all
    } else {
        fitting
    };
    (!entries.is_empty()).then(|| (*index.get(&entries)).clone())
}

/// Turns a step into a command, or moves the clock.
fn command(ledger: &mut Ledger, step: &Step) -> Option<Command> {
    Some(match step.clone() {
        Step::Wait { hours } => {
            ledger.now += SignedDuration::from_hours(hours);
            return None;
        }
        Step::Earn {
            number,
            hours_ago,
            activates_in,
        } => Command::EarnPoints(EarnPoints {
            points: points(number),
            occurred_at: Some(ledger.now - SignedDuration::from_hours(hours_ago)),
            activates_at: activates_in.map(|hours| ledger.now + SignedDuration::from_hours(hours)),
        }),
        Step::Spend { number } => Command::SpendPoints(SpendPoints { points: points(number) }),
        Step::Hold { number, ttl_hours } => Command::HoldPoints(HoldPoints {
            points: points(number),
            ttl_seconds: Some(3_600 * ttl_hours),
        }),
        Step::Capture { hold, number } => {
            let hold_id = choose(ledger, hold, &[EntryKind::Hold])?.entry_id;
            Command::CaptureHold(CaptureHold {
                hold_id,
                points: number.map(points),
                ended: None,
            })
        }
        Step::Release { hold } => {
            let hold_id = choose(ledger, hold, &[EntryKind::Hold])?.entry_id;
            Command::ReleaseHold(ReleaseHold { hold_id, ended: None })
        }
        Step::Reverse {
            earning,
            number,
            journal,
        } => {
            let earning = choose(ledger, earning, &[EntryKind::Earn])?.entry_id;
            let original = ledger.original(earning, journal.index(ledger.entries.len() + 1) as i64);
            Command::ReverseEntry(ReverseEntry {
                original,
                points: number.map(points),
            })
        }
        Step::Restore {
            spend,
            number,
            initiator,
        } => {
            let spend = choose(ledger, spend, &[EntryKind::Spend, EntryKind::Capture])?.entry_id;
            let original = ledger.original(spend, ledger.last_seq());
            Command::RestoreSpend(RestoreSpend {
                original,
                points: number.map(points),
                initiator,
            })
        }
    })
}

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
            activates_at,
        }) => {
            let earned_at = occurred_at.unwrap_or(now);
            let expires_at = ledger.wallet.expiry.expires_at(earned_at, &ledger.wallet.zone);
            model.earn(entry_id, points.get(), *activates_at, expires_at, now);
            Ok(())
        }
        Command::SpendPoints(command) => model.spend(entry_id, command.points.get()),
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
        Refusal::OccurredInFuture { .. } | Refusal::BalanceOutOfRange { .. } => "never asked for here",
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
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_entries_the_lots_the_snapshot_and_a_plain_model_agree(
        mut ledger in ledger(),
        steps in vec(step(), 1..60),
    ) {
        let mut model = Model::new(ledger.wallet.overdraft == OverdraftPolicy::CarryDebt);
        let mut fold = Fold::default();
        let mut followed = 0;
        for step in &steps {
            let Some(command) = command(&mut ledger, step) else { continue };
            let made = ledger.ask(command.clone());
            model.live_until(ledger.now);
            let expected = ask_model(&mut model, &ledger, &command, made.as_ref().ok());
            prop_assert_eq!(made.as_ref().map(|_| ()).map_err(in_the_models_words), expected);

            ledger.entries[followed..].iter().for_each(|entry| fold.follow(entry));
            followed = ledger.entries.len();
            prop_assert!(ledger.entries.iter().zip(1..).all(|(entry, seq)| entry.seq == seq), "places leave no gap");
            prop_assert_eq!(ledger.amounts(), model.amounts());
            if made.is_ok() {
                prop_assert_eq!(ledger.account.amounts(), fold.amounts());
                prop_assert_eq!(ledger.account.amounts(), model.amounts());
                prop_assert_eq!(numbers_in(&ledger.account), model.open());
            }
            check_snapshot(&ledger);
        }
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
            commands.iter().map(|command| Posting { wallet: &ledger.wallet, command: command.clone() }).collect();
        let before = BTreeMap::from([(ledger.wallet.code.clone(), ledger.account.clone())]);
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
                prop_assert_eq!(&accounts[&ledger.wallet.code], &alone.account);
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
