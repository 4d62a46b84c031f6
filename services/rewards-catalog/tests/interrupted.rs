//! Redemptions that a crash or an outage interrupted. The database is set back to what a process would have left behind that
//! died at that point; then whoever finds the redemption, a caller who asks again or the worker, finishes it.

use std::time::Duration;

use harness::{Program, Suite, at, suite};
use proto::{
    member::{AdvanceClockRequest, CreateProgramRequest, EnrollMemberRequest, Program as ProgramRecord},
    points::HoldPointsRequest,
    rewards_catalog::{self as pb, RedemptionState, UnavailableReason},
};
use tonic::Code;
use uuid::Uuid;

use crate::shop::{Shop, mug, until_told};

/// A process that died after the first commit; what it asked of the points service has taken effect or not.
const STOCK_HELD: &str = "update rewards.redemption
    set state = 1, hold_id = null, capture_entry_id = null, at_rest = false, changed_at = now() - interval '1 hour'
  where redemption_id = $1";
/// A process that died after the second commit; the hold is captured or not.
const POINTS_HELD: &str = "update rewards.redemption
    set state = 2, capture_entry_id = null, at_rest = false, changed_at = now() - interval '1 hour'
  where redemption_id = $1";
/// A process that died after the first commit of a cancellation; the points are back or not.
const CANCELLING: &str = "update rewards.redemption
    set state = 5, at_rest = false, changed_at = now() - interval '1 hour'
  where redemption_id = $1";

/// Sets a redemption back. The worker may find it at once.
async fn set_back(to: &'static str, redemption_id: &str) {
    let redemption_id: Uuid = redemption_id.parse().unwrap();
    let mut database = suite().database().await;
    let done = sqlx::query(to)
        .bind(redemption_id)
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
}

/// Waits for the worker.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what)
        .await
        .expect("the worker comes by")
}

/// Waits until the feed has told as often that a redemption reached a state.
async fn told_times(shop: &Shop, redemption_id: &str, state: RedemptionState, times: usize) {
    loop {
        let told = shop.told().await.into_iter().filter(|event| match event {
            pb::rewards_catalog_event::Event::RedemptionChanged(changed) => {
                let redemption = changed.redemption.as_ref().unwrap();
                redemption.redemption_id == redemption_id && redemption.state() == state
            }
            _ => false,
        });
        if told.count() >= times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_caller_who_asks_again_after_a_crash_gets_what_was_begun() {
    for crash in [STOCK_HELD, POINTS_HELD] {
        let shop = Shop::open().await;
        let first = shop.redeem("r-1", "mug").await;
        set_back(crash, &first.redemption_id).await;
        assert_eq!(shop.redeem("r-1", "mug").await, first);
        assert_eq!((shop.points().await, shop.stock("mug").await), ((150, 0), 2));
    }
}

#[tokio::test]
async fn the_worker_finishes_what_a_crash_left_behind() {
    for crash in [STOCK_HELD, POINTS_HELD] {
        let shop = Shop::open().await;
        let first = shop.redeem("r-1", "mug").await;
        set_back(crash, &first.redemption_id).await;
        soon(told_times(&shop, &first.redemption_id, RedemptionState::Fulfilled, 2)).await;
        assert_eq!(shop.get(&first.redemption_id).await, first);
        assert_eq!((shop.points().await, shop.stock("mug").await), ((150, 0), 2));
    }
}

#[tokio::test]
async fn the_worker_finishes_a_cancellation() {
    let shop = Shop::open().await;
    let redemption_id = shop.redeem("r-1", "mug").await.redemption_id;
    let first = shop.try_cancel("c-1", &redemption_id).await.unwrap().into_inner();
    shop.stock_up("mug", -1).await;
    set_back(CANCELLING, &redemption_id).await;
    soon(told_times(&shop, &redemption_id, RedemptionState::Cancelled, 2)).await;
    assert_eq!((shop.points().await, shop.stock("mug").await), ((250, 0), 3));
    assert_eq!(
        shop.try_cancel("c-1", &redemption_id).await.unwrap().into_inner(),
        first
    );
}

#[tokio::test]
async fn a_hold_that_ended_before_it_was_captured_rejects_the_redemption() {
    let shop = Shop::open().await;
    let first = shop.redeem("r-1", "mug").await;
    let request = HoldPointsRequest {
        request_id: "by hand".to_owned(),
        member_id: shop.member_id.clone(),
        wallet: "points".to_owned(),
        points: 100,
        ttl_seconds: 240,
        reference: String::new(),
    };
    let hold = shop
        .program
        .points()
        .hold_points(request)
        .await
        .unwrap()
        .into_inner()
        .hold
        .unwrap();
    shop.program.advance_to("2026-01-02T05:00:00Z").await;
    let (mut database, redemption_id) = (suite().database().await, Uuid::now_v7());
    let as_if_begun = "insert into rewards.redemption
         select shard, program_id, member_id, $1, seq + 1, reward, reward_version, wallet, points, refundable, redeemed_at,
                2, $2, null, null, null, null, null, null, false, now() - interval '1 hour'
           from rewards.redemption where redemption_id = $3";
    let (hold_id, like): (Uuid, Uuid) = (hold.hold_id.parse().unwrap(), first.redemption_id.parse().unwrap());
    shop.stock_up("mug", -1).await;
    sqlx::query(as_if_begun)
        .bind(redemption_id)
        .bind(hold_id)
        .bind(like)
        .execute(&mut database)
        .await
        .unwrap();
    let rejected = soon(until_told(
        &shop.program,
        &redemption_id.to_string(),
        RedemptionState::Rejected,
    ))
    .await;
    assert_eq!(rejected.rejection(), UnavailableReason::TimedOut);
    assert_eq!((shop.points().await, shop.stock("mug").await), ((150, 0), 2));
}

#[tokio::test]
async fn a_redemption_that_cannot_reach_the_points_service_says_so_and_gives_its_stock_back_in_time() {
    let nowhere = "http://127.0.0.1:9";
    let alone = [
        "--services",
        "member,tier,rewards-catalog",
        "--points-url",
        nowhere,
        "--campaign-url",
        nowhere,
    ];
    let suite = Suite::start(&alone);
    let shop = shop_without_points(&suite).await;

    let status = shop.try_redeem("r-1", "mug").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(shop.stock("mug").await, 0);
    let advance = AdvanceClockRequest {
        request_id: "advance".to_owned(),
        to: Some(at("2026-01-01T06:00:00Z")),
        await_effects: false,
    };
    shop.program.programs().advance_clock(advance).await.unwrap();
    let rejected = soon(until_told(&shop.program, "", RedemptionState::Rejected)).await;
    assert_eq!(rejected.rejection(), UnavailableReason::TimedOut);
    assert_eq!(shop.stock("mug").await, 1);
    let refused = harness::refusal(shop.try_redeem("r-1", "mug").await);
    assert_eq!(
        (refused.code, refused.metadata["unavailable"].as_str()),
        (Code::FailedPrecondition, "TIMED_OUT")
    );
}

/// Opens a shop with one mug where nobody waits for the points service, and waits until the catalog knows program and member.
async fn shop_without_points(suite: &Suite) -> Shop {
    let program = Program::unmade(suite.channel());
    let record = ProgramRecord {
        name: "Test".to_owned(),
        zone: "America/New_York".to_owned(),
        currency_code: "USD".to_owned(),
        sandbox: true,
        clock_at: Some(at("2026-01-01T05:00:00Z")),
        ..ProgramRecord::default()
    };
    let create = CreateProgramRequest {
        request_id: "create".to_owned(),
        program: Some(record),
        await_effects: false,
    };
    program
        .programs()
        .create_program(create)
        .await
        .expect("a program can be made");
    let enroll = EnrollMemberRequest {
        request_id: "e-1".to_owned(),
        channel: "web".to_owned(),
        ..Default::default()
    };
    let answer = program
        .members()
        .enroll_member(enroll)
        .await
        .expect("a member can be enrolled");
    let shop = Shop {
        program,
        member_id: answer.into_inner().member.unwrap().member_id,
    };
    let known = async || {
        let request = pb::ListRedemptionsRequest {
            member_id: shop.member_id.clone(),
            ..Default::default()
        };
        shop.redemptions().list_redemptions(request).await.is_ok() && shop.try_publish("mug", mug()).await.is_ok()
    };
    while !known().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shop.stock_up("mug", 1).await;
    shop
}
