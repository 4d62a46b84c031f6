//! How messages leave the service: signed webhooks, a mail server, and, on a developer's machine, the log.
//!
//! Everything that is personal passes through here on its way out and stays nowhere: nothing in this room can be shown, and what went wrong is told as a code.

mod address;
mod signature;
mod smtp;
mod webhook;

use std::sync::Arc;

use anyhow::Context as _;
use common::config::{ExposeSecret as _, Problems};

use crate::{
    config::Settings,
    domain::{MessageChannel, MessageTemplate, Written},
    store::MemberKey,
};

use smtp::Smtp;
use webhook::Webhook;

/// What hands messages on. Cheap to clone.
#[derive(Clone)]
pub struct Messenger {
    webhook: Option<Arc<Webhook>>,
    smtp: Option<Arc<Smtp>>,
    logs: bool,
    /// How often a message is tried.
    pub attempts: i32,
    /// After how many milliseconds it is tried again for the first time.
    pub retry_millis: i64,
}

/// A message with the address that it goes to.
pub struct Letter<'a> {
    /// The name by which the receiver knows it.
    pub message_id: String,
    /// Whose it is.
    pub member: MemberKey,
    /// By which template it is written.
    pub template: &'a MessageTemplate,
    /// The channel.
    pub channel: MessageChannel,
    /// The address; empty for a channel that goes by the member's id.
    pub address: &'a str,
    /// What it says.
    pub written: &'a Written,
}

/// Why a message was not taken, as a code that says nothing of a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotTaken {
    /// It may be taken later.
    Later(String),
    /// It never will be.
    Never(String),
}

impl Messenger {
    /// Prepares what the settings name, or tells everything that is wrong with them.
    pub fn of(settings: &Settings, development_mode: bool) -> anyhow::Result<Messenger> {
        let mut problems = Problems::default();
        let (url, secrets) = (&settings.message_webhook_url, &settings.message_webhook_secrets);
        problems.check(
            url.is_some() == secrets.is_some(),
            "--message-webhook-url and --message-webhook-secrets go together",
        );
        let (server, from) = (&settings.message_smtp_url, &settings.message_smtp_from);
        problems.check(
            server.is_some() == from.is_some(),
            "--message-smtp-url and --message-smtp-from go together",
        );
        problems.finish()?;
        let webhook = url.as_ref().zip(secrets.as_ref()).map(|(url, secrets)| {
            Webhook::new(url, secrets.expose_secret(), settings.message_webhook_private)
                .context("--message-webhook-url")
        });
        let smtp = server.as_ref().zip(from.as_ref());
        let smtp = smtp.map(|(url, from)| Smtp::new(url.expose_secret(), from).context("--message-smtp-url"));
        let (webhook, smtp) = (webhook.transpose()?, smtp.transpose()?);
        let none = webhook.is_none() && smtp.is_none();
        if none && !development_mode {
            tracing::warn!(
                "messages of campaigns are kept and not delivered: no adapter is set (--message-webhook-url, --message-smtp-url)"
            );
        }
        Ok(Messenger {
            webhook: webhook.map(Arc::new),
            smtp: smtp.map(Arc::new),
            logs: none && development_mode,
            attempts: settings.message_attempts,
            retry_millis: settings.message_retry_ms,
        })
    }

    /// Tells whether messages can go by a channel.
    pub fn carries(&self, channel: MessageChannel) -> bool {
        self.logs || self.webhook.is_some() || (channel == MessageChannel::Email && self.smtp.is_some())
    }

    /// Hands a message on. Mails go to the mail server where there is one, everything else to the webhook.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        match (letter.channel, &self.smtp, &self.webhook) {
            (MessageChannel::Email, Some(smtp), _) => smtp.send(letter).await,
            (_, _, Some(webhook)) => webhook.send(letter).await,
            _ if self.logs => {
                tracing::info!(
                    message_id = letter.message_id,
                    template = letter.template.code,
                    "a message is delivered to this log"
                );
                Ok(())
            }
            _ => Err(NotTaken::Later("NO_ADAPTER".to_owned())),
        }
    }
}
