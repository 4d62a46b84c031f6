//! How many members stand on each level.

use std::collections::HashMap;

use common::{auth::ProgramScope, db::Db};

/// Counts the members on each level of a ladder on which anybody stands. Who has left is not counted.
pub async fn count_members(db: &Db, scope: ProgramScope, ladder: &str) -> Result<HashMap<String, i64>, sqlx::Error> {
    let ladder = ladder.to_owned();
    db.run(move |pool| async move {
        let rows = sqlx::query!(
            r#"select stands_on, count(*) as "members!" from tier.standing
                where program_id = $1 and ladder = $2 and not closed
                group by stands_on"#,
            scope.id().uuid(),
            ladder,
        )
        .fetch_all(&pool)
        .await?;
        Ok(rows.into_iter().map(|row| (row.stands_on, row.members)).collect())
    })
    .await
}
