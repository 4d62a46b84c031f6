//! Giving points a later end.

use jiff::Timestamp;

use super::{
    account::Account,
    amounts::sum,
    entry::{EntryDraft, EntryKind, Original},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
};

/// Asks to give points a later end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendPoints {
    /// The end.
    pub expires_at: Timestamp,
    /// Which points.
    pub which: Which,
}

/// Which points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of an earning.
    Of(Original),
    /// Those that lapse before an instant.
    LapsingBefore(Timestamp),
}

/// Gives points a later end: those that lie in the account, pending or available, and would lapse earlier. What is held or gone stays as it is.
pub(super) fn extend_points(
    account: &mut Account,
    command: &ExtendPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    if command.expires_at <= stamp.now {
        return Err(Refusal::EndInPast { now: stamp.now });
    }
    let is_earlier =
        |portion: &Portion| portion.has_lapsed(command.expires_at) && portion.expires_at != Some(command.expires_at);
    let concerned: Vec<Portion> = match &command.which {
        Which::LapsingBefore(before) => {
            let which = |portion: &&Portion| portion.expires_at.is_some_and(|expires_at| expires_at < *before);
            account.open.as_slice().iter().filter(which).cloned().collect()
        }
        Which::Of(original) if original.kind.makes_lot() => {
            let numbers = original.numbers();
            let parts = account
                .open
                .as_slice()
                .iter()
                .map(|portion| portion.of(portion.numbers.common(numbers)));
            parts.filter(|portion| !portion.points().is_zero()).collect()
        }
        Which::Of(original) => {
            return Err(Refusal::NotALot {
                entry_id: original.entry_id,
                kind: original.kind,
            });
        }
    };
    let portions: Vec<Portion> = concerned.into_iter().filter(is_earlier).collect();
    let points = sum(portions.iter().map(Portion::points));
    if points.is_zero() {
        return Err(Refusal::NothingToExtend {
            expires_at: command.expires_at,
        });
    }
    let draft = account.open_entry(EntryKind::Extend, points, stamp);
    for portion in &portions {
        account.open.take_of(portion.numbers, portion.points(), |_| true);
        account.open.put(Portion {
            expires_at: Some(command.expires_at),
            ..portion.clone()
        });
    }
    let related_entry_id = match &command.which {
        Which::Of(original) => Some(original.entry_id),
        Which::LapsingBefore(_) => None,
    };
    Ok(vec![account.close_entry(EntryDraft {
        portions,
        extended_to: Some(command.expires_at),
        related_entry_id,
        ..draft
    })])
}
