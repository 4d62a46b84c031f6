//! How far an average member is from each level: whoever buys as the forecast expects, and does nothing else.
//!
//! Levels ask for what was done within a window, whatever became of the points since, so the expiry of a wallet is no matter here.

use jiff::civil::Date;
use proto::tier::{Ladder, Level, Metric, Requirement, metric_window::Window};

use super::{Untold, sources::Bought, spread::days_between};

/// What members bought in all, and by how many and in how many days.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    bought: Bought,
    members: i128,
    days: i128,
}

/// How far an average member is from something that a level asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Climb {
    /// The ladder.
    pub ladder: String,
    /// The level.
    pub level: String,
    /// What is asked for.
    pub asked: Requirement,
    /// Whether the level asks for nothing else, neither besides nor instead.
    pub is_all: bool,
    /// What an average member does of it in the window; where that is a whole life, in the time that is looked at.
    pub done: i64,
    /// Of these, the points that campaigns give.
    pub of_campaigns: i64,
    /// After how many days it is reached; nothing where it never is.
    pub after_days: Option<i64>,
    /// For how much money it must be bought to earn the points without campaigns, in minor units.
    pub spend_minor_units: Option<i64>,
}

/// Tells how far an average member is from each level.
pub fn climbs(ladders: &[Ladder], average: &Average) -> Result<Vec<Climb>, Untold> {
    let levels = ladders
        .iter()
        .flat_map(|ladder| ladder.levels.iter().map(move |level| (ladder, level)));
    let asked = levels.flat_map(|(ladder, level)| {
        let asked = level.any_of.iter().flat_map(|way| &way.all_of);
        asked.map(move |asked| (ladder, level, asked))
    });
    let climb = |(ladder, level, asked): (&Ladder, &Level, &Requirement)| {
        let window = average.window_of(asked);
        Some(Climb {
            ladder: ladder.code.clone(),
            level: level.code.clone(),
            asked: *asked,
            is_all: level.any_of.iter().map(|way| way.all_of.len()).sum::<usize>() == 1,
            done: average.within(window, average.of(asked.metric()))?,
            of_campaigns: match asked.metric() {
                Metric::PointsEarned => average.within(window, average.bought.of_campaigns)?,
                _ => 0,
            },
            after_days: average.after_days(asked)?,
            spend_minor_units: average.spend_for(asked)?,
        })
    };
    asked.map(climb).collect::<Option<_>>().ok_or(Untold::TooLarge)
}

impl Average {
    /// Divides what was bought by those who bought it.
    pub fn new(bought: Bought, members: i64, (from, until): (Date, Date)) -> Average {
        Average {
            bought,
            members: members.into(),
            days: days_between(from, until).into(),
        }
    }

    fn of(&self, metric: Metric) -> i128 {
        match metric {
            Metric::Unspecified => 0,
            Metric::Spend => self.bought.spend_minor_units,
            Metric::Orders => self.bought.orders,
            Metric::PointsEarned => self.bought.points,
        }
    }

    /// Returns how many days count.
    fn window_of(&self, asked: &Requirement) -> i128 {
        match asked.window.and_then(|window| window.window) {
            None | Some(Window::Lifetime(_)) => self.days,
            Some(Window::CalendarYear(_)) => 365,
            Some(Window::RollingDays(rolling)) => rolling.days.into(),
        }
    }

    /// Returns what one member does in so many days. The outer option is empty where a number cannot be held.
    fn within(&self, days: i128, all: i128) -> Option<i64> {
        let one = all.checked_mul(days)? / self.members.checked_mul(self.days)?;
        i64::try_from(one).ok()
    }

    /// Returns after how many days something is reached: as long as it takes, and never where that is longer than what counts. The outer option is empty where a number
    /// cannot be held.
    fn after_days(&self, asked: &Requirement) -> Option<Option<i64>> {
        let all = self.of(asked.metric());
        let needed = i128::from(asked.at_least)
            .checked_mul(self.members)?
            .checked_mul(self.days)?;
        if all <= 0 {
            return Some(None);
        }
        let days = (needed - 1) / all + 1;
        let is_for_life = matches!(
            asked.window.and_then(|window| window.window),
            None | Some(Window::Lifetime(_))
        );
        let counts = is_for_life || days <= self.window_of(asked);
        Some(i64::try_from(days).ok().filter(|_| counts))
    }

    fn spend_for(&self, asked: &Requirement) -> Option<Option<i64>> {
        let without_campaigns = self.bought.points - self.bought.of_campaigns;
        if asked.metric() != Metric::PointsEarned || without_campaigns <= 0 {
            return Some(None);
        }
        let spend = i128::from(asked.at_least).checked_mul(self.bought.spend_minor_units)?;
        i64::try_from((spend - 1) / without_campaigns + 1).ok().map(Some)
    }
}
