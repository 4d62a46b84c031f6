//! Posts messages to the one URL that the operator names, signed. It follows no redirect, and reads of the answer only whether the message was taken.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::TlsConnector;

use super::{Letter, NotTaken, address::is_public, signature::Secrets};
use crate::domain::{Language, MessageChannel, MessagePurpose};

/// A receiver of messages.
pub struct Webhook {
    host: String,
    port: u16,
    target: String,
    authority: String,
    secrets: Secrets,
    may_be_private: bool,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// What no later attempt can change. Everything else is tried again, redirects too: whoever moves the receiver changes the setting.
const REFUSED: [StatusCode; 4] = [
    StatusCode::BAD_REQUEST,
    StatusCode::GONE,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNPROCESSABLE_ENTITY,
];

impl Webhook {
    /// Prepares to post to a URL.
    pub fn new(url: &str, secrets: &str, may_be_private: bool) -> anyhow::Result<Webhook> {
        let uri: Uri = url.parse().context("it is no URL")?;
        let authority = uri.authority().context("it names no host")?;
        ensure!(
            !authority.as_str().contains('@'),
            "it must not hold a user or a password"
        );
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let tls = match uri.scheme_str() {
            Some("https") => Some((connector()?, ServerName::try_from(host.clone())?)),
            Some("http") if may_be_private => None,
            Some("http") => {
                bail!("without TLS only a private network is posted to: https, or --message-webhook-private")
            }
            _ => bail!("it must begin with https://"),
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Webhook {
            port: authority.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 }),
            target: target.to_owned(),
            authority: authority.to_string(),
            secrets: Secrets::parse(secrets)?,
            may_be_private,
            host,
            tls,
        })
    }

    /// Posts a message.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        let later = |code: &str| NotTaken::Later(code.to_owned());
        let address = self.address().await?;
        let stream = TcpStream::connect(address).await.map_err(|_| later("UNREACHABLE"))?;
        let request = self.request(letter);
        let status = match &self.tls {
            None => answer(stream, request).await?,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await;
                answer(stream.map_err(|_| later("TLS_FAILED"))?, request).await?
            }
        };
        let code = format!("HTTP_{}", status.as_u16());
        match status {
            status if status.is_success() => Ok(()),
            status if REFUSED.contains(&status) => Err(NotTaken::Never(code)),
            _ => Err(NotTaken::Later(code)),
        }
    }

    /// Finds where the host is. What is found is what is connected to.
    async fn address(&self) -> Result<SocketAddr, NotTaken> {
        let found = lookup_host((self.host.as_str(), self.port)).await;
        let mut found = found.map_err(|_| NotTaken::Later("NAME_UNKNOWN".to_owned()))?;
        let allowed = found.find(|address| self.may_be_private || is_public(address.ip()));
        allowed.ok_or_else(|| NotTaken::Later("ADDRESS_PRIVATE".to_owned()))
    }

    fn request(&self, letter: &Letter<'_>) -> Request<Full<Bytes>> {
        let now = Timestamp::now();
        let payload = payload(letter, now);
        let signature = self.secrets.sign(&letter.message_id, now.as_second(), &payload);
        Request::builder()
            .method(Method::POST)
            .uri(&self.target)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .header("webhook-id", &letter.message_id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signature)
            .body(Full::new(payload.into()))
            .expect("ids, numbers and base64 are header values")
    }
}

fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ensure!(added > 0, "this machine has no root certificates, and TLS needs them");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, NotTaken> {
    let broken = |_| NotTaken::Later("CONNECTION_BROKEN".to_owned());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends with the sender.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await.map_err(broken)?.status())
}

fn payload(letter: &Letter<'_>, now: Timestamp) -> Vec<u8> {
    let channel = match letter.channel {
        MessageChannel::Email => "EMAIL",
        MessageChannel::Sms => "SMS",
        MessageChannel::Push => "PUSH",
        MessageChannel::Wechat => "WECHAT",
    };
    let purpose = match letter.template.purpose {
        MessagePurpose::Marketing => "MARKETING",
        MessagePurpose::Service => "SERVICE",
    };
    let language = match letter.written.language {
        Language::English => "en",
        Language::Chinese => "zh",
    };
    let payload = json!({
        "type": "message",
        "timestamp": now.to_string(),
        "data": {
            "message_id": letter.message_id,
            "program_id": letter.member.program_id.to_string(),
            "member_id": letter.member.member_id.to_string(),
            "template": letter.template.code,
            "purpose": purpose,
            "channel": channel,
            "address": letter.address,
            "language": language,
            "subject": letter.written.subject,
            "body": letter.written.body,
        },
    });
    payload.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[tokio::test]
    async fn a_name_that_leads_into_a_private_network_is_followed_only_where_that_is_allowed() {
        let allowed = Webhook::new("http://localhost:81/hook", SECRET, true).unwrap();
        assert!(
            allowed
                .address()
                .await
                .is_ok_and(|address| address.ip().is_loopback() && address.port() == 81)
        );
        let refused = Webhook {
            may_be_private: false,
            ..allowed
        };
        assert_eq!(
            refused.address().await,
            Err(NotTaken::Later("ADDRESS_PRIVATE".to_owned()))
        );
    }

    #[test]
    fn a_url_without_tls_or_with_a_password_is_refused() {
        for url in [
            "http://example.com/",
            "ftp://example.com/",
            "https://user:secret@example.com/",
            "/hook",
        ] {
            assert!(Webhook::new(url, SECRET, false).is_err(), "{url}");
        }
    }
}
