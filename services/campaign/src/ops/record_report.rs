//! Records what other services report, as activities like any other.

use common::{auth::Caller, refusal::Fault, writer::Key};
use proto::campaign as pb;

use super::{AskedActivity, Failure, RecordActivity, record_activity::record, rules_now::rules_now};
use crate::{context::Context, domain::REPORTED, store::Report};

/// What an activity is remembered under that another service reported.
pub const METHOD: i16 = 9;

/// The kind of activity that is reported before it happens.
const BIRTHDAY: &str = REPORTED[3];

/// What became of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recorded {
    /// It is recorded.
    Done,
    /// No campaign of that time is for it.
    NoCampaign,
}

/// Records an activity that another service reported, and posts its awards. It is recorded once, however often that is tried.
pub async fn record_report(cx: &Context, caller: &Caller, report: Report) -> Result<Recorded, Failure> {
    if !is_wanted(cx, caller, &report).await? {
        return Ok(Recorded::NoCampaign);
    }
    let Report {
        key: report_key,
        member_id,
        input,
        ..
    } = report;
    let request = pb::RecordActivityRequest {
        request_id: format!("{}-{}", report_key.source, report_key.seq),
        input: Some(input),
        park_days: 0,
        await_effects: false,
    };
    let key = Key::of_member(caller.program(), member_id, METHOD, &request.request_id, &request);
    let asked =
        AskedActivity::reported(member_id, &request).ok_or_else(|| Fault::internal("a report makes no sense"))?;
    let command = RecordActivity::new(request, asked).of_report(report_key);
    record(cx, caller, key, command).await?;
    Ok(Recorded::Done)
}

/// Tells whether a campaign is for what is reported. Of what lay ahead when it was reported nobody could tell then.
async fn is_wanted(cx: &Context, caller: &Caller, report: &Report) -> Result<bool, Failure> {
    match &report.input.activity {
        Some(pb::activity_input::Activity::Custom(custom)) if custom.kind == BIRTHDAY => {
            let (_, rules) = rules_now(cx, caller.program()).await?;
            Ok(rules.in_force_at(report.due_at).are_about(BIRTHDAY) || rules.ask_about(BIRTHDAY))
        }
        _ => Ok(true),
    }
}
