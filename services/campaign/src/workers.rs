//! What happens by itself: what other services report is recorded, awards that could not be posted at once are posted later, and those that are posted are struck off; decisions
//! are made once more, to see that they come out alike; what campaigns bring about is counted; messages that they give
//! are delivered; referrals are looked at; returns that came before their orders are recorded when these come.

mod count_results;
mod deliver_messages;
mod look_at_referrals;
mod post_awards;
mod record_parked;
mod record_reports;
mod sample_decisions;
mod strike_off;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::{config::Settings, context::Context, messenger::Messenger};

pub use record_reports::reports_due;
pub use strike_off::PostedAwards;

/// Starts the workers. They end with the process.
pub fn start(cx: &Context, settings: &Settings, messenger: Messenger, reports: Arc<Notify>) {
    tokio::spawn(count_results::run(cx.clone()));
    tokio::spawn(deliver_messages::run(cx.clone(), messenger));
    tokio::spawn(look_at_referrals::run(cx.clone()));
    tokio::spawn(post_awards::run(cx.clone()));
    tokio::spawn(record_parked::run(cx.clone()));
    tokio::spawn(record_reports::run(cx.clone(), reports));
    tokio::spawn(sample_decisions::sample_decisions(
        cx.clone(),
        settings.verify_decisions_per_minute,
    ));
}
