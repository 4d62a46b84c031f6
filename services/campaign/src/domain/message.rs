//! Messages: how they are written, by which ways they go, and how often members are written to.
//!
//! A message is plain text. Its placeholders come from a closed list, and what stands in for them is plain text too: nobody can smuggle a line into a subject, or markup into a body.

mod policy;
mod text;

use std::collections::BTreeSet;

use super::contradiction::Contradiction;
use super::explain::Language;

pub use policy::{MessagePolicy, QuietHours, retry_after_millis};
pub use text::{MessageText, MessageValues, ValueMissing, Written};

/// How a message is written, and by which ways it goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageTemplate {
    /// The name.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    pub purpose: MessagePurpose,
    /// By which channels, the best first.
    pub channels: Vec<MessageChannel>,
    /// What it says, each language once.
    pub texts: Vec<MessageText>,
    /// Within how many hours it is to be delivered.
    pub deliver_within_hours: Option<i32>,
}

/// A way by which messages go.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MessageChannel {
    /// E-mail.
    Email,
    /// Short message.
    Sms,
    /// A notification of the retailer's app.
    Push,
    /// WeChat.
    Wechat,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessagePurpose {
    /// To sell, or to bring back.
    Marketing,
    /// What a member has to be told.
    Service,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MessageState {
    /// It is to be sent, or tried again.
    Pending,
    /// The receiver took it.
    Sent,
    /// It was given up.
    Dead,
    /// The member has had enough of them.
    Capped,
    /// The member is not reached.
    Unreachable,
    /// What gave it was taken back.
    Cancelled,
    /// It came too late.
    Expired,
}

impl MessageTemplate {
    /// Tells everything that makes the template impossible.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, channel) in self.channels.iter().enumerate() {
            if !seen.insert(channel) {
                found.push(Contradiction::new(format!("channels[{at}]"), "is there twice"));
            }
        }
        for (at, text) in self.texts.iter().enumerate() {
            if self.texts[..at].iter().any(|other| other.language == text.language) {
                found.push(Contradiction::new(format!("texts[{at}].language"), "is there twice"));
            }
            found.extend(text.contradictions(&format!("texts[{at}]")));
        }
        found
    }

    /// Returns what it says to somebody who reads a language, as a tag like "zh-CN"; the first text for whoever reads none of its languages.
    pub fn text_for(&self, tag: &str) -> Option<&MessageText> {
        let language = match tag.split(['-', '_']).next().unwrap_or_default() {
            of if of.eq_ignore_ascii_case("zh") => Some(Language::Chinese),
            of if of.eq_ignore_ascii_case("en") => Some(Language::English),
            _ => None,
        };
        let read = self.texts.iter().find(|text| Some(text.language) == language);
        read.or(self.texts.first())
    }
}
