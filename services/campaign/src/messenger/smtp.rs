//! Sends mails by a mail server, as plain text.

use anyhow::Context as _;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

use super::{Letter, NotTaken};

/// A mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Prepares to send by a server, in somebody's name.
    pub fn new(url: &str, from: &str) -> anyhow::Result<Smtp> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        Ok(Smtp {
            transport: transport.ok().context("it is no URL of a mail server")?.build(),
            from: from.parse().context("--message-smtp-from is no mail address")?,
        })
    }

    /// Sends a message, under a Message-ID that is the same whenever it is tried.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        let mail = self
            .mail(letter)
            .ok_or_else(|| NotTaken::Never("ADDRESS_REFUSED".to_owned()))?;
        let sent = self.transport.send(mail).await;
        sent.map(drop).map_err(|error| {
            let code = match error.status() {
                Some(code) => format!("SMTP_{code}"),
                None if error.is_timeout() => "TIMED_OUT".to_owned(),
                None => "UNREACHABLE".to_owned(),
            };
            // That the server does not let us in, or does not understand, an operator can mend.
            let is_refused = error
                .status()
                .is_some_and(|code| (550..=554).contains(&u16::from(code)));
            if is_refused {
                NotTaken::Never(code)
            } else {
                NotTaken::Later(code)
            }
        })
    }

    fn mail(&self, letter: &Letter<'_>) -> Option<Message> {
        let to: Address = letter.address.parse().ok()?;
        // A colon may not stand in a Message-ID.
        let id = letter.message_id.replace(':', ".");
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.written.subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.written.body.clone());
        mail.ok()
    }
}
