//! Calls that several tests make.

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
    let request = EnrollMemberRequest {
        request_id: request_id.to_owned(),
        channel: "web".to_owned(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = clients.members(0).enroll_member(request).await.unwrap().into_inner();
    enrolled.member.unwrap().member_id
}

/// Returns what a member has, as Postgres has it now.
pub async fn available(clients: &Clients, member: &str) -> i64 {
    let balance = persist(|| {
        let mut client = clients.points(0);
        let request = GetBalanceRequest {
            member_id: member.to_owned(),
            wallet: "points".to_owned(),
            consistency: Some(Consistency {
                requirement: Some(Requirement::FullyConsistent(())),
            }),
            ..GetBalanceRequest::default()
        };
        async move { client.get_balance(request).await }
    });
    balance.await.unwrap().balance.unwrap().amounts.unwrap().available
}
