//! What every RPC and worker of the service needs.

use std::sync::Arc;

use common::{db::Db, page::PageTokens, program_cache::ProgramCache, versions::Catalogue, writer::Writer};

use crate::{
    ops::{BalanceTokens, Ledger},
    store::{Balances, WalletTerms},
};

/// What every RPC and worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The records.
    pub db: Db,
    /// The one way to change them.
    pub writer: Writer<Ledger>,
    /// The programs, for reads.
    pub programs: ProgramCache,
    /// The wallets.
    pub wallets: Arc<Catalogue<WalletTerms>>,
    /// What members have.
    pub balances: Balances,
    /// Seals what stands for a state.
    pub balance_tokens: BalanceTokens,
    /// Seals where pages begin.
    pub page_tokens: PageTokens,
}
