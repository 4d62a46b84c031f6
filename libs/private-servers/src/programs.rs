//! Where the programs of the servers are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::{Options, Problem, installation, process};

/// The oldest Postgres that the suite is tested with: that of Debian 12.
const OLDEST_POSTGRES: u32 = 15;

/// The programs of one installed Postgres.
#[derive(Debug)]
pub struct PostgresPrograms {
    pub postgres: PathBuf,
    pub initdb: PathBuf,
    pub version: String,
}

/// Installs at once whatever of the two servers is needed and missing.
pub fn install_missing(options: &Options) -> Result<(), Problem> {
    let mut missing = Vec::new();
    if options.database_url.is_none() && newest_postgres().is_none() {
        missing.push(installation::POSTGRES);
    }
    if options.redis_url.is_none() && redis_server().is_none() {
        missing.push(installation::REDIS);
    }
    if missing.is_empty() {
        Ok(())
    } else {
        installation::install(&missing, options)
    }
}

/// Finds Postgres, and installs it when it is missing.
pub fn find_postgres(options: &Options) -> Result<PostgresPrograms, Problem> {
    if let Some(found) = newest_postgres() {
        return Ok(found);
    }
    installation::install(&[installation::POSTGRES], options)?;
    newest_postgres().ok_or_else(|| installation::advise(&[installation::POSTGRES]))
}

/// Finds Redis, and installs it when it is missing.
pub fn find_redis(options: &Options) -> Result<PathBuf, Problem> {
    if let Some(found) = redis_server() {
        return Ok(found);
    }
    installation::install(&[installation::REDIS], options)?;
    redis_server().ok_or_else(|| installation::advise(&[installation::REDIS]))
}

/// Returns the Postgres on the PATH, or else the newest of those that packages install elsewhere.
fn newest_postgres() -> Option<PostgresPrograms> {
    let account = Account::for_postgres().ok().flatten();
    postgres_folders()
        .iter()
        .find_map(|folder| usable_postgres(folder, account.as_ref()))
}

/// Looks whether a folder has a Postgres that is new enough and that the account may run.
fn usable_postgres(folder: &Path, account: Option<&Account>) -> Option<PostgresPrograms> {
    // On Debian and with Homebrew the PATH may hold a link to `postgres` alone; its siblings are where it points to.
    let postgres = fs::canonicalize(folder.join("postgres")).ok()?;
    let initdb = postgres.with_file_name("initdb");
    if !initdb.is_file() {
        return None;
    }
    let mut ask = process::command(&postgres, account, None);
    ask.arg("--version").current_dir("/");
    let said = process::output(ask).ok()?;
    let version = said
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?
        .to_owned();
    (number(&version) >= OLDEST_POSTGRES).then_some(PostgresPrograms {
        postgres,
        initdb,
        version,
    })
}

fn postgres_folders() -> Vec<PathBuf> {
    let mut folders = path_folders();
    for (parent, prefix, bin) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ] {
        folders.extend(
            newest_first(entries(Path::new(parent)), prefix)
                .into_iter()
                .map(|found| found.join(bin)),
        );
    }
    folders
}

fn redis_server() -> Option<PathBuf> {
    let mut folders = path_folders();
    folders.extend(["/usr/bin", "/usr/local/bin", "/usr/sbin", "/opt/homebrew/bin"].map(PathBuf::from));
    let names = ["redis-server", "valkey-server"];
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|found| found.is_file())
    })
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .map(|found| found.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default()
}

/// Keeps the folders named by a prefix and a version, the newest first.
fn newest_first(folders: Vec<PathBuf>, prefix: &str) -> Vec<PathBuf> {
    let version = |folder: &PathBuf| {
        let name = folder.file_name()?.to_str()?;
        Some(number(name.strip_prefix(prefix)?)).filter(|number| *number > 0)
    };
    let mut versions: Vec<_> = folders
        .into_iter()
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .collect();
    versions.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// Returns the number that a version begins with: 15 for "15.18" and for "15".
fn number(version: &str) -> u32 {
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_versions_come_first_and_other_names_are_left_out() {
        let folders = ["/lib/9.6", "/lib/15", "/lib/17", "/lib/share"]
            .map(PathBuf::from)
            .to_vec();
        assert_eq!(
            newest_first(folders, ""),
            ["/lib/17", "/lib/15", "/lib/9.6"].map(PathBuf::from)
        );
        let brewed = ["/opt/postgresql@14", "/opt/redis", "/opt/postgresql@16"]
            .map(PathBuf::from)
            .to_vec();
        assert_eq!(
            newest_first(brewed, "postgresql@"),
            ["/opt/postgresql@16", "/opt/postgresql@14"].map(PathBuf::from)
        );
    }
}
