//! The books of a wallet at one snapshot: the totals of days, what the journal has beyond them, and what the accounts have.

use std::collections::BTreeMap;

use common::{program::Program, shard::Shard};
use futures::TryStreamExt as _;
use jiff::{Timestamp, civil::Date};
use sqlx::{PgConnection, PgPool};

use super::{
    daily_totals::{changes, day_in, read_cursors, read_heads, uncountable},
    entry_row::EntryRow,
};
use crate::domain::{DayTotal, FunderCode, Line, Lines, PastAmounts, WalletCode};

/// Everything else here is a probe by key; a report reads all that a program has, and is planned for how much that is.
const AS_A_REPORT: &str = "set local enable_seqscan = on;
    set local plan_cache_mode = force_custom_plan;
    set local statement_timeout = '60s'";

/// The books of a wallet.
#[derive(Clone, Debug)]
pub struct Books {
    /// What the journal tells, by day and by who pays.
    pub totals: Vec<DayTotal>,
    /// What all accounts have together.
    pub amounts: PastAmounts,
    /// The place of the last row of each shard that is counted.
    pub cut: Vec<i64>,
    /// When the snapshot was taken.
    pub read_at: Timestamp,
}

/// Reads the books of a wallet, all of one snapshot, by the days on which entries occurred or were recorded.
pub async fn read_books(
    pool: &PgPool,
    program: &Program,
    wallet: &WalletCode,
    by_occurred: bool,
) -> Result<Books, sqlx::Error> {
    let mut tx = pool
        .begin_with("begin transaction isolation level repeatable read, read only")
        .await?;
    let read_at = sqlx::query_scalar!(r#"select now() as "now!: jiff_sqlx::Timestamp""#);
    let read_at = read_at.fetch_one(&mut *tx).await?.to_jiff();
    let (cut, cursors) = (read_heads(&mut tx).await?, read_cursors(&mut tx).await?);
    let mut totals = Totals::default();
    for ((shard, head), cursor) in Shard::all().zip(&cut).zip(&cursors) {
        if cursor < head {
            add_tail(&mut tx, (program, wallet), (shard, *cursor), by_occurred, &mut totals).await?;
        }
    }
    sqlx::raw_sql(AS_A_REPORT).execute(&mut *tx).await?;
    add_totals(&mut tx, (program, wallet), by_occurred, &mut totals).await?;
    let amounts = read_amounts(&mut tx, program, wallet).await?;
    tx.commit().await?;
    let totals = totals.into_iter().map(|((day, funder), lines)| DayTotal {
        day,
        funder: FunderCode::new(&funder),
        lines,
    });
    Ok(Books {
        totals: totals.collect(),
        amounts,
        cut,
        read_at,
    })
}

impl Books {
    /// Adds up everything that the journal tells; nothing when that cannot be counted.
    pub fn told(&self) -> Option<Lines> {
        let lines = self.totals.iter().map(|total| &total.lines);
        lines
            .into_iter()
            .try_fold(Lines::default(), |sum, lines| sum.checked_add(lines))
    }
}

type Totals = BTreeMap<(Date, String), Lines>;

/// Adds what is counted already.
async fn add_totals(
    connection: &mut PgConnection,
    (program, wallet): (&Program, &WalletCode),
    by_occurred: bool,
    totals: &mut Totals,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case when $1 then occurred_day else recorded_day end as "day!: jiff_sqlx::Date", funder,
                  sum(issued)::bigint as "issued!", sum(transferred_in)::bigint as "transferred_in!", sum(restored)::bigint as "restored!",
                  sum(redeemed)::bigint as "redeemed!", sum(transferred_out)::bigint as "transferred_out!", sum(expired)::bigint as "expired!",
                  sum(reversed)::bigint as "reversed!", sum(paid_out)::bigint as "paid_out!", sum(forfeited)::bigint as "forfeited!", sum(settled)::bigint as "settled!", sum(debt_made)::bigint as "debt_made!",
                  sum(written_off)::bigint as "written_off!", sum(taken_back)::bigint as "taken_back!"
             from points.daily_total
            where shard = any($2) and program_id = $3 and wallet = $4
            group by 1, 2"#,
        by_occurred,
        &Shard::all().map(Shard::get).collect::<Vec<_>>(),
        program.program_id.uuid(),
        wallet.as_str(),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let numbers = Line::ALL.map(|line| match line {
            Line::Issued => row.issued,
            Line::TransferredIn => row.transferred_in,
            Line::Restored => row.restored,
            Line::Redeemed => row.redeemed,
            Line::TransferredOut => row.transferred_out,
            Line::Expired => row.expired,
            Line::Reversed => row.reversed,
            Line::PaidOut => row.paid_out,
            Line::Forfeited => row.forfeited,
            Line::Settled => row.settled,
            Line::DebtMade => row.debt_made,
            Line::WrittenOff => row.written_off,
            Line::TakenBack => row.taken_back,
        });
        let total = totals.entry((row.day.to_jiff(), row.funder)).or_default();
        *total = total
            .checked_add(&Lines::from_numbers(numbers))
            .ok_or_else(uncountable)?;
    }
    Ok(())
}

/// Adds what a shard's journal has after the place up to which it is counted.
async fn add_tail(
    connection: &mut PgConnection,
    (program, wallet): (&Program, &WalletCode),
    (shard, after): (Shard, i64),
    by_occurred: bool,
    totals: &mut Totals,
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and seq > $2 and program_id = $3
          order by seq",
        shard.get(),
        after,
        program.program_id.uuid(),
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let Some((_, funder, lines)) = changes(&row).filter(|(of, ..)| of == wallet.as_str()) else {
            continue;
        };
        let at = if by_occurred { row.occurred_at } else { row.recorded_at };
        let total = totals.entry((day_in(&program.zone, at.to_jiff()), funder)).or_default();
        *total = total.checked_add(&lines).ok_or_else(uncountable)?;
    }
    Ok(())
}

/// Adds up what all accounts have.
async fn read_amounts(
    connection: &mut PgConnection,
    program: &Program,
    wallet: &WalletCode,
) -> Result<PastAmounts, sqlx::Error> {
    let sums = sqlx::query!(
        r#"select coalesce(sum(available), 0)::bigint as "available!", coalesce(sum(pending), 0)::bigint as "pending!",
                  coalesce(sum(held), 0)::bigint as "held!", coalesce(sum(debt), 0)::bigint as "debt!"
             from points.account
            where shard = any($1) and program_id = $2 and wallet = $3"#,
        &Shard::all().map(Shard::get).collect::<Vec<_>>(),
        program.program_id.uuid(),
        wallet.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(PastAmounts {
        available: sums.available,
        pending: sums.pending,
        held: sums.held,
        debt: sums.debt,
    })
}
