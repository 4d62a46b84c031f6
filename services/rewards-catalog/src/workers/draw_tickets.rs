//! Draws the tickets of lotteries that have closed and that nobody has drawn: they are paid for, and the seed is only revealed when all are drawn.
//!
//! A ticket is drawn once, so it does no harm when several replicas find the same ticket, or when its owner asks at the same moment.

use std::time::Duration;

use futures::{StreamExt as _, stream};

use crate::{context::Context, ops, store, store::TicketKey};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How many are drawn in one round, and how many at once.
const ROUND: i64 = 1024;
const AT_ONCE: usize = 64;

/// Starts to draw tickets, for as long as the process lives.
pub fn start(cx: &Context) {
    let cx = cx.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            match store::ticket::list_undrawn(&cx.db, ROUND).await {
                Ok(tickets) => {
                    stream::iter(tickets)
                        .for_each_concurrent(AT_ONCE, |key| draw(&cx, key))
                        .await
                }
                Err(error) => tracing::warn!(%error, "tickets that nobody has drawn cannot be listed"),
            }
        }
    });
}

async fn draw(cx: &Context, TicketKey { member, ticket_id }: TicketKey) {
    let member = (member.program_id, member.member_id);
    if let Err(failure) = ops::draw_by_itself(cx, member, ticket_id).await {
        tracing::warn!(%ticket_id, ?failure, "a ticket cannot be drawn");
    }
}
