//! Every RPC says who may call it, and keeps to the conventions that the plumbing relies on.

use proto::auth::Subject;

#[test]
fn every_rpc_says_who_may_call_it() {
    for service in proto::descriptors().services() {
        for method in service.methods() {
            let rule = proto::auth_rule(&method).unwrap_or_else(|| panic!("{} has no rule", method.full_name()));
            assert!(
                rule.scope.contains('.'),
                "{}: a scope is a noun and a verb",
                method.full_name()
            );
            assert_ne!(rule.subject(), Subject::Unspecified, "{}", method.full_name());
        }
    }
}

#[test]
fn every_rpc_has_a_request_and_a_response_of_its_own() {
    for service in proto::descriptors().services() {
        for method in service.methods() {
            assert_eq!(method.input().name(), format!("{}Request", method.name()));
            assert_eq!(method.output().name(), format!("{}Response", method.name()));
        }
    }
}

#[test]
fn request_ids_and_await_effects_are_where_fingerprints_expect_them() {
    for message in proto::descriptors()
        .all_messages()
        .filter(|message| message.name().ends_with("Request"))
    {
        if let Some(field) = message.get_field_by_name("request_id") {
            assert_eq!(field.number(), 1, "{}", field.full_name());
        }
        if let Some(field) = message.get_field_by_name("await_effects") {
            assert_eq!(field.number(), 15, "{}", field.full_name());
        }
    }
}

#[test]
fn what_changes_takes_a_request_id_and_what_reads_takes_none() {
    let reads = [
        "Get",
        "List",
        "Lookup",
        "Quote",
        "Preview",
        "Explain",
        "Verify",
        "Lint",
        "Evaluate",
        "Count",
        "BatchGet",
        "Rebuild",
        "Export",
        "Reconcile",
        "Check",
        "Subscribe",
        "Follow",
        "Watch",
    ];
    for service in proto::descriptors().services() {
        for method in service.methods() {
            let is_read = reads.iter().any(|verb| method.name().starts_with(verb));
            let has_key = method.input().get_field_by_name("request_id").is_some();
            // What takes a stream takes requests of other calls, each with an id of its own.
            assert_eq!(
                has_key,
                !is_read && !method.is_client_streaming(),
                "{}",
                method.full_name()
            );
        }
    }
}
