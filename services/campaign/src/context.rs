//! What every RPC and worker of the service needs.

use std::sync::Arc;

use common::{
    db::Db,
    feed::{Effects, Progress},
    gather::Gather,
    page::PageTokens,
    program_cache::ProgramCache,
    writer::Writer,
};

use crate::{
    ops::{Engine, Exhausted},
    peers::Peers,
    store::{FoundCase, Nearby, RuleBook, WantedCase},
    workers::PostedAwards,
};

/// What every RPC and worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The records.
    pub db: Db,
    /// The one way to change them.
    pub writer: Writer<Engine>,
    /// The programs, for reads.
    pub programs: ProgramCache,
    /// The accruals, campaigns and ladders.
    pub rules: Arc<RuleBook>,
    /// What activities are previewed from, read for many at once.
    pub cases: Gather<WantedCase, FoundCase>,
    /// Members whom previews asked about.
    pub nearby: Nearby,
    /// The other services.
    pub peers: Peers,
    /// Budgets that had nothing left a moment ago.
    pub exhausted: Exhausted,
    /// Takes note of awards that are posted.
    pub posted_awards: PostedAwards,
    /// How far the tier feed is taken in: what levels are known.
    pub levels: Progress,
    /// How far the consequences of activities have come about elsewhere.
    pub effects: Effects,
    /// Seals where pages begin.
    pub page_tokens: PageTokens,
}
