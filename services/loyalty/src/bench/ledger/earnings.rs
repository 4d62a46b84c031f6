//! Earnings, by every way there is: each counts what was acknowledged.

use std::{future::Future, sync::Arc, time::Duration};

use points::Core;
use proto::points::{EarnPointsRequest, EarnPointsResponse};
use tonic::Status;

use super::{
    B0_CALLERS, CALLERS, CONNECTIONS, POINTS,
    baseline::BATCH,
    books::Books,
    bulk::{COMMANDS, UNDER_WAY},
    orders::{Draw, Orders},
    rig::Rig,
};
use crate::bench::{
    load::{self, Measured},
    plain,
};

/// Lets a ledger without a server earn.
pub async fn earn(
    core: &Core,
    orders: &Orders,
    books: &Arc<Books>,
    callers: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let core = core.clone();
    counted(orders, books, callers, time, move |_, request| {
        let core = core.clone();
        async move { core.earn_points(request).await }
    })
    .await
}

impl Rig {
    /// Lets a ledger without a server earn for members who are drawn evenly.
    pub async fn earn(&self, core: &Core, callers: usize, time: Duration) -> anyhow::Result<Measured> {
        earn(core, &self.orders, &self.books, callers, time).await
    }

    /// The same, for one member.
    pub async fn earn_hot(&self, member: usize, time: Duration) -> anyhow::Result<Measured> {
        let orders = self.orders.drawn(Draw::One(member));
        earn(&self.core, &orders, &self.books, CALLERS, time).await
    }

    /// Earns through gRPC.
    pub async fn earn_unary(&self, time: Duration) -> anyhow::Result<Measured> {
        let clients = self.clients.clone();
        counted(&self.orders, &self.books, CALLERS, time, move |number, request| {
            let mut client = clients.points(number);
            async move { client.earn_points(request).await }
        })
        .await
    }

    /// Earns through streams; counts commands and not messages.
    pub async fn earn_bulk(&self, time: Duration) -> anyhow::Result<Measured> {
        let (orders, books, streams) = (self.orders.clone(), self.books.clone(), self.streams.clone());
        let mut measured = load::run(CONNECTIONS * UNDER_WAY, time, move |number| {
            let requests = (0..COMMANDS).map(|_| orders.next()).collect();
            let (streams, books) = (streams.clone(), books.clone());
            async move {
                streams.earn(number, requests).await?;
                books.add(COMMANDS as u64, COMMANDS as i64 * POINTS);
                Ok::<_, Status>(())
            }
        })
        .await?;
        measured.per_s *= COMMANDS as f64;
        Ok(measured)
    }

    /// Earns in a transaction of five round trips each.
    pub async fn earn_b0(&self, time: Duration) -> anyhow::Result<Measured> {
        let (baseline, orders) = (self.baseline.clone(), self.orders.clone());
        load::run(B0_CALLERS, time, move |_| {
            let (baseline, request) = (baseline.clone(), orders.next());
            async move { baseline.earn_points(request).await }
        })
        .await
    }

    /// The same through gRPC.
    pub async fn earn_unary_b0(&self, time: Duration) -> anyhow::Result<Measured> {
        let (channels, orders) = (self.over_b0.clone(), self.orders.clone());
        load::run(CALLERS, time, move |number| {
            let channel = channels[number % channels.len()].clone();
            plain::call::<_, EarnPointsResponse>(channel, orders.next())
        })
        .await
    }

    /// Lets Postgres alone write rows; counts rows and not batches.
    pub async fn write_rows(&self, callers: usize, time: Duration, round: usize) -> anyhow::Result<Measured> {
        let (baseline, first) = (self.baseline.clone(), round * 1_000_000);
        let mut measured = load::run(callers, time, move |number| {
            let baseline = baseline.clone();
            async move { baseline.insert_batch(first + number).await }
        })
        .await?;
        measured.per_s *= BATCH as f64;
        Ok(measured)
    }
}

/// Measures calls that earn, and counts every one that was acknowledged.
async fn counted<F, Fut, T>(
    orders: &Orders,
    books: &Arc<Books>,
    callers: usize,
    time: Duration,
    earn: F,
) -> anyhow::Result<Measured>
where
    F: Fn(usize, EarnPointsRequest) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<T, Status>> + Send,
    T: Send,
{
    let (orders, books) = (orders.clone(), books.clone());
    load::run(callers, time, move |number| {
        let (earned, books) = (earn(number, orders.next()), books.clone());
        async move {
            let earned = earned.await?;
            books.add(1, POINTS);
            Ok::<_, Status>(earned)
        }
    })
    .await
}
