//! Templates of messages and the policy of a program for them, as they are stored.

use std::sync::Arc;

use common::versions::Definition;
use proto::{campaign as pb, value};

use super::Unreadable;
use crate::domain::{
    Language, MessageChannel, MessagePolicy, MessagePurpose, MessageTemplate, MessageText, MessageValues, QuietHours,
};

/// The code under which the one policy of a program is kept.
pub const MESSAGE_POLICY: &str = "messages";

/// A template, shared by the messages that are written by it.
pub struct TemplateRule(pub Arc<MessageTemplate>);

/// The policy of a program.
pub struct MessagePolicyRule(pub MessagePolicy);

impl Definition for TemplateRule {
    type Wire = pb::MessageTemplate;

    const KIND: &'static str = "template";

    fn from_stored(wire: pb::MessageTemplate) -> Option<TemplateRule> {
        template_from_wire(&wire)
            .ok()
            .map(|template| TemplateRule(Arc::new(template)))
    }
}

impl Definition for MessagePolicyRule {
    type Wire = pb::MessagePolicy;

    const KIND: &'static str = "message-policy";

    fn from_stored(wire: pb::MessagePolicy) -> Option<MessagePolicyRule> {
        message_policy_from_wire(&wire).ok().map(MessagePolicyRule)
    }
}

/// Reads a template.
pub fn template_from_wire(wire: &pb::MessageTemplate) -> Result<MessageTemplate, Unreadable> {
    let channels = wire.channels().map(channel_from_wire);
    let text = |text: &pb::MessageText| MessageText {
        language: match text.language() {
            pb::Language::Unspecified => Language::English,
            pb::Language::Chinese => Language::Chinese,
        },
        subject: text.subject.clone(),
        body: text.body.clone(),
    };
    Ok(MessageTemplate {
        code: wire.code.clone(),
        display_name: wire.display_name.clone(),
        purpose: match wire.purpose() {
            value::ContactPurpose::Unspecified => return Err(Unreadable("purpose")),
            value::ContactPurpose::Marketing => MessagePurpose::Marketing,
            value::ContactPurpose::Service => MessagePurpose::Service,
        },
        channels: channels.collect::<Option<_>>().ok_or(Unreadable("channels"))?,
        texts: wire.texts.iter().map(text).collect(),
        deliver_within_hours: (wire.deliver_within_hours > 0).then_some(wire.deliver_within_hours),
    })
}

/// Reads a policy.
pub fn message_policy_from_wire(wire: &pb::MessagePolicy) -> Result<MessagePolicy, Unreadable> {
    let most = |most: i32| (most > 0).then_some(i64::from(most));
    Ok(MessagePolicy {
        marketing_per_day: most(wire.marketing_per_day),
        marketing_per_week: most(wire.marketing_per_week),
        quiet: wire.quiet.map(|quiet| QuietHours {
            from_minute: quiet.from_minute,
            until_minute: quiet.until_minute,
        }),
    })
}

/// Writes a channel.
pub fn channel_to_wire(channel: MessageChannel) -> value::ContactChannel {
    match channel {
        MessageChannel::Email => value::ContactChannel::Email,
        MessageChannel::Sms => value::ContactChannel::Sms,
        MessageChannel::Push => value::ContactChannel::Push,
        MessageChannel::Wechat => value::ContactChannel::Wechat,
    }
}

/// Writes a purpose.
pub fn purpose_to_wire(purpose: MessagePurpose) -> value::ContactPurpose {
    match purpose {
        MessagePurpose::Marketing => value::ContactPurpose::Marketing,
        MessagePurpose::Service => value::ContactPurpose::Service,
    }
}

/// Reads a channel.
pub(super) fn channel_from_wire(wire: value::ContactChannel) -> Option<MessageChannel> {
    match wire {
        value::ContactChannel::Unspecified => None,
        value::ContactChannel::Email => Some(MessageChannel::Email),
        value::ContactChannel::Sms => Some(MessageChannel::Sms),
        value::ContactChannel::Push => Some(MessageChannel::Push),
        value::ContactChannel::Wechat => Some(MessageChannel::Wechat),
    }
}

/// Finds what stands in for placeholders in a message, in the record of its activity.
pub fn values_of(activity: &pb::Activity, campaign: String) -> MessageValues {
    let decision = activity.decision.as_ref();
    let awards = decision.iter().flat_map(|decision| &decision.awards);
    let levels = decision
        .iter()
        .flat_map(|decision| decision.facts.iter().flat_map(|facts| &facts.levels));
    let mut levels = levels.map(|level| &level.level).filter(|level| !level.is_empty());
    let attributes = match activity.input.as_ref().and_then(|input| input.activity.as_ref()) {
        Some(pb::activity_input::Activity::Custom(custom)) => custom.attributes.clone(),
        _ => Default::default(),
    };
    MessageValues {
        points: awards.map(|award| award.points).sum(),
        campaign,
        level: levels.next().cloned(),
        attributes,
    }
}
