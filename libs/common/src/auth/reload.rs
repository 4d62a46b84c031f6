//! Reads the trusted keys again when their files change, so that keys rotate without a restart.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::Authenticator;

const INTERVAL: Duration = Duration::from_secs(5);

/// Watches for as long as the authenticator is in use.
pub(super) fn watch(authenticator: &Arc<Authenticator>) {
    tokio::spawn(follow(Arc::downgrade(authenticator)));
}

async fn follow(authenticator: Weak<Authenticator>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(authenticator) = authenticator.upgrade() else {
            return;
        };
        let read = tokio::task::spawn_blocking(move || authenticator.reload()).await;
        match read {
            Ok(Ok(true)) => tracing::info!("the trusted keys have changed"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::warn!(error = format!("{error:#}"), "the trusted keys stay as they were"),
            Err(error) => tracing::warn!(%error, "the trusted keys could not be read"),
        }
    }
}
