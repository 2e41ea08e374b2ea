//! strace's table of calls (`-c`): how often each was made, failed, and how long it took.

use super::{Sink, Summary};
use crate::arch::Abi;
use crate::event::{Event, Outcome, SyscallEvent};
use crate::syscall;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    /// The share of all time.
    TimePercent,
    /// Seconds.
    TotalTime,
    /// Seconds of the shortest.
    MinTime,
    /// Seconds of the longest.
    MaxTime,
    /// Microseconds each.
    AvgTime,
    /// Seconds on the clock on the wall.
    WallTotal,
    /// Seconds of the shortest, by that clock.
    WallMin,
    /// Seconds of the longest, by that clock.
    WallMax,
    /// Microseconds each, by that clock.
    WallAvg,
    /// How often.
    Calls,
    /// How often with an error.
    Errors,
    /// The call.
    Name,
}

/// What the rows are sorted by; `None`: by the calls' numbers.
pub type SortBy = Option<Column>;

/// How the table looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableStyle {
    /// Its columns, each once; the name is among them.
    pub columns: Vec<Column>,
    /// The order of its rows.
    pub sort: SortBy,
    /// Time by the clock on the wall, not time that the kernel spent on it.
    pub wall: bool,
    /// What is subtracted of each call, in nanoseconds.
    pub overhead_ns: u64,
}

impl Default for TableStyle {
    fn default() -> TableStyle {
        TableStyle {
            columns: vec![
                Column::TimePercent,
                Column::TotalTime,
                Column::AvgTime,
                Column::Calls,
                Column::Errors,
                Column::Name,
            ],
            sort: Some(Column::TotalTime),
            wall: false,
            overhead_ns: 0,
        }
    }
}

/// Times of one kind, in nanoseconds.
#[derive(Clone, Copy, Default, Debug)]
struct Times {
    total: u64,
    min: u64,
    max: u64,
}

impl Times {
    fn add(&mut self, ns: u64, first: bool) {
        self.total = self.total.saturating_add(ns);
        self.min = if first { ns } else { self.min.min(ns) };
        self.max = self.max.max(ns);
    }
}

/// One call's row.
#[derive(Clone, Copy, Default, Debug)]
struct Row {
    calls: u64,
    errors: u64,
    time: Times,
    wall: Times,
}

/// Counts calls, and writes the table when all has been told.
pub struct CountsSink<W> {
    out: W,
    style: TableStyle,
    rows: BTreeMap<(u8, u64), (&'static str, Row)>,
}

impl<W: Write> CountsSink<W> {
    /// A table for `out`.
    pub fn new(out: W, style: TableStyle) -> CountsSink<W> {
        CountsSink {
            out,
            style,
            rows: BTreeMap::new(),
        }
    }

    fn count(&mut self, e: &SyscallEvent) {
        let failed = match e.outcome {
            Outcome::Returned(_) | Outcome::Ended => false,
            Outcome::Failed(_) => true,
            Outcome::Blocked | Outcome::Gone | Outcome::Detached => return,
        };
        // A number that no table has is not counted by strace either.
        let Some(name) = syscall::name(e.call.abi, e.call.nr) else {
            return;
        };
        let abi = u8::from(!matches!(e.call.abi, Abi::X86_64 | Abi::Aarch64));
        let row = self.rows.entry((abi, e.call.nr));
        let (_, row) = row.or_insert_with(|| (name, Row::default()));
        let wall = u64::try_from(e.duration().as_nanos()).unwrap_or(u64::MAX);
        let time = if self.style.wall {
            wall
        } else {
            e.extra.system_ns
        };
        let first = row.calls == 0;
        row.wall.add(wall, first);
        row.time
            .add(time.saturating_sub(self.style.overhead_ns), first);
        row.calls += 1;
        row.errors += u64::from(failed);
    }

    fn table(&self) -> String {
        let mut rows: Vec<(&str, Row)> = self.rows.values().map(|(n, r)| (*n, *r)).collect();
        if let Some(column) = self.style.sort {
            match column {
                Column::Name => rows.sort_by_key(|(name, _)| *name),
                _ => rows.sort_by_key(|(_, row)| Reverse(row.number(column))),
            }
        }
        let mut all = Row::default();
        for (i, (_, row)) in rows.iter().enumerate() {
            all.calls += row.calls;
            all.errors += row.errors;
            for (sum, of) in [(&mut all.time, row.time), (&mut all.wall, row.wall)] {
                sum.total = sum.total.saturating_add(of.total);
                sum.min = if i == 0 { of.min } else { sum.min.min(of.min) };
                sum.max = sum.max.max(of.max);
            }
        }
        let mut out = String::new();
        self.write_row(&mut out, |column| column.title().to_owned());
        self.write_row(&mut out, |column| "-".repeat(column.width()));
        for (name, row) in &rows {
            self.write_row(&mut out, |column| row.cell(column, name, all.time.total));
        }
        self.write_row(&mut out, |column| "-".repeat(column.width()));
        self.write_row(&mut out, |column| match column {
            Column::TimePercent => "100.00".to_owned(),
            _ => all.cell(column, "total", 0),
        });
        out
    }

    fn write_row(&self, out: &mut String, cell: impl Fn(Column) -> String) {
        let last = self.style.columns.len().saturating_sub(1);
        for (i, &column) in self.style.columns.iter().enumerate() {
            let (width, text) = (column.width(), cell(column));
            // Writing to a String cannot fail.
            let _ = match column {
                Column::Name if i == last => write!(out, "{text}"),
                Column::Name => write!(out, "{text:<width$}"),
                _ => write!(out, "{text:>width$}"),
            };
            out.push(if i == last { '\n' } else { ' ' });
        }
    }
}

impl Row {
    /// What rows are sorted by.
    fn number(&self, column: Column) -> u64 {
        match column {
            Column::TimePercent | Column::TotalTime => self.time.total,
            Column::MinTime => self.time.min,
            Column::MaxTime => self.time.max,
            Column::AvgTime => self.time.total / self.calls.max(1),
            Column::WallTotal => self.wall.total,
            Column::WallMin => self.wall.min,
            Column::WallMax => self.wall.max,
            Column::WallAvg => self.wall.total / self.calls.max(1),
            Column::Calls => self.calls,
            Column::Errors => self.errors,
            Column::Name => 0,
        }
    }

    fn cell(&self, column: Column, name: &str, all_ns: u64) -> String {
        let number = self.number(column);
        match column {
            Column::TimePercent => {
                let share = number as f64 * 100.0 / (all_ns.max(1) as f64);
                format!("{share:.2}")
            }
            Column::AvgTime | Column::WallAvg => (number / 1000).to_string(),
            Column::Calls => number.to_string(),
            Column::Errors if number == 0 => String::new(),
            Column::Errors => number.to_string(),
            Column::Name => name.to_owned(),
            _ => format!(
                "{}.{:06}",
                number / 1_000_000_000,
                number / 1000 % 1_000_000
            ),
        }
    }
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Column::TimePercent => "% time",
            Column::TotalTime => "seconds",
            Column::MinTime => "shortest",
            Column::MaxTime => "longest",
            Column::AvgTime => "usecs/call",
            Column::WallTotal => "wall-total",
            Column::WallMin => "wall-min",
            Column::WallMax => "wall-max",
            Column::WallAvg => "wall-avg",
            Column::Calls => "calls",
            Column::Errors => "errors",
            Column::Name => "syscall",
        }
    }

    fn width(self) -> usize {
        match self {
            Column::TimePercent => 6,
            Column::MinTime | Column::MaxTime | Column::WallMin | Column::WallMax => 8,
            Column::TotalTime | Column::AvgTime | Column::WallTotal | Column::WallAvg => 11,
            Column::Calls | Column::Errors => 9,
            Column::Name => 16,
        }
    }
}

impl<W: Write> Sink for CountsSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Syscall(e) = event {
            self.count(e);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        self.out.write_all(self.table().as_bytes())?;
        self.out.flush()
    }
}

#[cfg(test)]
#[path = "counts_tests.rs"]
mod tests;
