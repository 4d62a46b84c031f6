//! A ledger of a size, in a database of its own: members are enrolled one by one and known to every service by their feeds, entries come through the bulk RPC.
//! Nothing is written past the public API.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use common::config::{ExposeSecret as _, SecretString};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::points::EarnPointsRequest;
use sqlx::{AssertSqlSafe, PgPool};
use tonic::Status;
use uuid::Uuid;

use super::{Size, served::Served};
use crate::{
    bench::{
        ledger::{
            CONNECTIONS, POINTS,
            books::Books,
            bulk::{Bulk, COMMANDS, UNDER_WAY},
            orders::{Draw, Orders},
        },
        progress::Progress,
        setup::{self, WALLET},
    },
    demo::{Started, clients::Clients},
    suite::{self, SuiteSettings},
};

/// How long a suite may take to start on an empty database.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A ledger that was loaded.
pub struct Sized {
    pub size: Size,
    pub program_id: Uuid,
    /// Earnings of its members, drawn evenly.
    pub orders: Orders,
    pub books: Arc<Books>,
    /// Settings that lead to its database.
    pub settings: SuiteSettings,
    pub served: Served,
    pub enrolled_per_s: f64,
    pub load_s: f64,
    name: &'static str,
}

impl Sized {
    /// Creates a database, serves it, and loads it. Redis holds its balances in a database of that number.
    pub async fn load(
        suite: &Started,
        database: &PgPool,
        name: &'static str,
        redis_database: u8,
        size: Size,
    ) -> anyhow::Result<Sized> {
        create(database, name).await?;
        let settings = settings(suite, name, redis_database);
        suite::migrate(&settings.process.database).await?;
        let mut served = Served::start(&settings)?;
        let program_id = Uuid::now_v7();
        let clients = Clients::new(&served.url, &program_id.to_string())?;
        make_program(&mut served, &clients, &program_id.to_string()).await?;

        let progress = Progress::new("members", size.members);
        let members = setup::enroll(&clients, size.members, |more| progress.add(more)).await?;
        let enrolled_per_s = size.members as f64 / progress.finish();
        let books = Arc::new(Books::default());
        let progress = Progress::new("entries", size.entries);
        load(&clients, &members, size.entries, &books, &progress).await?;
        let load_s = progress.finish();
        eprintln!(
            "{} members, {enrolled_per_s:.0}/s; {} entries, {:.0}/s",
            size.members,
            size.entries,
            size.entries as f64 / load_s
        );
        Ok(Sized {
            size,
            program_id,
            orders: Orders::new(members.into(), Draw::Evenly(size.members)),
            books,
            settings,
            served,
            enrolled_per_s,
            load_s,
            name,
        })
    }

    /// Tells whether the ledger holds what it acknowledged.
    pub async fn books_hold(&self) -> anyhow::Result<bool> {
        let pool = PgPool::connect(self.database_url()).await?;
        let hold = self.books.hold(&pool, self.program_id).await?;
        pool.close().await;
        Ok(hold)
    }

    /// Returns where its database is.
    pub fn database_url(&self) -> &str {
        self.settings.process.database.database_url.expose_secret()
    }

    /// Removes the database, whoever still uses it.
    pub async fn remove(self, database: &PgPool) -> anyhow::Result<()> {
        drop_database(database, self.name).await
    }
}

/// Returns the suite's settings with a database and a Redis of another name.
fn settings(suite: &Started, name: &str, redis_database: u8) -> SuiteSettings {
    let mut settings = suite.settings.clone();
    let database = &mut settings.process.database.database_url;
    *database = SecretString::from(in_database(database.expose_secret(), name));
    for redis in &mut settings.process.redis.redis_url {
        *redis = SecretString::from(in_database(redis.expose_secret(), &redis_database.to_string()));
    }
    settings
}

/// Returns the address of another database of the same server.
fn in_database(url: &str, name: &str) -> String {
    let (server, query) = url.find('?').map_or((url, ""), |query| url.split_at(query));
    let host = server.find("://").map_or(0, |scheme| scheme + 3);
    let end = server[host..].find('/').map_or(server.len(), |path| host + path);
    format!("{}/{name}{query}", &server[..end])
}

async fn create(database: &PgPool, name: &'static str) -> anyhow::Result<()> {
    drop_database(database, name).await?;
    let statement = AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(statement).execute(database).await?;
    Ok(())
}

async fn drop_database(database: &PgPool, name: &'static str) -> anyhow::Result<()> {
    let statement = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
    sqlx::raw_sql(statement).execute(database).await?;
    Ok(())
}

/// Makes the program as soon as somebody answers.
async fn make_program(served: &mut Served, clients: &Clients, program_id: &str) -> anyhow::Result<()> {
    let since = Instant::now();
    loop {
        match setup::make_program(clients, program_id).await {
            Err(_) if served.runs()? && since.elapsed() < STARTS_WITHIN => {
                tokio::time::sleep(Duration::from_millis(20)).await
            }
            made => return made,
        }
    }
}

/// Lets the members earn in turn, so many times in all, through as many streams as there are connections.
async fn load(
    clients: &Clients,
    members: &[String],
    entries: usize,
    books: &Books,
    progress: &Progress,
) -> Result<(), Status> {
    let streams = Bulk::open(clients, CONNECTIONS);
    let messages = (0..entries).step_by(COMMANDS).map(|first| {
        let numbers = first..entries.min(first + COMMANDS);
        let requests: Vec<_> = numbers.map(|number| request(members, number)).collect();
        let (streams, earned) = (streams.clone(), requests.len());
        async move {
            streams.earn(first / COMMANDS, requests).await?;
            books.add(earned as u64, earned as i64 * POINTS);
            progress.add(earned as u64);
            Ok(())
        }
    });
    stream::iter(messages)
        .buffer_unordered(CONNECTIONS * UNDER_WAY)
        .try_collect()
        .await
}

fn request(members: &[String], number: usize) -> EarnPointsRequest {
    EarnPointsRequest {
        request_id: format!("load-{number}"),
        member_id: members[number % members.len()].clone(),
        wallet: WALLET.to_owned(),
        points: POINTS,
        reference: format!("load-{number}"),
        ..EarnPointsRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_a_server_is_reached_in_the_same_way() {
        assert_eq!(in_database("redis://127.0.0.1:6379", "2"), "redis://127.0.0.1:6379/2");
        assert_eq!(
            in_database("rediss://ann:pw@cache:1/0", "1"),
            "rediss://ann:pw@cache:1/1"
        );
        assert_eq!(
            in_database("postgres://ann@localhost:5432/loyalty?host=%2Fa%2Fb", "other"),
            "postgres://ann@localhost:5432/other?host=%2Fa%2Fb"
        );
    }
}
