//! Seals the journal: signs now and then what was recorded, so that nobody can change it unnoticed.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, crypto};

use crate::{context::Context, domain::evidence::Hash, store};

/// Seals the journal, for as long as the process lives.
pub async fn seal_forever(cx: Context, key: EncodingKey, every: Duration) {
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        loop {
            match seal_some(&cx, key.clone()).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be sealed");
                    break;
                }
            }
        }
    }
}

/// Makes a checkpoint, if anything was recorded. Tells whether there may be more to seal.
async fn seal_some(cx: &Context, key: EncodingKey) -> Result<bool, sqlx::Error> {
    cx.db
        .run(move |pool| async move {
            let sign = |hash: &Hash| {
                crypto::sign(hash, &key, Algorithm::EdDSA).map_err(|error| sqlx::Error::Configuration(error.into()))
            };
            store::seal(&pool, sign).await
        })
        .await
}
