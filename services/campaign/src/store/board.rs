//! `campaign.program_day`, `campaign.active_count` and what they are counted from: what members of a program do, by day, and who they are.

use std::collections::BTreeMap;

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
    zone::Zone,
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use proto::campaign as pb;
use sqlx::{PgConnection, PgPool};

use super::{results::CHUNK, unreadable};
use crate::domain::{CalendarPeriod, Figures, REPORTED};

/// Who joined or left, as the member service reports it.
#[derive(Clone, Debug)]
pub struct MembershipChange {
    /// The member's shard.
    pub shard: Shard,
    /// Its number in the member service's feed.
    pub seq: i64,
    /// The program.
    pub program_id: ProgramId,
    /// When.
    pub at: Timestamp,
    /// Whether they joined; otherwise they left.
    pub joined: bool,
}

/// A time of which figures are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// In whose periods members who did something are counted.
    pub period: CalendarPeriod,
    /// The first day and the last.
    pub days: (Date, Date),
}

/// What some rows add to the figures of programs.
#[derive(Default)]
pub(super) struct AddedFigures {
    days: BTreeMap<(ProgramId, Date), OfDay>,
    months: BTreeMap<(ProgramId, MemberId, i16), i16>,
}

#[derive(Clone, Copy, Default)]
struct OfDay {
    orders: i64,
    spend: i64,
    points: i64,
    joined: i64,
    gone: i64,
}

/// Keeps who joined or left, until it is counted.
pub fn insert_membership_changes(changes: &[MembershipChange], writes: &mut Writes) {
    if changes.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.membership_change (shard, seq, program_id, at, joined)
         select * from unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::bool[])",
    );
    writes.add(
        part.column(changes.iter().map(|change| change.shard.get()))
            .column(changes.iter().map(|change| change.seq))
            .column(changes.iter().map(|change| change.program_id.uuid()))
            .column(changes.iter().map(|change| change.at.to_sqlx()))
            .column(changes.iter().map(|change| change.joined)),
    );
}

impl AddedFigures {
    /// Adds what an activity does. What comes back is nothing that a member does, and neither is what other services report of them.
    pub fn add(&mut self, program_id: ProgramId, member_id: MemberId, recorded: &pb::ActivityRecorded, day: Date) {
        let metrics = recorded.metrics.unwrap_or_default();
        let (orders, spend, points) = (metrics.orders, metrics.spend_minor_units, metrics.points_earned);
        if (orders, spend, points) != (0, 0, 0) {
            let sum = self.days.entry((program_id, day)).or_default();
            sum.orders += orders;
            sum.spend += spend;
            sum.points += points;
        }
        let is_done = recorded.kind != "return" && !REPORTED.contains(&recorded.kind.as_str());
        if is_done && !recorded.prospect {
            let months = self.months.entry((program_id, member_id, day.year())).or_default();
            *months |= 1 << (day.month() - 1);
        }
    }

    /// Takes who joined or left off the list, where their program is known; tells whether there may be more. Nobody else does that with the shard at the same time.
    pub async fn take_changes(&mut self, tx: &mut PgConnection, shard: Shard) -> Result<bool, sqlx::Error> {
        let rows = sqlx::query!(
            r#"select change.seq, change.program_id, change.at as "at: jiff_sqlx::Timestamp", change.joined, program.zone
                 from campaign.membership_change as change
                 join campaign.program as program using (program_id)
                where change.shard = $1
                order by change.seq
                limit $2"#,
            shard.get(),
            CHUNK,
        );
        let rows = rows.fetch_all(&mut *tx).await?;
        for row in &rows {
            let zone = Zone::find(&row.zone).ok_or_else(|| unreadable("zone of a program"))?;
            let day = zone.tz().to_datetime(row.at.to_jiff()).date();
            let sum = self.days.entry((row.program_id.into(), day)).or_default();
            sum.joined += i64::from(row.joined);
            sum.gone += i64::from(!row.joined);
        }
        if !rows.is_empty() {
            sqlx::query!(
                "delete from campaign.membership_change where shard = $1 and seq = any($2)",
                shard.get(),
                &rows.iter().map(|row| row.seq).collect::<Vec<_>>(),
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(rows.len() as i64 == CHUNK)
    }

    /// Saves what was added, table by table and in order, so that replicas that count different shards wait for one another and never in a circle.
    pub async fn save(&self, tx: &mut PgConnection, shard: Shard) -> Result<(), sqlx::Error> {
        if !self.days.is_empty() {
            let of = |part: fn(&OfDay) -> i64| self.days.values().map(part).collect::<Vec<_>>();
            sqlx::query!(
                "insert into campaign.program_day as known (program_id, day, orders, spend, points, joined, gone)
                 select * from unnest($1::uuid[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                 on conflict (program_id, day) do update
                 set orders = known.orders + excluded.orders, spend = known.spend + excluded.spend,
                     points = known.points + excluded.points, joined = known.joined + excluded.joined,
                     gone = known.gone + excluded.gone",
                &self.days.keys().map(|key| key.0.uuid()).collect::<Vec<_>>(),
                &self.days.keys().map(|key| key.1.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
                &of(|day| day.orders),
                &of(|day| day.spend),
                &of(|day| day.points),
                &of(|day| day.joined),
                &of(|day| day.gone),
            )
            .execute(&mut *tx)
            .await?;
        }
        self.save_active(tx, shard).await
    }

    /// Counts members who did nothing before in a period. That is known exactly, because a member lies on one shard.
    async fn save_active(&self, tx: &mut PgConnection, shard: Shard) -> Result<(), sqlx::Error> {
        if self.months.is_empty() {
            return Ok(());
        }
        let known = self.known_months(tx, shard).await?;
        let mut saved: Vec<(&(ProgramId, MemberId, i16), i16)> = Vec::new();
        let mut counts: BTreeMap<(ProgramId, i16, Date), i64> = BTreeMap::new();
        for (key, months) in &self.months {
            let before = known.get(key).copied().unwrap_or(0);
            let after = before | months;
            if after == before {
                continue;
            }
            saved.push((key, after));
            for (period, starts_on) in begun(key.2, before, after) {
                *counts.entry((key.0, period_number(period), starts_on)).or_default() += 1;
            }
        }
        if saved.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "insert into campaign.member_year (shard, program_id, member_id, year, months)
             select $1::smallint, * from unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[])
             on conflict (shard, program_id, member_id, year) do update set months = excluded.months",
            shard.get(),
            &saved.iter().map(|(key, _)| key.0.uuid()).collect::<Vec<_>>(),
            &saved.iter().map(|(key, _)| key.1.uuid()).collect::<Vec<_>>(),
            &saved.iter().map(|(key, _)| key.2).collect::<Vec<_>>(),
            &saved.iter().map(|(_, months)| *months).collect::<Vec<_>>(),
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into campaign.active_count as known (program_id, period, starts_on, members)
             select * from unnest($1::uuid[], $2::smallint[], $3::date[], $4::bigint[])
             on conflict (program_id, period, starts_on) do update set members = known.members + excluded.members",
            &counts.keys().map(|key| key.0.uuid()).collect::<Vec<_>>(),
            &counts.keys().map(|key| key.1).collect::<Vec<_>>(),
            &counts.keys().map(|key| key.2.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
            &counts.values().copied().collect::<Vec<_>>(),
        )
        .execute(&mut *tx)
        .await?;
        Ok(())
    }

    async fn known_months(
        &self,
        tx: &mut PgConnection,
        shard: Shard,
    ) -> Result<BTreeMap<(ProgramId, MemberId, i16), i16>, sqlx::Error> {
        let rows = sqlx::query!(
            r#"select known.program_id as "program_id!", known.member_id as "member_id!", known.year as "year!", known.months as "months!"
                 from unnest($2::uuid[], $3::uuid[], $4::smallint[]) as asked (of_program, of_member, of_year)
                cross join lateral (
                      select program_id, member_id, year, months from campaign.member_year
                       where shard = $1 and program_id = of_program and member_id = of_member and year = of_year
                       limit 1) as known"#,
            shard.get(),
            &self.months.keys().map(|key| key.0.uuid()).collect::<Vec<_>>(),
            &self.months.keys().map(|key| key.1.uuid()).collect::<Vec<_>>(),
            &self.months.keys().map(|key| key.2).collect::<Vec<_>>(),
        );
        let rows = rows.fetch_all(tx).await?.into_iter();
        let known = rows.map(|row| ((row.program_id.into(), row.member_id.into(), row.year), row.months));
        Ok(known.collect())
    }
}

/// Returns the periods of a year in which a member did something for the first time, by the months before and after.
fn begun(year: i16, before: i16, after: i16) -> Vec<(CalendarPeriod, Date)> {
    let mut begun = Vec::new();
    let kinds = [
        (CalendarPeriod::Month, 1),
        (CalendarPeriod::Quarter, 3),
        (CalendarPeriod::Year, 12),
    ];
    for (period, months) in kinds {
        for first in (0..12).step_by(months) {
            let of_period = ((1 << months) - 1) << first;
            if before & of_period == 0 && after & of_period != 0 {
                begun.extend(Date::new(year, first as i8 + 1, 1).map(|starts_on| (period, starts_on)));
            }
        }
    }
    begun
}

fn period_number(period: CalendarPeriod) -> i16 {
    match period {
        CalendarPeriod::Month => pb::CalendarPeriod::Month as i16,
        CalendarPeriod::Quarter => pb::CalendarPeriod::Quarter as i16,
        CalendarPeriod::Year => pb::CalendarPeriod::Year as i16,
    }
}

/// Adds up the figures of some times, one for each.
pub async fn load_figures(pool: &PgPool, program_id: ProgramId, times: &[Time]) -> Result<Vec<Figures>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select sums.orders as "orders!", sums.spend as "spend!", sums.points as "points!", sums.joined as "joined!",
                  standing.members as "members!", coalesce(active.members, 0) as "active!"
             from unnest($2::date[], $3::date[], $4::smallint[]) with ordinality as asked (first_day, last_day, of_period, place)
            cross join lateral (
                  select coalesce(sum(orders), 0)::bigint as orders, coalesce(sum(spend), 0)::bigint as spend,
                         coalesce(sum(points), 0)::bigint as points, coalesce(sum(joined), 0)::bigint as joined
                    from campaign.program_day
                   where program_id = $1 and day between first_day and last_day) as sums
            cross join lateral (
                  select coalesce(sum(joined - gone), 0)::bigint as members
                    from campaign.program_day
                   where program_id = $1 and day <= last_day) as standing
             left join lateral (
                  select members from campaign.active_count
                   where program_id = $1 and period = of_period and starts_on = first_day
                   limit 1) as active on true
            order by place"#,
        program_id.uuid(),
        &times.iter().map(|time| time.days.0.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
        &times.iter().map(|time| time.days.1.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
        &times.iter().map(|time| period_number(time.period)).collect::<Vec<_>>(),
    );
    let figures = rows.fetch_all(pool).await?.into_iter().map(|row| Figures {
        members: row.members,
        joined: row.joined,
        active: row.active,
        orders: row.orders,
        spend: row.spend,
        points: row.points,
    });
    Ok(figures.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_begins_a_month_a_quarter_and_a_year_once() {
        let of = |before, after| -> Vec<(CalendarPeriod, String)> {
            let begun = begun(2026, before, after).into_iter();
            begun
                .map(|(period, starts_on)| (period, starts_on.to_string()))
                .collect()
        };
        use CalendarPeriod::{Month, Quarter, Year};
        let (january, february, april) = (1, 2, 8);
        assert_eq!(
            of(0, february),
            [
                (Month, "2026-02-01".to_owned()),
                (Quarter, "2026-01-01".to_owned()),
                (Year, "2026-01-01".to_owned())
            ]
        );
        assert_eq!(of(february, february | january), [(Month, "2026-01-01".to_owned())]);
        assert_eq!(
            of(february, february | april),
            [(Month, "2026-04-01".to_owned()), (Quarter, "2026-04-01".to_owned())]
        );
        assert_eq!(of(february, february), []);
    }
}
