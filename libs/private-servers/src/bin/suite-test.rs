//! `cargo suite-test`: starts a private Postgres and Redis, runs every test of the workspace against them, stops them.
//!
//! Arguments are passed on to `cargo test`: `cargo suite-test -p points earn` runs fewer.

#![forbid(unsafe_code)]

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use private_servers::{Options, PrivateServers};

fn main() -> ExitCode {
    match run_tests(env::args().skip(1).collect()) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            eprintln!("suite-test: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run_tests(args: Vec<String>) -> Result<u8, Box<dyn std::error::Error>> {
    let options = Options {
        say: |line| eprintln!("suite-test: {line}"),
        ..Options::from_environment()
    };
    let servers = PrivateServers::start(&target_dir()?.join("suite-test"), &options)?;
    let mut cargo = cargo_test(&args);
    let words: Vec<_> = cargo.get_args().map(|arg| arg.to_string_lossy()).collect();
    eprintln!("suite-test: cargo {}", words.join(" "));
    let since = Instant::now();
    let code = servers.run_beside(&mut cargo)?;
    let verdict = if code == 0 { "passed" } else { "FAILED" };
    eprintln!(
        "suite-test: {verdict} after {} s, stopping the servers",
        since.elapsed().as_secs()
    );
    servers.stop();
    Ok(code)
}

/// Returns the `cargo test` to run: for the whole workspace, unless the arguments choose a package.
fn cargo_test(args: &[String]) -> Command {
    let own = args.iter().take_while(|arg| *arg != "--");
    let chooses = own
        .into_iter()
        .any(|arg| arg.starts_with("-p") || arg.starts_with("--package") || arg == "--workspace");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.arg("test").args((!chooses).then_some("--workspace")).args(args);
    cargo.current_dir(workspace_dir()).env("SQLX_OFFLINE", "true");
    // What `cargo run` told this program about itself would make the inner cargo rebuild crates that look at it.
    let told = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|it| name.starts_with(it))
    };
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(told)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Returns cargo's target folder, wherever that was put: this program lies in one of its folders.
fn target_dir() -> Result<PathBuf, std::io::Error> {
    let program = env::current_exe()?;
    let found = program.ancestors().nth(2).map(PathBuf::from);
    found.ok_or_else(|| std::io::Error::other("this program does not lie in cargo's target folder"))
}

fn workspace_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
