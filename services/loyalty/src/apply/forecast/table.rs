//! Shows what a plan would cost, in the currency of its program.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use proto::{
    campaign::BudgetPeriod,
    tier::{Metric, metric_window::Window},
};

use crate::apply::{
    amounts::Currency,
    budget,
    words::{Frame, spell},
};

use super::{
    figures::{count, money},
    levels::Climb,
    outlook::Outlook,
};

const HOW: &str = "\
Judged by the rules that judge real orders: a typical order of one line, without a channel, store, category or brand, at noon of every day, on the first level.
Points cost what a campaign says, or else what their wallet says they are worth, as if each of them were spent.
Not looked at: limits per member, what members did before, days in a row, higher levels, discounts, returns, points that lapse, budgets that run out.";

impl Outlook {
    /// Writes it for people.
    pub fn text(&self, frame: &Frame) -> String {
        let (from, until) = self.days;
        let currency = &frame.currency;
        let title = format!(
            "What the plan would cost from {from} until {until}, in {}:",
            currency.code()
        );
        let mut parts = vec![
            title,
            self.sources(currency).to_string(),
            self.against_the_budget(currency),
        ];
        if !self.strains.is_empty() {
            parts.push("What campaigns would take of budgets, in the period in which they take the most:".to_owned());
            parts.push(self.strains(currency).to_string());
        }
        parts.extend(self.climbs.iter().map(|climb| climb.sentence(currency)));
        parts.push(HOW.to_owned());
        parts.join("\n") + "\n"
    }

    /// Says in one sentence why the plan is not applied; nothing where it costs no more than its budget can spend.
    pub fn refusal(&self, currency: &Currency) -> Option<String> {
        let over = money(self.over_minor_units()?, currency);
        Some(format!(
            "the plan would cost {over} {} more than the budget {:?} can spend; nothing was applied. Change the plan, the budget or the forecast, or go on with --over-budget",
            currency.code(),
            self.budget
        ))
    }

    fn sources(&self, currency: &Currency) -> Table {
        let mut table = table(["", "what", "how often", "points", "if all take it", "as expected"], 2);
        for source in &self.sources {
            table.add_row([
                source.kind.map_or_else(|| "cost".to_owned(), |kind| kind.to_string()),
                source.name.clone(),
                count(source.times),
                source.points.map(count).unwrap_or_default(),
                money(source.cost_minor_units, currency),
                money(source.expected_minor_units, currency),
            ]);
        }
        table.add_row([
            "together".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            money(self.cost_minor_units, currency),
            money(self.expected_minor_units, currency),
        ]);
        table
    }

    fn against_the_budget(&self, currency: &Currency) -> String {
        let money = |amount| money(amount, currency);
        let left = |cost: i64| match self.spendable_minor_units - cost {
            left if left < 0 => format!("{} too much", money(-left)),
            left => format!("{} are left", money(left)),
        };
        format!(
            "The budget {:?} has {} for this time, {} of it in reserve: {} can be spent.\nIf all take it, {}; as expected, {}.",
            self.budget,
            money(self.cap_minor_units),
            money(self.cap_minor_units - self.spendable_minor_units),
            money(self.spendable_minor_units),
            left(self.cost_minor_units),
            left(self.expected_minor_units),
        )
    }

    fn strains(&self, currency: &Currency) -> Table {
        let mut table = table(["budget", "from", "can be spent", "campaigns take", "left"], 2);
        for strain in &self.strains {
            let from = match strain.period {
                BudgetPeriod::Always => spell(strain.period.into(), budget::PERIOD),
                period => format!("{} ({})", strain.dearest_on, spell(period.into(), budget::PERIOD)),
            };
            table.add_row([
                strain.budget.clone(),
                from,
                money(strain.spendable_minor_units, currency),
                money(strain.dearest_minor_units, currency),
                money(strain.spendable_minor_units - strain.dearest_minor_units, currency),
            ]);
        }
        table
    }
}

impl Climb {
    fn sentence(&self, currency: &Currency) -> String {
        let amount = |amount: i64| match self.asked.metric() {
            Metric::Spend => format!("{} of spend", money(amount, currency)),
            Metric::Orders => format!("{} orders", count(amount)),
            Metric::PointsEarned | Metric::Unspecified => format!("{} points", count(amount)),
        };
        let within = match self.asked.window.and_then(|window| window.window) {
            None | Some(Window::Lifetime(_)) => "ever".to_owned(),
            Some(Window::CalendarYear(_)) => "in a calendar year".to_owned(),
            Some(Window::RollingDays(rolling)) => format!("within {} days", rolling.days),
        };
        let is_ever = within == "ever";
        let time = if is_ever { "in the time above" } else { "in such a time" };
        let of_campaigns = match self.of_campaigns {
            0 => String::new(),
            of_campaigns => format!(", {} of them by campaigns", count(of_campaigns)),
        };
        let reached = match self.after_days {
            Some(days) => format!("after {} days", count(days)),
            None => "never".to_owned(),
        };
        let spend = self
            .spend_minor_units
            .map(|spend| format!(" Without campaigns it takes {} of spend.", money(spend, currency)));
        format!(
            "{} ({}) asks{} for {} {within}; an average member comes to {} {time}{of_campaigns}: {reached}.{}",
            self.level,
            self.ladder,
            if self.is_all { "" } else { ", among other things," },
            amount(self.asked.at_least),
            amount(self.done),
            spend.unwrap_or_default()
        )
    }
}

/// Begins a table whose columns are figures from one of them on.
fn table<const N: usize>(header: [&str; N], figures_from: usize) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header);
    for column in table.column_iter_mut().skip(figures_from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
