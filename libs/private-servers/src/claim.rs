//! One owner for a directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::Problem;

/// The right to run a server in a directory, for as long as this value or this process lives.
///
/// The lock is the kernel's: it is gone with its owner, however that ended, and a process id that was given to somebody
/// else cannot be taken for an owner. The id in the file is only for people.
#[derive(Debug)]
pub struct Claim {
    _owner: File,
}

impl Claim {
    /// Makes the directory this process's, and refuses when it is another's.
    pub fn on(dir: &Path) -> Result<Claim, Problem> {
        fs::create_dir_all(dir).map_err(Problem::file("create", dir))?;
        let path = dir.join("owner");
        let mut owner = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Problem::file("open", &path))?;
        if !lock(&owner).map_err(Problem::file("lock", &path))? {
            let mut name = String::new();
            owner.read_to_string(&mut name).map_err(Problem::file("read", &path))?;
            return Err(Problem::InUse {
                dir: dir.to_owned(),
                owner: name.trim().to_owned(),
            });
        }
        owner
            .set_len(0)
            .and_then(|()| owner.rewind())
            .and_then(|()| writeln!(owner, "{}", std::process::id()))
            .map_err(Problem::file("write", &path))?;
        Ok(Claim { _owner: owner })
    }
}

/// Takes the lock, with a little patience: a child between its fork and its exec holds its parent's locks for a moment.
fn lock(file: &File) -> std::io::Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > deadline => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(10)),
        }
    }
}
