//! What the auditor reads: accounts as they are stored, page by page, and all entries of one.

use common::{db::Db, shard::Shard};
use jiff::Timestamp;
use sqlx::PgPool;

use super::{accounts::read_row, entry_row::read_between, members::MemberKey};
use crate::domain::{Account, Amounts, EntryDraft, WalletCode};

/// How many rows of the journal are read at a time.
const ROWS: i64 = 1_000;

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct StoredAccount {
    /// Whose.
    pub member: MemberKey,
    /// The wallet's code.
    pub wallet: String,
    /// The account; nothing when what is stored makes no sense.
    pub account: Option<Account>,
    /// The sums that are stored beside it; nothing when they make no sense.
    pub sums: Option<Amounts>,
}

impl StoredAccount {
    /// Returns where it stands.
    pub fn place(&self) -> AccountPlace {
        (self.member, self.wallet.clone())
    }
}

/// Where an account stands among those of its shard.
pub type AccountPlace = (MemberKey, String);

/// Lists the accounts of a shard after a place, in the order of programs, members and wallets.
pub async fn list_accounts(
    pool: &PgPool,
    shard: Shard,
    (member, wallet): &AccountPlace,
    limit: i64,
) -> Result<Vec<StoredAccount>, sqlx::Error> {
    let rows = sqlx::query!(
        "select program_id, member_id, wallet, last_seq, state, available, pending, held, debt from points.account
          where shard = $1 and (program_id, member_id, wallet) > ($2, $3, $4)
          order by program_id, member_id, wallet
          limit $5",
        shard.get(),
        member.0.uuid(),
        member.1.uuid(),
        wallet,
        limit,
    )
    .fetch_all(pool)
    .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let points = common::points::Points::new;
        let sums = || {
            Some(Amounts {
                available: points(row.available)?,
                pending: points(row.pending)?,
                held: points(row.held)?,
                debt: points(row.debt)?,
            })
        };
        accounts.push(StoredAccount {
            member: (row.program_id.into(), row.member_id.into()),
            sums: sums(),
            account: read_row(&row.wallet, row.last_seq, &row.state).ok(),
            wallet: row.wallet,
        });
    }
    Ok(accounts)
}

/// Has all entries of an account told, in their order, up to its last or to those that were recorded by a time. Stops where it is told to.
pub async fn follow_entries<E>(
    db: &Db,
    (program_id, member_id): MemberKey,
    wallet: &WalletCode,
    last_seq: i64,
    recorded_until: Option<Timestamp>,
    mut tell: impl FnMut(EntryDraft) -> Result<(), E>,
) -> Result<Result<(), E>, sqlx::Error> {
    let mut after = Some(0);
    while let Some(after_seq) = after {
        let wallet = wallet.clone();
        let (entries, next) = db
            .run(move |pool| async move {
                read_entries(
                    &pool,
                    (program_id, member_id),
                    &wallet,
                    after_seq,
                    last_seq,
                    recorded_until,
                )
                .await
            })
            .await?;
        for entry in entries {
            if let Err(stop) = tell(entry) {
                return Ok(Err(stop));
            }
        }
        after = next;
    }
    Ok(Ok(()))
}

/// Reads some of the entries of an account, up to its last or to those that were recorded by a time, in their order; and from where on the next are
/// read, if any are left.
async fn read_entries(
    pool: &PgPool,
    (program_id, member_id): MemberKey,
    wallet: &WalletCode,
    after_seq: i64,
    last_seq: i64,
    recorded_until: Option<Timestamp>,
) -> Result<(Vec<EntryDraft>, Option<i64>), sqlx::Error> {
    let places = (after_seq, last_seq);
    let rows = read_between(pool, (program_id, member_id), places, recorded_until, ROWS).await?;
    let next = rows.last().filter(|_| rows.len() as i64 == ROWS).map(|row| row.seq);
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.extend(row.draft()?.filter(|draft| draft.wallet == *wallet));
    }
    Ok((entries, next))
}
