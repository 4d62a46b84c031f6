//! Messages that campaigns give: once, with consent, as often as may be, and told what became of them. The suite has two replicas and posts to a receiver of ours.

use std::{sync::OnceLock, time::Duration};

use harness::{Program, Receiver, Suite, refusal};
use proto::{
    campaign::{self as pb, MessageState},
    member::{Consent, ConsentState, EnrollMemberRequest, Profile, TellConsentsRequest},
    value::{ContactChannel, ContactPurpose},
};
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    Answer, Shop, accrual, bought, brought_back, did, publish_accrual, publish_campaign, publish_wallet, thanks_for,
};

/// How often a message is tried here.
const ATTEMPTS: usize = 3;

pub struct Posting {
    pub suite: Suite,
    replica: Suite,
    receiver: Receiver,
}

pub fn posting() -> &'static Posting {
    static POSTING: OnceLock<Posting> = OnceLock::new();
    POSTING.get_or_init(|| {
        let (receiver, attempts) = (Receiver::start(), ATTEMPTS.to_string());
        let (url, secrets) = (receiver.url.clone(), Receiver::secrets());
        let flags = [
            "--message-webhook-url",
            &url,
            "--message-webhook-secrets",
            &secrets,
            "--message-webhook-private",
            "--message-attempts",
            &attempts,
            "--message-retry-ms",
            "50",
        ];
        let suite = Suite::start(&flags);
        let replica = suite.replica(&flags);
        Posting {
            suite,
            replica,
            receiver,
        }
    })
}

/// A shop whose campaign "remind" sends the message "remind" for a visit.
pub async fn shop(template: pb::MessageTemplate) -> Shop {
    let program = posting().suite.program().await;
    publish_wallet(&program, "points").await;
    publish_accrual(&program, "accrual", accrual()).await.unwrap();
    publish_template(&program, "t-1", template).await.unwrap();
    publish_campaign(&program, "c-1", reminding("visit")).await.unwrap();
    let member_id = enrol(&program, true).await;
    Shop { program, member_id }
}

pub fn reminding(kind: &str) -> pb::Campaign {
    let message = pb::MessageGrant {
        template: "remind".to_owned(),
    };
    pb::Campaign {
        code: "remind".to_owned(),
        display_name: "Come again".to_owned(),
        grants: vec![pb::Grant {
            grant: Some(pb::grant::Grant::Message(message)),
            cost_minor_units: 0,
        }],
        ..thanks_for(kind, 7)
    }
}

pub fn template() -> pb::MessageTemplate {
    pb::MessageTemplate {
        code: "remind".to_owned(),
        display_name: "Come again".to_owned(),
        purpose: ContactPurpose::Marketing.into(),
        channels: vec![ContactChannel::Email.into(), ContactChannel::Sms.into()],
        texts: vec![text("{campaign}", "You have earned {points} points.")],
        deliver_within_hours: 0,
    }
}

pub fn text(subject: &str, body: &str) -> pb::MessageText {
    pb::MessageText {
        language: pb::Language::Unspecified.into(),
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

pub async fn publish_template(
    program: &Program,
    request_id: &str,
    template: pb::MessageTemplate,
) -> Answer<pb::PublishTemplateResponse> {
    let request = pb::PublishTemplateRequest {
        request_id: request_id.to_owned(),
        template: Some(template),
        effective_from: None,
    };
    program.rules().publish_template(request).await
}

async fn publish_policy(program: &Program, policy: pb::MessagePolicy) {
    let request = pb::PublishMessagePolicyRequest {
        request_id: Uuid::now_v7().to_string(),
        message_policy: Some(policy),
        effective_from: None,
    };
    let published = program.rules().publish_message_policy(request).await;
    assert!(published.expect("a policy can be published").into_inner().changed);
}

fn consent(state: ConsentState) -> Consent {
    Consent {
        channel: ContactChannel::Email.into(),
        purpose: ContactPurpose::Marketing.into(),
        state: state.into(),
        source: "form-7".to_owned(),
        told_at: None,
    }
}

async fn enrol(program: &Program, agrees: bool) -> String {
    let request = EnrollMemberRequest {
        request_id: Uuid::now_v7().to_string(),
        channel: "web".to_owned(),
        profile: Some(Profile {
            email: format!("canary-{}@yellowfeather.example", Uuid::now_v7().simple()),
            ..Profile::default()
        }),
        consents: agrees.then(|| consent(ConsentState::Granted)).into_iter().collect(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = program.members().enroll_member(request).await.unwrap().into_inner();
    enrolled.member.unwrap().member_id
}

async fn in_state(program: &Program, state: MessageState) -> Vec<pb::Message> {
    let request = pb::ListMessagesRequest {
        state: state.into(),
        ..pb::ListMessagesRequest::default()
    };
    let listed = program.messages().list_messages(request).await;
    listed.expect("messages can be listed").into_inner().messages
}

/// Waits until so many messages of a program are in a state.
async fn come_to(program: &Program, state: MessageState, count: usize) -> Vec<pb::Message> {
    for _ in 0..400 {
        let found = in_state(program, state).await;
        if found.len() == count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} and not {count} are {state:?}", in_state(program, state).await.len());
}

fn replay(request_id: &str, message: &pb::Message) -> pb::ReplayMessageRequest {
    pb::ReplayMessageRequest {
        request_id: request_id.to_owned(),
        member_id: message.member_id.clone(),
        name: message.name.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_once_though_two_replicas_deliver_and_the_receiver_fails_first() {
    let (shop, receiver) = (shop(template()).await, &posting().receiver);
    receiver.refuse(&shop.member_id, 1, 500);
    let activity = shop.record("v-1", did("visit")).await.activity.unwrap();
    // The same request again, at the other replica, means nothing more.
    let elsewhere = Shop {
        program: shop.program.at(posting().replica.channel()),
        member_id: shop.member_id.clone(),
    };
    elsewhere.record("v-1", did("visit")).await;
    let many = neighbours(&shop, 12).await;
    for neighbour in &many {
        neighbour.record("v-1", did("visit")).await;
    }
    let sent = come_to(&shop.program, MessageState::Sent, 13).await;
    let mine = sent.iter().find(|message| message.member_id == shop.member_id).unwrap();
    assert_eq!((mine.attempts, mine.channel()), (2, ContactChannel::Email));
    assert_eq!(mine.message_id, format!("{}:remind:0", activity.activity_id));

    let posts = receiver.posts_to(&shop.member_id);
    let answered: Vec<(&str, u16)> = posts.iter().map(|post| (post.id.as_str(), post.status)).collect();
    assert_eq!(answered, [(mine.message_id.as_str(), 500), (&mine.message_id, 204)]);
    let data = &posts[1].data;
    assert_eq!(
        (&data["subject"], &data["body"]),
        (&"Come again".into(), &"You have earned 7 points.".into())
    );
    assert!(data["address"].as_str().unwrap().ends_with("@yellowfeather.example"));
    for neighbour in &many {
        assert_eq!(receiver.posts_to(&neighbour.member_id).len(), 1);
    }
    assert_eq!(addresses_stored().await, 0);
}

async fn neighbours(shop: &Shop, count: usize) -> Vec<Shop> {
    let mut many = Vec::new();
    for _ in 0..count {
        many.push(Shop {
            program: shop.program.clone(),
            member_id: enrol(&shop.program, true).await,
        });
    }
    many
}

/// Counts what the campaign service stores that shows where somebody is reached.
async fn addresses_stored() -> i64 {
    let count = "select (select count(*) from campaign.message as message where message::text like '%yellowfeather%')
                      + (select count(*) from campaign.journal
                          where position('yellowfeather'::bytea in event) > 0 or position('yellowfeather'::bytea in answer) > 0)";
    let count = sqlx::query_scalar(count);
    count.fetch_one(&mut posting().suite.database().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sold_anything_who_does_not_agree_and_what_is_withdrawn_ends_it() {
    let shop = shop(template()).await;
    let stranger = Shop {
        program: shop.program.clone(),
        member_id: enrol(&shop.program, false).await,
    };
    stranger.record("v-1", did("visit")).await;
    let unreachable = come_to(&shop.program, MessageState::Unreachable, 1).await;
    assert_eq!(unreachable[0].reason, "NO_CONSENT");
    shop.record("v-1", did("visit")).await;
    come_to(&shop.program, MessageState::Sent, 1).await;
    let request = TellConsentsRequest {
        request_id: "withdraw".to_owned(),
        member_id: shop.member_id.clone(),
        consents: vec![consent(ConsentState::Withdrawn)],
    };
    shop.program.members().tell_consents(request).await.unwrap();
    shop.record("v-2", did("visit")).await;
    come_to(&shop.program, MessageState::Unreachable, 2).await;
    assert!(posting().receiver.posts_to(&stranger.member_id).is_empty());
    assert_eq!(posting().receiver.posts_to(&shop.member_id).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_written_to_as_often_as_the_policy_allows_and_not_at_night() {
    let shop = shop(template()).await;
    let policy = pb::MessagePolicy {
        marketing_per_day: 2,
        marketing_per_week: 3,
        quiet: Some(pb::QuietHours {
            from_minute: 22 * 60,
            until_minute: 8 * 60,
        }),
    };
    publish_policy(&shop.program, policy).await;
    // It is midnight in New York: they wait, and none is capped by others that wait.
    for visit in 0..4 {
        shop.record(&format!("v-{visit}"), did("visit")).await;
    }
    assert_eq!(in_state(&shop.program, MessageState::Pending).await.len(), 4);
    shop.program.advance_to("2026-01-01T13:00:00Z").await;
    come_to(&shop.program, MessageState::Sent, 2).await;
    come_to(&shop.program, MessageState::Capped, 2).await;
    // The next day is another day of the same week.
    shop.program.advance_to("2026-01-02T17:00:00Z").await;
    for visit in 4..6 {
        shop.record(&format!("v-{visit}"), did("visit")).await;
    }
    come_to(&shop.program, MessageState::Sent, 3).await;
    come_to(&shop.program, MessageState::Capped, 3).await;
    assert_eq!(posting().receiver.posts_to(&shop.member_id).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_cancels_what_is_not_sent_yet() {
    let shop = shop(template()).await;
    let always = pb::QuietHours {
        from_minute: 0,
        until_minute: 23 * 60,
    };
    let policy = pb::MessagePolicy {
        quiet: Some(always),
        ..pb::MessagePolicy::default()
    };
    publish_policy(&shop.program, policy).await;
    let purchase = pb::trigger::Trigger::Purchase(pb::PurchaseTrigger {});
    let for_orders = pb::Campaign {
        trigger: Some(pb::Trigger {
            trigger: Some(purchase),
        }),
        ..reminding("visit")
    };
    publish_campaign(&shop.program, "c-2", for_orders).await.unwrap();
    shop.record("o-1", bought("1", 10_000)).await;
    let waiting = come_to(&shop.program, MessageState::Pending, 1).await.remove(0);
    let refused = refusal(shop.program.messages().replay_message(replay("r-1", &waiting)).await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["state"].as_str()
        ),
        (Code::FailedPrecondition, "MESSAGE_NOT_DEAD", "PENDING")
    );
    shop.record("b-1", brought_back("1", &[])).await;
    assert_eq!(in_state(&shop.program, MessageState::Cancelled).await.len(), 1);
    shop.program.advance_to("2026-01-02T04:30:00Z").await;
    shop.record("o-2", bought("2", 10_000)).await;
    come_to(&shop.program, MessageState::Sent, 1).await;
    assert_eq!(in_state(&shop.program, MessageState::Cancelled).await.len(), 1);
    assert_eq!(posting().receiver.posts_to(&shop.member_id).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_can_be_replayed_once_for_each_request() {
    let (shop, receiver) = (shop(template()).await, &posting().receiver);
    receiver.refuse(&shop.member_id, ATTEMPTS, 503);
    shop.record("v-1", did("visit")).await;
    let dead = come_to(&shop.program, MessageState::Dead, 1).await.remove(0);
    assert_eq!((dead.reason.as_str(), dead.attempts), ("HTTP_503", ATTEMPTS as i32));
    let mut client = shop.program.messages();
    let first = client.replay_message(replay("r-1", &dead)).await.unwrap().into_inner();
    assert_eq!(first.message.as_ref().unwrap().state(), MessageState::Pending);
    come_to(&shop.program, MessageState::Sent, 1).await;
    let again = client.replay_message(replay("r-1", &dead)).await.unwrap().into_inner();
    assert_eq!(again, first);
    assert_eq!(receiver.posts_to(&shop.member_id).len(), ATTEMPTS + 1);
    let unknown = pb::MessageName {
        grant: 1,
        ..dead.name.clone().unwrap()
    };
    let unknown = pb::ReplayMessageRequest {
        name: Some(unknown),
        ..replay("r-2", &dead)
    };
    let refused = refusal(client.replay_message(unknown).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MESSAGE_NOT_FOUND")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_delivered_in_time_expires() {
    let hurried = pb::MessageTemplate {
        deliver_within_hours: 24,
        ..template()
    };
    let shop = shop(hurried).await;
    posting().receiver.refuse(&shop.member_id, 1, 500);
    publish_policy(
        &shop.program,
        pb::MessagePolicy {
            quiet: Some(pb::QuietHours {
                from_minute: 0,
                until_minute: 60,
            }),
            ..pb::MessagePolicy::default()
        },
    )
    .await;
    shop.record("v-1", did("visit")).await;
    let waiting = come_to(&shop.program, MessageState::Pending, 1).await.remove(0);
    assert_eq!(
        waiting.deadline_at.unwrap().seconds - waiting.intended_at.unwrap().seconds,
        24 * 60 * 60
    );
    shop.program.advance_to("2026-01-02T05:00:00Z").await;
    come_to(&shop.program, MessageState::Expired, 1).await;
    assert!(posting().receiver.posts_to(&shop.member_id).is_empty());
}
