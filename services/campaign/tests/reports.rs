//! What other services report is recorded by itself, once, where a campaign is for it.

use std::{sync::OnceLock, time::Duration};

use harness::{Program, Suite, refusal, suite};
use prost::Message as _;
use proto::{campaign as pb, member::ActivateMemberRequest};
use tonic::Code;

use crate::levels::{buys_and_waits, publish_ladder};
use crate::support::{Shop, did, publish_campaign, thanks_for, worth};

pub fn on(kind: pb::ReportedKind, code: &str, points: i64) -> pb::Campaign {
    let reported = pb::ReportedTrigger { kind: kind.into() };
    pb::Campaign {
        trigger: Some(pb::Trigger {
            trigger: Some(pb::trigger::Trigger::Reported(reported)),
        }),
        ..thanks_for(code, points)
    }
}

pub async fn activities(shop: &Shop) -> Vec<pb::Activity> {
    let request = pb::ListActivitiesRequest {
        member_id: shop.member_id.clone(),
        page_size: 100,
        page_token: String::new(),
    };
    let listed = shop.program.activities().list_activities(request).await;
    listed.expect("activities can be listed").into_inner().activities
}

pub fn kind(activity: &pb::Activity) -> &str {
    match activity.input.as_ref().and_then(|input| input.activity.as_ref()) {
        Some(pb::activity_input::Activity::Custom(custom)) => &custom.kind,
        _ => "",
    }
}

/// Waits until an activity of a kind is awarded.
pub async fn awarded(shop: &Shop, of: &str) -> pb::Activity {
    for _ in 0..200 {
        let found = activities(shop).await.into_iter().find(|activity| kind(activity) == of);
        if let Some(activity) = found.filter(|activity| activity.state() == pb::AwardState::Awarded) {
            return activity;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{of} is not awarded");
}

/// How many reports of a program are not recorded yet.
pub async fn waiting(shop: &Shop, database: &mut sqlx::PgConnection) -> i64 {
    sqlx::query_scalar("select count(*) from campaign.report where program_id = $1::uuid")
        .bind(&shop.program.program_id)
        .fetch_one(database)
        .await
        .unwrap()
}

/// Two replicas of one suite, which several tests share.
pub fn two_replicas() -> &'static [Suite; 2] {
    static REPLICAS: OnceLock<[Suite; 2]> = OnceLock::new();
    REPLICAS.get_or_init(|| {
        let suite = Suite::start(&[]);
        let other = suite.replica(&[]);
        [suite, other]
    })
}

async fn newcomer(program: &Program) -> Shop {
    Shop {
        program: program.clone(),
        member_id: program.enrolled().await,
    }
}

#[tokio::test]
async fn whoever_enrols_is_thanked_once_by_the_channel_that_brought_them() {
    let shop = Shop::open().await;
    let bonus = on(pb::ReportedKind::Enrolment, "sign-up", 1_000);
    let web = pb::condition::Condition::Channel(pb::NamesCondition {
        names: vec!["web".to_owned()],
    });
    publish_campaign(&shop.program, "c-1", crate::support::when(web, bonus))
        .await
        .unwrap();
    let newcomer = newcomer(&shop.program).await;
    let enrolment = awarded(&newcomer, "enrolment").await;
    assert_eq!((worth(&enrolment), newcomer.available().await), (1_000, 1_000));
    assert!(enrolment.request_id.starts_with("member-"), "{}", enrolment.request_id);
    newcomer.buys("1", 100).await;
    assert_eq!(activities(&newcomer).await.len(), 2);
    // Who came before the campaign was there is not thanked.
    assert!(activities(&shop).await.is_empty());
}

#[tokio::test]
async fn a_level_that_is_entered_is_thanked_for_with_what_it_was_and_is() {
    let shop = Shop::open().await;
    publish_ladder(&shop, "ladder", 1, 1).await;
    let to_gold = pb::condition::Condition::Attribute(pb::AttributeCondition {
        name: "to".to_owned(),
        is: Some(pb::attribute_condition::Is::OneOf(pb::Texts {
            texts: vec!["gold".to_owned()],
        })),
    });
    let thanks = on(pb::ReportedKind::LevelChange, "welcome-to-gold", 50);
    publish_campaign(&shop.program, "c-1", crate::support::when(to_gold, thanks))
        .await
        .unwrap();
    let member = newcomer(&shop.program).await;
    buys_and_waits(&member, "1", 10_000).await;
    let change = awarded(&member, "level-change").await;
    assert_eq!((worth(&change), member.available().await), (50, 150));
    assert!(change.request_id.starts_with("tier-"), "{}", change.request_id);
}

#[tokio::test]
async fn what_others_report_nobody_else_says() {
    let shop = Shop::open().await;
    for kind in [
        "enrolment",
        "activation",
        "level-change",
        "birthday",
        "points-expiring",
        "referral",
        "referred",
    ] {
        let refused = refusal(shop.try_record(kind, did(kind)).await);
        assert_eq!(
            (refused.code, refused.fields),
            (Code::InvalidArgument, vec!["input.custom.kind".to_owned()])
        );
        assert!(shop.try_preview(did(kind)).await.is_ok());
    }
}

#[tokio::test]
async fn two_replicas_thank_everybody_once() {
    let [suite, _] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_campaign(&shop.program, "c-1", on(pb::ReportedKind::Enrolment, "sign-up", 7))
        .await
        .unwrap();
    let mut newcomers = Vec::new();
    for _ in 0..20 {
        newcomers.push(newcomer(&shop.program).await);
    }
    for member in &newcomers {
        awarded(member, "enrolment").await;
        assert_eq!((activities(member).await.len(), member.available().await), (1, 7));
    }
    assert_eq!(waiting(&shop, &mut suite.database().await).await, 0);
}

#[tokio::test]
async fn whoever_is_activated_is_thanked() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", on(pb::ReportedKind::Activation, "welcome", 30))
        .await
        .unwrap();
    let request = ActivateMemberRequest {
        request_id: "activate".to_owned(),
        member_id: shop.member_id.clone(),
        await_effects: true,
    };
    shop.program.members().activate_member(request).await.unwrap();
    assert_eq!(worth(&awarded(&shop, "activation").await), 30);
}

#[tokio::test]
async fn a_report_about_a_member_who_earns_nothing_is_struck_off() {
    let shop = Shop::open().await;
    shop.freeze().await;
    let input = shop.input(did("enrolment"));
    let member_id: common::ids::MemberId = shop.member_id.parse().unwrap();
    let program_id: common::ids::ProgramId = shop.program.program_id.parse().unwrap();
    let mut database = suite().database().await;
    sqlx::query("insert into campaign.report (shard, source, seq, program_id, member_id, input, due_at) values ($1, 'member', 99, $2, $3, $4, 'epoch')")
        .bind(common::shard::Shard::of(program_id, member_id).get())
        .bind(program_id.uuid())
        .bind(member_id.uuid())
        .bind(input.encode_to_vec())
        .execute(&mut database)
        .await
        .unwrap();
    for _ in 0..200 {
        if waiting(&shop, &mut database).await == 0 {
            assert!(activities(&shop).await.is_empty());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the report is still there");
}
