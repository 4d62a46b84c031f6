//! Seals the journal: signs now and then what was recorded, so that nobody can change it unnoticed.
//!
//! What was signed last is kept in a file beside the key, where the owner of the database cannot reach it: nothing is signed that does not continue it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use opentelemetry::{global, metrics::Gauge};

use crate::{
    context::Context,
    domain::evidence::Hash,
    store::{self, LastSealed, Sealing},
};

/// Whoever seals.
pub struct Sealer {
    key: EncodingKey,
    /// Where it is kept what was signed last.
    kept: PathBuf,
    known: Option<LastSealed>,
    failing: Gauge<u64>,
}

impl Sealer {
    /// Prepares to seal with a key, whose file is known.
    pub fn new(key: EncodingKey, file: &Path) -> anyhow::Result<Sealer> {
        let kept = file.with_extension("sealed");
        let known = match fs::read_to_string(&kept) {
            Ok(text) => Some(read(&text).with_context(|| format!("{} is not what was kept there", kept.display()))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", kept.display())),
        };
        let failing = global::meter("loyalty")
            .u64_gauge("points.seal.failing")
            .with_description("Whether the journal could not be sealed when that was last tried; must be zero")
            .build();
        Ok(Sealer {
            key,
            kept,
            known,
            failing,
        })
    }

    /// Seals the journal, for as long as the process lives.
    pub async fn seal_forever(mut self, cx: Context, every: Duration) {
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let sealed = self.seal_all(&cx).await;
            self.failing.record(sealed.is_err().into(), &[]);
            if let Err(error) = sealed {
                tracing::error!(error = format!("{error:#}"), "the journal cannot be sealed");
            }
        }
    }

    async fn seal_all(&mut self, cx: &Context) -> anyhow::Result<()> {
        loop {
            match self.seal_some(cx).await? {
                Sealing::Made(last) => self.keep(last)?,
                Sealing::Rested(Some(last)) => return self.keep(last),
                Sealing::Rested(None) => return Ok(()),
                Sealing::Forged => anyhow::bail!(
                    "the checkpoints in the database do not continue what was signed before, as {} tells: somebody took them back or changed them. \
                     Nothing is signed until that is cleared up",
                    self.kept.display()
                ),
            }
        }
    }

    /// Makes a checkpoint, if anything was recorded.
    async fn seal_some(&self, cx: &Context) -> Result<Sealing, sqlx::Error> {
        let (key, known) = (self.key.clone(), self.known);
        cx.db
            .run(move |pool| async move {
                let sign = |hash: &Hash| {
                    crypto::sign(hash, &key, Algorithm::EdDSA).map_err(|error| sqlx::Error::Configuration(error.into()))
                };
                store::seal(&pool, known, sign).await
            })
            .await
    }

    fn keep(&mut self, last: LastSealed) -> anyhow::Result<()> {
        if self.known != Some(last) {
            let text = format!("{}:{}\n", last.number, blake3::Hash::from(last.hash).to_hex());
            let beside = self.kept.with_extension("sealed.new");
            fs::write(&beside, text)
                .and_then(|()| fs::rename(&beside, &self.kept))
                .with_context(|| format!("{} cannot be written", self.kept.display()))?;
            self.known = Some(last);
        }
        Ok(())
    }
}

fn read(text: &str) -> Option<LastSealed> {
    let (number, hash) = text.trim().split_once(':')?;
    Some(LastSealed {
        number: number.parse().ok()?,
        hash: *blake3::Hash::from_hex(hash).ok()?.as_bytes(),
    })
}
