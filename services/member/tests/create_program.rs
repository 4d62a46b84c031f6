use harness::{Program, at, refusal, suite};
use proto::member::{CreateProgramRequest, LeapDayBirthday, Program as Record};
use tonic::Code;

use crate::{at_fault, refused, shared, with};

fn live() -> Record {
    Record {
        name: "Brand".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        currency_code: "EUR".to_owned(),
        ..Record::default()
    }
}

fn request(request_id: &str, program: Record) -> CreateProgramRequest {
    CreateProgramRequest {
        request_id: request_id.to_owned(),
        program: Some(program),
        await_effects: false,
    }
}

fn unmade() -> Program {
    Program::unmade(suite().channel())
}

#[tokio::test]
async fn a_program_is_what_it_was_created_as_under_the_id_of_the_token() {
    let program = unmade();
    let record = Record {
        program_id: "ignored".to_owned(),
        etag: "7".to_owned(),
        ..live()
    };
    let created = program
        .programs()
        .create_program(request("create", record))
        .await
        .unwrap()
        .into_inner();
    let expected = Record {
        program_id: program.program_id.clone(),
        etag: "1".to_owned(),
        leap_day_birthday: LeapDayBirthday::Mar1.into(),
        ..live()
    };
    assert_eq!(created.program, Some(expected));
}

#[tokio::test]
async fn a_sandbox_starts_where_its_clock_is_set() {
    let program = unmade();
    let record = Record {
        sandbox: true,
        clock_at: Some(at("1997-01-01T05:00:00.123456Z")),
        ..live()
    };
    let created = program
        .programs()
        .create_program(request("create", record.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(created.program.unwrap().clock_at, record.clock_at);
}

#[tokio::test]
async fn repeating_a_request_gives_the_first_answer_and_another_request_is_refused() {
    let program = unmade();
    let mut programs = program.programs();
    let first = programs
        .create_program(request("create", live()))
        .await
        .unwrap()
        .into_inner();
    let second = programs
        .create_program(request("create", live()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, second);

    let other = Record {
        name: "Other".to_owned(),
        ..live()
    };
    let reused = refusal(programs.create_program(request("create", other)).await);
    let expected = shared(Code::AlreadyExists, "REQUEST_ID_REUSED");
    assert_eq!(
        reused,
        with(with(expected, "request_id", "create"), "differing_fields", "program")
    );

    let exists = refusal(programs.create_program(request("again", live())).await);
    assert_eq!(
        exists,
        with(
            refused(Code::AlreadyExists, "PROGRAM_EXISTS"),
            "program_id",
            &program.program_id
        )
    );
}

#[tokio::test]
async fn a_program_that_cannot_be_is_refused_with_every_field_at_fault() {
    let program = unmade();
    let mut programs = program.programs();
    let nowhere = Record {
        zone: "Mars/Olympus".to_owned(),
        sandbox: true,
        ..live()
    };
    let expected = with(refused(Code::InvalidArgument, "ZONE_UNKNOWN"), "zone", "Mars/Olympus");
    let found = refusal(programs.create_program(request("a", nowhere)).await);
    assert_eq!(found, at_fault(expected, &["program.zone", "program.clock_at"]));

    let timeless = Record {
        sandbox: true,
        ..live()
    };
    let found = refusal(programs.create_program(request("b", timeless)).await);
    assert_eq!(
        found,
        at_fault(refused(Code::InvalidArgument, "CLOCK_REQUIRED"), &["program.clock_at"])
    );

    let clocked = Record {
        clock_at: Some(at("1997-01-01T05:00:00Z")),
        ..live()
    };
    let found = refusal(programs.create_program(request("c", clocked)).await);
    assert_eq!(
        found,
        at_fault(
            refused(Code::InvalidArgument, "CLOCK_NOT_ALLOWED"),
            &["program.clock_at"]
        )
    );
}

#[tokio::test]
async fn a_malformed_request_is_refused_with_every_field_at_fault() {
    let program = unmade();
    let record = Record {
        name: String::new(),
        currency_code: "euro".to_owned(),
        clock_at: Some(at("1812-01-01T00:00:00Z")),
        ..live()
    };
    let found = refusal(program.programs().create_program(request("", record)).await);
    assert_eq!(
        (found.code, found.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    let mut fields = found.fields;
    fields.sort();
    assert_eq!(
        fields,
        [
            "program.clock_at",
            "program.currency_code",
            "program.name",
            "request_id",
            "request_id"
        ]
    );
}
