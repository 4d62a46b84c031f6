//! Tells what changed of what campaigns bring about, to somebody who looks all the time.

use std::collections::HashSet;

use common::auth::ProgramScope;
use jiff::{ToSpan as _, civil::Date};
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::CampaignResult,
    error::Error,
    store::{day_to_wire, list_days},
};

/// Asks what campaigns bring about on the last days.
pub struct WatchedResults {
    /// The campaign; empty for all.
    pub campaign: String,
    /// How many days before today.
    pub days_back: i32,
}

/// What somebody was told of the days that are watched.
#[derive(Default)]
pub struct ToldResults(HashSet<(Date, CampaignResult)>);

impl WatchedResults {
    /// Tells what is new or has changed since it was told, by day and campaign.
    pub async fn news(
        &self,
        cx: &Context,
        scope: ProgramScope,
        told: &mut ToldResults,
    ) -> Result<Vec<pb::CampaignDay>, Failure> {
        let (program, rules) = rules_now(cx, scope).await?;
        let campaigns: Vec<String> = if self.campaign.is_empty() {
            rules.campaigns.all_latest().map(|(code, _)| code.to_owned()).collect()
        } else if rules.campaigns.latest(&self.campaign).is_some() {
            vec![self.campaign.clone()]
        } else {
            let campaign = self.campaign.clone();
            return Err(Error::CampaignNotFound { campaign }.into());
        };
        let today = program.zone.tz().to_datetime(program.now_for_reading()).date();
        let first = today.checked_sub(self.days_back.days()).unwrap_or(Date::MIN);
        let list = cx
            .db
            .run(move |pool| async move { list_days(&pool, program.program_id, &campaigns, (first, today)).await });
        Ok(told.take(list.await?))
    }
}

impl ToldResults {
    /// Takes note of how it stands, and returns what was not told so.
    fn take(&mut self, days: Vec<(Date, CampaignResult)>) -> Vec<pb::CampaignDay> {
        let news = days.iter().filter(|day| !self.0.contains(day)).map(day_to_wire);
        let news = news.collect();
        self.0 = days.into_iter().collect();
        news
    }
}
