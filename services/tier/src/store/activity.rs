//! What a member row holds of what the member did, packed into few bytes: private to the store, and not a contract.

use common::zone::Zone;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, date},
};
use prost::Message as _;

use super::grants::{Given, given_from_kept, given_to_keep};
use crate::domain::{Day, LevelGrant, MetricDeltas, Metrics};

const FIRST_DAY: Date = date(1970, 1, 1);

#[derive(Clone, PartialEq, prost::Message)]
struct Activity {
    #[prost(message, repeated, tag = "1")]
    days: Vec<Sums>,
    #[prost(message, repeated, tag = "2")]
    early: Vec<Sums>,
    #[prost(message, repeated, tag = "3")]
    awaiting: Vec<Given>,
}

/// What counts on a day, which is numbered from 1970, or at an instant, in microseconds from then.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Sums {
    #[prost(sint64, tag = "1")]
    when: i64,
    #[prost(sint64, tag = "2")]
    spend_minor_units: i64,
    #[prost(sint64, tag = "3")]
    orders: i64,
    #[prost(sint64, tag = "4")]
    points_earned: i64,
}

/// Packs what a member did: the days, what came before the program was known and thus its days, and the levels that are not taken in yet.
pub fn encode(metrics: &Metrics, early: &[MetricDeltas], awaiting: &[LevelGrant]) -> Vec<u8> {
    let day = |day: &Day| Sums {
        when: day.date.since(FIRST_DAY).map_or(0, |span| i64::from(span.get_days())),
        spend_minor_units: day.spend_minor_units,
        orders: day.orders,
        points_earned: day.points_earned,
    };
    let deltas = |deltas: &MetricDeltas| Sums {
        when: deltas.counted_at.as_microsecond(),
        spend_minor_units: deltas.spend_minor_units,
        orders: deltas.orders,
        points_earned: deltas.points_earned,
    };
    let activity = Activity {
        days: metrics.days().iter().map(day).collect(),
        early: early.iter().map(deltas).collect(),
        awaiting: awaiting.iter().map(given_to_keep).collect(),
    };
    activity.encode_to_vec()
}

/// Unpacks what a member did; nothing when the bytes do not say.
pub fn decode(zone: Zone, bytes: &[u8]) -> Option<(Metrics, Vec<MetricDeltas>, Vec<LevelGrant>)> {
    let activity = Activity::decode(bytes).ok()?;
    let day = |sums: &Sums| {
        Some(Day {
            date: FIRST_DAY.checked_add(i32::try_from(sums.when).ok()?.days()).ok()?,
            spend_minor_units: sums.spend_minor_units,
            orders: sums.orders,
            points_earned: sums.points_earned,
        })
    };
    let deltas = |sums: &Sums| {
        Some(MetricDeltas {
            spend_minor_units: sums.spend_minor_units,
            orders: sums.orders,
            points_earned: sums.points_earned,
            counted_at: Timestamp::from_microsecond(sums.when).ok()?,
        })
    };
    let days = activity.days.iter().map(day).collect::<Option<_>>()?;
    Some((
        Metrics::from_days(zone, days)?,
        activity.early.iter().map(deltas).collect::<Option<_>>()?,
        activity.awaiting.iter().map(given_from_kept).collect::<Option<_>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use common::ids::ActivityId;

    use super::*;
    use crate::domain::{GrantKey, ToLevel};

    fn bought(spend_minor_units: i64, counted_at: &str) -> MetricDeltas {
        MetricDeltas {
            spend_minor_units,
            orders: 1,
            points_earned: -3,
            counted_at: counted_at.parse().unwrap(),
        }
    }

    #[test]
    fn what_a_member_did_is_read_back_as_it_was_saved() {
        let mut metrics = Metrics::new(Zone::find("America/New_York").unwrap());
        for day in [
            "1969-12-31T23:00:00-05:00",
            "1970-01-01T00:00:00-05:00",
            "2026-02-28T12:00:00-05:00",
        ] {
            metrics.add(&bought(i64::MAX, day)).unwrap();
        }
        let early = vec![bought(7, "1969-07-20T20:17:40.000001Z")];
        let awaiting = [(ToLevel::Up(2), Some(90)), (ToLevel::Level("gold".to_owned()), None)];
        let awaiting = awaiting.map(|(to, lasts_days)| LevelGrant {
            key: GrantKey {
                activity_id: ActivityId::from(uuid::Uuid::now_v7()),
                campaign: "lift".to_owned(),
                grant: 3,
            },
            ladder: "status".to_owned(),
            to,
            given_at: "1969-07-20T20:17:40.000001Z".parse().unwrap(),
            lasts_days,
        });
        let read = decode(metrics.zone().clone(), &encode(&metrics, &early, &awaiting));
        assert_eq!(read, Some((metrics, early, awaiting.to_vec())));
    }

    #[test]
    fn bytes_that_are_not_days_in_order_are_not_read() {
        let zone = Zone::find("America/New_York").unwrap();
        assert_eq!(decode(zone.clone(), b"\xff\xff"), None);
        let twice = Activity {
            days: vec![Sums::default(); 2],
            ..Activity::default()
        };
        assert_eq!(decode(zone, &twice.encode_to_vec()), None);
    }
}
