//! The figures of a run: for programs an object, for people a table with the bars.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::{at_size::AtSize, report::Series, rounds::Rounds};
use crate::bench::{balance, load::rounded};

/// A run, as it was measured.
pub struct Run {
    pub rounds: Rounds,
    pub balances: balance::Measured,
    pub at_size: AtSize,
    /// The most memory that this process took: the suite with its callers.
    pub rss_mb: u64,
}

/// The figures of a run. Rates are operations a second, medians of the rounds; ratios are medians of ratios within rounds; times are in milliseconds unless they
/// say otherwise, p50 and p99 as medians of the rounds, and max the slowest of all.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    pub b0_per_s: f64,
    pub b1_per_s: f64,
    pub core_per_s: f64,
    pub core_p50_ms: f64,
    pub core_p99_ms: f64,
    pub core_max_ms: f64,
    pub core_over_b1: f64,
    pub core_over_b0: f64,
    pub solo_p50_over_b1: f64,
    pub single_shard_per_s: f64,
    pub single_shard_over_core: f64,
    pub unary_per_s: f64,
    pub unary_p50_ms: f64,
    pub unary_p99_ms: f64,
    pub unary_max_ms: f64,
    pub unary_over_b0: f64,
    pub mixed_per_s: f64,
    pub mixed_p50_ms: f64,
    pub mixed_p99_ms: f64,
    pub mixed_max_ms: f64,
    pub mixed_over_unary: f64,
    pub retries_per_s: f64,
    pub retries_over_core: f64,
    pub unary_retries_per_s: f64,
    pub unary_retries_over_unary: f64,
    pub bulk_per_s: f64,
    pub bulk_over_postgres: f64,
    pub postgres_per_s: f64,
    pub core_over_postgres: f64,
    pub hot_over_uniform: f64,
    pub bytes_per_earn: f64,
    pub wal_bytes_per_earn: f64,
    pub hot_update_share: f64,
    pub fsyncs_per_op: f64,
    pub rss_mb: u64,
    pub balance_over_echo: f64,
    pub memory_read_over_echo: f64,
    /// How many entries the small ledger had, and the large one, before they were measured; and how many accounts.
    pub growth_rows: [usize; 2],
    pub growth_accounts: [usize; 2],
    /// Named after the full sizes; what was reached is in the two above.
    pub growth_rows_1e4_1e7: f64,
    pub growth_accounts_1e4_1e6: f64,
    pub enrolled_per_s: f64,
    pub load_s: f64,
    pub load_entries_per_s: f64,
    pub load_rss_mb: u64,
    pub start_after_crash_s: f64,
    pub sums_hold: bool,
}

impl Figures {
    /// Sums up a run.
    pub fn of(run: &Run) -> Figures {
        let Run {
            rounds,
            balances,
            at_size,
            rss_mb,
        } = run;
        let (meters, earns) = (rounds.meters, rounds.earns as f64);
        let rate = |series: &Series| series.per_s().round();
        let within = |series: &Series, share| rounded(series.within_ms(share));
        Figures {
            b0_per_s: rate(&rounds.b0),
            b1_per_s: rate(&rounds.b1),
            core_per_s: rate(&rounds.core),
            core_p50_ms: within(&rounds.core, 0.5),
            core_p99_ms: within(&rounds.core, 0.99),
            core_max_ms: rounded(rounds.core.slowest_ms()),
            core_over_b1: rounds.core.over(&rounds.b1),
            core_over_b0: rounds.core.over(&rounds.b0),
            solo_p50_over_b1: rounds.solo.p50_over(&rounds.b1_solo),
            single_shard_per_s: rate(&rounds.single_shard),
            single_shard_over_core: rounds.single_shard.over(&rounds.core),
            unary_per_s: rate(&rounds.unary),
            unary_p50_ms: within(&rounds.unary, 0.5),
            unary_p99_ms: within(&rounds.unary, 0.99),
            unary_max_ms: rounded(rounds.unary.slowest_ms()),
            unary_over_b0: rounds.unary.over(&rounds.unary_b0),
            mixed_per_s: rate(&rounds.mixed),
            mixed_p50_ms: within(&rounds.mixed, 0.5),
            mixed_p99_ms: within(&rounds.mixed, 0.99),
            mixed_max_ms: rounded(rounds.mixed.slowest_ms()),
            mixed_over_unary: rounds.mixed.over(&rounds.unary),
            retries_per_s: rate(&rounds.retries),
            retries_over_core: rounds.retries.over(&rounds.core),
            unary_retries_per_s: rate(&rounds.unary_retries),
            unary_retries_over_unary: rounds.unary_retries.over(&rounds.unary),
            bulk_per_s: rate(&rounds.bulk),
            bulk_over_postgres: rounds.bulk.over(&rounds.postgres),
            postgres_per_s: rate(&rounds.postgres),
            core_over_postgres: rounds.core.over(&rounds.postgres),
            hot_over_uniform: rounds.hot.over(&rounds.core),
            bytes_per_earn: rounded(meters.stored_bytes / earns),
            wal_bytes_per_earn: rounded(meters.logged_bytes / earns),
            hot_update_share: rounded(meters.updates_in_place / meters.updates),
            fsyncs_per_op: rounded(meters.flushes / earns),
            rss_mb: *rss_mb,
            balance_over_echo: balances.balance_over_echo,
            memory_read_over_echo: balances.memory_read_over_echo,
            growth_rows: [at_size.small.entries, at_size.size.entries],
            growth_accounts: [at_size.small.members, at_size.size.members],
            growth_rows_1e4_1e7: at_size.growth_rows,
            growth_accounts_1e4_1e6: at_size.growth_accounts,
            enrolled_per_s: at_size.enrolled_per_s.round(),
            load_s: rounded(at_size.load_s),
            load_entries_per_s: at_size.load_entries_per_s.round(),
            load_rss_mb: at_size.load_rss_mb,
            start_after_crash_s: rounded(at_size.start_after_crash_s),
            sums_hold: rounds.sums_hold && at_size.sums_hold,
        }
    }

    /// Returns what there is a bar for, beside the bar, and what was measured beside it.
    pub fn bars(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["", "measured", "bar", ""]);
        let [few_rows, rows] = self.growth_rows;
        let [few_accounts, accounts] = self.growth_accounts;
        let growth_rows = format!("the core with {rows} entries, over {few_rows}");
        let growth_accounts = format!("the core with {accounts} accounts (zipf), over {few_accounts}");
        for (name, measured, bar) in [
            (
                "the core, over one call and one commit per request",
                self.core_over_b1,
                Bar::AtLeast(10.0),
            ),
            (
                "the core, over five round trips per request",
                self.core_over_b0,
                Bar::AtLeast(20.0),
            ),
            (
                "one call at a time, p50 over B1",
                self.solo_p50_over_b1,
                Bar::AtMost(1.15),
            ),
            (
                "unary gRPC, over the same RPC with five round trips",
                self.unary_over_b0,
                Bar::AtLeast(8.0),
            ),
            (
                "bulk gRPC, over Postgres alone",
                self.bulk_over_postgres,
                Bar::AtLeast(0.6),
            ),
            ("one hot member, over uniform", self.hot_over_uniform, Bar::AtLeast(1.0)),
            (
                "one shard to a transaction, over the core",
                self.single_shard_over_core,
                Bar::None,
            ),
            ("a fifth asked before, over the core", self.retries_over_core, Bar::None),
            (
                "a fifth asked before, over unary gRPC",
                self.unary_retries_over_unary,
                Bar::None,
            ),
            (
                "mixed operations (zipf), over unary gRPC",
                self.mixed_over_unary,
                Bar::None,
            ),
            (
                "bytes stored per earn, indexes included",
                self.bytes_per_earn,
                Bar::AtMost(350.0),
            ),
            ("bytes of log per earn", self.wal_bytes_per_earn, Bar::AtMost(700.0)),
            ("flushes of the log per earn", self.fsyncs_per_op, Bar::None),
            ("account updates in place", self.hot_update_share, Bar::AtLeast(0.9)),
            (
                "a balance through Redis, over a bare echo",
                self.balance_over_echo,
                Bar::AtLeast(0.75),
            ),
            (
                "a balance from memory, over a bare echo",
                self.memory_read_over_echo,
                Bar::AtLeast(0.9),
            ),
            (&growth_rows, self.growth_rows_1e4_1e7, Bar::AtLeast(0.95)),
            (&growth_accounts, self.growth_accounts_1e4_1e6, Bar::AtLeast(0.8)),
            ("members enrolled a second", self.enrolled_per_s, Bar::None),
            ("entries loaded a second", self.load_entries_per_s, Bar::None),
            (
                "MB of memory while loading",
                self.load_rss_mb as f64,
                Bar::AtMost(400.0),
            ),
            (
                "seconds from a kill to the first answer",
                self.start_after_crash_s,
                Bar::AtMost(5.0),
            ),
        ] {
            table.add_row([
                name.to_owned(),
                measured.to_string(),
                bar.to_string(),
                bar.verdict(measured).to_owned(),
            ]);
        }
        let sums = if self.sums_hold { "holds" } else { "MISSED" };
        table.add_row(["the sums", "", "hold", sums]);
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }
}

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
enum Bar {
    AtLeast(f64),
    AtMost(f64),
    None,
}

impl Bar {
    /// Says whether a figure is what it has to be. One that could not be measured is not.
    fn verdict(self, measured: f64) -> &'static str {
        let holds = match self {
            Bar::AtLeast(bar) => measured.is_finite() && measured >= bar,
            Bar::AtMost(bar) => measured.is_finite() && measured <= bar,
            Bar::None => return "",
        };
        if holds { "holds" } else { "MISSED" }
    }
}

impl std::fmt::Display for Bar {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bar::AtLeast(bar) => write!(to, "at least {bar}"),
            Bar::AtMost(bar) => write!(to, "at most {bar}"),
            Bar::None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Figures};

    /// Programs that follow the figures over time know them by these names.
    #[test]
    fn the_names_of_the_figures_stay() {
        let figures = serde_json::to_value(Figures::default()).unwrap();
        for name in "b0_per_s b1_per_s core_per_s core_over_b1 core_over_b0 solo_p50_over_b1 unary_per_s unary_over_b0 bulk_per_s \
                     bulk_over_postgres balance_over_echo memory_read_over_echo growth_rows_1e4_1e7 growth_accounts_1e4_1e6 \
                     hot_over_uniform bytes_per_earn wal_bytes_per_earn hot_update_share fsyncs_per_op rss_mb mixed_per_s \
                     mixed_p99_ms retries_per_s retries_over_core single_shard_over_core load_entries_per_s load_rss_mb \
                     start_after_crash_s growth_rows growth_accounts sums_hold"
            .split_whitespace()
        {
            assert!(figures.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_bar_is_held_by_who_reaches_it_and_missed_by_who_was_not_measured() {
        assert_eq!(Bar::AtLeast(0.6).verdict(0.6), "holds");
        assert_eq!(Bar::AtLeast(0.6).verdict(0.599), "MISSED");
        assert_eq!(Bar::AtLeast(0.6).verdict(f64::INFINITY), "MISSED");
        assert_eq!(Bar::AtMost(5.0).verdict(5.001), "MISSED");
        assert_eq!(Bar::AtMost(5.0).verdict(f64::NAN), "MISSED");
        assert_eq!(Bar::None.verdict(1.0), "");
    }
}
