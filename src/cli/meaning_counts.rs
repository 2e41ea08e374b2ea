//! What the options for tables of counts mean: strace's table in strace's format, ours elsewhere.

use super::UsageError;
use super::args::Args;
use super::args_strace::StraceArgs;
use super::config::{Counts, CountsTable, Format, TableStyle, overview};
use super::meaning::positive_duration;
use crate::sink::counts::Column as Strace;
use overview::Column as Own;

pub(super) fn counts(args: &Args, format: Format) -> Result<Option<Counts>, UsageError> {
    let strace = &args.strace;
    let interval = positive_duration("--interval", args.outputs.interval.as_deref())?;
    if format == Format::Strace && interval.is_some() {
        return Err(UsageError::new(
            "--interval and --format strace exclude each other: strace prints its table once",
        ));
    }
    let overhead_ns = overhead(strace.summary_syscall_overhead.as_deref())?;
    let table = match format {
        Format::Strace => CountsTable::Strace(of_strace(strace, overhead_ns)?),
        _ => CountsTable::Own(own(strace, overhead_ns)?),
    };
    if strace.summary_only && strace.summary {
        return Err(UsageError::new("-c and -C exclude each other; drop one"));
    }
    let asked = strace.summary_only || strace.summary || interval.is_some();
    Ok(asked.then_some(Counts {
        only: strace.summary_only,
        needs_go: format != Format::Strace && !args.no_stack,
        table,
        interval,
    }))
}

fn of_strace(strace: &StraceArgs, overhead_ns: u64) -> Result<TableStyle, UsageError> {
    const NAMES: &str = "time-percent, total-time, min-time, max-time, avg-time, calls, errors, \
                         name";
    let plain = TableStyle::default();
    Ok(TableStyle {
        columns: match strace.summary_columns.as_deref() {
            Some(list) => columns(list, strace_column, Strace::Name, NAMES)?,
            None => plain.columns,
        },
        sort: match strace.summary_sort_by.as_deref() {
            Some("time") => Some(Strace::TotalTime),
            Some(name) => sort(name, strace_column, NAMES)?,
            None => plain.sort,
        },
        wall: strace.summary_wall_clock,
        overhead_ns,
    })
}

fn own(strace: &StraceArgs, overhead_ns: u64) -> Result<overview::Style, UsageError> {
    const NAMES: &str = "time-percent, total-time, error-bound, avg-time, min-time, p50, p95, \
                         p99, max-time, calls, errors, class, name";
    let plain = overview::Style::default();
    let list = strace.summary_columns.as_deref();
    Ok(overview::Style {
        columns: list
            .map(|list| columns(list, own_column, Own::Name, NAMES))
            .transpose()?,
        sort: match strace.summary_sort_by.as_deref() {
            Some(name) => sort(name, own_column, NAMES)?,
            None => plain.sort,
        },
        overhead_ns,
    })
}

/// `-S`; `None`: in the order of the calls' numbers.
fn sort<C>(
    name: &str,
    column: fn(&str) -> Option<C>,
    names: &str,
) -> Result<Option<C>, UsageError> {
    match (name, column(name)) {
        ("nothing" | "none", _) => Ok(None),
        (_, Some(column)) => Ok(Some(column)),
        (_, None) => Err(UsageError(format!(
            "-S {name}: no such column; one of {names}, nothing"
        ))),
    }
}

/// `-U`; the name is always among them.
fn columns<C: PartialEq>(
    list: &str,
    column: fn(&str) -> Option<C>,
    name: C,
    names: &str,
) -> Result<Vec<C>, UsageError> {
    let mut columns = Vec::new();
    for word in list.split(',') {
        let Some(column) = column(word) else {
            return Err(UsageError(format!(
                "-U {list}: no such column `{word}`; one of {names}"
            )));
        };
        if columns.contains(&column) {
            return Err(UsageError(format!("-U {list}: `{word}` is there twice")));
        }
        columns.push(column);
    }
    if !columns.contains(&name) {
        columns.push(name);
    }
    Ok(columns)
}

/// With an underscore for each hyphen, too, as strace takes them.
fn strace_column(name: &str) -> Option<Strace> {
    Some(match &*name.replace('_', "-") {
        "time-percent" | "time" => Strace::TimePercent,
        "total-time" | "time-total" => Strace::TotalTime,
        "min-time" | "shortest" | "time-min" => Strace::MinTime,
        "max-time" | "longest" | "time-max" => Strace::MaxTime,
        "avg-time" | "time-avg" => Strace::AvgTime,
        "wall-total" | "total-wall" => Strace::WallTotal,
        "wall-min" | "min-wall" => Strace::WallMin,
        "wall-max" | "max-wall" => Strace::WallMax,
        "wall-avg" | "avg-wall" => Strace::WallAvg,
        "calls" | "count" => Strace::Calls,
        "errors" | "error" => Strace::Errors,
        "name" | "syscall" | "syscall-name" => Strace::Name,
        _ => return None,
    })
}

/// strace's names too: all our times are by the clock on the wall.
fn own_column(name: &str) -> Option<Own> {
    Some(match &*name.replace('_', "-") {
        "p50" | "median" => Own::P50,
        "p95" => Own::P95,
        "p99" => Own::P99,
        "max" => Own::Max,
        "min" => Own::Min,
        "class" => Own::Class,
        "error-bound" => Own::Uncertain,
        other => match strace_column(other)? {
            Strace::TimePercent => Own::Share,
            Strace::TotalTime | Strace::WallTotal => Own::Total,
            Strace::MinTime | Strace::WallMin => Own::Min,
            Strace::MaxTime | Strace::WallMax => Own::Max,
            Strace::AvgTime | Strace::WallAvg => Own::Mean,
            Strace::Calls => Own::Calls,
            Strace::Errors => Own::Errors,
            Strace::Name => Own::Name,
        },
    })
}

/// A number of microseconds, or with a unit.
fn overhead(text: Option<&str>) -> Result<u64, UsageError> {
    let Some(text) = text else {
        return Ok(0);
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("" | "us") => 1e3,
        Some("s") => 1e9,
        Some("ms") => 1e6,
        Some("ns") => 1.0,
        _ => f64::NAN,
    };
    match digits.parse::<f64>() {
        Ok(number) if number >= 0.0 && unit.is_finite() => Ok((number * unit) as u64),
        _ => Err(UsageError(format!(
            "-O {text}: not a time; a number of microseconds, or one with s, ms, us, ns"
        ))),
    }
}
