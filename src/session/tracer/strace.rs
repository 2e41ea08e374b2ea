//! What strace's own lines and options need to be told besides: entries, births, detaches,
//! group-stops, what was asked for of a call.

use super::Tracer;
use super::threads::Tracee;
use crate::cli::config::{CountsTable, Format, Statuses};
use crate::event::{Event, Outcome, TaskChange, TaskEvent, Timestamp};
use crate::ids::{Pid, Tid};
use crate::session::capture::{Captured, CapturedCall};
use crate::session::wanted;
use crate::stop::Stop;
use crate::sys::{clock, procfs, ptrace};
use crate::tracee::{InCall, State};

impl Tracer {
    pub(super) fn is_strace(&self) -> bool {
        self.config.format == Format::Strace
    }

    /// Whether a table wants what the kernel worked for a call.
    fn counts_cpu_time(&self) -> bool {
        let counts = self.config.counts.as_ref();
        matches!(counts.map(|c| &c.table), Some(CountsTable::Strace(_)))
    }

    fn task(&self, tid: Tid, pid: Pid, at: Timestamp, what: TaskChange) -> Option<Captured> {
        self.is_strace()
            .then_some(Captured::Event(Event::Task(TaskEvent {
                pid,
                tid,
                at,
                what,
            })))
    }

    /// Says what has befallen a thread.
    pub(super) fn announce(&mut self, tid: Tid, what: TaskChange) {
        let Some(tracee) = self.tracees.get_mut(&tid) else {
            return;
        };
        tracee.announced = true;
        let pid = tracee.pid;
        let event = self.task(tid, pid, clock::now(), what);
        self.emit(event);
        self.announce_name(tid, pid);
    }

    /// Says what a thread is called, where that is shown.
    pub(super) fn announce_name(&mut self, tid: Tid, pid: Pid) {
        if self.is_strace()
            && self.config.look.commands
            && let Some(comm) = procfs::comm_bytes(tid)
        {
            let named = TaskChange::Named(comm.into());
            let event = self.task(tid, pid, clock::now(), named);
            self.emit(event);
        }
    }

    /// Says that a process has been attached to.
    pub(super) fn announce_attach(&mut self, pid: Pid) {
        let mut tids: Vec<Tid> = self
            .tracees
            .iter()
            .filter(|(_, tracee)| tracee.pid == pid)
            .map(|(&tid, _)| tid)
            .collect();
        tids.sort_by_key(|&tid| (Pid::from(tid) != pid, tid));
        let count = tids.len();
        for (i, tid) in tids.into_iter().enumerate() {
            self.announce(
                tid,
                match i {
                    0 => TaskChange::Attached(count),
                    _ => TaskChange::AttachedToo,
                },
            );
        }
    }

    /// Says that a thread is traced which another has made. Whether it is worth telling of at
    /// all: one that ended before it ever stopped is not.
    pub(super) fn announce_birth(&mut self, tid: Tid, tracee: &mut Tracee, stop: Stop) -> bool {
        if tracee.announced {
            return true;
        }
        if stop.is_end() {
            self.team.processes().remove_thread(tracee.pid, tid);
            return false;
        }
        tracee.announced = true;
        let event = self.task(tid, tracee.pid, clock::now(), TaskChange::Attached(1));
        self.emit(event);
        self.announce_name(tid, tracee.pid);
        true
    }

    pub(super) fn on_group_stop(
        &self,
        tid: Tid,
        pid: Pid,
        stop: Stop,
        at: Timestamp,
    ) -> Option<Captured> {
        let Stop::Group(signal) = stop else {
            return None;
        };
        let shown = !self.hidden && self.config.select.signals.contains(signal);
        self.task(tid, pid, at, TaskChange::Stopped(signal))
            .filter(|_| shown)
    }

    /// What was read at the entry of a call that has nothing to do with what was asked for.
    pub(super) fn drop_unwanted(&mut self, tid: Tid, tracee: &mut Tracee) {
        let objects = &self.config.select.objects;
        if let State::InCall(call) = &tracee.state
            && self.is_strace()
            && !objects.is_empty()
            && tracee.entry.is_some()
        {
            // What is not shown counts too.
            let all = self.capture.all().entry(tid, &call.call, call.sp);
            if !wanted::concerns(objects, &all.args, &all.names) {
                tracee.entry = None;
            }
        }
        if self.counts_cpu_time() {
            tracee.system_ns = procfs::system_time_ns(tid);
        }
    }

    /// A call that has just begun, for a line that begins with it. Where only calls that end in
    /// some way are shown, lines cannot begin before.
    pub(super) fn entered(&self, tid: Tid, tracee: &Tracee) -> Option<Captured> {
        let call = tracee.state.in_call()?;
        let Some(entry) = tracee.entry.as_ref() else {
            let at = call.start.known();
            let called = TaskChange::Called(call.call.nr);
            let shown = self.config.look.number && !self.hidden;
            return self.task(tid, tracee.pid, at, called).filter(|_| shown);
        };
        if self.config.select.statuses != Statuses::ALL {
            return None;
        }
        let mut captured = self.capture.begun(tid, &tracee.process, call, entry);
        wanted::complete(&self.config, tid, call, &mut captured.event);
        captured.entered = true;
        Some(Captured::Call(captured))
    }

    /// A call that has ended, with what was asked for besides; `None`: not this one.
    pub(super) fn completed(
        &self,
        tid: Tid,
        tracee: &Tracee,
        call: &InCall,
        captured: Captured,
    ) -> Option<Captured> {
        let Captured::Call(mut captured) = captured else {
            return Some(captured);
        };
        let event = &mut captured.event;
        if !self.is_strace()
            && !wanted::concerns(&self.config.select.objects, &event.args, &event.names)
        {
            return None;
        }
        wanted::complete(&self.config, tid, call, event);
        if self.is_strace() {
            // Each stretch of a call that was interrupted has its own line.
            event.start = call.start;
        }
        if self.counts_cpu_time() {
            let now = procfs::system_time_ns(tid);
            event.extra.system_ns = now.saturating_sub(tracee.system_ns);
        }
        Some(Captured::Call(captured))
    }

    /// The leader of a process is no more: another of its threads takes over.
    pub(super) fn report_superseded(&mut self, leader: Tid) {
        if !self.is_strace() {
            return;
        }
        let Some(mut old) = self.tracees.remove(&leader) else {
            return;
        };
        if let State::InCall(call) = old.state {
            let gone = self.on_exit(leader, &mut old, &call, Outcome::Gone, clock::now());
            self.emit(gone);
        }
        self.tracees.insert(leader, old);
    }

    /// Whether a process that executes another program is let go. The command that we start
    /// does so first of all.
    pub(super) fn detaches_on_execve(&self) -> bool {
        self.config.detach_on_execve && !self.execs
    }

    /// Lets go of a thread at its stop.
    pub(super) fn let_go(&mut self, tid: Tid, tracee: &Tracee) {
        let _ = ptrace::detach(tid, None);
        let event = self.task(tid, tracee.pid, clock::now(), TaskChange::Detached);
        self.emit(event);
        self.team.processes().remove_thread(tracee.pid, tid);
    }

    /// At our own end.
    pub(super) fn report_detached(&mut self) {
        let now = clock::now();
        let mut tids: Vec<Tid> = self.tracees.keys().copied().collect();
        tids.sort();
        for tid in tids {
            let Some(mut tracee) = self.tracees.remove(&tid) else {
                continue;
            };
            let event = self.task(tid, tracee.pid, now, TaskChange::Detached);
            self.emit(event.filter(|_| tracee.announced));
            if let State::InCall(call) = tracee.state
                && self.config.select.statuses != Statuses::ALL
            {
                let event = self.left_behind(tid, &mut tracee, &call);
                self.emit(event);
            }
        }
    }

    fn left_behind(&self, tid: Tid, tracee: &mut Tracee, call: &InCall) -> Option<Captured> {
        let entry = tracee.entry.take()?;
        let process = &tracee.process;
        let mut captured: Box<CapturedCall> = self.capture.begun(tid, process, call, &entry);
        captured.event.outcome = Outcome::Detached;
        Some(Captured::Call(captured))
    }
}
