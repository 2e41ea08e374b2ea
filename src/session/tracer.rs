//! The exact engine: one thread that owns its tracees, waits, feeds their machines and
//! performs the actions.
//!
//! Letting go needs no code: the kernel releases every tracee of a thread that ends, in any
//! state, stops included, exactly as it does when a tracer is killed. Nothing is interrupted
//! for it, no thread in D state can hold it up, and stops are never consumed (see
//! [`crate::sys::wait`]), so no signal is lost. The end of this thread is the detach.

use super::capture::{Capture, Captured, EntryPart};
use super::process::Processes;
use super::restart::real_call;
use super::slow::Due;
use crate::cli::config::{Config, Target};
use crate::event::{Event, ExitEvent, ExitKind, Outcome, RawCall, SignalEvent, Start};
use crate::ids::{Pid, Signal, Tid};
use crate::stop::{Stop, SyscallInfo};
use crate::sys::alarm::Alarm;
use crate::sys::signals::{StopRequests, send};
use crate::sys::wait::{Patience, Waited};
use crate::sys::{SysError, clock, procfs, ptrace, spawn, wait};
use crate::tracee::{Action, Happening, InCall, State, is_execve};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// How long a wait may block before stop requests are looked at anyway.
const HEARTBEAT_NS: u64 = 50_000_000;
/// How long to look for the next stop before blocking: a thread that makes many calls stops
/// again sooner than a sleep and a wake-up of ours would take.
const SPIN_NS: u64 = 30_000;
/// After so many stops in a row (at least), look at each tracee in turn: waitid reports the
/// first stopped one of its list, which under load could always be the same few.
const STOPS_BEFORE_SWEEP: usize = 256;

/// How long the tracees of an attach wait for a reader that takes nothing. After that, events
/// are dropped, and counted as lost, until it takes some.
const MAX_STALL_NS: u64 = 2_000_000_000;
/// How long to wait before a full queue is tried again.
const FULL_QUEUE_PAUSE: Duration = Duration::from_micros(200);

/// Why tracing ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// No tracee is left; how the command ended, if we started one.
    NoTracees(Option<ExitKind>),
    /// We were asked to stop, or the time is up.
    LetGo,
}

/// A thread that we trace.
struct Tracee {
    pid: Pid,
    state: State,
    /// What was read at the entry of the call that it is in.
    entry: Option<EntryPart>,
    /// When to report the call that it is in as still blocked.
    due: Option<Due>,
    /// The call that it was in when we attached, until it stops for the first time.
    at_attach: Option<InCall>,
    /// Whether its first stop has been seen.
    stopped_once: bool,
}

impl Tracee {
    fn new(pid: Pid) -> Tracee {
        Tracee {
            pid,
            state: State::NEW,
            entry: None,
            due: None,
            at_attach: None,
            stopped_once: false,
        }
    }
}

/// The engine of one thread.
pub struct Tracer {
    config: Arc<Config>,
    tracees: HashMap<Tid, Tracee>,
    processes: Processes,
    capture: Capture,
    out: SyncSender<Captured>,
    requests: StopRequests,
    alarm: Alarm,
    alarm_ns: u64,
    end_ns: u64,
    command: Option<Pid>,
    command_end: Option<ExitKind>,
    /// Whether PTRACE_GET_SYSCALL_INFO works here.
    has_syscall_info: bool,
    /// The reader has gone: nothing more can be shown.
    closed: bool,
    /// The reader takes nothing: no tracee waits for it any more.
    stalled: bool,
    /// Events that were dropped for that.
    lost: Arc<AtomicU64>,
    /// The command has not executed its program yet: what it does till then is ours.
    hidden: bool,
}

impl Tracer {
    /// An engine for the calling thread.
    ///
    /// # Errors
    /// No timer could be made.
    pub fn new(
        config: Arc<Config>,
        processes: Processes,
        out: SyncSender<Captured>,
        requests: StopRequests,
        lost: Arc<AtomicU64>,
    ) -> Result<Tracer, SysError> {
        requests.set_tracer();
        Ok(Tracer {
            capture: Capture::new(&config),
            config,
            tracees: HashMap::new(),
            processes,
            out,
            requests,
            alarm: Alarm::new()?,
            alarm_ns: 0,
            end_ns: u64::MAX,
            command: None,
            command_end: None,
            has_syscall_info: true,
            closed: false,
            stalled: false,
            lost,
            hidden: false,
        })
    }

    /// Attaches to, or starts, what is to be traced, and says so to the writer.
    ///
    /// # Errors
    /// Not one thread of a process could be seized; the command cannot be started.
    pub fn begin(&mut self) -> Result<(), BeginError> {
        match self.config.target.clone() {
            Target::Attach(pids) => {
                for &pid in &pids {
                    // What takes time is done before anything is stopped.
                    self.processes.prepare(pid);
                }
                for pid in pids {
                    self.attach(pid).map_err(|e| BeginError::Attach(pid, e))?;
                }
            }
            Target::Launch(words) => self.start(&words)?,
        }
        let begun = self.processes.with_threads();
        self.emit(Some(Captured::Begun(begun)));
        Ok(())
    }

    /// Seizes every thread: passes over /proc/PID/task until one finds nothing new. From the
    /// first seized thread on, what it clones is seized by the kernel.
    fn attach(&mut self, pid: Pid) -> Result<(), SysError> {
        let mut refused = None;
        let mut seized = 0;
        loop {
            let mut found = 0;
            for tid in procfs::tasks(pid).unwrap_or_default() {
                if self.tracees.contains_key(&tid) {
                    continue;
                }
                match self.seize(pid, tid) {
                    Ok(true) => found += 1,
                    Ok(false) => {}
                    Err(e) => refused = Some(e),
                }
                self.drain();
            }
            seized += found;
            if found == 0 {
                break;
            }
        }
        match refused {
            Some(e) if seized == 0 => Err(e),
            None if seized == 0 => Err(SysError {
                operation: "PTRACE_SEIZE",
                tid: pid.into(),
                errno: crate::ids::Errno(libc::ESRCH),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the thread is newly ours; one that is dying or already ours is passed over.
    fn seize(&mut self, pid: Pid, tid: Tid) -> Result<bool, SysError> {
        match ptrace::seize(tid, self.follow()) {
            Ok(()) => {}
            Err(e) if e.is_gone() => return Ok(false),
            Err(e) => {
                let tracer = procfs::tracer_of(tid).and_then(procfs::process_of);
                let ours = tracer == Some(Pid(std::process::id().cast_signed()));
                let dying = matches!(procfs::state(tid), None | Some('Z' | 'X'));
                return if ours || dying { Ok(false) } else { Err(e) };
            }
        }
        let now = clock::now();
        let mut tracee = Tracee::new(pid);
        if let Ok(procfs::SyscallFile::InCall { call, sp, pc }) = procfs::syscall(tid) {
            let call = real_call(tid, call, pc);
            tracee.state = State::attached_in(call, now);
            let start = Start::BeforeAttach(now);
            if self.selects(&call) {
                tracee.due = self.config.select.slow.map(|slow| Due::first(start, slow));
                tracee.at_attach = Some(InCall::at_attach(call, start, pc, sp));
            }
        }
        self.processes.add_thread(pid, tid);
        self.tracees.insert(tid, tracee);
        match ptrace::interrupt(tid) {
            Err(e) if !e.is_gone() => Err(e),
            _ => Ok(true),
        }
    }

    fn follow(&self) -> ptrace::Follow {
        ptrace::Follow {
            forks: self.config.follow_forks,
        }
    }

    fn start(&mut self, words: &[std::ffi::OsString]) -> Result<(), BeginError> {
        use std::os::unix::ffi::OsStrExt;
        let first = words.first().cloned().unwrap_or_default();
        let refuse = |e| BeginError::Spawn(first.clone(), e);
        let program = spawn::find(&first, std::env::var_os("PATH").as_deref()).map_err(refuse)?;
        let args: Result<Vec<_>, _> = words
            .iter()
            .map(|w| std::ffi::CString::new(w.as_bytes()))
            .collect();
        let args =
            args.map_err(|_| refuse(spawn::SpawnError::NotExecutable(nix::errno::Errno::EINVAL)))?;
        let held = spawn::hold(&program, &args).map_err(refuse)?;
        let pid = held.pid;
        self.command = Some(pid);
        self.hidden = true;
        if let Err(e) = self.seize(pid, pid.into()) {
            // It never ran anything: it ends by itself when the gate closes unopened.
            return Err(BeginError::Attach(pid, e));
        }
        // Traced from its first stop on; only then may it go on to exec.
        while !self
            .tracees
            .get(&pid.into())
            .is_some_and(|t| t.stopped_once)
        {
            if self.wait_once(Patience::Block) == Some(Waited::NoTracees) {
                break;
            }
        }
        held.release();
        Ok(())
    }

    /// The command that was started.
    #[must_use]
    pub fn command(&self) -> Option<Pid> {
        self.command
    }

    /// Runs until there is nothing left to trace or a reason to stop.
    pub fn run(&mut self) -> Ended {
        let start = clock::mono_ns();
        if let Some(duration) = self.config.limits.duration {
            let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
            self.end_ns = start.saturating_add(ns);
        }
        self.set_alarm(start);
        let mut in_a_row = 0;
        let mut idle_since = start;
        loop {
            let now = clock::mono_ns();
            if self.should_end(now) {
                self.report_in_flight();
                return Ended::LetGo;
            }
            if now >= self.alarm_ns {
                self.report_due(now);
                self.set_alarm(now);
            }
            let patience = if now.saturating_sub(idle_since) < SPIN_NS {
                Patience::Poll
            } else {
                Patience::Block
            };
            match self.wait_once(patience) {
                Some(Waited::NoTracees) => return Ended::NoTracees(self.command_end),
                Some(Waited::Stop(..)) => {
                    in_a_row += 1;
                    if in_a_row > STOPS_BEFORE_SWEEP.max(4 * self.tracees.len()) {
                        self.sweep();
                        in_a_row = 0;
                    }
                    idle_since = clock::mono_ns();
                }
                Some(Waited::Nothing) => {
                    in_a_row = 0;
                    if patience == Patience::Poll {
                        std::hint::spin_loop();
                    }
                }
                None => return Ended::LetGo,
            }
        }
    }

    /// Whether this call is to be reported if it lasts long enough.
    fn selects(&self, call: &RawCall) -> bool {
        !self.hidden && self.config.select.syscalls.contains(call.abi, call.nr)
    }

    /// One wait, and whatever it brings handled. `None` when waiting itself fails.
    fn wait_once(&mut self, patience: Patience) -> Option<Waited> {
        let waited = wait::next(patience).ok()?;
        if let Waited::Stop(tid, stop) = waited {
            self.on_stop(tid, stop);
        }
        Some(waited)
    }

    fn drain(&mut self) {
        while matches!(self.wait_once(Patience::Poll), Some(Waited::Stop(..))) {}
    }

    /// One look at every tracee, so that none waits behind busier ones.
    fn sweep(&mut self) {
        let tids: Vec<Tid> = self.tracees.keys().copied().collect();
        for tid in tids {
            if let Ok(Waited::Stop(tid, stop)) = wait::poll_one(tid) {
                self.on_stop(tid, stop);
            }
        }
    }

    fn should_end(&mut self, now: u64) -> bool {
        if self.requests.ended() || self.closed || now >= self.end_ns {
            return true;
        }
        match self.command {
            // The terminal sent Ctrl-C to the command as well: what it does about it is traced.
            // SIGTERM and SIGHUP came to us alone and are passed on. A second request lets go.
            Some(pid) => {
                if let Some(signal) = self.requests.take_termination() {
                    send(pid, signal);
                    self.requests.count_forwarded();
                }
                self.requests.interrupts() > 1
            }
            None => self.requests.interrupts() > 0 || self.requests.take_termination().is_some(),
        }
    }

    fn set_alarm(&mut self, now: u64) {
        let earliest = self
            .tracees
            .values()
            .filter_map(|t| t.due)
            .map(Due::at_ns)
            .min();
        let at = earliest
            .unwrap_or(u64::MAX)
            .min(self.end_ns)
            .min(now + HEARTBEAT_NS)
            .max(now + 1);
        self.alarm_ns = at;
        // A timer that cannot be set leaves only the spin: late, not wrong.
        let _ = self.alarm.set(at);
    }

    fn on_stop(&mut self, tid: Tid, stop: Stop) {
        let now = clock::now();
        if !self.tracees.contains_key(&tid) && !self.adopt(tid, stop) {
            return;
        }
        if stop == Stop::Exec {
            self.take_over(tid);
        }
        let Some(mut tracee) = self.tracees.remove(&tid) else {
            return;
        };
        tracee.stopped_once = true;
        if tracee.at_attach.take().is_some() {
            tracee.due = None;
        }
        let info = match stop {
            Stop::Syscall => self.syscall_info(tid, &tracee.state),
            _ => None,
        };
        let step = tracee.state.step(stop, info.as_ref(), now);
        tracee.state = step.state;
        let event = self.on_happening(tid, &mut tracee, step.happening, stop);
        match step.action {
            Action::Resume(signal) => resume(tid, signal),
            Action::Listen => {
                // ESRCH: killed meanwhile; its end will be reported.
                let _ = ptrace::listen(tid);
            }
            Action::Forget => {
                self.processes.remove_thread(tracee.pid, tid);
                self.emit(event);
                return;
            }
        }
        self.tracees.insert(tid, tracee);
        self.emit(event);
    }

    /// A stop of a thread that we have not heard of: a new one, whose own first stop came
    /// before its parent's event. Returns whether it is ours to trace.
    fn adopt(&mut self, tid: Tid, stop: Stop) -> bool {
        if stop.is_end() {
            return false;
        }
        let Some(pid) = procfs::process_of(tid) else {
            resume(tid, None);
            return false;
        };
        if !self.config.follow_forks && !self.processes.contains(pid) {
            // clone(2) made a process where threads were to be followed.
            let _ = ptrace::detach(tid, None);
            return false;
        }
        self.processes.add_thread(pid, tid);
        self.tracees.insert(tid, Tracee::new(pid));
        true
    }

    /// exec: all other threads are gone, and the caller goes on under the leader's id.
    fn take_over(&mut self, leader: Tid) {
        let former = ptrace::event_message(leader)
            .ok()
            .and_then(|m| i32::try_from(m).ok())
            .map_or(leader, Tid);
        let pid = Pid::from(leader);
        if former != leader {
            if let Some(caller) = self.tracees.remove(&former) {
                self.tracees.insert(leader, caller);
            }
            self.emit(Some(Captured::Event(Event::Exit(ExitEvent {
                pid,
                tid: leader,
                at: clock::now(),
                how: ExitKind::Superseded { by: former },
            }))));
        }
        self.tracees.retain(|&tid, t| t.pid != pid || tid == leader);
        self.processes.exec(pid);
    }

    fn syscall_info(&mut self, tid: Tid, state: &State) -> Option<SyscallInfo> {
        if self.has_syscall_info {
            match ptrace::syscall_info(tid) {
                Ok(info) => return Some(info),
                Err(e) if e.errno.0 == libc::EIO => self.has_syscall_info = false,
                Err(_) => return None,
            }
        }
        ptrace::syscall_info_from_regs(tid, state.in_call().is_some()).ok()
    }

    fn on_happening(
        &mut self,
        tid: Tid,
        tracee: &mut Tracee,
        happening: Happening,
        stop: Stop,
    ) -> Option<Captured> {
        match happening {
            Happening::Nothing | Happening::NewTask(_) | Happening::Exec => None,
            Happening::Entered(call) => {
                let call = call.known_as(real_call(tid, call.call, call.pc));
                tracee.state = State::InCall(call);
                self.on_entry(tid, tracee, &call);
                None
            }
            Happening::Left(call, outcome) => self.on_exit(tid, tracee, &call, outcome),
            Happening::Signal(signal) => self.on_signal(tid, tracee.pid, signal),
            Happening::Ended(call) => {
                let gone = call.and_then(|call| self.on_exit(tid, tracee, &call, Outcome::Gone));
                self.emit(gone);
                self.on_end(tid, tracee.pid, stop)
            }
        }
    }

    fn on_entry(&mut self, tid: Tid, tracee: &mut Tracee, call: &InCall) {
        tracee.entry = None;
        tracee.due = None;
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
                let due = Due::first(call.since, slow);
                tracee.due = Some(due);
                if due.at_ns() < self.alarm_ns {
                    self.alarm_ns = due.at_ns();
                    let _ = self.alarm.set(self.alarm_ns);
                }
            }
        }
    }

    fn on_exit(
        &mut self,
        tid: Tid,
        tracee: &mut Tracee,
        call: &InCall,
        outcome: Outcome,
    ) -> Option<Captured> {
        let entry = tracee.entry.take();
        tracee.due = None;
        if !self.selects(&call.call) {
            return None;
        }
        let end = clock::now();
        let lasted = end.since(call.since.known());
        if self.config.select.slow.is_some_and(|slow| lasted < slow) {
            return None;
        }
        let process = self.processes.get(tracee.pid)?;
        self.capture
            .finished(tid, process, call, entry, outcome, end)
    }

    fn on_signal(&self, tid: Tid, pid: Pid, signal: Signal) -> Option<Captured> {
        let select = &self.config.select;
        if select.slow.is_some() || !select.signals.contains(signal) {
            return None;
        }
        Some(Captured::Event(Event::Signal(SignalEvent {
            pid,
            tid,
            at: clock::now(),
            signal,
            info: ptrace::signal_info(tid).ok(),
        })))
    }

    fn on_end(&mut self, tid: Tid, pid: Pid, stop: Stop) -> Option<Captured> {
        let how = match stop {
            Stop::Exited(status) => ExitKind::Status(status),
            Stop::Killed(signal, core) => ExitKind::Killed(signal, core),
            _ => return None,
        };
        if self.command == Some(Pid::from(tid)) {
            self.command_end = Some(how);
        }
        let quiet = self.config.quiet.exit || self.config.select.slow.is_some();
        (!quiet).then(|| {
            Captured::Event(Event::Exit(ExitEvent {
                pid,
                tid,
                at: clock::now(),
                how,
            }))
        })
    }

    /// Reports the calls that have been blocked for long enough by now. Their threads cannot
    /// leave them unseen meanwhile: at the exit they stop and wait for this very thread.
    fn report_due(&mut self, now: u64) {
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
            tracee.due = tracee.due.map(|d| d.after(now));
            let Some(call) = tracee.state.in_call().copied().or(tracee.at_attach) else {
                continue;
            };
            let Some(process) = self.processes.get(tracee.pid) else {
                continue;
            };
            let event =
                self.capture
                    .blocked(tid, process, &call, &mut tracee.entry, Outcome::Blocked);
            self.emit(event);
        }
    }

    /// At our own end: the calls that go on without us.
    fn report_in_flight(&mut self) {
        let now = clock::now();
        let tids: Vec<Tid> = self.tracees.keys().copied().collect();
        let config = Arc::clone(&self.config);
        let select = &config.select;
        for tid in tids {
            let Some(tracee) = self.tracees.get_mut(&tid) else {
                continue;
            };
            let Some(call) = tracee.state.in_call().copied().or(tracee.at_attach) else {
                continue;
            };
            let lasted = now.since(call.since.known());
            if select.slow.is_some_and(|slow| lasted < slow)
                || !select.syscalls.contains(call.call.abi, call.call.nr)
            {
                continue;
            }
            let Some(process) = self.processes.get(tracee.pid) else {
                continue;
            };
            let event =
                self.capture
                    .blocked(tid, process, &call, &mut tracee.entry, Outcome::Detached);
            self.emit(event);
        }
    }

    /// Hands on to the writer. While its queue is full the tracees wait, but not for ever: the
    /// one who reads our output may be a tracee, or a pager that nobody turns.
    fn emit(&mut self, captured: Option<Captured>) {
        let Some(mut captured) = captured else {
            return;
        };
        let began = clock::mono_ns();
        loop {
            captured = match self.out.try_send(captured) {
                Ok(()) => {
                    self.stalled = false;
                    return;
                }
                Err(TrySendError::Full(back)) => back,
                Err(TrySendError::Disconnected(_)) => {
                    self.closed = true;
                    return;
                }
            };
            let now = clock::mono_ns();
            // A command of our own was started to be seen in full.
            let patient = self.command.is_some() || now.saturating_sub(began) < MAX_STALL_NS;
            if self.stalled || !patient || self.should_end(now) {
                self.stalled = true;
                self.lost.fetch_add(1, Ordering::Relaxed);
                return;
            }
            std::thread::sleep(FULL_QUEUE_PAUSE);
        }
    }
}

/// Why nothing could be traced.
#[derive(Debug)]
pub enum BeginError {
    /// Attaching to this process was refused.
    Attach(Pid, SysError),
    /// This command cannot be started.
    Spawn(std::ffi::OsString, spawn::SpawnError),
}

fn resume(tid: Tid, signal: Option<Signal>) {
    // ESRCH: killed meanwhile; its end will be reported.
    let _ = ptrace::resume(tid, signal);
}
