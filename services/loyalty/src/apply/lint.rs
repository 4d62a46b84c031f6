//! What is strange about the campaigns of a file, told before anything of it is published: by what the campaign service tells of those that are (`LintRules`).

use campaign::domain::{DiscountPolicy, Ladders, Language, Plan, Rules, lint, sentence};
use jiff::Timestamp;
use proto::tier::LadderVersion;

use super::{forecast::versions, manifest::Manifest};

/// Tells everything strange, a sentence each; nothing of a file whose rules cannot be read, which whoever publishes them is told.
pub fn look(manifest: &Manifest) -> Vec<String> {
    let Some((rules, ladders, policy)) = parts(manifest) else {
        return Vec::new();
    };
    let found = lint(&Plan {
        rules: &rules,
        policy,
        ladders: &ladders,
        zone: &manifest.frame.zone,
        now: manifest.start().unwrap_or_else(Timestamp::now),
    });
    found
        .iter()
        .map(|finding| sentence(finding, Language::English))
        .collect()
}

fn parts(manifest: &Manifest) -> Option<(Rules, Ladders, DiscountPolicy)> {
    let accruals = versions(&manifest.accruals, campaign::accrual_from_wire).ok()?;
    let groups = versions(&manifest.groups, campaign::group_from_wire).ok()?;
    let campaigns = versions(&manifest.campaigns, campaign::campaign_from_wire).ok()?;
    let mut ladders = Ladders::default();
    for ladder in &manifest.ladders {
        ladders.put(campaign::ladder_from_wire(&LadderVersion {
            ladder: Some(ladder.clone()),
            version: 1,
            effective_from: Some(prost_types::Timestamp::default()),
        })?);
    }
    let policy = manifest
        .discount_policy
        .as_ref()
        .and_then(|policy| campaign::policy_from_wire(policy).ok());
    Some((
        Rules::new(accruals, campaigns, groups),
        ladders,
        policy.unwrap_or_default(),
    ))
}
