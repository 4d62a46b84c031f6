//! Requests about activities, read.

use common::{
    ids::{ActivityId, MemberId},
    page::Filter,
    parse,
    refusal::Violations,
    time,
};
use proto::campaign as pb;

use crate::{
    domain::{Activity, Language, OF_ORDERS, REPORTED},
    ops::{AskedActivity, RecordActivity},
    store::activity_from_wire,
};

/// An order to quote.
pub struct QuotedOrder {
    /// The request, as it came.
    pub request: pb::QuoteOrderRequest,
    /// What is asked.
    pub asked: AskedActivity,
}

/// An activity to preview.
pub struct PreviewedActivity(pub AskedActivity);

/// An activity of a member.
pub struct NamedActivity {
    /// The member.
    pub member_id: MemberId,
    /// The activity.
    pub activity_id: ActivityId,
}

/// An activity that is told in sentences.
pub struct ExplainedActivity {
    /// Which.
    pub named: NamedActivity,
    /// In which language.
    pub language: Language,
}

/// A page of returns that came before their orders.
pub struct ListedParkedReturns {
    /// In which state.
    pub state: pb::ParkedReturnState,
    /// How many.
    pub page_size: i64,
    /// Where the last page ended.
    pub page_token: String,
    /// What a token is bound to.
    pub filter: Filter,
}

/// A page of a member's activities.
pub struct ListedActivities {
    /// The member.
    pub member_id: MemberId,
    /// How many.
    pub page_size: i64,
    /// Where the last page ended.
    pub page_token: String,
    /// What a token is bound to.
    pub filter: Filter,
}

impl TryFrom<pb::RecordActivityRequest> for RecordActivity {
    type Error = Violations;

    fn try_from(request: pb::RecordActivityRequest) -> Result<RecordActivity, Violations> {
        let mut violations = Violations::default();
        let asked = violations.within("input", asked(request.input.as_ref()));
        let activity = asked.as_ref().and_then(|asked| asked.activity.as_ref().ok());
        let is_reported =
            matches!(activity, Some(Activity::Custom(custom)) if REPORTED.contains(&custom.kind.as_str()));
        violations.check(
            !is_reported,
            "input.custom.kind",
            "is recorded by itself when another service reports it",
        );
        let is_of_orders =
            matches!(activity, Some(Activity::Custom(custom)) if OF_ORDERS.contains(&custom.kind.as_str()));
        violations.check(
            !is_of_orders,
            "input.custom.kind",
            "is that of an activity about an order: say what was bought or came back",
        );
        let is_return = matches!(activity, Some(Activity::Return(_)) | None);
        violations.check(request.park_days == 0 || is_return, "park_days", "is for returns");
        violations.finish(asked.map(|asked| RecordActivity::new(request, asked)))
    }
}

impl TryFrom<pb::PreviewActivityRequest> for PreviewedActivity {
    type Error = Violations;

    fn try_from(request: pb::PreviewActivityRequest) -> Result<PreviewedActivity, Violations> {
        let mut violations = Violations::default();
        let asked = violations.within("input", asked(request.input.as_ref()));
        violations.finish(asked.map(PreviewedActivity))
    }
}

impl TryFrom<pb::QuoteOrderRequest> for QuotedOrder {
    type Error = Violations;

    fn try_from(request: pb::QuoteOrderRequest) -> Result<QuotedOrder, Violations> {
        let mut violations = Violations::default();
        let asked = violations.within("input", asked(request.input.as_ref()));
        let activity = request.input.as_ref().and_then(|input| input.activity.as_ref());
        let lines = match activity {
            Some(pb::activity_input::Activity::Purchase(purchase)) => purchase.lines.as_slice(),
            _ => {
                violations.add("input.purchase", "is missing: only orders have a price");
                &[]
            }
        };
        for (at, floor) in request.floors.iter().enumerate() {
            let is_there = lines.iter().any(|line| line.line_id == floor.line_id);
            violations.check(is_there, &format!("floors[{at}].line_id"), "is not a line of the order");
        }
        violations.finish(asked.map(|asked| QuotedOrder { request, asked }))
    }
}

impl TryFrom<pb::GetActivityRequest> for NamedActivity {
    type Error = Violations;

    fn try_from(request: pb::GetActivityRequest) -> Result<NamedActivity, Violations> {
        named(&request.member_id, &request.activity_id)
    }
}

impl TryFrom<pb::ExplainActivityRequest> for ExplainedActivity {
    type Error = Violations;

    fn try_from(request: pb::ExplainActivityRequest) -> Result<ExplainedActivity, Violations> {
        let language = language(request.language());
        let named = named(&request.member_id, &request.activity_id)?;
        Ok(ExplainedActivity { named, language })
    }
}

impl TryFrom<pb::VerifyDecisionRequest> for NamedActivity {
    type Error = Violations;

    fn try_from(request: pb::VerifyDecisionRequest) -> Result<NamedActivity, Violations> {
        named(&request.member_id, &request.activity_id)
    }
}

impl TryFrom<pb::ListActivitiesRequest> for ListedActivities {
    type Error = Violations;

    fn try_from(request: pb::ListActivitiesRequest) -> Result<ListedActivities, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &request.member_id);
        let page_size = parse::page_size(&mut violations, "page_size", request.page_size);
        let page_token = request.page_token.clone();
        let filter = Filter::of(&pb::ListActivitiesRequest {
            page_size: 0,
            page_token: String::new(),
            ..request
        });
        let read = member_id.zip(page_size);
        violations.finish(read.map(|(member_id, page_size)| ListedActivities {
            member_id,
            page_size,
            page_token,
            filter,
        }))
    }
}

impl TryFrom<pb::ListParkedReturnsRequest> for ListedParkedReturns {
    type Error = Violations;

    fn try_from(request: pb::ListParkedReturnsRequest) -> Result<ListedParkedReturns, Violations> {
        let mut violations = Violations::default();
        let page_size = parse::page_size(&mut violations, "page_size", request.page_size);
        let (state, page_token) = (request.state(), request.page_token.clone());
        let filter = Filter::of(&pb::ListParkedReturnsRequest {
            page_size: 0,
            page_token: String::new(),
            ..request
        });
        violations.finish(page_size.map(|page_size| ListedParkedReturns {
            state,
            page_size,
            page_token,
            filter,
        }))
    }
}

/// Reads a language.
pub(super) fn language(wire: pb::Language) -> Language {
    match wire {
        pb::Language::Unspecified => Language::English,
        pb::Language::Chinese => Language::Chinese,
    }
}

fn named(member_id: &str, activity_id: &str) -> Result<NamedActivity, Violations> {
    let mut violations = Violations::default();
    let member_id = parse::id(&mut violations, "member_id", member_id);
    let activity_id = parse::id(&mut violations, "activity_id", activity_id);
    let read = member_id.zip(activity_id);
    violations.finish(read.map(|(member_id, activity_id)| NamedActivity { member_id, activity_id }))
}

fn asked(input: Option<&pb::ActivityInput>) -> Result<AskedActivity, Violations> {
    let mut violations = Violations::default();
    let Some(input) = input else {
        violations.add("", "is missing");
        return Err(violations);
    };
    let member_id = parse::id(&mut violations, "member_id", &input.member_id);
    let occurred_at = match &input.occurred_at {
        None => Some(None),
        some => parse::business_time(&mut violations, "occurred_at", some.as_ref()).map(|at| Some(time::to_micros(at))),
    };
    violations.check(input.activity.is_some(), "activity", "is missing");
    let activity = input.activity.as_ref().map(activity_from_wire);
    let read = (|| {
        Some(AskedActivity {
            member_id: member_id?,
            occurred_at: occurred_at?,
            channel: input.channel.clone(),
            store: input.store.clone(),
            currency_code: currency_code(input),
            activity: activity?,
        })
    })();
    violations.finish(read)
}

fn currency_code(input: &pb::ActivityInput) -> String {
    match &input.activity {
        Some(pb::activity_input::Activity::Purchase(purchase)) => purchase.currency_code.clone(),
        _ => String::new(),
    }
}
