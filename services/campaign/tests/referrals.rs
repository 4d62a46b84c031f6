//! Members bring friends: who is bound, when that is a success, and what it brings to either side, once.

use std::time::Duration;

use harness::{Program, refusal};
use proto::{
    campaign::{self as pb, ReferralState as State},
    tier::GetMemberTierRequest,
};
use tonic::Code;

use crate::levels::publish_ladder;
use crate::reports::{activities, awarded, kind, on, two_replicas};
use crate::support::{Answer, Shop, bought, publish_campaign, worth};

/// The first touch, within a week; 50 dollars, and two weeks to bring them back.
pub fn policy() -> pb::ReferralPolicy {
    pb::ReferralPolicy {
        touch: pb::Touch::First.into(),
        bind_within_days: 7,
        min_order_minor_units: 5_000,
        qualify_after_days: 14,
        give_up_after_days: 60,
        ..pb::ReferralPolicy::default()
    }
}

pub async fn publish(program: &Program, request_id: &str, policy: pb::ReferralPolicy) {
    let request = pb::PublishReferralPolicyRequest {
        request_id: request_id.to_owned(),
        referral_policy: Some(policy),
        effective_from: None,
    };
    let published = program.referrals().publish_referral_policy(request).await;
    assert!(published.expect("a policy can be published").into_inner().changed);
}

/// A shop whose first member brings friends from the next day on: 200 points for each, and 100 for the friend.
pub async fn club(policy: pb::ReferralPolicy) -> Shop {
    club_of(Shop::open().await, policy).await
}

async fn club_of(shop: Shop, policy: pb::ReferralPolicy) -> Shop {
    publish(&shop.program, "policy", policy).await;
    for (kind, code, points) in [
        (pb::ReportedKind::Referral, "thanks", 200),
        (pb::ReportedKind::Referred, "welcome", 100),
    ] {
        publish_campaign(&shop.program, code, on(kind, code, points))
            .await
            .unwrap();
    }
    shop.program.advance_to("2026-01-02T15:00:00Z").await;
    shop
}

async fn try_code(shop: &Shop) -> Answer<pb::GetInviteCodeResponse> {
    let request = pb::GetInviteCodeRequest {
        member_id: shop.member_id.clone(),
    };
    shop.program.referrals().get_invite_code(request).await
}

async fn code(shop: &Shop) -> String {
    try_code(shop)
        .await
        .expect("a member has a code")
        .into_inner()
        .invite_code
}

async fn try_bind(friend: &Shop, request_id: &str, invite_code: &str) -> Answer<pb::BindReferralResponse> {
    try_bind_marked(friend, request_id, invite_code, &[]).await
}

async fn try_bind_marked(
    friend: &Shop,
    request_id: &str,
    invite_code: &str,
    marks: &[&str],
) -> Answer<pb::BindReferralResponse> {
    let request = pb::BindReferralRequest {
        request_id: request_id.to_owned(),
        referee_member_id: friend.member_id.clone(),
        invite_code: invite_code.to_owned(),
        marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
    };
    friend.program.referrals().bind_referral(request).await
}

/// Brings a friend who has some marks.
pub async fn brings(shop: &Shop, marks: &[&str]) -> Shop {
    let friend = shop.neighbour().await;
    let bound = try_bind_marked(&friend, "bind", &code(shop).await, marks).await;
    assert_eq!(bound.unwrap().into_inner().referral.unwrap().state(), State::Bound);
    friend
}

pub async fn try_referral(friend: &Shop) -> Answer<pb::GetReferralResponse> {
    let request = pb::GetReferralRequest {
        referee_member_id: friend.member_id.clone(),
    };
    friend.program.referrals().get_referral(request).await
}

/// Waits until a referral is in a state.
pub async fn comes_to(friend: &Shop, state: State) -> pb::GetReferralResponse {
    for _ in 0..200 {
        let found = try_referral(friend).await.expect("there is one").into_inner();
        if found.referral.as_ref().unwrap().state() == state {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?} is not {state:?}", try_referral(friend).await);
}

pub fn states(found: &pb::GetReferralResponse) -> Vec<State> {
    found.moves.iter().map(pb::ReferralMove::state).collect()
}

/// How many friends a member was thanked for.
pub async fn thanked(shop: &Shop) -> usize {
    let all = activities(shop).await;
    all.iter().filter(|activity| kind(activity) == "referral").count()
}

pub async fn has(shop: &Shop, points: i64) {
    for _ in 0..200 {
        if shop.available().await == points {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the member has {} and not {points}", shop.available().await);
}

fn why<T: std::fmt::Debug>(answer: Answer<T>) -> (Code, String) {
    let refused = refusal(answer);
    assert_eq!(refused.reason, "REFERRAL_NOT_ALLOWED");
    (refused.code, refused.metadata["why"].clone())
}

#[tokio::test]
async fn a_friend_who_keeps_an_order_is_a_reward_for_both_sides_and_a_level_once() {
    let shop = Shop::open().await;
    publish_ladder(&shop, "ladder", 2, 1).await;
    let gold = pb::grant::Grant::Level(pb::LevelGrant {
        ladder: "status".to_owned(),
        to: Some(pb::level_grant::To::LevelsUp(1)),
        lasts_days: 90,
    });
    let lift = pb::Campaign {
        effects: Vec::new(),
        grants: vec![pb::Grant {
            grant: Some(gold),
            cost_minor_units: 0,
        }],
        ..on(pb::ReportedKind::Referral, "lift", 0)
    };
    publish_campaign(&shop.program, "lift", lift).await.unwrap();
    let shop = Shop {
        member_id: shop.program.enrolled().await,
        ..shop
    };
    let shop = club_of(shop, policy()).await;
    let friend = brings(&shop, &[]).await;
    friend.buys("small", 4_999).await;
    friend.buys("o-1", 5_000).await;
    comes_to(&friend, State::Waiting).await;
    shop.program.advance_to("2026-01-17T04:59:59Z").await;
    comes_to(&friend, State::Waiting).await;
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    let found = comes_to(&friend, State::Qualified).await;
    assert_eq!(states(&found), [State::Bound, State::Waiting, State::Qualified]);
    let referral = found.referral.unwrap();
    assert_eq!(
        (referral.order_id.as_str(), referral.referrer_member_id),
        ("o-1", shop.member_id.clone())
    );

    let (thanks, welcome) = (awarded(&shop, "referral").await, awarded(&friend, "referred").await);
    assert_eq!((worth(&thanks), worth(&welcome)), (200, 100));
    assert_eq!(
        (thanks.request_id, welcome.request_id),
        (referral.referrer_request_id, referral.referee_request_id)
    );
    let input = thanks.input.unwrap();
    assert_eq!(input.occurred_at, Some(harness::at("2026-01-17T05:00:00Z")));
    let Some(pb::activity_input::Activity::Custom(custom)) = input.activity else {
        panic!("a report is a custom activity");
    };
    assert_eq!(
        (
            custom.attributes["referee"].as_str(),
            custom.attributes["order_id"].as_str()
        ),
        (friend.member_id.as_str(), "o-1")
    );

    // Nothing of it comes again: not with time, and not with another order.
    friend.buys("o-2", 6_000).await;
    shop.program.advance_to("2026-02-20T05:00:00Z").await;
    has(&shop, 200).await;
    has(&friend, 49 + 50 + 60 + 100).await;
    assert_eq!((thanked(&shop).await, activities(&friend).await.len()), (1, 4));
    assert_eq!(comes_to(&friend, State::Qualified).await.moves.len(), 3);
    let level = GetMemberTierRequest {
        member_id: shop.member_id.clone(),
        ladder: "status".to_owned(),
    };
    let level = shop.program.tiers().get_member_tier(level).await.unwrap().into_inner();
    assert_eq!(level.member_tier.unwrap().level, "gold");
}

#[tokio::test]
async fn who_cannot_be_brought_is_told_why() {
    let shop = Shop::open().await;
    shop.program.advance_to("2026-01-02T15:00:00Z").await;
    let (friend, code_of_shop) = (shop.neighbour().await, code(&shop).await);
    assert_eq!(code(&shop).await, code_of_shop);
    let early = refusal(try_bind(&friend, "b-0", &code_of_shop).await);
    assert_eq!(
        (early.code, early.reason.as_str()),
        (Code::NotFound, "REFERRAL_POLICY_NOT_FOUND")
    );
    publish(&shop.program, "policy", policy()).await;
    let unknown = refusal(try_bind(&friend, "b-1", "0000000000").await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "INVITE_CODE_NOT_FOUND")
    );
    let nobody = refusal(try_referral(&friend).await);
    assert_eq!(
        (nobody.code, nobody.reason.as_str()),
        (Code::NotFound, "REFERRAL_NOT_FOUND")
    );

    let refused = |why: &str| (Code::FailedPrecondition, why.to_owned());
    let own = code(&friend).await;
    assert_eq!(why(try_bind(&friend, "b-2", &own).await), refused("SELF"));
    // Who enrolled at the same instant did not enrol before.
    let twin = code(&shop.neighbour().await).await;
    assert_eq!(
        why(try_bind(&friend, "b-3", &twin).await),
        refused("REFERRER_ENROLLED_LATER")
    );
    let prospect = Shop {
        member_id: shop.program.prospect().await,
        program: shop.program.clone(),
    };
    assert_eq!(why(try_code(&prospect).await), refused("NOT_ENROLLED"));
    assert_eq!(
        why(try_bind(&prospect, "b-4", &code_of_shop).await),
        refused("NOT_ENROLLED")
    );

    shop.program.advance_to("2026-01-10T04:59:59Z").await;
    let typed = format!("{} {}", &code_of_shop[..5], code_of_shop[5..].to_lowercase());
    try_bind(&friend, "b-5", &typed)
        .await
        .expect("the last second of the seventh day will do");
    let late = shop.neighbour().await;
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    assert_eq!(why(try_bind(&late, "b-6", &code_of_shop).await), refused("TOO_LATE"));
    let fresh = shop.neighbour().await;
    shop.freeze().await;
    assert_eq!(
        why(try_bind(&fresh, "b-7", &code_of_shop).await),
        refused("REFERRER_NOT_ALLOWED")
    );
    assert_eq!(refusal(try_code(&shop).await).reason, "MEMBER_NOT_ALLOWED");
    // What was answered is answered again, whatever became of the referrer.
    try_bind(&friend, "b-5", &typed).await.unwrap();
    let other = refusal(try_bind(&friend, "b-5", &code_of_shop).await);
    assert_eq!(other.reason, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn a_ring_cannot_be_made() {
    let first = club(policy()).await;
    let second = brings(&first, &[]).await;
    first.program.advance_to("2026-01-03T15:00:00Z").await;
    let third = brings(&second, &[]).await;
    let closing = [(&first, &third), (&first, &second), (&second, &third)];
    for (number, (brought, by)) in closing.into_iter().enumerate() {
        let refused = refusal(try_bind(brought, &format!("ring-{number}"), &code(by).await).await);
        assert_eq!(refused.reason, "REFERRAL_NOT_ALLOWED");
        let whys = ["REFERRER_ENROLLED_LATER", "REFERRER_ENROLLED_LATER", "ALREADY_BOUND"];
        assert_eq!(refused.metadata["why"], whys[number]);
    }
}

#[tokio::test]
async fn the_first_touch_stays_and_the_last_one_takes_over_until_something_is_ordered() {
    let (first, last) = (club(policy()).await, pb::Touch::Last.into());
    let (other, friend) = (first.neighbour().await, brings(&first, &[]).await);
    first.program.advance_to("2026-01-03T15:00:00Z").await;
    let late = brings(&first, &[]).await;
    let by_other = code(&other).await;
    let refused = (Code::FailedPrecondition, "ALREADY_BOUND".to_owned());
    assert_eq!(why(try_bind(&late, "b-1", &by_other).await), refused);
    publish(
        &first.program,
        "last",
        pb::ReferralPolicy {
            touch: last,
            ..policy()
        },
    )
    .await;
    let taken = try_bind(&late, "b-2", &by_other)
        .await
        .unwrap()
        .into_inner()
        .referral
        .unwrap();
    assert_eq!(
        (taken.state(), &taken.referrer_member_id),
        (State::Bound, &other.member_id)
    );
    late.buys("o-1", 5_000).await;
    assert_eq!(why(try_bind(&late, "b-3", &code(&first).await).await), refused);
    first.program.advance_to("2026-01-18T05:00:00Z").await;
    let found = comes_to(&late, State::Qualified).await;
    assert_eq!(
        found.moves[1].reasons().collect::<Vec<_>>(),
        [pb::ReferralReason::LaterTouch]
    );
    has(&other, 200).await;
    assert_eq!((thanked(&first).await, thanked(&other).await), (0, 1));
    comes_to(&friend, State::Bound).await;
}

#[tokio::test]
async fn two_replicas_that_are_asked_at_once_thank_for_every_friend_once() {
    let [one, other] = two_replicas();
    let shop = club_of(Shop::of(one.program().await).await, policy()).await;
    let invite_code = code(&shop).await;
    let mut friends = Vec::new();
    for _ in 0..6 {
        let friend = shop.neighbour().await;
        let there = Shop {
            program: friend.program.at(other.channel()),
            member_id: friend.member_id.clone(),
        };
        let (here, again) = futures::join!(
            try_bind(&friend, "bind", &invite_code),
            try_bind(&there, "bind", &invite_code)
        );
        assert_eq!(here.unwrap().into_inner(), again.unwrap().into_inner());
        let (_, bought_again) =
            futures::join!(friend.buys("o-1", 5_000), there.try_record("o-1", bought("o-1", 5_000)));
        bought_again.unwrap();
        friends.push(friend);
    }
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    for friend in &friends {
        assert_eq!(states(&comes_to(friend, State::Qualified).await).len(), 3);
        has(friend, 150).await;
    }
    has(&shop, 1_200).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!((thanked(&shop).await, shop.available().await), (6, 1_200));
}
