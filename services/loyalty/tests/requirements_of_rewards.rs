//! The rows of the requirements about what points are good for, as program files, played like those about how they are earned.

use futures::future::join_all;
use proto::{
    campaign::{Payment, Purchase, activity_input::Activity},
    points::{
        CaptureHoldRequest, HoldPointsRequest, ListWalletsRequest, PointValue, ReleaseHoldRequest, RestoreSpendRequest,
        wallet_service_client::WalletServiceClient,
    },
    rewards_catalog::{CancelRedemptionRequest, GetRewardRequest, ListRewardsRequest, Redemption},
    value::Initiator,
};

use crate::{
    calls::{available, comes_to, enrol_as},
    played::{Played, line},
};

#[tokio::test(flavor = "multi_thread")]
async fn row_34_points_pay_for_the_next_purchase() {
    let mut played = Played::of("34-points-for-cash").await;
    assert_eq!(played.buys(1_000).await, 1_000);
    let PointValue { points, minor_units } = value(&played).await;
    assert_eq!((points, minor_units), (100, 100), "100 points are 1 yuan");

    let hold_id = sets_aside(&played, 1_000, "checkout-1").await;
    assert_eq!(played.balance().await, 0, "nobody else spends them meanwhile");
    let paid = Payment {
        method: "points".to_owned(),
        minor_units: 1_000 * minor_units / points,
    };
    let order = Purchase {
        payments: vec![paid],
        ..played.order(vec![line("1", 50)])
    };
    let earned = played.does(Activity::Purchase(order)).await;
    assert_eq!(earned, 40, "10 of the 50 yuan are paid by points, which earn nothing");
    let capture = CaptureHoldRequest {
        request_id: "order-2".to_owned(),
        member_id: played.member.clone(),
        hold_id,
        reference: "order-2".to_owned(),
        ..CaptureHoldRequest::default()
    };
    let captured = played.clients.points(0).capture_hold(capture).await.unwrap();
    let spend = captured.into_inner().entry.unwrap();
    assert_eq!((spend.points, played.balance().await), (1_000, 40));

    assert_eq!(played.gives_back(2).await, -40);
    let restore = RestoreSpendRequest {
        request_id: "order-2-back".to_owned(),
        member_id: played.member.clone(),
        entry_id: spend.entry_id,
        initiator: Initiator::Member.into(),
        ..RestoreSpendRequest::default()
    };
    played.clients.points(0).restore_spend(restore).await.unwrap();
    assert_eq!(
        played.balance().await,
        1_000,
        "the points of a cancelled order come back"
    );

    let release = ReleaseHoldRequest {
        request_id: "checkout-2-left".to_owned(),
        member_id: played.member.clone(),
        hold_id: sets_aside(&played, 600, "checkout-2").await,
    };
    assert_eq!(played.balance().await, 400);
    played.clients.points(0).release_hold(release).await.unwrap();
    assert_eq!(played.balance().await, 1_000, "a checkout that is left spends nothing");
}

/// What points are worth, as the program says it.
async fn value(played: &Played) -> PointValue {
    let mut wallets = WalletServiceClient::new(played.clients.transport(0));
    let listed = wallets.list_wallets(ListWalletsRequest {}).await.unwrap().into_inner();
    listed.wallet_versions[0].wallet.clone().unwrap().value.unwrap()
}

async fn sets_aside(played: &Played, points: i64, request_id: &str) -> String {
    let hold = HoldPointsRequest {
        request_id: request_id.to_owned(),
        member_id: played.member.clone(),
        wallet: "points".to_owned(),
        points,
        ..HoldPointsRequest::default()
    };
    let held = played.clients.points(0).hold_points(hold).await.unwrap();
    held.into_inner().hold.unwrap().hold_id
}

#[tokio::test(flavor = "multi_thread")]
async fn row_35_coupons_goods_and_services_by_rules_that_change() {
    let mut played = Played::of("35-coupons-goods-services").await;
    played.buys(10_000).await;
    let agreed = played.redeems("coupon").await.unwrap();
    let mut paid = vec![price(&agreed)];
    for reward in ["umbrella", "cleaning"] {
        paid.push(price(&played.redeems(reward).await.unwrap()));
    }
    assert_eq!((paid, played.balance().await), (vec![500, 2_000, 5_000], 2_500));

    played.becomes("35-coupons-goods-services-in-february").await;
    assert_eq!(played.redeems("cleaning").await.unwrap_err(), "PAUSED");
    assert_eq!(played.redeems("cinema").await.unwrap_err(), "INSUFFICIENT_POINTS");
    let cheaper = played.redeems("coupon").await.unwrap();
    assert_eq!((price(&cheaper), cheaper.reward_version), (400, 2));
    assert_eq!(
        stock(&played, "coupon").await,
        1_000 - 2,
        "a change of price is no delivery"
    );
    cancels(&played, &played.member, &agreed).await;
    assert_eq!(
        (played.balance().await, stock(&played, "coupon").await),
        (2_500 - 400 + 500, 999),
        "what was agreed comes back, whatever it costs now"
    );
    played.buys(400).await;
    assert_eq!(price(&played.redeems("cinema").await.unwrap()), 3_000);
}

fn price(redemption: &Redemption) -> i64 {
    redemption.price.as_ref().expect("a redemption has a price").points
}

async fn stock(played: &Played, reward: &str) -> i64 {
    let request = GetRewardRequest {
        reward: reward.to_owned(),
    };
    let found = played.rewards().get_reward(request).await.unwrap().into_inner();
    found.reward_version.unwrap().stock
}

async fn cancels(played: &Played, member: &str, redemption: &Redemption) {
    let cancel = CancelRedemptionRequest {
        request_id: format!("cancel-{}", redemption.redemption_id),
        member_id: member.to_owned(),
        redemption_id: redemption.redemption_id.clone(),
        initiator: Initiator::Member.into(),
    };
    let cancelled = played.clients.redemptions(0).cancel_redemption(cancel).await;
    cancelled.expect("it can be cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_39_once_a_quarter_there_is_something_to_redeem() {
    let mut played = Played::of("39-quarterly-redemption").await;
    played.buys(10_000).await;
    let gifts = ["spring", "summer", "autumn", "winter"];
    let last_days = ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"];
    for (quarter, day) in last_days.into_iter().enumerate() {
        let mut had = Vec::new();
        played.at(&format!("{day}T23:59:59")).await;
        for gift in gifts {
            had.push(played.redeems(gift).await.is_ok());
        }
        let expected: Vec<bool> = (0..4).map(|number| number == quarter).collect();
        assert_eq!(had, expected, "on {day}");
        assert_eq!(played.redeems(gifts[quarter]).await.unwrap_err(), "LIMIT_REACHED");
    }
    played.another_member().await;
    played.buys(1_000).await;
    played.at("2027-01-01T00:00:00").await;
    assert_eq!(played.redeems("winter").await.unwrap_err(), "OUTSIDE_WINDOW");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_68_who_enrols_has_one_welcome_pack() {
    let played = Played::of("68-welcome-pack").await;
    comes_to(&played.clients, &played.member, "welcome", 1).await;
    let pack = played.redeems("welcome-pack").await.unwrap();
    assert!(pack.fulfilment_code.len() >= 16);
    assert_eq!(played.redeems("welcome-pack").await.unwrap_err(), "LIMIT_REACHED");
    assert_eq!((played.balance().await, stock(&played, "welcome-pack").await), (0, 999));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_69_more_points_reach_higher_rewards() {
    let mut played = Played::of("69-rewards-by-points").await;
    let ladder = [
        ("badge", 100),
        ("cup", 500),
        ("lamp", 1_000),
        ("headphones", 5_000),
        ("suitcase", 10_000),
    ];
    for (step, (reward, points)) in ladder.into_iter().enumerate() {
        let missing = points - played.balance().await;
        played.buys(missing - 1).await;
        let obstacles = played.obstacles(reward).await;
        assert_eq!((obstacles.len(), obstacles[0].missing_points), (1, 1), "{reward}");
        played.buys(1).await;
        assert_eq!(played.obstacles(reward).await, [], "{reward}");
        let request = ListRewardsRequest {
            max_points: played.balance().await,
            ..ListRewardsRequest::default()
        };
        let reached = played.rewards().list_rewards(request).await.unwrap().into_inner();
        assert_eq!(reached.reward_versions.len(), step + 1);
    }
    let suitcase = played.redeems("suitcase").await.unwrap();
    assert_eq!((price(&suitcase), played.balance().await), (10_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_72_a_salon_has_as_many_guests_as_places_however_many_register_at_once() {
    let mut played = Played::of("72-salon-and-trips").await;
    let mut members = Vec::new();
    for number in 0..16 {
        played.member = enrol_as(&played.clients, &format!("guest-{number}")).await;
        played.buys(200).await;
        members.push(played.member.clone());
    }
    // Everyone asks twice at once.
    let asked: Vec<&String> = members.iter().chain(&members).collect();
    let registered = join_all(asked.iter().map(|member| played.redeems_for(member, "salon"))).await;
    let mut guests = Vec::new();
    for (member, registered) in asked.into_iter().zip(registered) {
        match registered {
            Ok(redemption) => guests.push((member, redemption)),
            Err(reason) => assert!(["OUT_OF_STOCK", "LIMIT_REACHED"].contains(&&*reason), "{reason}"),
        }
    }
    let mut once: Vec<&String> = guests.iter().map(|(member, _)| *member).collect();
    once.sort();
    once.dedup();
    assert_eq!((guests.len(), once.len()), (10, 10), "every place once, and nobody two");
    for member in &members {
        let expected = if once.contains(&member) { 100 } else { 200 };
        assert_eq!(
            available(&played.clients, member).await,
            expected,
            "only guests have paid"
        );
    }
    let late = members.iter().find(|member| !once.contains(member)).unwrap();
    assert_eq!(played.redeems_for(late, "salon").await.unwrap_err(), "OUT_OF_STOCK");
    let (guest, place) = &guests[0];
    cancels(&played, guest, place).await;
    played.redeems_for(late, "salon").await.expect("the next has the place");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_72_registering_for_a_trip_is_open_for_a_time() {
    let mut played = Played::of("72-salon-and-trips").await;
    played.buys(6_000).await;
    assert_eq!(played.redeems("spring-trip").await.unwrap_err(), "OUTSIDE_WINDOW");
    played.at("2026-03-31T23:59:59").await;
    played.redeems("spring-trip").await.expect("there are places");
    assert_eq!(played.redeems("autumn-trip").await.unwrap_err(), "OUTSIDE_WINDOW");
    played.at("2026-09-01T00:00:00").await;
    played.redeems("autumn-trip").await.expect("there are places");
    assert_eq!(
        [stock(&played, "spring-trip").await, stock(&played, "autumn-trip").await],
        [249, 249]
    );
}
