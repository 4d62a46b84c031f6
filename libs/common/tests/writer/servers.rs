//! A Postgres for these tests, shared by them, with a database for each.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use private_servers::{Options, PrivatePostgres};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Makes an empty database and returns its URL.
pub async fn empty_database() -> String {
    let server = server();
    let name = format!("writer_{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&server).await.expect("Postgres can be reached");
    sqlx::query(AssertSqlSafe(format!("create database {name}")))
        .execute(&mut connection)
        .await
        .expect("a database can be made");
    let (address, query) = server
        .split_once('?')
        .map_or((server.as_str(), None), |(address, query)| (address, Some(query)));
    let (host, _) = address.rsplit_once('/').expect("the URL names a database");
    query.map_or(format!("{host}/{name}"), |query| format!("{host}/{name}?{query}"))
}

fn server() -> String {
    static SERVER: Mutex<Option<PrivatePostgres>> = Mutex::new(None);
    let options = Options::from_environment();
    if let Some(url) = options.database_url {
        return url;
    }
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../target/test-servers/writer-{}", std::process::id()));
    let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    server
        .get_or_insert_with(|| PrivatePostgres::start(&directory, &options).expect("Postgres starts"))
        .database_url()
}
