//! Referrals that are suspicious wait for a person.

use harness::refusal;
use proto::campaign::{self as pb, ReferralReason as Reason, ReferralState as State, ReferralVerdict as Verdict};
use tonic::{Code, Request};

use crate::referrals::{brings, club, comes_to, has, policy, thanked};
use crate::support::{Answer, Shop};

async fn review(friend: &Shop, request_id: &str, verdict: Verdict) -> Answer<pb::ReviewReferralResponse> {
    let mut request = Request::new(pb::ReviewReferralRequest {
        request_id: request_id.to_owned(),
        referee_member_id: friend.member_id.clone(),
        verdict: verdict.into(),
        comment: "a family of three".to_owned(),
    });
    request.metadata_mut().insert("loyalty-actor", "ann".parse().unwrap());
    friend.program.referrals().review_referral(request).await
}

async fn tells_marks(member: &Shop, marks: &[&str]) {
    let request = pb::TellMarksRequest {
        request_id: "marks".to_owned(),
        member_id: member.member_id.clone(),
        marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
    };
    member
        .program
        .referrals()
        .tell_marks(request)
        .await
        .expect("marks can be told");
}

async fn listed(shop: &Shop, of: pb::list_referrals_request::Of) -> Vec<String> {
    let (mut page_token, mut found) = (String::new(), Vec::new());
    loop {
        let request = pb::ListReferralsRequest {
            of: Some(of.clone()),
            page_size: 1,
            page_token,
        };
        let page = shop
            .program
            .referrals()
            .list_referrals(request)
            .await
            .unwrap()
            .into_inner();
        found.extend(page.referrals.into_iter().map(|referral| referral.referee_member_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            found.sort();
            return found;
        }
    }
}

fn ids(friends: &[&Shop]) -> Vec<String> {
    let mut ids: Vec<String> = friends.iter().map(|friend| friend.member_id.clone()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn whoever_shares_a_mark_waits_for_a_person_who_lets_it_qualify_or_not() {
    let shop = club(policy()).await;
    tells_marks(&shop, &["phone-1", "street-1"]).await;
    let like_shop = brings(&shop, &["phone-1"]).await;
    let (one, other) = (
        brings(&shop, &["card-1"]).await,
        brings(&shop, &["phone-3", "card-1"]).await,
    );
    let honest = brings(&shop, &["phone-4"]).await;
    let all = [&like_shop, &one, &other, &honest];
    for friend in all {
        friend.buys("o-1", 5_000).await;
    }
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    comes_to(&honest, State::Qualified).await;
    for (friend, reason) in [
        (&like_shop, Reason::SharesMarkWithReferrer),
        (&one, Reason::SharesMarkWithReferee),
        (&other, Reason::SharesMarkWithReferee),
    ] {
        let found = comes_to(friend, State::Flagged).await.referral.unwrap();
        assert_eq!(
            (found.reasons().collect(), found.order_id.as_str()),
            (vec![reason], "o-1"),
        );
    }
    let flagged = pb::list_referrals_request::Of::State(State::Flagged.into());
    assert_eq!(listed(&shop, flagged.clone()).await, ids(&[&like_shop, &one, &other]));
    let of_shop = pb::list_referrals_request::Of::ReferrerMemberId(shop.member_id.clone());
    assert_eq!(listed(&shop, of_shop).await, ids(&all));
    has(&shop, 200).await;

    for _ in 0..2 {
        let approved = review(&one, "r-1", Verdict::Approve)
            .await
            .unwrap()
            .into_inner()
            .referral
            .unwrap();
        assert_eq!(approved.state(), State::Qualified);
    }
    has(&shop, 400).await;
    has(&one, 150).await;
    let rejected = review(&like_shop, "r-1", Verdict::Reject)
        .await
        .unwrap()
        .into_inner()
        .referral
        .unwrap();
    assert_eq!(rejected.state(), State::Rejected);
    let moves = comes_to(&like_shop, State::Rejected).await.moves;
    let last = moves.last().unwrap();
    assert_eq!(
        (last.reviewed_by.as_str(), last.comment.as_str()),
        ("ann", "a family of three")
    );
    assert_eq!(
        last.reasons().collect::<Vec<_>>(),
        [Reason::SharesMarkWithReferrer, Reason::Reviewed]
    );
    for (friend, verdict, state) in [
        (&like_shop, Verdict::Approve, "REJECTED"),
        (&one, Verdict::Reject, "QUALIFIED"),
    ] {
        let refused = refusal(review(friend, "r-2", verdict).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::FailedPrecondition, "REFERRAL_NOT_OPEN")
        );
        assert_eq!(refused.metadata["state"], state);
    }
    assert_eq!(listed(&shop, flagged).await, ids(&[&other]));
    shop.program.advance_to("2026-03-01T05:00:00Z").await;
    assert_eq!((thanked(&shop).await, shop.available().await), (2, 400));
}

#[tokio::test]
async fn whoever_brings_too_many_at_once_is_looked_at_from_there_on() {
    let shop = club(pb::ReferralPolicy {
        max_bound_per_day: 2,
        ..policy()
    })
    .await;
    let mut friends = Vec::new();
    for second in 0..3 {
        shop.program.advance_to(&format!("2026-01-02T16:00:0{second}Z")).await;
        friends.push(brings(&shop, &[]).await);
    }
    shop.program.advance_to("2026-01-03T16:00:00Z").await;
    friends.push(brings(&shop, &[]).await);
    for friend in &friends {
        friend.buys("o-1", 5_000).await;
    }
    shop.program.advance_to("2026-01-18T05:00:00Z").await;
    for friend in [&friends[0], &friends[1], &friends[3]] {
        comes_to(friend, State::Qualified).await;
    }
    let found = comes_to(&friends[2], State::Flagged).await.referral.unwrap();
    assert_eq!(found.reasons().collect::<Vec<_>>(), vec![Reason::TooManyOnDay]);
    has(&shop, 600).await;
}

#[tokio::test]
async fn too_many_open_ones_are_looked_at_and_one_that_is_open_can_be_rejected() {
    let shop = club(pb::ReferralPolicy {
        max_open: 2,
        ..policy()
    })
    .await;
    let (one, two, three) = (
        brings(&shop, &[]).await,
        brings(&shop, &[]).await,
        brings(&shop, &[]).await,
    );
    let early = refusal(review(&one, "r-1", Verdict::Approve).await);
    assert_eq!(early.metadata["state"], "BOUND");
    one.buys("o-1", 5_000).await;
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    let found = comes_to(&one, State::Flagged).await.referral.unwrap();
    assert_eq!(found.reasons().collect::<Vec<_>>(), vec![Reason::TooManyOpen]);
    review(&two, "r-1", Verdict::Reject).await.unwrap();
    two.buys("o-1", 5_000).await;
    three.buys("o-1", 5_000).await;
    shop.program.advance_to("2026-02-01T05:00:00Z").await;
    comes_to(&three, State::Qualified).await;
    comes_to(&two, State::Rejected).await;
    has(&shop, 200).await;
}
