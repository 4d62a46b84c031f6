//! Two services of the contracts that do what they are told.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use common::{
    auth::Caller,
    refusal::{Fault, Refusal},
    server::Deadline,
};
use futures::{Stream, StreamExt as _, stream};
use proto::{
    event::{
        FollowRequest, FollowResponse, SubscribeRequest, SubscribeResponse, WatchProgressRequest,
        WatchProgressResponse, feed_service_server::FeedService,
    },
    tier::{
        ListLaddersRequest, ListLaddersResponse, PublishLadderRequest, PublishLadderResponse,
        ladder_service_server::LadderService,
    },
};
use tokio::sync::Notify;
use tonic::{Code, Request, Response, Status};

/// Remembers who called, and does what the request id says.
#[derive(Clone, Default)]
pub struct Ladders {
    callers: Arc<Mutex<Vec<Caller>>>,
    budgets: Arc<Mutex<Vec<Option<Duration>>>>,
    pub arrived: Arc<Notify>,
    pub go_on: Arc<Notify>,
}

impl Ladders {
    pub fn callers(&self) -> Vec<Caller> {
        self.callers.lock().unwrap().clone()
    }

    /// Returns how long each caller would still wait.
    pub fn budgets(&self) -> Vec<Option<Duration>> {
        self.budgets.lock().unwrap().clone()
    }

    fn remember<T>(&self, request: &Request<T>) -> Result<(), Status> {
        self.callers.lock().unwrap().push(Caller::of(request)?);
        self.budgets.lock().unwrap().push(Deadline::of(request).remaining());
        Ok(())
    }
}

#[tonic::async_trait]
impl LadderService for Ladders {
    async fn publish_ladder(
        &self,
        request: Request<PublishLadderRequest>,
    ) -> Result<Response<PublishLadderResponse>, Status> {
        self.remember(&request)?;
        match request.get_ref().request_id.as_str() {
            "panic" => panic!("told to"),
            "fault" => return Err(Fault::internal("the insides").into()),
            "refuse" => return Err(Refusal::new(Code::FailedPrecondition, "TOLD_TO", "no").into()),
            "wait" => {
                self.arrived.notify_one();
                self.go_on.notified().await;
            }
            _ => {}
        }
        Ok(Response::new(PublishLadderResponse::default()))
    }

    async fn list_ladders(
        &self,
        request: Request<ListLaddersRequest>,
    ) -> Result<Response<ListLaddersResponse>, Status> {
        self.remember(&request)?;
        Ok(Response::new(ListLaddersResponse::default()))
    }
}

/// Streams what the feed's name says, after one message.
#[derive(Clone)]
pub struct Feeds;

type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FeedService for Feeds {
    type SubscribeStream = Messages<SubscribeResponse>;
    type FollowStream = Messages<FollowResponse>;
    type WatchProgressStream = Messages<WatchProgressResponse>;

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        let first = stream::iter([Ok(SubscribeResponse::default())]);
        let rest: Messages<_> = match request.into_inner().feed.as_str() {
            "endless" => Box::pin(stream::pending()),
            "panic" => Box::pin(stream::once(async { panic!("told to") })),
            _ => Box::pin(stream::empty()),
        };
        Ok(Response::new(Box::pin(first.chain(rest))))
    }

    async fn follow(&self, _: Request<FollowRequest>) -> Result<Response<Self::FollowStream>, Status> {
        Ok(Response::new(Box::pin(stream::iter([Ok(FollowResponse::default())]))))
    }

    async fn watch_progress(
        &self,
        _: Request<WatchProgressRequest>,
    ) -> Result<Response<Self::WatchProgressStream>, Status> {
        Ok(Response::new(Box::pin(stream::empty())))
    }
}
