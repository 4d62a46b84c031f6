//! Where the feed of this service stands.

use common::db::Db;

/// Reads where every shard stands, in the order of their numbers.
pub async fn read_heads(db: &Db) -> Result<Vec<i64>, sqlx::Error> {
    db.run(|pool| async move {
        let heads = sqlx::query_scalar!("select last_seq from member.shard order by shard");
        heads.fetch_all(&pool).await
    })
    .await
}
