//! How each refusal travels: its code, its reason, and the numbers that explain it.

use common::refusal::{Refusal, Violations};
use tonic::{Code, Status};

use crate::{
    domain::{Contradiction, DecideError, DraftRefused, MemberStatus, NotReferred},
    error::Error,
    ops::Failure,
    store::draft_state_to_wire,
};

const DOMAIN: &str = "campaign.loyalty";

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let message = error.to_string();
        let say = |code, reason| Refusal::new(code, reason, message).of(DOMAIN);
        match error {
            Error::MemberNotFound { member_id } => say(Code::NotFound, "MEMBER_NOT_FOUND").with("member_id", member_id),
            Error::MemberNotAllowed { member_id, status } => say(Code::FailedPrecondition, "MEMBER_NOT_ALLOWED")
                .with("member_id", member_id)
                .with("status", status_name(status)),
            Error::OccurredInFuture { clock_at } => {
                say(Code::InvalidArgument, "OCCURRED_IN_FUTURE").with("clock_at", clock_at)
            }
            Error::CurrencyNotAllowed {
                currency_code,
                program_currency_code,
            } => say(Code::InvalidArgument, "CURRENCY_NOT_ALLOWED")
                .with("currency_code", currency_code)
                .with("program_currency_code", program_currency_code),
            Error::OrderInvalid(contradictions) => with_fields(
                say(Code::InvalidArgument, "ORDER_INVALID"),
                "input.purchase",
                contradictions,
            ),
            Error::OrderExists { order_id, activity_id } => say(Code::AlreadyExists, "ORDER_EXISTS")
                .with("order_id", order_id)
                .with("activity_id", activity_id),
            Error::OrderNotFound { order_id } => say(Code::NotFound, "ORDER_NOT_FOUND").with("order_id", order_id),
            Error::Undecidable {
                order_id,
                refused: DecideError::LineNotFound { line_id },
            } => say(Code::NotFound, "LINE_NOT_FOUND")
                .with("order_id", order_id)
                .with("line_id", line_id),
            Error::Undecidable {
                refused:
                    DecideError::MoreThanLeft {
                        line_id,
                        left_minor_units,
                        asked_minor_units,
                    },
                ..
            } => say(Code::FailedPrecondition, "MORE_THAN_LEFT")
                .with("line_id", line_id)
                .with("left_minor_units", left_minor_units)
                .with("asked_minor_units", asked_minor_units),
            Error::Undecidable {
                order_id,
                refused: DecideError::AwardOutOfRange,
            } => say(Code::OutOfRange, "AWARD_OUT_OF_RANGE").with("order_id", order_id),
            Error::ActivityNotFound { activity_id } => {
                say(Code::NotFound, "ACTIVITY_NOT_FOUND").with("activity_id", activity_id)
            }
            Error::AccrualNotFound { accrual } => say(Code::NotFound, "ACCRUAL_NOT_FOUND").with("accrual", accrual),
            Error::CampaignInvalid(contradictions) => with_fields(
                say(Code::InvalidArgument, "CAMPAIGN_INVALID"),
                "campaign",
                contradictions,
            ),
            Error::CampaignNotFound { campaign } => {
                say(Code::NotFound, "CAMPAIGN_NOT_FOUND").with("campaign", campaign)
            }
            Error::GroupNotFound { group } => say(Code::NotFound, "GROUP_NOT_FOUND").with("group", group),
            Error::GroupInvalid(contradictions) => {
                with_fields(say(Code::InvalidArgument, "GROUP_INVALID"), "group", contradictions)
            }
            Error::BudgetNotFound { budget } => say(Code::NotFound, "BUDGET_NOT_FOUND").with("budget", budget),
            Error::BudgetInvalid(contradictions) => {
                with_fields(say(Code::InvalidArgument, "BUDGET_INVALID"), "budget", contradictions)
            }
            Error::Undecidable {
                refused: DecideError::BudgetExhausted { budget, campaign },
                ..
            } => say(Code::FailedPrecondition, "BUDGET_EXHAUSTED")
                .with("budget", budget)
                .with("campaign", campaign),
            Error::OverReserve {
                left_minor_units,
                asked_minor_units,
            } => say(Code::FailedPrecondition, "OVER_RESERVE")
                .with("left_minor_units", left_minor_units)
                .with("asked_minor_units", asked_minor_units),
            Error::ReleaseNotFound { release_id } => {
                say(Code::NotFound, "RELEASE_NOT_FOUND").with("release_id", release_id)
            }
            Error::ReleaseNotOpen { release_id } => {
                say(Code::FailedPrecondition, "RELEASE_NOT_OPEN").with("release_id", release_id)
            }
            Error::SamePerson { release_id } => {
                say(Code::PermissionDenied, "SAME_PERSON").with("release_id", release_id)
            }
            Error::TemplateNotFound { template } => {
                say(Code::NotFound, "TEMPLATE_NOT_FOUND").with("template", template)
            }
            Error::TemplateInvalid(contradictions) => with_fields(
                say(Code::InvalidArgument, "TEMPLATE_INVALID"),
                "template",
                contradictions,
            ),
            Error::MessageNotFound {
                activity_id,
                campaign,
                grant,
            } => say(Code::NotFound, "MESSAGE_NOT_FOUND")
                .with("activity_id", activity_id)
                .with("campaign", campaign)
                .with("grant", grant),
            Error::MessageNotDead { state } => say(Code::FailedPrecondition, "MESSAGE_NOT_DEAD").with("state", state),
            Error::DraftNotFound { draft } => say(Code::NotFound, "DRAFT_NOT_FOUND").with("draft", draft),
            Error::Draft { draft, refused } => match refused {
                DraftRefused::RevisionDiffers { revision } => {
                    say(Code::Aborted, "DRAFT_REVISION_DIFFERS").with("revision", revision)
                }
                DraftRefused::StateDiffers { state } => say(Code::FailedPrecondition, "DRAFT_STATE_DIFFERS").with(
                    "state",
                    draft_state_to_wire(state)
                        .as_str_name()
                        .trim_start_matches("DRAFT_STATE_"),
                ),
                DraftRefused::IsTemplate => say(Code::FailedPrecondition, "DRAFT_IS_TEMPLATE"),
                DraftRefused::SamePerson => say(Code::PermissionDenied, "SAME_PERSON"),
            }
            .with("draft", draft),
            Error::DraftOutdated {
                draft,
                based_on_version,
                latest_version,
            } => say(Code::FailedPrecondition, "DRAFT_OUTDATED")
                .with("draft", draft)
                .with("based_on_version", based_on_version)
                .with("latest_version", latest_version),
            Error::ApprovalNeeded { campaign } => {
                say(Code::FailedPrecondition, "APPROVAL_NEEDED").with("campaign", campaign)
            }
            Error::OwnWaiver => say(Code::PermissionDenied, "SAME_PERSON"),
            Error::CampaignStateDiffers { campaign, state } => say(Code::FailedPrecondition, "CAMPAIGN_STATE_DIFFERS")
                .with("campaign", campaign)
                .with("state", state),
            Error::ReferralPolicyNotFound => say(Code::NotFound, "REFERRAL_POLICY_NOT_FOUND"),
            Error::InviteCodeNotFound { invite_code } => {
                say(Code::NotFound, "INVITE_CODE_NOT_FOUND").with("invite_code", invite_code)
            }
            Error::ReferralNotAllowed { member_id, why } => say(Code::FailedPrecondition, "REFERRAL_NOT_ALLOWED")
                .with("member_id", member_id)
                .with("why", why_not(why)),
            Error::ReferralNotFound { member_id } => {
                say(Code::NotFound, "REFERRAL_NOT_FOUND").with("member_id", member_id)
            }
            Error::ReferralNotOpen { state } => say(Code::FailedPrecondition, "REFERRAL_NOT_OPEN").with("state", state),
            // The operation that could meet it does not let it through.
            Error::LeasesShort(_) => say(Code::Unavailable, "TEMPORARILY_UNAVAILABLE"),
            Error::EffectiveInPast { clock_at } => {
                say(Code::InvalidArgument, "EFFECTIVE_IN_PAST").with("clock_at", clock_at)
            }
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Status {
        match failure {
            Failure::Write(error) => error.into(),
            Failure::Fault(fault) => fault.into(),
        }
    }
}

fn with_fields(refusal: Refusal, within: &str, contradictions: Vec<Contradiction>) -> Refusal {
    let mut violations = Violations::default();
    for Contradiction { field, sentence } in contradictions {
        violations.add(format!("{within}.{field}"), sentence);
    }
    Refusal {
        violations: violations.list().into(),
        ..refusal
    }
}

fn status_name(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Prospect => "PROSPECT",
        MemberStatus::Registered => "REGISTERED",
        MemberStatus::Activated => "ACTIVATED",
        MemberStatus::Frozen => "FROZEN",
        MemberStatus::Closed => "CLOSED",
    }
}

fn why_not(why: NotReferred) -> &'static str {
    match why {
        NotReferred::NotEnrolled => "NOT_ENROLLED",
        NotReferred::Myself => "SELF",
        NotReferred::ReferrerNotAllowed => "REFERRER_NOT_ALLOWED",
        NotReferred::ReferrerEnrolledLater => "REFERRER_ENROLLED_LATER",
        NotReferred::TooLate => "TOO_LATE",
        NotReferred::AlreadyBound => "ALREADY_BOUND",
    }
}
