//! What is well formed and cannot be: the same contradictions that the services refuse, told before anything is sent.

use proto::{
    rewards_catalog as pb,
    tier::{Level, RequirementSet},
};
use rewards_catalog::domain::{Lottery, LotteryDefinition};

use super::{manifest::Manifest, reward::Stocked, sheet::Sheet};

/// Notes everything in a file that contradicts itself.
pub fn check(sheet: &Sheet, manifest: &Manifest) {
    for (index, ladder) in manifest.ladders.iter().enumerate() {
        check_levels(sheet, &format!("ladder[{index}].levels"), &ladder.levels);
    }
    for (index, wallet) in manifest.wallets.iter().enumerate() {
        let checked = Checked {
            sheet,
            path: format!("wallet[{index}]"),
        };
        for (number, funder) in wallet.funders.iter().enumerate() {
            let is_second = wallet.funders[..number].iter().any(|other| other.code == funder.code);
            checked.refuse_if(is_second, &format!("funders[{number}].code"), "is there twice");
        }
    }
    for (index, budget) in manifest.budgets.iter().enumerate() {
        for refused in campaign::budget_contradictions(budget, &manifest.budgets) {
            sheet.wrong(&format!("budget[{index}].{}", refused.field), refused.sentence);
        }
    }
    for (index, group) in manifest.groups.iter().enumerate() {
        for refused in campaign::group_contradictions(group, &manifest.groups) {
            sheet.wrong(&format!("group[{index}].{}", refused.field), refused.sentence);
        }
    }
    for (index, template) in manifest.templates.iter().enumerate() {
        for refused in campaign::template_contradictions(template) {
            sheet.wrong(&format!("template[{index}].{}", refused.field), refused.sentence);
        }
    }
    for (index, campaign) in manifest.campaigns.iter().enumerate() {
        for refused in campaign::campaign_contradictions(campaign, &manifest.accruals) {
            sheet.wrong(&format!("campaign[{index}].{}", refused.field), refused.sentence);
        }
    }
    for (index, target) in manifest.targets.iter().enumerate() {
        for refused in campaign::target_contradictions(target) {
            sheet.wrong(&format!("target[{index}].{}", refused.field), refused.sentence);
        }
    }
    for (index, stocked) in manifest.rewards.iter().enumerate() {
        check_reward(
            &Checked {
                sheet,
                path: format!("reward[{index}]"),
            },
            stocked,
        );
    }
    for (index, of_section) in manifest.lotteries.iter().enumerate() {
        for lottery in of_section {
            check_lottery(
                sheet,
                &format!("lottery[{index}]"),
                lottery,
                manifest.frame.currency.code(),
            );
        }
    }
}

/// What cannot be read breaks a rule of the contract, which is told already.
fn check_lottery(sheet: &Sheet, path: &str, lottery: &pb::Lottery, currency: &str) {
    let Ok(lottery) = LotteryDefinition::try_from(lottery.clone()) else {
        return;
    };
    for contradiction in Lottery::new(lottery, currency).err().unwrap_or_default() {
        sheet.wrong(&format!("{path}.{}", contradiction.field()), contradiction);
    }
}

/// A message that is being checked.
struct Checked<'a> {
    sheet: &'a Sheet,
    path: String,
}

impl Checked<'_> {
    fn refuse_if(&self, contradicts: bool, field: &str, what: &str) {
        if contradicts {
            self.sheet.wrong(&format!("{}.{field}", self.path), what);
        }
    }
}

/// A level is out of reach when whoever could enter it enters a higher one instead.
fn check_levels(sheet: &Sheet, field: &str, levels: &[Level]) {
    for (rank, level) in levels.iter().enumerate().skip(1) {
        let higher = levels[rank + 1..]
            .iter()
            .find(|higher| !level.any_of.is_empty() && implies(level, higher));
        if let Some(higher) = higher {
            let what = format!(
                "can never be entered: whoever meets this meets what {:?} asks for too",
                higher.code
            );
            sheet.wrong(&format!("{field}[{rank}].any_of"), what);
        }
    }
}

fn implies(level: &Level, higher: &Level) -> bool {
    level
        .any_of
        .iter()
        .all(|way| higher.any_of.iter().any(|higher| contains(way, higher)))
}

/// Tells whether whoever meets a set meets the other too.
fn contains(set: &RequirementSet, other: &RequirementSet) -> bool {
    other.all_of.iter().all(|asked| {
        let same = set
            .all_of
            .iter()
            .filter(|met| (met.metric, met.window) == (asked.metric, asked.window));
        asked.at_least > 0 && same.into_iter().any(|met| met.at_least >= asked.at_least)
    })
}

fn check_reward(checked: &Checked<'_>, Stocked { reward, .. }: &Stocked) {
    let blank = !reward.display_name.is_empty() && reward.display_name.trim().is_empty();
    checked.refuse_if(blank, "display_name", "must say something");
    let Some(eligibility) = &reward.eligibility else { return };
    let (ladder, levels) = (&eligibility.ladder, &eligibility.levels);
    checked.refuse_if(
        ladder.is_empty() && !levels.is_empty(),
        "eligibility.levels",
        "needs the ladder that they are on; write ladder = \"...\" beside it",
    );
    checked.refuse_if(
        !ladder.is_empty() && levels.is_empty(),
        "eligibility.ladder",
        "needs the levels that may have it; write levels = [\"...\"] beside it",
    );
    for (index, level) in levels.iter().enumerate() {
        checked.refuse_if(
            levels[..index].contains(level),
            &format!("eligibility.levels[{index}]"),
            "is there twice",
        );
    }
    let window = eligibility.start.zip(eligibility.end);
    checked.refuse_if(
        window.is_some_and(is_empty),
        "eligibility.end",
        "must be after the start",
    );
}

fn is_empty((start, end): (prost_types::Timestamp, prost_types::Timestamp)) -> bool {
    (end.seconds, end.nanos) <= (start.seconds, start.nanos)
}
