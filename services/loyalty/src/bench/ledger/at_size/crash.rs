//! How long callers are without the suite when its process is killed (kill -9) under load and started again at once: from the kill to the first answer of the new
//! process to an earning. Callers ask again with the same key until they are answered; the sums show afterwards that each counted once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use futures::future::try_join_all;
use proto::points::EarnPointsRequest;
use tokio::{sync::mpsc, time::timeout};

use super::sized::Sized;
use crate::{
    bench::ledger::{POINTS, books::Books},
    demo::clients::Clients,
};

/// How many callers there are, and how long one waits before it asks again.
const CALLERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(20);
/// How long there is load before the kill, and after the first answer.
const LOAD: Duration = Duration::from_millis(500);
/// How long to wait for the first answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// When a call was made, and when it was answered.
type Answered = (Instant, Instant);

/// Kills the suite under load and starts it again; returns how long the first answer took, in seconds.
pub async fn start_after_crash(sized: &mut Sized) -> anyhow::Result<f64> {
    let clients = Clients::new(&sized.served.url, &sized.program_id.to_string())?;
    let over = Arc::new(AtomicBool::new(false));
    let (tells, mut answers) = mpsc::unbounded_channel();
    let callers = (0..CALLERS).map(|number| {
        let (clients, orders, books) = (clients.clone(), sized.orders.clone(), sized.books.clone());
        let (over, tells) = (over.clone(), tells.clone());
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let answered = earn(&clients, number, orders.next(), &books).await;
                let _ = tells.send(answered);
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    tokio::time::sleep(LOAD).await;

    let killed = Instant::now();
    sized.served.kill().await?;
    let gone = Instant::now();
    sized.served.start_again()?;
    let first = timeout(PATIENCE, async {
        while let Some((asked, answered)) = answers.recv().await {
            if asked > gone {
                return Some(answered);
            }
        }
        None
    });
    let first = first.await?.context("every caller ended")?;
    tokio::time::sleep(LOAD).await;
    over.store(true, Ordering::Relaxed);
    try_join_all(callers).await?;
    Ok((first - killed).as_secs_f64())
}

/// Earns once, however often that has to be asked.
async fn earn(clients: &Clients, number: usize, request: EarnPointsRequest, books: &Books) -> Answered {
    loop {
        let asked = Instant::now();
        if clients.points(number).earn_points(request.clone()).await.is_ok() {
            books.add(1, POINTS);
            return (asked, Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
