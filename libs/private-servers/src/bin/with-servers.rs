//! `with-servers DIR COMMAND...`: runs a command with `DATABASE_URL` and `REDIS_URL` of private servers under DIR.

#![forbid(unsafe_code)]

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use private_servers::{Options, PrivateServers};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [dir, program, rest @ ..] = args.as_slice() else {
        eprintln!("usage: with-servers DIR COMMAND [ARGUMENT...]");
        return ExitCode::from(2);
    };
    let servers = match PrivateServers::start(Path::new(dir), &Options::from_environment()) {
        Ok(servers) => servers,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    match servers.run_beside(Command::new(program).args(rest)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("could not run {program}: {error}");
            ExitCode::FAILURE
        }
    }
}
