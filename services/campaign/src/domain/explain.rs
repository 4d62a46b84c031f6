//! Tells a decision in sentences, for people who have to answer a member, in the language that they speak.

mod chinese;
mod english;
mod number;

pub(super) use number::number;

use super::activity::Activity;
use super::campaign::NotFired;
use super::charge::{Charge, Cost};
use super::decision::{AccrualDecision, Award, CampaignDecision, Contribution, Decision};
use super::facts::{Facts, LevelFact};
use super::grant::Given;
use super::history::HistoryFact;
use super::kept::KeptLine;
use super::left_out::LeftOut;
use super::sample::SampleFact;
use super::streak::StreakFact;
use jiff::civil::Date;

/// A language.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, as it is written in mainland China.
    Chinese,
}

/// The sentences of a language.
trait Words {
    fn bought(&self, order_id: &str) -> String;
    fn came_back(&self, order_id: &str) -> String;
    fn did(&self, kind: &str) -> String;
    fn purchases_before(&self, purchases: i64) -> String;
    fn level(&self, fact: &LevelFact) -> String;
    fn history(&self, fact: &HistoryFact) -> String;
    fn streak(&self, fact: &StreakFact) -> String;
    fn sample(&self, fact: &SampleFact) -> String;
    fn birthday(&self, on: Date) -> String;
    fn prospect(&self) -> String;
    fn applied(&self, campaign: &str, version: i32) -> String;
    fn did_not_apply(&self, campaign: &str, version: i32, reason: NotFired, because_of: Option<&str>) -> String;
    fn not_published(&self, campaign: &str, version: i32) -> String;
    fn counted(&self, accrual: &AccrualDecision) -> String;
    fn credits_wallet(&self, accrual: &AccrualDecision) -> String;
    fn brought(&self, contribution: &Contribution) -> String;
    fn factor(&self, accrual: &AccrualDecision) -> String;
    fn added(&self, accrual: &AccrualDecision) -> String;
    fn capped(&self, accrual: &AccrualDecision) -> String;
    fn makes(&self, accrual: &AccrualDecision) -> String;
    fn keeps(&self, kept: &[KeptLine]) -> String;
    fn award(&self, award: &Award) -> String;
    fn gives(&self, given: &Given) -> String;
    fn revokes(&self, given: &Given) -> String;
    fn charged(&self, charge: &Charge) -> String;
    fn nothing_awarded(&self) -> String;
}

/// Tells why an activity earned what it did, in the order in which it was decided; and why some campaigns were not even considered.
pub fn explain(activity: &Activity, decision: &Decision, left_out: &[LeftOut], language: Language) -> Vec<String> {
    let words: &dyn Words = match language {
        Language::English => &english::English,
        Language::Chinese => &chinese::Chinese,
    };
    let mut sentences = vec![opening(activity, words)];
    sentences.extend(facts(activity, &decision.facts, words));
    sentences.extend(decision.campaigns.iter().map(|of| campaign(of, words)));
    sentences.extend(left_out.iter().map(|of| not_considered(of, words)));
    for accrual in &decision.accruals {
        sentences.extend(explain_accrual(activity, accrual, words));
    }
    sentences.extend(decision.returned.iter().map(|returned| words.keeps(&returned.kept)));
    if decision.awards.is_empty() {
        sentences.push(words.nothing_awarded());
    }
    sentences.extend(decision.awards.iter().map(|award| words.award(award)));
    sentences.extend(decision.given.iter().map(|given| words.gives(given)));
    let revoked = decision.returned.iter().flat_map(|returned| &returned.revoked);
    sentences.extend(revoked.map(|revoked| words.revokes(&revoked.given)));
    let charged = decision.charges.iter().filter(|charge| charge.by != Cost::default());
    sentences.extend(charged.map(|charge| words.charged(charge)));
    sentences
}

fn opening(activity: &Activity, words: &dyn Words) -> String {
    match activity {
        Activity::Purchase(purchase) => words.bought(purchase.order_id()),
        Activity::Return(returned) => words.came_back(&returned.order_id),
        Activity::Custom(custom) => words.did(&custom.kind),
    }
}

fn facts(activity: &Activity, facts: &Facts, words: &dyn Words) -> Vec<String> {
    let is_about_an_order = !matches!(activity, Activity::Custom(_));
    let prospect = facts.is_prospect.then(|| words.prospect());
    let purchases = is_about_an_order.then(|| words.purchases_before(facts.purchases_before));
    let levels = facts.levels.iter().map(|fact| words.level(fact));
    let histories = facts.histories.iter().map(|fact| words.history(fact));
    let streaks = facts.streaks.iter().map(|fact| words.streak(fact));
    let samples = facts.samples.iter().map(|fact| words.sample(fact));
    let birthday = facts.birthday_on.map(|on| words.birthday(on));
    let of_member = histories.chain(streaks).chain(samples).chain(birthday);
    let who = prospect.into_iter().chain(purchases);
    who.chain(levels).chain(of_member).collect()
}

fn campaign(of: &CampaignDecision, words: &dyn Words) -> String {
    match of.unmet {
        None => words.applied(&of.campaign, of.version),
        Some(unmet) => words.did_not_apply(&of.campaign, of.version, unmet.reason, of.because_of.as_deref()),
    }
}

fn not_considered(of: &LeftOut, words: &dyn Words) -> String {
    match of.reason {
        None => words.not_published(&of.campaign, of.version),
        Some(reason) => words.did_not_apply(&of.campaign, of.version, reason, None),
    }
}

fn explain_accrual(activity: &Activity, accrual: &AccrualDecision, words: &dyn Words) -> Vec<String> {
    let is_about_an_order = !matches!(activity, Activity::Custom(_));
    let mut sentences = vec![if is_about_an_order {
        words.counted(accrual)
    } else {
        words.credits_wallet(accrual)
    }];
    sentences.extend(accrual.contributions.iter().map(|of| words.brought(of)));
    sentences.extend(is_about_an_order.then(|| words.factor(accrual)));
    sentences.extend((!accrual.added_points.is_zero()).then(|| words.added(accrual)));
    sentences.extend((!accrual.capped_points.is_zero()).then(|| words.capped(accrual)));
    sentences.push(words.makes(accrual));
    sentences
}
