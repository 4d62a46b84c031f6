//! The saga against a model of the points service, with everything that can go wrong between them: processes that stop and
//! die at any point, answers that are lost, several processes at the same redemption, members who are frozen, points that
//! come and go, holds that run out.
//!
//! After every move the promises hold that need no patience: no stock is lost or doubled, no rejected redemption was paid
//! for, none is fulfilled twice. Once everything has calmed down, every redemption is at rest and the books agree.

use proptest::prelude::*;

use super::{
    ledger::{Fate, Ledger, PRICE},
    *,
};

const STOCK: i64 = 2;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Move {
    Redeem,
    /// A process reads a redemption to work at it: its handler, or a sweeper that resumes it.
    Work(usize),
    /// The points service takes a process's request, and the answer arrives.
    Ask(usize),
    /// The points service takes a process's request, and the answer is lost with the process.
    AskInVain(usize),
    /// A process stores the answer it has, and goes on.
    Store(usize),
    Die(usize),
    EveryProcessDies,
    GiveUp(usize),
    Cancel(usize),
    Earn(i64),
    SpendElsewhere,
    Freeze(bool),
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let redemption = || 0..3usize;
    let process = || 0..3usize;
    let one = prop_oneof![
        2 => Just(Move::Redeem),
        8 => redemption().prop_map(Move::Work),
        12 => process().prop_map(Move::Ask),
        4 => process().prop_map(Move::AskInVain),
        12 => process().prop_map(Move::Store),
        1 => process().prop_map(Move::Die),
        1 => Just(Move::EveryProcessDies),
        1 => redemption().prop_map(Move::GiveUp),
        2 => redemption().prop_map(Move::Cancel),
        3 => (1..2 * PRICE).prop_map(Move::Earn),
        1 => Just(Move::SpendElsewhere),
        4 => any::<bool>().prop_map(Move::Freeze),
        1 => (1..300i64).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..120)
}

/// A process that works at a redemption: it is about to ask, or has an answer to store.
struct Process {
    redemption: usize,
    errand: Errand,
}

enum Errand {
    Ask(Step),
    Store(News),
}

/// Everything there is.
struct World {
    now: i64,
    stock: Stock,
    redemptions: Vec<Redemption>,
    fulfilments: Vec<u32>,
    ledger: Ledger,
    processes: Vec<Process>,
    /// Whether a hold is stored before it is captured, as it has to be.
    fenced: bool,
}

impl World {
    fn new(fenced: bool) -> World {
        World {
            now: 0,
            stock: Stock::new(STOCK).unwrap(),
            redemptions: Vec::new(),
            fulfilments: Vec::new(),
            ledger: Ledger {
                available: PRICE,
                ..Ledger::default()
            },
            processes: Vec::new(),
            fenced,
        }
    }

    fn make(&mut self, one: Move) -> Result<(), Bug> {
        match one {
            Move::Redeem => self.redeem(),
            Move::Work(which) => self.work(which),
            Move::Ask(which) => self.ask(which),
            Move::AskInVain(which) => {
                self.ask(which);
                self.die(which);
            }
            Move::Store(which) => self.store(which)?,
            Move::Die(which) => self.die(which),
            Move::EveryProcessDies => self.processes.clear(),
            Move::GiveUp(which) => {
                if let Some(redemption) = self
                    .redemptions
                    .get(which)
                    .and_then(|stored| give_up(stored, at(self.now)))
                {
                    self.replace(which, redemption);
                }
            }
            Move::Cancel(which) => {
                let stored = self.redemptions.get(which);
                if let Some(Ok(redemption)) = stored.map(|stored| cancel(stored, Initiator::Member, at(self.now))) {
                    self.replace(which, redemption);
                }
            }
            Move::Earn(points) => self.ledger.available += points,
            Move::SpendElsewhere => self.ledger.available = 0,
            Move::Freeze(frozen) => self.ledger.frozen = frozen,
            Move::Wait(seconds) => self.now += seconds,
        }
        Ok(())
    }

    fn redeem(&mut self) {
        let redemption_id = Uuid::from_u128(self.redemptions.len() as u128).into();
        let facts = Facts {
            stock: self.stock,
            ..facts()
        };
        if let Ok(redemption) = redeem(redemption_id, member(), &reward(mug()), 1, &facts, at(self.now)) {
            self.stock = self.stock.adjust(stock_delta(None, &redemption)).unwrap();
            self.redemptions.push(redemption);
            self.fulfilments.push(0);
        }
    }

    fn work(&mut self, redemption: usize) {
        if let Some(step) = self.redemptions.get(redemption).and_then(next_step) {
            self.processes.push(Process {
                redemption,
                errand: Errand::Ask(step),
            });
        }
    }

    fn ask(&mut self, which: usize) {
        let Some(process) = self.processes.get_mut(which) else {
            return;
        };
        let Errand::Ask(step) = &process.errand else { return };
        let news = self.ledger.ask(step, self.now);
        process.errand = match news {
            News::Held { hold_id } if !self.fenced => {
                let held = advance(&self.redemptions[process.redemption].with(State::StockHeld), news).unwrap();
                assert!(matches!(held.state, State::PointsHeld { hold_id: same, .. } if same == hold_id));
                Errand::Ask(next_step(&held).unwrap())
            }
            _ => Errand::Store(news),
        };
    }

    fn store(&mut self, which: usize) -> Result<(), Bug> {
        let Some(process) = self.processes.get(which) else {
            return Ok(());
        };
        let Errand::Store(news) = process.errand else {
            return Ok(());
        };
        let index = process.redemption;
        let redemption = advance(&self.redemptions[index], news)?;
        assert!(news.may_free_stock() || redemption.has_one() == self.redemptions[index].has_one());
        self.replace(index, redemption);
        match next_step(&self.redemptions[index]) {
            Some(step) => self.processes[which].errand = Errand::Ask(step),
            None => self.die(which),
        }
        Ok(())
    }

    fn die(&mut self, which: usize) {
        if which < self.processes.len() {
            self.processes.remove(which);
        }
    }

    fn replace(&mut self, index: usize, redemption: Redemption) {
        let before = &self.redemptions[index];
        self.stock = self.stock.adjust(stock_delta(Some(before), &redemption)).unwrap();
        let newly = redemption.state != before.state && redemption.state.name() == "FULFILLED";
        self.fulfilments[index] += u32::from(newly);
        self.redemptions[index] = redemption;
    }

    /// Everything that must be true at any moment.
    fn check(&self) -> Result<(), String> {
        let given = self
            .redemptions
            .iter()
            .filter(|redemption| redemption.has_one())
            .count() as i64;
        if self.stock.get() + given != STOCK {
            return Err(format!("{} in stock and {given} given of {STOCK}", self.stock.get()));
        }
        if self.fulfilments.iter().any(|&times| times > 1) {
            return Err("fulfilled twice".to_owned());
        }
        for redemption in &self.redemptions {
            let fate = self.ledger.fate_of(redemption);
            let fits = match redemption.state {
                State::StockHeld | State::Rejected { .. } => !matches!(fate, Some(Fate::Captured { .. })),
                State::PointsHeld { .. } => !matches!(fate, None | Some(Fate::Captured { restored: true })),
                State::Fulfilled { .. } => fate == Some(Fate::Captured { restored: false }),
                State::Cancelling { .. } => matches!(fate, Some(Fate::Captured { .. })),
                State::Cancelled { .. } => fate == Some(Fate::Captured { restored: true }),
                State::Given { .. } => false,
            };
            if !fits {
                return Err(format!("{redemption:?} while its hold is {fate:?}"));
            }
        }
        Ok(())
    }

    /// Lets a single sweeper bring everything to rest.
    fn calm_down(&mut self) -> Result<(), Bug> {
        self.processes.clear();
        for index in 0..self.redemptions.len() {
            for _ in 0..8 {
                self.work(index);
                self.ask(0);
                self.store(0)?;
                self.processes.clear();
            }
        }
        self.now += i64::from(PATIENCE_SECONDS);
        self.ledger.end_holds(self.now);
        Ok(())
    }
}

fn live(moves: &[Move], fenced: bool) -> Result<World, String> {
    let mut world = World::new(fenced);
    for &one in moves {
        world.make(one).map_err(|bug| format!("{one:?}: {bug}"))?;
        world.check().map_err(|wrong| format!("after {one:?}: {wrong}"))?;
    }
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::with_cases(5_000) })]

    #[test]
    fn points_and_stock_move_together_or_neither_does_whatever_fails(moves in moves()) {
        let mut world = live(&moves, true).map_err(TestCaseError::fail)?;
        world.calm_down().map_err(|bug| TestCaseError::fail(bug.to_string()))?;
        world.check().map_err(TestCaseError::fail)?;
        for redemption in &world.redemptions {
            prop_assert_eq!(next_step(redemption), None, "{:?}", redemption);
            prop_assert!(matches!(redemption.state.name(), "FULFILLED" | "REJECTED" | "CANCELLED"));
        }
        prop_assert!(world.ledger.holds.values().all(|hold| hold.fate != Fate::Active));
    }
}

/// The check of the checks: without the fence this course of events spends the points of a rejected redemption, and the
/// model notices.
#[test]
fn a_saga_that_captures_before_the_hold_is_on_record_is_caught() {
    let course = [
        Move::SpendElsewhere,
        Move::Redeem,
        Move::Work(0),
        Move::Work(0),
        Move::Ask(0),
        Move::Earn(PRICE),
        Move::Ask(1),
        Move::Ask(1),
        Move::Store(0),
    ];
    assert!(live(&course, true).is_ok());
    assert!(
        live(&course, false)
            .err()
            .is_some_and(|wrong| wrong.contains("Captured"))
    );
}
