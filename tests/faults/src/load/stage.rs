//! What the callers of a round share: a program of its own with a wallet and some members, and the ways to the replicas.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use loyalty::demo::clients::{Clients, persist};
use proto::{
    member::{CreateProgramRequest, EnrollMemberRequest, Program},
    points::{self as pb, expiry_policy::Policy, wallet_service_client::WalletServiceClient},
};
use uuid::Uuid;

use super::ideas::Ideas;
use crate::{
    cluster::{Cluster, REPLICAS},
    history::Known,
};

/// The wallet of the round.
pub const WALLET: &str = "points";

/// What the callers of a round share.
pub struct Stage {
    /// The program.
    pub program_id: String,
    /// The members.
    pub members: Vec<String>,
    /// Clients of each replica, through wires that can be cut.
    pub clients: Vec<Clients>,
    /// What is known to be committed.
    pub known: Known,
    pub(super) ideas: Ideas,
    closed: AtomicBool,
}

impl Stage {
    /// Makes a program, its wallet and its members.
    pub async fn set(cluster: &Cluster, members: usize) -> Result<Stage> {
        let program_id = Uuid::now_v7().to_string();
        let clients = (0..REPLICAS).map(|replica| cluster.clients(replica, &program_id));
        let clients = clients.collect::<Result<Vec<Clients>>>()?;
        make_program(&clients[0]).await?;
        publish_wallet(&clients[0]).await?;
        let mut enrolled = Vec::with_capacity(members);
        for number in 0..members {
            enrolled.push(enrol(&clients[0], number).await?);
        }
        Ok(Stage {
            program_id,
            members: enrolled,
            clients,
            known: Known::default(),
            ideas: Ideas::default(),
            closed: AtomicBool::new(false),
        })
    }

    /// Lets the callers finish what they have begun.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Tells whether nothing new is to be asked.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

async fn make_program(clients: &Clients) -> Result<()> {
    let request = CreateProgramRequest {
        request_id: "create".to_owned(),
        program: Some(Program {
            name: "Under fire".to_owned(),
            zone: "UTC".to_owned(),
            currency_code: "EUR".to_owned(),
            ..Program::default()
        }),
        await_effects: true,
    };
    persist(|| {
        let (mut client, request) = (clients.programs(), request.clone());
        async move { client.create_program(request).await }
    })
    .await?;
    Ok(())
}

/// Publishes a wallet that carries debts, whose points can be given away and keep their dates.
async fn publish_wallet(clients: &Clients) -> Result<()> {
    let request = pb::PublishWalletRequest {
        request_id: "publish".to_owned(),
        wallet: Some(pb::Wallet {
            code: WALLET.to_owned(),
            display_name: "Points".to_owned(),
            unit: "point".to_owned(),
            expiry: Some(pb::ExpiryPolicy {
                policy: Some(Policy::None(pb::NoExpiry {})),
            }),
            overdraft: pb::OverdraftPolicy::CarryDebt.into(),
            transfer: pb::TransferPolicy::KeepDates.into(),
            ..pb::Wallet::default()
        }),
        ..pb::PublishWalletRequest::default()
    };
    persist(|| {
        let (mut client, request) = (WalletServiceClient::new(clients.transport(0)), request.clone());
        async move { client.publish_wallet(request).await }
    })
    .await?;
    Ok(())
}

async fn enrol(clients: &Clients, number: usize) -> Result<String> {
    let request = EnrollMemberRequest {
        request_id: format!("enrol-{number}"),
        channel: "web".to_owned(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = persist(|| {
        let (mut client, request) = (clients.members(0), request.clone());
        async move { client.enroll_member(request).await }
    })
    .await?;
    Ok(enrolled.member.unwrap_or_default().member_id)
}
