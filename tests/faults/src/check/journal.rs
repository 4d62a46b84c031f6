//! The journal of the points service, as SQL sees it: numbered without gaps, in the order of time, each request once.

use anyhow::Result;
use sqlx::PgConnection;

use super::Findings;

/// What must find nothing, each with what it means when it does.
const RULES: [(&str, &str); 5] = [
    (
        "a shard's numbers have gaps, or its head says another number",
        "select 'shard ' || shard.shard || ', head ' || shard.last_seq || ', rows ' || count(journal.seq)
           from points.shard left join points.journal on journal.shard = shard.shard
          group by shard.shard, shard.last_seq
         having count(journal.seq) <> shard.last_seq or coalesce(max(journal.seq), 0) <> shard.last_seq",
    ),
    (
        "a change was recorded before the one that came before it",
        "select 'shard ' || shard || ', row ' || seq
           from (select shard, seq, recorded_at, lag(recorded_at) over (partition by shard order by seq) as before
                   from points.journal) as rows
          where recorded_at < before",
    ),
    (
        "two requests of a shard were recorded at the same instant",
        "select 'shard ' || shard || ', at ' || recorded_at
           from points.journal where request_id is not null
          group by shard, recorded_at having count(*) > 1",
    ),
    (
        "a request was done twice",
        "select member_id || ' ' || request_id || ' by method ' || method
           from points.journal where request_id is not null
          group by program_id, member_id, request_id, method having count(*) > 1",
    ),
    (
        "a session was left in the middle of a transaction",
        "select application_name || ': ' || query
           from pg_stat_activity where state like 'idle in transaction%' and now() - state_change > interval '6 seconds'",
    ),
];

pub async fn check(database: &mut PgConnection) -> Result<Findings> {
    let mut findings = Findings::new();
    for (meaning, rule) in RULES {
        let broken: Vec<String> = sqlx::query_scalar(rule).fetch_all(&mut *database).await?;
        findings.extend(broken.into_iter().take(3).map(|place| format!("{meaning}: {place}")));
    }
    Ok(findings)
}
