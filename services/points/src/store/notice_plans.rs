//! `points.notice_plan`: wallets that have another rule of when members are told of points that lapse, and how far their accounts follow it.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;
use uuid::Uuid;

use super::members::MemberKey;
use crate::domain::WalletCode;

/// A wallet whose rule changed, and from when on.
#[derive(Clone, Debug)]
pub struct NewNoticeRule {
    /// The program.
    pub program_id: ProgramId,
    /// The wallet.
    pub wallet: WalletCode,
    /// From when on it holds.
    pub effective_from: Timestamp,
}

/// A wallet whose accounts are being gone through.
#[derive(Clone, Debug)]
pub struct NoticePlan {
    /// The program.
    pub program_id: ProgramId,
    /// The wallet.
    pub wallet: WalletCode,
    effective_from: jiff_sqlx::Timestamp,
    shard: Shard,
    after: Uuid,
}

/// Saves which wallets have another rule.
pub fn save_notice_rules(rules: Vec<NewNoticeRule>, writes: &mut Writes) {
    if rules.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into points.notice_plan (program_id, wallet, effective_from)
         select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])",
    );
    let part = part
        .column(rules.iter().map(|rule| rule.program_id.uuid()))
        .column(rules.iter().map(|rule| rule.wallet.to_string()))
        .column(rules.iter().map(|rule| rule.effective_from.to_sqlx()));
    writes.add(part);
}

/// Finds a wallet whose rule has changed by its program's clock, and whose accounts do not all follow it yet; of one program, or of any.
pub async fn find_notice_plan(pool: &PgPool, program_id: Option<ProgramId>) -> Result<Option<NoticePlan>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select plan.program_id as "program_id!", plan.wallet as "wallet!", plan.effective_from as "effective_from!: jiff_sqlx::Timestamp",
                  plan.shard as "shard!", plan.after_member as "after_member!"
             from points.program as program
            cross join lateral (
                  select program_id, wallet, effective_from, shard, after_member from points.notice_plan
                   where notice_plan.program_id = program.program_id
                     and notice_plan.effective_from <= coalesce(program.clock_at, now())
                   order by notice_plan.wallet, notice_plan.effective_from
                   limit 1) as plan
            where $1::uuid is null or program.program_id = $1
            limit 1"#,
        program_id.map(ProgramId::uuid),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let nonsense = || sqlx::Error::Decode("a plan of notices makes no sense".into());
    Ok(Some(NoticePlan {
        program_id: row.program_id.into(),
        wallet: WalletCode::new(&row.wallet).ok_or_else(nonsense)?,
        effective_from: row.effective_from,
        shard: Shard::new(row.shard).ok_or_else(nonsense)?,
        after: row.after_member,
    }))
}

/// Lists the next members with an account in the wallet, all of one shard.
pub async fn list_members_of(pool: &PgPool, plan: &NoticePlan, limit: i64) -> Result<Vec<MemberKey>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select member_id from points.account
          where shard = $1 and program_id = $2 and member_id > $3 and wallet = $4
          order by member_id
          limit $5",
        plan.shard.get(),
        plan.program_id.uuid(),
        plan.after,
        plan.wallet.as_str(),
        limit,
    )
    .fetch_all(pool)
    .await?;
    let members = rows.into_iter().map(|member_id| (plan.program_id, member_id.into()));
    Ok(members.collect())
}

/// Notes that the accounts up to a member follow the rule, or all of the shard. Whoever notes less later changes nothing. Behind the last shard it is done with.
pub async fn move_notice_plan(pool: &PgPool, plan: &NoticePlan, up_to: Option<MemberId>) -> Result<(), sqlx::Error> {
    let next = match up_to {
        Some(member_id) => Some((plan.shard, member_id.uuid())),
        None => Shard::new(plan.shard.get() + 1).map(|shard| (shard, Uuid::nil())),
    };
    let mut tx = pool.begin().await?;
    match next {
        Some((shard, after)) => {
            sqlx::query!(
                "update points.notice_plan set shard = $4, after_member = $5
                  where program_id = $1 and wallet = $2 and effective_from = $3 and (shard, after_member) < ($4, $5)",
                plan.program_id.uuid(),
                plan.wallet.as_str(),
                plan.effective_from as jiff_sqlx::Timestamp,
                shard.get(),
                after,
            )
            .execute(&mut *tx)
            .await?;
        }
        None => {
            sqlx::query!(
                "delete from points.notice_plan where program_id = $1 and wallet = $2 and effective_from = $3",
                plan.program_id.uuid(),
                plan.wallet.as_str(),
                plan.effective_from as jiff_sqlx::Timestamp,
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await
}
