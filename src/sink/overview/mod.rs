//! The summary that our own formats have (`-c`, `-C`): which calls took how long, as which waits,
//! from where in the program; what was parked, apart; and what was found to be wrong. All times
//! are by the clock: what a call that blocks costs is not the CPU's time.
//!
//! Memory is bounded: there are so many calls and classes, and places beyond a limit share a row.

mod column;
mod site;
mod stats;
mod table;
mod tally;
#[cfg(test)]
mod tests;

pub use column::{Column, Style};
pub use stats::{Sample, Stats};

use super::line::Human;
use super::{Sink, Summary, push_untrusted};
use crate::diagnose::catalog::entry;
use crate::event::{Event, Hidden, SyscallEvent, Timestamp};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;
use table::Table;
use tally::Tally;

/// Says whether somebody has asked for the summary since it was last called.
pub type Asked = Box<dyn FnMut() -> bool>;

/// When to write the summary.
pub struct When {
    /// When all has been told.
    pub at_end: bool,
    /// Every so often.
    pub interval: Option<Duration>,
    /// When this says so.
    pub asked: Asked,
}

/// Counts, and writes the summary.
pub struct OverviewSink<W> {
    out: W,
    style: Style,
    when: When,
    tally: Tally,
    /// When counting began and when the next summary is due, by the monotonic clock.
    began_ns: Option<u64>,
    due_ns: u64,
}

impl<W: Write> OverviewSink<W> {
    /// A summary for `out`.
    pub fn new(out: W, style: Style, when: When) -> OverviewSink<W> {
        OverviewSink {
            tally: Tally::new(style.overhead_ns),
            out,
            style,
            when,
            began_ns: None,
            due_ns: u64::MAX,
        }
    }

    fn text(&self) -> String {
        let tables = self.tally.tables();
        let mut out = String::new();
        let counted = tables.calls.total();
        if tables.calls.rows.is_empty() {
            out.push_str("no calls\n");
        }
        out.push_str(&tables.calls.text(&self.style));
        push_remarks(&mut out, &counted);
        self.push_table(&mut out, "by place in the program:", tables.sites);
        if !self.when.at_end {
            out.push_str("\nparked calls are counted with -c or -C alone\n");
        }
        let title = "parked: the Go runtime's threads with nothing to do, in none of the above:";
        self.push_table(&mut out, title, tables.parked);
        out
    }

    fn push_table(&self, out: &mut String, title: &str, table: Table) {
        if !table.rows.is_empty() {
            let _ = write!(out, "\n{title}\n{}", table.text(&self.style));
        }
    }

    fn interim(&mut self, now: Timestamp) -> io::Result<()> {
        let ran = now.mono_ns.saturating_sub(self.began_ns.unwrap_or(0));
        let ran = Human(Duration::from_nanos(ran));
        let mut text = format!("summary after {ran}:\n{}", self.text());
        let findings = self.tally.findings();
        if !findings.is_empty() {
            text.push_str("\nfindings:");
            for (n, (id, count)) in findings.iter().enumerate() {
                let comma = if n > 0 { "," } else { "" };
                let _ = write!(text, "{comma} {} {count}", id.name());
            }
            text.push('\n');
        }
        text.push('\n');
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// What the table above cannot be taken for.
fn push_remarks(out: &mut String, all: &Stats) {
    let calls = |n: u64| if n == 1 { "call" } else { "calls" };
    let time = |ns| Human(Duration::from_nanos(ns));
    if all.sampled > 0 {
        let _ = writeln!(
            out,
            "{} of {} {} sampled: the duration of each is known ± {} or better, the total ± {}",
            all.sampled,
            all.calls,
            calls(all.calls),
            time(all.worst_error_ns),
            time(all.error_ns),
        );
    }
    if all.before > 0 {
        let _ = writeln!(
            out,
            "{} {} had begun before tracing did: counted from then on",
            all.before,
            calls(all.before)
        );
    }
    if all.unfinished > 0 {
        let _ = writeln!(
            out,
            "{} {} had not ended: counted until last seen",
            all.unfinished,
            calls(all.unfinished)
        );
    }
}

fn push_findings(out: &mut String, summary: &Summary) {
    if summary.findings.is_empty() {
        return;
    }
    out.push_str("\nfindings:\n");
    for (place, count) in &summary.findings {
        let times = if *count == 1 { "time" } else { "times" };
        let _ = write!(
            out,
            "{count:>9} {times} {} in process {}",
            place.id.name(),
            place.pid
        );
        if let Some(func) = &place.func {
            out.push_str(", ");
            push_untrusted(out, func);
        }
        let _ = writeln!(out, ": {}", entry(place.id).map_or("", |e| e.title));
    }
}

impl<W: Write> Sink for OverviewSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Begun(begun) => self.began_ns = Some(begun.at.mono_ns),
            Event::Syscall(e) => self.tally.call(e),
            Event::Exit(e) => self.tally.thread_ended(e.tid),
            Event::Finding(f) => self.tally.finding(f.id),
            Event::FoundAgain(f) => self.tally.finding(f.id),
            Event::Note(_) | Event::Entered(_) | Event::Signal(_) | Event::Task(_) => {}
        }
        Ok(())
    }

    fn wants_hidden(&self) -> bool {
        // Not for a summary that may never be asked for: hidden calls may be very many.
        self.when.at_end
    }

    fn hidden(&mut self, call: &SyscallEvent, why: Hidden) -> io::Result<()> {
        if why == Hidden::Parked {
            self.tally.call(call);
        }
        Ok(())
    }

    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        let began_ns = *self.began_ns.get_or_insert(now.mono_ns);
        let mut due = (self.when.asked)();
        if let Some(interval) = self.when.interval {
            let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
            if self.due_ns == u64::MAX {
                self.due_ns = began_ns.saturating_add(interval_ns);
            }
            if now.mono_ns >= self.due_ns {
                due = true;
                // What was slept through is not made up for.
                let missed = (now.mono_ns - self.due_ns) / interval_ns.max(1);
                let step = interval_ns.saturating_mul(missed.saturating_add(1));
                self.due_ns = self.due_ns.saturating_add(step);
            }
        }
        if due { self.interim(now) } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if !self.when.at_end {
            return Ok(());
        }
        let mut text = self.text();
        push_findings(&mut text, summary);
        if summary.lost > 0 {
            let _ = writeln!(text, "\n{} events LOST: not counted above", summary.lost);
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}
