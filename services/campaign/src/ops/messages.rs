//! The messages that activities give: meant in the commit of the activity, and cancelled in that of the return that takes back what gave them.

use std::collections::{BTreeMap, HashMap};

use common::{
    ids::ActivityId,
    journal::journal_place,
    shard::Shard,
    writer::{Work, Writes},
};
use jiff::SignedDuration;
use sqlx::PgConnection;

use super::{Command, judge::Judged, state::State};
use crate::{
    domain::{Given, Gives, MessageGrant, MessageState},
    store::{
        ChangedMessage, MemberKey, MessageKey, NewMessage, StoredMessage, change_messages, insert_messages,
        load_messages,
    },
};

/// The messages that a batch concerns.
pub struct Messages {
    known: HashMap<MessageKey, StoredMessage>,
    new: BTreeMap<MessageKey, NewMessage>,
    changed: BTreeMap<MessageKey, ChangedMessage>,
}

impl Messages {
    /// Loads those that somebody asks for.
    pub async fn load(tx: &mut PgConnection, work: &Work<'_, Command>) -> Result<Messages, sqlx::Error> {
        let asked = work.calls.iter().filter_map(|(_, command)| match command {
            Command::ReplayMessage(command) => command.name.clone(),
            _ => None,
        });
        let asked: Vec<MessageKey> = asked.collect();
        let known = match asked.as_slice() {
            [] => HashMap::new(),
            keys => load_messages(tx, keys).await?,
        };
        Ok(Messages {
            known,
            new: BTreeMap::new(),
            changed: BTreeMap::new(),
        })
    }

    /// Returns one that somebody asks for.
    pub fn get(&self, key: &MessageKey) -> Option<&StoredMessage> {
        self.known.get(key)
    }

    /// Lets one that was given up be sent after all.
    pub fn replay(&mut self, key: &MessageKey) {
        if let Some(known) = self.known.get_mut(key) {
            known.state = MessageState::Pending;
            self.changed.insert(key.clone(), ChangedMessage::Replayed);
        }
    }

    /// Cancels one, as far as it is not sent.
    fn cancel(&mut self, key: MessageKey) {
        if let Some(known) = self.known.get_mut(&key) {
            known.state = MessageState::Cancelled;
        }
        match self.new.get_mut(&key) {
            // It is not there yet for another statement to change.
            Some(new) => new.state = MessageState::Cancelled,
            None => drop(self.changed.insert(key, ChangedMessage::Cancelled)),
        }
    }

    /// Says what to write.
    pub fn persist(&self, writes: &mut Writes) {
        insert_messages(&self.new, writes);
        change_messages(&self.changed, writes);
    }
}

/// Keeps the messages that an activity gives, and cancels those that it takes back.
pub fn intend_messages(
    state: &mut State,
    member: MemberKey,
    (activity_id, shard, seq): (ActivityId, Shard, i64),
    judged: &Judged,
) {
    for (given, message) in judged.decision.given.iter().filter_map(message) {
        let rules = state.rules.of(member.program_id);
        let Some(version) = rules.templates.in_force(&message.template, judged.occurred_at) else {
            // A campaign names templates that are published, and a first version holds from the beginning of time.
            tracing::error!(
                template = message.template,
                "a campaign gives a message that nobody can write"
            );
            continue;
        };
        let hours = version.definition.0.deliver_within_hours;
        let deadline = hours.and_then(|hours| {
            judged
                .occurred_at
                .checked_add(SignedDuration::from_hours(hours.into()))
                .ok()
        });
        let key = MessageKey::of((shard, seq), given);
        let new = NewMessage {
            member,
            activity_id,
            template: message.template.clone(),
            template_version: version.version,
            state: MessageState::Pending,
            intended_at: judged.occurred_at,
            deadline_at: deadline,
        };
        state.messages.new.insert(key, new);
    }
    let revoked = judged.decision.returned.iter().flat_map(|returned| &returned.revoked);
    for standing in revoked {
        let place = journal_place(standing.activity_id.uuid());
        if let (Some(place), Some((given, _))) = (place, message(&standing.given)) {
            state.messages.cancel(MessageKey::of(place, given));
        }
    }
}

fn message(given: &Given) -> Option<(&Given, &MessageGrant)> {
    match &given.gives.gives {
        Gives::Message(message) => Some((given, message)),
        Gives::Level(_) => None,
    }
}
