//! The parts of a program, each of which is published by itself: what they have in common, whatever they are.

use std::fmt;

use prost::Message as _;
use proto::{
    campaign::{
        Accrual, Budget, Campaign, DiscountPolicy, Group, MessagePolicy, MessageTemplate, ReferralPolicy, Target,
    },
    points::Wallet,
    rewards_catalog::{Lottery, Reward},
    tier::Ladder,
};
use xxhash_rust::xxh3::xxh3_128;

use super::{
    accrual, budget, campaign, discount, group, ladder, lottery,
    manifest::Manifest,
    referral,
    reward::{self, Stocked},
    target, template, wallet,
    words::{Facts, Frame},
};

/// What a part is. In the order in which parts are published: what others refer to comes first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A wallet.
    Wallet,
    /// A ladder.
    Ladder,
    /// An accrual.
    Accrual,
    /// How discounts go together.
    Discounts,
    /// A budget.
    Budget,
    /// A group of campaigns.
    Group,
    /// A template of messages.
    Template,
    /// How often members are written to.
    Messages,
    /// How members bring friends.
    Referral,
    /// A campaign.
    Campaign,
    /// A reward.
    Reward,
    /// A lottery.
    Lottery,
    /// What the program wants to reach.
    Target,
}

/// A part of a program.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A wallet.
    Wallet(&'a Wallet),
    /// A ladder.
    Ladder(&'a Ladder),
    /// An accrual.
    Accrual(&'a Accrual),
    /// How discounts go together.
    Discounts(&'a DiscountPolicy),
    /// A budget.
    Budget(&'a Budget),
    /// A group of campaigns.
    Group(&'a Group),
    /// A template of messages.
    Template(&'a MessageTemplate),
    /// How often members are written to.
    Messages(&'a MessagePolicy),
    /// How members bring friends.
    Referral(&'a ReferralPolicy),
    /// A campaign.
    Campaign(&'a Campaign),
    /// A reward.
    Reward(&'a Reward),
    /// A lottery.
    Lottery(&'a Lottery),
    /// What the program wants to reach.
    Target(&'a Target),
}

/// A part of a file: where it stands there, and what is put in stock with it.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The part.
    pub part: Part<'a>,
    /// Its place among those of its kind.
    pub index: usize,
    /// The first stock of a reward; 0 for none.
    pub stock: i64,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Wallet => "wallet",
            Kind::Ladder => "ladder",
            Kind::Accrual => "accrual",
            Kind::Discounts => "discounts",
            Kind::Budget => "budget",
            Kind::Group => "group",
            Kind::Template => "template",
            Kind::Messages => "messages",
            Kind::Referral => "referral",
            Kind::Campaign => "campaign",
            Kind::Reward => "reward",
            Kind::Lottery => "lottery",
            Kind::Target => "target",
        })
    }
}

impl Part<'_> {
    /// Returns what the part is.
    pub fn kind(self) -> Kind {
        match self {
            Part::Wallet(_) => Kind::Wallet,
            Part::Ladder(_) => Kind::Ladder,
            Part::Accrual(_) => Kind::Accrual,
            Part::Discounts(_) => Kind::Discounts,
            Part::Budget(_) => Kind::Budget,
            Part::Group(_) => Kind::Group,
            Part::Template(_) => Kind::Template,
            Part::Messages(_) => Kind::Messages,
            Part::Referral(_) => Kind::Referral,
            Part::Campaign(_) => Kind::Campaign,
            Part::Reward(_) => Kind::Reward,
            Part::Lottery(_) => Kind::Lottery,
            Part::Target(_) => Kind::Target,
        }
    }

    /// Returns its code, which no other of its kind has.
    pub fn code(&self) -> &str {
        match self {
            Part::Wallet(wallet) => &wallet.code,
            Part::Ladder(ladder) => &ladder.code,
            Part::Accrual(accrual) => &accrual.code,
            Part::Discounts(_) | Part::Messages(_) | Part::Referral(_) => "",
            Part::Budget(budget) => &budget.code,
            Part::Group(group) => &group.code,
            Part::Template(template) => &template.code,
            Part::Campaign(campaign) => &campaign.code,
            Part::Reward(reward) => &reward.code,
            Part::Lottery(lottery) => &lottery.code,
            Part::Target(target) => &target.code,
        }
    }

    /// Describes it.
    pub fn facts(self, frame: &Frame) -> Facts {
        match self {
            Part::Wallet(wallet) => wallet::facts(wallet, frame),
            Part::Ladder(ladder) => ladder::facts(ladder, frame),
            Part::Accrual(accrual) => accrual::facts(accrual, frame),
            Part::Discounts(policy) => discount::facts(policy),
            Part::Budget(budget) => budget::facts(budget, frame),
            Part::Group(group) => group::facts(group),
            Part::Template(template) => template::facts(template),
            Part::Messages(policy) => template::facts_of_policy(policy),
            Part::Referral(policy) => referral::facts(policy, frame),
            Part::Campaign(campaign) => campaign::facts(campaign, frame),
            Part::Reward(reward) => reward::facts(reward, frame),
            Part::Lottery(lottery) => lottery::facts(lottery, frame),
            Part::Target(target) => target::facts(target, frame),
        }
    }

    /// Returns the key under which it is published after a version: the same for the same content, so that a run which broke off is
    /// repeated and not done twice; another after another version, so that what was changed can be changed back.
    pub fn request_id(self, after_version: i32) -> String {
        let content = match self {
            Part::Wallet(wallet) => wallet.encode_to_vec(),
            Part::Ladder(ladder) => ladder.encode_to_vec(),
            Part::Accrual(accrual) => accrual.encode_to_vec(),
            Part::Discounts(policy) => policy.encode_to_vec(),
            Part::Budget(budget) => budget.encode_to_vec(),
            Part::Group(group) => group.encode_to_vec(),
            Part::Template(template) => template.encode_to_vec(),
            Part::Messages(policy) => policy.encode_to_vec(),
            Part::Referral(policy) => policy.encode_to_vec(),
            Part::Campaign(campaign) => campaign.encode_to_vec(),
            Part::Reward(reward) => reward.encode_to_vec(),
            Part::Lottery(lottery) => lottery.encode_to_vec(),
            Part::Target(target) => target.encode_to_vec(),
        };
        request_id(&format!("{}/v{}", self.kind(), after_version + 1), &content)
    }
}

/// Returns a key of ours, made of what it is for and a hash of the content.
pub fn request_id(purpose: &str, content: &[u8]) -> String {
    format!("apply/{purpose}/{:032x}", xxh3_128(content))
}

impl Manifest {
    /// Returns every part of the program, in the order in which they are published.
    pub fn parts(&self) -> Vec<Listed<'_>> {
        let listed = |(index, part)| Listed { part, index, stock: 0 };
        let wallets = self.wallets.iter().map(Part::Wallet).enumerate().map(listed);
        let ladders = self.ladders.iter().map(Part::Ladder).enumerate().map(listed);
        let accruals = self.accruals.iter().map(Part::Accrual).enumerate().map(listed);
        let policy = self.discount_policy.iter().map(Part::Discounts).enumerate().map(listed);
        let budgets = self.budgets.iter().map(Part::Budget).enumerate().map(listed);
        let groups = self.groups.iter().map(Part::Group).enumerate().map(listed);
        let templates = self.templates.iter().map(Part::Template).enumerate().map(listed);
        let messages = self.message_policy.iter().map(Part::Messages).enumerate().map(listed);
        let referral = self.referral_policy.iter().map(Part::Referral).enumerate().map(listed);
        let campaigns = self.campaigns.iter().map(Part::Campaign).enumerate().map(listed);
        let targets = self.targets.iter().map(Part::Target).enumerate().map(listed);
        let rewards = self.rewards.iter().enumerate();
        let rewards = rewards.map(|(index, Stocked { reward, stock })| Listed {
            part: Part::Reward(reward),
            index,
            stock: *stock,
        });
        let lotteries = self.lotteries.iter().enumerate();
        let lotteries = lotteries.flat_map(|(index, of_section)| {
            let parts = of_section.iter().map(Part::Lottery);
            parts.map(move |part| Listed { part, index, stock: 0 })
        });
        wallets
            .chain(ladders)
            .chain(accruals)
            .chain(policy)
            .chain(budgets)
            .chain(groups)
            .chain(templates)
            .chain(messages)
            .chain(referral)
            .chain(campaigns)
            .chain(rewards)
            .chain(lotteries)
            .chain(targets)
            .collect()
    }
}
