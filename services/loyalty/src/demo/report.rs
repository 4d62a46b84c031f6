//! What the demo tells in the end: for people a table, for programs an object.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use proto::{points::EntryKind, tier::CountMembersRequest};
use serde::Serialize;

use super::{books::Books, checks, clients::Clients, replay::Tally};

/// The totals, the speed and the checks. The totals are the same on every run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Members that were enrolled.
    pub members: u64,
    /// Purchases that were recorded.
    pub purchases: u64,
    /// Returns that were recorded.
    pub returns: u64,
    /// Points that came in.
    pub points_issued: i64,
    /// Points that returns took back.
    pub points_reversed: i64,
    /// Points that were spent.
    pub points_spent: i64,
    /// Points that lapsed.
    pub points_expired: i64,
    /// Points that members have, pending and held ones included.
    pub points_outstanding: i64,
    /// Points that holds have set aside.
    pub points_held: i64,
    /// Points that members owe.
    pub points_owed: i64,
    /// Rewards that were redeemed.
    pub redemptions: u64,
    /// Members by level.
    pub tier_counts: BTreeMap<String, i64>,
    /// How long the replay took, in seconds.
    pub elapsed_s: f64,
    /// Purchases for each second of it.
    pub purchases_per_s: f64,
    /// The most memory that this process has had, in MB.
    pub peak_memory_mb: u64,
    /// What must be true, and whether it is.
    pub checks: BTreeMap<&'static str, bool>,
}

impl Report {
    /// Reads the services back and sums up.
    pub async fn make(
        clients: &Clients,
        wallet: &str,
        ladder: &str,
        tally: Tally,
        elapsed_s: f64,
    ) -> anyhow::Result<Report> {
        let peak_memory_mb = peak_memory_mb();
        let books = Books::read(clients, wallet).await?;
        let request = CountMembersRequest {
            ladder: ladder.to_owned(),
        };
        let counts = clients.tiers().count_members(request).await?.into_inner().level_counts;
        Ok(Report {
            members: tally.members,
            purchases: tally.purchases,
            returns: tally.returns,
            points_issued: books.moved(EntryKind::Earn),
            points_reversed: books.moved(EntryKind::Reverse),
            points_spent: books.moved(EntryKind::Spend) + books.moved(EntryKind::Capture)
                - books.moved(EntryKind::Restore),
            points_expired: books.moved(EntryKind::Expire) + books.lost(EntryKind::Release),
            points_outstanding: books.sum(|amounts| amounts.available + amounts.pending + amounts.held),
            points_held: books.sum(|amounts| amounts.held),
            points_owed: books.sum(|amounts| amounts.debt),
            redemptions: tally.redemptions,
            tier_counts: counts.into_iter().map(|count| (count.level, count.members)).collect(),
            elapsed_s: (elapsed_s * 1000.0).round() / 1000.0,
            purchases_per_s: (tally.purchases as f64 / elapsed_s).round(),
            peak_memory_mb,
            checks: checks::check(&books),
        })
    }

    /// Tells whether every check holds.
    pub fn holds(&self) -> bool {
        self.checks.values().all(|holds| *holds)
    }

    /// Writes the report for people.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        let numbers = [
            ("members", self.members as i64),
            ("purchases", self.purchases as i64),
            ("returns", self.returns as i64),
            ("rewards redeemed", self.redemptions as i64),
            ("points issued", self.points_issued),
            ("points reversed", self.points_reversed),
            ("points spent", self.points_spent),
            ("points expired", self.points_expired),
            ("points outstanding (the liability)", self.points_outstanding),
            ("points owed by members", self.points_owed),
        ];
        for (name, number) in numbers {
            table.add_row([name.to_owned(), grouped(number)]);
        }
        for (level, members) in &self.tier_counts {
            table.add_row([format!("members on level {level}"), grouped(*members)]);
        }
        let speed = format!(
            "{:.1} s, {} purchases a second",
            self.elapsed_s,
            grouped(self.purchases_per_s as i64)
        );
        table.add_row(["the replay took".to_owned(), speed]);
        for (name, holds) in &self.checks {
            table.add_row([
                name.replace('_', " "),
                if *holds { "holds" } else { "DOES NOT HOLD" }.to_owned(),
            ]);
        }
        table.to_string()
    }
}

/// Writes a number with its thousands apart.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or(""))
        .collect();
    format!("{}{}", if number < 0 { "-" } else { "" }, groups.join(","))
}

/// Reads the most memory that this process has had, in MB; 0 where the system does not tell.
pub fn peak_memory_mb() -> u64 {
    peak_memory_mb_of("self")
}

/// Reads the most memory that a process has had, by its id.
pub fn peak_memory_mb_of(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        assert_eq!(super::grouped(1_234_567), "1,234,567");
        assert_eq!(super::grouped(-999), "-999");
    }
}
