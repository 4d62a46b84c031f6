//! Races of many callers through two replicas.

use std::time::Duration;

use faults::{
    Cluster,
    check::{check, come_to_rest},
    history::{Call, Fate, History},
    load::{Asked, Stage, WALLET},
};
use futures::future::join_all;
use proto::points::{EarnPointsRequest, SpendPointsRequest, TransferPointsRequest};
use tonic::Code;

use crate::{directory, product};

/// How many want the last point.
const MANY: usize = 1_000;
/// How many transfers cross one another.
const CROSSING: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_who_want_the_last_point_one_gets_it_and_crossing_transfers_lose_nothing() {
    let cluster = Cluster::start(&product(), &directory("races")).await.unwrap();
    let stage = Stage::set(&cluster, 2).await.unwrap();
    let mut calls = at_once(&stage, [earn(&stage, 0, 1)]).await;
    let spends = at_once(&stage, (0..MANY).map(|number| spend(&stage, number))).await;
    let count = |code| spends.iter().filter(|call| ended_with(call) == code).count();
    assert_eq!((count(Code::Ok), count(Code::FailedPrecondition)), (1, MANY - 1));
    calls.extend(spends);

    calls.extend(at_once(&stage, [0, 1].map(|member| earn(&stage, member, 500))).await);
    let transfers = at_once(&stage, (0..CROSSING).map(|number| transfer(&stage, number))).await;
    assert!(
        transfers.iter().all(|call| ended_with(call) == Code::Ok),
        "{transfers:?}"
    );
    calls.extend(transfers);

    assert_eq!(come_to_rest(&stage).await.unwrap(), Vec::<String>::new());
    let history = History {
        calls,
        ..History::default()
    };
    let (checked, findings) = check(&cluster, &stage, &history).await.unwrap();
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(checked.done as usize, 1 + 1 + 2 + CROSSING);
}

/// Asks for everything at once, of both replicas in turns.
async fn at_once(stage: &Stage, asked: impl IntoIterator<Item = Asked>) -> Vec<Call> {
    let calls = asked.into_iter().enumerate().map(async |(number, asked)| {
        let clients = &stage.clients[number % stage.clients.len()];
        let answer = asked.send(clients, number, Duration::from_secs(20)).await;
        Call {
            asked,
            fate: answer.map_or_else(|status| Fate::Refused(status.code(), String::new()), Fate::Done),
            doubts: 0,
        }
    });
    join_all(calls).await
}

fn ended_with(call: &Call) -> Code {
    match &call.fate {
        Fate::Done(_) => Code::Ok,
        Fate::Refused(code, _) => *code,
        Fate::Open => Code::Unknown,
    }
}

fn earn(stage: &Stage, member: usize, points: i64) -> Asked {
    Asked::Earn(EarnPointsRequest {
        request_id: format!("earn-{points}"),
        member_id: stage.members[member].clone(),
        wallet: WALLET.to_owned(),
        points,
        ..EarnPointsRequest::default()
    })
}

fn spend(stage: &Stage, number: usize) -> Asked {
    Asked::Spend(SpendPointsRequest {
        request_id: format!("spend-{number}"),
        member_id: stage.members[0].clone(),
        wallet: WALLET.to_owned(),
        points: 1,
        reference: String::new(),
    })
}

/// Gives a point from the one to the other, or the other way.
fn transfer(stage: &Stage, number: usize) -> Asked {
    Asked::Transfer(TransferPointsRequest {
        request_id: format!("give-{number}"),
        member_id: stage.members[number / 2 % 2].clone(),
        to_member_id: stage.members[1 - number / 2 % 2].clone(),
        wallet: WALLET.to_owned(),
        points: 1,
        reference: String::new(),
    })
}
