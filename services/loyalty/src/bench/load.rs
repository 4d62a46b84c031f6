//! Load: a fixed number of callers, each calling again as soon as it is answered.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::future::join_all;

/// Keeps `callers` calls under way for a time and returns how many were answered a second. Any call that fails fails the measurement.
pub async fn per_second<F, Fut, E>(callers: usize, time: Duration, call: F) -> anyhow::Result<f64>
where
    F: Fn(usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Send + 'static,
{
    let (over, answered, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicU64::new(0)),
    );
    let since = Instant::now();
    let tasks = (0..callers).map(|caller| {
        let (call, over) = (call.clone(), over.clone());
        let (answered, failed) = (answered.clone(), failed.clone());
        tokio::spawn(async move {
            let mut number = caller;
            while !over.load(Ordering::Relaxed) {
                match call(number).await {
                    Ok(()) => answered.fetch_add(1, Ordering::Relaxed),
                    Err(_) => failed.fetch_add(1, Ordering::Relaxed),
                };
                number += callers;
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let (counted, elapsed) = (answered.load(Ordering::Relaxed), since.elapsed());
    join_all(tasks).await;
    let failed = failed.load(Ordering::Relaxed);
    ensure!(failed == 0, "{failed} calls failed");
    Ok(counted as f64 / elapsed.as_secs_f64())
}

/// Returns the middle of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}
