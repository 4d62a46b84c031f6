//! What was done, what was looked at, and what is wrong.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::{
    Fault, Verdict,
    canaries::Caught,
    check::{Checked, Findings},
};

/// Draws a table of what became of canaries.
pub fn table_of_canaries(caught: &[Caught]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(["canary", "what is broken", "rounds", "first finding"]);
    for Caught { canary, report } in caught {
        let rounds = report
            .found_in_round
            .map_or("not caught".to_owned(), |round| round.to_string());
        let first = report.findings.first().map_or("", String::as_str);
        let first: String = first.chars().take(60).collect();
        table.add_row([canary.name.to_owned(), canary.what.to_owned(), rounds, first]);
    }
    table.to_string()
}

/// How many findings are kept: one tells as much as a thousand.
const MOST: usize = 20;

/// What came of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What everything that was drawn came from.
    pub seed: u64,
    /// How many rounds there were.
    pub rounds: u32,
    /// How often each fault was injected.
    pub injected: BTreeMap<Fault, u64>,
    /// How often it was asked for a change.
    pub attempts: u64,
    /// How often a caller went away within 3 ms, and asked again.
    pub cancellations: u64,
    /// How much was looked at.
    pub checked: Checked,
    /// In which round something was found first.
    pub found_in_round: Option<u32>,
    /// What is wrong.
    pub findings: Findings,
}

impl Report {
    /// Begins a report.
    pub fn new(seed: u64) -> Report {
        Report {
            seed,
            ..Report::default()
        }
    }

    /// Adds a round.
    pub fn add(&mut self, round: u32, verdict: Verdict) {
        self.rounds = round;
        for (fault, times) in verdict.report.injected {
            *self.injected.entry(fault).or_default() += times;
        }
        self.attempts += verdict.report.attempts;
        self.cancellations += verdict.report.cancellations;
        self.checked.add(verdict.report.checked);
        self.find(round, verdict.findings);
    }

    /// Adds what was found.
    pub fn find(&mut self, round: u32, findings: Findings) {
        if !findings.is_empty() {
            self.found_in_round.get_or_insert(round);
        }
        let room = MOST.saturating_sub(self.findings.len());
        self.findings.extend(findings.into_iter().take(room));
    }

    /// Says in a line how far it is.
    pub fn progress(&self) -> String {
        let injected: u64 = self.injected.values().sum();
        format!(
            "round {}: {injected} faults, {} calls done, {} refused, {} balances read, {} late effects, {} findings",
            self.rounds,
            self.checked.done,
            self.checked.refused,
            self.checked.reads,
            self.checked.late_effects,
            self.findings.len()
        )
    }

    /// Draws a table of it all.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        let mut row = |name: &str, value: u64| {
            table.add_row([name.to_owned(), value.to_string()]);
        };
        row("seed", self.seed);
        row("rounds", u64::from(self.rounds));
        for (fault, times) in &self.injected {
            row(&format!("injected: {fault:?}"), *times);
        }
        row("injected: callers that went away", self.cancellations);
        row("injected: promised fortunes", u64::from(self.rounds));
        row("attempts", self.attempts);
        row("changes done, each found exactly once", self.checked.done);
        row(
            "changes refused, none of them found",
            self.checked.refused - self.checked.late_effects,
        );
        row(
            "changes done after the caller was refused a repetition",
            self.checked.late_effects,
        );
        row("balances read, each a committed one", self.checked.reads);
        row("entries from which accounts were told once more", self.checked.entries);
        row("findings", self.findings.len() as u64);
        let findings: String = self.findings.iter().map(|finding| format!("\n* {finding}")).collect();
        format!("{table}{findings}")
    }
}
