//! What an entry changes of what is outstanding and of what is owed: each change in one line of a roll-forward, and in no other.
//!
//! Outstanding is what members have: available, pending and held. What they owe is counted beside it.

use super::{
    amounts::sum,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
};

/// A line of a roll-forward, or of what funders pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Was earned.
    Issued,
    /// Came from other members, or came back because the other member could not take it.
    TransferredIn,
    /// Had been spent and came back, with what had lapsed in the meantime.
    Restored,
    /// Was spent.
    Redeemed,
    /// Went to other members.
    TransferredOut,
    /// Lapsed.
    Expired,
    /// Was taken back.
    Reversed,
    /// Was taken out to be paid in cash.
    PaidOut,
    /// Was forfeited when the rest was paid out.
    Forfeited,
    /// Came in and settled a debt.
    Settled,
    /// Could not be taken back and is owed.
    DebtMade,
    /// Was owed and is forgiven.
    WrittenOff,
    /// Moves nothing: what of an earning was taken back in whatever way, for whoever paid for it.
    TakenBack,
}

impl Line {
    /// All of them, each at the place of its number.
    pub const ALL: [Line; 13] = [
        Line::Issued,
        Line::TransferredIn,
        Line::Restored,
        Line::Redeemed,
        Line::TransferredOut,
        Line::Expired,
        Line::Reversed,
        Line::PaidOut,
        Line::Forfeited,
        Line::Settled,
        Line::DebtMade,
        Line::WrittenOff,
        Line::TakenBack,
    ];
}

/// How many points there are in each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines([i64; Line::ALL.len()]);

impl Lines {
    /// Returns what an entry changes.
    pub fn of(entry: &EntryDraft) -> Lines {
        let (points, debt_points, lost_points) = (entry.points.get(), entry.debt_points.get(), entry.lost_points.get());
        let moved = || sum(entry.portions.iter().map(Portion::points)).get();
        match entry.kind {
            EntryKind::Earn => Lines::default()
                .with(Line::Issued, points)
                .with(Line::Settled, debt_points),
            EntryKind::TransferIn => Lines::default()
                .with(Line::TransferredIn, points)
                .with(Line::Settled, debt_points),
            EntryKind::Spend | EntryKind::Capture => Lines::default().with(Line::Redeemed, points),
            EntryKind::TransferOut => Lines::default().with(Line::TransferredOut, points),
            EntryKind::Expire => Lines::default().with(Line::Expired, points),
            EntryKind::Release => Lines::default().with(Line::Expired, lost_points),
            EntryKind::Restore => {
                let back = match entry.other_member {
                    Some(_) => Line::TransferredIn,
                    None => Line::Restored,
                };
                Lines::default().with(back, points).with(Line::Expired, lost_points)
            }
            EntryKind::Reverse => Lines::default()
                .with(Line::Reversed, moved())
                .with(Line::DebtMade, debt_points)
                .with(Line::TakenBack, points - lost_points),
            EntryKind::CashOut => Lines::default().with(Line::PaidOut, points),
            EntryKind::Forfeit => Lines::default().with(Line::Forfeited, points),
            EntryKind::WriteOff => Lines::default().with(Line::WrittenOff, points),
            EntryKind::Activate | EntryKind::Hold | EntryKind::Extend | EntryKind::ExtendHold => Lines::default(),
        }
    }

    /// Returns lines of numbers, each at the place of its line.
    pub fn from_numbers(numbers: [i64; Line::ALL.len()]) -> Lines {
        Lines(numbers)
    }

    /// Returns the number of a line.
    pub fn get(&self, line: Line) -> i64 {
        self.0[line as usize]
    }

    /// Tells whether nothing happened.
    pub fn are_empty(&self) -> bool {
        *self == Lines::default()
    }

    /// Adds; nothing when a sum cannot be counted.
    pub fn checked_add(&self, other: &Lines) -> Option<Lines> {
        let mut sums = self.0;
        for (sum, number) in sums.iter_mut().zip(other.0) {
            *sum = sum.checked_add(number)?;
        }
        Some(Lines(sums))
    }

    /// Returns the lines as something else counts them; nothing when one cannot be counted so.
    pub fn map(&self, count: impl Fn(i64) -> Option<i64>) -> Option<Lines> {
        let mut counted = self.0;
        for number in &mut counted {
            *number = count(*number)?;
        }
        Some(Lines(counted))
    }

    /// Returns by how much there is more outstanding; nothing when that cannot be counted.
    pub fn outstanding(&self) -> Option<i64> {
        let adds = [Line::Issued, Line::TransferredIn, Line::Restored];
        let takes = [
            Line::Redeemed,
            Line::TransferredOut,
            Line::Expired,
            Line::Reversed,
            Line::PaidOut,
            Line::Forfeited,
            Line::Settled,
        ];
        self.less(&adds, &takes)
    }

    /// Returns by how much more is owed; nothing when that cannot be counted.
    pub fn debt(&self) -> Option<i64> {
        self.less(&[Line::DebtMade], &[Line::Settled, Line::WrittenOff])
    }

    /// Returns how much is on its way from one member to another; nothing when that cannot be counted.
    pub fn in_transit(&self) -> Option<i64> {
        self.less(&[Line::TransferredOut], &[Line::TransferredIn])
    }

    fn less(&self, adds: &[Line], takes: &[Line]) -> Option<i64> {
        let total = |lines: &[Line]| lines.iter().map(|line| i128::from(self.get(*line))).sum::<i128>();
        i64::try_from(total(adds) - total(takes)).ok()
    }

    /// Returns the lines with another number in one of them.
    pub(super) fn with(mut self, line: Line, points: i64) -> Lines {
        self.0[line as usize] = points;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_stands_at_the_place_of_its_number() {
        assert!(Line::ALL.iter().zip(0..).all(|(line, place)| *line as usize == place));
    }

    #[test]
    fn what_cannot_be_counted_is_not() {
        let most = Lines::default().with(Line::Issued, i64::MAX);
        assert_eq!(most.checked_add(&Lines::default().with(Line::Issued, 1)), None);
        assert_eq!(most.with(Line::Restored, 1).outstanding(), None);
        assert_eq!(
            most.with(Line::Restored, 1).with(Line::Expired, 2).outstanding(),
            Some(i64::MAX - 1)
        );
    }
}
