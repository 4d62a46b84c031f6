//! Tells what a campaign is, in sentences that shop staff can read to a member.

mod chinese;
mod english;

pub(super) use chinese::what as what_in_chinese;
pub(super) use english::what as what_in_english;

use common::currency::Currency;
use common::zone::Zone;

use super::budget::Funding;
use super::campaign::{Campaign, Effect, Trigger};
use super::condition::Condition;
use super::discount::Discount;
use super::explain::Language;
use super::grant::Grant;
use super::limit::Limit;
use super::names::Names;
use super::schedule::Schedule;
use super::streak::MakeUp;

/// What the sentences of a program have in common.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The program's zone.
    pub zone: Zone,
    /// Its currency.
    pub currency: Currency,
}

/// The sentences of a language about rules.
trait RuleWords {
    fn name(&self, campaign: &Campaign) -> String;
    fn trigger(&self, trigger: &Trigger) -> String;
    fn schedule(&self, schedule: &Schedule) -> Vec<String>;
    fn condition(&self, condition: &Condition) -> String;
    fn effect(&self, effect: &Effect) -> String;
    fn discount(&self, discount: &Discount) -> String;
    fn limit(&self, limit: &Limit) -> String;
    fn group(&self, group: &str) -> String;
    fn exclusive_tags(&self, tags: &Names) -> String;
    fn funding(&self, funding: &Funding) -> String;
    fn paused(&self) -> String;
    fn make_up(&self, make_up: &MakeUp) -> String;
    fn grant(&self, grant: &Grant) -> String;
}

/// Tells what a campaign is for, when it runs, what must hold, what it does and how often, and who pays: all that the rule says, in that order.
pub fn describe(campaign: &Campaign, setting: &Setting, language: Language) -> Vec<String> {
    let (english, chinese) = (english::English(setting), chinese::Chinese(setting));
    let words: &dyn RuleWords = match language {
        Language::English => &english,
        Language::Chinese => &chinese,
    };
    let mut sentences = vec![words.name(campaign)];
    sentences.extend(campaign.paused.then(|| words.paused()));
    sentences.push(words.trigger(&campaign.trigger));
    sentences.extend(words.schedule(&campaign.schedule));
    sentences.extend(campaign.condition.iter().map(|condition| words.condition(condition)));
    sentences.extend(campaign.effects.iter().map(|effect| words.effect(effect)));
    sentences.extend(campaign.grants.iter().map(|grant| words.grant(grant)));
    sentences.extend(campaign.make_up.iter().map(|make_up| words.make_up(make_up)));
    sentences.extend(campaign.discounts.iter().map(|discount| words.discount(discount)));
    sentences.extend(campaign.limits.iter().map(|limit| words.limit(limit)));
    sentences.extend(campaign.group.iter().map(|group| words.group(group)));
    if !campaign.exclusive_tags.is_empty() {
        sentences.push(words.exclusive_tags(&campaign.exclusive_tags));
    }
    sentences.extend(campaign.funding.iter().map(|funding| words.funding(funding)));
    sentences
}

/// Writes a minute of the day as clocks do.
fn clock(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
