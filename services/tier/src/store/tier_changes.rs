//! The changes of members' levels, which are events of the journal.

use common::{auth::ProgramScope, db::Db, ids::MemberId, shard::Shard};
use prost::Message as _;
use proto::tier::{self as pb, tier_event};
use sqlx::PgPool;

/// Lists a member's changes, the newest first, and where the next page begins; nothing when there is no such member.
///
/// A member has one change a year or a few, so those of other ladders are left out while reading.
pub async fn list_tier_changes(
    db: &Db,
    scope: ProgramScope,
    member_id: MemberId,
    ladder: String,
    before: Option<i64>,
    limit: i64,
) -> Result<Option<(Vec<pb::TierChange>, Option<i64>)>, sqlx::Error> {
    db.run(move |pool| async move {
        if !member_exists(&pool, scope, member_id).await? {
            return Ok(None);
        }
        let mut before = before.unwrap_or(i64::MAX);
        let mut changes = Vec::new();
        loop {
            let rows = list_rows(&pool, scope, member_id, before, limit).await?;
            let is_last = rows.len() < limit as usize;
            for (seq, change) in rows {
                before = seq;
                if ladder.is_empty() || change.ladder == ladder {
                    changes.push(change);
                }
                if changes.len() == limit as usize {
                    return Ok(Some((changes, Some(seq))));
                }
            }
            if is_last {
                return Ok(Some((changes, None)));
            }
        }
    })
    .await
}

async fn list_rows(
    pool: &PgPool,
    scope: ProgramScope,
    member_id: MemberId,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, pb::TierChange)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select seq, event from tier.journal
          where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq < $4
          order by seq desc
          limit $5",
        Shard::of(scope.id(), member_id).get(),
        scope.id().uuid(),
        member_id.uuid(),
        before,
        limit,
    )
    .fetch_all(pool)
    .await?;
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let event = pb::TierEvent::decode(row.event.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
        if let Some(tier_event::Event::TierChanged(changed)) = event.event {
            changes.extend(changed.tier_change.map(|change| (row.seq, change)));
        }
    }
    Ok(changes)
}

async fn member_exists(pool: &PgPool, scope: ProgramScope, member_id: MemberId) -> Result<bool, sqlx::Error> {
    let enrolled = sqlx::query_scalar!(
        r#"select true as "enrolled!" from tier.member
            where shard = $1 and program_id = $2 and member_id = $3 and enrolled_at is not null"#,
        Shard::of(scope.id(), member_id).get(),
        scope.id().uuid(),
        member_id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(enrolled.is_some())
}
