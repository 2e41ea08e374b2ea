//! What a monitoring system wants to know, as counters and gauges that it reads when it likes.
//!
//! A sink counts; whoever is asked for the numbers (a server, a file) takes a copy and renders it
//! on its own thread, so that no reader holds up the trace. The numbers of series is bounded: by
//! the tables of calls and classes, and by [`MAX_PROCESSES`].

mod expose;
#[cfg(test)]
mod tests;

pub use expose::{Exposition, FdUse, Machine, expose};

use super::told::{Before, Told, may_be_told_again};
use super::{Sink, Summary};
use crate::event::{Event, Hidden, Outcome, SyscallEvent, Timestamp};
use crate::finding::FindingId;
use crate::ids::Pid;
use crate::syscall;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Processes that have series of their own; further ones share those with the labels `other`.
pub const MAX_PROCESSES: usize = 64;
/// Upper bounds of the buckets of durations, nanoseconds.
const BUCKETS: [u64; 11] = [
    10_000,
    100_000,
    1_000_000,
    5_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
    500_000_000,
    1_000_000_000,
    10_000_000_000,
    60_000_000_000,
];

/// How a thread was found that is blocked in a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// It waits for a CPU, or is on one.
    Runnable,
    /// It sleeps, and a signal would wake it.
    Interruptible,
    /// It sleeps, and nothing but what it waits for wakes it.
    Uninterruptible,
    /// It was not looked at before the call ended.
    Unknown,
}

impl State {
    /// From the letter of /proc/TID/stat.
    #[must_use]
    pub fn from_letter(letter: char) -> State {
        match letter {
            'R' => State::Runnable,
            'S' => State::Interruptible,
            'D' => State::Uninterruptible,
            _ => State::Unknown,
        }
    }

    fn label(self) -> &'static str {
        match self {
            State::Runnable => "RUNNABLE",
            State::Interruptible => "INTERRUPTIBLE",
            State::Uninterruptible => "UNINTERRUPTIBLE",
            State::Unknown => "UNKNOWN",
        }
    }
}

/// What is asked about live processes while events are counted.
pub trait Lookup {
    /// The command name of a process.
    fn comm(&mut self, pid: Pid) -> Option<String>;
    /// How the thread of a call stands that is still in it.
    fn state(&mut self, call: &SyscallEvent) -> State;
}

/// The durations of calls of one kind.
#[derive(Clone, Debug, Default)]
struct Durations {
    calls: u64,
    sum_ns: u64,
    /// One more than bounds: those beyond all.
    buckets: [u64; BUCKETS.len() + 1],
}

/// A call that may be told of again.
#[derive(Clone, Debug)]
struct Open {
    kind: Kind,
    /// A signal has interrupted it: it goes on, unless nothing more is heard of it.
    interrupted: bool,
    /// How much of its time is counted.
    counted_ns: u64,
    findings: Vec<FindingId>,
}

/// Call and wait class.
type Kind = (&'static str, &'static str);

/// A process as labels have it; `None`: the further ones together.
type Process = Option<(Pid, Arc<str>)>;

/// All numbers, as they are now.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    processes: BTreeMap<Pid, Arc<str>>,
    blocked_ns: BTreeMap<(&'static str, Process), u64>,
    states: BTreeMap<(&'static str, State), u64>,
    durations: BTreeMap<Kind, Durations>,
    parked_ns: BTreeMap<&'static str, u64>,
    findings: BTreeMap<FindingId, u64>,
    open: Told<Open>,
    /// Whether calls are told before they end.
    tells_open: bool,
    events: u64,
}

impl Meters {
    /// The processes that have series of their own.
    #[must_use]
    pub fn processes(&self) -> Vec<(Pid, Arc<str>)> {
        let all = self.processes.iter();
        all.map(|(pid, comm)| (*pid, Arc::clone(comm))).collect()
    }

    fn process(&mut self, pid: Pid, lookup: &mut dyn Lookup) -> Process {
        if let Some(comm) = self.processes.get(&pid) {
            return Some((pid, Arc::clone(comm)));
        }
        if self.processes.len() >= MAX_PROCESSES {
            self.forget_ended(lookup);
        }
        if self.processes.len() >= MAX_PROCESSES {
            return None;
        }
        let comm: Arc<str> = lookup.comm(pid).unwrap_or_default().into();
        self.processes.insert(pid, Arc::clone(&comm));
        Some((pid, comm))
    }

    /// Adds the series of processes that are no more to those of `other`.
    fn forget_ended(&mut self, lookup: &mut dyn Lookup) {
        self.processes.retain(|pid, _| lookup.comm(*pid).is_some());
        let blocked_ns = std::mem::take(&mut self.blocked_ns);
        for ((call, process), ns) in blocked_ns {
            let process = process.filter(|(pid, _)| self.processes.contains_key(pid));
            let sum = self.blocked_ns.entry((call, process)).or_default();
            *sum = sum.saturating_add(ns);
        }
    }

    fn call(&mut self, e: &SyscallEvent, lookup: &mut dyn Lookup) {
        let before = match self.open.take(e) {
            Before::Same(open) => Some(open),
            Before::Other(open) => {
                self.not_heard_of_again(open);
                None
            }
            Before::None => None,
        };
        let is_new = before.is_none();
        let class = e.go.class.get();
        let parked = class.is_some_and(|c| c.parked);
        let class = class.map_or("unknown", |c| c.id);
        let name = syscall::name(e.call.abi, e.call.nr).unwrap_or("unknown");
        let ns = u64::try_from(e.duration().as_nanos()).unwrap_or(u64::MAX);
        let (counted_ns, mut findings) =
            before.map_or((0, Vec::new()), |o| (o.counted_ns, o.findings));
        let more = ns.saturating_sub(counted_ns);
        for id in e.findings.iter().map(crate::finding::Shown::id) {
            if !findings.contains(&id) {
                findings.push(id);
                *self.findings.entry(id).or_default() += 1;
            }
        }
        let blocked = e.outcome == Outcome::Blocked;
        self.tells_open |= blocked;
        let sum = if parked {
            self.parked_ns.entry(class).or_default()
        } else {
            if is_new {
                let state = if blocked {
                    lookup.state(e)
                } else {
                    State::Unknown
                };
                *self.states.entry((name, state)).or_default() += 1;
            }
            let process = self.process(e.pid, lookup);
            self.blocked_ns.entry((name, process)).or_default()
        };
        *sum = sum.saturating_add(more);
        let kind = (name, class);
        if may_be_told_again(e.outcome) {
            let open = Open {
                kind,
                interrupted: !blocked,
                counted_ns: counted_ns.max(ns),
                findings,
            };
            return self.open.keep(e, open);
        }
        self.ended(kind, ns);
    }

    /// Of a call that was interrupted nothing more was told: it had ended with that. How long one
    /// took that was blocked is not known.
    fn not_heard_of_again(&mut self, open: Open) {
        if open.interrupted {
            self.ended(open.kind, open.counted_ns);
        }
    }

    fn ended(&mut self, kind: Kind, ns: u64) {
        let durations = self.durations.entry(kind).or_default();
        durations.calls += 1;
        durations.sum_ns = durations.sum_ns.saturating_add(ns);
        let bucket = BUCKETS.partition_point(|bound| *bound < ns);
        if let Some(count) = durations.buckets.get_mut(bucket) {
            *count += 1;
        }
    }
}

/// The numbers, shared with those who render them.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Mutex<Meters>>);

impl Shared {
    /// A copy: what is done with it holds nobody up.
    #[must_use]
    pub fn snapshot(&self) -> Meters {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Meters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Told whether the output still works, and that all has been counted.
pub trait Outlet {
    /// The error that ended it, if one has.
    ///
    /// # Errors
    /// That one.
    fn check(&mut self) -> io::Result<()>;
    /// Everything is counted.
    ///
    /// # Errors
    /// What the last write said.
    fn finish(&mut self) -> io::Result<()>;
}

/// Counts.
pub struct MetricsSink<L, O> {
    shared: Shared,
    lookup: L,
    outlet: O,
}

impl<L: Lookup, O: Outlet> MetricsSink<L, O> {
    /// Counts into `shared`.
    pub fn new(shared: Shared, lookup: L, outlet: O, slow: bool) -> MetricsSink<L, O> {
        shared.lock().tells_open = slow;
        MetricsSink {
            shared,
            lookup,
            outlet,
        }
    }
}

impl<L: Lookup, O: Outlet> Sink for MetricsSink<L, O> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let mut meters = self.shared.lock();
        meters.events += 1;
        match event {
            Event::Begun(begun) => {
                for process in &begun.processes {
                    meters.process(process.pid, &mut self.lookup);
                }
            }
            Event::Syscall(e) => meters.call(e, &mut self.lookup),
            Event::Exit(e) => {
                let open = meters.open.thread_ended(e.tid);
                open.into_iter()
                    .for_each(|open| meters.not_heard_of_again(open));
            }
            Event::Finding(f) => *meters.findings.entry(f.id).or_default() += 1,
            Event::FoundAgain(f) => *meters.findings.entry(f.id).or_default() += 1,
            Event::Note(_) | Event::Entered(_) | Event::Signal(_) | Event::Task(_) => {}
        }
        Ok(())
    }

    fn wants_hidden(&self) -> bool {
        true
    }

    fn hidden(&mut self, call: &SyscallEvent, why: Hidden) -> io::Result<()> {
        if why == Hidden::Parked {
            self.shared.lock().call(call, &mut self.lookup);
        }
        Ok(())
    }

    fn tick(&mut self, _: Timestamp) -> io::Result<()> {
        self.outlet.check()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.outlet.finish()
    }
}
