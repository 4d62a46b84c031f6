//! `[[template]]`: how messages are written. And `[messages]`: how often members are written to.

use proto::{
    campaign::{Language, MessagePolicy, MessageTemplate, MessageText, QuietHours},
    value::{ContactChannel, ContactPurpose},
};

use super::{
    schedule::{read_times, words_of_time},
    sheet::{Item, Table},
    words::{Facts, Words, spell},
};

const PURPOSE: Words<ContactPurpose> = &[
    ("marketing", ContactPurpose::Marketing),
    ("service", ContactPurpose::Service),
];
const CHANNEL: Words<ContactChannel> = &[
    ("email", ContactChannel::Email),
    ("sms", ContactChannel::Sms),
    ("push", ContactChannel::Push),
    ("wechat", ContactChannel::Wechat),
];
const LANGUAGE: Words<Language> = &[("en", Language::Unspecified), ("zh", Language::Chinese)];

const TEXTS: &str = r#"[{ language = "en", subject = "...", body = "..." }]"#;

/// Reads a template.
pub fn read(table: &Table<'_>) -> MessageTemplate {
    let channels = table.need("channels", "channels", r#"["email", "sms"]"#);
    let channels = channels.map(|item| item.one_or_more().iter().map(|item| item.word(CHANNEL)).collect());
    let texts = table.need("text", "texts", TEXTS);
    let read_text = |item: &Item<'_>| item.table(TEXTS, read_text);
    MessageTemplate {
        code: table.text("code", "code", r#""points-lapse""#),
        display_name: table.text("name", "display_name", r#""Your points lapse""#),
        purpose: table.word("purpose", "purpose", PURPOSE),
        channels: channels.unwrap_or_default(),
        texts: texts
            .map(|item| item.one_or_more().iter().filter_map(read_text).collect())
            .unwrap_or_default(),
        deliver_within_hours: table
            .find("deliver_within_hours", "deliver_within_hours")
            .map_or(0, |item| item.small()),
    }
}

fn read_text(table: &Table<'_>) -> MessageText {
    MessageText {
        language: table.word("language", "language", LANGUAGE),
        subject: table.text("subject", "subject", r#""Your points lapse""#),
        body: table.text(
            "body",
            "body",
            r#""{attribute.points} points lapse on {attribute.on}.""#,
        ),
    }
}

/// Describes a template.
pub fn facts(template: &MessageTemplate) -> Facts {
    let MessageTemplate {
        code: _,
        display_name,
        purpose,
        channels,
        texts,
        deliver_within_hours,
    } = template;
    let channels: Vec<String> = channels.iter().map(|channel| spell(*channel, CHANNEL)).collect();
    let facts = Facts::default()
        .with("name", display_name)
        .with("purpose", spell(*purpose, PURPOSE))
        .with_list("channels", &channels)
        .with_number("deliver_within_hours", *deliver_within_hours);
    texts.iter().fold(facts, |facts, text| {
        let MessageText {
            language,
            subject,
            body,
        } = text;
        facts.with(
            format!("text {}", spell(*language, LANGUAGE)),
            format!("{subject}: {body}"),
        )
    })
}

/// Reads how often members are written to.
pub fn read_policy(table: &Table<'_>) -> MessagePolicy {
    let most = |key| table.find(key, key).map_or(0, |item| item.small());
    let quiet = table.find("quiet", "quiet").map(|item| read_times(&item));
    MessagePolicy {
        marketing_per_day: most("marketing_per_day"),
        marketing_per_week: most("marketing_per_week"),
        quiet: quiet.map(|quiet| QuietHours {
            from_minute: quiet.from_minute,
            until_minute: quiet.until_minute,
        }),
    }
}

/// Describes how often members are written to.
pub fn facts_of_policy(policy: &MessagePolicy) -> Facts {
    let MessagePolicy {
        marketing_per_day,
        marketing_per_week,
        quiet,
    } = policy;
    let quiet = quiet.map(
        |QuietHours {
             from_minute,
             until_minute,
         }| words_of_time(from_minute, until_minute),
    );
    Facts::default()
        .with_number("marketing_per_day", *marketing_per_day)
        .with_number("marketing_per_week", *marketing_per_week)
        .with_some("quiet", quiet)
}
