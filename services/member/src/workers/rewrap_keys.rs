//! Wraps members' keys under the current master key, so that older ones can be taken away: when nothing is wrapped under them any more, the
//! log says so.

use std::time::Duration;

use common::writer::{Key, WriteError};
use futures::future::join_all;

use crate::{
    context::Context,
    error::Error,
    ops::{Command, RewrapKey},
    store::list_keys_under,
};

/// How many keys are wrapped at once.
const AT_ONCE: usize = 200;
/// How long until the next look: a replica that still runs with the old keys may go on wrapping under them.
const PAUSE: Duration = Duration::from_secs(600);

/// Wraps whatever is wrapped under an older master key, now and then again, for as long as there are older ones.
pub async fn run(cx: Context) {
    let older: Vec<String> = cx.vault.older_master_keys().into_iter().map(str::to_owned).collect();
    while !older.is_empty() {
        match rewrap_all(&cx, &older).await {
            Ok(Rewrapped { done, failed: 0 }) => {
                tracing::info!(?older, done, "nothing is wrapped under the older master keys now")
            }
            Ok(Rewrapped { done, failed }) => {
                tracing::warn!(?older, done, failed, "some keys stay under the older master keys")
            }
            Err(error) => tracing::warn!(%error, "the keys under the older master keys cannot be read"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[derive(Default)]
struct Rewrapped {
    done: usize,
    failed: usize,
}

async fn rewrap_all(cx: &Context, older: &[String]) -> Result<Rewrapped, sqlx::Error> {
    let (mut rewrapped, mut after) = (Rewrapped::default(), None);
    loop {
        let places = list_keys_under(&cx.db, older.to_vec(), after, AT_ONCE as i64).await?;
        let Some(last) = places.last() else {
            return Ok(rewrapped);
        };
        after = Some(*last);
        let calls = places.iter().map(|place| {
            cx.writer.call(
                Key::of_worker(place.program_id(), place.member_id()),
                Command::RewrapKey(RewrapKey),
            )
        });
        for outcome in join_all(calls).await {
            match outcome {
                Ok(_) => rewrapped.done += 1,
                Err(error) => {
                    rewrapped.failed += 1;
                    tell(&error);
                }
            }
        }
    }
}

fn tell(error: &WriteError<Error>) {
    match error {
        WriteError::Refused(error) => tracing::error!(%error, "a member's key cannot be wrapped anew"),
        error => tracing::warn!(?error, "a member's key was not wrapped anew"),
    }
}
