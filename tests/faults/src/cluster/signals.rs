//! Signals, to one process or to a server with all its children.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to a process. One that is gone already needs none.
pub fn send(process: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Sends a signal to a server and to its children.
pub fn send_to_family(parent: u32, signal: Signal) {
    send(parent, signal);
    for child in children(parent) {
        send(child, signal);
    }
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|process| parent_of(*process) == Some(parent)).collect()
}

/// Reads the fourth field of `stat`, behind the name in brackets, which may hold anything.
fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, behind_name) = stat.rsplit_once(") ")?;
    behind_name.split(' ').nth(1)?.parse().ok()
}
