//! Products that are broken on purpose: a harness that does not find them out proves nothing.
//!
//! How each is broken stands where it is broken: look for its name in `libs/common` and `services/points`. What the database would refuse all the same is
//! taken out of the way first, so that the harness has to find the fault and not the constraint.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use crate::{Product, Report, Run};

/// A way to break the product.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Canary {
    /// Its name, by which the product knows it.
    pub name: &'static str,
    /// What is broken.
    pub what: &'static str,
    /// What is taken out of the way in the database.
    #[serde(skip)]
    pub prepare: &'static str,
}

/// What became of a canary.
#[derive(Clone, Debug, Serialize)]
pub struct Caught {
    /// The canary.
    pub canary: Canary,
    /// What the rounds found.
    pub report: Report,
}

/// All of them.
pub const CANARIES: [Canary; 13] = [
    Canary {
        name: "no-shard-lock",
        what: "a batch counts also when somebody else wrote to its shards",
        prepare: "alter table points.journal drop constraint journal_pkey; create index on points.journal (shard, seq)",
    },
    Canary {
        name: "stale-memory",
        what: "members are remembered although somebody else wrote to their shard",
        prepare: "",
    },
    Canary {
        name: "forgotten-keys",
        what: "nobody looks whether a request was answered before",
        prepare: "drop index points.journal_request; create index on points.journal (shard, request_key, method)",
    },
    Canary {
        name: "retry-with-new-key",
        what: "a transfer that is brought to rest again arrives under another key",
        prepare: "",
    },
    Canary {
        name: "answer-before-commit",
        what: "a batch is answered although its commit failed",
        prepare: "",
    },
    Canary {
        name: "careless-commit",
        what: "a commit is answered before it is on disk",
        prepare: "",
    },
    Canary {
        name: "unknown-is-refused",
        what: "a commit of which nothing is known is answered as a refusal",
        prepare: "",
    },
    Canary {
        name: "mirror-before-commit",
        what: "the mirror is told before the commit",
        prepare: "",
    },
    Canary {
        name: "older-over-newer",
        what: "the mirror takes whatever comes last",
        prepare: "",
    },
    Canary {
        name: "token-ignored",
        what: "a balance is read without a look at its token",
        prepare: "",
    },
    Canary {
        name: "foreign-values",
        what: "a mirrored value is believed whoever's it is",
        prepare: "",
    },
    Canary {
        name: "expiry-forgets-holds",
        what: "a hold that ends by itself gives nothing back",
        prepare: "",
    },
    Canary {
        name: "restored-as-new",
        what: "points come back with new dates",
        prepare: "",
    },
];

impl Run {
    /// Lets every canary sing, each until it is caught or the rounds are over; first of all none, which must find nothing.
    pub async fn listen(
        &self,
        program: &Path,
        directory: &Path,
        only: Option<&str>,
        say: impl Fn(&str),
    ) -> Result<Vec<Caught>> {
        let mut caught = Vec::new();
        if only.is_none() {
            let silent = Product {
                program: program.to_owned(),
                canary: None,
            };
            let rounds = Run {
                rounds: 2,
                ..self.clone()
            };
            let report = rounds.go(&silent, directory, &say).await?;
            ensure!(
                report.findings.is_empty(),
                "no canary sings, and yet: {}",
                report.table()
            );
        }
        for canary in CANARIES
            .iter()
            .filter(|canary| only.is_none_or(|only| only == canary.name))
        {
            let product = Product {
                program: program.to_owned(),
                canary: Some(*canary),
            };
            let listening = Run {
                until_found: true,
                ..self.clone()
            };
            let report = listening
                .go(&product, directory, |line| say(&format!("{}: {line}", canary.name)))
                .await?;
            caught.push(Caught {
                canary: *canary,
                report,
            });
        }
        Ok(caught)
    }
}

/// Builds a `loyalty` in which canaries can sing, in a target folder of its own.
pub fn build(target: &Path) -> Result<PathBuf> {
    let folder = target.join("canaries");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "-p",
            "loyalty",
            "--features",
            "canaries",
            "--target-dir",
        ])
        .arg(&folder)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .env("SQLX_OFFLINE", "true")
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the canaries cannot be built");
    Ok(folder.join("debug/loyalty"))
}
