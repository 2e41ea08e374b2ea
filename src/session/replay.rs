//! A recording told to outputs again: what the writer of a live session does, without a process.

use super::outputs::Outputs;
use super::select;
use crate::cli::Replay;
use crate::diagnose::{Call, Place, Places, call_of, program_function};
use crate::event::{Event, Hidden, Known, Outcome, SyscallEvent, Timestamp};
use crate::finding::{FindingId, Shown};
use crate::ids::{Pid, Tid};
use crate::record::Item;
use crate::sink::{Summary, may_be_told_again};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

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
    /// What the events that were told show to be wrong.
    places: Places,
    /// What the run itself counted.
    recorded: Option<Vec<(Place, u64)>>,
    /// Some that the run told were not, so its own count is not theirs.
    partial: bool,
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
            places: Places::default(),
            recorded: None,
            partial: false,
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
            Item::Hidden(call, _) => {
                self.call(*call)?;
            }
            Item::Event(event) => {
                let told = self.event(event)?;
                self.partial |= !told;
            }
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
        let recorded = self.recorded.filter(|_| !self.partial);
        self.summary.findings = recorded.unwrap_or_else(|| self.places.seen().to_vec());
        self.summary
    }

    fn sum_up(&mut self, recorded: Summary) {
        let mut hidden = recorded.hidden;
        hidden.retain(|(reason, _)| **reason != *select::NO_FINDING);
        self.recorded = Some(recorded.findings);
        self.summary = Summary {
            hidden,
            lost: recorded.lost,
            sampled: recorded.sampled,
            exact: recorded.exact,
            ..std::mem::take(&mut self.summary)
        };
    }

    fn wants_process(&self, pid: Pid) -> bool {
        self.replay.pids.is_empty() || self.replay.pids.contains(&pid)
    }

    /// Whether it was told.
    fn event(&mut self, event: Event) -> io::Result<bool> {
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
            return Ok(false);
        }
        match &event {
            Event::Finding(f) => self.count(f.id, f.pid, f.func.clone(), None),
            Event::FoundAgain(f) => self.count(f.id, f.pid, f.func.clone(), None),
            _ => {}
        }
        self.events += u64::from(select::counts(&event));
        self.outputs.event(&event)?;
        Ok(true)
    }

    fn count(&mut self, id: FindingId, pid: Pid, func: Option<Arc<str>>, call: Option<Call>) {
        self.places.count(Place { id, pid, func }, call);
    }

    fn syscall_event(&mut self, event: Event) -> io::Result<bool> {
        match event {
            Event::Syscall(call) => self.call(*call),
            _ => Ok(false),
        }
    }

    /// Whether it was told.
    fn call(&mut self, mut call: SyscallEvent) -> io::Result<bool> {
        let select = &self.replay.config.select;
        let slow = select.slow.filter(|_| self.replay.slow);
        if !self.wants_process(call.pid)
            || !select.syscalls.contains(call.call.abi, call.call.nr)
            || !select.statuses.contains(call.outcome)
            || slow.is_some_and(|slow| call.duration() < slow)
        {
            return Ok(false);
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
            self.outputs.hidden(&call, why)?;
            return Ok(false);
        }
        let choice = &self.replay.config.findings;
        let all = call.findings.len();
        call.findings
            .retain(|shown: &Shown| choice.wants(shown.id()));
        self.partial |= call.findings.len() < all;
        if !choice.only.is_empty() && call.findings.is_empty() && !shown {
            self.unfound += u64::from(ended);
            self.outputs.hidden(&call, Hidden::NoFinding)?;
            return Ok(false);
        }
        if let Some((_, shown)) = self.blocked.get_mut(&call.tid) {
            *shown = true;
        }
        self.summary.shown += u64::from(!shown);
        self.events += 1;
        self.calls += 1;
        for shown in &call.findings {
            let func = match shown {
                Shown::First(finding) => finding.func.clone(),
                Shown::Again(_) => {
                    let stack = call.go.stack.get();
                    stack.and_then(|stack| program_function(&stack.frames))
                }
            };
            self.count(shown.id(), call.pid, func, Some(call_of(&call)));
        }
        self.outputs.event(&Event::Syscall(Box::new(call)))?;
        Ok(true)
    }
}
