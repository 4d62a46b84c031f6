//! What became of every lot of an account, told from its entries alone.

use common::{ids::EntryId, points::Points};

use super::{
    entry::{EntryDraft, EntryKind},
    numbers::Numbers,
    portions::Portion,
    replay::{Contradiction, Replay},
    wallet::WalletCode,
};

/// What became of the points of a lot. All parts together are the points it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotStory {
    /// The lot.
    pub lot_id: EntryId,
    /// Its points.
    pub numbers: Numbers,
    /// Can be spent.
    pub available: i64,
    /// Not available yet.
    pub pending: i64,
    /// Set aside by holds.
    pub held: i64,
    /// Settled a debt.
    pub settled: i64,
    /// Was spent, paid out or forfeited, and did not come back.
    pub spent: i64,
    /// Went to other members, and did not come back.
    pub transferred_out: i64,
    /// Lapsed.
    pub expired: i64,
    /// Was taken back.
    pub reversed: i64,
}

/// The lots of an account, as some entries leave them.
#[derive(Clone, Debug)]
pub struct LotBook {
    replay: Replay,
    /// In the order of their numbers.
    lots: Vec<LotStory>,
}

impl LotBook {
    /// Begins with an account in which nothing happened.
    pub fn new(wallet: WalletCode) -> LotBook {
        LotBook {
            replay: Replay::new(wallet),
            lots: Vec::new(),
        }
    }

    /// Takes in the next entry.
    pub fn follow(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        self.replay.follow(entry)?;
        if let Some(numbers) = entry.made() {
            self.make(entry, numbers);
        }
        match entry.kind {
            EntryKind::Spend | EntryKind::Capture | EntryKind::CashOut | EntryKind::Forfeit => {
                self.count(&entry.portions, |lot| &mut lot.spent, 1)
            }
            EntryKind::TransferOut => self.count(&entry.portions, |lot| &mut lot.transferred_out, 1),
            EntryKind::Reverse => self.count(&entry.portions, |lot| &mut lot.reversed, 1),
            EntryKind::Restore if entry.other_member.is_some() => {
                self.count(&entry.portions, |lot| &mut lot.transferred_out, -1)
            }
            EntryKind::Restore => self.count(&entry.portions, |lot| &mut lot.spent, -1),
            _ => {}
        }
        let lapsed: Vec<Portion> = entry.lapses().cloned().collect();
        self.count(&lapsed, |lot| &mut lot.expired, 1);
        Ok(())
    }

    /// Returns what became of all lots, in the order in which they were made.
    pub fn finish(mut self) -> Vec<LotStory> {
        let account = self.replay.account().clone();
        let (pending, available): (Vec<Portion>, Vec<Portion>) =
            account.open.as_slice().iter().cloned().partition(Portion::is_pending);
        let held: Vec<Portion> = account.holds.iter().flat_map(|hold| hold.portions.clone()).collect();
        self.count(&pending, |lot| &mut lot.pending, 1);
        self.count(&available, |lot| &mut lot.available, 1);
        self.count(&held, |lot| &mut lot.held, 1);
        self.lots
    }

    fn make(&mut self, entry: &EntryDraft, numbers: Numbers) {
        self.lots.push(LotStory {
            lot_id: entry.entry_id,
            numbers,
            available: 0,
            pending: 0,
            held: 0,
            settled: entry.debt_points.get(),
            spent: 0,
            transferred_out: 0,
            expired: 0,
            reversed: 0,
        });
    }

    /// Counts points for the lots that they are of.
    fn count(&mut self, portions: &[Portion], part: impl Fn(&mut LotStory) -> &mut i64, times: i64) {
        for portion in portions {
            let first = self
                .lots
                .partition_point(|lot| lot.numbers.end() <= portion.numbers.first);
            let lots = self.lots[first..].iter_mut();
            for lot in lots.take_while(|lot| lot.numbers.first < portion.numbers.end()) {
                *part(lot) += times * lot.numbers.common(portion.numbers).points.get();
            }
        }
    }
}

impl LotStory {
    /// Returns how many points it had.
    pub fn points(&self) -> Points {
        self.numbers.points
    }
}
