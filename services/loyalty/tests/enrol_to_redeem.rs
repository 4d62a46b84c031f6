//! One member, from enrolment to redemption and back.

use harness::{purchase, suite};
use loyalty::{apply, demo::clients::Clients};
use proto::{
    campaign::{ActivityInput, AwardState, RecordActivityRequest, activity_input::Activity},
    rewards_catalog::{CancelRedemptionRequest, RedeemRewardRequest, RedemptionState},
    tier::GetMemberTierRequest,
    value::Initiator,
};

use crate::{
    calls::{available, enrol},
    process::manifest,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_enrols_buys_rises_redeems_and_changes_their_mind() {
    let manifest = manifest();
    let url = format!("http://{}", suite().address());
    let clients = Clients::new(&url, &manifest.program_id()).unwrap();
    let first = apply::apply(&manifest, clients.transport(0)).await.unwrap();
    let again = apply::apply(&manifest, clients.transport(0)).await.unwrap();
    assert!(
        first.created > 0 && again.created + again.changed == 0,
        "applying a program twice changes nothing"
    );

    let member = enrol(&clients).await;

    let input = ActivityInput {
        member_id: member.clone(),
        channel: "web".into(),
        activity: Some(Activity::Purchase(purchase("o1", 120_050))),
        ..ActivityInput::default()
    };
    let record = RecordActivityRequest {
        request_id: "o1".into(),
        input: Some(input),
        park_days: 0,
        await_effects: true,
    };
    let recorded = clients
        .activities(0)
        .record_activity(record.clone())
        .await
        .unwrap()
        .into_inner();
    let activity = recorded.activity.clone().unwrap();
    assert_eq!(activity.state(), AwardState::Awarded);
    assert_eq!(
        activity.decision.as_ref().unwrap().awards[0].points,
        1200,
        "one point per full dollar"
    );
    assert_eq!(recorded.balances[0].available, 1200);
    let repeated = clients
        .activities(0)
        .record_activity(record)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(repeated, recorded, "a repeated request gets the first answer");

    let tier = GetMemberTierRequest {
        member_id: member.clone(),
        ladder: "status".into(),
    };
    let tier = clients
        .tiers()
        .get_member_tier(tier)
        .await
        .unwrap()
        .into_inner()
        .member_tier
        .unwrap();
    assert_eq!(
        tier.level, "diamond",
        "the level is there when the purchase is answered"
    );

    let (reward, price) = manifest
        .rewards()
        .into_iter()
        .find(|(_, price)| *price <= 1200)
        .unwrap();
    let redeem = RedeemRewardRequest {
        request_id: "r1".into(),
        member_id: member.clone(),
        reward,
    };
    let redemption = clients
        .redemptions(0)
        .redeem_reward(redeem)
        .await
        .unwrap()
        .into_inner()
        .redemption
        .unwrap();
    assert_eq!(redemption.state(), RedemptionState::Fulfilled);
    assert!(redemption.fulfilment_code.len() >= 16);
    assert_eq!(available(&clients, &member).await, 1200 - price);

    let cancel = CancelRedemptionRequest {
        request_id: "c1".into(),
        member_id: member.clone(),
        redemption_id: redemption.redemption_id,
        initiator: Initiator::Member.into(),
    };
    let cancelled = clients
        .redemptions(0)
        .cancel_redemption(cancel)
        .await
        .unwrap()
        .into_inner()
        .redemption
        .unwrap();
    assert_eq!(cancelled.state(), RedemptionState::Cancelled);
    assert_eq!(available(&clients, &member).await, 1200);
}
