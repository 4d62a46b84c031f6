//! A private Postgres.
//!
//! `initdb` runs once for a version; every start copies what it made. Speed is never bought with durability: fsync,
//! synchronous commit and full page writes stay on, because the tests that stop this server prove what survives.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::account::{self, Account};
use crate::claim::Claim;
use crate::problem::last_words;
use crate::process::{self, Process};
use crate::programs::{self, PostgresPrograms};
use crate::{Options, Problem, port};

/// The superuser of a private Postgres, and the database that its address names.
const NAME: &str = "loyalty";

/// How long recovery after a crash may take before a start counts as failed.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How long orphaned sessions of a postmaster that was killed may keep the next one from starting.
const ORPHANS_GONE_WITHIN: Duration = Duration::from_secs(20);

/// The kernel limits the path of a socket (104 bytes on macOS, 108 on Linux); the name of the file takes its part.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// A Postgres that belongs to this process, in a directory of its own.
#[derive(Debug)]
pub struct PrivatePostgres {
    programs: PostgresPrograms,
    account: Option<Account>,
    home: PathBuf,
    log: PathBuf,
    port: u16,
    keeps_data: bool,
    process: Option<Process>,
    _claim: Claim,
}

impl PrivatePostgres {
    /// Starts a Postgres in `dir`: empty, unless the options keep what an earlier one stored there.
    pub fn start(dir: &Path, options: &Options) -> Result<PrivatePostgres, Problem> {
        let claim = Claim::on(dir)?;
        let dir = fs::canonicalize(dir).map_err(Problem::file("find", dir))?;
        let programs = programs::find_postgres(options)?;
        let account = Account::for_postgres()?;
        let home = match &account {
            Some(account) => account.home(&dir)?,
            None => account::own_home(&dir)?,
        };
        let mut postgres = PrivatePostgres {
            programs,
            account,
            home,
            log: dir.join("postgres.log"),
            port: port::free()?,
            keeps_data: options.keep_data,
            process: None,
            _claim: claim,
        };
        postgres.end_leftover();
        postgres.prepare_data()?;
        File::create(&postgres.log).map_err(Problem::file("create", &postgres.log))?;
        postgres.launch()?;
        Ok(postgres)
    }

    /// Returns the address of the database: through the Unix socket where its path is short enough, else through TCP.
    pub fn database_url(&self) -> String {
        let tcp = format!("postgres://{NAME}@localhost:{}/{NAME}", self.port);
        self.socket_folder()
            .map_or(tcp.replace("localhost", "127.0.0.1"), |folder| {
                format!("{tcp}?host={}", percent_encoded(&folder.to_string_lossy()))
            })
    }

    /// Returns the port on 127.0.0.1, which stays the same through restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id of the postmaster while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Stops as an operator would: sessions are ended, everything is written, the next start recovers nothing.
    pub fn stop_fast(&mut self) {
        self.end(&[
            (Signal::INT, Duration::from_secs(30)),
            (Signal::QUIT, Duration::from_secs(10)),
            (Signal::KILL, Duration::from_secs(5)),
        ]);
    }

    /// Stops without writing anything, as `pg_ctl stop -m immediate` does: the next start recovers from the log.
    pub fn stop_immediate(&mut self) {
        self.end(&[
            (Signal::QUIT, Duration::from_secs(10)),
            (Signal::KILL, Duration::from_secs(5)),
        ]);
    }

    /// Kills the postmaster with signal 9. Its sessions notice, and end by themselves a moment later.
    pub fn kill(&mut self) {
        self.end(&[(Signal::KILL, Duration::from_secs(5))]);
    }

    /// Starts again at the same address with the same data; a server that still runs is stopped first.
    pub fn restart(&mut self) -> Result<(), Problem> {
        self.stop_fast();
        self.launch()
    }

    pub(crate) fn described(&self) -> String {
        format!("Postgres {} on port {}", self.programs.version, self.port)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn socket_folder(&self) -> Option<&Path> {
        let path = self.home.to_string_lossy();
        (path.len() <= LONGEST_SOCKET_FOLDER && !path.contains(',')).then_some(&self.home)
    }

    fn end_leftover(&self) {
        let gently = if self.keeps_data { Signal::INT } else { Signal::QUIT };
        process::end_leftover(&self.data().join("postmaster.pid"), "postgres", &self.data(), gently);
    }

    /// Makes sure that the data directory is one that this version can serve, and empty unless data is kept.
    fn prepare_data(&self) -> Result<(), Problem> {
        let data = self.data();
        let major = self.programs.version.split('.').next();
        let stored = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
        if self.keeps_data && Some(stored.trim()) == major {
            return Ok(());
        }
        remove_folder(&data)?;
        let pristine = self.pristine()?;
        let mut copy = process::command(Path::new("cp"), self.account.as_ref(), None);
        copy.arg("-pR").arg(&pristine).arg(&data).current_dir(&self.home);
        process::output(copy).map(drop)
    }

    /// Returns the data directory that `initdb` made for this version, and lets it make one the first time.
    ///
    /// Making it need not be durable, because a half-made one is never taken: it gets its name when it is complete.
    fn pristine(&self) -> Result<PathBuf, Problem> {
        let pristine = self.home.join(format!("pristine-{}", self.programs.version));
        if pristine.exists() {
            return Ok(pristine);
        }
        let unfinished = self.home.join("pristine-unfinished");
        remove_folder(&unfinished)?;
        let mut initdb = process::command(&self.programs.initdb, self.account.as_ref(), None);
        initdb.args([
            "--no-sync",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C",
            "--auth=trust",
        ]);
        initdb
            .arg(format!("--username={NAME}"))
            .arg("--pgdata")
            .arg(&unfinished)
            .current_dir(&self.home);
        process::output(initdb)?;
        self.create_database(&unfinished)?;
        fs::rename(&unfinished, &pristine).map_err(Problem::file("rename", &unfinished))?;
        Ok(pristine)
    }

    /// Creates our database in a server that serves one standard input, which needs no client.
    fn create_database(&self, data: &Path) -> Result<(), Problem> {
        let mut single = process::command(&self.programs.postgres, self.account.as_ref(), None);
        single
            .args(["--single", "-F", "-D"])
            .arg(data)
            .arg("postgres")
            .current_dir(&self.home);
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let failed = |last_words: String| Problem::Failed {
            command: "postgres --single".into(),
            last_words,
        };
        let mut child = single.spawn().map_err(|error| failed(error.to_string()))?;
        let mut input = child.stdin.take().ok_or_else(|| failed("it has no input".into()))?;
        writeln!(input, "create database {NAME}").map_err(|error| failed(error.to_string()))?;
        drop(input);
        let status = child.wait().map_err(|error| failed(error.to_string()))?;
        if status.success() {
            Ok(())
        } else {
            Err(failed(status.to_string()))
        }
    }

    /// Launches the server and waits until it takes connections.
    fn launch(&mut self) -> Result<(), Problem> {
        self.write_settings()?;
        let deadline = Instant::now() + ORPHANS_GONE_WITHIN;
        loop {
            let logged = fs::metadata(&self.log).map_or(0, |log| log.len());
            match self.launch_once() {
                Err(_)
                    if Instant::now() < deadline && self.log_since(logged).contains("pre-existing shared memory") =>
                {
                    thread::sleep(Duration::from_millis(50));
                }
                result => return result,
            }
        }
    }

    fn launch_once(&mut self) -> Result<(), Problem> {
        let log = OpenOptions::new()
            .append(true)
            .open(&self.log)
            .map_err(Problem::file("open", &self.log))?;
        let copy = log.try_clone().map_err(Problem::file("open", &self.log))?;
        let mut command = process::command(&self.programs.postgres, self.account.as_ref(), Some("INT"));
        command
            .arg("-D")
            .arg(self.data())
            .current_dir(&self.home)
            .stdout(copy)
            .stderr(log);
        let mut process = Process::launch(command).map_err(Problem::file("run", &self.programs.postgres))?;
        let mut is_ready = false;
        process::wait_until(READY_WITHIN, || {
            is_ready = self.is_ready(process.id());
            is_ready || process.has_ended()
        });
        if is_ready {
            self.process = Some(process);
            return Ok(());
        }
        process.end(&[
            (Signal::QUIT, Duration::from_secs(10)),
            (Signal::KILL, Duration::from_secs(5)),
        ]);
        let last_words = last_words(&self.log_since(0));
        Err(Problem::DidNotStart {
            server: "Postgres",
            last_words,
            log: self.log.clone(),
        })
    }

    /// Reads what the postmaster writes for `pg_ctl`: its process id in the first line, its state in the eighth.
    fn is_ready(&self, id: u32) -> bool {
        let status = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = status.lines().map(str::trim).collect();
        lines.first() == Some(&id.to_string().as_str()) && lines.get(7) == Some(&"ready")
    }

    fn log_since(&self, offset: u64) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(log.get(offset as usize..).unwrap_or_default()).into_owned()
    }

    fn write_settings(&self) -> Result<(), Problem> {
        let path = self.data().join("postgresql.conf");
        let folder = self
            .socket_folder()
            .map(|folder| folder.to_string_lossy().replace('\'', "''"));
        let compression = if self.accepts("wal_compression=lz4") {
            "lz4"
        } else {
            "on"
        };
        let settings = format!(
            "# Written at every start by libs/private-servers.\n\
             listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{folder}'\n\
             wal_compression = {compression}\nshared_buffers = {buffers}MB\n{SETTINGS}",
            buffers = shared_buffers_mb(),
            port = self.port,
            folder = folder.unwrap_or_default(),
        );
        fs::write(&path, settings).map_err(Problem::file("write", &path))
    }

    /// Tells whether this Postgres knows a setting: which compressions it has was decided when it was built.
    fn accepts(&self, setting: &str) -> bool {
        let mut ask = process::command(&self.programs.postgres, self.account.as_ref(), None);
        ask.arg("-D")
            .arg(self.data())
            .args(["-c", setting, "-C", "wal_compression"])
            .current_dir(&self.home);
        process::output(ask).is_ok()
    }

    fn end(&mut self, signals: &[(Signal, Duration)]) {
        if let Some(process) = self.process.take() {
            process.end(signals);
        }
    }
}

impl Drop for PrivatePostgres {
    /// Stops the server, and removes its data unless that is kept: writing it first would be lost time.
    fn drop(&mut self) {
        if self.keeps_data {
            self.stop_fast();
        } else {
            self.stop_immediate();
            let _ = fs::remove_dir_all(self.data());
        }
    }
}

/// What the services expect of a Postgres in production, sized for a developer's machine. Checkpoints are rare and the
/// log is compressed, because every first change of a page after a checkpoint writes the whole page to the log.
const SETTINGS: &str = "\
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 600
max_wal_size = 4GB
checkpoint_timeout = 30min
jit = off
autovacuum = on
autovacuum_max_workers = 1
autovacuum_naptime = 30s
autovacuum_vacuum_cost_delay = 10ms
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
";

/// Returns an eighth of the machine's memory, within what a small and a busy server want. It is only taken as it is used.
fn shared_buffers_mb() -> u64 {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let total_kb: u64 = total.and_then(|number| number.parse().ok()).unwrap_or(0);
    (total_kb / 1024 / 8).clamp(256, 2048)
}

fn remove_folder(path: &Path) -> Result<(), Problem> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Encodes what would otherwise end the value of a parameter in an address.
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_odd_characters_stays_one_parameter_of_the_address() {
        assert_eq!(percent_encoded("/home/a b/x&y"), "/home/a%20b/x%26y");
    }
}
