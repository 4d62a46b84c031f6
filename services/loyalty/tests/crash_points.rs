//! `kill -9` at every point of the flows that span two services.
//!
//! The process is stopped at a point by locks on the heads of the shards: a service whose heads are locked commits nothing, so what happened before
//! has happened and what comes next has not. Then it is killed, started again, and whoever asked asks again, or nobody does.

use std::time::Duration;

use harness::purchase;
use proto::{
    campaign::{ActivityInput, AwardState, RecordActivityRequest, RecordActivityResponse, activity_input::Activity},
    points::TransferPointsRequest,
    rewards_catalog::{RedeemRewardRequest, Redemption, RedemptionState},
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    calls::{available, enrol, enrol_as},
    process::{Process, manifest},
};
use loyalty::demo::clients::{Clients, persist};

/// What a purchase costs that earns ten points and lifts nobody to a level that earns more.
const SMALL: i64 = 1_000;

/// Where the process dies in a redemption.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    /// The stock is taken; nothing was asked of the points service.
    StockHeld,
    /// The points service holds the points, and the catalog does not know.
    Held,
    /// The catalog knows of the hold, which is not captured.
    PointsHeld,
    /// The points are spent, and the catalog does not know.
    Captured,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_that_was_killed_at_any_point_takes_effect_once() {
    let mut process = Process::start().await;
    let member = enrol(&process.clients()).await;
    buy(&process.clients(), &member, "o-1", 100_000).await.unwrap();
    let (reward, price) = manifest().rewards().swap_remove(0);
    let mut had = available(&process.clients(), &member).await;
    let mut stock = stock(&mut process.database().await, &reward).await;
    for death in [Death::StockHeld, Death::Held, Death::PointsHeld, Death::Captured] {
        let request = RedeemRewardRequest {
            request_id: format!("{death:?}"),
            member_id: member.clone(),
            reward: reward.clone(),
        };
        die_while_redeeming(&mut process, &request, death).await;
        let redeemed = redeem(&process.clients(), request.clone()).await;
        assert_eq!(redeemed.state(), RedemptionState::Fulfilled, "{death:?}");
        assert_eq!(redeem(&process.clients(), request).await, redeemed, "{death:?}");
        had -= price;
        stock -= 1;
        assert_eq!(available(&process.clients(), &member).await, had, "{death:?}");
        assert_eq!(held(&mut process.database().await).await, 0, "{death:?}");
        assert_eq!(
            self::stock(&mut process.database().await, &reward).await,
            stock,
            "{death:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_whose_process_was_killed_before_it_was_posted_is_posted_once() {
    let mut process = Process::start().await;
    let member = enrol(&process.clients()).await;
    for (number, asks_again) in [(1, true), (2, false)] {
        let order = format!("o-{number}");
        let points = Brake::on(&process, "points").await;
        let (clients, buyer, bought) = (process.clients(), member.clone(), order.clone());
        let buying = tokio::spawn(async move { buy(&clients, &buyer, &bought, SMALL).await });
        let mut database = process.database().await;
        until(async || purchases(&mut database).await == number).await;
        process.kill_and_restart_after(points.release()).await;
        let _ = buying.await;
        if asks_again {
            let bought = persist_buy(&process.clients(), &member, &order).await;
            assert_eq!(bought.activity.unwrap().state(), AwardState::Awarded);
        }
        let clients = process.clients();
        until(async || available(&clients, &member).await == 10 * number).await;
        let bought = persist_buy(&clients, &member, &order).await;
        assert_eq!(bought.activity.unwrap().state(), AwardState::Awarded);
        assert_eq!(available(&clients, &member).await, 10 * number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_that_was_answered_survives_a_kill() {
    let mut process = Process::start().await;
    let member = enrol(&process.clients()).await;
    let first = persist_buy(&process.clients(), &member, "o-1").await;
    process.kill_and_restart().await;
    assert_eq!(available(&process.clients(), &member).await, 10);
    assert_eq!(persist_buy(&process.clients(), &member, "o-1").await, first);
    assert_eq!(available(&process.clients(), &member).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_whose_process_was_killed_before_it_arrived_arrives_once() {
    let mut process = Process::start().await;
    let giver = enrol(&process.clients()).await;
    buy(&process.clients(), &giver, "o-1", SMALL).await.unwrap();
    let mut database = process.database().await;
    // One of 64 is on the giver's shard, and would be stopped together with the giver.
    let mut taker = enrol_as(&process.clients(), "e-2").await;
    for number in 3.. {
        if shard(&mut database, &taker).await != shard(&mut database, &giver).await {
            break;
        }
        taker = enrol_as(&process.clients(), &format!("e-{number}")).await;
    }
    let request = TransferPointsRequest {
        request_id: "gift".to_owned(),
        member_id: giver.clone(),
        to_member_id: taker.clone(),
        wallet: "points".to_owned(),
        points: 4,
        reference: String::new(),
    };
    let arrival = Brake::on_shard(&process, "points", shard(&mut database, &taker).await).await;
    let (clients, asked) = (process.clients(), request.clone());
    let giving = tokio::spawn(async move { clients.points(0).transfer_points(asked).await });
    until(async || under_way_to_others(&mut database).await == 1).await;
    process.kill_and_restart_after(arrival.release()).await;
    let _ = giving.await;
    let clients = process.clients();
    assert_eq!(available(&clients, &giver).await, 6);
    until(async || available(&clients, &taker).await == 4).await;
    let mut database = process.database().await;
    until(async || under_way_to_others(&mut database).await == 0).await;
    let answer = clients.points(0).transfer_points(request).await.unwrap().into_inner();
    assert_eq!(answer.received_entry.unwrap().points, 4);
    assert_eq!(
        (available(&clients, &giver).await, available(&clients, &taker).await),
        (6, 4)
    );
}

/// Redeems, and kills the process at a point of it.
async fn die_while_redeeming(process: &mut Process, request: &RedeemRewardRequest, death: Death) {
    let mut database = process.database().await;
    let mut points = Brake::on(process, "points").await;
    let (clients, asked) = (process.clients(), request.clone());
    let redeeming = tokio::spawn(async move { clients.redemptions(0).redeem_reward(asked).await });
    until(async || under_way(&mut database).await == Some(RedemptionState::StockHeld as i16)).await;
    let mut rewards = None;
    if death != Death::StockHeld {
        rewards = Some(Brake::on(process, "rewards").await);
        points.release().await;
        until(async || held(&mut database).await > 0).await;
        points = Brake::on(process, "points").await;
    }
    if matches!(death, Death::PointsHeld | Death::Captured) {
        rewards.take().expect("the catalog is stopped").release().await;
        until(async || under_way(&mut database).await == Some(RedemptionState::PointsHeld as i16)).await;
    }
    if death == Death::Captured {
        rewards = Some(Brake::on(process, "rewards").await);
        points.release().await;
        until(async || held(&mut database).await == 0).await;
        points = Brake::on(process, "points").await;
    }
    let release = async {
        points.release().await;
        if let Some(rewards) = rewards {
            rewards.release().await;
        }
    };
    process.kill_and_restart_after(release).await;
    let _ = redeeming.await;
}

/// Keeps a service from committing anything.
struct Brake(PgConnection);

impl Brake {
    async fn on(process: &Process, schema: &str) -> Brake {
        Brake::with(process, format!("select from {schema}.shard order by shard for update")).await
    }

    async fn on_shard(process: &Process, schema: &str, shard: i16) -> Brake {
        Brake::with(
            process,
            format!("select from {schema}.shard where shard = {shard} for update"),
        )
        .await
    }

    async fn with(process: &Process, lock: String) -> Brake {
        let mut database = process.database().await;
        for statement in ["begin".to_owned(), lock] {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut database)
                .await
                .unwrap();
        }
        Brake(database)
    }

    async fn release(mut self) {
        sqlx::raw_sql("rollback").execute(&mut self.0).await.unwrap();
    }
}

/// Waits until something is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .expect("it comes about");
}

async fn under_way(database: &mut PgConnection) -> Option<i16> {
    let state = sqlx::query_scalar("select state from rewards.redemption where not at_rest");
    state.fetch_optional(database).await.unwrap()
}

async fn shard(database: &mut PgConnection, member: &str) -> i16 {
    let shard = sqlx::query_scalar("select shard from points.member where member_id = $1::uuid");
    shard.bind(member).fetch_one(database).await.unwrap()
}

async fn under_way_to_others(database: &mut PgConnection) -> i64 {
    let left = sqlx::query_scalar("select count(*) from points.transfer");
    left.fetch_one(database).await.unwrap()
}

async fn held(database: &mut PgConnection) -> i64 {
    let held = sqlx::query_scalar("select coalesce(sum(held), 0)::bigint from points.account");
    held.fetch_one(database).await.unwrap()
}

async fn stock(database: &mut PgConnection, reward: &str) -> i64 {
    let stock = sqlx::query_scalar("select stock from rewards.stock where reward = $1");
    stock.bind(reward).fetch_one(database).await.unwrap()
}

async fn purchases(database: &mut PgConnection) -> i64 {
    let purchases = sqlx::query_scalar("select count(*) from campaign.purchase");
    purchases.fetch_one(database).await.unwrap()
}

/// Buys for an amount; every full dollar earns a point.
async fn buy(
    clients: &Clients,
    member: &str,
    order_id: &str,
    cents: i64,
) -> Result<tonic::Response<RecordActivityResponse>, tonic::Status> {
    let input = ActivityInput {
        member_id: member.to_owned(),
        channel: "web".to_owned(),
        activity: Some(Activity::Purchase(purchase(order_id, cents))),
        ..ActivityInput::default()
    };
    let request = RecordActivityRequest {
        request_id: order_id.to_owned(),
        input: Some(input),
        park_days: 0,
        await_effects: false,
    };
    clients.activities(0).record_activity(request).await
}

async fn persist_buy(clients: &Clients, member: &str, order_id: &str) -> RecordActivityResponse {
    persist(|| buy(clients, member, order_id, SMALL)).await.unwrap()
}

async fn redeem(clients: &Clients, request: RedeemRewardRequest) -> Redemption {
    let redeemed = persist(|| {
        let (mut client, request) = (clients.redemptions(0), request.clone());
        async move { client.redeem_reward(request).await }
    });
    redeemed.await.unwrap().redemption.unwrap()
}
