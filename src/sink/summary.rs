//! What was shown, and what was not: nothing vanishes silently.

use super::line::Human;
use crate::diagnose::Place;
use crate::overhead::Totals;
use crate::sample::Stats;
use crate::untrusted::push as push_untrusted;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// Counts of a whole run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Calls that were shown (a call shown while blocked and again at its end counts once).
    pub shown: u64,
    /// Whether only slow calls were asked for.
    pub slow: bool,
    /// Parked calls that were not shown, by wait class (`WaitClass::id`).
    pub hidden_parked: BTreeMap<&'static str, u64>,
    /// Other calls that were not shown and that the user should know of, by reason,
    /// as in "37 calls hidden: REASON".
    pub hidden: Vec<(Arc<str>, u64)>,
    /// What was found to be wrong, with how many calls or looks showed it.
    pub findings: Vec<(Place, u64)>,
    /// Events that were lost.
    pub lost: u64,
    /// How the looks went, if threads were looked at instead of stopped.
    pub sampled: Option<Stats>,
    /// How much was traced exactly, if that had to be paid for.
    pub exact: Option<Totals>,
}

impl Summary {
    /// Counts a parked call that was hidden.
    pub fn hide_parked(&mut self, class: &'static str) {
        *self.hidden_parked.entry(class).or_default() += 1;
    }
}

/// One to few lines for standard error, each ended by a newline.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.slow { "slow call" } else { "call" };
        write!(f, "gostrace: {} shown", Count(self.shown, kind))?;
        let parked = self
            .hidden_parked
            .values()
            .fold(0u64, |sum, n| sum.saturating_add(*n));
        if parked > 0 {
            write!(f, "; {} parked (", Thousands(parked))?;
            let mut classes: Vec<_> = self.hidden_parked.iter().collect();
            classes.sort_by_key(|(id, n)| (std::cmp::Reverse(**n), **id));
            for (i, (id, n)) in classes.into_iter().enumerate() {
                let comma = if i > 0 { ", " } else { "" };
                write!(f, "{comma}{id} {}", Thousands(*n))?;
            }
            f.write_str(") hidden (--show-parked shows them)")?;
        }
        f.write_char('\n')?;
        for (reason, n) in self.hidden.iter().filter(|(_, n)| *n > 0) {
            let mut safe = String::new();
            push_untrusted(&mut safe, reason);
            writeln!(f, "gostrace: {} hidden: {safe}", Count(*n, "call"))?;
        }
        for (place, count) in &self.findings {
            let id = place.id.name();
            write!(f, "gostrace: found {id} in process {}", place.pid)?;
            if let Some(func) = &place.func {
                let mut safe = String::new();
                push_untrusted(&mut safe, func);
                write!(f, ", {safe}")?;
            }
            writeln!(f, ": seen {}", Count(*count, "time"))?;
        }
        if let Some(totals) = &self.exact {
            let exact = totals.exact_per_mille();
            writeln!(
                f,
                "gostrace: exact for {}.{} % of the threads' time, sampled for the rest; a stop \
                 costs {} here",
                exact / 10,
                exact % 10,
                Human(Duration::from_nanos(totals.cost_ns)),
            )?;
        }
        if let Some(stats) = &self.sampled {
            write_looks(f, stats)?;
        }
        if self.lost > 0 {
            writeln!(
                f,
                "gostrace: {} LOST: the trace is incomplete",
                Count(self.lost, "event")
            )?;
        }
        Ok(())
    }
}

fn write_looks(f: &mut fmt::Formatter<'_>, stats: &Stats) -> fmt::Result {
    let time = |ns| Human(Duration::from_nanos(ns));
    let per_mille = stats.per_mille();
    writeln!(
        f,
        "gostrace: sampled: {} {} apart, {} of CPU time for a look at one thread, {}.{} % of one \
         CPU",
        Count(stats.looks, "look"),
        time(stats.period_ns()),
        time(stats.cost_ns()),
        per_mille / 10,
        per_mille % 10,
    )?;
    if stats.same_spot > 0 {
        writeln!(
            f,
            "gostrace: {} found a thread in the same call as the look before though it had run: \
             one call that was woken, or several; taken for several, each of them short",
            Count(stats.same_spot, "look")
        )?;
    }
    if stats.failed > 0 {
        writeln!(
            f,
            "gostrace: {} at a thread failed (too few descriptors or memory, or no longer permitted)",
            Count(stats.failed, "look")
        )?;
    }
    if stats.late > 0 {
        writeln!(
            f,
            "gostrace: {} came late, for want of CPU: calls of up to {} may have been missed",
            Count(stats.late, "look"),
            time(stats.longest_gap_ns)
        )?;
    }
    Ok(())
}

/// `1 call`, `3,402 calls`.
pub(super) struct Count(pub u64, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", Thousands(self.0), self.1)
    }
}

/// `3,402`.
struct Thousands(u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Thousands(self.0 / 1000), self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_calls_are_counted_by_class_the_most_first() {
        let mut s = Summary {
            shown: 12,
            slow: true,
            lost: 1,
            hidden: vec![("shorter than 10ms".into(), 1_234_567), ("none".into(), 0)],
            ..Summary::default()
        };
        s.hidden_parked.insert("netpoll-idle", 400);
        s.hidden_parked.insert("idle-m", 2999);
        s.hide_parked("idle-m");
        s.hide_parked("sysmon");
        assert_eq!(
            s.to_string(),
            "gostrace: 12 slow calls shown; 3,401 parked (idle-m 3,000, netpoll-idle 400, sysmon 1) hidden (--show-parked shows them)\n\
             gostrace: 1,234,567 calls hidden: shorter than 10ms\n\
             gostrace: 1 event LOST: the trace is incomplete\n"
        );
    }

    #[test]
    fn a_run_that_hid_nothing_is_one_short_line() {
        let s = Summary {
            shown: 1,
            ..Summary::default()
        };
        assert_eq!(s.to_string(), "gostrace: 1 call shown\n");
    }

    #[test]
    fn how_the_looks_went_is_said_with_what_they_cannot_tell() {
        let mut s = Summary {
            sampled: Some(Stats {
                looks: 1001,
                thread_looks: 10_010,
                cpu_ns: 20_020_000,
                span_ns: 2_500_000_000,
                wanted_ns: 10_000_000,
                ..Stats::default()
            }),
            ..Summary::default()
        };
        assert_eq!(
            s.to_string(),
            "gostrace: 0 calls shown\n\
             gostrace: sampled: 1,001 looks 2.50ms apart, 2us of CPU time for a look at one \
             thread, 0.8 % of one CPU\n"
        );
        if let Some(stats) = &mut s.sampled {
            (stats.same_spot, stats.late, stats.longest_gap_ns) = (3, 1, 15_000_000);
        }
        let text = s.to_string();
        assert!(text.contains("\ngostrace: 3 looks found a thread in the same call"));
        assert!(text.ends_with(
            "1 look came late, for want of CPU: calls of up to 15ms may have been missed\n"
        ));
    }
}
