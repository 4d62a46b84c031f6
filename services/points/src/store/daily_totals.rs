//! `points.daily_total`: what the entries of the journal changed, day by day. Added up behind the writers: nothing on the way of a write knows of it.
//!
//! The cursor of a shard moves in the transaction that adds the rows up, and only from where it was read: however many replicas fold at once, a row counts once.

use std::collections::{BTreeMap, HashMap};

use common::{
    db::begin_derived,
    ids::ProgramId,
    shard::{SHARDS, Shard},
    zone::Zone,
};
use jiff::{Timestamp, civil::Date};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::entry_row::EntryRow;
use crate::domain::{FunderCode, Line, Lines};

pub(super) const SOURCE: &str = "daily_total";
/// How many rows are added up at once.
const ROWS: i64 = 5_000;
/// With what the number of a shard makes the name of the lock of whoever folds it. Only so that replicas do not do the same work.
const LOCK: i64 = 0x6c6f_7961_6c74_8000;

/// Where something is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    program_id: ProgramId,
    wallet: String,
    occurred_day: Date,
    recorded_day: Date,
    funder: String,
}

/// Finds the shards whose journals have rows that are not counted yet, and how many they have.
pub async fn find_uncounted(pool: &PgPool) -> Result<Vec<(Shard, i64)>, sqlx::Error> {
    let connection = &mut *pool.acquire().await?;
    let (heads, cursors) = (read_heads(connection).await?, read_cursors(connection).await?);
    let behind = Shard::all().zip(heads).zip(cursors);
    let behind = behind.map(|((shard, head), cursor)| (shard, head - cursor));
    Ok(behind.filter(|(_, rows)| *rows > 0).collect())
}

/// Adds up some of the rows of a shard that are not counted yet. Returns whether there may be more.
pub async fn fold_some(pool: &PgPool, shard: Shard) -> Result<bool, sqlx::Error> {
    let mut tx = begin_derived(pool).await?;
    let lock = LOCK + i64::from(shard.get());
    let locked = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "locked!""#, lock);
    if !locked.fetch_one(&mut *tx).await? {
        return Ok(false);
    }
    let cursor = sqlx::query_scalar!(
        "select seq from points.cursor where source = $1 and shard = $2",
        SOURCE,
        shard.get()
    );
    let cursor = cursor.fetch_optional(&mut *tx).await?.unwrap_or(0);
    let rows = read_rows(&mut tx, shard, cursor).await?;
    let Some(last) = rows.last() else { return Ok(false) };
    let more = rows.len() as i64 == ROWS;
    let moved = sqlx::query!(
        "insert into points.cursor as known (source, shard, seq) values ($1, $2, $3)
         on conflict (source, shard) do update set seq = excluded.seq where known.seq = $4",
        SOURCE,
        shard.get(),
        last.seq,
        cursor,
    );
    if moved.execute(&mut *tx).await?.rows_affected() == 0 {
        return Ok(true);
    }
    let zones = read_zones(&mut tx, &rows).await?;
    let totals = add_up(&rows, &zones)?;
    save(&mut tx, shard, &totals).await?;
    tx.commit().await?;
    Ok(more)
}

async fn read_rows(connection: &mut PgConnection, shard: Shard, after: i64) -> Result<Vec<EntryRow>, sqlx::Error> {
    sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and seq > $2
          order by seq
          limit $3",
        shard.get(),
        after,
        ROWS,
    )
    .fetch_all(connection)
    .await
}

async fn read_zones(connection: &mut PgConnection, rows: &[EntryRow]) -> Result<HashMap<ProgramId, Zone>, sqlx::Error> {
    let mut programs: Vec<Uuid> = rows.iter().map(|row| row.program_id).collect();
    programs.sort_unstable();
    programs.dedup();
    let rows = sqlx::query!(
        "select program_id, zone from points.program where program_id = any($1)",
        &programs
    )
    .fetch_all(connection)
    .await?;
    let zones = rows.into_iter().map(|row| {
        let zone =
            Zone::find(&row.zone).ok_or_else(|| sqlx::Error::Decode(format!("unknown zone {}", row.zone).into()));
        Ok((row.program_id.into(), zone?))
    });
    zones.collect()
}

fn add_up(rows: &[EntryRow], zones: &HashMap<ProgramId, Zone>) -> Result<BTreeMap<Key, Lines>, sqlx::Error> {
    let mut totals: BTreeMap<Key, Lines> = BTreeMap::new();
    for row in rows {
        let Some((wallet, funder, lines)) = changes(row) else {
            continue;
        };
        let zone = zones.get(&row.program_id.into());
        let zone = zone.ok_or_else(|| sqlx::Error::Decode("an entry of a program that is not known".into()))?;
        let key = Key {
            program_id: row.program_id.into(),
            wallet,
            occurred_day: day_in(zone, row.occurred_at.to_jiff()),
            recorded_day: day_in(zone, row.recorded_at.to_jiff()),
            funder,
        };
        let total = totals.entry(key).or_default();
        *total = total.checked_add(&lines).ok_or_else(uncountable)?;
    }
    Ok(totals)
}

/// Returns what the entry of a row changes: the wallet, who pays, and the lines; nothing when it changes nothing. An entry that makes no sense any
/// more counts as nothing, so that the totals differ from the accounts until somebody has looked.
pub(super) fn changes(row: &EntryRow) -> Option<(String, String, Lines)> {
    match row.draft() {
        Ok(draft) => {
            let draft = draft?;
            let lines = Lines::of(&draft);
            let funder = draft.funder.as_ref().map(FunderCode::to_string).unwrap_or_default();
            (!lines.are_empty()).then(|| (draft.wallet.to_string(), funder, lines))
        }
        Err(error) => {
            tracing::error!(%error, "an entry is not counted; CheckLedger tells more");
            None
        }
    }
}

/// Returns the day of an instant.
pub(super) fn day_in(zone: &Zone, at: Timestamp) -> Date {
    at.to_zoned(zone.tz().clone()).date()
}

pub(super) fn uncountable() -> sqlx::Error {
    sqlx::Error::Decode("the points of a day cannot be counted".into())
}

async fn save(connection: &mut PgConnection, shard: Shard, totals: &BTreeMap<Key, Lines>) -> Result<(), sqlx::Error> {
    let text = |of: fn(&Key) -> String| totals.keys().map(of).collect::<Vec<_>>();
    let line = |line| totals.values().map(|lines| lines.get(line)).collect::<Vec<_>>();
    sqlx::query!(
        "insert into points.daily_total as known
                (shard, program_id, wallet, occurred_day, recorded_day, funder, issued, transferred_in, restored, redeemed, transferred_out, expired,
                 reversed, paid_out, forfeited, settled, debt_made, written_off, taken_back)
         select $1, program_id, wallet, occurred_day::date, recorded_day::date, funder, issued, transferred_in, restored, redeemed, transferred_out, expired,
                reversed, paid_out, forfeited, settled, debt_made, written_off, taken_back
           from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                       $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[])
                as new (program_id, wallet, occurred_day, recorded_day, funder, issued, transferred_in, restored, redeemed, transferred_out, expired,
                        reversed, paid_out, forfeited, settled, debt_made, written_off, taken_back)
         on conflict (shard, program_id, wallet, occurred_day, recorded_day, funder) do update
            set issued = known.issued + excluded.issued,
                transferred_in = known.transferred_in + excluded.transferred_in,
                restored = known.restored + excluded.restored,
                redeemed = known.redeemed + excluded.redeemed,
                transferred_out = known.transferred_out + excluded.transferred_out,
                expired = known.expired + excluded.expired,
                reversed = known.reversed + excluded.reversed,
                paid_out = known.paid_out + excluded.paid_out,
                forfeited = known.forfeited + excluded.forfeited,
                settled = known.settled + excluded.settled,
                debt_made = known.debt_made + excluded.debt_made,
                written_off = known.written_off + excluded.written_off,
                taken_back = known.taken_back + excluded.taken_back",
        shard.get(),
        &totals.keys().map(|key| key.program_id.uuid()).collect::<Vec<_>>(),
        &text(|key| key.wallet.clone()),
        &text(|key| key.occurred_day.to_string()),
        &text(|key| key.recorded_day.to_string()),
        &text(|key| key.funder.clone()),
        &line(Line::Issued),
        &line(Line::TransferredIn),
        &line(Line::Restored),
        &line(Line::Redeemed),
        &line(Line::TransferredOut),
        &line(Line::Expired),
        &line(Line::Reversed),
        &line(Line::PaidOut),
        &line(Line::Forfeited),
        &line(Line::Settled),
        &line(Line::DebtMade),
        &line(Line::WrittenOff),
        &line(Line::TakenBack),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads where the journal of each shard ends, in order.
pub(super) async fn read_heads(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sqlx::query!("select shard, last_seq from points.shard").fetch_all(connection);
    Ok(by_shard(rows.await?.into_iter().map(|row| (row.shard, row.last_seq))))
}

/// Reads how far the journal of each shard is counted, in order.
pub(super) async fn read_cursors(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sqlx::query!("select shard, seq from points.cursor where source = $1", SOURCE).fetch_all(connection);
    Ok(by_shard(rows.await?.into_iter().map(|row| (row.shard, row.seq))))
}

fn by_shard(seqs: impl Iterator<Item = (i16, i64)>) -> Vec<i64> {
    let mut in_order = vec![0; SHARDS as usize];
    for (shard, seq) in seqs {
        if let Some(shard) = Shard::new(shard) {
            in_order[shard.index()] = seq;
        }
    }
    in_order
}
