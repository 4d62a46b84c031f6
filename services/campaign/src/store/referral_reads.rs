//! Referrals, as RPCs and the worker read them: who has which invite code, what is due, and what is known of a referrer's other friends.

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

use super::{
    MemberKey, ReferralMove, load_referrals,
    referral_rows::{Row, read, reasons_from_stored, state_from_stored, state_to_stored},
};
use crate::domain::{Guards, Referral, ReferralState, invite_code};

/// How often a code is made anew that somebody else has. With fifty bits once is rare.
const ATTEMPTS: u32 = 8;

/// Which referrals are listed.
#[derive(Clone, Copy, Debug)]
pub enum ListedBy {
    /// Those of a member who brought friends.
    Referrer(MemberId),
    /// Those in a state.
    State(ReferralState),
}

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct DueReferral {
    /// Whose: the friend.
    pub member: MemberKey,
    /// Because of which order; nothing where nobody waits for one any more.
    pub order_id: Option<String>,
}

/// Returns the code of a member, and makes it if there is none. Whoever does that at the same time makes the same.
pub async fn take_invite_code(
    pool: &PgPool,
    program: ProgramScope,
    member_id: MemberId,
) -> Result<String, sqlx::Error> {
    let find = sqlx::query_scalar!(
        "select code from campaign.invite_code where program_id = $1 and member_id = $2",
        program.id().uuid(),
        member_id.uuid(),
    );
    if let Some(code) = find.fetch_optional(pool).await? {
        return Ok(code);
    }
    for attempt in 0..ATTEMPTS {
        let mut tx = pool.begin().await?;
        sqlx::query!(
            "insert into campaign.invite_code (program_id, code, member_id) values ($1, $2, $3) on conflict do nothing",
            program.id().uuid(),
            invite_code(program.id(), member_id, attempt),
            member_id.uuid(),
        )
        .execute(&mut *tx)
        .await?;
        let found = sqlx::query_scalar!(
            "select code from campaign.invite_code where program_id = $1 and member_id = $2",
            program.id().uuid(),
            member_id.uuid(),
        );
        let found = found.fetch_optional(&mut *tx).await?;
        tx.commit().await?;
        if let Some(code) = found {
            return Ok(code);
        }
    }
    Err(sqlx::Error::RowNotFound)
}

/// Finds who has a code.
pub async fn find_invited_by(
    pool: &PgPool,
    program: ProgramScope,
    code: &str,
) -> Result<Option<MemberId>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select member_id from campaign.invite_code where program_id = $1 and code = $2",
        program.id().uuid(),
        code,
    );
    Ok(found.fetch_optional(pool).await?.map(MemberId::from))
}

/// Finds a friend's referral.
pub async fn find_referral(pool: &PgPool, friend: MemberKey) -> Result<Option<Referral>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    Ok(load_referrals(&mut connection, &[friend]).await?.remove(&friend))
}

/// Lists what happened to a referral, the earliest first.
pub async fn list_referral_moves(pool: &PgPool, member: MemberKey) -> Result<Vec<ReferralMove>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select seq, referrer, state, reasons, at as "at: jiff_sqlx::Timestamp", order_id, reviewed_by, comment
             from campaign.referral_move
            where shard = $1 and program_id = $2 and member_id = $3
            order by seq
            limit 10000"#,
        member.shard().get(),
        member.program_id.uuid(),
        member.member_id.uuid(),
    );
    let moves = rows.fetch_all(pool).await?.into_iter().map(|row| {
        Ok(ReferralMove {
            member,
            seq: row.seq,
            referrer: row.referrer.into(),
            state: state_from_stored(row.state)?,
            reasons: reasons_from_stored(row.reasons),
            at: row.at.to_jiff(),
            order_id: row.order_id,
            reviewed_by: row.reviewed_by,
            comment: row.comment,
        })
    });
    moves.collect()
}

/// Lists referrals of a program after a place, the earliest bound first.
pub async fn list_referrals(
    pool: &PgPool,
    program: ProgramScope,
    by: ListedBy,
    after: (Timestamp, MemberId),
    limit: i64,
) -> Result<Vec<(MemberKey, Referral)>, sqlx::Error> {
    let (program_id, (bound_at, member_id)) = (program.id().uuid(), (after.0.to_sqlx(), after.1.uuid()));
    let rows = match by {
        ListedBy::Referrer(referrer) => {
            sqlx::query_as!(
                Row,
                r#"select program_id, member_id, referrer, invite_code, state, reasons, bound_at as "bound_at: jiff_sqlx::Timestamp",
                          changed_at as "changed_at: jiff_sqlx::Timestamp", gives_up_at as "gives_up_at: jiff_sqlx::Timestamp", order_id, reported
                     from campaign.referral
                    where program_id = $1 and referrer = $2 and (bound_at, member_id) > ($3::timestamptz, $4::uuid)
                    order by bound_at, member_id
                    limit $5"#,
                program_id,
                referrer.uuid(),
                bound_at as _,
                member_id,
                limit,
            )
            .fetch_all(pool)
            .await?
        }
        ListedBy::State(state) => {
            sqlx::query_as!(
                Row,
                r#"select program_id, member_id, referrer, invite_code, state, reasons, bound_at as "bound_at: jiff_sqlx::Timestamp",
                          changed_at as "changed_at: jiff_sqlx::Timestamp", gives_up_at as "gives_up_at: jiff_sqlx::Timestamp", order_id, reported
                     from campaign.referral
                    where program_id = $1 and state = $2 and (bound_at, member_id) > ($3::timestamptz, $4::uuid)
                    order by bound_at, member_id
                    limit $5"#,
                program_id,
                state_to_stored(state),
                bound_at as _,
                member_id,
                limit,
            )
            .fetch_all(pool)
            .await?
        }
    };
    rows.into_iter().map(read).collect()
}

/// Lists what is to be looked at by the clocks of the programs, or by that of one of them: of each at most so many, those first that wait the longest.
pub async fn list_due_referrals(
    pool: &PgPool,
    program_id: Option<ProgramId>,
    limit: i64,
) -> Result<Vec<DueReferral>, sqlx::Error> {
    let rows = sqlx::query!(
        // now() and no clock that ticks, or there is no index to look at.
        r#"select due.program_id as "program_id!", due.member_id as "member_id!", due.order_id as "order_id?"
             from campaign.program as program
            cross join lateral (
                  (select program_id, member_id, order_id from campaign.referral_order
                    where program_id = program.program_id and due_at <= coalesce(program.clock_at, now())
                    order by due_at
                    limit $2)
                  union all
                  (select program_id, member_id, null::text from campaign.referral
                    where program_id = program.program_id and state = 1 and gives_up_at <= coalesce(program.clock_at, now())
                    order by gives_up_at
                    limit $2)) as due
            where $1::uuid is null or program.program_id = $1"#,
        program_id.map(|program_id| program_id.uuid()),
        limit,
    );
    let due = rows.fetch_all(pool).await?.into_iter().map(|row| DueReferral {
        member: MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        },
        order_id: row.order_id,
    });
    Ok(due.collect())
}

/// Tells what is known of the other friends of whoever referred a friend, on the day that began then. As it is seen now: they are on other shards.
pub async fn find_guards(
    pool: &PgPool,
    friend: MemberKey,
    referral: &Referral,
    day_began: Timestamp,
) -> Result<Guards, sqlx::Error> {
    let referrer = MemberKey {
        member_id: referral.referrer,
        ..friend
    };
    let row = sqlx::query!(
        r#"select (select count(*) from campaign.referral
                    where program_id = $1 and referrer = $2 and bound_at >= $3 and (bound_at, member_id) < ($4::timestamptz, $5::uuid)) as "on_day!",
                  (select count(*) from campaign.referral where program_id = $1 and referrer = $2 and state in (1, 2, 3)) as "open!",
                  exists (select from campaign.referral_mark as mine
                           cross join lateral (
                                 select from campaign.referral_mark
                                  where shard = $7 and program_id = $1 and member_id = $2 and mark = mine.mark
                                  limit 1) as theirs
                           where mine.shard = $6 and mine.program_id = $1 and mine.member_id = $5) as "with_referrer!",
                  exists (select from campaign.referral_mark as mine
                           cross join lateral (
                                 select shard, member_id from campaign.referral_mark
                                  where program_id = $1 and mark = mine.mark and member_id <> $5
                                  limit 1000) as other
                           cross join lateral (
                                 select from campaign.referral
                                  where shard = other.shard and program_id = $1 and member_id = other.member_id and referrer = $2
                                  limit 1) as sibling
                           where mine.shard = $6 and mine.program_id = $1 and mine.member_id = $5) as "with_referee!""#,
        friend.program_id.uuid(),
        referral.referrer.uuid(),
        day_began.to_sqlx() as _,
        referral.bound_at.to_sqlx() as _,
        friend.member_id.uuid(),
        friend.shard().get(),
        referrer.shard().get(),
    );
    let row = row.fetch_one(pool).await?;
    Ok(Guards {
        referrer: referral.referrer,
        bound_before_on_day: row.on_day,
        open: row.open,
        shares_with_referrer: row.with_referrer,
        shares_with_referee: row.with_referee,
    })
}
