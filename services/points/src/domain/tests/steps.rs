//! What happens in the properties: anything that can be asked of a wallet of any kind, at random.

use common::ids::MemberId;
use jiff::SignedDuration;
use proptest::{collection::vec, option, prelude::*, sample::Index};

use super::ledger::*;
use crate::domain::*;

#[derive(Clone, Debug)]
pub enum Step {
    Wait {
        hours: i64,
    },
    Earn {
        number: i64,
        hours_ago: i64,
        waits: Option<Waits>,
    },
    Spend {
        number: i64,
    },
    TakeOut {
        number: i64,
        as_cash: bool,
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
    Activate {
        event: u8,
    },
    Extend {
        earning: Option<Index>,
        before_hours: i64,
        to_hours: i64,
    },
    ExtendHold {
        hold: Index,
        ttl_hours: u32,
    },
    WriteOff {
        number: Option<i64>,
    },
    TransferOut {
        number: Option<i64>,
    },
    TransferIn {
        parts: Vec<(i64, Option<i64>)>,
    },
}

#[derive(Clone, Debug)]
pub enum Waits {
    Hours(i64),
    Event(u8),
}

fn event(number: u8) -> EventName {
    EventName::new(&format!("event-{number}")).unwrap()
}

pub fn step() -> impl Strategy<Value = Step> {
    let some = || option::weighted(0.7, 1..=20i64);
    let waits = prop_oneof![(-20..=150i64).prop_map(Waits::Hours), (0..3u8).prop_map(Waits::Event)];
    let initiator = prop_oneof![Just(Initiator::Member), Just(Initiator::Merchant)];
    prop_oneof![
        3 => (0..=96i64).prop_map(|hours| Step::Wait { hours }),
        5 => (1..=25i64, prop_oneof![Just(0), 0..=200i64], option::weighted(0.4, waits))
            .prop_map(|(number, hours_ago, waits)| Step::Earn { number, hours_ago, waits }),
        2 => (1..=30i64).prop_map(|number| Step::Spend { number }),
        1 => (1..=30i64, any::<bool>()).prop_map(|(number, as_cash)| Step::TakeOut { number, as_cash }),
        2 => (1..=30i64, 1..=150u32).prop_map(|(number, ttl_hours)| Step::Hold { number, ttl_hours }),
        2 => (any::<Index>(), some()).prop_map(|(hold, number)| Step::Capture { hold, number }),
        1 => any::<Index>().prop_map(|hold| Step::Release { hold }),
        2 => (any::<Index>(), some(), any::<Index>())
            .prop_map(|(earning, number, journal)| Step::Reverse { earning, number, journal }),
        2 => (any::<Index>(), some(), initiator).prop_map(|(spend, number, initiator)| Step::Restore { spend, number, initiator }),
        1 => (0..3u8).prop_map(|event| Step::Activate { event }),
        1 => (option::of(any::<Index>()), 0..=300i64, -10..=400i64)
            .prop_map(|(earning, before_hours, to_hours)| Step::Extend { earning, before_hours, to_hours }),
        1 => (any::<Index>(), 1..=150u32).prop_map(|(hold, ttl_hours)| Step::ExtendHold { hold, ttl_hours }),
        1 => some().prop_map(|number| Step::WriteOff { number }),
        1 => some().prop_map(|number| Step::TransferOut { number }),
        1 => vec((1..=9i64, option::of(-20..=150i64)), 1..3).prop_map(|parts| Step::TransferIn { parts }),
    ]
}

pub fn ledger() -> impl Strategy<Value = Ledger> {
    let to_end_of = |period| ExpiryPolicy::AtPeriodEnd {
        period,
        after_months: 0,
        after_days: 0,
    };
    let kinds = (any::<bool>(), any::<bool>()).prop_map(|(earning, spending)| Activities { earning, spending });
    let expiry = prop_oneof![
        4 => Just(ExpiryPolicy::AfterDays { days: 5 }),
        1 => Just(ExpiryPolicy::None),
        2 => Just(to_end_of(Period::Month)),
        2 => Just(to_end_of(Period::Day)),
        3 => kinds.prop_map(|kinds| ExpiryPolicy::Inactivity { days: 3, kinds }),
    ];
    let overdraft = prop_oneof![
        Just(OverdraftPolicy::PendingOnly),
        Just(OverdraftPolicy::Forbid),
        Just(OverdraftPolicy::CarryDebt { limit: None }),
        Just(OverdraftPolicy::CarryDebt {
            limit: Some(points(15))
        }),
    ];
    let cap = |most| option::weighted(0.2, Just(points(most)));
    let caps = (cap(60), cap(20), cap(25), cap(30)).prop_map(|(balance, earning, debit, per_day)| Caps {
        balance,
        earning,
        debit,
        earned_per: per_day
            .map(|points| PeriodCap {
                period: Period::Day,
                points,
            })
            .into_iter()
            .collect(),
    });
    // No whole hours, so that no end falls together with another by chance.
    let grace = prop_oneof![Just(SignedDuration::ZERO), Just(SignedDuration::from_mins(3_001))];
    (expiry, any::<bool>(), overdraft, caps, grace).prop_map(
        |(expiry, expiry_from_activation, overdraft, caps, grace)| {
            let ledger = Ledger::of(expiry, overdraft);
            Ledger {
                wallet: Wallet {
                    expiry_from_activation,
                    restore_grace: SignedDuration::from_mins(10_007),
                    hold_grace: grace,
                    caps,
                    ..ledger.wallet
                },
                ..ledger
            }
        },
    )
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
pub fn command(ledger: &mut Ledger, step: &Step) -> Option<Command> {
    Some(match step.clone() {
        Step::Wait { hours } => {
            ledger.now += SignedDuration::from_hours(hours);
            return None;
        }
        Step::Earn {
            number,
            hours_ago,
            waits,
        } => Command::EarnPoints(EarnPoints {
            waits: waits.map(|waits| match waits {
                Waits::Hours(hours) => Wait::Until(ledger.now + SignedDuration::from_hours(hours)),
                Waits::Event(number) => Wait::For(event(number)),
            }),
            ..earning(number, Some(ledger.now - SignedDuration::from_hours(hours_ago)))
        }),
        Step::Spend { number } => Command::SpendPoints(SpendPoints { points: points(number) }),
        Step::TakeOut { number, as_cash } => Command::TakeOut(TakeOut {
            points: points(number),
            taken_as: if as_cash { TakenAs::Cash } else { TakenAs::Forfeit },
        }),
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
            let spend = choose(
                ledger,
                spend,
                &[
                    EntryKind::Spend,
                    EntryKind::Capture,
                    EntryKind::TransferOut,
                    EntryKind::CashOut,
                    EntryKind::Forfeit,
                ],
            )?;
            let spend = spend.entry_id;
            let original = ledger.original(spend, ledger.last_seq());
            Command::RestoreSpend(RestoreSpend {
                original,
                points: number.map(points),
                initiator,
            })
        }
        Step::Activate { event: number } => Command::ActivatePoints(ActivatePoints { event: event(number) }),
        Step::Extend {
            earning,
            before_hours,
            to_hours,
        } => {
            // Between whole hours, so that no end falls together with another by chance.
            let later = |hours| ledger.now + SignedDuration::from_mins(60 * hours + 17);
            let which = match earning {
                Some(earning) => {
                    let earning = choose(ledger, earning, &[EntryKind::Earn, EntryKind::TransferIn])?.entry_id;
                    Which::Of(ledger.original(earning, ledger.last_seq()))
                }
                None => Which::LapsingBefore(later(before_hours)),
            };
            Command::ExtendPoints(ExtendPoints {
                expires_at: later(to_hours),
                which,
            })
        }
        Step::ExtendHold { hold, ttl_hours } => {
            let hold_id = choose(ledger, hold, &[EntryKind::Hold])?.entry_id;
            Command::ExtendHold(ExtendHold {
                hold_id,
                ttl_seconds: 3_600 * ttl_hours,
                ended: None,
            })
        }
        Step::WriteOff { number } => Command::WriteOffDebt(WriteOffDebt {
            points: number.map(points),
        }),
        Step::TransferOut { number } => Command::TransferOut(TransferOut {
            to: MemberId::nil(),
            points: number.map(points),
        }),
        Step::TransferIn { parts } => {
            let portion = |(number, hours): (i64, Option<i64>)| Portion {
                numbers: Numbers {
                    first: 1,
                    points: points(number),
                },
                waits: None,
                expires_at: hours.map(|hours| ledger.now + SignedDuration::from_mins(60 * hours + 17)),
            };
            Command::TransferIn(TransferIn {
                from: MemberId::nil(),
                left_by: id_at(-1),
                portions: parts.into_iter().map(portion).collect(),
            })
        }
    })
}
