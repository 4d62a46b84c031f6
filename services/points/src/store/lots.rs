//! Lots: which earnings made which points. No account says it, the entries do: numbers are given in the order of the journal, so that the earnings of
//! some points are met on the way back from a place, and none of them lies before the one that made the first.

use common::{auth::ProgramScope, ids::EntryId};
use proto::points as pb;
use sqlx::{PgConnection, PgPool};

use super::{
    entries::{StoredEntry, find_entries, find_entry},
    entry_row::EntryRow,
    members::MemberKey,
};
use crate::domain::{Numbers, Portion, WalletCode};

/// How many rows are read at a time.
const ROWS: i64 = 500;

/// An earning, and the numbers it gave.
#[derive(Clone, Debug)]
pub struct Lot {
    /// The entry.
    pub earning: pb::Entry,
    /// The numbers.
    pub numbers: Numbers,
}

/// An entry, with the lots whose points it moved.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The entry.
    pub entry: pb::Entry,
    /// What it moved.
    pub portions: Vec<Portion>,
    /// The lots, those that were earned first coming first.
    pub lots: Vec<Lot>,
}

/// Finds an entry of the program with the lots whose points it moved.
pub async fn explain_entry(
    pool: &PgPool,
    scope: ProgramScope,
    entry_id: EntryId,
) -> Result<Option<Explained>, sqlx::Error> {
    let Some(entry) = find_entry(pool, scope, entry_id).await? else {
        return Ok(None);
    };
    let connection = &mut *pool.acquire().await?;
    let found = find_entries(connection, &[entry_id]).await?.remove(&entry_id);
    let Some(StoredEntry { member, draft }) = found else {
        return Ok(None);
    };
    let numbers: Vec<Numbers> = draft.portions.iter().map(|portion| portion.numbers).collect();
    let lots = find_lots(connection, member, &draft.wallet, &numbers, draft.seq).await?;
    Ok(Some(Explained {
        entry,
        portions: draft.portions,
        lots,
    }))
}

/// Finds the lots of points that lay in a wallet at a place of its journal, those that were earned first coming first.
pub async fn find_lots(
    connection: &mut PgConnection,
    member: MemberKey,
    wallet: &WalletCode,
    points: &[Numbers],
    until_seq: i64,
) -> Result<Vec<Lot>, sqlx::Error> {
    let mut lots = Vec::new();
    let Some(oldest) = points.iter().map(|numbers| numbers.first).min() else {
        return Ok(lots);
    };
    let mut before = until_seq.saturating_add(1);
    loop {
        let rows = EntryRow::read_before(&mut *connection, member, before, ROWS).await?;
        let is_last = (rows.len() as i64) < ROWS;
        for row in rows {
            before = row.seq;
            let Some((earning, numbers)) = row.lot(wallet)? else {
                continue;
            };
            if points.iter().any(|some| !some.common(numbers).points.is_zero()) {
                lots.push(Lot { earning, numbers });
            }
            if numbers.first <= oldest {
                lots.reverse();
                return Ok(lots);
            }
        }
        if is_last {
            lots.reverse();
            return Ok(lots);
        }
    }
}
