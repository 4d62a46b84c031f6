//! `ActivityService`.

use common::parse::parse;
use proto::campaign::{self as pb, activity_service_server::ActivityService};
use tonic::{Request, Response};

use super::{
    Reply,
    activity_requests::{
        ExplainedActivity, ListedActivities, ListedParkedReturns, NamedActivity, PreviewedActivity, QuotedOrder,
    },
    read_activities,
};
use crate::{
    context::Context,
    ops::{self, RecordActivity, Verified},
    store::quote_to_wire,
};

/// The RPCs about what members do.
pub struct Activities {
    cx: Context,
}

impl Activities {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Activities {
        Activities { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl ActivityService for Activities {
    async fn record_activity(&self, request: Request<pb::RecordActivityRequest>) -> Reply<pb::RecordActivityResponse> {
        let (caller, command) = parse::<_, RecordActivity>(request)?;
        let recorded = ops::record_activity(&self.cx, &caller, command).await?;
        Ok(Response::new(recorded))
    }

    async fn preview_activity(
        &self,
        request: Request<pb::PreviewActivityRequest>,
    ) -> Reply<pb::PreviewActivityResponse> {
        let (caller, PreviewedActivity(asked)) = parse(request)?;
        let decision = ops::preview_activity(&self.cx, &caller, asked).await?;
        Ok(Response::new(pb::PreviewActivityResponse {
            decision: Some(decision),
        }))
    }

    async fn quote_order(&self, request: Request<pb::QuoteOrderRequest>) -> Reply<pb::QuoteOrderResponse> {
        let (caller, QuotedOrder { request, asked }) = parse(request)?;
        let floors = request
            .floors
            .into_iter()
            .map(|floor| (floor.line_id, floor.minor_units));
        let floors: Vec<(String, i64)> = floors.collect();
        let quoted = ops::quote_order(&self.cx, &caller, asked, &floors).await?;
        let input = request.input.unwrap_or_default();
        Ok(Response::new(quote_to_wire(input, &quoted.0, &quoted.1, quoted.2)))
    }

    async fn get_activity(&self, request: Request<pb::GetActivityRequest>) -> Reply<pb::GetActivityResponse> {
        let (caller, named) = parse::<_, NamedActivity>(request)?;
        let activity = read_activities::find(&self.cx, &caller, named).await?;
        Ok(Response::new(pb::GetActivityResponse {
            activity: Some(activity),
        }))
    }

    async fn list_activities(&self, request: Request<pb::ListActivitiesRequest>) -> Reply<pb::ListActivitiesResponse> {
        let (caller, listed) = parse::<_, ListedActivities>(request)?;
        Ok(Response::new(read_activities::list(&self.cx, &caller, listed).await?))
    }

    async fn list_parked_returns(
        &self,
        request: Request<pb::ListParkedReturnsRequest>,
    ) -> Reply<pb::ListParkedReturnsResponse> {
        let (caller, listed) = parse::<_, ListedParkedReturns>(request)?;
        let page = read_activities::list_parked(&self.cx, &caller, listed).await?;
        Ok(Response::new(page))
    }

    async fn explain_activity(
        &self,
        request: Request<pb::ExplainActivityRequest>,
    ) -> Reply<pb::ExplainActivityResponse> {
        let (caller, ExplainedActivity { named, language }) = parse(request)?;
        let activity = read_activities::find(&self.cx, &caller, named).await?;
        let sentences = read_activities::explain(&self.cx, &caller, &activity, language).await?;
        Ok(Response::new(pb::ExplainActivityResponse {
            activity: Some(activity),
            sentences,
        }))
    }

    async fn verify_decision(&self, request: Request<pb::VerifyDecisionRequest>) -> Reply<pb::VerifyDecisionResponse> {
        let (caller, named) = parse::<_, NamedActivity>(request)?;
        let member_id = named.member_id;
        let activity = read_activities::find(&self.cx, &caller, named).await?;
        let verified = ops::verify_decision(&self.cx, caller.program(), member_id, &activity).await?;
        let (outcome, decided_again) = match verified {
            Verified::Same(again) => (pb::VerifyOutcome::Same, Some(again)),
            Verified::Different(again) => (pb::VerifyOutcome::Different, again),
            Verified::OtherEngine => (pb::VerifyOutcome::OtherEngine, None),
        };
        Ok(Response::new(pb::VerifyDecisionResponse {
            outcome: outcome.into(),
            decided_again,
        }))
    }
}
