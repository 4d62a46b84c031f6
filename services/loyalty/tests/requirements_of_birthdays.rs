//! The rows of the requirements about birthdays, as program files, played like those about points.

use std::time::Duration;

use loyalty::demo::clients::Clients;
use proto::member::{EnrollMemberRequest, Profile};

use crate::{
    calls::available,
    played::{Played, line},
};

/// Enrols somebody who was born on a day, whom every service knows then.
async fn enrol_born(clients: &Clients, on: &str) -> String {
    let request = EnrollMemberRequest {
        request_id: format!("born-{on}"),
        channel: "web".to_owned(),
        profile: Some(Profile {
            birth_date: on.to_owned(),
            ..Profile::default()
        }),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = clients.members(0).enroll_member(request).await.unwrap().into_inner();
    enrolled.member.unwrap().member_id
}

/// Waits until a member has so many points: what happens by itself is posted by itself.
async fn has(played: &Played, member: &str, points: i64) {
    for _ in 0..200 {
        if available(&played.clients, member).await == points {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!(
        "{member} has {} and not {points}",
        available(&played.clients, member).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn k8_everybody_is_given_5000_points_on_the_day() {
    let played = Played::of("k8-for-all-on-the-day").await;
    let may = enrol_born(&played.clients, "1990-05-20").await;
    let leap = enrol_born(&played.clients, "1996-02-29").await;
    played.at("2026-02-28T23:59:59").await;
    assert_eq!(available(&played.clients, &leap).await, 0);
    played.at("2026-03-01T00:00:00").await;
    has(&played, &leap, 5_000).await;
    played.at("2026-05-19T23:59:59").await;
    assert_eq!(available(&played.clients, &may).await, 0);
    played.at("2026-05-20T00:00:00").await;
    has(&played, &may, 5_000).await;
    // Once a year; a leap year has the day itself.
    played.at("2028-02-28T23:59:59").await;
    has(&played, &may, 10_000).await;
    has(&played, &leap, 10_000).await;
    played.at("2028-02-29T00:00:00").await;
    has(&played, &leap, 15_000).await;
    assert_eq!(available(&played.clients, &played.member).await, 0, "nobody knows when");
}

#[tokio::test(flavor = "multi_thread")]
async fn k8_gold_members_collect_5000_points_once_in_the_month() {
    let mut played = Played::of("k8-gold-in-the-month").await;
    let gift = "collect-birthday-gift";
    played.member = enrol_born(&played.clients, "1990-05-20").await;
    played.at("2026-05-01T00:00:00").await;
    assert_eq!(played.does_custom(gift, &[]).await, 0, "not on gold");
    played.buys(3_000).await;
    assert_eq!(played.does_custom(gift, &[]).await, 5_000);
    assert_eq!(played.does_custom(gift, &[]).await, 0, "once");
    played.at("2026-06-01T00:00:00").await;
    assert_eq!(played.does_custom(gift, &[]).await, 0, "not in June");
    // Born on 29 February: the month is February, also in a year without that day.
    played.member = enrol_born(&played.clients, "1996-02-29").await;
    played.at("2027-02-10T00:00:00").await;
    played.buys(3_000).await;
    assert_eq!(played.does_custom(gift, &[]).await, 5_000);
    played.at("2027-03-01T00:00:00").await;
    assert_eq!(played.does_custom(gift, &[]).await, 0);
    played.at("2028-02-29T00:00:00").await;
    played.buys(3_000).await;
    assert_eq!(played.does_custom(gift, &[]).await, 5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn k3_level_birthday_and_festival_together() {
    for (file, on_the_birthday, in_the_festival) in
        [("k3-birthday-running", 760, 608), ("k3-birthday-initial", 750, 550)]
    {
        let mut played = Played::of(file).await;
        played.member = enrol_born(&played.clients, "1990-05-20").await;
        assert_eq!(played.price(line("1", 1_000)).await, 1_000, "{file}");
        played.at("2026-05-19T23:59:59").await;
        played.buys(5_000).await;
        assert_eq!(played.price(line("1", 1_000)).await, 800, "{file}");
        played.at("2026-05-20T00:00:00").await;
        assert_eq!(played.price(line("1", 1_000)).await, on_the_birthday, "{file}");
        played.at("2026-05-21T00:00:00").await;
        assert_eq!(played.price(line("1", 1_000)).await, 800, "{file}");
        played.member = enrol_born(&played.clients, "1990-10-03").await;
        played.at("2026-10-03T12:00:00").await;
        played.buys(5_000).await;
        assert_eq!(played.price(line("1", 1_000)).await, in_the_festival, "{file}");
    }
}
