//! What is done to Postgres.

use std::{
    process::{Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;

use crate::cluster::{Cluster, send, send_to_family};

/// How long strace waits for an fsync that it can refuse.
const FSYNC_WITHIN: Duration = Duration::from_secs(3);

/// Stops Postgres as `pg_ctl stop -m immediate` does, and starts it again after a while.
pub fn stop(cluster: &mut Cluster, a_while: Duration) -> Result<()> {
    tokio::task::block_in_place(|| {
        cluster.postgres.stop_immediate();
        std::thread::sleep(a_while);
        Ok(cluster.postgres.restart()?)
    })
}

/// Kills one session of a replica.
pub async fn kill_backend(cluster: &Cluster) -> Result<()> {
    let mut database = cluster.database().await?;
    let backend = a_session(&mut database).await?;
    send(backend, Signal::KILL);
    // Postgres notices by itself, ends all sessions and recovers.
    while database.ping().await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
    cluster.wait_for_postgres().await
}

/// Lets Postgres and all its sessions stand still.
pub async fn freeze(cluster: &Cluster, a_while: Duration) {
    let Some(postmaster) = cluster.postgres.process_id() else {
        return;
    };
    send_to_family(postmaster, Signal::STOP);
    sleep(a_while).await;
    send_to_family(postmaster, Signal::CONT);
}

/// Tells whether strace can be asked to refuse an fsync.
pub fn has_strace() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let mut probe = Command::new("strace");
        probe.args(["-o", "/dev/null", "true"]);
        probe.stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    })
}

/// Lets the next fdatasync of a session fail: what it wrote to the log is there all the same, Postgres panics, and recovers.
pub async fn fail_fsync(cluster: &Cluster) -> Result<()> {
    let mut database = cluster.database().await?;
    let backend = a_session(&mut database).await?;
    let mut strace = Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync"])
        .args([
            "-e",
            "inject=fdatasync,fsync:error=EIO:when=1",
            "-p",
            &backend.to_string(),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let since = tokio::time::Instant::now();
    while since.elapsed() < FSYNC_WITHIN && database.ping().await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
    let _ = strace.kill();
    strace.wait()?;
    cluster.wait_for_postgres().await
}

/// Returns the process of a session that wrote lately: one of the writers'.
async fn a_session(database: &mut PgConnection) -> Result<u32> {
    let session = sqlx::query_scalar(
        "select pid from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> ''
          order by query like 'with entered%' desc, query_start desc nulls last limit 1",
    );
    let session: Option<i32> = session.fetch_optional(database).await?;
    let session = session.context("no replica has a session")?;
    Ok(u32::try_from(session)?)
}
