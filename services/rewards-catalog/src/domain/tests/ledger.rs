//! A model of the points service: one member, one wallet, holds of one price, every request id remembered for ever.

use std::collections::BTreeMap;

use super::*;

/// What every hold is of.
pub const PRICE: i64 = 100;

/// A hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hold {
    ends_at: i64,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Active,
    Ended,
    Captured { restored: bool },
}

/// The model.
#[derive(Default)]
pub struct Ledger {
    pub available: i64,
    pub frozen: bool,
    /// By the number of the hold's entry; the entry of its capture is that number and a thousand.
    pub holds: BTreeMap<u128, Hold>,
    pub answers: BTreeMap<String, (Step, News)>,
}

impl Ledger {
    pub fn ask(&mut self, step: &Step, now: i64) -> News {
        self.end_holds(now);
        let request_id = super::key(Some(step.clone()));
        if let Some((first, answer)) = self.answers.get(&request_id) {
            assert_eq!(first, step, "a request id was used for something else");
            return *answer;
        }
        let (news, took_effect) = self.decide(step, now);
        if took_effect {
            self.answers.insert(request_id, (step.clone(), news));
        }
        news
    }

    fn decide(&mut self, step: &Step, now: i64) -> (News, bool) {
        match *step {
            Step::HoldPoints { .. } if self.frozen => (News::HoldRefused(Rejection::MemberNotAllowed), false),
            Step::HoldPoints { points, .. } if points.get() > self.available => (News::HoldRefused(TOO_FEW), false),
            Step::HoldPoints {
                points, ttl_seconds, ..
            } => {
                self.available -= points.get();
                let number = self.holds.len() as u128 + 1;
                self.holds.insert(
                    number,
                    Hold {
                        ends_at: now + i64::from(ttl_seconds),
                        fate: Fate::Active,
                    },
                );
                (News::Held { hold_id: hold(number) }, true)
            }
            Step::CaptureHold { hold_id, .. } => match self.fate(hold_id) {
                Fate::Active if self.frozen => (News::CaptureRefused(Rejection::MemberNotAllowed), false),
                Fate::Active => {
                    self.set_fate(hold_id, Fate::Captured { restored: false });
                    let capture_entry_id = entry(hold_id.uuid().as_u128() + 1000);
                    (
                        News::Captured(Spending {
                            hold_id,
                            capture_entry_id,
                        }),
                        true,
                    )
                }
                Fate::Ended => (News::HoldEnded { hold_id }, false),
                Fate::Captured { .. } => panic!("captured under another key"),
            },
            Step::ReleaseHold { hold_id, .. } => match self.fate(hold_id) {
                Fate::Active => {
                    self.available += PRICE;
                    self.set_fate(hold_id, Fate::Ended);
                    (News::HoldEnded { hold_id }, true)
                }
                Fate::Ended => (News::HoldEnded { hold_id }, false),
                Fate::Captured { .. } => (News::ReleaseCameTooLate, false),
            },
            Step::RestoreSpend { entry_id, .. } => {
                let hold_id = hold(entry_id.uuid().as_u128() - 1000);
                assert_eq!(self.fate(hold_id), Fate::Captured { restored: false });
                self.available += PRICE;
                self.set_fate(hold_id, Fate::Captured { restored: true });
                (News::Restored, true)
            }
        }
    }

    pub fn end_holds(&mut self, now: i64) {
        for hold in self
            .holds
            .values_mut()
            .filter(|hold| hold.fate == Fate::Active && hold.ends_at <= now)
        {
            hold.fate = Fate::Ended;
            self.available += PRICE;
        }
    }

    fn fate(&self, hold_id: HoldId) -> Fate {
        self.holds[&hold_id.uuid().as_u128()].fate
    }

    fn set_fate(&mut self, hold_id: HoldId, fate: Fate) {
        self.holds.get_mut(&hold_id.uuid().as_u128()).unwrap().fate = fate;
    }

    /// What became of the one hold that a redemption can have made.
    pub fn fate_of(&self, redemption: &Redemption) -> Option<Fate> {
        match self.answers.get(&format!("{}:hold", redemption.redemption_id))?.1 {
            News::Held { hold_id } => Some(self.fate(hold_id)),
            _ => None,
        }
    }
}
