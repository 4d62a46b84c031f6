//! Load: a fixed number of callers, each calling again as soon as it is answered.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::bail;
use futures::future::join_all;
use tokio::task::JoinSet;

/// What a stretch of load came to.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// How many calls were answered a second.
    pub per_s: f64,
    /// How long each took, in microseconds, the shortest first.
    micros: Vec<u32>,
}

impl Measured {
    /// Returns the time within which a share of the calls was answered, in milliseconds.
    pub fn within_ms(&self, share: f64) -> f64 {
        let last = self.micros.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        self.micros.get(at).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Keeps `callers` calls under way for a time. Any call that fails fails the measurement.
pub async fn run<F, Fut, T, E>(callers: usize, time: Duration, call: F) -> anyhow::Result<Measured>
where
    F: Fn(usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: Send + std::fmt::Display + 'static,
{
    let over = Arc::new(AtomicBool::new(false));
    let since = Instant::now();
    let tasks = (0..callers).map(|caller| {
        let (call, over) = (call.clone(), over.clone());
        tokio::spawn(async move {
            let (mut number, mut micros, mut failed) = (caller, Vec::new(), None);
            while !over.load(Ordering::Relaxed) && failed.is_none() {
                let asked = Instant::now();
                match call(number).await {
                    // What is answered after the time is over was measured while the load was ebbing away.
                    Ok(_) if over.load(Ordering::Relaxed) => {}
                    Ok(_) => micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX)),
                    Err(error) => failed = Some(error),
                }
                number += callers;
            }
            (micros, failed)
        })
    });
    let tasks: Vec<_> = tasks.collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let elapsed = since.elapsed();
    let mut measured = Measured::default();
    for done in join_all(tasks).await {
        let (micros, failed) = done?;
        if let Some(error) = failed {
            bail!("a call failed: {error}");
        }
        measured.micros.extend(micros);
    }
    measured.micros.sort_unstable();
    measured.per_s = measured.micros.len() as f64 / elapsed.as_secs_f64();
    Ok(measured)
}

/// Makes calls at a rate, whether those before are answered or not. A call that is late to begin counts from when it should have begun. Any call that fails fails
/// the measurement.
pub async fn run_at<F, Fut, T, E>(per_s: f64, time: Duration, call: F) -> anyhow::Result<Measured>
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + std::fmt::Display + 'static,
{
    let since = Instant::now();
    let mut under_way = JoinSet::new();
    let calls = (time.as_secs_f64() * per_s) as usize;
    for number in 0..calls {
        let begins = since + Duration::from_secs_f64(number as f64 / per_s);
        tokio::time::sleep_until(begins.into()).await;
        let answered = call(number);
        under_way.spawn(async move { answered.await.map(|_| begins.elapsed()) });
    }
    let mut measured = Measured::default();
    while let Some(done) = under_way.join_next().await {
        match done? {
            Ok(took) => measured
                .micros
                .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)),
            Err(error) => bail!("a call failed: {error}"),
        }
    }
    measured.micros.sort_unstable();
    measured.per_s = measured.micros.len() as f64 / since.elapsed().as_secs_f64();
    Ok(measured)
}

/// Leaves as many digits as mean something.
pub fn rounded(figure: f64) -> f64 {
    let scale = if figure.abs() < 100.0 { 1_000.0 } else { 1.0 };
    (figure * scale).round() / scale
}

/// Returns the middle of some figures.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_calls_is_answered_within_the_time_of_the_slowest_of_them() {
        let measured = Measured {
            micros: (0..=100).map(|number| number * 1_000).collect(),
            ..Measured::default()
        };
        assert_eq!(measured.within_ms(0.0), 0.0);
        assert_eq!(measured.within_ms(0.5), 50.0);
        assert_eq!(measured.within_ms(0.99), 99.0);
        assert_eq!(measured.within_ms(1.0), 100.0);
        assert_eq!(Measured::default().within_ms(0.5), 0.0, "where nothing was answered");
    }

    #[test]
    fn the_middle_does_not_depend_on_the_order() {
        assert_eq!(median([9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median([]), 0.0);
    }

    #[tokio::test]
    async fn calls_at_a_rate_do_not_wait_for_one_another() {
        let call = |_| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, String>(())
        };
        let measured = run_at(1_000.0, Duration::from_millis(50), call).await.unwrap();
        assert_eq!(measured.micros.len(), 50);
        assert!(measured.micros[0] >= 20_000);
    }

    #[tokio::test]
    async fn one_call_that_fails_fails_the_measurement() {
        let call = |number| async move {
            tokio::task::yield_now().await;
            if number == 3 { Err("no") } else { Ok(()) }
        };
        let failed = run(2, Duration::from_millis(50), call).await;
        assert_eq!(failed.unwrap_err().to_string(), "a call failed: no");
    }
}
