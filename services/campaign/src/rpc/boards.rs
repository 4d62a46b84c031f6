//! `BoardService`.

use common::{parse::parse, refusal::Violations};
use jiff::Timestamp;
use proto::campaign::{self as pb, board_service_server::BoardService};
use tonic::{Request, Response};

use super::{
    Reply,
    rule_requests::{instant, rule},
};
use crate::{
    context::Context,
    ops::{self, Command, PublishTarget},
    store::target_from_wire,
};

/// The RPCs about what a program wants to reach.
pub struct Boards {
    cx: Context,
}

/// A list of the program's targets.
struct ListedTargets;

/// How far the program is at an instant; without it, now.
struct AskedBoard(Option<Timestamp>);

impl Boards {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Boards {
        Boards { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl BoardService for Boards {
    async fn publish_target(&self, request: Request<pb::PublishTargetRequest>) -> Reply<pb::PublishTargetResponse> {
        let (caller, command) = parse::<_, PublishTarget>(request)?;
        let key = command.key(&caller);
        let command = Command::PublishTarget(command.into());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn list_targets(&self, request: Request<pb::ListTargetsRequest>) -> Reply<pb::ListTargetsResponse> {
        let (caller, ListedTargets) = parse(request)?;
        let target_versions = ops::list_targets(&self.cx, caller.program()).await?;
        Ok(Response::new(pb::ListTargetsResponse { target_versions }))
    }

    async fn get_board(&self, request: Request<pb::GetBoardRequest>) -> Reply<pb::GetBoardResponse> {
        let (caller, AskedBoard(at)) = parse(request)?;
        Ok(Response::new(ops::board(&self.cx, caller.program(), at).await?))
    }
}

impl TryFrom<pb::PublishTargetRequest> for PublishTarget {
    type Error = Violations;

    fn try_from(request: pb::PublishTargetRequest) -> Result<PublishTarget, Violations> {
        let mut violations = Violations::default();
        let target = rule(&mut violations, "target", request.target.as_ref(), target_from_wire);
        for found in target.iter().flat_map(|target| target.contradictions()) {
            violations.add(format!("target.{}", found.field), found.sentence);
        }
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = target.zip(effective_from);
        violations.finish(read.map(|(target, effective_from)| PublishTarget {
            request,
            target,
            effective_from,
        }))
    }
}

impl TryFrom<pb::ListTargetsRequest> for ListedTargets {
    type Error = Violations;

    fn try_from(_: pb::ListTargetsRequest) -> Result<ListedTargets, Violations> {
        Ok(ListedTargets)
    }
}

impl TryFrom<pb::GetBoardRequest> for AskedBoard {
    type Error = Violations;

    fn try_from(request: pb::GetBoardRequest) -> Result<AskedBoard, Violations> {
        let mut violations = Violations::default();
        let at = instant(&mut violations, "at", request.at.as_ref());
        violations.finish(at.map(AskedBoard))
    }
}
