//! Whom Postgres runs as. It refuses to run as root, so root starts it as somebody else.

use std::fs::{self, DirBuilder, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use crate::{Problem, process};

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// Returns whom a server runs as that refuses root: somebody else when we are root, otherwise ourselves (none).
    pub fn for_postgres() -> Result<Option<Account>, Problem> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if !process::has_setpriv() {
            return Err(Problem::NeedsSetpriv);
        }
        let path = Path::new("/etc/passwd");
        let users = fs::read_to_string(path).map_err(Problem::file("read", path))?;
        let found = ["postgres", "nobody"]
            .iter()
            .find_map(|name| Account::named(name, &users));
        found.map(Some).ok_or(Problem::NeedsAccount)
    }

    fn named(name: &str, users: &str) -> Option<Account> {
        let fields: Vec<&str> = users
            .lines()
            .map(|line| line.split(':').collect())
            .find(|user: &Vec<_>| user[0] == name)?;
        Some(Account {
            name: name.to_owned(),
            uid: fields.get(2)?.parse().ok()?,
            gid: fields.get(3)?.parse().ok()?,
        })
    }

    /// Returns a directory that belongs to this user and that they can reach.
    ///
    /// That is one inside `dir` where possible. A checkout under /root is closed to other users: then it is one under
    /// /var/tmp or /tmp, named after `dir`, so that the next start finds what this one left, and `server` leads there.
    pub fn home(&self, dir: &Path) -> Result<PathBuf, Problem> {
        let mut hasher = DefaultHasher::new();
        dir.hash(&mut hasher);
        let elsewhere = format!("private-postgres-{:016x}", hasher.finish());
        let inside = dir.join("server");
        if self.takes(&inside) {
            return Ok(inside);
        }
        let home = ["/var/tmp", "/tmp"]
            .map(|parent| Path::new(parent).join(&elsewhere))
            .into_iter()
            .find(|it| self.takes(it));
        let home = home.ok_or_else(|| Problem::OutOfReach {
            dir: dir.to_owned(),
            account: self.name.clone(),
        })?;
        if fs::read_link(&inside).ok().as_ref() != Some(&home) {
            symlink(&home, &inside).map_err(Problem::file("create", &inside))?;
        }
        Ok(home)
    }

    /// Makes the directory this user's, unless it exists and is somebody else's, or they cannot reach it.
    ///
    /// /tmp is open to all: what exists there is only trusted when it is a directory of this user. One that was just made and
    /// turns out to be out of reach is removed again.
    fn takes(&self, home: &Path) -> bool {
        match DirBuilder::new().mode(0o700).create(home) {
            Ok(()) => {
                let taken = chown(home, Some(self.uid), Some(self.gid)).is_ok() && self.reaches(home);
                if !taken {
                    let _ = fs::remove_dir(home);
                }
                taken
            }
            Err(_) => {
                let is_theirs =
                    |home| fs::symlink_metadata(home).is_ok_and(|found| found.is_dir() && found.uid() == self.uid);
                is_theirs(home)
                    && fs::set_permissions(home, Permissions::from_mode(0o700)).is_ok()
                    && self.reaches(home)
            }
        }
    }

    fn reaches(&self, home: &Path) -> bool {
        let mut test = process::command(Path::new("test"), Some(self), None);
        test.arg("-w").arg(home).arg("-a").arg("-x").arg(home);
        test.current_dir("/").status().is_ok_and(|status| status.success())
    }
}

/// Returns a directory inside `dir` that is closed to others: whoever reaches the socket in it is let in.
pub fn own_home(dir: &Path) -> Result<PathBuf, Problem> {
    let home = dir.join("server");
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(&home)
        .map_err(Problem::file("create", &home))?;
    Ok(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:1:1::/:/bin/sh\npostgres:x:101:104:,,,:/:/bin/sh\n";
        let found = Account::named("postgres", users);
        assert_eq!(
            found,
            Some(Account {
                name: "postgres".into(),
                uid: 101,
                gid: 104
            })
        );
        assert_eq!(Account::named("nobody", users), None);
    }
}
