//! Where campaigns stand, who may publish them, and what becomes of those that are over.

use harness::{Program, at, refusal};
use proto::campaign as pb;
use tonic::Code;

use crate::drafts::{approval, by, in_review, save, submission};
use crate::support::{Answer, Shop, bought, double, fared, publish_campaign, worth};

fn paused(campaign: pb::Campaign) -> pb::Campaign {
    pb::Campaign {
        paused: true,
        ..campaign
    }
}

fn governance(request_id: &str, campaigns_need_approval: bool) -> pb::PublishGovernanceRequest {
    pb::PublishGovernanceRequest {
        request_id: request_id.to_owned(),
        campaigns_need_approval,
    }
}

fn archival(request_id: &str, campaign: &str) -> pb::ArchiveCampaignRequest {
    pb::ArchiveCampaignRequest {
        request_id: request_id.to_owned(),
        campaign: campaign.to_owned(),
    }
}

async fn rules(program: &Program, include_archived: bool) -> pb::ListRulesResponse {
    let request = pb::ListRulesRequest { include_archived };
    program.rules().list_rules(request).await.unwrap().into_inner()
}

async fn stands(program: &Program, campaign: &str) -> (pb::CampaignState, i32, Option<prost_types::Timestamp>) {
    let request = pb::ExplainCampaignRequest {
        campaign: campaign.to_owned(),
        ..pb::ExplainCampaignRequest::default()
    };
    let explained = program.rules().explain_campaign(request).await.unwrap().into_inner();
    let standing = explained.standing.unwrap();
    let listed = rules(program, true).await.campaign_standings;
    assert!(listed.contains(&standing));
    (standing.state(), standing.version, standing.changes_at)
}

fn needs_approval<T: std::fmt::Debug>(answer: Answer<T>) {
    let refused = refusal(answer);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["campaign"].as_str()
        ),
        (Code::FailedPrecondition, "APPROVAL_NEEDED", "double")
    );
}

#[tokio::test]
async fn where_campaigns_need_approval_anybody_stops_one_and_nobody_starts_one_alone() {
    let shop = Shop::open().await;
    let program = &shop.program;
    let mut drafts = program.drafts();
    publish_campaign(program, "c-1", double("double")).await.unwrap();
    for _ in 0..2 {
        let asked = drafts.publish_governance(by("ann", governance("g-1", true))).await;
        assert!(asked.unwrap().into_inner().changed);
    }
    let first = pb::Campaign {
        priority: 7,
        ..double("double")
    };
    needs_approval(publish_campaign(program, "c-2", first.clone()).await);
    let same = publish_campaign(program, "c-3", double("double")).await;
    assert!(!same.unwrap().into_inner().changed);
    // A stop that changes anything else is none.
    needs_approval(publish_campaign(program, "c-4", paused(first.clone())).await);
    let stopped = publish_campaign(program, "c-5", paused(double("double"))).await;
    assert!(stopped.unwrap().into_inner().changed);
    assert_eq!(worth(&shop.buys("1", 10_000).await), 100);
    needs_approval(publish_campaign(program, "c-6", double("double")).await);

    in_review(program, "restart", first).await;
    let approved = drafts.approve_draft(by("bob", approval("a-1", "restart", 1))).await;
    assert_eq!(approved.unwrap().into_inner().campaign_version.unwrap().version, 3);
    assert_eq!(worth(&shop.buys("2", 10_000).await), 200);

    // It takes two to do without approvals, and one to keep them.
    drafts
        .publish_governance(by("ann", governance("g-2", false)))
        .await
        .unwrap();
    let own = refusal(drafts.publish_governance(by("ann", governance("g-3", false))).await);
    assert_eq!((own.code, own.reason.as_str()), (Code::PermissionDenied, "SAME_PERSON"));
    needs_approval(publish_campaign(program, "c-7", double("double")).await);
    drafts
        .publish_governance(by("eve", governance("g-4", true)))
        .await
        .unwrap();
    drafts
        .publish_governance(by("bob", governance("g-5", false)))
        .await
        .unwrap();
    needs_approval(publish_campaign(program, "c-8", double("double")).await);
    drafts
        .publish_governance(by("ann", governance("g-6", false)))
        .await
        .unwrap();
    publish_campaign(program, "c-9", double("double")).await.unwrap();
    let listed = rules(program, false).await.governance_version.unwrap();
    let governance = listed.governance.unwrap();
    assert_eq!(
        (
            listed.version,
            governance.campaigns_need_approval,
            governance.decided_by.as_str()
        ),
        (5, false, "ann")
    );
}

#[tokio::test]
async fn a_campaign_is_to_come_runs_ends_and_is_put_away() {
    let shop = Shop::open().await;
    let program = &shop.program;
    let january = pb::Schedule {
        start: Some(at("2026-01-10T05:00:00Z")),
        end: Some(at("2026-01-20T05:00:00Z")),
        ..pb::Schedule::default()
    };
    let festival = pb::Campaign {
        schedule: Some(january.clone()),
        ..double("festival")
    };
    publish_campaign(program, "c-1", festival.clone()).await.unwrap();
    use pb::CampaignState::{Archived, Ended, Running, Scheduled};
    assert_eq!(stands(program, "festival").await, (Scheduled, 1, january.start));
    program.advance_to("2026-01-12T05:00:00Z").await;
    assert_eq!(stands(program, "festival").await, (Running, 1, january.end));
    let running = refusal(program.drafts().archive_campaign(archival("x-1", "festival")).await);
    assert_eq!(
        (
            running.code,
            running.reason.as_str(),
            running.metadata["state"].as_str()
        ),
        (Code::FailedPrecondition, "CAMPAIGN_STATE_DIFFERS", "RUNNING")
    );
    let unknown = refusal(program.drafts().archive_campaign(archival("x-2", "carnival")).await);
    assert_eq!(unknown.reason, "CAMPAIGN_NOT_FOUND");
    program.advance_to("2026-01-25T05:00:00Z").await;
    assert_eq!(stands(program, "festival").await, (Ended, 1, None));
    for _ in 0..2 {
        let archived = program.drafts().archive_campaign(archival("x-3", "festival")).await;
        assert!(archived.unwrap().into_inner().changed);
    }
    let again = program.drafts().archive_campaign(archival("x-4", "festival")).await;
    assert!(!again.unwrap().into_inner().changed);
    assert_eq!(stands(program, "festival").await, (Archived, 2, None));

    let listed = rules(program, false).await;
    assert!(listed.campaign_versions.is_empty() && listed.campaign_standings.is_empty());
    assert_eq!(rules(program, true).await.campaign_versions.len(), 1);
    // Nothing is asked of it any more; what happened in its time is judged as it was, though it comes late.
    assert!(fared(&shop.buys("1", 10_000).await).is_empty());
    let late = pb::ActivityInput {
        occurred_at: Some(at("2026-01-12T06:00:00Z")),
        ..shop.input(bought("2", 10_000))
    };
    let late = shop.try_input("2", late).await.unwrap().into_inner();
    assert_eq!(worth(&late.activity.unwrap()), 200);

    // Publishing the campaign brings it back.
    let always = pb::Campaign {
        schedule: None,
        ..festival
    };
    publish_campaign(program, "c-2", always).await.unwrap();
    assert_eq!(stands(program, "festival").await, (Running, 3, None));
    assert_eq!(worth(&shop.buys("3", 10_000).await), 200);
}

#[tokio::test]
async fn a_version_for_later_is_approved_now_and_takes_over_then() {
    let shop = Shop::open().await;
    let program = &shop.program;
    publish_campaign(program, "c-1", double("double")).await.unwrap();
    let takes_over = at("2026-02-01T05:00:00Z");
    let later = pb::SaveDraftRequest {
        effective_from: Some(takes_over),
        ..save("s-1", "stop", 0, paused(double("double")))
    };
    program.drafts().save_draft(by("ann", later)).await.unwrap();
    program
        .drafts()
        .submit_draft(by("ann", submission("u-1", "stop", 1)))
        .await
        .unwrap();
    program
        .drafts()
        .approve_draft(by("bob", approval("a-1", "stop", 1)))
        .await
        .unwrap();
    use pb::CampaignState::{Paused, Running};
    assert_eq!(stands(program, "double").await, (Running, 1, Some(takes_over)));
    program.advance_to("2026-02-01T05:00:00Z").await;
    assert_eq!(stands(program, "double").await, (Paused, 2, None));
    assert!(
        program
            .drafts()
            .archive_campaign(archival("x-1", "double"))
            .await
            .is_ok()
    );
}
