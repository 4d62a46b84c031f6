//! The rows of the requirements about messages, as program files: played with a mail server and a receiver of what is no mail, two replicas delivering.

use std::{sync::OnceLock, time::Duration};

use harness::{Mailbox, Receiver, Suite};
use proto::{
    member::{Consent, ConsentState, EnrollMemberRequest, Profile},
    value::{ContactChannel, ContactPurpose},
};

use crate::played::Played;

struct Posting {
    suite: Suite,
    _replica: Suite,
    receiver: Receiver,
    mailbox: Mailbox,
}

fn posting() -> &'static Posting {
    static POSTING: OnceLock<Posting> = OnceLock::new();
    POSTING.get_or_init(|| {
        let (receiver, mailbox, secrets) = (Receiver::start(), Mailbox::start(), Receiver::secrets());
        let flags = [
            "--message-webhook-url",
            &receiver.url,
            "--message-webhook-secrets",
            &secrets,
            "--message-webhook-private",
            "--message-smtp-url",
            &mailbox.url,
            "--message-smtp-from",
            "Shop <news@shop.example>",
            "--message-retry-ms",
            "50",
        ];
        let suite = Suite::start(&flags);
        Posting {
            _replica: suite.replica(&flags),
            suite,
            receiver: receiver.clone(),
            mailbox: mailbox.clone(),
        }
    })
}

/// Enrols somebody who is reached in some ways and agrees to be written to by all of them.
async fn enrol(played: &Played, email: &str, phone: &str, language: &str) -> String {
    let agrees = |channel: ContactChannel| Consent {
        channel: channel.into(),
        purpose: ContactPurpose::Marketing.into(),
        state: ConsentState::Granted.into(),
        source: "form-7".to_owned(),
        told_at: None,
    };
    let request = EnrollMemberRequest {
        request_id: format!("form-{email}{phone}"),
        channel: "app".to_owned(),
        profile: Some(Profile {
            email: email.to_owned(),
            phone: phone.to_owned(),
            attributes: [("language".to_owned(), language.to_owned())].into(),
            ..Profile::default()
        }),
        consents: [ContactChannel::Email, ContactChannel::Sms].map(agrees).into(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = played.clients.members(0).enroll_member(request).await.unwrap();
    enrolled.into_inner().member.unwrap().member_id
}

/// Waits until something is there that comes by itself.
async fn comes<T>(what: &str, look: impl Fn() -> Vec<T>) -> Vec<T> {
    for _ in 0..400 {
        let found = look();
        if !found.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} does not come");
}

#[tokio::test(flavor = "multi_thread")]
async fn r40_members_are_reminded_of_points_that_lapse_by_mail_or_short_message() {
    let Posting {
        suite,
        receiver,
        mailbox,
        ..
    } = posting();
    let mut played = Played::on(suite, "40-reminder").await;
    played.member = enrol(&played, "ada-40@example.com", "", "en").await;
    assert_eq!(played.buys(120).await, 120);
    let phone_only = enrol(&played, "", "+86 138 0013 8000", "zh").await;
    played.member.clone_from(&phone_only);
    assert_eq!(played.buys(120).await, 120);
    receiver.refuse(&phone_only, 2, 500);
    played.at("2026-01-28T10:00:00").await;

    let mails = comes("a mail", || mailbox.mails_to("ada-40@example.com")).await;
    let posts = || {
        let posts = receiver.posts_to(&phone_only);
        posts.into_iter().filter(|post| post.status == 204).collect()
    };
    let posts = comes("a short message", posts).await;
    let data = &posts[0].data;
    assert_eq!(
        (
            data["channel"].as_str(),
            data["address"].as_str(),
            data["language"].as_str()
        ),
        (Some("SMS"), Some("+8613800138000"), Some("zh"))
    );
    assert_eq!(data["body"], "您有120积分将于2026-01-31到期，请及时使用。");
    assert_eq!(receiver.posts_to(&phone_only).len(), 3, "refused twice and taken once");

    let mail = &mails[0];
    for expected in [
        "From: Shop <news@shop.example>",
        "Subject: 120 points are about to lapse",
        "Content-Type: text/plain",
        "120 of your points lapse on 2026-01-31.",
        ".remind.0@shop.example>",
    ] {
        assert!(mail.contains(expected), "{expected} in {mail}");
    }
    // Told once, however long it lies ahead.
    played.at("2026-01-29T10:00:00").await;
    assert_eq!(mailbox.mails_to("ada-40@example.com").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r13_whoever_registers_is_written_to_once() {
    let Posting { suite, mailbox, .. } = posting();
    let played = Played::on(suite, "13-activation-message").await;
    enrol(&played, "ada-13@example.com", "", "en").await;
    let mails = comes("a mail", || mailbox.mails_to("ada-13@example.com")).await;
    assert!(
        mails[0].contains("Subject: Welcome: activate your membership"),
        "{}",
        mails[0]
    );
    assert!(mails[0].contains("100 points are yours"), "{}", mails[0]);
}
