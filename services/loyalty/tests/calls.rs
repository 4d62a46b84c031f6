//! Calls that several tests make.

use std::time::Duration;

use loyalty::demo::clients::{Clients, persist};
use proto::{
    member::EnrollMemberRequest,
    points::{Consistency, GetBalanceRequest, consistency::Requirement},
};

/// Enrols a member whom every service knows then.
pub async fn enrol(clients: &Clients) -> String {
    enrol_as(clients, "e-1").await
}

pub async fn enrol_as(clients: &Clients, request_id: &str) -> String {
    enrol_by(clients, "web", request_id).await
}

pub async fn enrol_by(clients: &Clients, channel: &str, request_id: &str) -> String {
    let request = EnrollMemberRequest {
        request_id: request_id.to_owned(),
        channel: channel.to_owned(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = clients.members(0).enroll_member(request).await.unwrap().into_inner();
    enrolled.member.unwrap().member_id
}

/// Returns what a member has, as Postgres has it now.
pub async fn available(clients: &Clients, member: &str) -> i64 {
    available_in(clients, member, "points").await
}

/// Waits until a member has so much in a wallet: what other services report is recorded by itself, soon.
pub async fn comes_to(clients: &Clients, member: &str, wallet: &str, points: i64) {
    for _ in 0..200 {
        if available_in(clients, member, wallet).await == points {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the member has not {points} in {wallet}");
}

async fn available_in(clients: &Clients, member: &str, wallet: &str) -> i64 {
    let balance = persist(|| {
        let mut client = clients.points(0);
        let request = GetBalanceRequest {
            member_id: member.to_owned(),
            wallet: wallet.to_owned(),
            consistency: Some(Consistency {
                requirement: Some(Requirement::FullyConsistent(())),
            }),
            ..GetBalanceRequest::default()
        };
        async move { client.get_balance(request).await }
    });
    balance.await.unwrap().balance.unwrap().amounts.unwrap().available
}
