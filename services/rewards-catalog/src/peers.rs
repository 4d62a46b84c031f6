//! What the rewards catalog asks of other services: of points, the steps of a redemption; of member and tier, their feeds.

use std::{collections::HashMap, sync::Arc};

use common::{
    auth::{Caller, ServiceKey},
    ids::{HoldId, MemberId},
    peers::{Outgoing, Peer},
    points::Points,
    process::Process,
    refusal::Fault,
};
use proto::{points as pb, points::points_service_client::PointsServiceClient, value};
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::domain::{Initiator, News, Paid, Rejection, Spending, Step};

/// The other services.
#[derive(Clone)]
pub struct Peers {
    /// Whose feed tells who the members are.
    pub member: Peer,
    /// Whose feed tells on which levels they are.
    pub tier: Peer,
    points: Peer,
}

impl Peers {
    /// Finds the other services, each with the scopes that are needed there.
    pub fn new(process: &Process, key: &Arc<ServiceKey>) -> anyhow::Result<Peers> {
        Ok(Peers {
            member: process.peer(key, "member", &["feeds.follow"])?,
            tier: process.peer(key, "tier", &["feeds.follow"])?,
            points: process.peer(key, "points", &["points.spend", "points.read"])?,
        })
    }

    /// Returns what a member can spend from a wallet. Whom or which the ledger does not know has nothing.
    pub async fn available_points(&self, caller: &Caller, member_id: MemberId, wallet: &str) -> Result<Points, Fault> {
        let request = pb::GetBalanceRequest {
            member_id: member_id.to_string(),
            wallet: wallet.to_owned(),
            consistency: None,
            ..pb::GetBalanceRequest::default()
        };
        let balance = match self.points(caller).get_balance(request).await {
            Ok(response) => response.into_inner().balance,
            Err(status) => match reason(&status).as_deref() {
                Some("ACCOUNT_NOT_FOUND" | "WALLET_NOT_FOUND") => return Ok(Points::ZERO),
                _ => return Err(status.into()),
            },
        };
        let available = balance
            .and_then(|balance| balance.amounts)
            .map_or(0, |amounts| amounts.available);
        Points::new(available).ok_or_else(|| Fault::internal("the points service told a balance that is none"))
    }

    /// Asks the points service for a step of a redemption or a ticket and tells what came of it. Asked again, it gets the same answer.
    pub async fn take_step(&self, caller: &Caller, paid: &impl Paid, step: Step) -> Result<News, Fault> {
        match step {
            Step::HoldPoints {
                request_id,
                wallet,
                points,
                ttl_seconds,
            } => {
                self.hold_points(caller, paid, request_id, wallet, points, ttl_seconds)
                    .await
            }
            Step::CaptureHold {
                request_id,
                hold_id,
                points,
            } => self.capture_hold(caller, paid, request_id, hold_id, points).await,
            Step::ReleaseHold { request_id, hold_id } => self.release_hold(caller, paid, request_id, hold_id).await,
            Step::RestoreSpend {
                request_id,
                entry_id,
                initiator,
            } => {
                let request = pb::RestoreSpendRequest {
                    request_id,
                    member_id: paid.member_id().to_string(),
                    entry_id: entry_id.to_string(),
                    points: 0,
                    initiator: wire_initiator(initiator).into(),
                    reference: paid.id().to_string(),
                };
                self.restore_spend(caller, request).await
            }
        }
    }

    async fn hold_points(
        &self,
        caller: &Caller,
        paid: &impl Paid,
        request_id: String,
        wallet: String,
        points: Points,
        ttl_seconds: i32,
    ) -> Result<News, Fault> {
        let request = pb::HoldPointsRequest {
            request_id,
            member_id: paid.member_id().to_string(),
            wallet,
            points: points.get(),
            ttl_seconds,
            reference: paid.id().to_string(),
        };
        match self.points(caller).hold_points(request).await {
            Ok(response) => {
                let hold = response.into_inner().hold.unwrap_or_default();
                Ok(News::Held {
                    hold_id: read_id(&hold.hold_id)?,
                })
            }
            Err(status) => match reason(&status).as_deref() {
                Some("MEMBER_NOT_ALLOWED") => Ok(News::HoldRefused(Rejection::MemberNotAllowed)),
                Some("INSUFFICIENT_POINTS") => {
                    let missing = missing_points(&status).unwrap_or(points);
                    Ok(News::HoldRefused(Rejection::InsufficientPoints { missing }))
                }
                // Whom or which the ledger does not know has nothing.
                Some("ACCOUNT_NOT_FOUND" | "WALLET_NOT_FOUND") => {
                    Ok(News::HoldRefused(Rejection::InsufficientPoints { missing: points }))
                }
                _ => Err(status.into()),
            },
        }
    }

    async fn capture_hold(
        &self,
        caller: &Caller,
        paid: &impl Paid,
        request_id: String,
        hold_id: HoldId,
        points: Points,
    ) -> Result<News, Fault> {
        let request = pb::CaptureHoldRequest {
            request_id,
            member_id: paid.member_id().to_string(),
            hold_id: hold_id.to_string(),
            points: points.get(),
            reference: paid.id().to_string(),
        };
        match self.points(caller).capture_hold(request).await {
            Ok(response) => {
                let entry = response.into_inner().entry.unwrap_or_default();
                Ok(News::Captured(Spending {
                    hold_id,
                    capture_entry_id: read_id(&entry.entry_id)?,
                }))
            }
            Err(status) => match (reason(&status).as_deref(), hold_state(&status).as_deref()) {
                (Some("MEMBER_NOT_ALLOWED"), _) => Ok(News::CaptureRefused(Rejection::MemberNotAllowed)),
                (Some("HOLD_NOT_ACTIVE"), Some("EXPIRED" | "RELEASED")) => Ok(News::HoldEnded { hold_id }),
                (Some("HOLD_NOT_ACTIVE"), _) => {
                    Err(Fault::internal(format!("hold {hold_id} was captured by someone else")))
                }
                _ => Err(status.into()),
            },
        }
    }

    async fn release_hold(
        &self,
        caller: &Caller,
        paid: &impl Paid,
        request_id: String,
        hold_id: HoldId,
    ) -> Result<News, Fault> {
        let member_id = paid.member_id().to_string();
        let request = pb::ReleaseHoldRequest {
            request_id,
            member_id,
            hold_id: hold_id.to_string(),
        };
        match self.points(caller).release_hold(request).await {
            Ok(_) => Ok(News::HoldEnded { hold_id }),
            Err(status) => match (reason(&status).as_deref(), hold_state(&status).as_deref()) {
                (Some("HOLD_NOT_ACTIVE"), Some("EXPIRED" | "RELEASED")) => Ok(News::HoldEnded { hold_id }),
                (Some("HOLD_NOT_ACTIVE"), _) => Ok(News::ReleaseCameTooLate),
                _ => Err(status.into()),
            },
        }
    }

    async fn restore_spend(&self, caller: &Caller, request: pb::RestoreSpendRequest) -> Result<News, Fault> {
        match self.points(caller).restore_spend(request).await {
            Ok(_) => Ok(News::Restored),
            // All is asked for that is left; when nothing is, someone has restored the points by hand.
            Err(status) if reason(&status).as_deref() == Some("MORE_THAN_ENTRY") => Ok(News::Restored),
            Err(status) => Err(status.into()),
        }
    }

    fn points(&self, caller: &Caller) -> PointsServiceClient<Outgoing> {
        PointsServiceClient::new(self.points.on_behalf_of(caller))
    }
}

/// Returns why the points service refused, if it did.
fn reason(status: &Status) -> Option<String> {
    status
        .get_details_error_info()
        .filter(|info| info.domain == "points.loyalty")
        .map(|info| info.reason)
}

fn metadata(status: &Status) -> HashMap<String, String> {
    status
        .get_details_error_info()
        .map(|info| info.metadata)
        .unwrap_or_default()
}

fn hold_state(status: &Status) -> Option<String> {
    metadata(status).remove("state")
}

fn missing_points(status: &Status) -> Option<Points> {
    metadata(status).get("missing")?.parse().ok().and_then(Points::new)
}

fn read_id<Id: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<Id, Fault> {
    text.parse().map_err(Fault::internal)
}

fn wire_initiator(initiator: Initiator) -> value::Initiator {
    match initiator {
        Initiator::Member => value::Initiator::Member,
        Initiator::Merchant => value::Initiator::Merchant,
    }
}
