//! A change of the ledger, as callers ask for it.

use std::time::Duration;

use loyalty::demo::clients::Clients;
use prost::Message as _;
use proto::points as pb;
use tonic::{Request, Status};

use crate::history::Answer;

/// The request of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// To earn.
    Earn(pb::EarnPointsRequest),
    /// To spend.
    Spend(pb::SpendPointsRequest),
    /// To hold.
    Hold(pb::HoldPointsRequest),
    /// To capture a hold.
    Capture(pb::CaptureHoldRequest),
    /// To release a hold.
    Release(pb::ReleaseHoldRequest),
    /// To take an earning back.
    Reverse(pb::ReverseEntryRequest),
    /// To give a spend back.
    Restore(pb::RestoreSpendRequest),
    /// To give points to another member.
    Transfer(pb::TransferPointsRequest),
}

/// Does the same with the request, whatever it asks for.
macro_rules! with_request {
    ($asked:expr, $request:ident => $body:expr) => {
        match $asked {
            Asked::Earn($request) => $body,
            Asked::Spend($request) => $body,
            Asked::Hold($request) => $body,
            Asked::Capture($request) => $body,
            Asked::Release($request) => $body,
            Asked::Reverse($request) => $body,
            Asked::Restore($request) => $body,
            Asked::Transfer($request) => $body,
        }
    };
}

impl Asked {
    /// Returns the request id.
    pub fn request_id(&self) -> &str {
        with_request!(self, request => &request.request_id)
    }

    /// Returns the member.
    pub fn member_id(&self) -> &str {
        with_request!(self, request => &request.member_id)
    }

    /// Returns the same request with other content: what must be refused once it is done.
    pub fn with_other_content(&self) -> Asked {
        let mut other = self.clone();
        match &mut other {
            Asked::Earn(request) => request.points += 1,
            Asked::Spend(request) => request.points += 1,
            Asked::Hold(request) => request.points += 1,
            Asked::Capture(request) => request.reference.push('x'),
            Asked::Release(request) => request.hold_id = uuid::Uuid::now_v7().to_string(),
            Asked::Reverse(request) => request.reference.push('x'),
            Asked::Restore(request) => request.reference.push('x'),
            Asked::Transfer(request) => request.points += 1,
        }
        other
    }

    /// Asks once.
    pub async fn send(&self, clients: &Clients, number: usize, deadline: Duration) -> Result<Answer, Status> {
        let mut client = clients.points(number);
        macro_rules! answered {
            ($rpc:ident, $request:expr, $($entry:ident),+) => {{
                let mut request = Request::new($request.clone());
                request.set_timeout(deadline);
                let answer = client.$rpc(request).await?.into_inner();
                Answer {
                    bytes: answer.encode_to_vec(),
                    entries: [$(answer.$entry),+].into_iter().flatten().collect(),
                    balance_token: answer.balance_token,
                }
            }};
        }
        Ok(match self {
            Asked::Earn(request) => answered!(earn_points, request, entry),
            Asked::Spend(request) => answered!(spend_points, request, entry),
            Asked::Hold(request) => answered!(hold_points, request, entry),
            Asked::Capture(request) => answered!(capture_hold, request, entry),
            Asked::Release(request) => answered!(release_hold, request, entry),
            Asked::Reverse(request) => answered!(reverse_entry, request, entry),
            Asked::Restore(request) => answered!(restore_spend, request, entry),
            Asked::Transfer(request) => answered!(transfer_points, request, entry, received_entry),
        })
    }
}
