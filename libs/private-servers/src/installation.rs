//! What happens when a server is missing: it is installed where that is allowed, otherwise a line says how to.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Options, Problem, process};

/// A server that may be missing, and what it is called where.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    pub server: &'static str,
    pub debian: &'static str,
    pub homebrew: &'static str,
}

pub const POSTGRES: Package = Package {
    server: "Postgres (15 or later)",
    debian: "postgresql",
    homebrew: "postgresql@17",
};
pub const REDIS: Package = Package {
    server: "Redis",
    debian: "redis-server",
    homebrew: "redis",
};

/// Installs, and starts nothing. `.ci/run` uses the same script.
const SCRIPT: &str = include_str!("install-debian-servers.sh");

/// Installs Debian's packages, or returns the problem that says what to install.
pub fn install(missing: &[Package], options: &Options) -> Result<(), Problem> {
    let Some(mut as_root) = as_root().filter(|_| options.may_install && Path::new("/usr/bin/apt-get").exists()) else {
        return Err(advise(missing));
    };
    let packages = missing.iter().map(|package| package.debian);
    (options.say)(&format!(
        "Installing {} (once, with apt-get)",
        joined(packages.clone(), " and ")
    ));
    as_root
        .args(["sh", "-c", SCRIPT, "install-debian-servers.sh"])
        .args(packages)
        .stdin(Stdio::null());
    let command = format!(
        "apt-get install {}",
        joined(missing.iter().map(|package| package.debian), " ")
    );
    process::output(as_root).map(drop).map_err(|problem| match problem {
        Problem::Failed { last_words, .. } => Problem::Failed { command, last_words },
        other => other,
    })
}

/// Returns the problem that tells people what to install.
pub fn advise(missing: &[Package]) -> Problem {
    let install = if cfg!(target_os = "macos") {
        format!(
            "run `brew install {}`",
            joined(missing.iter().map(|package| package.homebrew), " ")
        )
    } else if Path::new("/usr/bin/apt-get").exists() {
        format!(
            "run `sudo apt-get install {}`",
            joined(missing.iter().map(|package| package.debian), " ")
        )
    } else {
        "install it with your package manager".to_owned()
    };
    Problem::NotInstalled {
        missing: joined(missing.iter().map(|package| package.server), " and "),
        advice: format!("{install}, or name running servers in DATABASE_URL and REDIS_URL"),
    }
}

/// Returns how to run a command as root without a password, if there is a way.
fn as_root() -> Option<Command> {
    if rustix::process::geteuid().is_root() {
        return Some(Command::new("env"));
    }
    let mut probe = Command::new("sudo");
    probe
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut sudo = Command::new("sudo");
    sudo.arg("-n");
    probe.status().is_ok_and(|status| status.success()).then_some(sudo)
}

fn joined<'a>(words: impl Iterator<Item = &'a str>, between: &str) -> String {
    words.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_one_line_that_names_what_is_missing() {
        let line = advise(&[POSTGRES, REDIS]).to_string();
        assert!(
            line.starts_with("Postgres (15 or later) and Redis not found: "),
            "{line}"
        );
        assert!(line.contains("DATABASE_URL") && !line.contains('\n'), "{line}");
    }

    #[test]
    fn nothing_is_installed_for_somebody_who_did_not_allow_it() {
        let options = Options {
            may_install: false,
            ..Options::default()
        };
        assert!(matches!(install(&[REDIS], &options), Err(Problem::NotInstalled { .. })));
    }
}
