use harness::{Program, refusal, suite};
use proto::member::GetProgramRequest;
use tonic::Code;

use crate::{shared, with};

#[tokio::test]
async fn a_caller_sees_the_program_of_the_token() {
    let program = suite().program().await;
    let found = program
        .programs()
        .get_program(GetProgramRequest {})
        .await
        .unwrap()
        .into_inner()
        .program
        .unwrap();
    assert_eq!(
        (found.program_id, found.zone.as_str()),
        (program.program_id, "America/New_York")
    );
}

#[tokio::test]
async fn a_program_that_was_never_created_is_not_found() {
    let program = Program::unmade(suite().channel());
    let found = refusal(program.programs().get_program(GetProgramRequest {}).await);
    assert_eq!(
        found,
        with(
            shared(Code::NotFound, "PROGRAM_NOT_FOUND"),
            "program_id",
            &program.program_id
        )
    );
}
