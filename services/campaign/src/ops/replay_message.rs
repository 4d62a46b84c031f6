//! Has a message sent after all that was given up.

use common::{
    auth::Caller,
    ids::{ActivityId, MemberId},
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::state::{State, member_of};
use crate::{
    domain::MessageState,
    error::Error,
    store::{MessageKey, message_to_wire, state_to_wire},
};

/// What this is remembered under.
const METHOD: i16 = 82;

/// Asks to have a message sent after all.
#[derive(Clone, Debug)]
pub struct ReplayMessage {
    /// The request, as it came.
    pub request: pb::ReplayMessageRequest,
    /// The member.
    pub member_id: MemberId,
    /// The activity that gave it.
    pub activity_id: ActivityId,
    /// Where it is; nothing where no message can be.
    pub name: Option<MessageKey>,
}

impl ReplayMessage {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        let request = &self.request;
        Key::of_member(caller.program(), self.member_id, METHOD, &request.request_id, request)
    }

    /// Lets it be tried again, at once and as often as a new one.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let member = member_of(stamp);
        let known = self.name.as_ref().and_then(|key| Some((key, state.messages.get(key)?)));
        let known = known.filter(|(_, known)| (known.member, known.activity_id) == (member, self.activity_id));
        let Some((key, known)) = known else {
            let name = self.request.name.clone().unwrap_or_default();
            return Err(Error::MessageNotFound {
                activity_id: self.activity_id,
                campaign: name.campaign,
                grant: name.grant,
            });
        };
        if known.state != MessageState::Dead {
            let state = state_to_wire(known.state).as_str_name();
            let state = state.trim_start_matches("MESSAGE_STATE_");
            return Err(Error::MessageNotDead { state });
        }
        let replayed = pb::Message {
            attempts: 0,
            reason: String::new(),
            state: pb::MessageState::Pending.into(),
            ..message_to_wire(key, known)
        };
        state.messages.replay(key);
        let event = pb::CampaignEvent {
            event: Some(pb::campaign_event::Event::MessageReplayed(pb::MessageReplayed {
                name: replayed.name.clone(),
            })),
        };
        stamp.record(member.member_id, stamp.now(), &event);
        Ok(pb::ReplayMessageResponse {
            message: Some(replayed),
        }
        .encode_to_vec())
    }
}
