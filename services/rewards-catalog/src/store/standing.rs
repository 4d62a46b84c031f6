//! What is known of a member, for reads that change nothing.

use std::collections::{BTreeSet, HashMap};

use common::{auth::ProgramScope, db::Db, ids::MemberId};
use sqlx::PgPool;

use super::{MemberKey, level, member, redemption};
use crate::domain::MemberStatus;

/// Where a member stands.
pub struct Standing {
    /// Whether they may redeem.
    pub status: MemberStatus,
    /// Their level on each ladder.
    pub levels: HashMap<String, String>,
    /// How many they have had of the reward asked about.
    pub redeemed_count: u32,
}

/// Finds where a member of the program stands, and how many of a reward they have had.
pub async fn find(
    db: &Db,
    scope: ProgramScope,
    member_id: MemberId,
    reward: &str,
) -> Result<Option<Standing>, sqlx::Error> {
    let key = MemberKey::new(scope, member_id);
    let counted = BTreeSet::from([(key, reward.to_owned())]);
    let find = move |pool: PgPool| async move {
        let (keys, mut connection) = (BTreeSet::from([key]), pool.acquire().await?);
        let Some(status) = member::load(&mut connection, &keys).await?.remove(&key) else {
            return Ok(None);
        };
        let levels = level::load(&mut connection, &keys).await?;
        let levels = levels.into_iter().map(|((_, ladder), level)| (ladder, level)).collect();
        let redeemed_count = redemption::count(&mut connection, &counted)
            .await?
            .into_values()
            .next()
            .unwrap_or(0);
        Ok(Some(Standing {
            status,
            levels,
            redeemed_count,
        }))
    };
    db.run(find).await
}

/// Tells whether a member of the program is known.
pub async fn is_known(db: &Db, scope: ProgramScope, member_id: MemberId) -> Result<bool, sqlx::Error> {
    let keys = BTreeSet::from([MemberKey::new(scope, member_id)]);
    let find = move |pool: PgPool| async move { member::load(&mut *pool.acquire().await?, &keys).await };
    Ok(!db.run(find).await?.is_empty())
}
