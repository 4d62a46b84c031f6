//! What the ledger is measured against: the same rows, written the usual way, and written by Postgres alone.

use std::sync::Arc;

use proto::points::{EarnPointsRequest, EarnPointsResponse};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tonic::{Status, transport::Channel};
use uuid::Uuid;

use crate::bench::plain;

/// How many rows Postgres alone is given at a time.
pub const BATCH: usize = 512;

/// Tables of the ledger's shape in a schema of their own, so that nothing that is measured meets them.
const TABLES: &str = "
    drop schema if exists bench cascade;
    create schema bench;
    create table bench.journal (like points.journal including all);
    create table bench.account (like points.account including all) with (fillfactor = 60);
    create sequence bench.seq";

/// A ledger without a writer.
#[derive(Clone)]
pub struct Baseline {
    pool: PgPool,
    rows: Arc<Rows>,
}

/// What a row of the ledger looks like, so that the baseline's are of the same size.
struct Rows {
    program_id: Uuid,
    members: Vec<Uuid>,
    event: Vec<u8>,
    answer: Option<Vec<u8>>,
    fingerprint: Vec<u8>,
    state: Vec<u8>,
}

impl Baseline {
    /// Makes the tables, with an account for each member. The ledger must have earned for one of them.
    pub async fn prepare(
        url: &str,
        connections: u32,
        program_id: Uuid,
        members: &[String],
    ) -> anyhow::Result<Baseline> {
        let options: PgConnectOptions = url.parse()?;
        // As the services' own sessions have it.
        let options = options.options([
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        let (event, answer, fingerprint) = sqlx::query_as(
            "select event, answer, fingerprint from points.journal where program_id = $1 and request_id is not null
              order by recorded_at desc limit 1",
        )
        .bind(program_id)
        .fetch_one(&pool)
        .await?;
        let (state,): (Vec<u8>,) = sqlx::query_as("select state from points.account where program_id = $1 limit 1")
            .bind(program_id)
            .fetch_one(&pool)
            .await?;
        let members: Vec<Uuid> = members.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        sqlx::query(
            "insert into bench.account (shard, program_id, member_id, wallet, last_seq, available, pending, held, debt, state)
             select 0, $1, member_id, 'points', 0, 0, 0, 0, 0, $3 from unnest($2::uuid[]) as members (member_id)",
        )
        .bind(program_id)
        .bind(&members)
        .bind(&state)
        .execute(&pool)
        .await?;
        let rows = Rows {
            program_id,
            members,
            event,
            answer,
            fingerprint,
            state,
        };
        Ok(Baseline {
            pool,
            rows: Arc::new(rows),
        })
    }

    /// Credits points in a transaction of its own, in five round trips: begin, lock and read the account, record, update the account, commit.
    pub async fn earn_points(&self, request: EarnPointsRequest) -> Result<(), sqlx::Error> {
        let rows = &self.rows;
        let member_id: Uuid = request
            .member_id
            .parse()
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let mut tx = self.pool.begin().await?;
        let (available,): (i64,) = sqlx::query_as(
            "select available from bench.account
              where shard = 0 and program_id = $1 and member_id = $2 and wallet = $3 for update",
        )
        .bind(rows.program_id)
        .bind(member_id)
        .bind(&request.wallet)
        .fetch_one(&mut *tx)
        .await?;
        let (seq,): (i64,) = sqlx::query_as(
            "insert into bench.journal (shard, seq, program_id, member_id, request_id, request_key, method, fingerprint, answer, occurred_at, recorded_at, event)
             values (0, nextval('bench.seq'), $1, $2, $3, md5($2::text || $3)::uuid, 1, $4, $5, now(), now(), $6) returning seq",
        )
        .bind(rows.program_id)
        .bind(member_id)
        .bind(&request.request_id)
        .bind(&rows.fingerprint)
        .bind(&rows.answer)
        .bind(&rows.event)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "update bench.account set available = $4, last_seq = $5, state = $6
              where shard = 0 and program_id = $1 and member_id = $2 and wallet = $3",
        )
        .bind(rows.program_id)
        .bind(member_id)
        .bind(&request.wallet)
        .bind(available + request.points)
        .bind(seq)
        .bind(&rows.state)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Lets Postgres alone write a batch of rows, and update as many accounts, in one statement.
    pub async fn insert_batch(&self, number: usize) -> Result<(), sqlx::Error> {
        let rows = &self.rows;
        let of_batch: Vec<usize> = (number * BATCH..(number + 1) * BATCH).collect();
        let members: Vec<Uuid> = of_batch
            .iter()
            .map(|number| rows.members[number % rows.members.len()])
            .collect();
        let names: Vec<String> = of_batch.iter().map(|number| format!("batch-{number}")).collect();
        sqlx::query(
            "with entered as (
                 insert into bench.journal (shard, seq, program_id, member_id, request_id, request_key, method, fingerprint, answer, occurred_at, recorded_at, event)
                 select 0, nextval('bench.seq'), $1, member_id, name, md5(member_id::text || name)::uuid, 1, $4, $5, now(), now(), $6
                   from unnest($2::uuid[], $3::text[]) as made (member_id, name))
             update bench.account as account set available = available + 7, state = $7
               from (select distinct member_id from unnest($2::uuid[]) as made (member_id)) as made
              where account.shard = 0 and account.program_id = $1 and account.member_id = made.member_id and account.wallet = 'points'",
        )
        .bind(rows.program_id)
        .bind(&members)
        .bind(&names)
        .bind(&rows.fingerprint)
        .bind(&rows.answer)
        .bind(&rows.event)
        .bind(&rows.state)
        .execute(&self.pool)
        .await
        .map(|_| ())
    }

    /// Removes the tables.
    pub async fn remove(&self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("drop schema bench cascade").execute(&self.pool).await?;
        Ok(())
    }
}

/// Serves it by gRPC, and returns so many connections to it.
pub async fn serve(baseline: &Baseline, connections: usize) -> anyhow::Result<Vec<Channel>> {
    let baseline = baseline.clone();
    let earn = move |request| {
        let baseline = baseline.clone();
        async move {
            let done = baseline.earn_points(request).await;
            done.map_err(|error| Status::internal(error.to_string()))?;
            Ok(EarnPointsResponse::default())
        }
    };
    plain::serve(earn, connections).await
}
