//! Decides what activities earn.
//!
//! Everything hangs on one function, [`evaluate`]: it tells what an order earns by what of it is kept, under rules and facts that were
//! pinned when the order was recorded. A purchase earns what it says for the whole order. A return takes back the difference between what
//! it says before and after, so that any returns in any order end where one order of only the kept goods would have ended.
//!
//! Absent on purpose: protobuf, SQL, clocks and anything asynchronous. The same input gives the same decision for ever; when that has to
//! change, [`ENGINE_VERSION`] does too.

mod accrual;
mod activity;
mod allocate;
mod birthday;
mod budget;
mod campaign;
mod charge;
mod check;
mod condition;
mod contradiction;
mod credit;
mod custom;
mod decision;
mod describe;
mod discount;
mod draft;
mod evaluate;
mod explain;
mod expression;
mod factor;
mod facts;
mod fire;
mod grant;
mod group;
mod history;
mod index;
mod invite;
mod kept;
mod ladder;
mod left_out;
mod lifecycle;
mod lift;
mod limit;
mod lines;
mod lint;
mod member;
mod message;
mod names;
mod needs;
mod nested;
mod order;
mod price;
mod purchase;
mod purse;
mod quote;
mod referral;
mod results;
mod rules;
mod sample;
mod schedule;
mod schedule_end;
mod situation;
mod streak;
mod target;
mod terms;
#[cfg(test)]
mod tests;
mod uses;

pub use accrual::{Accrual, Composition, DiscountBase, EarnBase, EarnRate, EarnScope, EarnStep};
pub use activity::{Activity, Custom, OF_ORDERS, Occasion, PURCHASE, Return, ReturnedLine};
pub use birthday::BirthdayWindow;
pub use budget::{Budget, BudgetPeriod, Funding, OnShortage};
pub use campaign::{Campaign, Does, Effect, NotFired, PointsPer, REPORTED, Trigger};
pub use charge::{Charge, Cost};
pub use condition::{AttributeIs, Condition, Test, Unmet};
pub use contradiction::Contradiction;
pub use credit::{Credit, credits};
pub use custom::decide_custom;
pub use decision::{
    AccrualDecision, Award, CampaignDecision, Contribution, DecideError, Decision, GroupUsed, MetricDeltas,
    ReturnedOrder,
};
pub use describe::{Setting, describe};
pub use discount::{Discount, DiscountPolicy, Off, Stacking};
pub use draft::{DraftRefused, DraftStanding, DraftState};
pub use evaluate::{Judgement, Shortage, evaluate};
pub use explain::{Language, explain};
pub use expression::Expression;
pub use facts::{BudgetFact, Facts, LevelFact, UseFact};
pub use grant::{Given, Gives, Grant, LevelGrant, MessageGrant, StandingGrant, ToLevel, stand};
pub use group::{Group, GroupMode};
pub use history::{DayKey, DaysDone, DoneOnDay, History, HistoryFact, Measure, Window};
pub use invite::{invite_code, mark, typed_code};
pub use kept::{Kept, KeptLine};
pub use ladder::{LadderLevel, LadderVersion, Ladders};
pub use left_out::{LeftOut, left_out};
pub use lifecycle::{CampaignStanding, CampaignState, Stage, standing};
pub use lift::{Lift, lift};
pub use limit::{Limit, LimitPeriod, UseChange, Used};
pub use lines::LineFilter;
pub use lint::{Finding, Plan, Strange, lint, sentence};
pub use member::{FactsOf, Member, MemberLevel, MemberStatus};
pub use message::{
    MessageChannel, MessagePolicy, MessagePurpose, MessageState, MessageTemplate, MessageText, MessageValues,
    QuietHours, ValueMissing, Written, retry_after_millis,
};
pub use names::Names;
pub use needs::{MOST_ASKED_BEFORE, asked_before};
pub use nested::{Nested, ancestors};
pub use order::{Decided, Order, decide_purchase, decide_return};
pub use purchase::{LineMoney, Payment, Purchase, PurchaseLine};
pub use quote::{Quote, QuoteError, TakenOff, quote};
pub use referral::{
    Guards, Look, NotReferred, Referral, ReferralOrder, ReferralPolicy, ReferralReason, ReferralState, Referrer,
    day_begins,
};
pub use results::CampaignResult;
pub use rules::{FindRules, Rules, Version};
pub use sample::{Sample, SampleFact};
pub use schedule::{DayTime, Days, LastWeekend, On, Schedule};
pub use streak::{MakeUp, Milestone, Streak, StreakEnd, StreakFact};
pub use target::{Figures, Measured, Progress, Target};
pub use terms::{Availability, CalendarPeriod, Destination, Terms};
pub use uses::{UseKey, Uses};

/// The version of this function, written into every receipt. It changes whenever the same input would be decided otherwise.
pub const ENGINE_VERSION: i32 = 3;
