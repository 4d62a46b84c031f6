//! Whether there is room on the disk for what is to be loaded: asked before anything is measured, because a full disk is noticed late and by everybody.

use std::{path::Path, process::Command};

use anyhow::bail;
use sqlx::PgPool;

use super::Size;

/// What an entry takes in its tables, and in the log.
const ENTRY_BYTES: u64 = 350;
const ENTRY_LOGGED_BYTES: u64 = 700;
/// What a member takes in the tables of five services, and in the log.
const MEMBER_BYTES: u64 = 2_000;
const MEMBER_LOGGED_BYTES: u64 = 3_000;
/// What all else that is measured takes.
const ROUNDS_BYTES: u64 = 1 << 30;
const ROUNDS_LOGGED_BYTES: u64 = 1 << 30;
/// Postgres keeps so much of the log at most, and sometimes a little more.
const MOST_LOG_BYTES: u64 = 9 << 29;

/// Refuses when the disk of the database has too little room.
pub async fn check(database: &PgPool, size: Size) -> anyhow::Result<()> {
    let (directory,): (String,) = sqlx::query_as("select current_setting('data_directory')")
        .fetch_one(database)
        .await?;
    let needed = size.bytes();
    let Some(available) = available_in(Path::new(&directory)) else {
        eprintln!(
            "this takes {} of disk where Postgres is; nobody here can tell how much there is",
            gigabytes(needed)
        );
        return Ok(());
    };
    if available < needed {
        bail!(
            "{} members and {} entries take {} of disk in {directory}, and there are {}: make room, or load less (--load-members, --load-entries)",
            size.members,
            size.entries,
            gigabytes(needed),
            gigabytes(available)
        );
    }
    eprintln!(
        "this takes {} of disk; there are {}",
        gigabytes(needed),
        gigabytes(available)
    );
    Ok(())
}

impl Size {
    /// Returns how much disk it takes, in bytes.
    fn bytes(self) -> u64 {
        let (members, entries) = (self.members as u64, self.entries as u64);
        let logged = ROUNDS_LOGGED_BYTES + members * MEMBER_LOGGED_BYTES + entries * ENTRY_LOGGED_BYTES;
        ROUNDS_BYTES + members * MEMBER_BYTES + entries * ENTRY_BYTES + logged.min(MOST_LOG_BYTES)
    }
}

/// Returns how much room there is, in bytes; nothing where the directory is on another machine.
fn available_in(directory: &Path) -> Option<u64> {
    let told = Command::new("df").arg("-Pk").arg(directory).output().ok()?;
    available(&String::from_utf8_lossy(&told.stdout))
}

/// Reads the fourth column of the second line, as POSIX has it.
fn available(told: &str) -> Option<u64> {
    let kilobytes: u64 = told.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / f64::from(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_what_is_available_and_not_what_is_free() {
        let told = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                    /dev/vda         263174212 75022336  19406340      80% /\n";
        assert_eq!(available(told), Some(19_406_340 * 1024));
        assert_eq!(available("df: /there: No such file or directory\n"), None);
    }

    #[test]
    fn the_log_does_not_grow_for_ever() {
        let size = |entries| Size { members: 0, entries }.bytes();
        assert_eq!(size(1_000_000) - size(0), 1_050_000_000);
        assert_eq!(size(101_000_000) - size(100_000_000), 350_000_000);
    }

    #[tokio::test]
    async fn a_folder_of_this_machine_has_room_and_one_that_is_not_here_has_none_to_tell() {
        assert!(available_in(Path::new("/")).is_some_and(|room| room > 0));
        assert_eq!(available_in(Path::new("/nowhere/at/all")), None);
    }
}
