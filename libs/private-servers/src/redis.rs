//! A private Redis: a cache that starts empty, stores nothing on disk and evicts nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::claim::Claim;
use crate::problem::last_words;
use crate::process::{self, Process};
use crate::{Options, Problem, port, programs};

const READY_WITHIN: Duration = Duration::from_secs(20);

/// The kernel limits the path of a socket: 104 bytes on macOS, 108 on Linux.
const LONGEST_SOCKET_PATH: usize = 100;

/// A Redis that belongs to this process, in a directory of its own.
#[derive(Debug)]
pub struct PrivateRedis {
    program: PathBuf,
    dir: PathBuf,
    port: u16,
    process: Option<Process>,
    _claim: Claim,
}

impl PrivateRedis {
    /// Starts an empty Redis in `dir`.
    pub fn start(dir: &Path, options: &Options) -> Result<PrivateRedis, Problem> {
        let claim = Claim::on(dir)?;
        let dir = fs::canonicalize(dir).map_err(Problem::file("find", dir))?;
        let program = programs::find_redis(options)?;
        let mut redis = PrivateRedis {
            program,
            dir,
            port: port::free()?,
            process: None,
            _claim: claim,
        };
        let name = redis
            .program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        process::end_leftover(&redis.pid_file(), &name, &redis.pid_file(), Signal::TERM);
        File::create(redis.log()).map_err(Problem::file("create", &redis.log()))?;
        redis.launch()?;
        Ok(redis)
    }

    /// Returns the address: the Unix socket where its path is short enough, else TCP.
    pub fn redis_url(&self) -> String {
        match self.socket() {
            Some(path) => format!("redis+unix://{}", path.display()),
            None => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// Returns the port on 127.0.0.1, which stays the same through restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the process id while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Stops as an operator would. Everything stored is lost.
    pub fn stop(&mut self) {
        self.end(&[
            (Signal::TERM, Duration::from_secs(5)),
            (Signal::KILL, Duration::from_secs(5)),
        ]);
    }

    /// Kills it with signal 9.
    pub fn kill(&mut self) {
        self.end(&[(Signal::KILL, Duration::from_secs(5))]);
    }

    /// Starts again, empty, at the same address; a server that still runs is stopped first.
    pub fn restart(&mut self) -> Result<(), Problem> {
        self.stop();
        self.launch()
    }

    pub(crate) fn described(&self) -> String {
        format!("Redis on port {}", self.port)
    }

    fn log(&self) -> PathBuf {
        self.dir.join("redis.log")
    }

    fn pid_file(&self) -> PathBuf {
        self.dir.join("redis.pid")
    }

    /// Returns the path of the socket, if it is short enough and an address can hold it without any encoding.
    fn socket(&self) -> Option<PathBuf> {
        let path = self.dir.join("redis.sock");
        let text = path.to_str()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        (text.len() <= LONGEST_SOCKET_PATH && text.chars().all(plain)).then_some(path)
    }

    fn launch(&mut self) -> Result<(), Problem> {
        let mut process = Process::launch(self.command()?).map_err(Problem::file("run", &self.program))?;
        let mut is_ready = false;
        process::wait_until(READY_WITHIN, || {
            is_ready = self.answers(process.id());
            is_ready || process.has_ended()
        });
        if is_ready {
            self.process = Some(process);
            return Ok(());
        }
        process.end(&[(Signal::KILL, Duration::from_secs(5))]);
        let last_words = last_words(&fs::read_to_string(self.log()).unwrap_or_default());
        Err(Problem::DidNotStart {
            server: "Redis",
            last_words,
            log: self.log(),
        })
    }

    /// Returns the command line. The title is left as it is, because a leftover is recognised by its arguments.
    fn command(&self) -> Result<Command, Problem> {
        let log = OpenOptions::new()
            .append(true)
            .open(self.log())
            .map_err(Problem::file("open", &self.log()))?;
        let copy = log.try_clone().map_err(Problem::file("open", &self.log()))?;
        let mut command = process::command(&self.program, None, Some("TERM"));
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory-policy",
            "noeviction",
            "--daemonize",
            "no",
        ]);
        command
            .args(["--set-proc-title", "no", "--pidfile"])
            .arg(self.pid_file())
            .arg("--dir")
            .arg(&self.dir);
        if let Some(socket) = self.socket() {
            command
                .arg("--unixsocket")
                .arg(socket)
                .args(["--unixsocketperm", "700"]);
        }
        command.current_dir(&self.dir).stdout(copy).stderr(log);
        Ok(command)
    }

    /// Asks whoever listens at our port for its process id: ready means that it is the one we launched.
    fn answers(&self, id: u32) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"INFO server\r\nQUIT\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.contains(&format!("process_id:{id}\r\n")))
    }

    fn end(&mut self, signals: &[(Signal, Duration)]) {
        if let Some(process) = self.process.take() {
            process.end(signals);
        }
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        self.stop();
    }
}
