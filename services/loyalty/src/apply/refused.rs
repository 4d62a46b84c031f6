//! What a service answered when it said no, in terms of the file.

use tonic::Status;
use tonic_types::StatusExt as _;

use super::{manifest::Manifest, mistakes::Mistake, mistakes::Mistakes, parts::Listed, rules};

/// Puts a refusal to publish a part into the terms of the file: each field at fault with its line.
pub fn to_publish(manifest: &Manifest, listed: &Listed<'_>, status: &Status) -> anyhow::Error {
    let (kind, code) = (listed.part.kind(), listed.part.code());
    let path = format!("{kind}[{}]", listed.index);
    let violations = status
        .get_details_bad_request()
        .map(|details| details.field_violations)
        .unwrap_or_default();
    let mistakes: Vec<Mistake> = violations
        .iter()
        .filter_map(|violation| {
            let field = violation
                .field
                .strip_prefix(&format!("{kind}."))
                .unwrap_or(&violation.field);
            let mark = manifest.marks.find(&format!("{path}.{field}"))?;
            Some(Mistake {
                line: mark.line,
                key: mark.key.clone(),
                what: rules::in_words(&violation.description).to_owned(),
            })
        })
        .collect();
    let sentence = format!(
        "the {kind} {code:?} was refused: {}; what stands above it in the plan is applied",
        sentence(status)
    );
    if mistakes.is_empty() {
        return anyhow::anyhow!("{sentence}");
    }
    let lines = Mistakes::new(&manifest.file, mistakes).lines().join("\n");
    anyhow::anyhow!("{sentence}\n{lines}")
}

/// Says in one sentence what a service answered, and what can be done.
pub fn sentence(status: &Status) -> String {
    let reason = status
        .get_details_error_info()
        .map(|info| format!(" ({})", info.reason))
        .unwrap_or_default();
    let hint = match status.code() {
        tonic::Code::Unavailable
        | tonic::Code::DeadlineExceeded
        | tonic::Code::Cancelled
        | tonic::Code::Unknown
        | tonic::Code::Internal => "; nothing is done twice when you run this again",
        tonic::Code::Unauthenticated => "; give --token, or serve with --insecure-development-mode",
        _ => "",
    };
    format!("{}{reason}{hint}", status.message())
}

/// Tells whether somebody has to approve of it first.
pub fn needs_approval(status: &Status) -> bool {
    status
        .get_details_error_info()
        .is_some_and(|info| info.reason == "APPROVAL_NEEDED")
}

/// Tells whether a key was used before for something else.
pub fn is_request_id_reused(status: &Status) -> bool {
    status
        .get_details_error_info()
        .is_some_and(|info| info.reason == "REQUEST_ID_REUSED")
}
