//! `campaign.parked_return`: returns that came before their orders.

use common::{
    auth::ProgramScope,
    ids::MemberId,
    time,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::campaign::{self as pb, ParkedReturnState};
use sqlx::PgPool;

use super::{MemberKey, members::columns, unreadable};

/// A return that came before its order.
#[derive(Clone, Debug)]
pub struct ParkedReturn {
    /// Whose.
    pub member: MemberKey,
    /// The order for which it waits.
    pub order_id: String,
    /// The request, as it came.
    pub request: pb::RecordActivityRequest,
    /// When it came.
    pub parked_at: Timestamp,
    /// When nobody waits for its order any more.
    pub gives_up_at: Timestamp,
}

/// A return that waits, and whether its order has come.
pub struct Waiting {
    /// The return.
    pub parked: ParkedReturn,
    /// Whether its order is recorded.
    pub has_order: bool,
}

/// Stores returns that wait.
pub fn insert_parked_returns(parked: &[ParkedReturn], writes: &mut Writes) {
    if parked.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.parked_return (shard, program_id, member_id, request_id, order_id, request, parked_at, gives_up_at)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[], $8::timestamptz[])",
    );
    let (shards, program_ids, member_ids) = columns(parked.iter().map(|parked| &parked.member));
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(parked.iter().map(|parked| parked.request.request_id.clone()))
            .column(parked.iter().map(|parked| parked.order_id.clone()))
            .column(parked.iter().map(|parked| parked.request.encode_to_vec()))
            .column(parked.iter().map(|parked| parked.parked_at.to_sqlx()))
            .column(parked.iter().map(|parked| parked.gives_up_at.to_sqlx())),
    );
}

/// Tells where a return stands that was parked; nothing for one that is recorded.
pub async fn find_parked_return(
    pool: &PgPool,
    member: MemberKey,
    request_id: &str,
) -> Result<Option<ParkedReturnState>, sqlx::Error> {
    let state = sqlx::query_scalar!(
        "select state from campaign.parked_return where shard = $1 and program_id = $2 and member_id = $3 and request_id = $4",
        member.shard().get(),
        member.program_id.uuid(),
        member.member_id.uuid(),
        request_id,
    );
    state.fetch_optional(pool).await?.map(state_from_stored).transpose()
}

/// Lists returns that wait after some other, of all programs, in the order of the key.
pub async fn list_waiting_returns(
    pool: &PgPool,
    after: Option<&ParkedReturn>,
    limit: i64,
) -> Result<Vec<Waiting>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select program_id, member_id, order_id, request, parked_at as "parked_at: jiff_sqlx::Timestamp", gives_up_at as "gives_up_at: jiff_sqlx::Timestamp",
                  exists (select from campaign.purchase
                           where shard = parked.shard and program_id = parked.program_id and member_id = parked.member_id
                             and order_id = parked.order_id) as "has_order!"
             from campaign.parked_return as parked
            where state = 1 and (shard, program_id, member_id, request_id) > ($1::smallint, $2::uuid, $3::uuid, $4::text)
            order by shard, program_id, member_id, request_id
            limit $5"#,
        after.map_or(-1, |parked| parked.member.shard().get()),
        after.map(|parked| parked.member.program_id.uuid()).unwrap_or_default(),
        after.map(|parked| parked.member.member_id.uuid()).unwrap_or_default(),
        after
            .map(|parked| parked.request.request_id.clone())
            .unwrap_or_default(),
        limit,
    );
    let rows = rows.fetch_all(pool).await?.into_iter().map(|row| {
        let request = pb::RecordActivityRequest::decode(row.request.as_slice());
        Ok(Waiting {
            parked: ParkedReturn {
                member: MemberKey {
                    program_id: row.program_id.into(),
                    member_id: row.member_id.into(),
                },
                order_id: row.order_id,
                request: request.map_err(|_| unreadable("return that is parked"))?,
                parked_at: row.parked_at.to_jiff(),
                gives_up_at: row.gives_up_at.to_jiff(),
            },
            has_order: row.has_order,
        })
    });
    rows.collect()
}

/// Strikes off a return that is recorded.
pub async fn drop_parked_return(pool: &PgPool, parked: &ParkedReturn) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from campaign.parked_return where shard = $1 and program_id = $2 and member_id = $3 and request_id = $4",
        parked.member.shard().get(),
        parked.member.program_id.uuid(),
        parked.member.member_id.uuid(),
        parked.request.request_id,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Stores that the order does not allow for a return. Tells whether that is news.
pub async fn refuse_parked_return(pool: &PgPool, parked: &ParkedReturn, reason: &str) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let refused = sqlx::query!(
        "update campaign.parked_return
            set state = 2, reason = $5
          where shard = $1 and program_id = $2 and member_id = $3 and request_id = $4 and state = 1",
        parked.member.shard().get(),
        parked.member.program_id.uuid(),
        parked.member.member_id.uuid(),
        parked.request.request_id,
        reason,
    );
    let rows = refused.execute(&mut *tx).await?.rows_affected();
    tx.commit().await?;
    Ok(rows > 0)
}

/// Gives up returns whose orders have not come in time by the clocks of their programs; tells how many.
pub async fn give_up_parked_returns(pool: &PgPool, limit: i64) -> Result<u64, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let given_up = sqlx::query!(
        // now() and no clock that ticks, or there is no index to look at.
        "update campaign.parked_return as parked
            set state = 3
           from (select late.shard, late.program_id, late.member_id, late.request_id
                   from campaign.program as program
                  cross join lateral (
                        select shard, program_id, member_id, request_id
                          from campaign.parked_return as waiting
                         where program_id = program.program_id and state = 1 and gives_up_at <= coalesce(program.clock_at, now())
                           and not exists (select from campaign.purchase
                                            where shard = waiting.shard and program_id = waiting.program_id
                                              and member_id = waiting.member_id and order_id = waiting.order_id)
                         order by gives_up_at
                         limit $1) as late) as late
          where parked.shard = late.shard and parked.program_id = late.program_id and parked.member_id = late.member_id
            and parked.request_id = late.request_id and parked.state = 1",
        limit,
    );
    let rows = given_up.execute(&mut *tx).await?.rows_affected();
    tx.commit().await?;
    Ok(rows)
}

/// Lists a program's returns in a state after a place, those first that came first.
pub async fn list_parked_returns(
    pool: &PgPool,
    program: ProgramScope,
    state: ParkedReturnState,
    after: (Timestamp, MemberId, String),
    limit: i64,
) -> Result<Vec<pb::ParkedReturn>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select member_id, order_id, request_id, state, reason, parked_at as "parked_at: jiff_sqlx::Timestamp",
                  gives_up_at as "gives_up_at: jiff_sqlx::Timestamp"
             from campaign.parked_return
            where program_id = $1 and state = $2 and (parked_at, member_id, request_id) > ($3::timestamptz, $4::uuid, $5::text)
            order by parked_at, member_id, request_id
            limit $6"#,
        program.id().uuid(),
        state as i16,
        after.0.to_sqlx() as _,
        after.1.uuid(),
        after.2,
        limit,
    );
    let rows = rows.fetch_all(pool).await?.into_iter().map(|row| {
        Ok(pb::ParkedReturn {
            member_id: row.member_id.to_string(),
            order_id: row.order_id,
            request_id: row.request_id,
            state: state_from_stored(row.state)?.into(),
            parked_at: Some(time::to_wire(row.parked_at.to_jiff())),
            gives_up_at: Some(time::to_wire(row.gives_up_at.to_jiff())),
            refused_reason: row.reason.unwrap_or_default(),
        })
    });
    rows.collect()
}

/// Writes a return that has just been parked.
pub fn parked_to_wire(parked: &ParkedReturn) -> pb::ParkedReturn {
    pb::ParkedReturn {
        member_id: parked.member.member_id.to_string(),
        order_id: parked.order_id.clone(),
        request_id: parked.request.request_id.clone(),
        state: ParkedReturnState::Waiting.into(),
        parked_at: Some(time::to_wire(parked.parked_at)),
        gives_up_at: Some(time::to_wire(parked.gives_up_at)),
        refused_reason: String::new(),
    }
}

fn state_from_stored(state: i16) -> Result<ParkedReturnState, sqlx::Error> {
    let state = ParkedReturnState::try_from(i32::from(state)).ok();
    state
        .filter(|state| *state != ParkedReturnState::Unspecified)
        .ok_or_else(|| unreadable("state of a return that is parked"))
}
