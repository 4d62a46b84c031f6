//! What starts must answer, survive what it promises to survive, and leave nothing behind.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use private_servers::{Options, PrivatePostgres, PrivateRedis, PrivateServers, Problem};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn both_servers_answer_their_clients_at_the_addresses_they_give() {
    let dir = tempfile::tempdir().unwrap();
    let servers = PrivateServers::start(dir.path(), &quiet()).unwrap();
    assert!(servers.database_url().contains("?host=/") && servers.redis_url().starts_with("redis+unix:///"));
    assert_eq!(
        ask(servers.database_url(), "select current_database()").await,
        "loyalty"
    );
    assert_eq!(redis_set_and_get(servers.redis_url(), "kept").await, "kept");
}

#[tokio::test]
async fn both_servers_answer_on_loopback_where_the_path_is_too_long_for_a_socket() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir
        .path()
        .join("a-folder-with-a-name-that-leaves-no-room-for-a-socket")
        .join("x".repeat(60));
    let servers = PrivateServers::start(&deep, &quiet()).unwrap();
    let lives_elsewhere = deep.join("postgres/server").is_symlink();
    assert!(servers.database_url().contains("@127.0.0.1:") || lives_elsewhere);
    assert!(servers.redis_url().starts_with("redis://127.0.0.1:"));
    assert_eq!(
        ask(servers.database_url(), "select current_database()").await,
        "loyalty"
    );
    assert_eq!(redis_set_and_get(servers.redis_url(), "kept").await, "kept");
}

#[tokio::test]
async fn postgres_is_as_durable_as_in_production() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = PrivatePostgres::start(dir.path(), &quiet()).unwrap();
    for setting in [
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "data_checksums",
        "autovacuum",
    ] {
        assert_eq!(
            ask(&postgres.database_url(), &format!("show {setting}")).await,
            "on",
            "{setting}"
        );
    }
    assert_eq!(ask(&postgres.database_url(), "show server_encoding").await, "UTF8");
}

#[tokio::test]
async fn what_was_committed_survives_every_way_of_stopping_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let mut postgres = PrivatePostgres::start(dir.path(), &quiet()).unwrap();
    let url = postgres.database_url();
    ask(&url, "create table t (n int)").await;
    for stop in [
        PrivatePostgres::stop_fast,
        PrivatePostgres::stop_immediate,
        PrivatePostgres::kill,
    ] {
        ask(&url, "insert into t values (1)").await;
        let mut idle = PgConnection::connect(&url).await.unwrap();
        stop(&mut postgres);
        assert_eq!(postgres.process_id(), None);
        assert!(PgConnection::connect(&url).await.is_err());
        postgres.restart().unwrap();
        assert!(sqlx::query("select 1").execute(&mut idle).await.is_err());
    }
    assert_eq!(ask(&url, "select count(*)::text from t").await, "3");
}

#[tokio::test]
async fn redis_comes_back_empty_at_the_same_address() {
    let dir = tempfile::tempdir().unwrap();
    let mut redis = PrivateRedis::start(dir.path(), &quiet()).unwrap();
    for stop in [PrivateRedis::stop, PrivateRedis::kill] {
        redis_set_and_get(&redis.redis_url(), "lost").await;
        stop(&mut redis);
        assert!(redis_get(&redis.redis_url()).await.is_err());
        redis.restart().unwrap();
        assert_eq!(redis_get(&redis.redis_url()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn data_is_kept_where_that_is_asked_for_and_thrown_away_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let keeping = Options {
        keep_data: true,
        ..quiet()
    };
    let tables = "select count(*)::text from pg_tables where tablename = 't'";
    for (options, found) in [(&keeping, "0"), (&keeping, "1"), (&quiet(), "0")] {
        let postgres = PrivatePostgres::start(dir.path(), options).unwrap();
        assert_eq!(ask(&postgres.database_url(), tables).await, found);
        ask(&postgres.database_url(), "create table if not exists t (n int)").await;
    }
}

#[test]
fn initdb_runs_once_in_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let made = || {
        PrivatePostgres::start(dir.path(), &quiet()).unwrap();
        let folders = fs::read_dir(dir.path().join("server")).unwrap().flatten();
        let pristine = folders.filter(|found| found.file_name().to_string_lossy().starts_with("pristine-"));
        pristine
            .map(|found| found.metadata().unwrap().ino())
            .collect::<Vec<_>>()
    };
    let first = made();
    assert!(first.len() == 1 && first == made());
}

#[test]
fn a_directory_has_one_owner_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = PrivateRedis::start(dir.path(), &quiet()).unwrap();
    let refused = PrivateRedis::start(dir.path(), &quiet()).unwrap_err();
    assert!(
        matches!(&refused, Problem::InUse { owner, .. } if *owner == std::process::id().to_string()),
        "{refused}"
    );
    drop(first);
    PrivateRedis::start(dir.path(), &quiet()).unwrap();
}

#[test]
fn servers_that_are_named_are_used_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let named = Options {
        database_url: Some("postgres://there".into()),
        redis_url: Some("redis://there".into()),
        ..quiet()
    };
    let mut servers = PrivateServers::start(dir.path(), &named).unwrap();
    assert_eq!(
        (servers.database_url(), servers.redis_url()),
        ("postgres://there", "redis://there")
    );
    assert!(servers.postgres().is_none() && servers.redis().is_none());
    assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
}

#[test]
fn servers_outlive_the_thread_that_started_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    let redis = std::thread::spawn(move || PrivateRedis::start(&path, &quiet()).unwrap())
        .join()
        .unwrap();
    // The kernel would have sent the signal before `join` returned.
    let id = redis.process_id().unwrap();
    assert!(!comes_true(Duration::from_millis(300), || !is_alive(id)));
}

#[test]
fn the_servers_stop_when_the_command_beside_them_ends_and_its_exit_code_is_passed_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Owner::run(
        dir.path(),
        "test -n \"$DATABASE_URL\" && test -n \"$REDIS_URL\" && read word && exit 7",
    );
    let servers = owner.wait_for_servers();
    writeln!(owner.child.stdin.take().unwrap(), "go").unwrap();
    assert_eq!(owner.child.wait().unwrap().code(), Some(7));
    assert!(servers.into_iter().all(|id| !is_alive(id)));
}

#[test]
fn a_request_to_terminate_ends_the_command_first_and_then_the_servers() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Owner::run(dir.path(), "exec sleep 600");
    let servers = owner.wait_for_servers();
    kill_process(Pid::from_child(&owner.child), Signal::TERM).unwrap();
    assert_eq!(owner.child.wait().unwrap().code(), Some(128 + 15));
    assert!(servers.into_iter().all(|id| !is_alive(id)));
}

#[cfg(target_os = "linux")]
#[test]
fn the_servers_die_with_an_owner_that_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Owner::run(dir.path(), "exec sleep 1");
    let servers = owner.wait_for_servers();
    owner.child.kill().unwrap();
    owner.child.wait().unwrap();
    assert!(comes_true(Duration::from_secs(10), || !servers
        .iter()
        .any(|id| is_alive(*id))));
    PrivateServers::start(dir.path(), &quiet()).unwrap();
}

#[test]
fn what_a_killed_owner_left_running_is_ended_by_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut owner = Owner::run(dir.path(), "exec sleep 1");
    let servers = owner.wait_for_servers();
    // Stopped processes take no notice of their owner's death: as on a system that tells nobody.
    servers.iter().for_each(|id| send(*id, Signal::STOP));
    owner.child.kill().unwrap();
    owner.child.wait().unwrap();
    assert!(servers.iter().all(|id| is_alive(*id)));
    let next = PrivateServers::start(dir.path(), &quiet()).unwrap();
    assert!(comes_true(Duration::from_secs(10), || !servers
        .iter()
        .any(|id| is_alive(*id))));
    next.stop();
}

#[test]
fn a_process_that_got_the_id_of_a_dead_server_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let pid_file = fs::canonicalize(dir.path()).unwrap().join("redis.pid");
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    fs::write(&pid_file, format!("{}\n", stranger.id())).unwrap();
    let redis = PrivateRedis::start(dir.path(), &quiet());
    let was_spared = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert!(redis.is_ok() && was_spared);
}

#[test]
fn a_folder_that_is_closed_to_others_does_not_stop_root() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let postgres = PrivatePostgres::start(&dir.path().join("inside"), &quiet()).unwrap();
    assert!(postgres.process_id().is_some());
    drop(postgres);
    if let Ok(elsewhere) = fs::read_link(dir.path().join("inside/server")) {
        fs::remove_dir_all(elsewhere).unwrap();
    }
}

/// Another process that owns servers.
struct Owner {
    child: Child,
    dir: PathBuf,
}

impl Owner {
    /// Starts one with a command beside its servers, in the words of a shell.
    fn run(dir: &Path, command: &str) -> Owner {
        let mut owner = Command::new(env!("CARGO_BIN_EXE_with-servers"));
        owner
            .arg(dir)
            .args(["sh", "-c", &format!("touch {}; {command}", dir.join("runs").display())]);
        owner
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        Owner {
            child: owner.spawn().unwrap(),
            dir: dir.to_owned(),
        }
    }

    /// Waits until the command runs, and returns the ids of the servers beside it.
    fn wait_for_servers(&self) -> Vec<u32> {
        assert!(comes_true(Duration::from_secs(60), || self.dir.join("runs").exists()));
        ["postgres/server/data/postmaster.pid", "redis/redis.pid"]
            .map(|file| {
                fs::read_to_string(self.dir.join(file))
                    .unwrap()
                    .lines()
                    .next()
                    .unwrap()
                    .trim()
                    .parse()
                    .unwrap()
            })
            .to_vec()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn quiet() -> Options {
    Options {
        say: |_| (),
        ..Options::default()
    }
}

async fn ask(url: &str, question: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let question = sqlx::AssertSqlSafe(question.to_owned());
    sqlx::query_scalar(question)
        .fetch_optional(&mut connection)
        .await
        .unwrap()
        .unwrap_or_default()
}

async fn redis_set_and_get(url: &str, value: &str) -> String {
    let mut connection = redis::Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let _: () = redis::cmd("SET")
        .arg("key")
        .arg(value)
        .query_async(&mut connection)
        .await
        .unwrap();
    redis_get(url).await.unwrap().unwrap()
}

async fn redis_get(url: &str) -> redis::RedisResult<Option<String>> {
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    redis::cmd("GET").arg("key").query_async(&mut connection).await
}

fn send(id: u32, signal: Signal) {
    kill_process(Pid::from_raw(id as i32).unwrap(), signal).unwrap();
}

/// Tells whether a process runs; a dead one that nobody has waited for does not.
fn is_alive(id: u32) -> bool {
    let state = if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or_default()
    } else {
        let ps = Command::new("ps")
            .args(["-o", "stat=", "-p", &id.to_string()])
            .output()
            .unwrap();
        String::from_utf8_lossy(&ps.stdout).trim().to_owned()
    };
    !state.is_empty() && !state.starts_with('Z')
}

fn comes_true(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}
