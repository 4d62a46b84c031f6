//! Rules in English.

mod grants;
mod over_time;

use jiff::Timestamp;
use jiff::civil::Weekday;

use super::{RuleWords, Setting, clock};
use crate::domain::accrual::{DiscountBase, EarnBase, EarnRate, EarnStep};
use crate::domain::budget::{Funding, OnShortage};
use crate::domain::campaign::{Campaign, Does, Effect, PointsPer, REPORTED, Trigger};
use crate::domain::condition::{AttributeIs, Condition, Test};
use crate::domain::discount::{Discount, Off};
use crate::domain::explain::number;
use crate::domain::grant::Grant;
use crate::domain::limit::{Limit, LimitPeriod};
use crate::domain::lines::LineFilter;
use crate::domain::names::Names;
use crate::domain::schedule::{Days, LastWeekend, On, Schedule};
use crate::domain::streak::MakeUp;

pub(in crate::domain) use grants::what;

/// English.
pub(super) struct English<'a>(pub &'a Setting);

impl RuleWords for English<'_> {
    fn name(&self, campaign: &Campaign) -> String {
        format!("Campaign {}: {}.", campaign.code, campaign.display_name)
    }

    fn trigger(&self, trigger: &Trigger) -> String {
        match trigger {
            Trigger::Purchase => "It is for purchases.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[0] => "It is for whoever enrols.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[1] => "It is for whoever is activated.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[2] => "It is for whoever enters another level.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[3] => "It is for whoever has a birthday.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[4] => "It is for whoever has points that lapse soon.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[5] => "It is for whoever brought a friend.".to_owned(),
            Trigger::Custom(kind) if *kind == REPORTED[6] => "It is for whoever was brought by a friend.".to_owned(),
            Trigger::Custom(kind) => format!("It is for whoever does \"{kind}\"."),
        }
    }

    fn schedule(&self, schedule: &Schedule) -> Vec<String> {
        let instant = |at: Timestamp| self.0.zone.tz().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
        let window = match (schedule.start, schedule.end) {
            (None, None) => None,
            (Some(start), None) => Some(format!("It runs from {} on.", instant(start))),
            (None, Some(end)) => Some(format!("It runs until {}.", instant(end))),
            (Some(start), Some(end)) => Some(format!("It runs from {} until {}.", instant(start), instant(end))),
        };
        let days: Vec<String> = schedule.days.iter().map(days).collect();
        let times = schedule
            .times
            .iter()
            .map(|time| format!("{} to {}", clock(time.from_minute), clock(time.until_minute)));
        let times: Vec<String> = times.collect();
        let except = schedule.except.iter().map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first} to {last}")
            }
        });
        let except: Vec<String> = except.collect();
        let days = (!days.is_empty()).then(|| format!("It runs {}.", days.join(", and ")));
        let times = (!times.is_empty()).then(|| format!("It runs from {}.", times.join(" and from ")));
        let except = (!except.is_empty()).then(|| format!("It does not run on {}.", except.join(" and ")));
        window.into_iter().chain(days).chain(times).chain(except).collect()
    }

    fn condition(&self, condition: &Condition) -> String {
        format!("It applies if {}.", self.says(condition))
    }

    fn effect(&self, effect: &Effect) -> String {
        let of = |lines: &Option<LineFilter>| {
            lines
                .as_ref()
                .map(|lines| format!(" of {}", goods(lines)))
                .unwrap_or_default()
        };
        let does = match &effect.does {
            Does::Multiply { factor, lines } => format!("It makes {} times the points{}", number(*factor), of(lines)),
            Does::AddPoints { points, per, lines } => {
                let per = match per {
                    PointsPer::Activity => "",
                    PointsPer::Line => " for each line",
                    PointsPer::Piece => " for each piece",
                };
                format!("It adds {} points{per}{}", points.get(), of(lines))
            }
            Does::Earn { rate, base, lines } => {
                let base = base
                    .as_ref()
                    .map(|base| format!(" of {}", money_of(base)))
                    .unwrap_or_default();
                format!("It adds {}{base}{}", self.rate(rate), of(lines))
            }
            Does::Streak(streak) => over_time::in_a_row(streak),
            Does::Formula(formula) => format!("It adds as many points as {} comes to", formula.source()),
        };
        let most = effect
            .max_points
            .map(|most| format!(", at most {}", most.get()))
            .unwrap_or_default();
        format!("{does}{most} (accrual {}).", effect.accrual)
    }

    fn discount(&self, discount: &Discount) -> String {
        let off = match &discount.off {
            Off::PerMille(per_mille) => format!("{} %", per_cent(*per_mille)),
            Off::MinorUnits(amount) => self.amount(*amount),
            Off::Level(ladder) => format!("what the member's level on {ladder} gives"),
        };
        let of = discount
            .lines
            .as_ref()
            .map(|lines| format!(" the price of {}", goods(lines)));
        let most = discount
            .max_minor_units
            .map(|most| format!(", at most {}", self.amount(most)));
        format!(
            "It takes {off} off{}{}.",
            of.unwrap_or_else(|| " the price".to_owned()),
            most.unwrap_or_default()
        )
    }

    fn limit(&self, limit: &Limit) -> String {
        let times = limit.times.map(|times| {
            if times == 1 {
                "once".to_owned()
            } else {
                format!("{times} times")
            }
        });
        let points = limit.points.map(|points| format!("for {} points", points.get()));
        let most: Vec<String> = times.into_iter().chain(points).collect();
        let period = match limit.period {
            LimitPeriod::Campaign => "in all",
            LimitPeriod::Day => "a day",
            LimitPeriod::Week => "a week",
            LimitPeriod::Month => "a month",
            LimitPeriod::Quarter => "a quarter",
            LimitPeriod::Year => "a year",
        };
        format!("A member has it at most {} {period}.", most.join(" and "))
    }

    fn group(&self, group: &str) -> String {
        format!("Its group {group} says which of several campaigns apply.")
    }

    fn exclusive_tags(&self, tags: &Names) -> String {
        format!(
            "It does not go together with other campaigns for {}.",
            list(tags, " or ")
        )
    }

    fn funding(&self, funding: &Funding) -> String {
        let short = match funding.on_shortage {
            OnShortage::Partial => "it gives as many points as there is money for",
            OnShortage::BaseOnly => "it does not apply",
            OnShortage::Reject => "the purchase is refused",
            OnShortage::Allow => "it applies all the same",
        };
        format!(
            "Budget {} pays for it; when that has not enough left, {short}.",
            funding.budget
        )
    }

    fn paused(&self) -> String {
        "It is off.".to_owned()
    }

    fn make_up(&self, make_up: &MakeUp) -> String {
        let MakeUp { kind, days_per_month } = make_up;
        format!("A missing day can be made up for by \"{kind}\", for at most {days_per_month} days of a month.")
    }

    fn grant(&self, Grant { gives, .. }: &Grant) -> String {
        format!("It gives {}.", grants::what(gives))
    }
}

impl English<'_> {
    fn says(&self, condition: &Condition) -> String {
        let each = |conditions: &[Condition], joint: &str| {
            let each: Vec<String> = conditions.iter().map(|condition| self.says(condition)).collect();
            each.join(joint)
        };
        match condition {
            Condition::All(all) => each(all, ", and "),
            Condition::Any(any) => format!("one of these holds ({})", each(any, "; ")),
            Condition::None(none) => format!("none of these holds ({})", each(none, "; ")),
            Condition::Is(test) => self.test(test),
        }
    }

    fn test(&self, test: &Test) -> String {
        match test {
            Test::Level { ladder, levels } => format!("the member is {} on {ladder}", list(levels, " or ")),
            Test::FirstPurchase => "it is the member's first purchase".to_owned(),
            Test::Channel(names) => format!("it is done by {}", list(names, " or ")),
            Test::Store(names) => format!("it is done in store {}", list(names, " or ")),
            Test::PaymentMethod(names) => format!("something is paid with {}", list(names, " or ")),
            Test::Order {
                base,
                at_least_minor_units,
                below_minor_units,
            } => {
                let least =
                    (*at_least_minor_units > 0).then(|| format!("at least {}", self.amount(*at_least_minor_units)));
                let below = below_minor_units.map(|below| format!("less than {}", self.amount(below)));
                let bounds: Vec<String> = least.into_iter().chain(below).collect();
                format!("the order comes to {} ({})", bounds.join(" and "), money_of(base))
            }
            Test::Lines {
                filter,
                at_least_minor_units,
                at_least_quantity,
            } => {
                let worth = (*at_least_minor_units > 0)
                    .then(|| format!(" for at least {}", self.amount(*at_least_minor_units)));
                let pieces = (*at_least_quantity > 0).then(|| format!(", at least {at_least_quantity} pieces"));
                format!(
                    "it has {}{}{}",
                    goods(filter),
                    worth.unwrap_or_default(),
                    pieces.unwrap_or_default()
                )
            }
            Test::Attribute { name, is } => match is {
                AttributeIs::OneOf(texts) => format!("its {name} is {}", list(texts, " or ")),
                AttributeIs::AtLeast(least) => format!("its {name} is at least {least}"),
                AttributeIs::AtMost(most) => format!("its {name} is at most {most}"),
            },
            Test::EnrolledWithinDays(days) => format!("the member enrolled at most {days} days before"),
            Test::History {
                of,
                measure,
                at_least,
                at_most,
            } => self.has_done(of, *measure, *at_least, *at_most),
            Test::Sample(sample) => {
                let part = per_cent(i64::from(sample.until_per_mille - sample.from_per_mille));
                format!("the member is one of {part} % of all, drawn by lot ({})", sample.name)
            }
            Test::Expression(expression) => format!("this is true: {}", expression.source()),
            Test::Birthday(window) => over_time::near_birthday(*window).to_owned(),
        }
    }

    fn rate(&self, rate: &EarnRate) -> String {
        let step = match rate.step {
            EarnStep::FullSteps => "each full",
            EarnStep::ProRata => "each",
        };
        format!(
            "{} points for {step} {}",
            rate.points,
            self.amount(rate.per_minor_units)
        )
    }

    fn amount(&self, minor_units: i64) -> String {
        let currency = &self.0.currency;
        format!("{} {}", currency.spell(minor_units), currency.code())
    }
}

fn days(days: &Days) -> String {
    let on = match &days.on {
        On::Weekly(weekdays) => {
            let names: Vec<&str> = weekdays.iter().map(|day| weekday(*day)).collect();
            format!("every {}", names.join(" and "))
        }
        On::Monthly(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(|number| nth(*number)).collect();
            format!("on the {} day of every month", numbers.join(" and "))
        }
        On::NthWeekday(number, day) => format!("on the {} {} of every month", nth(*number), weekday(*day)),
        On::Yearly(days) => {
            let days: Vec<String> = days.iter().map(|(month, day)| format!("{month:02}-{day:02}")).collect();
            format!("every year on {}", days.join(" and "))
        }
        On::LastWeekend(LastWeekend::LastSaturdayAndNextDay) => {
            "on the last Saturday of every month and the day after".to_owned()
        }
        On::LastWeekend(LastWeekend::LastFullWeekendInsideMonth) => {
            "on the last weekend of every month that has both days in it".to_owned()
        }
    };
    match days.lasts_days {
        1 => on,
        lasts => format!("{on}, for {lasts} days"),
    }
}

fn nth(number: i8) -> String {
    let ending = match number.unsigned_abs() {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    match number {
        -1 => "last".to_owned(),
        before if before < 0 => format!("{}{ending} last", before.unsigned_abs()),
        number => format!("{number}{ending}"),
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn goods(filter: &LineFilter) -> String {
    let some = |what: &str, names: &Names| (!names.is_empty()).then(|| format!("{what}{}", list(names, " or ")));
    let asked = [
        some("number ", &filter.skus),
        some("category ", &filter.categories),
        some("brand ", &filter.brands),
        some("not category ", &filter.except_categories),
        some("not brand ", &filter.except_brands),
    ];
    let asked: Vec<String> = asked.into_iter().flatten().collect();
    if asked.is_empty() {
        "any goods".to_owned()
    } else {
        format!("goods of {}", asked.join(", "))
    }
}

fn money_of(base: &EarnBase) -> String {
    let price = match base.discount {
        DiscountBase::Before => "before discounts",
        DiscountBase::After => "after discounts",
    };
    let with = [(base.with_tax, ", with tax"), (base.with_freight, ", with delivery")];
    let with: String = with.iter().filter(|(with, _)| *with).map(|(_, words)| *words).collect();
    let without = &base.without_payment_methods;
    let without = (!without.is_empty()).then(|| format!(", but for what is paid with {}", list(without, " or ")));
    format!("{price}{with}{}", without.unwrap_or_default())
}

fn per_cent(per_mille: i64) -> String {
    match per_mille % 10 {
        0 => (per_mille / 10).to_string(),
        tenths => format!("{}.{tenths}", per_mille / 10),
    }
}

fn list(names: &Names, joint: &str) -> String {
    names.iter().collect::<Vec<_>>().join(joint)
}
