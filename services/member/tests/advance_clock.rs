use harness::{Program, at, refusal, suite};
use proto::member::{AdvanceClockRequest, CreateProgramRequest, GetProgramRequest, Program as Record};
use tonic::Code;

use crate::{refused, shared, with};

fn request(request_id: &str, to: &str) -> AdvanceClockRequest {
    AdvanceClockRequest {
        request_id: request_id.to_owned(),
        to: Some(at(to)),
        await_effects: false,
    }
}

#[tokio::test]
async fn the_clock_stands_where_it_was_advanced_to_and_may_stay_there() {
    let program = suite().program().await;
    for request_id in ["a", "b"] {
        let answer = program
            .programs()
            .advance_clock(request(request_id, "2026-02-01T00:00:00Z"))
            .await
            .unwrap();
        assert_eq!(answer.into_inner().clock_at, Some(at("2026-02-01T00:00:00Z")));
    }
    let found = program
        .programs()
        .get_program(GetProgramRequest {})
        .await
        .unwrap()
        .into_inner()
        .program
        .unwrap();
    assert_eq!(found.clock_at, Some(at("2026-02-01T00:00:00Z")));
}

#[tokio::test]
async fn the_clock_never_goes_back() {
    let program = suite().program().await;
    program
        .programs()
        .advance_clock(request("a", "2026-02-01T00:00:00Z"))
        .await
        .unwrap();
    let found = refusal(
        program
            .programs()
            .advance_clock(request("b", "2026-01-31T23:59:59.999999Z"))
            .await,
    );
    let expected = with(
        refused(Code::FailedPrecondition, "CLOCK_GOES_BACK"),
        "clock_at",
        "2026-02-01T00:00:00Z",
    );
    assert_eq!(found, with(expected, "to", "2026-01-31T23:59:59.999999Z"));
}

#[tokio::test]
async fn repeating_a_request_gives_the_first_answer_after_the_clock_moved_on() {
    let program = suite().program().await;
    let first = program
        .programs()
        .advance_clock(request("a", "2026-02-01T00:00:00Z"))
        .await
        .unwrap()
        .into_inner();
    program
        .programs()
        .advance_clock(request("b", "2026-03-01T00:00:00Z"))
        .await
        .unwrap();
    let again = program
        .programs()
        .advance_clock(request("a", "2026-02-01T00:00:00Z"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_live_program_has_no_clock_to_advance() {
    let program = Program::unmade(suite().channel());
    let record = Record {
        name: "Live".to_owned(),
        zone: "Etc/UTC".to_owned(),
        currency_code: "USD".to_owned(),
        ..Record::default()
    };
    let create = CreateProgramRequest {
        request_id: "create".to_owned(),
        program: Some(record),
        await_effects: false,
    };
    program.programs().create_program(create).await.unwrap();
    let found = refusal(
        program
            .programs()
            .advance_clock(request("a", "2036-01-01T00:00:00Z"))
            .await,
    );
    assert_eq!(
        found,
        with(
            refused(Code::FailedPrecondition, "NOT_A_SANDBOX"),
            "program_id",
            &program.program_id
        )
    );
}

#[tokio::test]
async fn a_program_that_was_never_created_is_not_found() {
    let program = Program::unmade(suite().channel());
    let found = refusal(
        program
            .programs()
            .advance_clock(request("a", "2036-01-01T00:00:00Z"))
            .await,
    );
    assert_eq!(
        found,
        with(
            shared(Code::NotFound, "PROGRAM_NOT_FOUND"),
            "program_id",
            &program.program_id
        )
    );
}
