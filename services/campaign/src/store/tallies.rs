//! `campaign.member_month`: how often campaigns with limits or streaks applied for members, and what they did day by day. A row is a month, so that an activity writes one, however many
//! campaigns it counts for, and a row does not grow with the years. Private to the store, and not a contract.

use std::collections::{BTreeSet, HashMap};

use common::writer::{Part, Writes};
use jiff::{ToSpan as _, civil::Date};
use jiff_sqlx::ToSqlx as _;
use prost::Message;
use proto::campaign as pb;
use sqlx::PgConnection;

use super::{
    MemberKey,
    campaigns::{period, period_to_wire},
    members::columns,
    unreadable,
};
use crate::domain::{DayKey, DoneOnDay, Member, UseKey, Used};

/// A month of a member. What begins in it is counted there: a quarter and a year in their first month.
pub type MemberMonth = (MemberKey, Date);

#[derive(Clone, PartialEq, Message)]
struct Tallies {
    #[prost(message, repeated, tag = "1")]
    uses: Vec<UseTally>,
    #[prost(message, repeated, tag = "2")]
    days: Vec<DayTally>,
}

/// How often a campaign applied in a period.
#[derive(Clone, PartialEq, Message)]
struct UseTally {
    #[prost(string, tag = "1")]
    campaign: String,
    #[prost(enumeration = "pb::LimitPeriod", tag = "2")]
    period: i32,
    /// How many days after the first of the month it began.
    #[prost(uint32, tag = "3")]
    day: u32,
    #[prost(int64, tag = "4")]
    times: i64,
    #[prost(int64, tag = "5")]
    points: i64,
}

/// What was done on a day.
#[derive(Clone, PartialEq, Message)]
struct DayTally {
    #[prost(string, tag = "1")]
    kind: String,
    /// How many days after the first of the month.
    #[prost(uint32, tag = "2")]
    day: u32,
    #[prost(int64, tag = "3")]
    times: i64,
    #[prost(int64, tag = "4")]
    spend: i64,
}

/// Loads what is counted for some members.
pub async fn load_tallies(
    connection: &mut PgConnection,
    keys: &[MemberKey],
    members: &mut HashMap<MemberKey, Member>,
) -> Result<(), sqlx::Error> {
    let (shards, program_ids, member_ids) = columns(keys.iter());
    let rows = sqlx::query!(
        r#"select asked.program_id as "program_id!", asked.member_id as "member_id!", counted.month as "month: jiff_sqlx::Date", counted.tallies
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as asked (shard, program_id, member_id)
            cross join lateral (
                  select month, tallies from campaign.member_month
                   where shard = asked.shard and program_id = asked.program_id and member_id = asked.member_id
                   limit 1000000) as counted"#,
        &shards,
        &program_ids,
        &member_ids,
    );
    for row in rows.fetch_all(connection).await? {
        let key = MemberKey {
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
        };
        let tallies = Tallies::decode(row.tallies.as_slice()).map_err(|_| unreadable("tallies of a member"))?;
        let put = tallies.put(row.month.to_jiff(), members.entry(key).or_default());
        put.ok_or_else(|| unreadable("day of a tally"))?;
    }
    Ok(())
}

/// Saves some months of members, each as it stands now.
pub fn save_tallies<'a>(
    changed: &BTreeSet<MemberMonth>,
    member: impl Fn(&MemberKey) -> &'a Member,
    writes: &mut Writes,
) {
    if changed.is_empty() {
        return;
    }
    let (shards, program_ids, member_ids) = columns(changed.iter().map(|(key, _)| key));
    let part = Part::new(
        "insert into campaign.member_month (shard, program_id, member_id, month, tallies)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::date[], $5::bytea[])
         on conflict (shard, program_id, member_id, month) do update
         set tallies = excluded.tallies",
    );
    writes.add(
        part.bind(shards)
            .bind(program_ids)
            .bind(member_ids)
            .column(changed.iter().map(|(_, month)| month.to_sqlx()))
            .column(
                changed
                    .iter()
                    .map(|(key, month)| Tallies::of(member(key), *month).encode_to_vec()),
            ),
    );
}

impl Tallies {
    fn of(member: &Member, month: Date) -> Tallies {
        let uses = member.uses.beginning_in(month).map(|(key, used)| UseTally {
            campaign: key.campaign.to_string(),
            period: period_to_wire(key.period).into(),
            day: days_into(month, key.starts_on),
            times: used.times,
            points: used.points,
        });
        let days = member.days.of_month(month).map(|(key, done)| DayTally {
            kind: key.kind.clone(),
            day: days_into(month, key.day),
            times: done.times,
            spend: done.spend_minor_units,
        });
        Tallies {
            uses: uses.collect(),
            days: days.collect(),
        }
    }

    fn put(self, month: Date, member: &mut Member) -> Option<()> {
        for tally in self.uses {
            let key = UseKey {
                period: period(tally.period())?,
                starts_on: day_of(month, tally.day)?,
                campaign: tally.campaign.into(),
            };
            let used = Used {
                times: tally.times,
                points: tally.points,
            };
            member.uses.put(key, used);
        }
        for tally in self.days {
            let key = DayKey {
                day: day_of(month, tally.day)?,
                kind: tally.kind,
            };
            let done = DoneOnDay {
                times: tally.times,
                spend_minor_units: tally.spend,
            };
            member.days.put(key, done);
        }
        Some(())
    }
}

/// Returns how many days after the first of its month a day is.
fn days_into(month: Date, day: Date) -> u32 {
    (day.day() - month.day()).unsigned_abs().into()
}

fn day_of(month: Date, days_into: u32) -> Option<Date> {
    month.checked_add(i64::from(days_into).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LimitPeriod;

    #[test]
    fn months_say_together_what_was_counted() {
        let mut member = Member::default();
        for (at, starts_on) in ["2026-11-01", "2026-11-30", "2026-12-01", "2028-02-29"]
            .iter()
            .enumerate()
        {
            let counted = at as i64 + 1;
            let starts_on: Date = starts_on.parse().unwrap();
            for (campaign, period) in [("double", LimitPeriod::Day), ("welcome", LimitPeriod::Campaign)] {
                let key = UseKey {
                    campaign: campaign.into(),
                    period,
                    starts_on: period.start(starts_on),
                };
                let used = Used {
                    times: counted,
                    points: 10 * counted,
                };
                member.uses.put(key, used);
            }
            let key = DayKey {
                kind: "check-in".to_owned(),
                day: starts_on,
            };
            let done = DoneOnDay {
                times: counted,
                spend_minor_units: 100 * counted,
            };
            member.days.put(key, done);
        }
        let months = ["2026-11-01", "2026-12-01", "2028-02-01"].map(|month| month.parse().unwrap());
        let mut read = Member::default();
        for month in months.into_iter().chain([Date::ZERO]) {
            let stored = Tallies::of(&member, month).encode_to_vec();
            Tallies::decode(stored.as_slice())
                .unwrap()
                .put(month, &mut read)
                .unwrap();
        }
        assert_eq!(read, member);
    }
}
