//! `LadderService`.

use common::parse::parse;
use proto::tier::{self as pb, ladder_service_server::LadderService};
use tonic::{Request, Response};

use super::{
    Reply, find_ladders,
    requests::{ListLadders, Publication},
};
use crate::{context::Context, ops::publish_ladder::ladder_version};

/// The RPCs on ladders.
pub struct Ladders {
    cx: Context,
}

impl Ladders {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Ladders {
        Ladders { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl LadderService for Ladders {
    async fn publish_ladder(&self, request: Request<pb::PublishLadderRequest>) -> Reply<pb::PublishLadderResponse> {
        let (caller, publication): (_, Publication) = parse(request)?;
        let (key, command) = publication.keyed(&caller)?;
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn list_ladders(&self, request: Request<pb::ListLaddersRequest>) -> Reply<pb::ListLaddersResponse> {
        let (caller, _): (_, ListLadders) = parse(request)?;
        let found = find_ladders(&self.cx, &caller).await?;
        let latest = found.iter().flat_map(|(_, versions)| versions.all_latest());
        let ladder_versions = latest.map(|(_, version)| ladder_version(version)).collect();
        Ok(Response::new(pb::ListLaddersResponse { ladder_versions }))
    }
}
