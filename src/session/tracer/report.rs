//! What is told of a stop: reading what must be read while the thread is held, and no more.

use super::Tracer;
use super::threads::Tracee;
use crate::event::{Event, ExitEvent, ExitKind, Outcome, SignalEvent, Timestamp};
use crate::ids::{Errno, Pid, Signal, Tid};
use crate::session::capture::Captured;
use crate::session::native::may_map_code;
use crate::session::restart::real_call;
use crate::session::slow::Due;
use crate::stop::Stop;
use crate::sys::{clock, ptrace};
use crate::tracee::{Happening, InCall, State, is_execve, will_restart};
use std::sync::Arc;

/// Threads that are reported at our own end between two looks at what has stopped.
const REPORTS_BETWEEN_STOPS: usize = 8;

impl Tracer {
    pub(super) fn on_happening(
        &mut self,
        tid: Tid,
        tracee: &mut Tracee,
        happening: Happening,
        stop: Stop,
        now: Timestamp,
    ) -> Option<Captured> {
        match happening {
            // The end of a call that we know nothing about.
            Happening::Nothing if stop == Stop::Syscall => {
                self.team.changes.add();
                None
            }
            Happening::Nothing | Happening::NewTask(_) | Happening::Exec => None,
            Happening::Entered(call) => {
                let call = call.known_as(real_call(tid, call.call, call.pc));
                tracee.state = State::InCall(call);
                self.on_entry(tid, tracee, &call);
                None
            }
            Happening::Left(call, outcome) => self.on_exit(tid, tracee, &call, outcome, now),
            Happening::Signal(signal) => self.on_signal(tid, tracee.pid, signal, now),
            Happening::Ended(call) => {
                let gone =
                    call.and_then(|call| self.on_exit(tid, tracee, &call, Outcome::Gone, now));
                self.emit(gone);
                self.on_end(tid, tracee.pid, stop, now)
            }
        }
    }

    fn on_entry(&mut self, tid: Tid, tracee: &mut Tracee, call: &InCall) {
        tracee.entry = None;
        tracee.regs = None;
        tracee.due = None;
        self.team.changes.add_if_made_by(&call.call);
        if self.hidden && is_execve(&call.call) {
            self.hidden = false;
        }
        if !self.selects(&call.call) {
            return;
        }
        match self.config.select.slow {
            None => tracee.entry = Some(self.capture.entry(tid, &call.call)),
            Some(slow) => {
                // Few calls turn out slow: only what the kernel will overwrite is read now.
                if self.capture.must_read_at_entry(&call.call) {
                    tracee.entry = Some(self.capture.entry(tid, &call.call));
                }
                tracee.regs = self.capture.registers(tid, &tracee.process);
                let due = Due::first(call.since, slow);
                tracee.due = Some(due);
                self.alarm_by(due.at_ns());
            }
        }
        // What was read took its time, which is not the call's.
        if (tracee.entry.is_some() || tracee.regs.is_some())
            && let State::InCall(entered) = &mut tracee.state
        {
            entered.begin_at(clock::now());
        }
    }

    fn on_exit(
        &mut self,
        tid: Tid,
        tracee: &mut Tracee,
        call: &InCall,
        outcome: Outcome,
        end: Timestamp,
    ) -> Option<Captured> {
        let entry = tracee.entry.take();
        tracee.due = None;
        self.team.changes.add_if_made_by(&call.call);
        if may_map_code(&call.call) {
            tracee.process.observe(&call.call);
        }
        if self.execs && is_execve(&call.call) {
            self.on_first_exec(outcome);
        }
        if !self.selects(&call.call) {
            return None;
        }
        let lasted = end.since(call.since.known());
        if self.config.select.slow.is_some_and(|slow| lasted < slow) {
            return None;
        }
        self.capture
            .finished(tid, &tracee.process, call, entry, outcome, end)
    }

    /// The execve of the command that we started; there is no other before it.
    fn on_first_exec(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Failed(errno) if will_restart(errno) => {}
            Outcome::Failed(errno) => {
                self.execs = false;
                self.exec_failure = Some(Errno(errno.0));
            }
            _ => self.execs = false,
        }
    }

    fn on_signal(&self, tid: Tid, pid: Pid, signal: Signal, at: Timestamp) -> Option<Captured> {
        let select = &self.config.select;
        if self.hidden || select.slow.is_some() || !select.signals.contains(signal) {
            return None;
        }
        Some(Captured::Event(Event::Signal(SignalEvent {
            pid,
            tid,
            at,
            signal,
            info: ptrace::signal_info(tid).ok(),
        })))
    }

    fn on_end(&mut self, tid: Tid, pid: Pid, stop: Stop, at: Timestamp) -> Option<Captured> {
        let how = match stop {
            Stop::Exited(status) => ExitKind::Status(status),
            Stop::Killed(signal, core) => ExitKind::Killed(signal, core),
            _ => return None,
        };
        if self.command == Some(Pid::from(tid)) {
            self.command_end = Some(how);
        }
        let quiet = self.config.quiet.exit || self.config.select.slow.is_some();
        (!quiet).then_some(Captured::Event(Event::Exit(ExitEvent {
            pid,
            tid,
            at,
            how,
        })))
    }

    /// Reports the calls that have been blocked for long enough by now. Their threads cannot
    /// leave them unseen meanwhile: at the exit they stop and wait for this very thread.
    pub(super) fn report_due(&mut self, now: u64) {
        let due: Vec<Tid> = self
            .tracees
            .iter()
            .filter(|(_, t)| t.due.is_some_and(|d| d.at_ns() <= now))
            .map(|(&tid, _)| tid)
            .collect();
        for tid in due {
            let Some(tracee) = self.tracees.get_mut(&tid) else {
                continue;
            };
            if tracee.process.is_superseded() {
                // A leader whose place a thread of another engine has taken: the kernel lets
                // it go without a word.
                self.tracees.remove(&tid);
                continue;
            }
            tracee.due = tracee.due.map(|d| d.after(now));
            let Some(call) = tracee.call() else {
                continue;
            };
            self.report_going_on(tid, &call, Outcome::Blocked);
        }
    }

    /// Tells of a call that goes on, still watched or not.
    fn report_going_on(&mut self, tid: Tid, call: &InCall, outcome: Outcome) {
        let Some(tracee) = self.tracees.get_mut(&tid) else {
            return;
        };
        let process = &tracee.process;
        let (regs, entry) = (tracee.regs, &mut tracee.entry);
        let event = self
            .capture
            .blocked(tid, process, call, regs, entry, outcome);
        self.emit(event);
    }

    /// At our own end: the calls that go on without us. Threads that stop meanwhile are not
    /// kept waiting.
    pub(super) fn report_in_flight(&mut self) {
        let now = clock::now();
        let tids: Vec<Tid> = self.tracees.keys().copied().collect();
        let config = Arc::clone(&self.config);
        let select = &config.select;
        self.tracees.retain(|_, t| !t.process.is_superseded());
        for (i, tid) in tids.into_iter().enumerate() {
            if i % REPORTS_BETWEEN_STOPS == 0 {
                self.drain();
            }
            let Some(tracee) = self.tracees.get_mut(&tid) else {
                continue;
            };
            let Some(call) = tracee.call_if(|c| select.syscalls.contains(c.abi, c.nr)) else {
                continue;
            };
            let lasted = now.since(call.since.known());
            if select.slow.is_some_and(|slow| lasted < slow) {
                continue;
            }
            // Its end, should it come now, is not told.
            tracee.state = State::NEW;
            tracee.at_attach = None;
            self.report_going_on(tid, &call, Outcome::Detached);
        }
    }
}
