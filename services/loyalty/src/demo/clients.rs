//! Clients of the public API, as any caller would have them.

use std::{future::Future, time::Duration};

use proto::{
    campaign::activity_service_client::ActivityServiceClient,
    event::feed_service_client::FeedServiceClient,
    member::{member_service_client::MemberServiceClient, program_service_client::ProgramServiceClient},
    points::points_service_client::PointsServiceClient,
    rewards_catalog::redemption_service_client::RedemptionServiceClient,
    tier::tier_service_client::TierServiceClient,
};
use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// How many connections are opened: each is one HTTP/2 connection, which one task serves.
const CONNECTIONS: usize = 2;
/// For how long a call is repeated that may or may not have happened.
const PATIENCE: Duration = Duration::from_secs(60);

/// The transport of the clients.
pub type Transport = InterceptedService<Channel, InProgram>;

/// Names the program with every call, as development mode takes it.
#[derive(Clone)]
pub struct InProgram(MetadataValue<Ascii>);

impl Interceptor for InProgram {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("loyalty-program", self.0.clone());
        Ok(request)
    }
}

/// Clients of every service, in one program.
#[derive(Clone)]
pub struct Clients {
    transports: Vec<Transport>,
}

impl Clients {
    /// Prepares clients for a suite at a URL. They connect when they are first used.
    pub fn new(url: &str, program_id: &str) -> anyhow::Result<Clients> {
        let endpoint = Endpoint::from_shared(url.to_owned())?.tcp_nodelay(true);
        let program: MetadataValue<Ascii> = program_id.parse()?;
        let transports = (0..CONNECTIONS)
            .map(|_| InterceptedService::new(endpoint.connect_lazy(), InProgram(program.clone())))
            .collect();
        Ok(Clients { transports })
    }

    /// Returns one of the transports, the same for the same number.
    pub fn transport(&self, number: usize) -> Transport {
        self.transports[number % self.transports.len()].clone()
    }

    /// Returns a client of the programs.
    pub fn programs(&self) -> ProgramServiceClient<Transport> {
        ProgramServiceClient::new(self.transport(0))
    }

    /// Returns a client of the members.
    pub fn members(&self, number: usize) -> MemberServiceClient<Transport> {
        MemberServiceClient::new(self.transport(number))
    }

    /// Returns a client of the activities.
    pub fn activities(&self, number: usize) -> ActivityServiceClient<Transport> {
        ActivityServiceClient::new(self.transport(number))
    }

    /// Returns a client of the redemptions.
    pub fn redemptions(&self, number: usize) -> RedemptionServiceClient<Transport> {
        RedemptionServiceClient::new(self.transport(number))
    }

    /// Returns a client of the ledger.
    pub fn points(&self, number: usize) -> PointsServiceClient<Transport> {
        PointsServiceClient::new(self.transport(number))
    }

    /// Returns a client of the tiers.
    pub fn tiers(&self) -> TierServiceClient<Transport> {
        TierServiceClient::new(self.transport(0))
    }

    /// Returns a client of the feeds.
    pub fn feeds(&self) -> FeedServiceClient<Transport> {
        FeedServiceClient::new(self.transport(1))
    }
}

/// Calls, and calls again with the same request id while the answer is that it may or may not have happened.
pub async fn persist<T, F, Fut>(call: F) -> Result<T, Status>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<Response<T>, Status>>,
{
    let since = tokio::time::Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        match call().await {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) if may_have_happened(&status) && since.elapsed() < PATIENCE => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
            Err(status) => return Err(status),
        }
    }
}

/// Tells whether the contract says of a code: ask again. Being refused for the moment says so too.
fn may_have_happened(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Unknown
            | Code::Internal
            | Code::ResourceExhausted
    )
}
