//! The rules of the contracts, checked on every message of a file before anything is sent.

use proto::Validate;

use super::{manifest::Manifest, sheet::Sheet};

/// The contracts' pattern of codes, which is put into words.
const CODE: &str = "^[a-z][a-z0-9_-]*$";

/// Notes every rule that the messages of a file break.
pub fn check(sheet: &Sheet, manifest: &Manifest) {
    let Manifest {
        program,
        wallets,
        ladders,
        accruals,
        discount_policy,
        budgets,
        groups,
        templates,
        message_policy,
        referral_policy,
        campaigns,
        rewards,
        lotteries,
        targets,
        ..
    } = manifest;
    check_message(sheet, "program", program);
    check_each(sheet, "wallet", wallets.iter());
    check_each(sheet, "ladder", ladders.iter());
    check_each(sheet, "accrual", accruals.iter());
    if let Some(policy) = discount_policy {
        check_message(sheet, "discount_policy", policy);
    }
    check_each(sheet, "budget", budgets.iter());
    check_each(sheet, "group", groups.iter());
    check_each(sheet, "template", templates.iter());
    if let Some(policy) = message_policy {
        check_message(sheet, "message_policy", policy);
    }
    if let Some(policy) = referral_policy {
        check_message(sheet, "referral_policy", policy);
    }
    check_each(sheet, "campaign", campaigns.iter());
    check_each(sheet, "reward", rewards.iter().map(|stocked| &stocked.reward));
    for (index, of_section) in lotteries.iter().enumerate() {
        for lottery in of_section {
            check_message(sheet, &format!("lottery[{index}]"), lottery);
        }
    }
    check_each(sheet, "target", targets.iter());
}

fn check_each<'a, M: Validate + 'a>(sheet: &Sheet, section: &str, messages: impl Iterator<Item = &'a M>) {
    for (index, message) in messages.enumerate() {
        check_message(sheet, &format!("{section}[{index}]"), message);
    }
}

/// What is required and missing was noted when it was not found, under the key that the file has for it.
fn check_message(sheet: &Sheet, path: &str, message: &impl Validate) {
    for violation in message
        .violations()
        .iter()
        .filter(|violation| violation.rule != "required")
    {
        sheet.wrong(&format!("{path}.{}", violation.field), in_words(violation.description));
    }
}

/// Says a rule of a contract so that someone who reads no patterns understands it.
pub(super) fn in_words(description: &str) -> &str {
    match description.strip_prefix("must match ") {
        Some(pattern) if pattern.contains(&CODE[1..CODE.len() - 1]) => {
            "must begin with a small letter, and have only small letters, digits, - and _ after it"
        }
        Some("^[A-Z]{3}$") => r#"must be three capital letters, such as "USD""#,
        _ => description,
    }
}
