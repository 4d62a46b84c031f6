//! Tells what campaigns brought about, and how much more members spent in one part of a sample than in another.

use common::{auth::ProgramScope, writer::WriteError};
use jiff::civil::Date;
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::{self, CampaignResult},
    error::Error,
    store::{PlaceResult, day_to_wire, list_places, list_results, result_to_wire},
};

/// Asks what a campaign brought about on some days.
pub struct AskedResults {
    /// The campaign.
    pub campaign: String,
    /// The first day and the last.
    pub days: (Date, Date),
}

/// Asks to compare parts of a sample.
pub struct AskedLift {
    /// The sample.
    pub sample: String,
    /// The parts. The first is what the others are compared with.
    pub arms: Vec<pb::Arm>,
}

/// Tells what a campaign brought about, day by day.
pub async fn campaign_results(
    cx: &Context,
    scope: ProgramScope,
    asked: AskedResults,
) -> Result<pb::GetCampaignResultsResponse, Failure> {
    let (program, rules) = rules_now(cx, scope).await?;
    if rules.campaigns.latest(&asked.campaign).is_none() {
        return Err(Error::CampaignNotFound {
            campaign: asked.campaign,
        }
        .into());
    }
    let (campaign, days) = (asked.campaign.clone(), asked.days);
    let list = cx
        .db
        .run(move |pool| async move { list_results(&pool, program.program_id, &campaign, days).await });
    let (days, uncounted_rows) = list.await?;
    let none = CampaignResult {
        campaign: asked.campaign,
        ..CampaignResult::default()
    };
    let total = days.iter().fold(none, |sum, (_, day)| CampaignResult {
        times: sum.times + day.times,
        points: sum.points + day.points,
        cost_minor_units: sum.cost_minor_units + day.cost_minor_units,
        sales_minor_units: sum.sales_minor_units + day.sales_minor_units,
        ..sum
    });
    let of_cost = i128::from(total.sales_minor_units) * 1_000;
    let of_cost = of_cost.checked_div(i128::from(total.cost_minor_units));
    Ok(pb::GetCampaignResultsResponse {
        total: Some(result_to_wire(&total)),
        days: days.iter().map(day_to_wire).collect(),
        sales_per_mille_of_cost: of_cost.and_then(|of_cost| i64::try_from(of_cost).ok()),
        uncounted_rows,
    })
}

/// Compares parts of a sample with the first of them.
pub async fn lift(cx: &Context, scope: ProgramScope, asked: AskedLift) -> Result<pb::GetLiftResponse, Failure> {
    let program = cx.programs.read(scope).await?;
    let program = program.ok_or(WriteError::ProgramNotFound(scope.id()))?;
    let sample = asked.sample;
    let list = cx
        .db
        .run(move |pool| async move { list_places(&pool, program.program_id, &sample).await });
    let places = list.await?;
    let of_arm = |arm: &pb::Arm| -> &[PlaceResult] {
        let bound = |place: i32| usize::try_from(place).unwrap_or(0).min(places.len());
        places
            .get(bound(arm.from_per_mille)..bound(arm.until_per_mille))
            .unwrap_or(&[])
    };
    let spent = |arm: &pb::Arm| -> Vec<i64> { of_arm(arm).iter().map(|place| place.spend).collect() };
    let baseline = asked.arms.first().map(&spent).unwrap_or_default();
    let arms = asked.arms.iter().enumerate().map(|(at, arm)| {
        let sum = |part: fn(&PlaceResult) -> i64| of_arm(arm).iter().map(part).sum();
        let lift = (at > 0).then(|| domain::lift(&spent(arm), &baseline)).flatten();
        pb::ArmResult {
            name: arm.name.clone(),
            orders: sum(|place| place.orders),
            spend_minor_units: sum(|place| place.spend),
            points: sum(|place| place.points),
            spend_lift: lift.map(|lift| pb::Lift {
                per_mille: lift.per_mille,
                lower_per_mille: lift.lower_per_mille,
                upper_per_mille: lift.upper_per_mille,
            }),
        }
    });
    Ok(pb::GetLiftResponse { arms: arms.collect() })
}
