//! Tells what changed of what campaigns bring about, to somebody who looks all the time.

use std::collections::HashMap;

use common::auth::ProgramScope;
use jiff::{ToSpan as _, civil::Date};
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::CampaignResult,
    error::Error,
    store::{list_results_since, result_to_wire},
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
pub struct ToldResults(HashMap<(Date, String), CampaignResult>);

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
            .run(move |pool| async move { list_results_since(&pool, program.program_id, &campaigns, first).await });
        Ok(told.take(list.await?, first))
    }
}

impl ToldResults {
    /// Takes note of how it stands, and returns what was not told so. Days that are no longer watched are forgotten.
    fn take(&mut self, days: Vec<(Date, CampaignResult)>, first: Date) -> Vec<pb::CampaignDay> {
        self.0.retain(|(day, _), _| *day >= first);
        let mut news = Vec::new();
        for (day, result) in days {
            let key = (day, result.campaign.clone());
            if self.0.get(&key) != Some(&result) {
                news.push(pb::CampaignDay {
                    day: day.to_string(),
                    result: Some(result_to_wire(&result)),
                });
                self.0.insert(key, result);
            }
        }
        news
    }
}
