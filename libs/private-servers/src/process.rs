//! Processes of servers: how they are launched, told to end, and recognised when somebody else launched them.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Problem;
use crate::account::Account;
use crate::problem::last_words;

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A server that this process launched.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Launches a server in a process group of its own, so that Ctrl-C reaches its owner first, who stops it in order.
    pub fn launch(mut command: Command) -> io::Result<Process> {
        command.process_group(0).stdin(Stdio::null());
        Ok(Process {
            child: spawn_from_a_lasting_thread(command)?,
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends each signal in turn, until the process has ended within the patience that belongs to the signal.
    pub fn end(mut self, signals: &[(Signal, Duration)]) {
        for (signal, patience) in signals {
            signal_process(self.id(), *signal);
            if wait_until(*patience, || self.has_ended()) {
                return;
            }
        }
    }
}

/// Returns a command that runs a program as an account (as ourselves: none).
///
/// `when_owner_dies` is the signal that the kernel sends to the program when this process is gone, where setpriv can
/// arrange that. The order matters, and setpriv keeps it: a change of user clears what was arranged before.
pub fn command(program: &Path, account: Option<&Account>, when_owner_dies: Option<&str>) -> Command {
    let dies_with_owner = when_owner_dies.filter(|_| has_setpriv());
    if account.is_none() && dies_with_owner.is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    if let Some(account) = account {
        command
            .arg(format!("--reuid={}", account.uid))
            .arg(format!("--regid={}", account.gid))
            .arg("--clear-groups");
    }
    if let Some(signal) = dies_with_owner {
        command.arg("--pdeathsig").arg(signal);
    }
    command.arg("--").arg(program);
    command
}

/// Runs a command to its end and returns what it printed, or a problem with its last words.
pub fn output(mut command: Command) -> Result<String, Problem> {
    let failed = |command: &Command, said: &str| Problem::Failed {
        command: command.get_program().to_string_lossy().into_owned()
            + &command
                .get_args()
                .map(|arg| format!(" {}", arg.to_string_lossy()))
                .collect::<String>(),
        last_words: last_words(said),
    };
    let ended = command.output().map_err(|error| failed(&command, &error.to_string()))?;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    if ended.status.success() {
        Ok(said)
    } else {
        Err(failed(&command, &(said + &String::from_utf8_lossy(&ended.stderr))))
    }
}

/// Tells whether this machine has util-linux's setpriv, with all that we ask of it.
pub fn has_setpriv() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let mut probe = Command::new("setpriv");
        probe
            .args(["--pdeathsig", "INT", "--", "true"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    })
}

/// Ends the server that an owner which was killed left behind, if the pid file still names it.
///
/// A process id may have been given to somebody else since: the process must be that program, and name that directory or
/// file in its command line, or it is left alone.
pub fn end_leftover(pid_file: &Path, program: &str, names: &Path, gently: Signal) {
    let recorded = fs::read_to_string(pid_file).unwrap_or_default();
    let Some(id) = recorded.lines().next().and_then(|line| line.trim().parse().ok()) else {
        return;
    };
    for signal in [gently, Signal::KILL] {
        if !is_running(id, program, names) {
            return;
        }
        signal_process(id, signal);
        wait_until(Duration::from_secs(3), || !is_running(id, program, names));
    }
}

/// Sends a signal. A process that is gone already needs none, so that is not an error.
pub fn signal_process(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Looks until something is so, or patience ends.
pub fn wait_until(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(LOOK_EVERY);
    }
    true
}

/// Returns the exit code that a shell would report.
pub fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Spawns from a thread that lives as long as this process.
///
/// The kernel's "parent" whose death a child is told of is the thread that spawned it: a server that was started from
/// a thread of a pool would be stopped when the pool lets that thread go.
fn spawn_from_a_lasting_thread(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static ORDERS: OnceLock<Sender<Order>> = OnceLock::new();
    let orders = ORDERS.get_or_init(|| {
        let (orders, taken) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in taken {
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, answered) = channel();
    let gone = |_| io::Error::other("the thread that spawns servers is gone");
    orders
        .send((command, answer))
        .map_err(|_| io::Error::other("the thread that spawns servers is gone"))?;
    answered.recv().map_err(gone)?
}

/// Tells whether a process runs this program and names this path as an argument. A dead one that nobody waited for
/// has no command line any more.
fn is_running(id: u32, program: &str, names: &Path) -> bool {
    let names = names.to_string_lossy();
    if !Path::new("/proc/self/cmdline").exists() {
        let ps = Command::new("ps").args(["-o", "args=", "-p", &id.to_string()]).output();
        let args = ps
            .map(|ps| String::from_utf8_lossy(&ps.stdout).into_owned())
            .unwrap_or_default();
        return args.split(' ').next().is_some_and(|first| is_named(first, program)) && args.contains(names.as_ref());
    }
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let mut args = line.split('\0');
    args.next().is_some_and(|first| is_named(first, program)) && args.any(|arg| arg == names)
}

fn is_named(path: &str, program: &str) -> bool {
    Path::new(path).file_name().is_some_and(|name| name == program)
}
