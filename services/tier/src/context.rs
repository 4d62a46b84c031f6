//! What every RPC and worker of the service needs.

use std::sync::Arc;

use common::{db::Db, page::PageTokens, program_cache::ProgramCache, versions::Catalogue, writer::Writer};

use crate::{ops::Judge, store::LadderTerms};

/// What every RPC and worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The records.
    pub db: Db,
    /// The one way to change them.
    pub writer: Writer<Judge>,
    /// The programs, for reads.
    pub programs: ProgramCache,
    /// The ladders.
    pub ladders: Arc<Catalogue<LadderTerms>>,
    /// Seals where pages begin.
    pub page_tokens: PageTokens,
}
