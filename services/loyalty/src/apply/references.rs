//! What the sections of a file say of one another: no code twice, and no name of something that is not there.

use std::collections::BTreeMap;

use proto::{
    campaign::{
        Condition, Grant, LevelCondition, Terms, condition::Condition as Of, discount::Off, grant,
        grant::Grant as Gives, level_grant::To,
    },
    rewards_catalog::Lottery,
    tier::Ladder,
};

use super::{manifest::Manifest, mistakes::nearest, reward::Stocked, sheet::Sheet};

/// Notes every code that is there twice, and every reference to something that is not there.
pub fn check(sheet: &Sheet, manifest: &Manifest) {
    let Manifest {
        wallets,
        ladders,
        accruals,
        budgets,
        groups,
        templates,
        campaigns,
        rewards,
        lotteries,
        targets,
        forecast,
        ..
    } = manifest;
    let wallets = codes(sheet, "wallet", wallets.iter().map(|wallet| wallet.code.as_str()));
    let ladder_codes = codes(sheet, "ladder", ladders.iter().map(|ladder| ladder.code.as_str()));
    let accrual_codes = codes(sheet, "accrual", accruals.iter().map(|accrual| accrual.code.as_str()));
    let budget_codes = codes(sheet, "budget", budgets.iter().map(|budget| budget.code.as_str()));
    let group_codes = codes(sheet, "group", groups.iter().map(|group| group.code.as_str()));
    let template_codes = codes(
        sheet,
        "template",
        templates.iter().map(|template| template.code.as_str()),
    );
    codes(
        sheet,
        "campaign",
        campaigns.iter().map(|campaign| campaign.code.as_str()),
    );
    let reward_codes = codes(
        sheet,
        "reward",
        rewards.iter().map(|stocked| stocked.reward.code.as_str()),
    );
    check_lotteries(sheet, lotteries, &wallets, &reward_codes);
    codes(sheet, "target", targets.iter().map(|target| target.code.as_str()));
    for (index, ladder) in ladders.iter().enumerate() {
        codes(
            sheet,
            &format!("ladder[{index}].levels"),
            ladder.levels.iter().map(|level| level.code.as_str()),
        );
    }

    for (index, accrual) in accruals.iter().enumerate() {
        let path = format!("accrual[{index}]");
        refer(sheet, &format!("{path}.wallet"), "wallet", &accrual.wallet, &wallets);
        refer(
            sheet,
            &format!("{path}.ladder"),
            "ladder",
            &accrual.ladder,
            &ladder_codes,
        );
        refer_to_funder(sheet, &path, accrual.terms.as_ref(), &accrual.wallet, manifest);
    }
    for (index, budget) in budgets.iter().enumerate() {
        let above: Vec<&str> = budgets[..index].iter().map(|budget| budget.code.as_str()).collect();
        let field = format!("budget[{index}].parent");
        refer(sheet, &field, "budget above it", &budget.parent, &above);
    }
    for (index, group) in groups.iter().enumerate() {
        let above = &groups[..index];
        let above: Vec<&str> = above.iter().map(|group| group.code.as_str()).collect();
        refer(
            sheet,
            &format!("group[{index}].parent"),
            "group above it",
            &group.parent,
            &above,
        );
    }
    for (index, campaign) in campaigns.iter().enumerate() {
        let path = format!("campaign[{index}]");
        refer(sheet, &format!("{path}.group"), "group", &campaign.group, &group_codes);
        for (number, discount) in campaign.discounts.iter().enumerate() {
            if let Some(Off::Level(level)) = &discount.off {
                let field = format!("{path}.discounts[{number}].level.ladder");
                refer(sheet, &field, "ladder", &level.ladder, &ladder_codes);
            }
        }
        for (number, grant) in campaign.grants.iter().enumerate() {
            refer_to_granted(sheet, &format!("{path}.grants[{number}]"), grant, ladders);
            if let Some(Gives::Message(message)) = &grant.grant {
                let field = format!("{path}.grants[{number}].message.template");
                refer(sheet, &field, "template", &message.template, &template_codes);
            }
        }
        if let Some(funding) = &campaign.funding {
            let field = format!("{path}.funding.budget");
            refer(sheet, &field, "budget", &funding.budget, &budget_codes);
        }
        for (number, effect) in campaign.effects.iter().enumerate() {
            let field = format!("{path}.effects[{number}].accrual");
            refer(sheet, &field, "accrual", &effect.accrual, &accrual_codes);
            if let Some(accrual) = accruals.iter().find(|accrual| accrual.code == effect.accrual) {
                let path = format!("{path}.effects[{number}]");
                refer_to_funder(sheet, &path, effect.terms.as_ref(), &accrual.wallet, manifest);
            }
        }
        for asked in campaign.condition.iter().flat_map(levels_of) {
            let field = format!("{path}.condition");
            refer(sheet, &field, "ladder", &asked.ladder, &ladder_codes);
            if let Some(ladder) = ladders.iter().find(|ladder| ladder.code == asked.ladder) {
                refer_to_levels(sheet, &field, &asked.levels, ladder);
            }
        }
    }
    if let Some(forecast) = forecast {
        refer(sheet, "forecast.budget", "budget", forecast.budget(), &budget_codes);
    }
    for (index, Stocked { reward, .. }) in rewards.iter().enumerate() {
        let path = format!("reward[{index}]");
        if let Some(price) = &reward.price {
            refer(
                sheet,
                &format!("{path}.price.wallet"),
                "wallet",
                &price.wallet,
                &wallets,
            );
        }
        let Some(eligibility) = &reward.eligibility else {
            continue;
        };
        refer(
            sheet,
            &format!("{path}.eligibility.ladder"),
            "ladder",
            &eligibility.ladder,
            &ladder_codes,
        );
        if let Some(ladder) = ladders.iter().find(|ladder| ladder.code == eligibility.ladder) {
            refer_to_levels(
                sheet,
                &format!("{path}.eligibility.levels"),
                &eligibility.levels,
                ladder,
            );
        }
    }
}

/// A section of several months has the prizes of all of them in one place, so its first lottery speaks for it.
fn check_lotteries(sheet: &Sheet, lotteries: &[Vec<Lottery>], wallets: &[&str], rewards: &[&str]) {
    let mut lines = BTreeMap::new();
    for (index, of_section) in lotteries.iter().enumerate() {
        let path = format!("lottery[{index}]");
        let code = format!("{path}.code");
        for lottery in of_section.iter().filter(|lottery| !lottery.code.is_empty()) {
            if let Some(line) = lines.insert(&lottery.code, sheet.line_of(&code)) {
                let told = format_args!("makes {:?}, which line {line} makes already", lottery.code);
                sheet.wrong(&code, told);
            }
        }
        let Some(lottery) = of_section.first() else { continue };
        let wallet = lottery.ticket_price.as_ref().map_or("", |price| &price.wallet);
        refer(sheet, &format!("{path}.ticket_price.wallet"), "wallet", wallet, wallets);
        for (number, prize) in lottery.prizes.iter().enumerate() {
            let field = format!("{path}.prizes[{number}].reward");
            refer(sheet, &field, "reward", &prize.reward, rewards);
        }
    }
}

/// Returns every level that a condition asks for.
fn levels_of(condition: &Condition) -> Vec<&LevelCondition> {
    match &condition.condition {
        Some(Of::All(of) | Of::Any(of) | Of::None(of)) => of.conditions.iter().flat_map(levels_of).collect(),
        Some(Of::Level(level)) => vec![level],
        _ => Vec::new(),
    }
}

/// Returns the codes of a section, and notes each that is there already.
fn codes<'a>(sheet: &Sheet, section: &str, codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut lines = BTreeMap::new();
    for (index, code) in codes.enumerate() {
        let field = format!("{section}[{index}].code");
        match lines.get(code) {
            _ if code.is_empty() => {}
            Some(line) => sheet.wrong(
                &field,
                format_args!("is {code:?}, which line {line} has already; every code must be another"),
            ),
            None => {
                lines.insert(code, sheet.line_of(&field));
            }
        }
    }
    lines.into_keys().collect()
}

fn refer_to_levels(sheet: &Sheet, field: &str, levels: &[String], ladder: &Ladder) {
    let known: Vec<&str> = ladder.levels.iter().map(|level| level.code.as_str()).collect();
    for (index, level) in levels.iter().enumerate() {
        refer(
            sheet,
            &format!("{field}[{index}]"),
            &format!("level of the ladder {:?}", ladder.code),
            level,
            &known,
        );
    }
}

/// The level that a campaign gives is one of a ladder.
fn refer_to_granted(sheet: &Sheet, path: &str, of: &Grant, ladders: &[Ladder]) {
    let Some(grant::Grant::Level(of)) = &of.grant else {
        return;
    };
    let known: Vec<&str> = ladders.iter().map(|ladder| ladder.code.as_str()).collect();
    refer(sheet, &format!("{path}.level.ladder"), "ladder", &of.ladder, &known);
    let ladder = ladders.iter().find(|ladder| ladder.code == of.ladder);
    if let (Some(To::Level(level)), Some(ladder)) = (&of.to, ladder) {
        let known: Vec<&str> = ladder.levels.iter().map(|level| level.code.as_str()).collect();
        let kind = format!("level of the ladder {:?}", ladder.code);
        refer(sheet, &format!("{path}.level.level"), &kind, level, &known);
    }
}

/// A wallet names those who pay for its points.
fn refer_to_funder(sheet: &Sheet, path: &str, terms: Option<&Terms>, wallet: &str, manifest: &Manifest) {
    let wallet = manifest.wallets.iter().find(|known| known.code == wallet);
    if let (Some(terms), Some(wallet)) = (terms, wallet) {
        let known: Vec<&str> = wallet.funders.iter().map(|funder| funder.code.as_str()).collect();
        let kind = format!("funder of the wallet {:?}", wallet.code);
        refer(sheet, &format!("{path}.terms.funder"), &kind, &terms.funder, &known);
    }
}

/// Notes a name that nothing has. An empty one refers to nothing, or is a mistake already.
pub fn refer(sheet: &Sheet, field: &str, kind: &str, name: &str, known: &[&str]) {
    if name.is_empty() || known.contains(&name) {
        return;
    }
    let hint = match (nearest(name, known.iter().copied()), known) {
        (Some(nearest), _) => format!("did you mean {nearest:?}?"),
        (None, []) => "the file has none".to_owned(),
        (None, known) => format!("the file has {}", known.join(", ")),
    };
    sheet.wrong(field, format_args!("is {name:?}, and there is no such {kind}; {hint}"));
}
