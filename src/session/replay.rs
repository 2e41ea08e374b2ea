//! A recording told to outputs again: what the writer of a live session does, without a process.

use super::outputs::Outputs;
use super::select;
use crate::cli::Replay;
use crate::event::{Event, Hidden, Known, Outcome, SyscallEvent, Timestamp};
use crate::finding::Shown;
use crate::ids::{Pid, Tid};
use crate::record::Item;
use crate::sink::{Summary, may_be_told_again};
use std::collections::HashMap;
use std::io;

/// Whether more is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// Go on.
    More,
    /// As many events were told as were asked for.
    Enough,
}

/// Tells a recording to outputs.
pub struct Replayer<'a> {
    replay: &'a Replay,
    outputs: &'a mut Outputs,
    /// The calls that may be told of again: when they began, and whether they were shown.
    blocked: HashMap<Tid, (Timestamp, bool)>,
    summary: Summary,
    unfound: u64,
    events: u64,
    calls: u64,
    omitted: u64,
}

impl<'a> Replayer<'a> {
    /// A teller of what `replay` wants.
    pub fn new(replay: &'a Replay, outputs: &'a mut Outputs) -> Replayer<'a> {
        Replayer {
            summary: Summary {
                slow: replay.config.select.slow.is_some(),
                ..Summary::default()
            },
            replay,
            outputs,
            blocked: HashMap::new(),
            unfound: 0,
            events: 0,
            calls: 0,
            omitted: 0,
        }
    }

    /// Tells one item.
    ///
    /// # Errors
    /// The main output cannot be written.
    pub fn item(&mut self, item: Item) -> io::Result<Flow> {
        match item {
            Item::Header(_) => {}
            Item::Omitted => self.omitted += 1,
            Item::Hidden(call, _) => self.call(*call)?,
            Item::Event(event) => self.event(event)?,
            Item::End(summary) => self.sum_up(*summary),
            Item::Tick(now) => self.outputs.tick(now)?,
        }
        let limits = self.replay.config.limits;
        let reached = |max: Option<u64>, n| max.is_some_and(|max| n >= max);
        let enough =
            reached(limits.max_events, self.events) || reached(limits.max_calls, self.calls);
        Ok(if enough { Flow::Enough } else { Flow::More })
    }

    /// What was told, with what was counted.
    #[must_use]
    pub fn summary(mut self) -> Summary {
        self.summary
            .hidden
            .push((select::NO_FINDING.into(), self.unfound));
        self.summary.lost = self.summary.lost.saturating_add(self.omitted);
        self.summary
    }

    fn sum_up(&mut self, recorded: Summary) {
        let mut hidden = recorded.hidden;
        hidden.retain(|(reason, _)| **reason != *select::NO_FINDING);
        let choice = &self.replay.config.findings;
        let mut findings = recorded.findings;
        findings.retain(|(place, _)| choice.wants(place.id) && self.wants_process(place.pid));
        self.summary = Summary {
            hidden,
            findings,
            lost: recorded.lost,
            sampled: recorded.sampled,
            exact: recorded.exact,
            ..std::mem::take(&mut self.summary)
        };
    }

    fn wants_process(&self, pid: Pid) -> bool {
        self.replay.pids.is_empty() || self.replay.pids.contains(&pid)
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        let config = &self.replay.config;
        let (pid, wanted) = match &event {
            Event::Syscall(_) => return self.syscall_event(event),
            Event::Entered(e) => {
                let wanted =
                    !self.replay.whole && config.select.syscalls.contains(e.call.abi, e.call.nr);
                (Some(e.pid), wanted)
            }
            Event::Signal(e) => (Some(e.pid), config.select.signals.contains(e.signal)),
            Event::Exit(e) => (Some(e.pid), true),
            Event::Task(e) => (Some(e.pid), true),
            Event::Finding(f) => (Some(f.pid), config.findings.wants(f.id)),
            Event::FoundAgain(f) => (Some(f.pid), config.findings.wants(f.id)),
            Event::Begun(_) | Event::Note(_) => (None, true),
        };
        if !wanted || !pid.is_none_or(|pid| self.wants_process(pid)) {
            return Ok(());
        }
        self.events += u64::from(select::counts(&event));
        self.outputs.event(&event)
    }

    fn syscall_event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Syscall(call) => self.call(*call),
            _ => Ok(()),
        }
    }

    fn call(&mut self, mut call: SyscallEvent) -> io::Result<()> {
        let select = &self.replay.config.select;
        let slow = select.slow.filter(|_| self.replay.slow);
        if !self.wants_process(call.pid)
            || !select.syscalls.contains(call.call.abi, call.call.nr)
            || !select.statuses.contains(call.outcome)
            || slow.is_some_and(|slow| call.duration() < slow)
        {
            return Ok(());
        }
        let start = call.start.known();
        let before = self.blocked.remove(&call.tid);
        let before = before.filter(|(began, _)| *began == start);
        let shown = before.is_some_and(|(_, shown)| shown);
        let ended = call.outcome != Outcome::Blocked;
        if may_be_told_again(call.outcome) {
            self.blocked.insert(call.tid, (start, shown));
        }
        let hidden = select::hidden(select, &call);
        if let Some(why) = hidden.filter(|_| !shown) {
            let is_new = before.is_none();
            if let (Hidden::Parked, Known::Is(class), true) = (why, &call.go.class, is_new) {
                self.summary.hide_parked(class.id);
            }
            return self.outputs.hidden(&call, why);
        }
        let choice = &self.replay.config.findings;
        call.findings
            .retain(|shown: &Shown| choice.wants(shown.id()));
        if !choice.only.is_empty() && call.findings.is_empty() && !shown {
            self.unfound += u64::from(ended);
            return self.outputs.hidden(&call, Hidden::NoFinding);
        }
        if let Some((_, shown)) = self.blocked.get_mut(&call.tid) {
            *shown = true;
        }
        self.summary.shown += u64::from(!shown);
        self.events += 1;
        self.calls += 1;
        self.outputs.event(&Event::Syscall(Box::new(call)))
    }
}
