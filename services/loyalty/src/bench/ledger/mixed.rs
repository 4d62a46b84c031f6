//! What a day looks like: of ten operations seven earn, two spend, and one sets points aside and takes them a moment later; some members do much more than
//! others (a zipf distribution). It goes through gRPC, and is measured beside unary earnings of members who are drawn evenly.

use std::{sync::Arc, time::Duration};

use proto::points::{CaptureHoldRequest, EarnPointsRequest, HoldPointsRequest, SpendPointsRequest};
use tonic::Status;

use super::{CALLERS, POINTS, books::Books, orders::Orders};
use crate::{
    bench::load::{self, Measured},
    demo::clients::Clients,
};

/// What is spent, or set aside and taken, at a time: members have more by then, whatever was drawn.
const SPENT: i64 = 3;

/// Keeps mixed operations under way. To set points aside and to take them, one after the other, is one operation.
pub async fn measure(
    clients: &Clients,
    orders: &Orders,
    books: &Arc<Books>,
    time: Duration,
) -> anyhow::Result<Measured> {
    let (clients, orders, books) = (clients.clone(), orders.clone(), books.clone());
    load::run(CALLERS, time, move |number| {
        let (clients, books, order) = (clients.clone(), books.clone(), orders.next());
        async move {
            // Callers count in steps of their number, which is even: a caller that always did the same would not be a mix.
            match (number + number / CALLERS) % 10 {
                0..7 => earn(&clients, number, order, &books).await,
                7..9 => spend(&clients, number, order, &books).await,
                _ => hold_and_capture(&clients, number, order, &books).await,
            }
        }
    })
    .await
}

async fn earn(clients: &Clients, number: usize, order: EarnPointsRequest, books: &Books) -> Result<(), Status> {
    clients.points(number).earn_points(order).await?;
    books.add(1, POINTS);
    Ok(())
}

async fn spend(clients: &Clients, number: usize, order: EarnPointsRequest, books: &Books) -> Result<(), Status> {
    let spend = SpendPointsRequest {
        request_id: order.request_id,
        member_id: order.member_id,
        wallet: order.wallet,
        points: SPENT,
        reference: order.reference,
    };
    clients.points(number).spend_points(spend).await?;
    books.add(1, -SPENT);
    Ok(())
}

async fn hold_and_capture(
    clients: &Clients,
    number: usize,
    order: EarnPointsRequest,
    books: &Books,
) -> Result<(), Status> {
    let mut client = clients.points(number);
    let hold = HoldPointsRequest {
        request_id: order.request_id.clone(),
        member_id: order.member_id.clone(),
        wallet: order.wallet,
        points: SPENT,
        reference: order.reference,
        ..HoldPointsRequest::default()
    };
    let held = client.hold_points(hold).await?.into_inner();
    let capture = CaptureHoldRequest {
        request_id: order.request_id,
        member_id: order.member_id,
        hold_id: held.hold.unwrap_or_default().hold_id,
        ..CaptureHoldRequest::default()
    };
    client.capture_hold(capture).await?;
    books.add(2, -SPENT);
    Ok(())
}
