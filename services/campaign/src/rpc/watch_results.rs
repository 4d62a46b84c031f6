//! `WatchResults`: what campaigns bring about, as it is counted.

use std::time::Duration;

use common::{auth::ProgramScope, refusal::Violations};
use proto::campaign as pb;
use tokio::sync::mpsc;
use tonic::Status;

use crate::{
    context::Context,
    ops::{ToldResults, WatchedResults},
};

/// How often to look for what changed.
const EVERY: Duration = Duration::from_secs(1);
/// How many answers wait for a slow reader, who is told less often then.
const WAITING: usize = 1;

type Told = Result<pb::WatchResultsResponse, Status>;

/// Begins to tell: how it stands at first, and then what changes.
pub async fn watch_results(
    cx: &Context,
    scope: ProgramScope,
    watched: WatchedResults,
) -> Result<mpsc::Receiver<Told>, Status> {
    let mut told = ToldResults::default();
    let days = watched.news(cx, scope, &mut told).await?;
    let (tell, telling) = mpsc::channel(WAITING);
    tell.try_send(Ok(pb::WatchResultsResponse { days }))
        .expect("the channel is empty");
    let cx = cx.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = tell.closed() => return,
            }
            // What is told is looked up when there is room for it: behind a slow reader, sums do not pile up that are old by the time they are read.
            let Ok(room) = tell.reserve().await else { return };
            match watched.news(&cx, scope, &mut told).await {
                Ok(days) if days.is_empty() => {}
                Ok(days) => room.send(Ok(pb::WatchResultsResponse { days })),
                Err(failure) => return room.send(Err(failure.into())),
            }
        }
    });
    Ok(telling)
}

impl TryFrom<pb::WatchResultsRequest> for WatchedResults {
    type Error = Violations;

    fn try_from(request: pb::WatchResultsRequest) -> Result<WatchedResults, Violations> {
        Violations::default().finish(Some(WatchedResults {
            campaign: request.campaign,
            days_back: request.days_back,
        }))
    }
}
