//! Asks budgets for more money for a shard.

use common::{auth::ProgramScope, writer::WriteError};

use super::Failure;
use crate::{
    context::Context,
    error::ShortLease,
    store::{ProgramRules, grant_lease, recall_leases},
};

/// Gets what is missing: of what is not given out and, where that is too little, of what other shards have left. Tells whether there was any.
pub async fn top_up(cx: &Context, scope: ProgramScope, short: &[ShortLease]) -> Result<bool, Failure> {
    // Caps may just have been raised.
    let program = cx.programs.read(scope).await?;
    let program = program.ok_or(WriteError::ProgramNotFound(scope.id()))?;
    let (book, short) = (cx.rules.clone(), short.to_vec());
    let granted = cx.db.run(move |pool| async move {
        let rules = {
            let mut connection = pool.acquire().await?;
            book.of_program(&mut connection, &program).await?
        };
        let mut any = false;
        for ShortLease {
            lease,
            missing_minor_units,
        } in short
        {
            let buckets = rules.buckets(&lease.budget, lease.starts_on);
            let grant = |needed| grant_lease(&pool, program.program_id, lease.shard, &buckets, needed);
            let mut granted = grant(missing_minor_units).await?;
            if granted < missing_minor_units
                && recall_leases(&pool, &rules, &kin(&rules, &lease.budget), &lease).await? > 0
            {
                granted += grant(missing_minor_units - granted).await?;
            }
            any |= granted > 0;
        }
        Ok::<_, sqlx::Error>(any)
    });
    Ok(granted.await?)
}

/// Returns the budgets that money of one is shared with.
fn kin(rules: &ProgramRules, budget: &str) -> Vec<String> {
    let outermost = |code: &str| rules.path_of(code).last().map(|budget| budget.code.clone());
    let of = outermost(budget);
    let codes = rules.budgets.all_latest().map(|(code, _)| code);
    codes.filter(|code| outermost(code) == of).map(str::to_owned).collect()
}
