//! The story of each change.
//!
//! What callers ask for and what the member and tier feeds report goes through [`Engine`], the steps of the shard writer: load, decide, persist.
//! Posting awards to the points service happens after that, in [`complete_award`], for callers and for the worker alike.

mod archive_campaign;
mod award;
mod bind_referral;
mod board;
mod copy_campaign;
mod deliver_message;
mod drafts;
mod follow;
mod invite_code;
mod judge;
mod list_budgets;
mod look_at_referral;
mod messages;
mod park_return;
mod preview_activity;
mod publish_accrual;
mod publish_budget;
mod publish_campaign;
mod publish_discount_policy;
mod publish_governance;
mod publish_group;
mod publish_message_policy;
mod publish_referral_policy;
mod publish_target;
mod publish_template;
mod quote_order;
mod record_activity;
mod record_report;
mod referrals;
mod release_reserve;
mod replay_message;
mod results;
mod review_draft;
mod review_referral;
mod rules_now;
mod save_draft;
mod state;
mod tell_marks;
mod top_up;
mod verify_decision;
mod watch_results;

use std::sync::Arc;

use common::{
    refusal::Fault,
    writer::{Event, Memory, Stamp, Steps, Work, WriteError, Writes},
};
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::{
    SCHEMA,
    domain::Member,
    error::Error,
    store::{Nearby, RuleBook},
};

pub use archive_campaign::ArchiveCampaign;
pub use award::{Completed, complete_award};
pub use bind_referral::{BindReferral, bind_referral};
pub use board::{board, list_targets};
pub use copy_campaign::{CopyCampaign, CopyFrom};
pub use deliver_message::{Delivered, deliver_messages};
pub use drafts::{DraftCommand, problems};
pub use invite_code::invite_code;
pub use judge::AskedActivity;
pub use list_budgets::list_budgets;
pub use look_at_referral::{LookAtReferral, look_at_referral};
pub use park_return::{ParkReturn, Unparked, record_parked_return};
pub use preview_activity::preview_activity;
pub use publish_accrual::PublishAccrual;
pub use publish_budget::{PublishBudget, publish_budget};
pub use publish_campaign::PublishCampaign;
pub use publish_discount_policy::PublishDiscountPolicy;
pub use publish_governance::PublishGovernance;
pub use publish_group::PublishGroup;
pub use publish_message_policy::PublishMessagePolicy;
pub use publish_referral_policy::PublishReferralPolicy;
pub use publish_target::PublishTarget;
pub use publish_template::PublishTemplate;
pub use quote_order::quote_order;
pub use record_activity::{METHOD as RECORD_ACTIVITY, RecordActivity, record_activity};
pub use record_report::{METHOD as METHOD_OF_REPORTS, Recorded, record_report};
pub use release_reserve::{ApproveReserveRelease, ProposeReserveRelease};
pub use replay_message::ReplayMessage;
pub use results::{AskedLift, AskedResults, campaign_results, lift};
pub use review_draft::{ApproveDraft, SendBack, SendBackDraft, SubmitDraft};
pub use review_referral::ReviewReferral;
pub use save_draft::SaveDraft;
pub use tell_marks::TellMarks;
pub use verify_decision::{Verified, verify_decision};
pub use watch_results::{ToldResults, WatchedResults};

pub use top_up::Exhausted;

use state::State;

/// A change that is asked for.
pub enum Command {
    /// By a caller, of a member.
    RecordActivity(Arc<RecordActivity>),
    /// By a caller, of a member.
    ParkReturn(Box<ParkReturn>),
    /// By a caller, of the program.
    PublishAccrual(Box<PublishAccrual>),
    /// By a caller, of the program.
    PublishCampaign(Box<PublishCampaign>),
    /// By a caller, of the program.
    PublishGroup(Box<PublishGroup>),
    /// By a caller, of the program.
    PublishDiscountPolicy(Box<PublishDiscountPolicy>),
    /// By a caller, of the program.
    PublishTarget(Box<PublishTarget>),
    /// By a caller, of the program.
    PublishBudget(Box<PublishBudget>),
    /// By a caller, of the program.
    ProposeReserveRelease(Box<ProposeReserveRelease>),
    /// By a caller, of the program.
    ApproveReserveRelease(Box<ApproveReserveRelease>),
    /// By a caller, of the program.
    PublishTemplate(Box<PublishTemplate>),
    /// By a caller, of the program.
    PublishMessagePolicy(Box<PublishMessagePolicy>),
    /// By a caller, of a member.
    ReplayMessage(Box<ReplayMessage>),
    /// By a caller, of the program: about the lives of campaigns.
    Draft(Box<DraftCommand>),
    /// By a caller, of the program.
    PublishReferralPolicy(Box<PublishReferralPolicy>),
    /// By a caller, of a member.
    BindReferral(Box<BindReferral>),
    /// By a caller, of a member.
    TellMarks(Box<TellMarks>),
    /// By a caller, of a member.
    ReviewReferral(Box<ReviewReferral>),
    /// By the service itself, of a member.
    LookAtReferral(Box<LookAtReferral>),
}

impl Command {
    /// Tells whether it is decided by what is known of a member.
    fn concerns_member(&self) -> bool {
        matches!(
            self,
            Command::RecordActivity(_)
                | Command::ParkReturn(_)
                | Command::BindReferral(_)
                | Command::TellMarks(_)
                | Command::ReviewReferral(_)
                | Command::LookAtReferral(_)
        )
    }

    /// Returns the order it is about, and whether that is looked into or must not be there.
    fn order(&self) -> Option<(&str, bool)> {
        match self {
            Command::RecordActivity(command) => command.asked.order(),
            Command::LookAtReferral(command) => Some((command.order()?, true)),
            _ => None,
        }
    }
}

/// Why something asked for was not done.
#[derive(Debug)]
pub enum Failure {
    /// The writer did not do it, or the service refused.
    Write(WriteError<Error>),
    /// The fault is ours.
    Fault(Fault),
}

/// What the shard writer does with commands and events.
pub struct Engine {
    rules: Arc<RuleBook>,
    nearby: Nearby,
    reports: Arc<Notify>,
}

impl Engine {
    /// Decides by these rules, tells previews what became of members, and says when there are reports to be recorded.
    pub fn new(rules: Arc<RuleBook>, nearby: Nearby, reports: Arc<Notify>) -> Engine {
        Engine { rules, nearby, reports }
    }
}

impl Steps for Engine {
    type Command = Command;
    type State = State;
    type Remembered = Arc<Member>;
    type Refusal = Error;

    const SCHEMA: &'static str = SCHEMA;

    async fn load(
        &self,
        connection: &mut PgConnection,
        memory: &mut Memory<Arc<Member>>,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        State::load(connection, memory, &self.rules, work).await
    }

    fn decide(&self, state: &mut State, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        match command {
            Command::RecordActivity(command) => command.decide(state, stamp),
            Command::ParkReturn(command) => command.decide(state, stamp),
            Command::PublishAccrual(command) => command.decide(state, stamp),
            Command::PublishCampaign(command) => command.decide(state, stamp),
            Command::PublishGroup(command) => command.decide(state, stamp),
            Command::PublishDiscountPolicy(command) => command.decide(state, stamp),
            Command::PublishTarget(command) => command.decide(state, stamp),
            Command::PublishBudget(command) => command.decide(state, stamp),
            Command::ProposeReserveRelease(command) => command.decide(state, stamp),
            Command::ApproveReserveRelease(command) => command.decide(state, stamp),
            Command::PublishTemplate(command) => command.decide(state, stamp),
            Command::PublishMessagePolicy(command) => command.decide(state, stamp),
            Command::ReplayMessage(command) => command.decide(state, stamp),
            Command::Draft(command) => command.decide(state, stamp),
            Command::PublishReferralPolicy(command) => command.decide(state, stamp),
            Command::BindReferral(command) => command.decide(state, stamp),
            Command::TellMarks(command) => command.decide(state, stamp),
            Command::ReviewReferral(command) => command.decide(state, stamp),
            Command::LookAtReferral(command) => command.decide(state, stamp),
        }
    }

    fn take_in(&self, state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
        follow::take_in(state, event, stamp);
    }

    fn persist(&self, state: &mut State, writes: &mut Writes) {
        state.persist(&self.rules, writes);
    }

    fn remember(&self, state: &mut State, memory: &mut Memory<Arc<Member>>) {
        state.remember(memory, &self.nearby);
    }

    async fn committed(&self, state: State) {
        if state.has_reports() {
            self.reports.notify_one();
        }
    }
}

impl From<WriteError<Error>> for Failure {
    fn from(error: WriteError<Error>) -> Failure {
        Failure::Write(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Write(WriteError::Refused(error))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Fault(fault)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        Failure::Fault(error.into())
    }
}
