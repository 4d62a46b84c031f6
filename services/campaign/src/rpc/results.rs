//! `ResultService`.

use common::{parse::parse, refusal::Violations};
use jiff::{ToSpan as _, civil::Date};
use proto::campaign::{self as pb, result_service_server::ResultService};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{Reply, watch_results::watch_results};
use crate::{
    context::Context,
    ops::{self, AskedLift, AskedResults},
};

/// How many days are told at once, less one.
const MOST_DAYS: i64 = 365;

/// The RPCs about what campaigns bring about.
pub struct Results {
    cx: Context,
}

impl Results {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Results {
        Results { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl ResultService for Results {
    type WatchResultsStream = ReceiverStream<Result<pb::WatchResultsResponse, Status>>;

    async fn get_campaign_results(
        &self,
        request: Request<pb::GetCampaignResultsRequest>,
    ) -> Reply<pb::GetCampaignResultsResponse> {
        let (caller, asked) = parse::<_, AskedResults>(request)?;
        Ok(Response::new(
            ops::campaign_results(&self.cx, caller.program(), asked).await?,
        ))
    }

    async fn watch_results(&self, request: Request<pb::WatchResultsRequest>) -> Reply<Self::WatchResultsStream> {
        let (caller, watched) = parse(request)?;
        let telling = watch_results(&self.cx, caller.program(), watched).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
    }

    async fn get_lift(&self, request: Request<pb::GetLiftRequest>) -> Reply<pb::GetLiftResponse> {
        let (caller, asked) = parse::<_, AskedLift>(request)?;
        Ok(Response::new(ops::lift(&self.cx, caller.program(), asked).await?))
    }
}

impl TryFrom<pb::GetCampaignResultsRequest> for AskedResults {
    type Error = Violations;

    fn try_from(request: pb::GetCampaignResultsRequest) -> Result<AskedResults, Violations> {
        let mut violations = Violations::default();
        let mut day = |field: &str, text: &str| -> Option<Date> {
            let day = text.parse().ok();
            if day.is_none() {
                violations.add(field, "is no day of the calendar");
            }
            day
        };
        let days = (day("first_day", &request.first_day), day("last_day", &request.last_day));
        if let (Some(first), Some(last)) = days {
            let longest = first.checked_add(MOST_DAYS.days()).unwrap_or(Date::MAX);
            if last < first {
                violations.add("last_day", "is before the first");
            } else if last > longest {
                violations.add(
                    "last_day",
                    "is more than 366 days after the first, which is the most at once",
                );
            }
        }
        violations.finish(days.0.zip(days.1).map(|days| AskedResults {
            campaign: request.campaign,
            days,
        }))
    }
}

impl TryFrom<pb::GetLiftRequest> for AskedLift {
    type Error = Violations;

    fn try_from(request: pb::GetLiftRequest) -> Result<AskedLift, Violations> {
        let mut violations = Violations::default();
        for (at, arm) in request.arms.iter().enumerate() {
            if arm.until_per_mille <= arm.from_per_mille {
                violations.add(format!("arms[{at}].until_per_mille"), "is not after the first place");
            }
            let others = &request.arms[..at];
            let overlaps = |other: &pb::Arm| {
                arm.from_per_mille < other.until_per_mille && other.from_per_mille < arm.until_per_mille
            };
            if others.iter().any(overlaps) {
                violations.add(format!("arms[{at}]"), "has members that an arm before it has too");
            }
        }
        violations.finish(Some(AskedLift {
            sample: request.sample,
            arms: request.arms,
        }))
    }
}
