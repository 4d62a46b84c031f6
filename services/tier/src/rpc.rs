//! The contracts, as spoken: parse, do, answer.
//!
//! Everything that can be wrong with a request by itself is found here; everything it takes state to know is decided in `ops`.

mod evaluate_tier;
mod ladders;
mod member_tier;
mod requests;
mod status;
mod tiers;

use std::sync::Arc;

use common::{auth::Caller, program::Program, refusal::Fault, versions::Versions};
use tonic::{Response, Status};

use crate::{context::Context, store::LadderTerms};

pub use ladders::Ladders;
pub use tiers::Tiers;

/// What an RPC answers.
type Reply<T> = Result<Response<T>, Status>;

/// Returns the caller's program with its ladders; nothing when the program is not known here.
async fn find_ladders(
    cx: &Context,
    caller: &Caller,
) -> Result<Option<(Arc<Program>, Arc<Versions<LadderTerms>>)>, Fault> {
    let Some(program) = cx.programs.find(caller.program()).await? else {
        return Ok(None);
    };
    let (catalogue, of_program) = (cx.ladders.clone(), program.clone());
    let versions = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        catalogue.of_program(&mut connection, &of_program).await
    });
    Ok(Some((program, versions.await?)))
}
