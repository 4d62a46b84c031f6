//! What every RPC and worker of the service needs.

use std::sync::Arc;

use common::{
    auth::ProgramScope,
    db::Db,
    feed::Hub,
    page::PageTokens,
    process::Process,
    program::Program,
    program_cache::ProgramCache,
    versions::{Catalogue, Versions},
    writer::Writer,
};
use sqlx::PgPool;

use crate::{
    NAME, SCHEMA, Settings,
    domain::{CodeKey, Reward},
    ops::Catalog,
    peers::Peers,
};

/// The service's way to everything it uses. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// For reads.
    pub db: Db,
    /// For changes.
    pub writer: Writer<Catalog>,
    /// The programs.
    pub programs: ProgramCache,
    /// The versions of the rewards.
    pub rewards: Arc<Catalogue<Reward>>,
    /// The other services.
    pub peers: Peers,
    /// Seals the places in lists.
    pub page_tokens: PageTokens,
    /// The secret of the fulfilment codes.
    pub code_key: CodeKey,
}

impl Context {
    /// Puts it together.
    pub fn new(process: &Process, settings: &Settings, db: Db, hub: &Arc<Hub>) -> anyhow::Result<Context> {
        let programs = ProgramCache::new(&db, SCHEMA);
        let rewards = Arc::new(Catalogue::new(SCHEMA));
        let steps = Arc::new(Catalog {
            rewards: rewards.clone(),
        });
        Ok(Context {
            writer: Writer::start(&db, hub, &programs, steps, &process.settings.database),
            peers: Peers::new(process, &process.key_of(NAME)?)?,
            page_tokens: process.page_tokens.clone(),
            code_key: settings.code_key(&process.settings.auth)?,
            db,
            programs,
            rewards,
        })
    }

    /// Returns a program and every version of its rewards, for reads; nothing when the program is not known here.
    pub async fn rewards_of(
        &self,
        scope: ProgramScope,
    ) -> Result<Option<(Arc<Program>, Arc<Versions<Reward>>)>, sqlx::Error> {
        let Some(program) = self.programs.find(scope).await? else {
            return Ok(None);
        };
        let (rewards, asked) = (self.rewards.clone(), program.clone());
        let read = |pool: PgPool| async move { rewards.of_program(&mut *pool.acquire().await?, &asked).await };
        Ok(Some((program, self.db.run(read).await?)))
    }
}
