//! One thread that is looked at, and what has been read of the call that it is in.

use super::View;
use crate::event::{Outcome, Seen, Start};
use crate::ids::{Pid, Tid};
use crate::sample::{Ended, Looked, Stay, Watch};
use crate::session::capture::{Captured, CapturedCall, GoPart};
use crate::session::restart::real_call;
use crate::session::slow::Due;
use crate::sys::clock;
use crate::sys::looks::ThreadFiles;
use crate::tracee::InCall;
use std::io;
use std::time::Duration;

/// Said in the place of a stack.
const TOO_SHORT: &str = "the call ended before its stack could be read";

/// A thread.
pub(super) struct Watched {
    pub(super) pid: Pid,
    pub(super) tid: Tid,
    /// It has turned out to be gone.
    pub(super) dead: bool,
    /// When the last look at it began.
    looked_ns: Option<u64>,
    /// From then to the end of this one: what came and went within it was not seen.
    pub(super) gap_ns: u64,
    files: ThreadFiles,
    watch: Watch,
    current: Option<Current>,
}

/// The call that it is in, if it is one of those that are asked for.
struct Current {
    call: InCall,
    /// What was read of it while it was provably blocked.
    held: Option<Box<CapturedCall>>,
    /// When it is to be reported as blocked.
    due: Option<Due>,
}

impl Watched {
    pub(super) fn new(pid: Pid, tid: Tid, files: ThreadFiles, not_before: Option<u64>) -> Watched {
        Watched {
            pid,
            tid,
            dead: false,
            looked_ns: not_before,
            gap_ns: 0,
            files,
            watch: Watch::new(not_before),
            current: None,
        }
    }

    pub(super) fn stay(&self) -> Option<Stay> {
        self.watch.stay().copied()
    }

    /// Looks at it once.
    pub(super) fn look(&mut self, view: &View<'_>, out: &mut Vec<Captured>) -> io::Result<Looked> {
        let now = clock::mono_ns();
        let looked = self.watch.look(&mut self.files)?;
        let before = self.looked_ns.replace(now);
        self.gap_ns = before.map_or(0, |before| clock::mono_ns().saturating_sub(before));
        if let Some(ended) = looked.ended {
            self.report_end(&ended, view, out);
        }
        let Some(stay) = self.stay() else {
            return Ok(looked);
        };
        if looked.began {
            self.current = self.enter(&stay, view);
        }
        if self.current.is_some() {
            if view.will_report(&stay) {
                self.read(view);
            }
            self.report_if_due(&stay, view, out);
        }
        Ok(looked)
    }

    /// For how long nobody has looked at it, nanoseconds.
    pub(super) fn unseen_ns(&self, now: u64) -> u64 {
        self.looked_ns.map_or(0, |at| now.saturating_sub(at))
    }

    /// It is gone: it has left its call before, or in the middle of it.
    pub(super) fn end(&mut self, now: u64, view: &View<'_>, out: &mut Vec<Captured>) {
        if let Some(ended) = self.watch.end(now) {
            self.report_end(&ended, view, out);
        }
    }

    /// It goes on without us.
    pub(super) fn let_go(&mut self, view: &View<'_>, out: &mut Vec<Captured>) {
        let Some(stay) = self.stay().filter(|stay| view.is_long(stay)) else {
            return;
        };
        if self.current.is_some() {
            self.read(view);
            out.extend(self.report_blocked(&stay, Outcome::Detached, view));
        }
        self.current = None;
    }

    /// A call has been seen for the first time.
    fn enter(&self, stay: &Stay, view: &View<'_>) -> Option<Current> {
        let spot = stay.spot;
        let call = real_call(self.tid, spot.call, spot.pc);
        if !view.config.select.syscalls.contains(call.abi, call.nr) {
            return None;
        }
        let start = match stay.start() {
            Some((at, _)) => Start::Seen(view.time(at)),
            None => Start::BeforeAttach(view.time(stay.first)),
        };
        let surely = Start::Seen(view.time(stay.first));
        Some(Current {
            call: InCall::at_attach(call, start, spot.pc, spot.sp),
            held: None,
            due: view.config.select.slow.map(|slow| Due::first(surely, slow)),
        })
    }

    /// Reads arguments and stack, unless that has been done. They count if the thread is still
    /// in the call afterwards, and has the same memory; else the next look tries again.
    fn read(&mut self, view: &View<'_>) {
        let Some(current) = self.current.as_mut().filter(|c| c.held.is_none()) else {
            return;
        };
        let Some(process) = view.processes.get(self.pid) else {
            return;
        };
        let call = &current.call;
        let read = view
            .capture
            .blocked(self.tid, process, call, None, &mut None, Outcome::Blocked);
        let program = view.programs.get(&self.pid);
        if let Some(Captured::Call(read)) = read
            && self.watch.holds(&mut self.files)
            && program.is_some_and(|program| program.runs())
        {
            current.held = Some(read);
        }
    }

    fn report_if_due(&mut self, stay: &Stay, view: &View<'_>, out: &mut Vec<Captured>) {
        let due = self.current.as_ref().and_then(|c| c.due);
        let Some(due) = due.filter(|due| due.at_ns() <= stay.last) else {
            return;
        };
        if let Some(report) = self.report_blocked(stay, Outcome::Blocked, view) {
            out.push(report);
            if let Some(current) = &mut self.current {
                current.due = Some(due.after(stay.last));
            }
        }
    }

    /// Tells of a call that goes on; `None` if it could not be read yet.
    fn report_blocked(
        &mut self,
        stay: &Stay,
        outcome: Outcome,
        view: &View<'_>,
    ) -> Option<Captured> {
        let held = self.current.as_mut()?.held.as_mut()?;
        let mut event = held.event.clone();
        event.end = view.time(stay.last);
        event.outcome = outcome;
        event.seen = sampled(stay.start().map_or(0, |(_, error)| error));
        let go = match held.go {
            GoPart::None => GoPart::None,
            // The writer keeps it.
            _ => std::mem::replace(&mut held.go, GoPart::Known),
        };
        Some(Captured::Call(Box::new(CapturedCall {
            entered: false,
            event,
            go,
            process: held.process.clone(),
        })))
    }

    fn report_end(&mut self, ended: &Ended, view: &View<'_>, out: &mut Vec<Captured>) {
        let Some(current) = self.current.take() else {
            return;
        };
        if !view.reports(ended) {
            return;
        }
        let call = match current.held {
            Some(held) => held,
            None => {
                let Some(process) = view.processes.get(self.pid) else {
                    return;
                };
                let call = &current.call;
                match view.capture.missed(self.tid, process, call, TOO_SHORT) {
                    Captured::Call(call) => call,
                    _ => return,
                }
            }
        };
        let mut call = call;
        let (end, late) = ended.end();
        let event = &mut call.event;
        event.outcome = Outcome::Ended;
        (event.end, event.seen) = match ended.stay.start() {
            Some((_, early)) => (view.time(end), sampled(early + late)),
            // At least so long: the rest is open anyway.
            None => (view.time(ended.stay.last), sampled(0)),
        };
        out.push(Captured::Call(call));
    }
}

fn sampled(error_ns: u64) -> Seen {
    Seen::Sampled {
        error: Duration::from_nanos(error_ns),
    }
}
