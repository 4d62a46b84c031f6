//! Every way in which the campaign service says no.

use common::{
    ids::{ActivityId, MemberId, ReleaseId},
    versions::EffectiveInPast,
};
use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{Contradiction, DecideError, DraftRefused, MemberStatus, NotReferred};
use crate::store::LeaseKey;

/// Why a request is refused. Nothing happened.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Error {
    /// The member is not known in the program.
    #[error("the program has no member {member_id}")]
    MemberNotFound {
        /// Who was asked for.
        member_id: MemberId,
    },
    /// The member is frozen or closed.
    #[error("the member {member_id} neither earns nor spends")]
    MemberNotAllowed {
        /// The member.
        member_id: MemberId,
        /// Where the member stands.
        status: MemberStatus,
    },
    /// The time lies after the program's clock.
    #[error("that lies in the future: it is {clock_at}")]
    OccurredInFuture {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
    /// The order is not in the program's currency.
    #[error("the program counts in {program_currency_code}, not in {currency_code}")]
    CurrencyNotAllowed {
        /// The order's currency.
        currency_code: String,
        /// The program's.
        program_currency_code: String,
    },
    /// The order contradicts itself.
    #[error("the order contradicts itself")]
    OrderInvalid(Vec<Contradiction>),
    /// The order is recorded already.
    #[error("order {order_id} of the member is recorded already")]
    OrderExists {
        /// The order.
        order_id: String,
        /// The activity that recorded it.
        activity_id: ActivityId,
    },
    /// The member has no such order.
    #[error("the member has no order {order_id}")]
    OrderNotFound {
        /// What was asked for.
        order_id: String,
    },
    /// The order cannot be decided so.
    #[error("{refused}")]
    Undecidable {
        /// The order; empty for an activity that is about none.
        order_id: String,
        /// Why it cannot.
        refused: DecideError,
    },
    /// The member has no such activity.
    #[error("the member has no activity {activity_id}")]
    ActivityNotFound {
        /// What was asked for.
        activity_id: ActivityId,
    },
    /// The program has no such accrual.
    #[error("the program has no accrual {accrual}")]
    AccrualNotFound {
        /// What was asked for.
        accrual: String,
    },
    /// The program has no such campaign.
    #[error("the program has no campaign {campaign}")]
    CampaignNotFound {
        /// What was asked for.
        campaign: String,
    },
    /// The campaign contradicts itself.
    #[error("the campaign contradicts itself")]
    CampaignInvalid(Vec<Contradiction>),
    /// The program has no such group.
    #[error("the program has no group {group}")]
    GroupNotFound {
        /// What was asked for.
        group: String,
    },
    /// The group contradicts itself.
    #[error("the group contradicts itself")]
    GroupInvalid(Vec<Contradiction>),
    /// The program has no such budget.
    #[error("the program has no budget {budget}")]
    BudgetNotFound {
        /// What was asked for.
        budget: String,
    },
    /// The budget contradicts itself.
    #[error("the budget contradicts itself")]
    BudgetInvalid(Vec<Contradiction>),
    /// More is to be released than the reserve still has.
    #[error("the reserve has {left_minor_units} minor units left, and {asked_minor_units} are to be released")]
    OverReserve {
        /// What the reserve has left.
        left_minor_units: i64,
        /// What is to be released.
        asked_minor_units: i64,
    },
    /// The program has no such release.
    #[error("the program has no release {release_id}")]
    ReleaseNotFound {
        /// What was asked for.
        release_id: ReleaseId,
    },
    /// The release was approved already.
    #[error("the release {release_id} was approved already")]
    ReleaseNotOpen {
        /// Which.
        release_id: ReleaseId,
    },
    /// Who proposed something is not who approves it.
    #[error("who proposed the release {release_id} cannot approve it: somebody else does")]
    SamePerson {
        /// Which.
        release_id: ReleaseId,
    },
    /// The program has no such template of messages.
    #[error("the program has no template {template}")]
    TemplateNotFound {
        /// What was asked for.
        template: String,
    },
    /// The template contradicts itself.
    #[error("the template contradicts itself")]
    TemplateInvalid(Vec<Contradiction>),
    /// The member has no such message.
    #[error("the member has no such message")]
    MessageNotFound {
        /// The activity that would have given it.
        activity_id: ActivityId,
        /// The campaign.
        campaign: String,
        /// Which of its grants.
        grant: i32,
    },
    /// The message was not given up.
    #[error("the message was not given up: it is {state}")]
    MessageNotDead {
        /// What became of it, as the contract calls it.
        state: &'static str,
    },
    /// The program has no such draft, or the draft no such revision.
    #[error("the program has no draft {draft} of that revision")]
    DraftNotFound {
        /// What was asked for.
        draft: String,
    },
    /// That is not done with a draft.
    #[error("{}", refused_draft(draft, refused))]
    Draft {
        /// Which.
        draft: String,
        /// Why not.
        refused: DraftRefused,
    },
    /// The campaign has another version since the draft was saved.
    #[error(
        "the draft {draft} is about what follows version {based_on_version} of its campaign, which has version {latest_version} now: save it anew"
    )]
    DraftOutdated {
        /// Which.
        draft: String,
        /// The version when it was saved.
        based_on_version: i32,
        /// The version now.
        latest_version: i32,
    },
    /// The program publishes campaigns only by approving drafts.
    #[error(
        "campaigns of the program are published by approving drafts: save {campaign} with SaveDraft, submit it, and have somebody else approve it"
    )]
    ApprovalNeeded {
        /// What was to be published.
        campaign: String,
    },
    /// Who proposed to waive approvals is not who agrees.
    #[error("who proposed to waive approvals cannot agree to it: somebody else does")]
    OwnWaiver,
    /// That is not done with a campaign in its state.
    #[error("the campaign {campaign} is neither paused nor over, but {state}")]
    CampaignStateDiffers {
        /// Which.
        campaign: String,
        /// Where it stands, as the contract calls it.
        state: &'static str,
    },
    /// The program has published no referral policy.
    #[error("the program has no referral policy, so nobody is bound")]
    ReferralPolicyNotFound,
    /// Nobody has that invite code.
    #[error("nobody has the invite code {invite_code}")]
    InviteCodeNotFound {
        /// What was asked for.
        invite_code: String,
    },
    /// The friend cannot be bound so, or the member cannot invite.
    #[error("the member {member_id} cannot be bound or invite so")]
    ReferralNotAllowed {
        /// Who.
        member_id: MemberId,
        /// Why not.
        why: NotReferred,
    },
    /// Nobody brought the member.
    #[error("nobody brought the member {member_id}")]
    ReferralNotFound {
        /// Who.
        member_id: MemberId,
    },
    /// The referral is not for a person to decide.
    #[error("the referral is {state}: that cannot be decided")]
    ReferralNotOpen {
        /// How far it is, as the contract calls it.
        state: &'static str,
    },
    /// Budgets have not enough left on this shard. Whoever gets this asks for more and tries again: no caller hears of it.
    #[error("budgets are asked for more")]
    LeasesShort(ShortLeases),
    /// A new version cannot hold from before now.
    #[error("a new version cannot hold from before now, which is {clock_at}")]
    EffectiveInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
}

fn refused_draft(draft: &str, refused: &DraftRefused) -> String {
    match refused {
        DraftRefused::RevisionDiffers { revision: 0 } => format!("there is no draft {draft}"),
        DraftRefused::RevisionDiffers { revision } => format!("the draft {draft} has revision {revision}"),
        DraftRefused::StateDiffers { .. } => format!("that is not done with the draft {draft} in its state"),
        DraftRefused::IsTemplate => format!("{draft} is a template: copy it, and submit the copy"),
        DraftRefused::SamePerson => {
            format!("who saved or submitted the draft {draft} cannot approve it: somebody else does")
        }
    }
}

/// Says that a shard may spend too little of budgets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShortLeases {
    /// Of which, and how much is missing.
    pub short: Vec<(LeaseKey, i64)>,
    /// Everything that the activity needs, and that may not be taken from it for that.
    pub needed: Vec<LeaseKey>,
}

impl From<EffectiveInPast> for Error {
    fn from(refused: EffectiveInPast) -> Error {
        Error::EffectiveInPast {
            clock_at: refused.clock_at,
        }
    }
}
