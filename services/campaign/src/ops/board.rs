//! Tells how far a program is with what it wants to reach.

use common::auth::ProgramScope;
use jiff::Timestamp;
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::{Progress, Target},
    error::Error,
    store::{Time, count_uncounted, load_figures, target_version_to_wire},
};

/// Returns the targets of the program, each in its latest version.
pub async fn list_targets(cx: &Context, scope: ProgramScope) -> Result<Vec<pb::TargetVersion>, Failure> {
    let (_, rules) = rules_now(cx, scope).await?;
    let latest = rules.targets.all_latest();
    Ok(latest.map(|(_, version)| target_version_to_wire(version)).collect())
}

/// Tells of every target that was in force at an instant how far it is on that day.
pub async fn board(cx: &Context, scope: ProgramScope, at: Option<Timestamp>) -> Result<pb::GetBoardResponse, Failure> {
    let (program, rules) = rules_now(cx, scope).await?;
    let now = program.now_for_reading();
    let at = at.unwrap_or(now);
    if at > now {
        return Err(Error::OccurredInFuture { clock_at: now }.into());
    }
    let day = program.zone.tz().to_datetime(at).date();
    let versions = rules.targets.all_in_force(at).map(|(_, version)| version);
    let timed = versions.filter(|version| !version.definition.0.is_retired);
    let timed = timed.filter_map(|version| Some((version, version.definition.0.times(day)?)));
    let timed: Vec<_> = timed.collect();
    let times = timed.iter().flat_map(|(version, times)| {
        let period = version.definition.0.period;
        times.map(|days| Time { period, days })
    });
    let (times, program_id): (Vec<Time>, _) = (times.collect(), program.program_id);
    let figures = cx.db.run(move |pool| async move {
        // Counted first: what the worker takes in between the two reads is in the figures then, and never missing from both.
        let uncounted = count_uncounted(&pool, program_id).await?;
        Ok::<_, sqlx::Error>((load_figures(&pool, program_id, &times).await?, uncounted))
    });
    let (figures, uncounted_rows) = figures.await?;
    let targets = timed
        .iter()
        .zip(figures.chunks_exact(2))
        .filter_map(|((version, _), of)| {
            let target: &Target = &version.definition.0;
            let progress = target.progress(day, &of[0], &of[1])?;
            Some(progress_to_wire(target_version_to_wire(version), &progress))
        });
    Ok(pb::GetBoardResponse {
        targets: targets.collect(),
        day: day.to_string(),
        uncounted_rows,
    })
}

fn progress_to_wire(target_version: pb::TargetVersion, progress: &Progress) -> pb::TargetProgress {
    pb::TargetProgress {
        target_version: Some(target_version),
        starts_on: progress.period.0.to_string(),
        ends_on: progress.period.1.to_string(),
        days_begun: progress.days_begun,
        days: progress.days,
        figure: progress.figure,
        previous: progress.previous,
        previous_is_stated: progress.previous_is_stated,
        goal: progress.goal,
        reached_per_mille: progress.reached_per_mille(),
        expected: progress.expected,
        on_course: progress.is_on_course(),
    }
}
