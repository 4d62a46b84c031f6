//! Publishes a version of a budget.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    time,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{Command, Failure, rules_now::rules_now, state::State};
use crate::{
    context::Context,
    domain::{Budget, ancestors},
    error::Error,
    store::{BudgetRule, ProgramRules, recall_excess},
};

/// What this is remembered under.
const METHOD: i16 = 5;

/// Asks to publish a budget.
#[derive(Clone, Debug)]
pub struct PublishBudget {
    /// The request, as it came.
    pub request: pb::PublishBudgetRequest,
    /// The budget.
    pub budget: Budget,
}

/// Publishes a budget, and takes back what shards have left of one whose cap was lowered below what is given out.
pub async fn publish_budget(
    cx: &Context,
    caller: &Caller,
    command: PublishBudget,
) -> Result<pb::PublishBudgetResponse, Failure> {
    let (scope, budget) = (caller.program(), command.budget.code.clone());
    let key = command.key(caller);
    let answer = cx.writer.call(key, Command::PublishBudget(command.into())).await?;
    cx.exhausted.forget(scope.id());
    let (program, rules) = rules_now(cx, scope).await?;
    let recalled = cx
        .db
        .run(move |pool| async move { recall_excess(&pool, &rules, program.program_id, &budget).await });
    recalled.await?;
    Ok(answer.decode()?)
}

impl PublishBudget {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already. Refuses a budget that is a part of none that is known, or that would count anew what is counted already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        self.check(&state.rules.of(stamp.program_id()))?;
        let wire = self.request.budget.clone().unwrap_or_default();
        let rule = BudgetRule(Arc::new(self.budget.clone()));
        let budgets = &mut state.rules.budgets;
        let (version, changed) = budgets.publish(&self.budget.code, wire, rule, None, stamp)?;
        let budget_version = pb::BudgetVersion {
            budget: Some(version.wire.clone()),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            let published = pb::BudgetPublished {
                budget_version: Some(budget_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::BudgetPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishBudgetResponse {
            budget_version: Some(budget_version),
            changed,
        }
        .encode_to_vec())
    }

    fn check(&self, rules: &ProgramRules) -> Result<(), Error> {
        let ancestors = ancestors(&self.budget, |code| rules.budget(code)).map_err(|code| Error::BudgetNotFound {
            budget: code.to_owned(),
        })?;
        let contradictions = self.budget.contradictions(&ancestors, rules.budget(&self.budget.code));
        if contradictions.is_empty() {
            Ok(())
        } else {
            Err(Error::BudgetInvalid(contradictions))
        }
    }
}
