//! Drafts that are made from campaigns, from other drafts and from templates.

use harness::{Program, at};
use proto::campaign::{self as pb, copy_campaign_request::From as Source};
use tonic::Code;

use crate::drafts::{by, no, said, save, submission};
use crate::support::{Shop, double};

#[tokio::test]
async fn a_template_is_copied_from_and_never_submitted() {
    let shop = Shop::open().await;
    let program = &shop.program;
    let mut drafts = program.drafts();
    let weekdays = pb::Schedule {
        // In New York the clocks go forward in between: midnight stays midnight.
        start: Some(at("2026-03-01T05:00:00Z")),
        end: Some(at("2026-03-02T05:00:00Z")),
        except: vec![pb::DateRange {
            first: "2026-03-01".to_owned(),
            last: String::new(),
        }],
        ..pb::Schedule::default()
    };
    let festival = pb::Campaign {
        schedule: Some(weekdays),
        paused: true,
        ..double("festival")
    };
    let template = pb::SaveDraftRequest {
        template: true,
        ..save("s-1", "festivals", 0, festival.clone())
    };
    drafts.save_draft(by("ann", template)).await.unwrap();
    let submitted = drafts.submit_draft(by("ann", submission("u-1", "festivals", 1))).await;
    assert_eq!(no(submitted), said(Code::FailedPrecondition, "DRAFT_IS_TEMPLATE"));

    let copy = |request_id: &str, from: Source, draft: &str, shift_days| pb::CopyCampaignRequest {
        request_id: request_id.to_owned(),
        draft: draft.to_owned(),
        from: Some(from),
        campaign: "spring".to_owned(),
        display_name: "Spring festival".to_owned(),
        shift_days,
    };
    let from = || Source::FromDraft("festivals".to_owned());
    let copied = drafts.copy_campaign(by("ann", copy("k-1", from(), "spring", 14))).await;
    let copied = copied.unwrap().into_inner().draft.unwrap();
    let campaign = copied.campaign.unwrap();
    assert_eq!(
        (campaign.code.as_str(), campaign.display_name.as_str(), campaign.paused),
        ("spring", "Spring festival", false)
    );
    assert_eq!(campaign.effects, festival.effects);
    let schedule = campaign.schedule.unwrap();
    assert_eq!(
        (schedule.start, schedule.end, schedule.except[0].first.as_str()),
        (
            Some(at("2026-03-15T04:00:00Z")),
            Some(at("2026-03-16T04:00:00Z")),
            "2026-03-15"
        )
    );
    assert!(!copied.template);
    in_order(program, &["festivals", "spring"]).await;

    // What is there already is not copied over, and what is not there is not copied.
    let over = drafts.copy_campaign(by("ann", copy("k-2", from(), "spring", 0))).await;
    assert_eq!(no(over), said(Code::Aborted, "DRAFT_REVISION_DIFFERS"));
    let unknown = || Source::FromCampaign("autumn".to_owned());
    let nothing = drafts
        .copy_campaign(by("ann", copy("k-3", unknown(), "autumn", 0)))
        .await;
    assert_eq!(no(nothing), said(Code::NotFound, "CAMPAIGN_NOT_FOUND"));
    let centuries = copy("k-4", from(), "far", 36_600);
    assert!(drafts.copy_campaign(by("ann", centuries)).await.is_ok());
    let submitted = drafts.submit_draft(by("ann", submission("u-2", "spring", 1))).await;
    assert!(submitted.is_ok());
}

/// The drafts of the program are these, page by page.
async fn in_order(program: &Program, names: &[&str]) {
    let mut request = pb::ListDraftsRequest {
        page_size: 1,
        ..pb::ListDraftsRequest::default()
    };
    for (at, name) in names.iter().enumerate() {
        let page = program
            .drafts()
            .list_drafts(request.clone())
            .await
            .unwrap()
            .into_inner();
        let listed: Vec<&str> = page.drafts.iter().map(|draft| draft.draft.as_str()).collect();
        assert_eq!(listed, [*name]);
        assert!(page.drafts[0].campaign.is_none());
        assert_eq!(page.next_page_token.is_empty(), at + 1 == names.len());
        request.page_token = page.next_page_token;
    }
    let in_review = pb::ListDraftsRequest {
        state: pb::DraftState::InReview.into(),
        ..pb::ListDraftsRequest::default()
    };
    let none = program.drafts().list_drafts(in_review).await.unwrap().into_inner();
    assert!(none.drafts.is_empty());
}
