//! A program as one file.

use std::{fs, path::Path};

use anyhow::Context as _;
use proto::{
    campaign::{
        Accrual, Budget, Campaign, DiscountPolicy, Group, MessagePolicy, MessageTemplate, ReferralPolicy, Target,
    },
    member::Program,
    points::Wallet,
    rewards_catalog::Lottery,
    tier::Ladder,
};

use super::{
    accrual, budget, campaign, contradictions, discount,
    forecast::{self, Forecast},
    group, ladder, lottery,
    mistakes::{Marks, Mistakes},
    program, references, referral,
    reward::{self, Stocked},
    rules,
    sheet::{Item, Sheet, Table},
    target, template, wallet,
    words::Frame,
};

/// A program as one file: everything that `loyalty apply` publishes, and what it is expected to meet. One that could be read has no mistake
/// that can be told without asking the services.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub(super) file: String,
    pub(super) program: Program,
    pub(super) frame: Frame,
    pub(super) wallets: Vec<Wallet>,
    pub(super) ladders: Vec<Ladder>,
    pub(super) accruals: Vec<Accrual>,
    pub(super) discount_policy: Option<DiscountPolicy>,
    pub(super) budgets: Vec<Budget>,
    pub(super) groups: Vec<Group>,
    pub(super) templates: Vec<MessageTemplate>,
    pub(super) message_policy: Option<MessagePolicy>,
    pub(super) referral_policy: Option<ReferralPolicy>,
    pub(super) campaigns: Vec<Campaign>,
    pub(super) rewards: Vec<Stocked>,
    /// Those of each section: one, or one for each month.
    pub(super) lotteries: Vec<Vec<Lottery>>,
    pub(super) targets: Vec<Target>,
    pub(super) forecast: Option<Forecast>,
    pub(super) marks: Marks,
}

impl Manifest {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Manifest> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        Ok(Manifest::parse(&name, &text)?)
    }

    /// Reads a text; the name of its file is only told in mistakes.
    pub fn parse(file: &str, text: &str) -> Result<Manifest, Mistakes> {
        let sheet = Sheet::new(file, text);
        let document = sheet.parse(text)?;
        let manifest = sheet.read(&document, |table| Manifest::of(file, table));
        rules::check(&sheet, &manifest);
        references::check(&sheet, &manifest);
        contradictions::check(&sheet, &manifest);
        forecast::check(&sheet, &manifest);
        let marks = sheet.finish()?;
        Ok(Manifest { marks, ..manifest })
    }

    fn of(file: &str, table: &Table<'_>) -> Manifest {
        let program = table.need(
            "program",
            "program",
            r#"{ id = "...", name = "...", zone = "...", currency = "..." }"#,
        );
        let read = program.and_then(|item| item.table("a table", program::read));
        let (program, frame) = read.unwrap_or_else(|| (Program::default(), Frame::stand_in()));
        Manifest {
            file: file.to_owned(),
            wallets: every(table, "wallet", |table| wallet::read(table, &frame)),
            ladders: every(table, "ladder", |table| ladder::read(table, &frame)),
            accruals: every(table, "accrual", |table| accrual::read(table, &frame)),
            discount_policy: table
                .find("discounts", "discount_policy")
                .and_then(|item| item.table("a table", discount::read_policy)),
            budgets: every(table, "budget", |table| budget::read(table, &frame)),
            groups: every(table, "group", group::read),
            templates: every(table, "template", template::read),
            message_policy: table
                .find("messages", "message_policy")
                .and_then(|item| item.table("a table", template::read_policy)),
            referral_policy: table
                .find("referral", "referral_policy")
                .and_then(|item| item.table("a table", |table| referral::read(table, &frame))),
            campaigns: every(table, "campaign", |table| campaign::read(table, &frame)),
            rewards: every(table, "reward", |table| reward::read(table, &frame)),
            lotteries: every(table, "lottery", |table| lottery::read(table, &frame)),
            targets: every(table, "target", |table| target::read(table, &frame)),
            forecast: table
                .find("forecast", "forecast")
                .and_then(|item| item.table("a table", |table| forecast::read(table, &frame))),
            marks: Marks::default(),
            program,
            frame,
        }
    }

    /// Returns the id of the program, which is the tenant.
    pub fn program_id(&self) -> String {
        self.program.program_id.clone()
    }

    /// Returns the IANA name of the program's zone.
    pub fn zone(&self) -> &str {
        self.frame.zone.name()
    }

    /// Returns where the clock of a sandbox starts; nothing for a live program.
    pub fn start(&self) -> Option<jiff::Timestamp> {
        self.program.clock_at.and_then(common::time::from_wire)
    }

    /// Returns the rewards by their codes, with their prices in points.
    pub fn rewards(&self) -> Vec<(String, i64)> {
        let priced = self.rewards.iter().map(|Stocked { reward, .. }| {
            let points = reward.price.as_ref().map_or(0, |price| price.points);
            (reward.code.clone(), points)
        });
        priced.collect()
    }
}

/// Reads every table of a section.
fn every<T>(table: &Table<'_>, section: &'static str, read: impl Fn(&Table<'_>) -> T) -> Vec<T> {
    let read = |item: &Item<'_>| item.table(&format!("tables, each under [[{section}]]"), &read);
    table.every(section, section).iter().filter_map(read).collect()
}
