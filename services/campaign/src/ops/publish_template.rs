//! Publishes a version of a template of messages.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    time,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{domain::MessageTemplate, error::Error, store::TemplateRule};

/// What this is remembered under.
const METHOD: i16 = 80;

/// Asks to publish a template.
#[derive(Clone, Debug)]
pub struct PublishTemplate {
    /// The request, as it came.
    pub request: pb::PublishTemplateRequest,
    /// The template.
    pub template: MessageTemplate,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishTemplate {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already. Refuses one whose texts cannot be written.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let contradictions = self.template.contradictions();
        if !contradictions.is_empty() {
            return Err(Error::TemplateInvalid(contradictions));
        }
        let wire = self.request.template.clone().unwrap_or_default();
        let rule = TemplateRule(Arc::new(self.template.clone()));
        let templates = &mut state.rules.templates;
        let (version, changed) = templates.publish(&self.template.code, wire, rule, self.effective_from, stamp)?;
        let template_version = pb::MessageTemplateVersion {
            template: Some(version.wire.clone()),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            let published = pb::TemplatePublished {
                template_version: Some(template_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::TemplatePublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishTemplateResponse {
            template_version: Some(template_version),
            changed,
        }
        .encode_to_vec())
    }
}
