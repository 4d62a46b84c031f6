//! What the auditor reads: accounts as they are stored, page by page, and all entries of one.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
};
use sqlx::PgPool;

use super::{accounts::read_row, entry_row::EntryRow};
use crate::domain::{Account, Amounts, EntryDraft, WalletCode};

/// How many accounts are read at a time, and how many rows of the journal.
const ACCOUNTS: i64 = 100;
const ROWS: i64 = 1_000;

/// An account as it is stored.
#[derive(Clone, Debug)]
pub struct StoredAccount {
    /// Whose.
    pub member_id: MemberId,
    /// The account.
    pub account: Account,
    /// The sums that are stored beside it; nothing when they make no sense.
    pub sums: Option<Amounts>,
}

/// Lists accounts of a program on a shard, after a member's; of all wallets of each. One member may be asked for.
pub async fn list_accounts(
    pool: &PgPool,
    program_id: ProgramId,
    shard: Shard,
    after: (MemberId, &str),
    only: Option<MemberId>,
) -> Result<Vec<StoredAccount>, sqlx::Error> {
    let rows = sqlx::query!(
        "select member_id, wallet, last_seq, state, available, pending, held, debt from points.account
          where shard = $1 and program_id = $2 and (member_id, wallet) > ($3, $4)
            and ($5::uuid is null or member_id = $5)
          order by member_id, wallet
          limit $6",
        shard.get(),
        program_id.uuid(),
        after.0.uuid(),
        after.1,
        only.map(|member_id| member_id.uuid()),
        ACCOUNTS,
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
            member_id: row.member_id.into(),
            sums: sums(),
            account: read_row(&row.wallet, row.last_seq, &row.state)?,
        });
    }
    Ok(accounts)
}

/// Reads some of the entries of an account, up to its last, in their order; and from where on the next are read, if any are left.
pub async fn read_entries(
    pool: &PgPool,
    program_id: ProgramId,
    member_id: MemberId,
    wallet: &WalletCode,
    after_seq: i64,
    last_seq: i64,
) -> Result<(Vec<EntryDraft>, Option<i64>), sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and program_id = $2 and member_id = $3 and seq > $4 and seq <= $5
          order by seq
          limit $6",
        Shard::of(program_id, member_id).get(),
        program_id.uuid(),
        member_id.uuid(),
        after_seq,
        last_seq,
        ROWS,
    )
    .fetch_all(pool)
    .await?;
    let next = rows.last().filter(|_| rows.len() as i64 == ROWS).map(|row| row.seq);
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.extend(row.draft()?.filter(|draft| draft.wallet == *wallet));
    }
    Ok((entries, next))
}
