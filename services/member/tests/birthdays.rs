//! Birthdays: told when they are near, once a year, and changed at most once a year.

use std::time::Duration;

use harness::{Program, Suite, at, refusal, suite};
use proto::{
    event::{SubscribeRequest, event::Payload},
    member::{
        AdvanceClockRequest, CreateProgramRequest, EnrollMemberRequest, LeapDayBirthday, Profile, Program as Record,
        UnfreezeMemberRequest, UpdateMemberRequest, member_event,
    },
};
use tonic::{Code, Status};

use crate::{Members, at_fault, refused, shared, with, with_phone};

fn born(on: &str) -> Profile {
    Profile {
        birth_date: on.to_owned(),
        ..Profile::default()
    }
}

/// Returns whose birthdays the feed tells, in its order on each shard, and when they were near.
async fn told(program: &Program) -> Vec<(String, String, prost_types::Timestamp)> {
    let request = SubscribeRequest {
        feed: "member".to_owned(),
        until_now: true,
        ..SubscribeRequest::default()
    };
    let mut stream = program.feeds().subscribe(request).await.unwrap().into_inner();
    let mut told = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        for event in message.events {
            let Some(Payload::Member(member)) = event.payload else {
                continue;
            };
            if let Some(member_event::Event::BirthdayAhead(ahead)) = member.event {
                assert_eq!(ahead.member_id, event.member_id);
                told.push((ahead.member_id, ahead.on, event.occurred_at.unwrap()));
            }
        }
    }
    told
}

/// Returns the birthdays of one member that the feed tells.
async fn told_of(program: &Program, member_id: &str) -> Vec<String> {
    let told = told(program).await.into_iter();
    told.filter(|(told, ..)| told == member_id)
        .map(|(_, on, _)| on)
        .collect()
}

async fn changes(program: &Program, member_id: &str, request_id: &str, on: &str) -> Result<(), Status> {
    let request = UpdateMemberRequest {
        request_id: request_id.to_owned(),
        member_id: member_id.to_owned(),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["profile.birth_date".to_owned()],
        }),
        profile: Some(born(on)),
        ..UpdateMemberRequest::default()
    };
    program.members().update_member(request).await.map(drop)
}

/// A sandbox in which those who were born on 29 February have their birthday on another day.
async fn with_leap_days(leap_day: LeapDayBirthday) -> Program {
    let program = Program::unmade(suite().channel());
    let record = Record {
        name: "Leap".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        currency_code: "CNY".to_owned(),
        sandbox: true,
        clock_at: Some(at("2026-01-10T00:00:00Z")),
        leap_day_birthday: leap_day.into(),
        ..Record::default()
    };
    let create = CreateProgramRequest {
        request_id: "create".to_owned(),
        program: Some(record),
        await_effects: true,
    };
    program.programs().create_program(create).await.unwrap();
    program
}

#[tokio::test]
async fn a_birthday_is_told_at_the_midnight_at_which_its_month_begins() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", born("1990-05-20")).await;
    assert_eq!(members.profile(&member_id).await, born("1990-05-20"));
    program.advance_to("2026-05-01T03:59:59Z").await;
    assert_eq!(told(&program).await, []);
    program.advance_to("2026-05-01T04:00:00Z").await;
    let expected = [(member_id.clone(), "2026-05-20".to_owned(), at("2026-05-01T04:00:00Z"))];
    assert_eq!(told(&program).await, expected);
    program.advance_to("2026-06-01T04:00:00Z").await;
    assert_eq!(told(&program).await, expected);
}

#[tokio::test]
async fn a_week_over_the_turn_of_the_year_begins_in_the_year_before() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", born("1990-01-02")).await;
    // New Year 2026 is within the week of the 2nd.
    assert_eq!(told_of(&program, &member_id).await, ["2026-01-02"]);
    program.advance_to("2026-12-28T04:59:59Z").await;
    assert_eq!(told_of(&program, &member_id).await, ["2026-01-02"]);
    program.advance_to("2026-12-28T05:00:00Z").await;
    assert_eq!(told_of(&program, &member_id).await, ["2026-01-02", "2027-01-02"]);
}

#[tokio::test]
async fn a_clock_that_jumps_over_years_tells_every_birthday_between_in_order() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let (one, other) = (
        members.enrolled("form-1", born("1990-05-20")).await,
        members.enrolled("form-2", born("2000-02-29")).await,
    );
    program.advance_to("2029-02-15T00:00:00Z").await;
    assert_eq!(
        told_of(&program, &one).await,
        ["2026-05-20", "2027-05-20", "2028-05-20"]
    );
    assert_eq!(
        told_of(&program, &other).await,
        ["2026-03-01", "2027-03-01", "2028-02-29"]
    );
    program.advance_to("2029-03-01T05:00:00Z").await;
    assert_eq!(told_of(&program, &other).await.last().unwrap(), "2029-03-01");
}

#[tokio::test]
async fn those_born_on_29_february_have_a_birthday_in_every_year() {
    for (leap_day, days) in [
        (LeapDayBirthday::Feb28, ["2026-02-28", "2027-02-28", "2028-02-29"]),
        (LeapDayBirthday::Mar1, ["2026-03-01", "2027-03-01", "2028-02-29"]),
    ] {
        let program = with_leap_days(leap_day).await;
        let member_id = Members::of(&program).enrolled("form-1", born("1996-02-29")).await;
        program.advance_to("2028-02-01T00:00:00+08:00").await;
        assert_eq!(told_of(&program, &member_id).await, days);
    }
}

#[tokio::test]
async fn whoever_enrols_during_their_birthday_month_is_told_of_at_once() {
    let program = suite().program().await;
    program.advance_to("2026-05-25T12:00:00Z").await;
    let members = Members::of(&program);
    let late = members.enrolled("form-1", born("1990-05-20")).await;
    let over = members.enrolled("form-2", born("1990-04-20")).await;
    let expected = [(late.clone(), "2026-05-20".to_owned(), at("2026-05-25T12:00:00Z"))];
    assert_eq!(told(&program).await, expected);
    program.advance_to("2027-05-01T04:00:00Z").await;
    assert_eq!(told_of(&program, &late).await, ["2026-05-20", "2027-05-20"]);
    assert_eq!(told_of(&program, &over).await, ["2027-04-20"]);
}

#[tokio::test]
async fn whoever_says_it_later_is_told_of_at_once_and_a_year_is_told_once() {
    let program = suite().program().await;
    let member_id = Members::of(&program).enrolled("form-1", Profile::default()).await;
    program.advance_to("2026-05-02T12:00:00Z").await;
    changes(&program, &member_id, "a", "1990-05-20").await.unwrap();
    assert_eq!(told_of(&program, &member_id).await, ["2026-05-20"]);
    changes(&program, &member_id, "b", "1990-12-05").await.unwrap();
    program.advance_to("2026-12-31T12:00:00Z").await;
    assert_eq!(told_of(&program, &member_id).await, ["2026-05-20"]);
    program.advance_to("2027-12-01T12:00:00Z").await;
    assert_eq!(told_of(&program, &member_id).await, ["2026-05-20", "2027-12-05"]);
}

#[tokio::test]
async fn a_birthday_is_changed_once_in_a_calendar_year_of_the_program() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", with_phone("+49 30 901820")).await;
    changes(&program, &member_id, "first", "1990-05-20").await.unwrap();
    changes(&program, &member_id, "year", "1991-05-20").await.unwrap();
    changes(&program, &member_id, "change", "1991-06-20").await.unwrap();
    let again = changes(&program, &member_id, "again", "1991-07-20").await;
    let expected = with(
        with(
            refused(Code::FailedPrecondition, "BIRTHDAY_CHANGED"),
            "member_id",
            &member_id,
        ),
        "changeable_on",
        "2027-01-01",
    );
    assert_eq!(refusal(again.map(tonic::Response::new)), expected);
    changes(&program, &member_id, "year-again", "1990-06-20").await.unwrap();
    // Taking it away is always possible, and no way around it.
    changes(&program, &member_id, "removed", "").await.unwrap();
    assert!(changes(&program, &member_id, "around", "1991-07-20").await.is_err());
    assert_eq!(members.profile(&member_id).await.birth_date, "");
    program.advance_to("2027-01-01T05:00:00Z").await;
    changes(&program, &member_id, "next-year", "1991-07-20").await.unwrap();
}

#[tokio::test]
async fn a_birth_date_that_was_removed_is_not_told_any_more() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let member_id = members.enrolled("form-1", born("1990-05-20")).await;
    changes(&program, &member_id, "removed", "").await.unwrap();
    let kept: (Option<i16>, Option<i16>) =
        sqlx::query_as("select month, day from member.birthday where member_id = $1::uuid")
            .bind(&member_id)
            .fetch_one(&mut suite().database().await)
            .await
            .unwrap();
    assert_eq!(kept, (None, None));
    program.advance_to("2028-01-01T05:00:00Z").await;
    assert_eq!(told(&program).await, []);
}

#[tokio::test]
async fn frozen_and_closed_members_are_not_told_of() {
    let program = suite().program().await;
    let members = Members::of(&program);
    let frozen = members.enrolled("form-1", born("1990-05-20")).await;
    let closed = members.enrolled("form-2", born("1990-05-20")).await;
    members.freeze("freeze", &frozen).await.unwrap();
    members.close("close", &closed).await.unwrap();
    program.advance_to("2027-05-25T12:00:00Z").await;
    assert_eq!(told(&program).await, []);
    let unfreeze = UnfreezeMemberRequest {
        request_id: "unfreeze".to_owned(),
        member_id: frozen.clone(),
        await_effects: true,
    };
    program.members().unfreeze_member(unfreeze).await.unwrap();
    assert_eq!(told_of(&program, &frozen).await, ["2027-05-20"]);
    program.advance_to("2028-05-01T12:00:00Z").await;
    assert_eq!(told_of(&program, &frozen).await, ["2027-05-20", "2028-05-20"]);
}

#[tokio::test]
async fn what_is_no_birth_date_is_refused_with_all_that_is_wrong() {
    let program = suite().program().await;
    let members = Members::of(&program);
    for text in ["1990-02-30", "1899-12-31", "20.05.1990", "1990-05-20T00:00"] {
        let wrong = Profile {
            name: "\u{7}".to_owned(),
            ..born(text)
        };
        let found = refusal(members.enroll("form-1", wrong).await);
        let fields = ["profile.name", "profile.birth_date"];
        assert_eq!(
            found,
            at_fault(shared(Code::InvalidArgument, "INVALID_REQUEST"), &fields)
        );
    }
    let wrong = Profile {
        phone: "030".to_owned(),
        ..born("1990-02-30")
    };
    let found = refusal(members.enroll("form-1", wrong).await);
    let fields = ["profile.phone", "profile.birth_date"];
    assert_eq!(
        found,
        at_fault(refused(Code::InvalidArgument, "INVALID_IDENTIFIER"), &fields)
    );
}

#[tokio::test]
async fn nobody_was_born_after_the_programs_day() {
    let program = suite().program().await;
    let members = Members::of(&program);
    // In New York it is 1 January 2026.
    let in_future = at_fault(
        shared(Code::InvalidArgument, "INVALID_REQUEST"),
        &["profile.birth_date"],
    );
    assert_eq!(refusal(members.enroll("form-1", born("2026-01-02")).await), in_future);
    let member_id = members.enrolled("form-2", born("2026-01-01")).await;
    let later = changes(&program, &member_id, "a", "2026-01-02").await;
    assert_eq!(refusal(later.map(tonic::Response::new)), in_future);
}

#[tokio::test]
async fn two_replicas_tell_every_birthday_once() {
    let suite = Suite::start(&[]);
    let other = suite.replica(&[]);
    let program = suite.program().await;
    for n in 1..=40 {
        let request = EnrollMemberRequest {
            request_id: format!("form-{n}"),
            channel: "web".to_owned(),
            profile: Some(born(&format!("1990-{:02}-{:02}", 1 + n % 12, 1 + n % 28))),
            ..EnrollMemberRequest::default()
        };
        program.members().enroll_member(request).await.unwrap();
    }
    let before = told(&program).await.len();
    let at_other = program.at(other.channel());
    let advance = |program: Program, request_id: &'static str| async move {
        let request = AdvanceClockRequest {
            request_id: request_id.to_owned(),
            to: Some(at("2027-12-31T12:00:00Z")),
            await_effects: true,
        };
        program.programs().advance_clock(request).await.unwrap();
    };
    tokio::join!(
        advance(program.clone(), "advance"),
        advance(at_other, "advance-elsewhere")
    );
    let mut all = told(&program).await;
    assert!(all.len() >= 80, "{before} before, {} after", all.len());
    let many = all.len();
    all.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    all.dedup_by(|one, other| (&one.0, &one.1[..4]) == (&other.0, &other.1[..4]));
    assert_eq!(all.len(), many, "a year was told twice");
}

#[tokio::test]
async fn in_a_live_program_a_worker_tells_what_is_due() {
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
        await_effects: true,
    };
    program.programs().create_program(create).await.unwrap();
    // Of the month after next: not near yet.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let on = today
        .first_of_month()
        .checked_add(jiff::Span::new().months(2).days(14))
        .unwrap();
    let member_id = Members::of(&program)
        .enrolled("form-1", born(&on.with().year(1990).build().unwrap().to_string()))
        .await;
    assert_eq!(told(&program).await, []);
    // Time goes by.
    sqlx::query("update member.birthday set next_on = current_date, due_at = now() - interval '1 minute' where member_id = $1::uuid")
        .bind(&member_id)
        .execute(&mut suite().database().await)
        .await
        .unwrap();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match told_of(&program, &member_id).await.as_slice() {
            [] => {}
            [told] => return assert_eq!(*told, today.to_string()),
            more => panic!("told too often: {more:?}"),
        }
    }
    panic!("the worker does not look");
}
