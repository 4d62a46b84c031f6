//! An account, told once more from its entries: point by point, because every point has a number.
//!
//! This is written for the harness and shares nothing with the product, so that both would have to be wrong in the same way. A point that was made and
//! is neither open nor held is gone.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::Timestamp;
use proto::points::{self as pb, EntryKind};

/// An instant that can be compared: seconds and nanoseconds.
type At = (i64, i32);
/// Points by their numbers, each with its end.
type Points = BTreeMap<i64, Option<At>>;

/// An account as its entries tell it.
#[derive(Default)]
pub struct Account {
    /// How many points were ever made: the number of the last.
    made: i64,
    open: Points,
    held: BTreeMap<String, (At, Points)>,
    debt: i64,
    /// What was taken out by entries that may be restored.
    taken: BTreeMap<String, Points>,
}

impl Account {
    /// Takes in the next entry, and says what is wrong with it.
    pub fn follow(&mut self, entry: &pb::Entry) -> Result<(), String> {
        let mut settling = entry.debt_points;
        for portion in &entry.portions {
            let lapses = portion.expires_at.as_ref().map(at);
            for number in portion.first_number..portion.first_number + portion.points {
                let wrong = |why| format!("{why}: point {number} of {:?} {}", entry.kind(), entry.entry_id);
                self.move_point(entry, number, lapses, settling > 0).map_err(wrong)?;
                settling -= 1;
            }
        }
        match entry.kind() {
            EntryKind::Earn | EntryKind::TransferIn => self.debt -= entry.debt_points,
            EntryKind::Reverse => self.debt += entry.debt_points,
            EntryKind::WriteOff => self.debt -= entry.points,
            _ => {}
        }
        self.held.retain(|_, (_, points)| !points.is_empty());
        let (told, found) = (entry.after.unwrap_or_default(), self.amounts());
        if told == found {
            Ok(())
        } else {
            Err(format!(
                "{:?} {} tells {told:?}, all entries tell {found:?}",
                entry.kind(),
                entry.entry_id
            ))
        }
    }

    fn move_point(&mut self, entry: &pb::Entry, number: i64, lapses: Option<At>, settles: bool) -> Result<(), String> {
        let comes_back = lapses.is_none_or(|lapses| Some(lapses) > entry.occurred_at.as_ref().map(at));
        match entry.kind() {
            EntryKind::Earn | EntryKind::TransferIn => {
                if number != self.made + 1 {
                    return Err(format!("its number does not follow {}", self.made));
                }
                self.made = number;
                self.put(number, lapses, !settles);
            }
            EntryKind::Hold => {
                take(Some(&mut self.open), number, lapses)?;
                let until = entry.hold_expires_at.as_ref().map(at).ok_or("its hold has no end")?;
                let (_, points) = self
                    .held
                    .entry(entry.entry_id.clone())
                    .or_insert((until, Points::new()));
                points.insert(number, lapses);
            }
            EntryKind::Spend | EntryKind::TransferOut => {
                take(Some(&mut self.open), number, lapses)?;
                self.note_taken(entry, number, lapses);
            }
            EntryKind::Expire | EntryKind::Reverse => take(Some(&mut self.open), number, lapses)?,
            EntryKind::Capture => {
                take(
                    self.held.get_mut(&entry.related_entry_id).map(|(_, points)| points),
                    number,
                    lapses,
                )?;
                self.note_taken(entry, number, lapses);
            }
            EntryKind::Release => {
                take(
                    self.held.get_mut(&entry.related_entry_id).map(|(_, points)| points),
                    number,
                    lapses,
                )?;
                self.put(number, lapses, comes_back);
            }
            EntryKind::Restore => {
                take(self.taken.get_mut(&entry.related_entry_id), number, lapses)?;
                self.put(number, lapses, comes_back);
            }
            kind => return Err(format!("nobody asked for {kind:?}")),
        }
        Ok(())
    }

    fn put(&mut self, number: i64, lapses: Option<At>, lives: bool) {
        if lives {
            self.open.insert(number, lapses);
        }
    }

    fn note_taken(&mut self, entry: &pb::Entry, number: i64, lapses: Option<At>) {
        let taken = self.taken.entry(entry.entry_id.clone()).or_default();
        taken.insert(number, lapses);
    }

    /// Counts what is there.
    pub fn amounts(&self) -> pb::Amounts {
        pb::Amounts {
            available: self.open.len() as i64,
            pending: 0,
            held: self.held.values().map(|(_, points)| points.len() as i64).sum(),
            debt: self.debt,
        }
    }

    /// Returns what the account comes to have by itself, at each instant at which a hold ends or a point lapses.
    pub fn by_itself(&self) -> Vec<pb::Amounts> {
        let held = || self.held.values().flat_map(|(_, points)| points.values());
        let ends = self.held.values().map(|(until, _)| *until);
        let instants: BTreeSet<At> = self
            .open
            .values()
            .chain(held())
            .flatten()
            .copied()
            .chain(ends)
            .collect();
        instants.into_iter().map(|at| self.amounts_at(at)).collect()
    }

    fn amounts_at(&self, at: At) -> pb::Amounts {
        let alive = |points: &Points| {
            points
                .values()
                .filter(|lapses| lapses.is_none_or(|lapses| lapses > at))
                .count() as i64
        };
        let (over, lasting): (Vec<_>, Vec<_>) = self.held.values().partition(|(until, _)| *until <= at);
        pb::Amounts {
            available: alive(&self.open) + over.iter().map(|(_, points)| alive(points)).sum::<i64>(),
            pending: 0,
            held: lasting.iter().map(|(_, points)| points.len() as i64).sum(),
            debt: self.debt,
        }
    }
}

/// Takes a point from where it must be, with the end that it must have.
fn take(from: Option<&mut Points>, number: i64, lapses: Option<At>) -> Result<(), String> {
    match from.and_then(|points| points.remove(&number)) {
        None => Err("it is not where it is taken from".to_owned()),
        Some(there) if there != lapses => Err(format!("it had another end, {there:?} and not {lapses:?}")),
        Some(_) => Ok(()),
    }
}

fn at(timestamp: &Timestamp) -> At {
    (timestamp.seconds, timestamp.nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry that moves points, those of the numbers 1 to `points`, and leaves some available and some held.
    fn entry(kind: EntryKind, points: i64, lapses: i64, (available, held): (i64, i64)) -> pb::Entry {
        let seconds = |seconds| Some(Timestamp { seconds, nanos: 0 });
        pb::Entry {
            entry_id: format!("{kind:?}"),
            kind: kind.into(),
            points,
            portions: vec![pb::Portion {
                first_number: 1,
                points,
                expires_at: seconds(lapses),
                ..pb::Portion::default()
            }],
            hold_expires_at: seconds(50),
            occurred_at: seconds(10),
            after: Some(pb::Amounts {
                available,
                held,
                ..pb::Amounts::default()
            }),
            ..pb::Entry::default()
        }
    }

    fn after(entries: &[pb::Entry]) -> (Account, Result<(), String>) {
        let mut account = Account::default();
        let told = entries.iter().try_for_each(|entry| account.follow(entry));
        (account, told)
    }

    #[test]
    fn a_point_that_is_spent_twice_is_found() {
        let (earned, spent) = (
            entry(EntryKind::Earn, 2, 99, (2, 0)),
            entry(EntryKind::Spend, 2, 99, (0, 0)),
        );
        assert!(after(&[earned.clone(), spent.clone()]).1.is_ok());
        assert!(after(&[earned, spent.clone(), spent]).1.is_err());
    }

    #[test]
    fn points_that_come_back_with_another_end_are_found() {
        let restored = |lapses| pb::Entry {
            related_entry_id: "Spend".to_owned(),
            ..entry(EntryKind::Restore, 1, lapses, (2, 0))
        };
        let before = [
            entry(EntryKind::Earn, 2, 99, (2, 0)),
            entry(EntryKind::Spend, 1, 99, (1, 0)),
        ];
        let [earned, spent] = before;
        assert!(after(&[earned.clone(), spent.clone(), restored(99)]).1.is_ok());
        assert!(after(&[earned, spent, restored(98)]).1.is_err());
    }

    #[test]
    fn sums_that_are_not_those_of_the_points_are_found() {
        assert!(after(&[entry(EntryKind::Earn, 2, 99, (3, 0))]).1.is_err());
    }

    #[test]
    fn what_is_held_comes_back_by_itself_and_lapses_by_itself() {
        let (account, told) = after(&[
            entry(EntryKind::Earn, 2, 99, (2, 0)),
            entry(EntryKind::Hold, 1, 99, (1, 1)),
        ]);
        assert_eq!(told, Ok(()));
        let became: Vec<(i64, i64)> = account.by_itself().iter().map(|to| (to.available, to.held)).collect();
        assert_eq!(became, [(2, 0), (0, 0)]);
    }
}
