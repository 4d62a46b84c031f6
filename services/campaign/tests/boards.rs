//! What a program wants to reach, and how far it is: figures are counted once, and what is wanted is data.

use std::time::Duration;

use harness::{Program, at, refusal, suite};
use proto::{
    campaign::{self as pb, Measure},
    member::{CloseMemberRequest, EnrollMemberRequest},
    value::Ratio,
};
use tonic::Code;

use crate::support::{Answer, Shop, bought, brought_back, did};

/// A target for a month, to be reached by growth by a half.
pub fn target(code: &str, measure: Measure) -> pb::Target {
    pb::Target {
        code: code.to_owned(),
        display_name: "A target".to_owned(),
        measure: measure.into(),
        period: pb::CalendarPeriod::Month.into(),
        goal: Some(pb::Goal {
            value: None,
            growth: Some(Ratio { num: 1, den: 2 }),
        }),
        ..pb::Target::default()
    }
}

pub async fn publish(program: &Program, request_id: &str, target: pb::Target) -> Answer<pb::PublishTargetResponse> {
    let request = pb::PublishTargetRequest {
        request_id: request_id.to_owned(),
        target: Some(target),
        effective_from: None,
    };
    program.boards().publish_target(request).await
}

/// Returns the board, once everything that is recorded is counted.
pub async fn board(program: &Program, time: Option<&str>) -> Vec<pb::TargetProgress> {
    for _ in 0..400 {
        let request = pb::GetBoardRequest { at: time.map(at) };
        let board = program.boards().get_board(request).await;
        let board = board.expect("the board can be read").into_inner();
        if board.uncounted_rows == 0 {
            return board.targets;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what is recorded is not counted");
}

fn code(progress: &pb::TargetProgress) -> &str {
    let target = progress
        .target_version
        .as_ref()
        .and_then(|version| version.target.as_ref());
    &target.expect("it tells the target").code
}

/// The target, its figure, that of the period before, and what is expected.
type Figures<'a> = (&'a str, Option<i64>, Option<i64>, Option<i64>);

fn figures(board: &[pb::TargetProgress]) -> Vec<Figures<'_>> {
    let told = board.iter();
    let told = told.map(|of| (code(of), of.figure, of.previous, of.expected));
    told.collect()
}

/// Enrols somebody who had joined before the program was here.
async fn joined_at(program: &Program, time: &str, request_id: &str) -> String {
    let request = EnrollMemberRequest {
        request_id: request_id.to_owned(),
        channel: "import".to_owned(),
        occurred_at: Some(at(time)),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = program.members().enroll_member(request).await.unwrap();
    enrolled.into_inner().member.unwrap().member_id
}

#[tokio::test]
async fn a_board_tells_how_far_every_target_is_and_where_its_pace_leads() {
    let shop = Shop::open().await;
    let program = shop.program.clone();
    for (name, measure) in [
        ("a-members", Measure::Members),
        ("b-new", Measure::NewMembers),
        ("c-active", Measure::ActiveMembers),
        ("d-orders", Measure::Orders),
        ("e-spend", Measure::Spend),
        ("f-average", Measure::AverageOrder),
        ("g-each", Measure::SpendPerMember),
        ("h-points", Measure::PointsAwarded),
    ] {
        publish(&program, name, target(name, measure)).await.unwrap();
    }
    let leaver = joined_at(&program, "2025-12-15T12:00:00Z", "i-1").await;
    joined_at(&program, "2025-11-15T12:00:00Z", "i-2").await;
    let prospect = Shop {
        program: program.clone(),
        member_id: program.prospect().await,
    };
    prospect.buys("1", 10_000).await;
    program.advance_to("2026-01-10T17:00:00Z").await;
    shop.buys("1", 10_000).await;
    shop.buys("2", 4_999).await;
    shop.record("back", brought_back("2", &[])).await;
    program.joins(&prospect.member_id).await;
    let close = CloseMemberRequest {
        request_id: "close".to_owned(),
        member_id: leaver,
        await_effects: true,
    };
    program.members().close_member(close).await.unwrap();

    let now = board(&program, None).await;
    let some = |figure, previous, expected| (Some(figure), Some(previous), Some(expected));
    let told: Vec<_> = figures(&now)
        .into_iter()
        .map(|(_, now, before, then)| (now, before, then))
        .collect();
    assert_eq!(
        told,
        [
            some(3, 2, 5),
            some(2, 1, 6),
            some(1, 0, 1),
            some(1, 0, 3),
            some(10_000, 0, 31_000),
            (Some(10_000), None, Some(10_000)),
            some(3_333, 0, 6_200),
            some(100, 0, 310),
        ]
    );
    let members = &now[0];
    assert_eq!(
        (members.goal, members.reached_per_mille, members.on_course),
        (Some(3), Some(1_000), Some(true))
    );
    assert_eq!(
        (members.starts_on.as_str(), members.ends_on.as_str()),
        ("2026-01-01", "2026-01-31")
    );
    assert_eq!(
        (members.days_begun, members.days, members.previous_is_stated),
        (10, 31, false)
    );
    assert_eq!(
        (now[4].goal, now[4].on_course),
        (None, None),
        "nothing grows from nothing"
    );

    // The next month begins with those who are there; who did something in the last did nothing in this.
    program.advance_to("2026-02-01T05:00:00Z").await;
    prospect.record("in", did("check-in")).await;
    let february = board(&program, None).await;
    assert_eq!(
        figures(&february)[..3],
        [
            ("a-members", Some(3), Some(3), Some(3)),
            ("b-new", Some(0), Some(2), Some(0)),
            ("c-active", Some(1), Some(1), Some(1)),
        ]
    );
    let then = board(&program, Some("2026-01-09T12:00:00Z")).await;
    assert_eq!(
        figures(&then)[0],
        ("a-members", Some(3), Some(2), Some(5)),
        "nobody had left, or joined late"
    );
    assert_eq!(figures(&then)[4], ("e-spend", Some(0), Some(0), Some(0)));
}

#[tokio::test]
async fn a_target_states_figures_of_before_and_has_versions() {
    let program = suite().program().await;
    let stated = pb::Target {
        baselines: vec![pb::Baseline {
            starts_on: "2025-12-01".to_owned(),
            value: 1_001,
        }],
        ..target("sales", Measure::Spend)
    };
    let first = publish(&program, "t-1", stated.clone()).await.unwrap().into_inner();
    assert_eq!(
        publish(&program, "t-1", stated.clone()).await.unwrap().into_inner(),
        first
    );
    let same = publish(&program, "t-2", stated.clone()).await.unwrap().into_inner();
    assert_eq!((same.changed, &same.target_version), (false, &first.target_version));
    let told = &board(&program, None).await[0];
    assert_eq!(
        (told.previous, told.previous_is_stated, told.goal),
        (Some(1_001), true, Some(1_502))
    );

    let both = pb::Target {
        goal: Some(pb::Goal {
            value: Some(2_000),
            ..stated.goal.unwrap()
        }),
        ..stated.clone()
    };
    program.advance_to("2026-01-02T05:00:00Z").await;
    let reused = refusal(publish(&program, "t-1", both.clone()).await);
    assert_eq!(
        (reused.code, reused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    publish(&program, "t-3", both.clone()).await.unwrap();
    let goal = async |time: Option<&'static str>| board(&program, time).await[0].goal;
    assert_eq!(goal(None).await, Some(2_000));
    assert_eq!(
        goal(Some("2026-01-01T12:00:00Z")).await,
        Some(1_502),
        "the board of yesterday is as it was"
    );

    program.advance_to("2026-01-03T05:00:00Z").await;
    let retired = pb::Target { retired: true, ..both };
    publish(&program, "t-4", retired).await.unwrap();
    assert!(board(&program, None).await.is_empty());
    let listed = program.boards().list_targets(pb::ListTargetsRequest {}).await.unwrap();
    let versions: Vec<i32> = listed
        .into_inner()
        .target_versions
        .iter()
        .map(|of| of.version)
        .collect();
    assert_eq!(versions, [3]);
}

#[tokio::test]
async fn what_makes_no_target_and_no_day_is_refused() {
    let program = suite().program().await;
    let of = |starts_on: &str| pb::Baseline {
        starts_on: starts_on.to_owned(),
        value: 1,
    };
    let wrong = pb::Target {
        goal: Some(pb::Goal::default()),
        baselines: vec![of("2025-12-01"), of("2025-12-02"), of("2025-12-01")],
        ..target("wrong", Measure::Orders)
    };
    let found = refusal(publish(&program, "t-1", wrong).await);
    assert_eq!(
        (found.code, found.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    let mut fields = found.fields;
    fields.sort();
    assert_eq!(
        fields,
        [
            "target.baselines[1].starts_on",
            "target.baselines[2].starts_on",
            "target.goal"
        ]
    );
    let request = pb::PublishTargetRequest {
        request_id: "t-2".to_owned(),
        target: Some(target("early", Measure::Orders)),
        effective_from: None,
    };
    program.boards().publish_target(request.clone()).await.unwrap();
    let early = pb::PublishTargetRequest {
        request_id: "t-3".to_owned(),
        target: Some(target("early", Measure::Spend)),
        effective_from: Some(at("2025-12-31T00:00:00Z")),
    };
    assert_eq!(
        refusal(program.boards().publish_target(early).await).reason,
        "EFFECTIVE_IN_PAST"
    );
    let tomorrow = pb::GetBoardRequest {
        at: Some(at("2026-01-02T05:00:00Z")),
    };
    let found = refusal(program.boards().get_board(tomorrow).await);
    assert_eq!(
        (found.code, found.reason.as_str()),
        (Code::InvalidArgument, "OCCURRED_IN_FUTURE")
    );
    let nowhere = Program::unmade(suite().channel());
    let found = refusal(nowhere.boards().get_board(pb::GetBoardRequest { at: None }).await);
    assert_eq!(
        (found.code, found.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
    let shop = Shop::of(program).await;
    shop.try_record("1", bought("1", 100)).await.unwrap();
    assert_eq!(board(&shop.program, None).await[0].figure, Some(1));
}
