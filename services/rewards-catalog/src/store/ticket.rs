//! `rewards.ticket`: how every ticket is paid for, and what it drew.

mod row;

use std::collections::{BTreeSet, HashMap};

use common::{
    auth::ProgramScope,
    db::Db,
    ids::{MemberId, ProgramId, TicketId},
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::rewards_catalog as pb;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{MemberColumns, MemberKey, TicketKey, member_key, nonsense, redemption::Columns};
use crate::domain::{Ticket, next_step};
use row::Row;

/// A ticket, and where it was asked for in the journal.
#[derive(Clone, Debug)]
pub struct StoredTicket {
    pub ticket: Ticket,
    pub seq: i64,
    /// By the database's clock.
    pub changed_at: Timestamp,
}

/// Loads some tickets.
pub async fn load(
    connection: &mut PgConnection,
    keys: &BTreeSet<TicketKey>,
) -> Result<HashMap<TicketKey, StoredTicket>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(keys.iter().map(|key| &key.member));
    let ids: Vec<Uuid> = keys.iter().map(|key| key.ticket_id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select found.program_id as "program_id!", found.member_id as "member_id!", found.ticket_id as "ticket_id!",
                  found.seq as "seq!", found.lottery as "lottery!", found.source as "source!", found.wallet as "wallet!",
                  found.points as "points!", found.bought_at as "bought_at!", found.state as "state!", found.hold_id,
                  found.capture_entry_id, found.rejection, found.missing_points, found.draw, found.changed_at as "changed_at!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[])
                  as wanted (of_shard, of_program, of_member, of_ticket)
            cross join lateral (
                  select * from rewards.ticket
                   where shard = of_shard and program_id = of_program and member_id = of_member and ticket_id = of_ticket
                   limit 1) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.key(), row.read()?))).collect()
}

/// Finds a ticket of a member.
pub async fn find(
    db: &Db,
    scope: ProgramScope,
    member_id: MemberId,
    ticket_id: TicketId,
) -> Result<Option<Ticket>, sqlx::Error> {
    let key = TicketKey {
        member: MemberKey::new(scope, member_id),
        ticket_id,
    };
    let load = |pool: PgPool| async move { load(&mut *pool.acquire().await?, &BTreeSet::from([key])).await };
    Ok(db.run(load).await?.into_values().next().map(|stored| stored.ticket))
}

/// Lists the tickets of a member, the newest first, before a place: those of one lottery, or all.
pub async fn list(
    db: &Db,
    scope: ProgramScope,
    (member_id, lottery): (MemberId, Option<String>),
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredTicket>, sqlx::Error> {
    let member = MemberKey::new(scope, member_id);
    let list = move |pool: PgPool| async move {
        sqlx::query_as!(
            Row,
            "select program_id, member_id, ticket_id, seq, lottery, source, wallet, points, bought_at, state, hold_id,
                    capture_entry_id, rejection, missing_points, draw, changed_at
               from rewards.ticket
              where shard = $1 and program_id = $2 and member_id = $3 and ($4::text is null or lottery = $4)
                and ($5::bigint is null or seq < $5)
              order by seq desc
              limit $6",
            member.shard(),
            member.program_id.uuid(),
            member.member_id.uuid(),
            lottery,
            before,
            limit,
        )
        .fetch_all(&pool)
        .await
    };
    db.run(list).await?.into_iter().map(Row::read).collect()
}

/// Lists tickets whose payment is under way and was left alone for some seconds, each with its program. In no order, so that one that cannot
/// go on does not keep others from it.
pub async fn list_left_alone(db: &Db, seconds: i32, limit: i64) -> Result<Vec<(ProgramId, Ticket)>, sqlx::Error> {
    let list = move |pool: PgPool| async move {
        sqlx::query_as!(
            Row,
            "select program_id, member_id, ticket_id, seq, lottery, source, wallet, points, bought_at, state, hold_id,
                    capture_entry_id, rejection, missing_points, draw, changed_at
               from rewards.ticket
              where not at_rest and changed_at < now() - make_interval(secs => $1)
              order by random()
              limit $2",
            f64::from(seconds),
            limit,
        )
        .fetch_all(&pool)
        .await
    };
    let rows = db.run(list).await?;
    rows.into_iter()
        .map(|row| Ok((row.program_id.into(), row.read()?.ticket)))
        .collect()
}

/// Lists tickets of lotteries that have closed, by the clocks of their programs, and that nobody has drawn.
pub async fn list_undrawn(db: &Db, limit: i64) -> Result<Vec<TicketKey>, sqlx::Error> {
    let list = move |pool: PgPool| async move {
        sqlx::query!(
            r#"select undrawn.member_id as "member_id!", undrawn.ticket_id as "ticket_id!", lottery.program_id as "program_id!"
                 from rewards.lottery as lottery
                 join rewards.program as program on program.program_id = lottery.program_id
                cross join lateral (
                      select member_id, ticket_id from rewards.ticket
                       where program_id = lottery.program_id and lottery = lottery.lottery
                         and state = 3 and draw_number is null
                       limit $1) as undrawn
                where lottery.revealed_at is null and lottery.tickets_drawn < lottery.tickets_sold
                  and lottery.closes_at <= coalesce(program.clock_at, now())
                limit $1"#,
            limit,
        )
        .fetch_all(&pool)
        .await
    };
    let rows = db.run(list).await?;
    let keys = rows.into_iter().map(|row| TicketKey {
        member: member_key(row.program_id, row.member_id),
        ticket_id: row.ticket_id.into(),
    });
    Ok(keys.collect())
}

/// Counts how many tickets of some lotteries some members have. Those that were rejected do not count.
pub async fn count(
    connection: &mut PgConnection,
    wanted: &BTreeSet<(MemberKey, String)>,
) -> Result<HashMap<(MemberKey, String), u32>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(wanted.iter().map(|(key, _)| key));
    let lotteries: Vec<String> = wanted.iter().map(|(_, lottery)| lottery.clone()).collect();
    let rows = sqlx::query!(
        r#"select of_program as "program_id!", of_member as "member_id!", of_lottery as "lottery!", found.tickets as "tickets!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[])
                  as wanted (of_shard, of_program, of_member, of_lottery)
            cross join lateral (
                  select count(*) as tickets from rewards.ticket
                   where shard = of_shard and program_id = of_program and member_id = of_member and lottery = of_lottery
                     and state <> 4) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
        &lotteries,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let tickets = u32::try_from(row.tickets).map_err(|_| nonsense("count"))?;
            Ok(((member_key(row.program_id, row.member_id), row.lottery), tickets))
        })
        .collect()
}

/// Counts how often the draws of a lottery before one gave each prize. What gave nothing is under an empty code.
pub async fn count_given_before(
    db: &Db,
    scope: ProgramScope,
    lottery: &str,
    draw_number: i64,
) -> Result<HashMap<String, i64>, sqlx::Error> {
    let (program_id, lottery) = (scope.id().uuid(), lottery.to_owned());
    let count = move |pool: PgPool| async move {
        sqlx::query!(
            r#"select prize as "prize!", count(*) as "given!" from rewards.ticket
                where program_id = $1 and lottery = $2 and draw_number < $3
                group by prize"#,
            program_id,
            lottery,
            draw_number,
        )
        .fetch_all(&pool)
        .await
    };
    let rows = db.run(count).await?;
    Ok(rows.into_iter().map(|row| (row.prize, row.given)).collect())
}

/// Saves some tickets: those that are new whole, the others where they stand.
pub fn save(tickets: &[(&TicketKey, &StoredTicket)], writes: &mut Writes) {
    if tickets.is_empty() {
        return;
    }
    let members = MemberColumns::of(tickets.iter().map(|(key, _)| &key.member));
    let stored = || tickets.iter().map(|(_, stored)| *stored);
    let all = || stored().map(|stored| &stored.ticket);
    let states: Vec<Columns> = all().map(|ticket| Columns::of(&ticket.payment)).collect();
    let part = Part::new(
        "insert into rewards.ticket (shard, program_id, member_id, ticket_id, seq, lottery, source, wallet, points, bought_at, state,
                                     hold_id, capture_entry_id, rejection, missing_points, draw_number, prize, draw, at_rest,
                                     changed_at)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::smallint[],
                              $8::text[], $9::bigint[], $10::timestamptz[], $11::smallint[], $12::uuid[], $13::uuid[],
                              $14::smallint[], $15::bigint[], $16::bigint[], $17::text[], $18::bytea[], $19::boolean[],
                              $20::timestamptz[])
         on conflict (shard, program_id, member_id, ticket_id) do update
         set state = excluded.state, hold_id = excluded.hold_id, capture_entry_id = excluded.capture_entry_id,
             rejection = excluded.rejection, missing_points = excluded.missing_points, draw_number = excluded.draw_number,
             prize = excluded.prize, draw = excluded.draw, at_rest = excluded.at_rest, changed_at = excluded.changed_at",
    );
    let draws = || all().map(|ticket| ticket.draw.as_ref());
    writes.add(
        part.bind(members.shards)
            .bind(members.programs)
            .bind(members.members)
            .column(all().map(|ticket| ticket.ticket_id.uuid()))
            .column(stored().map(|stored| stored.seq))
            .column(all().map(|ticket| ticket.lottery.clone()))
            .column(all().map(|ticket| pb::TicketSource::from(ticket.source) as i16))
            .column(all().map(|ticket| ticket.price.wallet.clone()))
            .column(all().map(|ticket| ticket.price.points.get()))
            .column(all().map(|ticket| ticket.bought_at.to_sqlx()))
            .column(states.iter().map(|state| state.state))
            .column(states.iter().map(|state| state.hold_id))
            .column(states.iter().map(|state| state.capture_entry_id))
            .column(states.iter().map(|state| state.rejection))
            .column(states.iter().map(|state| state.missing_points))
            .column(draws().map(|draw| draw.map(|draw| draw.draw_number)))
            .column(draws().map(|draw| draw.map(|draw| draw.prize.clone().unwrap_or_default())))
            .column(draws().map(|draw| draw.map(|draw| pb::Draw::from(draw).encode_to_vec())))
            .column(all().map(|ticket| next_step(ticket).is_none()))
            .column(stored().map(|stored| stored.changed_at.to_sqlx())),
    );
}
