//! The other end of the tracer thread's queue: what it captured is symbolised, classified,
//! filtered, counted and written while the threads run on.

use super::capture::{Captured, CapturedCall, GoPart};
use super::diagnosis::Diagnoser;
use super::executable;
use super::guard::Progress;
use super::names::Names;
use super::outputs::Outputs;
use super::process::Process;
use super::{News, Tell, select};
use crate::cli::config::{Config, Format, Target};
use crate::diagnose::Aside;
use crate::error::Error;
use crate::event::{Begun, Event, GoContext, Hidden, Known, Note, Outcome, Timestamp, Traced};
use crate::ids::Tid;
use crate::sink::{Summary, may_be_told_again};
use crate::sys::signals::StopRequests;
use crate::sys::{clock, fds, procfs};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

/// How often to see, while there is nothing to write, whether the reader has gone.
const HANG_UP_LOOK: Duration = Duration::from_millis(250);

/// Finishes events and hands them to the outputs.
pub struct Writer<'a> {
    config: &'a Config,
    outputs: &'a mut Outputs,
    output: Option<i32>,
    names: Names,
    diagnoser: Diagnoser,
    summary: Summary,
    /// The calls that may be told of again, by thread.
    blocked: HashMap<Tid, Blocked>,
    events: u64,
    calls: u64,
    /// Calls of threads that ended before their stack was ever read.
    unseen_at_end: u64,
    /// Calls that showed none of the findings that alone were asked for.
    unfound: u64,
    /// Slow calls that count for `--fail-on-slow`.
    slow_calls: u64,
}

/// A call that may be told of again.
struct Blocked {
    start: Timestamp,
    go: GoContext,
    /// It was shown: its end will be, too, and it counts no more.
    shown: bool,
}

/// What was counted of a run besides what its summary says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Events that were written.
    pub events: u64,
    /// Slow calls that count for `--fail-on-slow`.
    pub slow_calls: u64,
}

impl<'a> Writer<'a> {
    /// A writer to these outputs, of which the trace's own ends in the descriptor `output`.
    pub fn new(config: &'a Config, outputs: &'a mut Outputs, output: Option<i32>) -> Writer<'a> {
        Writer {
            output,
            names: Names::new(config),
            diagnoser: Diagnoser::new(config),
            config,
            outputs,
            summary: Summary {
                slow: config.select.slow.is_some(),
                ..Summary::default()
            },
            blocked: HashMap::new(),
            events: 0,
            calls: 0,
            unseen_at_end: 0,
            unfound: 0,
            slow_calls: 0,
        }
    }

    /// Works until the tracer thread has ended, or there is nobody to write to; the outputs are
    /// still to be finished. `tell` is told what is not the trace. Returns also how many events
    /// there were. The error is what writing the
    /// trace said, a closed pipe included.
    pub fn run(
        mut self,
        queue: &Receiver<Vec<Captured>>,
        lost: &AtomicU64,
        requests: &StopRequests,
        progress: &Progress,
        tell: Tell<'_>,
    ) -> (Summary, Counted, io::Result<()>) {
        let result = self.take_all(queue, requests, progress, tell);
        let result = result.and_then(|()| {
            let last = self.diagnoser.look();
            self.tell(last)
        });
        self.sum_up(lost);
        let counted = Counted {
            events: self.events,
            slow_calls: self.slow_calls,
        };
        (self.summary, counted, result)
    }

    fn take_all(
        &mut self,
        queue: &Receiver<Vec<Captured>>,
        requests: &StopRequests,
        progress: &Progress,
        tell: Tell<'_>,
    ) -> io::Result<()> {
        while let Some(batch) = self.next(queue)? {
            self.look()?;
            for captured in batch {
                progress.step();
                match captured {
                    Captured::Begun { processes, refused } => {
                        self.begin(&processes, &refused, tell)?;
                    }
                    Captured::Tally(tally) => self.diagnoser.tally(&tally),
                    Captured::Note(note) => self.note(&note, tell)?,
                    Captured::Event(event) => self.write(&event)?,
                    Captured::Call(call) => self.call(*call)?,
                    Captured::Aside(aside, call) => self.aside(aside, *call)?,
                }
                for complaint in self.outputs.complaints() {
                    tell(News::Failure(&complaint));
                }
                let limits = self.config.limits;
                let reached = |max: Option<u64>, n| max.is_some_and(|max| n >= max);
                if reached(limits.max_events, self.events) || reached(limits.max_calls, self.calls)
                {
                    requests.end();
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn begin(
        &mut self,
        processes: &[(Arc<Process>, usize)],
        refused: &[Error],
        tell: Tell<'_>,
    ) -> io::Result<()> {
        self.diagnoser.begin(processes);
        for note in &self.config.notes {
            self.outputs.event(&as_note(note))?;
        }
        for error in refused {
            self.note(&error.to_string(), tell)?;
        }
        let begun = begun(self.config, processes);
        tell(News::Begun(&begun));
        self.outputs.event(&Event::Begun(Box::new(begun)))
    }

    fn note(&mut self, text: &str, tell: Tell<'_>) -> io::Result<()> {
        tell(News::Note(text));
        self.outputs.event(&as_note(text))
    }

    /// What comes next; `None` when the tracer thread has ended.
    fn next(&mut self, queue: &Receiver<Vec<Captured>>) -> io::Result<Option<Vec<Captured>>> {
        match queue.try_recv() {
            Ok(batch) => return Ok(Some(batch)),
            Err(TryRecvError::Disconnected) => return Ok(None),
            // Nothing to do: what is written should be seen.
            Err(TryRecvError::Empty) => self.flush()?,
        }
        loop {
            match queue.recv_timeout(HANG_UP_LOOK) {
                Ok(batch) => return Ok(Some(batch)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    self.look()?;
                    // The next event, which would tell by a failed write, may never come.
                    if self.output.is_some_and(fds::is_hung_up) {
                        return Err(io::ErrorKind::BrokenPipe.into());
                    }
                }
            }
        }
    }

    /// Looks at the processes themselves now and then, call or no call.
    fn look(&mut self) -> io::Result<()> {
        self.outputs.tick(clock::now())?;
        let found = self.diagnoser.tick();
        if found.is_empty() {
            return Ok(());
        }
        self.tell(found)?;
        self.flush()
    }

    /// Findings do not count as events.
    fn tell(&mut self, findings: Vec<Event>) -> io::Result<()> {
        let mut findings = findings.iter();
        findings.try_for_each(|event| self.outputs.event(event))
    }

    fn sum_up(&mut self, lost: &AtomicU64) {
        self.summary.findings = self.diagnoser.seen().to_vec();
        self.summary.hidden.push((
            "their threads ended before it could be read what they were doing".into(),
            self.unseen_at_end,
        ));
        self.summary
            .hidden
            .push((select::NO_FINDING.into(), self.unfound));
        self.summary.lost = lost.load(Ordering::Relaxed);
    }

    fn flush(&mut self) -> io::Result<()> {
        self.outputs.flush()
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        self.events += u64::from(select::counts(event));
        self.calls += u64::from(matches!(event, Event::Syscall(_)));
        if let Event::Exit(exit) = event {
            self.blocked.remove(&exit.tid);
        }
        self.outputs.event(event)
    }

    /// A call that is not shown, and judged all the same.
    fn aside(&mut self, aside: Aside, captured: CapturedCall) -> io::Result<()> {
        let CapturedCall { mut event, go, .. } = captured;
        if let GoPart::Read(snapshot) = &go {
            event.go = snapshot.resolve(event.tid, &event.call);
        }
        let found = self.diagnoser.aside(aside, &event);
        self.tell(found)
    }

    fn call(&mut self, captured: CapturedCall) -> io::Result<()> {
        let CapturedCall {
            mut event,
            go,
            process,
            entered,
        } = captured;
        self.diagnoser.watch(&process);
        if entered {
            self.names.fill(&mut event, &process);
            return self.write(&Event::Entered(Box::new(event)));
        }
        if !self.config.select.statuses.contains(event.outcome) {
            return Ok(());
        }
        let start = event.start.known();
        let before = self.blocked.remove(&event.tid);
        let before = before.filter(|b| b.start == start);
        event.go = match (&go, &before) {
            (GoPart::None, _) => GoContext::default(),
            // A call that was reported as blocked, and whose stack was read for that.
            (GoPart::Known, Some(before)) => before.go.clone(),
            (GoPart::Known, None) => unknown("it was not kept"),
            (GoPart::Missed(reason), _) => unknown(reason),
            (GoPart::Read(snapshot), _) if self.config.format == Format::Strace => {
                snapshot.resolve_as_strace(event.tid, &event.call)
            }
            (GoPart::Read(snapshot), _) => snapshot.resolve(event.tid, &event.call),
            // What it was doing is known from when it was found blocked.
            (GoPart::Gone, Some(before)) => before.go.clone(),
            (GoPart::Gone, None) if self.config.select.needs_go() => {
                self.unseen_at_end += 1;
                return Ok(());
            }
            (GoPart::Gone, None) => GoContext::default(),
        };
        let ended = event.outcome != Outcome::Blocked;
        let is_new = before.is_none();
        let shown = before.is_some_and(|before| before.shown);
        if may_be_told_again(event.outcome) {
            let go = event.go.clone();
            let blocked = Blocked { start, go, shown };
            self.blocked.insert(event.tid, blocked);
        }
        let hidden = select::hidden(&self.config.select, &event);
        if let Some(why) = hidden.filter(|_| !shown) {
            // However often it is told, it counts once.
            if let (Hidden::Parked, Known::Is(class), true) = (why, &event.go.class, is_new) {
                self.summary.hide_parked(class.id);
            }
            if !self.outputs.wants_hidden() {
                return Ok(());
            }
            self.names.fill(&mut event, &process);
            self.diagnoser.wait(&mut event);
            return self.outputs.hidden(&event, why);
        }
        self.names.fill(&mut event, &process);
        self.diagnoser.call(&mut event);
        let only = &self.config.findings.only;
        if !only.is_empty() && event.findings.is_empty() && !shown {
            self.unfound += u64::from(ended);
            return self.outputs.hidden(&event, Hidden::NoFinding);
        }
        if let Some(blocked) = self.blocked.get_mut(&event.tid) {
            blocked.shown = true;
        }
        self.summary.shown += u64::from(!shown);
        if !shown && self.fails_a_run(&event) {
            self.slow_calls += 1;
        }
        self.write(&Event::Syscall(Box::new(event)))
    }

    /// Whether a slow call counts for `--fail-on-slow`: not the runtime's parking, and no wait for a
    /// child whose own calls are seen.
    fn fails_a_run(&self, event: &crate::event::SyscallEvent) -> bool {
        let parked = event.go.class.get().is_some_and(|class| class.parked);
        let name = crate::syscall::name(event.call.abi, event.call.nr);
        let for_child = matches!(name, Some("wait4" | "waitid"));
        let followed = self.config.follow == crate::cli::config::Follow::Forks;
        self.summary.slow && !parked && !(for_child && followed)
    }
}

fn as_note(text: &str) -> Event {
    Event::Note(Note {
        at: clock::now(),
        text: text.into(),
    })
}

fn begun(config: &Config, processes: &[(Arc<Process>, usize)]) -> Begun {
    let traced = processes.iter().map(|(process, threads)| {
        let command = match &config.target {
            Target::Launch(words) => words.first().map(|w| w.to_string_lossy().into_owned()),
            Target::Attach(_) | Target::Both(..) => procfs::command_line(process.pid),
        };
        let go = process.known_go();
        Traced {
            pid: process.pid,
            command: command.map(Arc::from),
            is_go: go.is_ok(),
            go_version: match &go {
                Ok(image) => match image.version() {
                    Some(version) => Known::Is(version.into()),
                    None => Known::Unknown("its build data does not say".into()),
                },
                Err(reason) => Known::Unknown(Arc::clone(reason)),
            },
            without_goroutines: go
                .ok()
                .and_then(|image| image.without_runtime())
                .map(|reason| reason.to_string().into()),
            threads: *threads,
            executable: executable::of(process.pid),
        }
    });
    Begun {
        at: clock::now(),
        processes: traced.collect(),
        expression: config.select.expression.as_str().into(),
        slow: config.select.slow,
    }
}

fn unknown(reason: &str) -> GoContext {
    let reason: Arc<str> = reason.into();
    GoContext {
        goroutine: Known::Unknown(Arc::clone(&reason)),
        class: Known::Unknown(Arc::clone(&reason)),
        stack: Known::Unknown(reason),
    }
}
