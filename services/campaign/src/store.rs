//! SQL, and what is stored as the messages of the contracts: rules, and receipts.
//!
//! Set-wise for the writer: what a batch concerns is loaded with one statement a table and saved with one or two. Reads for RPCs take the program as
//! the caller's token names it.

mod accruals;
mod activities;
mod awards;
mod board;
mod buckets;
mod budgets;
mod campaigns;
mod cases;
mod conditions;
mod discounts;
mod drafts;
mod facts;
mod findings;
mod given;
mod grants;
mod groups;
mod inputs;
mod ladders;
mod leases;
mod lifecycles;
mod members;
mod message_rows;
mod messages;
mod nearby;
mod order_numbers;
mod parked_returns;
mod purchases;
mod quotes;
mod receipts;
mod referral_reads;
mod referral_rows;
mod referrals;
mod refusals;
mod reports;
mod results;
mod rules;
mod schedules;
mod tallies;
mod targets;
mod templates;

pub use accruals::{AccrualRule, accrual_from_wire};
pub use activities::{find_activity, last_seq, list_activities, sample_activities};
pub use awards::{
    AwardPlace, AwardStanding, PendingAward, find_awards, insert_awards, list_pending_awards, refuse_award,
    strike_off_awards,
};
pub use board::{MembershipChange, Time, insert_membership_changes, load_figures};
pub use buckets::{Spending, list_spending, load_money};
pub use budgets::{BudgetRule, ReleaseRule, budget_from_wire};
pub use campaigns::{CampaignRule, campaign_from_wire};
pub use cases::{FoundCase, WantedCase, load_cases, load_what_they_did, remembered_case};
pub use discounts::{POLICY, PolicyRule, policy_from_wire};
pub use drafts::{
    DraftKey, NewDraftChange, StoredDraft, find_draft, find_revision, insert_draft_changes, list_drafts, load_drafts,
    save_drafts,
};
pub use facts::sample_to_wire;
pub use findings::finding_to_wire;
pub use given::{given_to_wire, standing_to_wire};
pub use grants::{Leased, lease_more, recall_excess};
pub use groups::{GroupRule, group_from_wire};
pub use inputs::{activity_from_wire, recorded_activity};
pub use ladders::{NewLadder, ladder_from_wire};
pub use leases::{LeaseKey, charge_leases, load_leases};
pub use lifecycles::{
    GOVERNANCE, GovernanceRule, draft_standing, draft_state_to_wire, governance_version_to_wire, later_by_days,
    with_standing,
};
pub use members::{
    ChangedLevel, MemberKey, load_members, member_is_known, save_levels, save_members, status_from_wire,
};
pub use message_rows::{
    ClaimedMessage, MessageKey, MessageOutcome, StoredMessage, message_to_wire, state_from_wire, state_to_wire,
};
pub use messages::{
    ChangedMessage, NewMessage, change_messages, claim_messages, insert_messages, list_messages, load_messages,
    settle_message, take_place,
};
pub use nearby::{Nearby, Remembered};
pub use order_numbers::OrderNumbers;
pub use parked_returns::{
    ParkedReturn, drop_parked_return, find_parked_return, give_up_parked_returns, insert_parked_returns,
    list_parked_returns, list_waiting_returns, parked_to_wire, refuse_parked_return,
};
pub use purchases::{
    KnownOrder, OrderKey, SavedOrder, WantedOrder, load_order_numbers, load_orders, order_of, save_orders,
};
pub use quotes::quote_to_wire;
pub use receipts::{award_to_wire, decision_from_wire, decision_to_wire, metrics_to_wire};
pub use referral_reads::{
    DueReferral, ListedBy, find_guards, find_invited_by, find_referral, list_due_referrals, list_referral_moves,
    list_referrals, take_invite_code,
};
pub use referral_rows::{
    REFERRAL_POLICY, ReferralMove, ReferralPolicyRule, referral_move_to_wire, referral_policy_from_wire,
    referral_state_from_wire, referral_state_to_wire, referral_to_wire, report_number,
};
pub use referrals::{
    insert_marks, insert_referral_moves, load_referral_orders, load_referrals, save_referral_orders, save_referrals,
};
pub use refusals::{budget_contradictions, campaign_contradictions, group_contradictions, template_contradictions};
pub use reports::{Report, ReportKey, delete_reports, drop_report, find_due_report, insert_reports, list_reports};
pub use results::{
    PlaceResult, count_some, count_uncounted, day_to_wire, list_days, list_places, list_results, list_uncounted,
    result_to_wire,
};
pub use rules::{BatchRules, ProgramRules, RuleBook};
pub use tallies::{MemberMonth, load_tallies, save_tallies};
pub use targets::{TargetRule, target_contradictions, target_from_wire, target_version_to_wire};
pub use templates::{
    MESSAGE_POLICY, MessagePolicyRule, TemplateRule, channel_to_wire, message_policy_from_wire, purpose_to_wire,
    template_from_wire, values_of,
};

/// Says that a message breaks its contract, and at which field first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing or not one of the choices")]
pub struct Unreadable(pub &'static str);

/// Says that what is stored cannot be read back: a fault of ours.
fn unreadable(what: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("the stored {what} makes no sense").into())
}
