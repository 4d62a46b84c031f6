//! Contradiction K10: whether an ordinary customer is a member. The same customer does the same in each program.

use proto::{
    member::{EnrollMemberRequest, RegisterMemberRequest},
    tier::GetMemberTierRequest,
};

use crate::{calls::comes_to, played::Played};

/// Makes a customer known who has not joined.
async fn becomes_known(played: &Played) -> String {
    let request = EnrollMemberRequest {
        request_id: "lead-1".to_owned(),
        channel: "store-12".to_owned(),
        prospect: true,
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let known = played.clients.members(0).enroll_member(request).await.unwrap();
    known.into_inner().member.unwrap().member_id
}

async fn joins(played: &Played) {
    let request = RegisterMemberRequest {
        request_id: "form-1".to_owned(),
        member_id: played.member.clone(),
        await_effects: true,
        ..RegisterMemberRequest::default()
    };
    played.clients.members(0).register_member(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn k10_an_ordinary_customer_is_no_member_or_the_lowest() {
    for (file, before, after, level) in [
        ("k10-prospects-earn-nothing", 0, 800 + 88, "standard"),
        ("k10-prospects-earn", 300 + 88, 800, "silver"),
    ] {
        let mut played = Played::of(file).await;
        played.member = becomes_known(&played).await;
        assert_eq!(played.buys(300).await, before, "{file}");
        assert_eq!(
            played.balance().await,
            before,
            "{file}: nobody has joined, so nothing is for enrolments"
        );
        let refused = played.redeems("gift").await.unwrap_err();
        assert_eq!(refused, "MEMBER_NOT_ALLOWED", "{file}");
        let tier = GetMemberTierRequest {
            member_id: played.member.clone(),
            ladder: "status".to_owned(),
        };
        let tier = played.clients.tiers().get_member_tier(tier).await;
        assert_eq!(
            tier.unwrap_err().code(),
            tonic::Code::NotFound,
            "{file}: a prospect is on no level"
        );

        played.at("2026-02-01T00:00:00").await;
        joins(&played).await;
        comes_to(&played.clients, &played.member, "points", before + 500).await;
        assert_eq!(played.level().await, "standard", "{file}");
        assert_eq!(played.buys(800).await, after, "{file}");
        assert_eq!(
            played.level().await,
            level,
            "{file}: 1,100 yuan in all, 800 of them as a member"
        );
        played.redeems("gift").await.unwrap();
        assert_eq!(played.balance().await, before + 500 + after - 100, "{file}");
    }
}
