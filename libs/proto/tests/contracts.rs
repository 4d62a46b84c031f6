//! What the generated code owes to the contracts.

use std::collections::BTreeSet;

use proto::{Validate, auth, campaign, member, points};

fn faults(message: &impl Validate) -> Vec<String> {
    message
        .violations()
        .into_iter()
        .map(|found| format!("{} {}", found.field, found.rule))
        .collect()
}

#[test]
fn every_broken_rule_of_a_request_is_reported_at_once() {
    let request = points::ReverseEntryRequest::default();
    let faults = faults(&request);
    assert!(faults.len() > 1, "{faults:?}");
    assert!(faults.contains(&"request_id string.min_len".to_owned()), "{faults:?}");
}

#[test]
fn a_request_without_rules_is_valid() {
    assert_eq!(faults(&member::GetProgramRequest {}), [""; 0]);
}

#[test]
fn a_message_that_must_be_set_is_missed() {
    let request = member::CreateProgramRequest {
        request_id: "spring".into(),
        ..Default::default()
    };
    assert_eq!(faults(&request), ["program required"]);
}

#[test]
fn rules_reach_into_lists_and_choices_and_name_the_place() {
    let postings = vec![
        points::Posting::default(),
        points::Posting {
            command: Some(points::posting::Command::Reverse(points::ReversePosting {
                earning: Some(points::reverse_posting::Earning::EntryId("order-17".into())),
                points: -1,
            })),
            as_far_as_possible: true,
        },
    ];
    let request = points::PostBatchRequest {
        request_id: "order-17".into(),
        member_id: "0198C5D6-4a2b-7c3d-8e4f-5a6b7c8d9e0f".into(),
        postings,
        ..Default::default()
    };
    let faults: BTreeSet<_> = faults(&request).into_iter().collect();
    let expected = [
        "postings[0].command required",
        "postings[1].reverse.entry_id string.uuid",
        "postings[1].reverse.points int64.gte",
    ];
    assert_eq!(faults, expected.map(str::to_owned).into());
}

#[test]
fn a_text_is_measured_in_characters_and_matched_from_end_to_end() {
    let mut request = member::GetMemberRequest {
        member_id: "é".repeat(36),
        ..Default::default()
    };
    assert_eq!(faults(&request), ["member_id string.uuid"]);
    request.member_id = "0198c5d6-4a2b-7c3d-8e4f-5a6b7c8d9e0f".into();
    assert_eq!(faults(&request), [""; 0]);

    let purchase = |order_id: &str| campaign::Purchase {
        order_id: order_id.into(),
        ..Default::default()
    };
    assert!(faults(&purchase("a\nb")).contains(&"order_id string.pattern".to_owned()));
    assert!(faults(&purchase(&"9".repeat(65))).contains(&"order_id string.max_len".to_owned()));
    assert!(
        !faults(&purchase(&"9".repeat(64)))
            .iter()
            .any(|fault| fault.starts_with("order_id"))
    );
}

#[test]
fn entries_of_a_map_are_named_by_their_key() {
    let profile = member::Profile {
        attributes: [("Not Allowed".to_owned(), "x".to_owned())].into(),
        ..Default::default()
    };
    assert_eq!(faults(&profile), [r#"attributes["Not Allowed"] string.pattern"#]);
}

#[test]
fn every_rpc_says_who_may_call_it() {
    let services: Vec<_> = proto::descriptors().services().collect();
    assert!(services.len() >= 6);
    for method in services.iter().flat_map(|service| service.methods()) {
        let rule = proto::auth_rule(&method).unwrap_or_else(|| panic!("{} has no rule", method.full_name()));
        assert!(!rule.scope.is_empty(), "{} names no scope", method.full_name());
        assert_ne!(
            rule.subject(),
            auth::Subject::Unspecified,
            "{} names no subject",
            method.full_name()
        );
    }
}
