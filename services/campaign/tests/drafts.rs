//! Drafts of campaigns: one person writes them, another approves them, and what is approved is published in the same commit.

use futures::TryStreamExt as _;
use harness::{Program, at, refusal, suite};
use proto::{
    campaign::{self as pb, campaign_event::Event as Happened},
    event::{SubscribeRequest, event::Payload},
};
use tonic::{Code, Request};

use crate::reports::two_replicas;
use crate::support::{Answer, Shop, double, group, multiply, publish_accrual, publish_campaign, publish_group, worth};

pub fn by<T>(operator: &str, request: T) -> Request<T> {
    let mut request = Request::new(request);
    request
        .metadata_mut()
        .insert("loyalty-actor", operator.parse().unwrap());
    request
}

pub fn save(request_id: &str, draft: &str, expected_revision: i32, campaign: pb::Campaign) -> pb::SaveDraftRequest {
    pb::SaveDraftRequest {
        request_id: request_id.to_owned(),
        draft: draft.to_owned(),
        campaign: Some(campaign),
        expected_revision,
        ..pb::SaveDraftRequest::default()
    }
}

pub fn submission(request_id: &str, draft: &str, revision: i32) -> pb::SubmitDraftRequest {
    pb::SubmitDraftRequest {
        request_id: request_id.to_owned(),
        draft: draft.to_owned(),
        revision,
        ..pb::SubmitDraftRequest::default()
    }
}

pub fn approval(request_id: &str, draft: &str, revision: i32) -> pb::ApproveDraftRequest {
    pb::ApproveDraftRequest {
        request_id: request_id.to_owned(),
        draft: draft.to_owned(),
        revision,
        comment: "good".to_owned(),
    }
}

/// Ann saves the first revision of a draft and submits it.
pub async fn in_review(program: &Program, draft: &str, campaign: pb::Campaign) {
    let saved = save(&format!("save-{draft}"), draft, 0, campaign);
    program.drafts().save_draft(by("ann", saved)).await.unwrap();
    let submitted = submission(&format!("submit-{draft}"), draft, 1);
    program.drafts().submit_draft(by("ann", submitted)).await.unwrap();
}

async fn get(program: &Program, draft: &str, revision: i32) -> pb::GetDraftResponse {
    let request = pb::GetDraftRequest {
        draft: draft.to_owned(),
        revision,
    };
    program.drafts().get_draft(request).await.unwrap().into_inner()
}

pub fn no<T: std::fmt::Debug>(answer: Answer<T>) -> (Code, String) {
    let refused = refusal(answer);
    (refused.code, refused.reason)
}

pub fn said(code: Code, reason: &str) -> (Code, String) {
    (code, reason.to_owned())
}

async fn happened(program: &Program) -> Vec<Happened> {
    let request = SubscribeRequest {
        feed: "campaign".into(),
        after: Vec::new(),
        until_now: true,
    };
    let stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let runs: Vec<_> = stream.map_ok(|run| run.events).try_collect().await.unwrap();
    let events = runs.into_iter().flatten().filter_map(|event| match event.payload {
        Some(Payload::Campaign(event)) => event.event,
        _ => None,
    });
    events.collect()
}

#[tokio::test]
async fn a_draft_is_written_by_one_and_published_by_the_approval_of_another() {
    let shop = Shop::open().await;
    let mut drafts = shop.program.drafts();
    let in_group = pb::Campaign {
        group: "festival".to_owned(),
        ..double("double")
    };
    let saved = drafts
        .save_draft(by("ann", save("s-1", "spring", 0, in_group.clone())))
        .await;
    let saved = saved.unwrap().into_inner();
    let draft = saved.draft.unwrap();
    assert_eq!(
        (draft.state(), draft.revision, draft.saved_by.as_str()),
        (pb::DraftState::Draft, 1, "ann")
    );
    // It is kept, and told why it could not be published.
    assert_eq!(saved.problems[0].field, "campaign.group");
    let early = drafts.submit_draft(by("ann", submission("u-1", "spring", 1))).await;
    assert_eq!(no(early), said(Code::NotFound, "GROUP_NOT_FOUND"));
    publish_group(&shop.program, "g-1", group("festival", pb::GroupMode::StackAll))
        .await
        .unwrap();
    let submitted = drafts
        .submit_draft(by("bob", submission("u-2", "spring", 1)))
        .await
        .unwrap()
        .into_inner()
        .draft
        .unwrap();
    // Whoever looks at it sees what was strange when it was submitted: at worst points are doubled.
    assert_eq!(submitted.findings[0].kind(), pb::FindingKind::HighestFactor);
    assert_eq!(get(&shop.program, "spring", 0).await.draft.unwrap(), submitted);
    assert_eq!(worth(&shop.buys("1", 10_000).await), 100);

    let changed = save("s-2", "spring", 1, double("double"));
    assert_eq!(
        no(drafts.save_draft(by("ann", changed)).await),
        said(Code::FailedPrecondition, "DRAFT_STATE_DIFFERS")
    );
    for own in ["ann", "bob"] {
        let request = approval(&format!("a-{own}"), "spring", 1);
        assert_eq!(
            no(drafts.approve_draft(by(own, request)).await),
            said(Code::PermissionDenied, "SAME_PERSON")
        );
    }
    let mut answers = Vec::new();
    for _ in 0..2 {
        let approved = drafts.approve_draft(by("eve", approval("a-1", "spring", 1))).await;
        answers.push(approved.unwrap().into_inner());
    }
    assert_eq!(answers[0], answers[1]);
    let approved = answers[0].draft.clone().unwrap();
    assert_eq!(
        (
            approved.state(),
            approved.published_version,
            approved.approved_by.as_str()
        ),
        (pb::DraftState::Published, 1, "eve")
    );
    let version = answers[0].campaign_version.clone().unwrap();
    assert_eq!(version.campaign, Some(in_group));
    assert_eq!(worth(&shop.buys("2", 10_000).await), 200);
    let again = drafts.approve_draft(by("eve", approval("a-2", "spring", 1))).await;
    assert_eq!(no(again), said(Code::FailedPrecondition, "DRAFT_STATE_DIFFERS"));

    let moves: Vec<Happened> = happened(&shop.program).await;
    let told = moves.iter().filter_map(|event| match event {
        Happened::DraftChanged(changed) => changed.change.as_ref(),
        _ => None,
    });
    let told: Vec<pb::DraftChange> = told.cloned().collect();
    assert_eq!(told, get(&shop.program, "spring", 0).await.changes);
    let told: Vec<_> = told.iter().map(|of| (of.number, of.r#move(), of.by.as_str())).collect();
    use pb::DraftMove::{Approved, Saved, Submitted};
    assert_eq!(told, [(1, Saved, "ann"), (2, Submitted, "bob"), (3, Approved, "eve")]);
    let published = |event: &&Happened| matches!(event, Happened::CampaignPublished(_));
    assert_eq!(moves.iter().filter(published).count(), 1);
}

#[tokio::test]
async fn a_draft_that_is_sent_back_is_written_on_and_every_revision_is_kept() {
    let shop = Shop::open().await;
    let program = &shop.program;
    let mut drafts = program.drafts();
    in_review(program, "spring", double("double")).await;
    let withdrawn = pb::WithdrawDraftRequest {
        request_id: "w-1".to_owned(),
        draft: "spring".to_owned(),
        revision: 1,
        comment: "a slip".to_owned(),
    };
    let draft = drafts.withdraw_draft(by("ann", withdrawn)).await.unwrap().into_inner();
    assert_eq!(draft.draft.unwrap().state(), pb::DraftState::Draft);
    let triple = pb::Campaign {
        effects: vec![multiply(3, 1)],
        ..double("double")
    };
    drafts
        .save_draft(by("ann", save("s-2", "spring", 1, triple.clone())))
        .await
        .unwrap();
    // Who did not see that saves nothing over it, and gets nothing else published either.
    let stale = refusal(drafts.save_draft(by("bob", save("s-3", "spring", 1, triple))).await);
    assert_eq!(
        (stale.code, stale.reason.as_str(), stale.metadata["revision"].as_str()),
        (Code::Aborted, "DRAFT_REVISION_DIFFERS", "2")
    );
    let other = drafts.submit_draft(by("ann", submission("u-2", "spring", 1))).await;
    assert_eq!(no(other), said(Code::Aborted, "DRAFT_REVISION_DIFFERS"));
    drafts
        .submit_draft(by("ann", submission("u-3", "spring", 2)))
        .await
        .unwrap();
    let rejected = pb::RejectDraftRequest {
        request_id: "r-1".to_owned(),
        draft: "spring".to_owned(),
        revision: 2,
        comment: "too dear".to_owned(),
    };
    drafts.reject_draft(by("bob", rejected)).await.unwrap();
    let reused = drafts
        .save_draft(by("ann", save("s-2", "spring", 2, double("double"))))
        .await;
    assert_eq!(no(reused), said(Code::AlreadyExists, "REQUEST_ID_REUSED"));

    let kept = get(program, "spring", 1).await;
    let draft = kept.draft.unwrap();
    assert_eq!(
        (draft.state(), draft.revision, draft.campaign),
        (pb::DraftState::Draft, 2, Some(double("double")))
    );
    let rejected = kept.changes.last().unwrap();
    assert_eq!(
        (rejected.r#move(), rejected.by.as_str(), rejected.comment.as_str()),
        (pb::DraftMove::Rejected, "bob", "too dear")
    );
    for (draft, revision) in [("spring", 3), ("autumn", 0)] {
        let request = pb::GetDraftRequest {
            draft: draft.to_owned(),
            revision,
        };
        assert_eq!(
            no(drafts.get_draft(request).await),
            said(Code::NotFound, "DRAFT_NOT_FOUND")
        );
    }
    let nothing = drafts.submit_draft(by("ann", submission("u-4", "autumn", 1))).await;
    assert_eq!(no(nothing), said(Code::NotFound, "DRAFT_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_approvals_at_two_replicas_publish_once() {
    let [one, other] = two_replicas();
    for _ in 0..5 {
        let shop = Shop::of(one.program().await).await;
        in_review(&shop.program, "spring", double("double")).await;
        let beside = shop.program.at(other.channel());
        let (mut here, mut there) = (shop.program.drafts(), beside.drafts());
        let (first, second) = tokio::join!(
            here.approve_draft(by("bob", approval("a-1", "spring", 1))),
            there.approve_draft(by("eve", approval("a-2", "spring", 1))),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
        let refused = if first.is_ok() { second } else { first };
        assert_eq!(no(refused), said(Code::FailedPrecondition, "DRAFT_STATE_DIFFERS"));
        let events = happened(&shop.program).await;
        let published = |event: &&Happened| matches!(event, Happened::CampaignPublished(_));
        assert_eq!(events.iter().filter(published).count(), 1);
        assert_eq!(get(&beside, "spring", 0).await.changes.len(), 3);
    }
}

#[tokio::test]
async fn what_does_not_fit_any_more_stays_in_review() {
    let shop = Shop::open().await;
    let program = &shop.program;
    let mut drafts = program.drafts();
    publish_campaign(program, "c-1", double("double")).await.unwrap();
    let later = pb::SaveDraftRequest {
        effective_from: Some(at("2026-01-05T00:00:00Z")),
        ..save(
            "s-1",
            "spring",
            0,
            pb::Campaign {
                priority: 3,
                ..double("double")
            },
        )
    };
    drafts.save_draft(by("ann", later)).await.unwrap();
    drafts
        .submit_draft(by("ann", submission("u-1", "spring", 1)))
        .await
        .unwrap();
    program.advance_to("2026-01-06T00:00:00Z").await;
    let late = drafts.approve_draft(by("bob", approval("a-1", "spring", 1))).await;
    assert_eq!(no(late), said(Code::InvalidArgument, "EFFECTIVE_IN_PAST"));
    // Another version has been published since it was saved: approving would take that back.
    let paused = pb::Campaign {
        paused: true,
        ..double("double")
    };
    publish_campaign(program, "c-2", paused).await.unwrap();
    let refused = refusal(drafts.approve_draft(by("bob", approval("a-2", "spring", 1))).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "DRAFT_OUTDATED")
    );
    assert_eq!(
        (
            refused.metadata["based_on_version"].as_str(),
            refused.metadata["latest_version"].as_str()
        ),
        ("1", "2")
    );
    let draft = get(program, "spring", 0).await.draft.unwrap();
    assert_eq!(draft.state(), pb::DraftState::InReview);
}

#[tokio::test]
async fn a_draft_of_what_is_no_campaign_is_refused_with_every_field() {
    let program = suite().program().await;
    publish_accrual(&program, "a-1", crate::support::accrual())
        .await
        .unwrap();
    let wrong = pb::Campaign {
        trigger: None,
        display_name: String::new(),
        ..double("double")
    };
    let refused = refusal(program.drafts().save_draft(save("s-1", "spring", 0, wrong)).await);
    assert_eq!(refused.reason, "INVALID_REQUEST");
    assert_eq!(refused.fields, ["campaign.display_name", "campaign.trigger"]);
    let archived = pb::Campaign {
        archived: true,
        ..double("double")
    };
    let refused = refusal(publish_campaign(&program, "c-1", archived).await);
    assert_eq!(refused.fields, ["campaign.archived"]);
}
