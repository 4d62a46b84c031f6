//! The decision receipt: how an activity was judged, and everything that led to the award.

use common::ids::ActivityId;
use common::points::Points;
use common::ratio::Ratio;
use jiff::Timestamp;
use thiserror::Error;

use super::charge::Charge;
use super::condition::Unmet;
use super::credit::Credit;
use super::facts::Facts;
use super::grant::{Given, StandingGrant};
use super::kept::KeptLine;
use super::terms::Destination;

/// How an activity was judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// The facts that were used.
    pub facts: Facts,
    /// Every campaign that was considered, in that order.
    pub campaigns: Vec<CampaignDecision>,
    /// One for each accrual; for a return: what the rest of the order is worth.
    pub accruals: Vec<AccrualDecision>,
    /// What the activity is worth, one for each wallet that it changes, and for each funder and time of their becoming available there. Negative for what a return takes back; positive where what is kept earns more than the
    /// order did before, as with a campaign for small orders.
    pub awards: Vec<Award>,
    /// What it costs budgets, by budget; for a return, what it gives back to them.
    pub charges: Vec<Charge>,
    /// What campaigns give besides points that they had not given before.
    pub given: Vec<Given>,
    /// What the activity adds to the member's metrics.
    pub metrics: MetricDeltas,
    /// For a return: what it was about, and what is left of it.
    pub returned: Option<ReturnedOrder>,
    /// The groups that combined the campaigns.
    pub groups: Vec<GroupUsed>,
    /// The version of the engine that decided.
    pub engine_version: i32,
}

/// How one accrual judged an activity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccrualDecision {
    /// The accrual.
    pub accrual: String,
    /// Its version.
    pub version: i32,
    /// The wallet it credits.
    pub wallet: String,
    /// The money that counted.
    pub base_minor_units: i64,
    /// What the rate makes of it, before any factor.
    pub base_points: Ratio,
    /// What the effects of campaigns did, in the order in which they were taken.
    pub contributions: Vec<Contribution>,
    /// The factor of the level.
    pub tier_factor: Ratio,
    /// The one factor that the level and the campaigns for the whole order make, before the campaigns' own caps.
    pub factor: Ratio,
    /// The points after the factor and the campaigns' own caps, rounded once.
    pub rounded_points: Points,
    /// What campaigns add after that.
    pub added_points: Points,
    /// What the cap on the order took off.
    pub capped_points: Points,
    /// What the accrual awards.
    pub points: Points,
}

/// What one effect of a campaign did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contribution {
    /// The campaign.
    pub campaign: String,
    /// Its effect, from 0.
    pub effect: usize,
    /// The points it added, or by which its factor raised the award, after its cap and the campaign's limits.
    pub points: Points,
    /// What its cap and the campaign's limits took off.
    pub capped_points: Points,
}

/// How one campaign fared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CampaignDecision {
    /// The campaign.
    pub campaign: String,
    /// Its version.
    pub version: i32,
    /// Why it did not apply; nothing when it did.
    pub unmet: Option<Unmet>,
    /// Which campaign kept it from applying, if one did.
    pub because_of: Option<String>,
}

/// A group that combined campaigns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupUsed {
    /// The group.
    pub group: String,
    /// Its version.
    pub version: i32,
}

/// Points for a wallet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Award {
    /// Where they go.
    pub to: Destination,
    /// How many; negative for what is taken back.
    pub points: i64,
}

/// What an activity adds to the member's metrics, in the period in which the purchase lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MetricDeltas {
    /// Money: after discounts, without tax and freight.
    pub spend_minor_units: i64,
    /// Orders: 1 for a purchase, -1 for the return that leaves nothing of it.
    pub orders: i64,
    /// Points.
    pub points_earned: i64,
    /// When it counts: the time of the purchase, or of the custom activity.
    pub counted_at: Timestamp,
}

/// What a return was about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReturnedOrder {
    /// The activity of the purchase.
    pub purchase_activity_id: ActivityId,
    /// What of the order is kept after the return.
    pub kept: Vec<KeptLine>,
    /// What is taken back from which credits.
    pub reversed: Vec<Credit>,
    /// What of the order's points stands after the return.
    pub standing: Vec<Credit>,
    /// What it takes back of what campaigns had given besides points.
    pub revoked: Vec<StandingGrant>,
    /// What the order has of that after the return.
    pub standing_given: Vec<StandingGrant>,
}

/// Why an activity cannot be decided.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum DecideError {
    /// The order has no such line.
    #[error("the order has no line {line_id}")]
    LineNotFound {
        /// The line that was named.
        line_id: String,
    },
    /// More is to come back than is left.
    #[error("{asked_minor_units} minor units are to come back and {left_minor_units} are left")]
    MoreThanLeft {
        /// The line; empty where everything was to come back.
        line_id: String,
        /// What is left of it.
        left_minor_units: i64,
        /// What was to come back; 0 where it was all that is left.
        asked_minor_units: i64,
    },
    /// A campaign that must not be cut has a budget that has not enough left.
    #[error("the budget {budget} has not enough left for campaign {campaign}")]
    BudgetExhausted {
        /// The budget.
        budget: String,
        /// The campaign.
        campaign: String,
    },
    /// The rules make of it more than a wallet can be awarded, or a number that cannot be held exactly.
    #[error("the rules make more points of it than can be awarded")]
    AwardOutOfRange,
}
