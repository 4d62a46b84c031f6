//! Levels that campaigns give: taken in from the feed once, over after their time, and taken back by returns.

use std::time::Duration;

use harness::{Program, Suite, at, purchase, suite};
use proto::{
    campaign::{
        ActivityInput, Campaign, Condition, CustomActivity, CustomTrigger, Grant, LevelGrant, ListActivitiesRequest,
        OrderCondition, PublishCampaignRequest, PurchaseTrigger, RecordActivityRequest, ReportedKind, ReportedTrigger,
        Trigger, activity_input::Activity, condition, grant, level_grant::To, trigger,
    },
    event::{SubscribeRequest, event::Payload},
    tier::{EvaluateTierRequest, LevelGrantIgnored, LevelGrantIgnoredReason, tier_event},
};
use uuid::Uuid;

use crate::status::{buys, changes, program_with_member, publish, returns, standing, status, told};

fn level(ladder: &str, to: To, lasts_days: i32) -> Grant {
    Grant {
        grant: Some(grant::Grant::Level(LevelGrant {
            ladder: ladder.to_owned(),
            to: Some(to),
            lasts_days,
        })),
        cost_minor_units: 0,
    }
}

fn custom(kind: &str) -> trigger::Trigger {
    trigger::Trigger::Custom(CustomTrigger { kind: kind.to_owned() })
}

fn giving(code: &str, trigger: trigger::Trigger, grants: Vec<Grant>) -> Campaign {
    Campaign {
        code: code.to_owned(),
        display_name: code.to_owned(),
        trigger: Some(Trigger { trigger: Some(trigger) }),
        grants,
        ..Campaign::default()
    }
}

async fn publish_campaign(program: &Program, campaign: Campaign) {
    let request = PublishCampaignRequest {
        request_id: Uuid::now_v7().to_string(),
        campaign: Some(campaign),
        effective_from: None,
    };
    let published = program.rules().publish_campaign(request).await;
    published.expect("the campaign is published");
}

fn input(member_id: &str, activity: Activity) -> ActivityInput {
    ActivityInput {
        member_id: member_id.to_owned(),
        channel: "web".to_owned(),
        activity: Some(activity),
        ..ActivityInput::default()
    }
}

/// Does something once and waits for every consequence.
async fn does(program: &Program, member_id: &str, kind: &str) {
    let custom = CustomActivity {
        kind: kind.to_owned(),
        ..CustomActivity::default()
    };
    let request = RecordActivityRequest {
        request_id: kind.to_owned(),
        input: Some(input(member_id, Activity::Custom(custom))),
        park_days: 0,
        await_effects: true,
    };
    let recorded = program.activities().record_activity(request).await;
    recorded.expect("the activity is recorded");
}

#[tokio::test]
async fn a_level_that_was_given_holds_to_the_end_of_its_last_day_also_when_the_clocks_change() {
    let (program, member_id) = program_with_member().await;
    let ten_days = level("status", To::Level("silver".to_owned()), 10);
    publish_campaign(&program, giving("lift", custom("share"), vec![ten_days])).await;
    program.advance_to("2026-03-01T17:00:00Z").await;
    does(&program, &member_id, "share").await;

    let tier = standing(&program, &member_id).await;
    assert_eq!((tier.level.as_str(), tier.rank), ("silver", 1));
    let granted = tier.granted.clone().expect("the level is a gift");
    assert_eq!(
        (granted.campaign.as_str(), granted.grant, granted.own_level.as_str()),
        ("lift", 0, "standard")
    );
    let end = at("2026-03-12T04:00:00Z");
    assert_eq!((granted.ends_at, tier.valid_until), (Some(end), Some(end)));
    assert_eq!(tier.since, Some(at("2026-03-01T17:00:00Z")));
    assert_eq!(tier.benefits.unwrap().discount_per_mille, 50);
    assert_eq!(tier.next.unwrap().level, "gold");
    let later = EvaluateTierRequest {
        member_id: member_id.clone(),
        ladder: "status".to_owned(),
        gains: Vec::new(),
        at: Some(end),
    };
    let evaluated = program.tiers().evaluate_tier(later).await.unwrap().into_inner();
    assert_eq!(evaluated.member_tier.unwrap().level, "standard");

    program.advance_to("2026-03-12T03:59:59Z").await;
    assert_eq!(standing(&program, &member_id).await.level, "silver");
    program.advance_to("2026-03-20T12:00:00Z").await;
    assert_eq!(
        told(&program, &member_id).await,
        ["GRANT_ENDED standard", "GRANTED silver", "ENROLLED standard"]
    );
    let told = changes(&program, &member_id).await;
    assert_eq!((told[0].occurred_at, &told[0].granted), (Some(end), &None));
    assert_eq!(told[1].granted, Some(granted));
    assert_eq!(standing(&program, &member_id).await.granted, None);
}

#[tokio::test]
async fn a_return_takes_back_the_level_and_not_what_the_member_qualified_for() {
    let (program, member_id) = program_with_member().await;
    let from_hundred = OrderCondition {
        at_least_minor_units: 10_000,
        ..OrderCondition::default()
    };
    let bought = trigger::Trigger::Purchase(PurchaseTrigger {});
    let lift = Campaign {
        condition: Some(Condition {
            condition: Some(condition::Condition::Order(from_hundred)),
        }),
        ..giving("lift", bought, vec![level("status", To::LevelsUp(1), 0)])
    };
    publish_campaign(&program, lift).await;
    buys(&program, &member_id, "o1", 12_000).await;
    let tier = standing(&program, &member_id).await;
    assert_eq!((tier.level.as_str(), tier.valid_until), ("gold", None));
    assert_eq!(tier.granted.unwrap().own_level, "silver");
    returns(&program, &member_id, "o1").await;
    let tier = standing(&program, &member_id).await;
    assert_eq!((tier.level.as_str(), tier.granted), ("silver", None));
    assert_eq!(
        told(&program, &member_id).await,
        [
            "GRANT_REVOKED silver",
            "GRANTED gold",
            "QUALIFIED silver",
            "ENROLLED standard"
        ]
    );
}

#[tokio::test]
async fn a_change_of_level_that_gives_a_level_comes_to_an_end() {
    let (program, member_id) = program_with_member().await;
    let up = || vec![level("status", To::LevelsUp(1), 30)];
    let risen = trigger::Trigger::Reported(ReportedTrigger {
        kind: ReportedKind::LevelChange.into(),
    });
    publish_campaign(&program, giving("lift", custom("share"), up())).await;
    publish_campaign(&program, giving("again", risen, up())).await;
    does(&program, &member_id, "share").await;
    let reports = async || {
        let request = ListActivitiesRequest {
            member_id: member_id.clone(),
            ..ListActivitiesRequest::default()
        };
        let listed = program.activities().list_activities(request).await.unwrap();
        listed.into_inner().activities.len() - 1
    };
    let is_done = async {
        while reports().await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), is_done)
        .await
        .expect("both changes are reported");
    program.advance_to("2026-01-02T05:00:00Z").await;
    program.advance_to("2026-01-03T05:00:00Z").await;
    assert_eq!(reports().await, 2);
    assert_eq!(
        told(&program, &member_id).await,
        ["GRANTED gold", "GRANTED silver", "ENROLLED standard"]
    );
}

#[tokio::test]
async fn what_names_no_level_of_the_program_is_told_to_be_ignored() {
    let (program, member_id) = program_with_member().await;
    let nowhere = vec![
        level("growth", To::LevelsUp(1), 0),
        level("status", To::Level("platinum".to_owned()), 0),
        level("status", To::Level("gold".to_owned()), 0),
    ];
    publish_campaign(&program, giving("lift", custom("share"), nowhere)).await;
    does(&program, &member_id, "share").await;
    let told = tokio::time::timeout(Duration::from_secs(20), ignored(&program, 2)).await;
    let told = told.expect("they are told");
    let reasons: Vec<_> = told.iter().map(|ignored| (ignored.grant, ignored.reason())).collect();
    let expected = [
        LevelGrantIgnoredReason::LadderNotFound,
        LevelGrantIgnoredReason::LevelNotFound,
    ];
    assert_eq!(reasons, [(0, expected[0]), (1, expected[1])]);
    assert_eq!(
        (told[0].member_id.as_str(), told[0].ladder.as_str()),
        (member_id.as_str(), "growth")
    );
    assert_eq!(standing(&program, &member_id).await.level, "gold");
}

/// Follows the feed until it has told of as many levels that were ignored.
async fn ignored(program: &Program, count: usize) -> Vec<LevelGrantIgnored> {
    let request = SubscribeRequest {
        feed: "tier".to_owned(),
        ..SubscribeRequest::default()
    };
    let mut feed = program.feeds().subscribe(request).await.unwrap().into_inner();
    let mut told = Vec::new();
    while told.len() < count {
        for event in feed.message().await.unwrap().expect("the feed goes on").events {
            if let Some(Payload::Tier(tier)) = event.payload
                && let Some(tier_event::Event::LevelGrantIgnored(ignored)) = tier.event
            {
                told.push(ignored);
            }
        }
    }
    told
}

#[tokio::test]
async fn with_retries_at_two_replicas_a_level_is_given_once() {
    let suite = Suite::start(&[]);
    let other = suite.replica(&[]);
    let program = suite.program().await;
    let elsewhere = program.at(other.channel());
    publish(&program, status()).await;
    let bought = trigger::Trigger::Purchase(PurchaseTrigger {});
    let lift = giving("lift", bought, vec![level("status", To::LevelsUp(1), 30)]);
    publish_campaign(&program, lift).await;
    let mut members = Vec::new();
    for _ in 0..20 {
        members.push(program.enrolled().await);
    }
    for member_id in &members {
        let buys = async |program: &Program| {
            let request = RecordActivityRequest {
                request_id: "o1".to_owned(),
                input: Some(input(member_id, Activity::Purchase(purchase("o1", 1_000)))),
                park_days: 0,
                await_effects: false,
            };
            program
                .activities()
                .record_activity(request)
                .await
                .expect("it is recorded");
        };
        tokio::join!(buys(&program), buys(&elsewhere));
    }
    let all_have_it = async {
        for member_id in &members {
            while standing(&elsewhere, member_id).await.level == "standard" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), all_have_it).await;
    waited.expect("everybody is given the level");
    program.advance_to("2026-01-02T05:00:00Z").await;
    for member_id in &members {
        assert_eq!(standing(&elsewhere, member_id).await.level, "silver");
        assert_eq!(told(&program, member_id).await, ["GRANTED silver", "ENROLLED standard"]);
    }
}

#[tokio::test]
async fn who_was_given_a_level_is_counted_on_it() {
    let program = suite().program().await;
    publish(&program, status()).await;
    let member_id = program.enrolled().await;
    publish_campaign(
        &program,
        giving("lift", custom("share"), vec![level("status", To::LevelsUp(2), 1)]),
    )
    .await;
    does(&program, &member_id, "share").await;
    assert_eq!(
        crate::count_members::counted(&program).await,
        crate::count_members::counts(0, 0, 1)
    );
    program.advance_to("2026-01-03T05:00:00Z").await;
    assert_eq!(
        crate::count_members::counted(&program).await,
        crate::count_members::counts(1, 0, 0)
    );
}
