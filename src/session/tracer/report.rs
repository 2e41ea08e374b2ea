//! What is told of a stop: reading what must be read while the thread is held, and no more.

use super::Tracer;
use super::threads::Tracee;
use crate::event::{Event, ExitEvent, ExitKind, Outcome, SignalEvent, Timestamp};
use crate::ids::{Addr, Errno, Pid, Signal, Tid};
use crate::session::capture::Captured;
use crate::session::native::may_map_code;
use crate::session::restart::real_call;
use crate::session::slow::Due;
use crate::stop::Stop;
use crate::sys::{clock, ptrace};
use crate::tracee::{Happening, InCall, State, is_execve, names_itself, will_restart};
use std::sync::Arc;

/// Threads that are reported at our own end between two looks at what has stopped.
const REPORTS_BETWEEN_STOPS: usize = 8;

/// How often the tally of short calls is handed on.
const TALLY_NS: u64 = 250_000_000;

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
            Happening::Nothing => {
                if stop == Stop::Syscall {
                    // The end of a call that we know nothing about.
                    self.team.changes.add();
                }
                self.on_group_stop(tid, tracee.pid, stop, now)
            }
            Happening::NewTask(_) | Happening::Exec => None,
            Happening::Entered(call) if self.is_strace() => {
                let call = call.known_as(call.entered);
                tracee.state = State::InCall(call);
                self.on_entry(tid, tracee, &call);
                self.entered(tid, tracee)
            }
            Happening::Entered(call) => {
                let call = call.known_as(real_call(tid, call.call, call.pc));
                tracee.state = State::InCall(call);
                self.on_sequel(tracee, &call);
                self.on_entry(tid, tracee, &call);
                None
            }
            Happening::Left(call, outcome) => {
                if names_itself(&call.call) {
                    self.announce_name(tid, tracee.pid);
                }
                self.on_exit(tid, tracee, &call, outcome, now)
            }
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
            None => tracee.entry = Some(self.capture.entry(tid, &call.call, call.sp)),
            Some(slow) => {
                // Few calls turn out slow: only what the kernel will overwrite is read now.
                if self.capture.must_read_at_entry(&call.call) {
                    tracee.entry = Some(self.capture.entry(tid, &call.call, call.sp));
                }
                tracee.regs = self.capture.registers(tid, &tracee.process);
                let due = Due::first(call.since, slow);
                tracee.due = Some(due);
                self.alarm_by(due.at_ns());
            }
        }
        self.drop_unwanted(tid, tracee);
        // What was read took its time, which is not the call's.
        if (tracee.entry.is_some() || tracee.regs.is_some())
            && let State::InCall(entered) = &mut tracee.state
        {
            entered.begin_at(clock::now());
        }
    }

    pub(super) fn on_exit(
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
        let unwanted = self.is_strace() && entry.is_none();
        if may_map_code(&call.call) {
            tracee.process.observe(&call.call);
        }
        if self.execs && is_execve(&call.call) {
            self.on_first_exec(outcome);
        }
        if !self.is_strace() {
            self.on_cut(tid, tracee, call, outcome, end);
        }
        let selected = self.selects(&call.call);
        let lasted = end.since(call.since.known());
        let is_short = self.config.select.slow.is_some_and(|slow| lasted < slow);
        if !self.is_strace() && (!selected || is_short) {
            self.on_opening(tid, tracee, call, outcome, end);
        }
        if unwanted || !selected {
            return None;
        }
        if is_short {
            return self.tally_short(tracee.pid, call, outcome, end);
        }
        let captured = self
            .capture
            .finished(tid, &tracee.process, call, entry, outcome, end)?;
        self.completed(tid, tracee, call, captured)
    }

    /// A call that is too short to be shown may tell something together with others.
    fn tally_short(
        &mut self,
        pid: Pid,
        call: &InCall,
        outcome: Outcome,
        now: Timestamp,
    ) -> Option<Captured> {
        self.tally.ended(pid, &call.call, outcome);
        let due = now.mono_ns.saturating_sub(self.tallied_ns) >= TALLY_NS;
        if !due || self.tally.is_empty() {
            return None;
        }
        self.tallied_ns = now.mono_ns;
        Some(Captured::Tally(std::mem::take(&mut self.tally)))
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

    fn on_signal(&mut self, tid: Tid, pid: Pid, signal: Signal, at: Timestamp) -> Option<Captured> {
        self.tally.signal(pid, signal);
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
            pc: self.pc(tid),
        })))
    }

    /// Where a stopped thread executes, if that is shown.
    fn pc(&self, tid: Tid) -> Option<Addr> {
        let shown = self.config.look.instruction_pointer;
        shown.then(|| ptrace::regs(tid).ok())?.map(|regs| regs.pc)
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
        // strace's lines depend on how many threads there are.
        let quiet =
            !self.is_strace() && (self.config.quiet.exit || self.config.select.slow.is_some());
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
        if self.is_strace() {
            return self.report_detached();
        }
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
