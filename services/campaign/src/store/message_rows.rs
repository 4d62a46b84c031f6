//! A row of `campaign.message`, as it is told apart, stored and told.

use common::{ids::ActivityId, shard::Shard, time};
use jiff::Timestamp;
use proto::{campaign as pb, value};
use uuid::Uuid;

use super::{MemberKey, channel_to_wire, templates::channel_from_wire, unreadable};
use crate::domain::{Given, MessageChannel, MessageState};

/// What a message is told apart by: where its activity is in the journal, and what of that gave it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageKey {
    /// The shard.
    pub shard: Shard,
    /// The position on it.
    pub seq: i64,
    /// The campaign.
    pub campaign: String,
    /// Which of its grants.
    pub grant_at: i16,
}

/// A message as it is stored.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    /// Whose it is.
    pub member: MemberKey,
    /// The activity that gave it.
    pub activity_id: ActivityId,
    /// By which template it is written.
    pub template: String,
    /// In which version.
    pub template_version: i32,
    /// What became of it.
    pub state: MessageState,
    /// Why.
    pub reason: Option<String>,
    /// The time of the activity.
    pub intended_at: Timestamp,
    /// By when it is to be delivered.
    pub deadline_at: Option<Timestamp>,
    /// How often it was tried, as far as that counts.
    pub attempts: i32,
    /// By which channel.
    pub channel: Option<MessageChannel>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
}

/// A message that is this process's to send for a while.
#[derive(Clone, Debug)]
pub struct ClaimedMessage {
    /// Which.
    pub key: MessageKey,
    /// The message.
    pub message: StoredMessage,
    /// By which number it is held.
    pub held_by: i32,
    /// What gave it.
    pub activity: pb::Activity,
    /// What the database's clock showed.
    pub at: Timestamp,
}

/// What came of an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MessageOutcome {
    /// The receiver took it.
    Sent(MessageChannel),
    /// It is tried again later.
    Retry {
        /// Why.
        reason: String,
        /// By which channel it was tried.
        channel: MessageChannel,
        /// In how many milliseconds.
        after_millis: i64,
    },
    /// Nothing was tried: it waits for something.
    Wait {
        /// For what.
        reason: &'static str,
        /// For how many milliseconds.
        for_millis: i64,
    },
    /// It is given up.
    Dead {
        /// Why.
        reason: String,
        /// By which channel it was tried.
        channel: Option<MessageChannel>,
    },
    /// The member has had enough of them.
    Capped,
    /// The member is not reached.
    Unreachable {
        /// Why.
        reason: &'static str,
    },
    /// It is too late.
    Expired,
}

impl MessageKey {
    /// Names what an activity was given, where that is a message.
    pub fn of((shard, seq): (Shard, i64), given: &Given) -> MessageKey {
        MessageKey {
            shard,
            seq,
            campaign: given.campaign.clone(),
            grant_at: i16::try_from(given.grant).unwrap_or(i16::MAX),
        }
    }

    /// Returns the name by which receivers know it.
    pub fn message_id(&self, activity_id: ActivityId) -> String {
        format!("{activity_id}:{}:{}", self.campaign, self.grant_at)
    }
}

impl MessageOutcome {
    /// Returns the state in which the message is then.
    pub fn state(&self) -> MessageState {
        match self {
            MessageOutcome::Sent(_) => MessageState::Sent,
            MessageOutcome::Retry { .. } | MessageOutcome::Wait { .. } => MessageState::Pending,
            MessageOutcome::Dead { .. } => MessageState::Dead,
            MessageOutcome::Capped => MessageState::Capped,
            MessageOutcome::Unreachable { .. } => MessageState::Unreachable,
            MessageOutcome::Expired => MessageState::Expired,
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            MessageOutcome::Retry { reason, .. } | MessageOutcome::Dead { reason, .. } => Some(reason),
            MessageOutcome::Wait { reason, .. } | MessageOutcome::Unreachable { reason } => Some(reason),
            MessageOutcome::Sent(_) | MessageOutcome::Capped | MessageOutcome::Expired => None,
        }
    }

    pub(super) fn channel(&self) -> Option<MessageChannel> {
        match self {
            MessageOutcome::Sent(channel) | MessageOutcome::Retry { channel, .. } => Some(*channel),
            MessageOutcome::Dead { channel, .. } => *channel,
            _ => None,
        }
    }
}

/// A row, as statements return it.
pub(super) struct Row {
    pub shard: i16,
    pub seq: i64,
    pub campaign: String,
    pub grant_at: i16,
    pub program_id: Uuid,
    pub member_id: Uuid,
    pub activity_id: Uuid,
    pub template: String,
    pub template_version: i32,
    pub state: i16,
    pub reason: Option<String>,
    pub intended_at: jiff_sqlx::Timestamp,
    pub deadline_at: Option<jiff_sqlx::Timestamp>,
    pub attempts: i32,
    pub uncounted: i32,
    pub channel: Option<i16>,
    pub sent_at: Option<jiff_sqlx::Timestamp>,
}

/// Reads a row.
pub(super) fn read(row: Row) -> Result<(MessageKey, StoredMessage), sqlx::Error> {
    let key = MessageKey {
        shard: Shard::new(row.shard).ok_or_else(|| unreadable("shard of a message"))?,
        seq: row.seq,
        campaign: row.campaign,
        grant_at: row.grant_at,
    };
    let state = pb::MessageState::try_from(i32::from(row.state)).ok();
    let channel = row
        .channel
        .map(|channel| value::ContactChannel::try_from(i32::from(channel)));
    let message = StoredMessage {
        member: MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        },
        activity_id: row.activity_id.into(),
        template: row.template,
        template_version: row.template_version,
        state: state
            .and_then(state_from_wire)
            .ok_or_else(|| unreadable("state of a message"))?,
        reason: row.reason,
        intended_at: row.intended_at.to_jiff(),
        deadline_at: row.deadline_at.map(jiff_sqlx::Timestamp::to_jiff),
        attempts: row.attempts - row.uncounted,
        channel: channel.and_then(|channel| channel_from_wire(channel.ok()?)),
        sent_at: row.sent_at.map(jiff_sqlx::Timestamp::to_jiff),
    };
    Ok((key, message))
}

/// Writes a message.
pub fn message_to_wire(key: &MessageKey, message: &StoredMessage) -> pb::Message {
    pb::Message {
        name: Some(pb::MessageName {
            activity_id: message.activity_id.to_string(),
            campaign: key.campaign.clone(),
            grant: key.grant_at.into(),
        }),
        message_id: key.message_id(message.activity_id),
        member_id: message.member.member_id.to_string(),
        template: message.template.clone(),
        template_version: message.template_version,
        state: state_to_wire(message.state).into(),
        reason: message.reason.clone().unwrap_or_default(),
        intended_at: Some(time::to_wire(message.intended_at)),
        deadline_at: message.deadline_at.map(time::to_wire),
        attempts: message.attempts,
        channel: message.channel.map_or(0, |channel| channel_to_wire(channel).into()),
        sent_at: message.sent_at.map(time::to_wire),
    }
}

/// Writes what became of a message.
pub fn state_to_wire(state: MessageState) -> pb::MessageState {
    match state {
        MessageState::Pending => pb::MessageState::Pending,
        MessageState::Sent => pb::MessageState::Sent,
        MessageState::Dead => pb::MessageState::Dead,
        MessageState::Capped => pb::MessageState::Capped,
        MessageState::Unreachable => pb::MessageState::Unreachable,
        MessageState::Cancelled => pb::MessageState::Cancelled,
        MessageState::Expired => pb::MessageState::Expired,
    }
}

/// Reads what became of a message.
pub fn state_from_wire(wire: pb::MessageState) -> Option<MessageState> {
    Some(match wire {
        pb::MessageState::Unspecified => return None,
        pb::MessageState::Pending => MessageState::Pending,
        pb::MessageState::Sent => MessageState::Sent,
        pb::MessageState::Dead => MessageState::Dead,
        pb::MessageState::Capped => MessageState::Capped,
        pb::MessageState::Unreachable => MessageState::Unreachable,
        pb::MessageState::Cancelled => MessageState::Cancelled,
        pb::MessageState::Expired => MessageState::Expired,
    })
}

/// Returns what a state is stored as.
pub(super) fn stored(state: MessageState) -> i16 {
    state_to_wire(state) as i16
}
