//! What a program wants to reach, and how far it is. Integers and exact ratios only; what is wanted is data, and nothing here knows of any figure.

use common::ratio::{Ratio, Rounding};
use jiff::civil::Date;

use super::contradiction::Contradiction;
use super::terms::CalendarPeriod;

/// A figure that a program wants to reach, again in every period.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The name.
    pub code: String,
    /// What is measured.
    pub measure: Measured,
    /// In which time.
    pub period: CalendarPeriod,
    /// At least this figure.
    pub value: Option<i64>,
    /// At least so much more than in the period before.
    pub growth: Option<Ratio>,
    /// Figures of earlier periods that were counted elsewhere, by the day on which each began.
    pub baselines: Vec<(Date, i64)>,
    /// Whether it is off the board.
    pub is_retired: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measured {
    /// How many members there are.
    Members,
    /// How many enrolled.
    NewMembers,
    /// How many did something.
    ActiveMembers,
    /// How many orders they made.
    Orders,
    /// What they spent.
    Spend,
    /// What they spent for each order.
    AverageOrder,
    /// What they spent for each member.
    SpendPerMember,
    /// How many points they were awarded.
    PointsAwarded,
}

/// What is counted of a time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// Members at the end of it.
    pub members: i64,
    /// Members who enrolled.
    pub joined: i64,
    /// Members who did something.
    pub active: i64,
    /// Orders.
    pub orders: i64,
    /// What was spent.
    pub spend: i64,
    /// Points.
    pub points: i64,
}

/// How far a target is on a day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The first day of the period and the last.
    pub period: (Date, Date),
    /// How many of its days have begun.
    pub days_begun: i32,
    /// How many it has.
    pub days: i32,
    /// What is measured.
    pub figure: Option<i64>,
    /// What was measured in the period before.
    pub previous: Option<i64>,
    /// Whether the target states that.
    pub previous_is_stated: bool,
    /// What is to be reached.
    pub goal: Option<i64>,
    /// What it comes to at this pace.
    pub expected: Option<i64>,
}

impl Target {
    /// Names everything that makes the target impossible.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        if self.value.is_none() && self.growth.is_none() {
            found.push(Contradiction::new("goal", "must be a value, growth, or both"));
        }
        for (at, (day, _)) in self.baselines.iter().enumerate() {
            let sentence = if self.period.first_day(*day) != *day {
                "is not the first day of a period"
            } else if self.baselines[..at].iter().any(|(other, _)| other == day) {
                "is there twice"
            } else {
                continue;
            };
            found.push(Contradiction::new(format!("baselines[{at}].starts_on"), sentence));
        }
        found
    }

    /// Returns the times that tell how far the target is on a day: the period up to that day, and the whole period before. Nothing beyond the calendar.
    pub fn times(&self, day: Date) -> Option<[(Date, Date); 2]> {
        let first = self.period.first_day(day);
        let eve = first.yesterday().ok()?;
        Some([(first, day), (self.period.first_day(eve), eve)])
    }

    /// Tells how far it is on a day, by what is counted of these times.
    pub fn progress(&self, day: Date, now: &Figures, before: &Figures) -> Option<Progress> {
        let [(first, _), (before_first, _)] = self.times(day)?;
        let last = self.period.day_after(day)?.yesterday().ok()?;
        let days_begun = days_between(first, day)?;
        let days = days_between(first, last)?;
        let mut stated = self.baselines.iter();
        let stated = stated.find(|(day, _)| *day == before_first).map(|(_, value)| *value);
        let previous = stated.or_else(|| self.measure.of(counted(before)));
        Some(Progress {
            period: (first, last),
            days_begun,
            days,
            figure: self.measure.of(counted(now)),
            previous,
            previous_is_stated: stated.is_some(),
            goal: self.goal(previous),
            expected: self.measure.of(match self.measure {
                Measured::AverageOrder => counted(now),
                _ => expected(now, before, (days_begun, days)),
            }),
        })
    }

    /// Growth from nothing is no figure.
    fn goal(&self, previous: Option<i64>) -> Option<i64> {
        let grown = || {
            let factor = Ratio::ONE.checked_add(self.growth?)?;
            let grown = Ratio::whole(previous.filter(|previous| *previous > 0)?).checked_mul(factor)?;
            grown.round(Rounding::Ceil)
        };
        self.value.max(grown())
    }
}

impl Measured {
    fn of(self, of: Counted) -> Option<i64> {
        let figure = match self {
            Measured::Members => of.members,
            Measured::NewMembers => of.joined,
            Measured::ActiveMembers => of.active,
            Measured::Orders => of.orders,
            Measured::Spend => of.spend,
            Measured::PointsAwarded => of.points,
            Measured::AverageOrder => (of.orders > 0).then(|| of.spend.div_euclid(of.orders))?,
            Measured::SpendPerMember => (of.members > 0).then(|| of.spend.div_euclid(of.members))?,
        };
        i64::try_from(figure).ok()
    }
}

/// The same as [`Figures`], with room for what they are multiplied by.
#[derive(Clone, Copy)]
struct Counted {
    members: i128,
    joined: i128,
    active: i128,
    orders: i128,
    spend: i128,
    points: i128,
}

fn counted(of: &Figures) -> Counted {
    Counted {
        members: of.members.into(),
        joined: of.joined.into(),
        active: of.active.into(),
        orders: of.orders.into(),
        spend: of.spend.into(),
        points: of.points.into(),
    }
}

/// What a period comes to if all its days are like those that have begun. Members begin with those of the period before; who did something is not counted by days.
fn expected(now: &Figures, before: &Figures, (begun, days): (i32, i32)) -> Counted {
    let (now, before) = (counted(now), counted(before));
    let grown = |sum: i128| (sum * i128::from(days)).div_euclid(i128::from(begun));
    Counted {
        members: before.members + grown(now.members - before.members),
        joined: grown(now.joined),
        active: now.active,
        orders: grown(now.orders),
        spend: grown(now.spend),
        points: grown(now.points),
    }
}

/// How many days there are from one to another, both counted.
fn days_between(first: Date, last: Date) -> Option<i32> {
    Some(last.since(first).ok()?.get_days() + 1)
}

impl Progress {
    /// Returns how much of the goal is reached, in thousandths.
    pub fn reached_per_mille(&self) -> Option<i64> {
        let (figure, goal) = self.figure.zip(self.goal.filter(|goal| *goal > 0))?;
        i64::try_from((i128::from(figure) * 1_000).div_euclid(goal.into())).ok()
    }

    /// Tells whether what is expected is enough.
    pub fn is_on_course(&self) -> Option<bool> {
        self.expected.zip(self.goal).map(|(expected, goal)| expected >= goal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn target(measure: Measured, period: CalendarPeriod, value: Option<i64>, growth: Option<(i64, i64)>) -> Target {
        Target {
            code: "target".into(),
            measure,
            period,
            value,
            growth: growth.and_then(|(num, den)| Ratio::new(num, den)),
            baselines: Vec::new(),
            is_retired: false,
        }
    }

    fn members(members: i64) -> Figures {
        Figures {
            members,
            ..Figures::default()
        }
    }

    #[test]
    fn growth_by_30_percent_doubling_and_40_percent_to_2_million_are_figures() {
        let year = CalendarPeriod::Year;
        let goal = |value, growth| {
            let target = target(Measured::Members, year, value, growth);
            let progress = target.progress(day("2026-07-01"), &members(0), &members(1_000_000));
            progress.unwrap().goal
        };
        assert_eq!(goal(None, Some((3, 10))), Some(1_300_000));
        assert_eq!(goal(None, Some((1, 1))), Some(2_000_000));
        assert_eq!(goal(Some(2_000_000), Some((4, 10))), Some(2_000_000));
        assert_eq!(
            goal(Some(1_200_000), Some((4, 10))),
            Some(1_400_000),
            "both are to be reached"
        );
        let thirds = target(Measured::Members, year, None, Some((1, 3)));
        assert_eq!(thirds.goal(Some(10)), Some(14), "a part of a member is a whole one");
        assert_eq!((thirds.goal(Some(0)), thirds.goal(None)), (None, None));
    }

    #[test]
    fn what_a_target_states_stands_in_the_place_of_what_is_counted() {
        let mut target = target(Measured::Spend, CalendarPeriod::Quarter, None, Some((1, 5)));
        target.baselines = vec![(day("2025-10-01"), 1_000)];
        let stated = target.progress(day("2026-01-31"), &Figures::default(), &Figures::default());
        let stated = stated.unwrap();
        assert_eq!((stated.previous, stated.previous_is_stated), (Some(1_000), true));
        assert_eq!(
            (stated.goal, stated.period),
            (Some(1_200), (day("2026-01-01"), day("2026-03-31")))
        );
        let later = target.progress(day("2026-04-01"), &Figures::default(), &Figures::default());
        let later = later.unwrap();
        assert_eq!(
            (later.previous, later.previous_is_stated, later.goal),
            (Some(0), false, None)
        );
    }

    #[test]
    fn a_pace_is_carried_on_over_the_days_that_are_left() {
        let now = Figures {
            members: 110,
            joined: 12,
            active: 40,
            orders: 7,
            spend: 1_001,
            points: 99,
        };
        let expected = |measure, period, on| {
            let target = target(measure, period, Some(1_000), None);
            let progress = target.progress(day(on), &now, &members(100)).unwrap();
            (
                progress.days_begun,
                progress.days,
                progress.expected,
                progress.is_on_course(),
            )
        };
        use CalendarPeriod::{Month, Year};
        assert_eq!(
            expected(Measured::Members, Month, "2028-02-10"),
            (10, 29, Some(129), Some(false))
        );
        assert_eq!(
            expected(Measured::NewMembers, Month, "2028-02-29"),
            (29, 29, Some(12), Some(false))
        );
        assert_eq!(
            expected(Measured::Spend, Month, "2026-02-14"),
            (14, 28, Some(2_002), Some(true))
        );
        assert_eq!(
            expected(Measured::PointsAwarded, Year, "2026-01-01"),
            (1, 365, Some(36_135), Some(true))
        );
        assert_eq!(
            expected(Measured::ActiveMembers, Month, "2026-02-14").2,
            Some(40),
            "nobody can tell"
        );
        assert_eq!(expected(Measured::AverageOrder, Month, "2026-02-14").2, Some(143));
        assert_eq!(
            expected(Measured::SpendPerMember, Month, "2026-02-14").2,
            Some(16),
            "2,002 for 120"
        );
    }

    #[test]
    fn what_is_reached_is_told_in_thousandths_and_an_average_of_nothing_is_none() {
        let reached = |figures: Figures, measure| {
            let target = target(measure, CalendarPeriod::Month, Some(3), None);
            let progress = target.progress(day("2026-02-14"), &figures, &Figures::default());
            progress.unwrap().reached_per_mille()
        };
        assert_eq!(reached(members(2), Measured::Members), Some(666));
        assert_eq!(reached(members(0), Measured::AverageOrder), None);
        assert_eq!(reached(members(0), Measured::SpendPerMember), None);
    }

    #[test]
    fn what_is_impossible_is_told() {
        let mut target = target(Measured::Orders, CalendarPeriod::Quarter, None, None);
        let days = ["2026-04-01", "2026-05-01", "2026-04-01"];
        target.baselines = days.into_iter().map(|of| (day(of), 1)).collect();
        let found = target.contradictions();
        let fields: Vec<&str> = found.iter().map(|found| found.field.as_str()).collect();
        assert_eq!(fields, ["goal", "baselines[1].starts_on", "baselines[2].starts_on"]);
    }
}
