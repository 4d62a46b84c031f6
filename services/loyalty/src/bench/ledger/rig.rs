//! Everything that can be asked to earn, side by side on one database.

use std::sync::Arc;

use common::{
    config::{DatabaseSettings, ExposeSecret as _},
    process::{Process, SERVICES},
};
use points::Core;
use sqlx::PgPool;
use tonic::transport::Channel;
use uuid::Uuid;

use super::{
    B0_CALLERS, CONNECTIONS,
    baseline::{self, Baseline},
    books::Books,
    bulk::Bulk,
    orders::{Draw, Orders},
    retries::{self, Firsts},
};
use crate::{
    bench::setup,
    demo::{Started, clients::Clients},
    suite::SuiteSettings,
};

/// How many writers B1 has: one call each, they share the flushes of the log.
const B1_WRITERS: u16 = 16;

/// Everything that can be asked to earn.
pub struct Rig {
    pub program_id: Uuid,
    pub members: Arc<[String]>,
    /// Earnings of members who are drawn evenly; behind these there is a hot member for each round.
    pub orders: Orders,
    pub books: Arc<Books>,
    pub clients: Clients,
    pub streams: Bulk,
    pub core: Core,
    pub one_by_one: Core,
    pub single_shard: Core,
    pub baseline: Baseline,
    pub over_b0: Vec<Channel>,
    pub firsts: Firsts,
    /// To look at the database with.
    pub database: PgPool,
}

impl Rig {
    /// Enrols members of a new program, gives each something to spend, and starts what is measured beside the suite.
    pub async fn prepare(
        suite: &Started,
        database: &PgPool,
        drawn: usize,
        writers: u16,
        rounds: usize,
    ) -> anyhow::Result<Rig> {
        let program_id = Uuid::now_v7();
        let clients = Clients::new(&suite.url, &program_id.to_string())?;
        eprintln!("enrolling {drawn} members");
        let members = setup::prepare(&clients, &program_id.to_string(), drawn + rounds).await?;
        let members: Arc<[String]> = members.into();
        let books = Arc::new(Books::default());
        let firsts = retries::begin(&clients, &members, &books).await?;
        let url = suite.settings.process.database.database_url.expose_secret();
        let baseline = Baseline::prepare(url, B0_CALLERS as u32, program_id, &members).await?;
        Ok(Rig {
            program_id,
            orders: Orders::new(members.clone(), Draw::Evenly(drawn)),
            members,
            books,
            streams: Bulk::open(&clients, CONNECTIONS),
            clients,
            core: start(&suite.settings, program_id, |settings| settings.writers = writers).await?,
            one_by_one: start(&suite.settings, program_id, |settings| {
                settings.batch_size = 1;
                settings.writers = B1_WRITERS;
                settings.database_connections = u32::from(B1_WRITERS) * 2;
            })
            .await?,
            single_shard: start(&suite.settings, program_id, |settings| {
                settings.writers = writers;
                settings.single_shard_transactions = true;
            })
            .await?,
            over_b0: baseline::serve(&baseline, CONNECTIONS).await?,
            baseline,
            firsts,
            database: database.clone(),
        })
    }

    /// Tells whether the ledger holds what it acknowledged.
    pub async fn books_hold(&self) -> anyhow::Result<bool> {
        Ok(self.books.hold(&self.database, self.program_id).await?)
    }
}

/// Starts a ledger without a server, with some settings of its own.
pub async fn start(
    settings: &SuiteSettings,
    program_id: Uuid,
    change: impl FnOnce(&mut DatabaseSettings),
) -> anyhow::Result<Core> {
    let mut settings = settings.process.clone();
    change(&mut settings.database);
    Core::start(&Process::new(settings, &SERVICES)?, program_id.into()).await
}
