use harness::{Program, refusal, suite};
use proto::member::{GetProgramRequest, Program as Record, UpdateProgramRequest};
use tonic::Code;

use crate::{at_fault, refused, shared, with};

async fn record(program: &Program) -> Record {
    program
        .programs()
        .get_program(GetProgramRequest {})
        .await
        .unwrap()
        .into_inner()
        .program
        .unwrap()
}

fn request(request_id: &str, program: Record, paths: &[&str]) -> UpdateProgramRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    UpdateProgramRequest {
        request_id: request_id.to_owned(),
        program: Some(program),
        update_mask: Some(prost_types::FieldMask { paths }),
    }
}

#[tokio::test]
async fn only_the_name_changes_whatever_else_the_request_says() {
    let program = suite().program().await;
    let before = record(&program).await;
    let changed = Record {
        name: "New".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        ..before.clone()
    };
    let answer = program
        .programs()
        .update_program(request("rename", changed, &["name"]))
        .await
        .unwrap()
        .into_inner();
    let expected = Record {
        name: "New".to_owned(),
        etag: "2".to_owned(),
        ..before
    };
    assert_eq!(answer.program, Some(expected.clone()));
    assert_eq!(record(&program).await, expected);
}

#[tokio::test]
async fn repeating_a_request_changes_nothing_even_when_the_etag_is_old_by_then() {
    let program = suite().program().await;
    let request = request(
        "rename",
        Record {
            name: "New".to_owned(),
            ..record(&program).await
        },
        &["name"],
    );
    let first = program
        .programs()
        .update_program(request.clone())
        .await
        .unwrap()
        .into_inner();
    let second = program.programs().update_program(request).await.unwrap().into_inner();
    assert_eq!(first, second);
    assert_eq!(record(&program).await.etag, "2");
}

#[tokio::test]
async fn an_old_etag_is_refused() {
    let program = suite().program().await;
    let before = record(&program).await;
    program
        .programs()
        .update_program(request("a", before.clone(), &["name"]))
        .await
        .unwrap();
    let found = refusal(program.programs().update_program(request("b", before, &["name"])).await);
    assert_eq!(found, with(refused(Code::Aborted, "ETAG_MISMATCH"), "etag", "2"));
}

#[tokio::test]
async fn fields_that_cannot_change_are_all_named() {
    let program = suite().program().await;
    let before = record(&program).await;
    let expected = refused(Code::InvalidArgument, "FIELD_NOT_UPDATABLE");
    let found = program
        .programs()
        .update_program(request("a", before.clone(), &["zone", "name", "clock_at"]))
        .await;
    assert_eq!(
        refusal(found),
        at_fault(expected.clone(), &["update_mask.paths[0]", "update_mask.paths[2]"])
    );
    let found = program.programs().update_program(request("b", before, &[])).await;
    assert_eq!(refusal(found), at_fault(expected, &["update_mask"]));
}

#[tokio::test]
async fn a_program_that_was_never_created_is_not_found() {
    let (program, other) = (Program::unmade(suite().channel()), suite().program().await);
    let found = program
        .programs()
        .update_program(request("a", record(&other).await, &["name"]))
        .await;
    let expected = with(
        shared(Code::NotFound, "PROGRAM_NOT_FOUND"),
        "program_id",
        &program.program_id,
    );
    assert_eq!(refusal(found), expected);
}
