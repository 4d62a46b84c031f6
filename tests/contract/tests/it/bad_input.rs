//! What no RPC should be sent: every one answers with the code of the contract, and nothing changes.

use bytes::Bytes;
use harness::{Program, Suite, suite};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::raw;

/// Returns every RPC that takes one message and answers with one.
fn unary() -> impl Iterator<Item = MethodDescriptor> {
    let methods = proto::descriptors()
        .services()
        .flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.filter(|method| !method.is_server_streaming() && !method.is_client_streaming())
}

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

async fn send(
    suite: &Suite,
    program: &Program,
    method: &MethodDescriptor,
    message: impl Into<Bytes>,
) -> Option<Status> {
    raw::call(
        suite.channel(),
        &path(method),
        Some(&program.program_id),
        message.into(),
    )
    .await
    .err()
}

/// Counts what all services have recorded of a program.
async fn recorded(suite: &Suite, program: &Program) -> i64 {
    let mut database = suite.database().await;
    let mut rows = 0;
    for schema in ["member", "points", "tier", "rewards", "campaign"] {
        let count = format!("select count(*) from {schema}.journal where program_id = $1");
        let program_id: uuid::Uuid = program.program_id.parse().unwrap();
        rows += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(count))
            .bind(program_id)
            .fetch_one(&mut database)
            .await
            .unwrap();
    }
    rows
}

fn reason(status: &Status) -> String {
    status
        .get_error_details()
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default()
}

/// Writes a field of which no contract knows.
fn unknown_field(length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::bytes::encode(15_000, &vec![7_u8; length], &mut bytes);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_unknown_fields_are_what_a_newer_client_sends_and_many_are_refused() {
    let program = suite().program().await;
    let before = recorded(suite(), &program).await;
    for method in unary() {
        let code = |status: Option<Status>| status.map_or(Code::Ok, |status| status.code());
        let without = code(send(suite(), &program, &method, Vec::new()).await);
        let few = code(send(suite(), &program, &method, unknown_field(100)).await);
        assert_eq!(few, without, "{}", path(&method));
        let refused = send(suite(), &program, &method, unknown_field(8_000)).await;
        let refused = refused.unwrap_or_else(|| panic!("{} takes anything", path(&method)));
        assert_eq!(
            (refused.code(), reason(&refused).as_str(), refused.message()),
            (
                Code::InvalidArgument,
                "INVALID_REQUEST",
                "the request is not a message of this RPC"
            ),
            "{}",
            path(&method)
        );
    }
    assert_eq!(recorded(suite(), &program).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_an_invalid_argument() {
    let program = suite().program().await;
    let before = recorded(suite(), &program).await;
    let nested: Vec<u8> = std::iter::repeat_n([0x0b_u8], 400).flatten().collect();
    let garbage = [
        b"\xff\xff\xff\xff".to_vec(),
        b"\x0a\x05ab".to_vec(),
        b"\x0a\x02\xc3\x28".to_vec(),
        nested,
    ];
    for method in unary() {
        let first_is_text = method
            .input()
            .get_field(1)
            .is_some_and(|field| field.kind() == prost_reflect::Kind::String);
        // The third is no text; where the first field is none, it is an unknown field, which may be anything.
        for bytes in garbage
            .iter()
            .filter(|bytes| first_is_text || bytes.len() != 4 || bytes[0] != 0x0a)
        {
            let Some(status) = send(suite(), &program, &method, bytes.clone()).await else {
                panic!("{} took {bytes:?}", path(&method));
            };
            assert_eq!(
                status.code(),
                Code::InvalidArgument,
                "{} {bytes:?}: {status:?}",
                path(&method)
            );
        }
    }
    assert_eq!(recorded(suite(), &program).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_refused_before_it_is_read() {
    let program = suite().program().await;
    // An unknown field of two megabytes: well-formed, and far too much.
    let mut large = vec![0xfa, 0x7f];
    prost::encoding::encode_varint(2 << 20, &mut large);
    large.resize(large.len() + (2 << 20), b'a');
    for method in unary() {
        let status = send(suite(), &program, &method, large.clone())
            .await
            .expect("it is refused");
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::ResourceExhausted, "REQUEST_TOO_LARGE"),
            "{}",
            path(&method)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_names_no_program_is_nobody() {
    for method in unary() {
        let answer = raw::call(suite().channel(), &path(&method), None, Bytes::new()).await;
        let status = answer.expect_err("nobody may call");
        assert!(
            matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied),
            "{}: {status:?}",
            path(&method)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_a_request_id_is_refused_with_that_field_named() {
    let program = suite().program().await;
    let before = recorded(suite(), &program).await;
    for method in unary().filter(|method| method.input().get_field_by_name("request_id").is_some()) {
        for request_id in ["", &"x".repeat(65), "tab\tid", "ünïcode", "nul\0"] {
            let mut message = DynamicMessage::new(method.input());
            message.set_field_by_name("request_id", Value::String(request_id.to_owned()));
            let status = send(suite(), &program, &method, message.encode_to_vec())
                .await
                .expect("it is refused");
            assert_eq!(
                (status.code(), reason(&status).as_str()),
                (Code::InvalidArgument, "INVALID_REQUEST"),
                "{}",
                path(&method)
            );
            let details = status.get_error_details();
            let violations = &details.bad_request().expect("the fields are listed").field_violations;
            assert!(
                violations.iter().any(|violation| violation.field == "request_id"),
                "{}: {violations:?}",
                path(&method)
            );
        }
    }
    assert_eq!(recorded(suite(), &program).await, before);
}

/// Tells whether an id is in the callers' words: of a request, of a payment.
fn is_named_by_callers(field: &str) -> bool {
    field.ends_with("request_id") || field == "payment_id"
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_that_is_none_is_named_at_once() {
    let program = suite().program().await;
    for method in unary() {
        let input = method.input();
        let fields = input
            .fields()
            .filter(|field| field.name().ends_with("_id") && !is_named_by_callers(field.name()));
        let ids: Vec<_> = fields
            .filter(|field| field.kind() == prost_reflect::Kind::String && !field.is_list())
            .collect();
        if ids.is_empty() {
            continue;
        }
        for nonsense in [
            "",
            "../member",
            "1 or 1=1",
            "{0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f70}",
            "nul\0",
        ] {
            let mut message = DynamicMessage::new(method.input());
            ids.iter()
                .for_each(|field| message.set_field(field, Value::String(nonsense.to_owned())));
            let status = send(suite(), &program, &method, message.encode_to_vec())
                .await
                .expect("it is refused");
            assert_eq!(
                status.code(),
                Code::InvalidArgument,
                "{} {nonsense:?}: {status:?}",
                path(&method)
            );
            let details = status.get_error_details();
            let violations = &details.bad_request().expect("the fields are listed").field_violations;
            for id in &ids {
                assert!(
                    violations.iter().any(|violation| violation.field == id.name()),
                    "{}: {violations:?}",
                    path(&method)
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_has_looks_like_what_nobody_has() {
    let (mine, theirs) = (suite().program().await, suite().program().await);
    let (member, nobody) = (theirs.enrolled().await, uuid::Uuid::now_v7().to_string());
    let other = uuid::Uuid::now_v7().to_string();
    for method in unary().filter(|method| method.input().get_field_by_name("member_id").is_some()) {
        let mut answers = Vec::new();
        for member_id in [&member, &nobody] {
            let mut message = DynamicMessage::new(method.input());
            message.set_field_by_name("member_id", Value::String(member_id.clone()));
            let input = method.input();
            let others = input
                .fields()
                .filter(|field| field.name().ends_with("_id") && field.name() != "member_id");
            for field in others.filter(|field| field.kind() == prost_reflect::Kind::String && !field.is_list()) {
                message.set_field(&field, Value::String(other.clone()));
            }
            let status = send(suite(), &mine, &method, message.encode_to_vec())
                .await
                .expect("it is refused");
            answers.push(
                format!(
                    "{:?} {} {:?}",
                    status.code(),
                    status.message(),
                    String::from_utf8_lossy(status.details())
                )
                .replace(member_id.as_str(), "ID"),
            );
        }
        assert_eq!(answers[0], answers[1], "{}", path(&method));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_does_not_exist_is_unimplemented() {
    let program = suite().program().await;
    for nonsense in [
        "/loyalty.points.v1.PointsService/StealPoints",
        "/loyalty.points.v2.PointsService/EarnPoints",
        "/nothing/At",
    ] {
        let answer = raw::call(suite().channel(), nonsense, Some(&program.program_id), Bytes::new()).await;
        assert_eq!(
            answer.expect_err("there is no such thing").code(),
            Code::Unimplemented,
            "{nonsense}"
        );
    }
}
