//! `BatchGetBalances`: what many members have.

use common::{
    auth::Caller,
    refusal::{Fault, Violations},
};
use proto::points::{self as pb, balance_result::Result as Outcome};
use tonic::{Code, Status};

use super::{
    balance_at::balance_at,
    get_balance::{GetBalance, balance_of, find_program, found},
    post_bulk::refusal,
};
use crate::{context::Context, error::Error};

/// Asks for many balances.
pub struct BatchGetBalances {
    asked: Vec<GetBalance>,
}

impl TryFrom<pb::BatchGetBalancesRequest> for BatchGetBalances {
    type Error = Violations;

    fn try_from(wire: pb::BatchGetBalancesRequest) -> Result<BatchGetBalances, Violations> {
        let mut violations = Violations::default();
        let mut asked = Vec::with_capacity(wire.requests.len());
        for (number, request) in wire.requests.into_iter().enumerate() {
            asked.extend(violations.within(&format!("requests[{number}]"), GetBalance::try_from(request)));
        }
        violations.finish(Some(BatchGetBalances { asked }))
    }
}

/// Returns what many members have, with a result for each. Balances of now are read together, those of other instants one by one.
pub async fn batch_get_balances(
    cx: &Context,
    caller: &Caller,
    asked: BatchGetBalances,
) -> Result<pb::BatchGetBalancesResponse, Status> {
    let mut outcomes: Vec<Option<Result<pb::Balance, Status>>> = asked.asked.iter().map(|_| None).collect();
    let (mut places, mut of_now) = (Vec::new(), Vec::new());
    for (place, one) in asked.asked.iter().enumerate() {
        match one.freshness(cx, caller) {
            Err(refused) => outcomes[place] = Some(Err(refused.into())),
            Ok(_) if one.times.is_some() => outcomes[place] = Some(of_another_time(cx, caller, one).await),
            Ok(freshness) => {
                places.push(place);
                of_now.push((one.member_id, one.wallet.clone(), freshness));
            }
        }
    }
    if let Some((member_id, ..)) = of_now.first() {
        match find_program(cx, caller, *member_id).await {
            Ok(program) => {
                let readings = cx.balances.read_many(&program, &of_now).await.map_err(Fault::from)?;
                for ((place, (member_id, wallet, _)), reading) in places.iter().zip(&of_now).zip(readings) {
                    let snapshot = found(reading, *member_id, wallet);
                    outcomes[*place] = Some(match snapshot {
                        Ok(snapshot) => Ok(balance_of(cx, &program, &snapshot)),
                        Err(missing) => Err(missing.into()),
                    });
                }
            }
            // In a program that is not known here, nobody has an account.
            Err(status) if status.code() == Code::NotFound => places.iter().for_each(|place| {
                let member_id = asked.asked[*place].member_id;
                outcomes[*place] = Some(Err(Error::AccountNotFound { member_id }.into()));
            }),
            Err(status) => return Err(status),
        }
    }
    let results = outcomes.into_iter().flatten().map(|outcome| pb::BalanceResult {
        result: Some(match outcome {
            Ok(balance) => Outcome::Balance(balance),
            Err(status) => Outcome::Refusal(refusal(&status)),
        }),
    });
    Ok(pb::BatchGetBalancesResponse {
        results: results.collect(),
    })
}

async fn of_another_time(cx: &Context, caller: &Caller, asked: &GetBalance) -> Result<pb::Balance, Status> {
    let program = find_program(cx, caller, asked.member_id).await?;
    let times = asked.times.expect("a balance of another time was asked for");
    balance_at(cx, &program, asked.member_id, &asked.wallet, times).await
}
