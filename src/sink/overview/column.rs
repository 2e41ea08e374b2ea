//! The columns of our own tables: strace's, and what a distribution takes.

use super::stats::Stats;
use crate::sink::line::Human;
use std::time::Duration;

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    /// The share of all time.
    Share,
    /// Seconds, to the nanosecond.
    Total,
    /// By how many seconds the total may be wrong, as calls were sampled.
    Uncertain,
    /// Microseconds each.
    Mean,
    /// The shortest.
    Min,
    /// What half of the calls did not exceed.
    P50,
    /// What 95 of 100 did not exceed.
    P95,
    /// What 99 of 100 did not exceed.
    P99,
    /// The longest.
    Max,
    /// How many.
    Calls,
    /// How many failed.
    Errors,
    /// The wait class.
    Class,
    /// The call; in the table of places, the place.
    Name,
}

/// What a row stands for, in words.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// In [`Column::Class`].
    pub class: String,
    /// In [`Column::Name`].
    pub name: String,
}

/// How our tables look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Style {
    /// The columns, each once; `None`: all that there is something to say in.
    pub columns: Option<Vec<Column>>,
    /// What rows are sorted by, the most first (names: in alphabetical order); `None`: by the
    /// calls' numbers.
    pub sort: Option<Column>,
    /// What is subtracted of each call, in nanoseconds.
    pub overhead_ns: u64,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            columns: None,
            sort: Some(Column::Total),
            overhead_ns: 0,
        }
    }
}

impl Column {
    /// Those of a table that is not told which.
    pub(super) const USUAL: [Column; 12] = [
        Column::Share,
        Column::Total,
        Column::Uncertain,
        Column::Mean,
        Column::P50,
        Column::P95,
        Column::P99,
        Column::Max,
        Column::Calls,
        Column::Errors,
        Column::Class,
        Column::Name,
    ];

    /// What rows are sorted by; 0 where that is a word.
    pub(super) fn number(self, s: &Stats) -> u64 {
        match self {
            Column::Share | Column::Total => s.total_ns,
            Column::Uncertain => s.error_ns,
            Column::Mean => s.mean_ns(),
            Column::Min => s.min_ns,
            Column::P50 => s.quantile_ns(0.5),
            Column::P95 => s.quantile_ns(0.95),
            Column::P99 => s.quantile_ns(0.99),
            Column::Max => s.max_ns,
            Column::Calls => s.calls,
            Column::Errors => s.errors,
            Column::Class | Column::Name => 0,
        }
    }

    pub(super) fn cell(self, s: &Stats, labels: &Labels, all_ns: u64) -> String {
        let number = self.number(s);
        match self {
            Column::Share => format!("{:.2}", number as f64 * 100.0 / all_ns.max(1) as f64),
            Column::Total => seconds(number),
            Column::Uncertain | Column::Errors if number == 0 => String::new(),
            Column::Uncertain => seconds(number),
            Column::Mean => (number / 1000).to_string(),
            Column::Min | Column::P50 | Column::P95 | Column::P99 | Column::Max => {
                Human(Duration::from_nanos(number)).to_string()
            }
            Column::Calls | Column::Errors => number.to_string(),
            Column::Class => labels.class.clone(),
            Column::Name => labels.name.clone(),
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Column::Share => "% time",
            Column::Total => "seconds",
            Column::Uncertain => "± seconds",
            Column::Mean => "usecs/call",
            Column::Min => "min",
            Column::P50 => "p50",
            Column::P95 => "p95",
            Column::P99 => "p99",
            Column::Max => "max",
            Column::Calls => "calls",
            Column::Errors => "errors",
            Column::Class => "class",
            Column::Name => "syscall",
        }
    }

    /// strace's, where it has the column.
    pub(super) fn least_width(self) -> usize {
        match self {
            Column::Share => 6,
            Column::Total | Column::Uncertain => 13,
            Column::Mean => 11,
            Column::Min | Column::P50 | Column::P95 | Column::P99 | Column::Max => 7,
            Column::Calls | Column::Errors => 9,
            Column::Class => 12,
            Column::Name => 16,
        }
    }

    pub(super) fn is_word(self) -> bool {
        matches!(self, Column::Class | Column::Name)
    }
}

/// `1.000000230`.
fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}
