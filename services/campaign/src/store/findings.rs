//! What is strange about campaigns, as it is told.

use proto::campaign as pb;

use super::facts::ratio_to_wire;
use crate::domain::{Finding, Language, Strange, sentence};

/// Writes a finding, in a language.
pub fn finding_to_wire(finding: &Finding, language: Language) -> pb::Finding {
    let mut wire = pb::Finding {
        campaigns: finding.campaigns.clone(),
        sentence: sentence(finding, language),
        ..pb::Finding::default()
    };
    let kind = match &finding.is {
        Strange::NeverRuns => pb::FindingKind::NeverRuns,
        Strange::UnknownLevel { ladder, level } => {
            (wire.ladder, wire.level) = (ladder.clone(), level.clone());
            pb::FindingKind::UnknownLevel
        }
        Strange::CannotHold => pb::FindingKind::CannotHold,
        Strange::Shadowed => pb::FindingKind::Shadowed,
        Strange::FeedsItself { accrual, ladder } => {
            (wire.accrual, wire.ladder) = (accrual.clone(), ladder.clone());
            pb::FindingKind::FeedsItself
        }
        Strange::LiftsAgain { ladder } => {
            wire.ladder.clone_from(ladder);
            pb::FindingKind::LiftsAgain
        }
        Strange::Unlimited => pb::FindingKind::Unlimited,
        Strange::OtherWeekend { on } => {
            wire.on = on.to_string();
            pb::FindingKind::OtherWeekend
        }
        Strange::HighestFactor { accrual, factor, on } => {
            (wire.accrual, wire.on) = (accrual.clone(), on.to_string());
            wire.factor = Some(ratio_to_wire(*factor));
            pb::FindingKind::HighestFactor
        }
        Strange::HighestDiscount { per_mille, on } => {
            wire.on = on.to_string();
            wire.per_mille = i32::try_from(*per_mille).unwrap_or(i32::MAX);
            pb::FindingKind::HighestDiscount
        }
    };
    pb::Finding {
        kind: kind.into(),
        ..wire
    }
}
