//! Messages: what they say, and how often members are written to.

use std::collections::BTreeMap;

use common::zone::Zone;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::{
    Language, MessageChannel, MessagePolicy, MessagePurpose, MessageTemplate, MessageText, MessageValues, QuietHours,
    ValueMissing, retry_after_millis,
};

fn text(language: Language, body: &str) -> MessageText {
    MessageText {
        language,
        subject: "{campaign}".to_owned(),
        body: body.to_owned(),
    }
}

fn template(texts: Vec<MessageText>) -> MessageTemplate {
    MessageTemplate {
        code: "remind".to_owned(),
        display_name: "Remind".to_owned(),
        purpose: MessagePurpose::Marketing,
        channels: vec![MessageChannel::Email],
        texts,
        deliver_within_hours: None,
    }
}

fn values(attributes: &[(&str, &str)]) -> MessageValues {
    let attributes = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    MessageValues {
        points: 120,
        campaign: "Spring".to_owned(),
        level: Some("gold".to_owned()),
        attributes: attributes.collect::<BTreeMap<_, _>>(),
    }
}

#[test]
fn placeholders_are_replaced_by_plain_text_on_one_line() {
    let text = text(Language::English, "{points}, {level}: {attribute.on}.\nBye");
    let written = text
        .write(&values(&[("on", "<b>1 May</b>\r\nBcc: all {points}")]))
        .unwrap();
    assert_eq!(written.subject, "Spring");
    assert_eq!(written.body, "120, gold: <b>1 May</b>  Bcc: all {points}.\nBye");
    assert_eq!(text.write(&values(&[])), Err(ValueMissing("attribute.on".to_owned())));
}

#[test]
fn a_member_reads_their_language_or_else_the_first() {
    let template = template(vec![text(Language::Chinese, "zh"), text(Language::English, "en")]);
    let read = |tag: &str| template.text_for(tag).map(|text| text.body.as_str());
    for (tag, expected) in [("zh-CN", "zh"), ("EN_us", "en"), ("fr", "zh"), ("", "zh")] {
        assert_eq!(read(tag), Some(expected), "{tag}");
    }
}

#[test]
fn hours_of_silence_end_in_the_morning_also_when_the_clock_is_changed_that_night() {
    let policy = MessagePolicy {
        quiet: Some(QuietHours {
            from_minute: 21 * 60,
            until_minute: 9 * 60,
        }),
        ..MessagePolicy::default()
    };
    let zone = Zone::find("Europe/Berlin").unwrap();
    let until = |at: &str| {
        policy
            .quiet_until(at.parse::<Timestamp>().unwrap(), &zone)
            .map(|at| at.to_string())
    };
    assert_eq!(until("2026-03-28T19:59:59Z"), None);
    // From 20:00 UTC on, which is 21:00 there; 9:00 of the next morning is 7:00 UTC, for summer has begun.
    assert_eq!(until("2026-03-28T20:00:00Z").as_deref(), Some("2026-03-29T07:00:00Z"));
    assert_eq!(until("2026-03-29T06:59:59Z").as_deref(), Some("2026-03-29T07:00:00Z"));
    assert_eq!(until("2026-03-29T07:00:00Z"), None);
}

#[test]
fn as_many_are_sent_as_the_policy_allows() {
    let policy = MessagePolicy {
        marketing_per_day: Some(1),
        marketing_per_week: Some(3),
        quiet: None,
    };
    assert!(policy.allows(0, 2));
    assert!(!policy.allows(1, 1));
    assert!(!policy.allows(0, 3));
    assert!(MessagePolicy::default().allows(1_000, 1_000));
}

proptest! {
    #[test]
    fn each_wait_is_longer_than_half_of_the_one_that_is_meant_and_never_longer_than_that(base in 1..3_600_000_i64, attempts in 1..200_i32, drawn in 0..=1_000_i64) {
        let whole = retry_after_millis(base, attempts, 0);
        let waits = retry_after_millis(base, attempts, drawn);
        prop_assert!(waits >= 1 && waits <= whole && whole <= 6 * 3_600_000);
        prop_assert!(waits >= whole / 2);
        prop_assert!(retry_after_millis(base, attempts + 1, 0) >= whole);
    }

    #[test]
    fn a_text_that_is_published_is_written_whatever_the_values_are(body in "[a-z{}.]{0,30}", value in "\\PC{0,50}") {
        let text = text(Language::English, &body);
        let template = template(vec![text.clone()]);
        if template.contradictions().is_empty() {
            let all: Vec<(String, &str)> = ["a", "b", "c"].iter().map(|name| ((*name).to_owned(), value.as_str())).collect();
            let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            if let Ok(written) = text.write(&values(&all)) {
                prop_assert!(!written.body.contains(char::is_control));
            }
        }
    }
}
