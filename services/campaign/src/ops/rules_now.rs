//! The rules of a program as they stand now, whatever this replica believed a moment ago.

use std::sync::Arc;

use common::{auth::ProgramScope, program::Program, writer::WriteError};

use super::Failure;
use crate::{context::Context, store::ProgramRules};

/// Reads a program and its rules.
pub async fn rules_now(cx: &Context, scope: ProgramScope) -> Result<(Arc<Program>, ProgramRules), Failure> {
    let program = cx.programs.read(scope).await?;
    let program = program.ok_or(WriteError::ProgramNotFound(scope.id()))?;
    let (book, asked) = (cx.rules.clone(), program.clone());
    let rules = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        book.of_program(&mut connection, &asked).await
    });
    Ok((program, rules.await?))
}
