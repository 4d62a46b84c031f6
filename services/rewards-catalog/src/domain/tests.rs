//! Stories of the saga, and what the tests of the domain have in common. The model of the whole saga, with processes that
//! die and messages that are lost, is in [`model`].

mod ledger;
mod model;

use common::{
    ids::{EntryId, HoldId, MemberId, RedemptionId},
    points::Points,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::*;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn redemption_id() -> RedemptionId {
    Uuid::from_u128(17).into()
}

pub fn member() -> MemberId {
    Uuid::from_u128(23).into()
}

pub fn entry(number: u128) -> EntryId {
    Uuid::from_u128(number).into()
}

pub fn mug() -> RewardDefinition {
    RewardDefinition {
        code: "mug".to_owned(),
        display_name: "Mug".to_owned(),
        description: "Holds coffee.".to_owned(),
        category: "goods".to_owned(),
        price: Price {
            wallet: "points".to_owned(),
            points: Points::new(100).unwrap(),
        },
        eligibility: Eligibility::default(),
        refundable: true,
        paused: false,
    }
}

pub fn reward(definition: RewardDefinition) -> Reward {
    Reward::new(definition).unwrap()
}

pub fn facts() -> Facts<'static> {
    Facts {
        member_status: MemberStatus::Activated,
        level: None,
        redeemed_count: 0,
        available_points: None,
        stock: Stock::new(10).unwrap(),
    }
}

pub fn begun() -> Redemption {
    redeem(redemption_id(), member(), &reward(mug()), 1, &facts(), at(0)).unwrap()
}

pub fn fulfilled() -> Redemption {
    after(begun(), [held(), captured()])
}

pub fn hold(number: u128) -> HoldId {
    Uuid::from_u128(number).into()
}

fn held() -> News {
    News::Held { hold_id: hold(1) }
}

fn captured() -> News {
    News::Captured(Spending {
        hold_id: hold(1),
        capture_entry_id: entry(2),
    })
}

fn hold_ended() -> News {
    News::HoldEnded { hold_id: hold(1) }
}

const TOO_FEW: Rejection = Rejection::InsufficientPoints { missing: Points::ZERO };

fn after<const N: usize>(redemption: Redemption, news: [News; N]) -> Redemption {
    news.into_iter()
        .fold(redemption, |redemption, news| advance(&redemption, news).unwrap())
}

fn key(step: Option<Step>) -> String {
    match step.expect("there is something to do") {
        Step::HoldPoints { request_id, .. }
        | Step::CaptureHold { request_id, .. }
        | Step::ReleaseHold { request_id, .. }
        | Step::RestoreSpend { request_id, .. } => request_id,
    }
}

#[test]
fn a_redemption_holds_captures_and_rests() {
    let holding = after(begun(), [held()]);
    let points = mug().price.points;
    let id = redemption_id();
    assert_eq!(
        next_step(&begun()),
        Some(Step::HoldPoints {
            request_id: format!("{id}:hold"),
            wallet: "points".to_owned(),
            points,
            ttl_seconds: PATIENCE_SECONDS
        })
    );
    assert_eq!(
        next_step(&holding),
        Some(Step::CaptureHold {
            request_id: format!("{id}:capture"),
            hold_id: hold(1),
            points
        })
    );
    assert_eq!(next_step(&after(holding, [captured()])), None);
}

#[test]
fn every_step_has_a_key_of_its_own_that_the_points_service_accepts() {
    let holding = after(begun(), [held()]);
    let undone = after(holding.clone(), [News::CaptureRefused(Rejection::MemberNotAllowed)]);
    let cancelling = cancel(&fulfilled(), Initiator::Member, at(9)).unwrap();
    let keys = [begun(), holding, undone, cancelling].map(|redemption| key(next_step(&redemption)));
    let endings = [":hold", ":capture", ":release", ":restore"];
    for (key, ending) in keys.iter().zip(endings) {
        assert!(key.ends_with(ending) && key.len() <= 64, "{key}");
    }
}

#[test]
fn a_refused_hold_rejects_and_gives_the_stock_back() {
    let rejected = after(begun(), [News::HoldRefused(TOO_FEW)]);
    assert_eq!(
        rejected.state,
        State::Rejected {
            rejection: TOO_FEW,
            stray_hold: None
        }
    );
    assert!(begun().has_one() && !rejected.has_one());
    assert_eq!(next_step(&rejected), None);
}

#[test]
fn a_hold_that_ended_before_the_capture_rejects() {
    let rejected = after(begun(), [held(), hold_ended()]);
    assert_eq!(
        rejected.state,
        State::Rejected {
            rejection: Rejection::TimedOut,
            stray_hold: None
        }
    );
}

#[test]
fn a_refused_capture_releases_the_hold_before_it_rejects() {
    let undone = after(begun(), [held(), News::CaptureRefused(Rejection::MemberNotAllowed)]);
    assert!(undone.has_one());
    assert!(matches!(
        next_step(&undone),
        Some(Step::ReleaseHold { hold_id, .. }) if hold_id == hold(1)
    ));
    let rejected = after(undone, [hold_ended()]);
    assert_eq!(
        rejected.state,
        State::Rejected {
            rejection: Rejection::MemberNotAllowed,
            stray_hold: None
        }
    );
}

#[test]
fn a_release_that_came_after_the_capture_of_another_process_goes_forward_again() {
    let undone = after(begun(), [held(), News::CaptureRefused(Rejection::MemberNotAllowed)]);
    let forward = after(undone, [News::ReleaseCameTooLate]);
    assert!(matches!(next_step(&forward), Some(Step::CaptureHold { .. })));
    assert_eq!(after(forward, [captured()]).state.name(), "FULFILLED");
}

#[test]
fn of_two_processes_of_which_one_was_refused_the_first_to_store_decides() {
    let rejected_first = after(begun(), [News::HoldRefused(TOO_FEW), held()]);
    assert!(matches!(
        next_step(&rejected_first),
        Some(Step::ReleaseHold { hold_id, .. }) if hold_id == hold(1)
    ));
    assert_eq!(next_step(&after(rejected_first, [hold_ended()])), None);

    let held_first = after(begun(), [held(), News::HoldRefused(TOO_FEW)]);
    assert!(matches!(next_step(&held_first), Some(Step::CaptureHold { .. })));
}

#[test]
fn an_answer_that_comes_twice_changes_nothing() {
    assert_eq!(
        after(fulfilled(), [held(), captured(), captured(), News::ReleaseCameTooLate]),
        fulfilled()
    );
    let cancelled = after(
        cancel(&fulfilled(), Initiator::Member, at(9)).unwrap(),
        [News::Restored],
    );
    assert_eq!(after(cancelled.clone(), [News::Restored, captured()]), cancelled);
}

#[test]
fn a_cancelled_redemption_gives_points_and_stock_back() {
    let cancelling = cancel(&fulfilled(), Initiator::Merchant, at(9)).unwrap();
    let step = Step::RestoreSpend {
        request_id: format!("{}:restore", redemption_id()),
        entry_id: entry(2),
        initiator: Initiator::Merchant,
    };
    assert_eq!(next_step(&cancelling), Some(step));
    assert!(cancelling.has_one());
    let cancelled = after(cancelling, [News::Restored]);
    assert!(!cancelled.has_one());
    assert_eq!(next_step(&cancelled), None);
}

#[test]
fn a_redemption_gives_up_only_in_time_and_only_before_its_points_are_held() {
    let patience = i64::from(PATIENCE_SECONDS);
    assert_eq!(give_up(&begun(), at(patience - 1)), None);
    let rejected = State::Rejected {
        rejection: Rejection::TimedOut,
        stray_hold: None,
    };
    assert_eq!(give_up(&begun(), at(patience)).unwrap().state, rejected);
    assert_eq!(give_up(&after(begun(), [held()]), at(patience)), None);
    assert_eq!(give_up(&fulfilled(), at(patience)), None);
}

#[test]
fn an_answer_that_cannot_be_is_reported_and_changes_nothing() {
    let other = News::Held { hold_id: hold(99) };
    let rejected = after(begun(), [News::HoldRefused(TOO_FEW)]);
    for (redemption, news) in [
        (begun(), captured()),
        (begun(), hold_ended()),
        (after(begun(), [held()]), other),
        (after(begun(), [held()]), News::Restored),
        (rejected, captured()),
        (fulfilled(), other),
        (fulfilled(), hold_ended()),
        (fulfilled(), News::Restored),
    ] {
        let bug = advance(&redemption, news).unwrap_err();
        assert_eq!(
            (bug.id, bug.state, bug.news),
            (redemption_id().uuid(), redemption.state.name(), news)
        );
    }
}
