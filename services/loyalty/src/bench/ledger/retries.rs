//! Load of which a fifth was asked before: what it costs to find that out, and that the answer is the first one again. Through gRPC every answer to a
//! repeat is compared with the first; the core, which hands no answers out, is measured beside the core without repeats. A repeat that counted twice would show in the sums.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::points::{EarnPointsRequest, EarnPointsResponse};
use tonic::Status;
use xxhash_rust::xxh3::xxh3_64;

use super::{CALLERS, POINTS, books::Books, rig::Rig};
use crate::{
    bench::{
        load::{self, Measured},
        setup::WALLET,
    },
    demo::clients::Clients,
};

/// Every so many calls one is a repeat.
const EVERY: usize = 5;
/// What everybody is given first: more than any load takes from them.
const FIRST: i64 = 1_000;

/// The first earning of each member, with its answer.
pub type Firsts = Arc<[(EarnPointsRequest, EarnPointsResponse)]>;

/// Lets each member earn for the first time.
pub async fn begin(clients: &Clients, members: &[String], books: &Books) -> anyhow::Result<Firsts> {
    let earn = |(number, member_id): (usize, &String)| {
        let request = EarnPointsRequest {
            request_id: "first".to_owned(),
            member_id: member_id.clone(),
            wallet: WALLET.to_owned(),
            points: FIRST,
            reference: "first".to_owned(),
            ..EarnPointsRequest::default()
        };
        let mut client = clients.points(number);
        async move {
            let answer = client.earn_points(request.clone()).await?.into_inner();
            books.add(1, FIRST);
            Ok::<_, Status>((request, answer))
        }
    };
    let asked: Vec<_> = members.iter().enumerate().map(earn).collect();
    let firsts: Vec<_> = stream::iter(asked).buffered(CALLERS).try_collect().await?;
    Ok(firsts.into())
}

impl Rig {
    /// Lets the core earn, and repeat.
    pub async fn repeat(&self, time: Duration) -> anyhow::Result<Measured> {
        let (core, firsts) = (self.core.clone(), self.firsts.clone());
        let (orders, books) = (self.orders.clone(), self.books.clone());
        load::run(CALLERS, time, move |number| {
            let (core, books, again) = (core.clone(), books.clone(), again(&firsts, number));
            let (request, new) = match again {
                Some((request, _)) => (request.clone(), 0),
                None => (orders.next(), 1),
            };
            async move {
                core.earn_points(request).await?;
                books.add(new, new as i64 * POINTS);
                Ok::<_, Status>(())
            }
        })
        .await
    }

    /// Earns through gRPC, and repeats. A repeat that is answered otherwise than the first time fails the measurement.
    pub async fn repeat_unary(&self, time: Duration) -> anyhow::Result<Measured> {
        let (clients, firsts) = (self.clients.clone(), self.firsts.clone());
        let (orders, books) = (self.orders.clone(), self.books.clone());
        load::run(CALLERS, time, move |number| {
            let (mut client, books, again) = (clients.points(number), books.clone(), again(&firsts, number).cloned());
            let orders = orders.clone();
            async move {
                if let Some((request, first)) = again {
                    let answer = client.earn_points(request).await?.into_inner();
                    return match answer == first {
                        true => Ok(()),
                        false => Err(Status::data_loss("a repeat was answered otherwise than the first time")),
                    };
                }
                client.earn_points(orders.next()).await?;
                books.add(1, POINTS);
                Ok(())
            }
        })
        .await
    }
}

/// Returns what a call repeats, if it is one that repeats.
fn again(firsts: &Firsts, number: usize) -> Option<&(EarnPointsRequest, EarnPointsResponse)> {
    let random = xxh3_64(&number.to_le_bytes());
    let repeats = number.is_multiple_of(EVERY);
    repeats.then(|| &firsts[random as usize % firsts.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_repeats_one_call_in_five() {
        let firsts: Firsts = (0..100).map(|_| Default::default()).collect();
        for caller in [0, 1, CALLERS - 1] {
            let calls = (0..100).map(|turn| caller + turn * CALLERS);
            assert_eq!(calls.filter(|number| again(&firsts, *number).is_some()).count(), 20);
        }
    }
}
