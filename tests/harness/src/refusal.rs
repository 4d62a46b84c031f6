//! What a refusal says.

use std::{collections::BTreeMap, fmt::Debug};

use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

/// A refusal, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub code: Code,
    /// The reason.
    pub reason: String,
    /// Whose reason it is.
    pub domain: String,
    /// The numbers that explain it.
    pub metadata: BTreeMap<String, String>,
    /// The fields at fault.
    pub fields: Vec<String>,
}

/// Reads the refusal that a call must have answered with.
///
/// # Panics
/// When the call succeeded, or its status gives no reason.
pub fn refusal<T: Debug>(answer: Result<Response<T>, Status>) -> Refused {
    let status = answer.expect_err("the call is refused");
    let details = status.get_error_details();
    let info = details
        .error_info()
        .unwrap_or_else(|| panic!("every refusal gives its reason: {status:?}"));
    let fields = details
        .bad_request()
        .map(|bad| bad.field_violations.iter().map(|field| field.field.clone()).collect());
    Refused {
        code: status.code(),
        reason: info.reason.clone(),
        domain: info.domain.clone(),
        metadata: info.metadata.clone().into_iter().collect(),
        fields: fields.unwrap_or_default(),
    }
}
