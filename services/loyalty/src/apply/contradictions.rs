//! What is well formed and cannot be: the same contradictions that the services refuse, told before anything is sent.

use proto::{
    campaign::{Campaign, effect::Effect, schedule::Schedule, trigger::Trigger},
    tier::{Level, RequirementSet},
};

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
    for (index, campaign) in manifest.campaigns.iter().enumerate() {
        let accrual = manifest
            .accruals
            .iter()
            .find(|accrual| accrual.code == campaign.accrual);
        let has_ladder = accrual.is_none_or(|accrual| !accrual.ladder.is_empty());
        check_campaign(
            &Checked {
                sheet,
                path: format!("campaign[{index}]"),
            },
            campaign,
            has_ladder,
        );
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

fn check_campaign(checked: &Checked<'_>, campaign: &Campaign, has_ladder: bool) {
    let custom = matches!(
        campaign.trigger.as_ref().and_then(|trigger| trigger.trigger.as_ref()),
        Some(Trigger::Custom(_))
    );
    let multiply = match campaign.effect.and_then(|effect| effect.effect) {
        Some(Effect::Multiply(ratio)) => Some(ratio),
        _ => None,
    };
    let window = match campaign.schedule.and_then(|schedule| schedule.schedule) {
        Some(Schedule::Once(once)) => once.start.zip(once.end),
        _ => None,
    };
    let audience = campaign.audience.clone().unwrap_or_default();
    let takes_away = multiply.is_some_and(|ratio| ratio.num < ratio.den);
    checked.refuse_if(
        window.is_some_and(is_empty),
        "schedule.once.end",
        "must be after the start",
    );
    checked.refuse_if(
        takes_away,
        "effect.multiply",
        "must be at least 1: a campaign never takes away",
    );
    checked.refuse_if(
        custom && multiply.is_some(),
        "effect.multiply",
        "has nothing to multiply: only purchases have a base; use add_points",
    );
    checked.refuse_if(
        custom && campaign.max_points_per_order != 0,
        "max_points_per_order",
        "is for purchases only; leave it out",
    );
    checked.refuse_if(
        custom && audience.first_purchase,
        "audience.first_purchase",
        "is for purchases only; leave it out",
    );
    checked.refuse_if(
        !has_ladder && !audience.levels.is_empty(),
        "audience.levels",
        "needs a ladder; give one to the accrual",
    );
    for (name, list) in [("levels", &audience.levels), ("channels", &audience.channels)] {
        let empty = list.iter().position(String::is_empty);
        checked.refuse_if(empty.is_some(), &format!("audience.{name}"), "has an empty name");
    }
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
