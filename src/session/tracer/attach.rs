//! How threads become ours: attaching, starting a command, births and exec.

use super::team::Mates;
use super::threads::{Rounds, Tracee};
use super::{BeginError, Tracer};
use crate::arch::host;
use crate::cli::config::{Engine, Follow, Start};
use crate::error::Error;
use crate::event::{self, Event, ExitEvent, ExitKind, RawCall, TaskChange};
use crate::ids::{Pid, Tid};
use crate::seccomp::{self, Instruction};
use crate::session::capture::Captured;
use crate::session::native::may_map_code;
use crate::session::preflight;
use crate::session::restart::real_call;
use crate::session::slow::Due;
use crate::session::start;
use crate::stop::Stop;
use crate::sys::wait::{Patience, Waited};
use crate::sys::{SysError, clock, procfs, ptrace, spawn};
use crate::tracee::{InCall, State, is_execve, is_restart_syscall, is_sigreturn};
use std::ffi::{CString, OsString};
use std::time::Duration;

/// How often to try again when not one thread of a process could be seized, and after how long: until
/// there was a reason so often in a row, since one may be seen for a moment while a program is
/// executed. On a machine that is busy that takes its time.
const MAX_REFUSALS: usize = 20;
const MAX_UNEXPLAINED: usize = 2_000;
const REFUSED_PAUSE: Duration = Duration::from_millis(1);
/// How long to wait for all seized threads to stop, in steps.
const SETTLE_PAUSES: usize = 1_000;
const SETTLE_PAUSE: Duration = Duration::from_micros(50);

/// Forks the child that will be the command, under this seccomp filter if there is one.
///
/// # Errors
/// There is no such command, or it cannot be run.
pub(in crate::session) fn hold(
    words: &[OsString],
    start: &Start,
    filter: Option<&[Instruction]>,
) -> Result<spawn::Held, BeginError> {
    use std::os::unix::ffi::OsStrExt;
    let first = words.first().cloned().unwrap_or_default();
    let refuse = |e| BeginError::Spawn(first.clone(), e);
    let program = spawn::find(&first, std::env::var_os("PATH").as_deref()).map_err(refuse)?;
    let argv0 = start.argv0.iter().chain(words.first()).take(1);
    let args = argv0.chain(words.iter().skip(1));
    let args: Result<Vec<_>, _> = args.map(|w| CString::new(w.as_bytes())).collect();
    let args =
        args.map_err(|_| refuse(spawn::SpawnError::NotExecutable(nix::errno::Errno::EINVAL)))?;
    let setting = start::setting(start).map_err(refuse)?;
    spawn::hold(&program, &args, &setting, filter).map_err(refuse)
}

impl Tracer {
    /// Attaches to, or starts, what is to be traced, and says so to the writer. Of several
    /// processes those that refuse are named to it.
    ///
    /// # Errors
    /// Not one process could be attached to; the command cannot be started.
    pub fn begin(&mut self) -> Result<(), BeginError> {
        let mut refused = Vec::new();
        let target = self.config.target.clone();
        if !target.words().is_empty() {
            self.start(target.words())?;
            // What is hidden till the command executes its program is not the others'.
            while self.hidden && !target.pids().is_empty() {
                if self.wait_once(Patience::Block) == Some(Waited::NoTracees) {
                    break;
                }
            }
        }
        for &pid in target.pids() {
            // What takes time is done before anything is stopped.
            self.team.processes().prepare(pid);
        }
        self.share(target.pids());
        for &pid in target.pids() {
            if let Err(e) = self.attach(pid) {
                refused.push(e);
            }
        }
        // Calls run unseen in threads that are not followed, are free for now, or are filtered.
        let config = &self.config;
        let exact = matches!(config.engine, Engine::Exact) && !config.filtered;
        if exact && config.follow != Follow::Nothing {
            self.team.changes.are_all_seen();
        }
        let processes = self.team.processes().with_threads();
        if processes.iter().all(|(_, threads)| *threads == 0) && !refused.is_empty() {
            return Err(BeginError::Refused(Box::new(refused.swap_remove(0))));
        }
        self.emit(Some(Captured::Begun { processes, refused }));
        self.flush();
        Ok(())
    }

    /// Deals the threads that there are by now to the engines, and waits until each has seized
    /// its share. What they leave, and what is made meanwhile, is for [`Tracer::attach`].
    fn share(&mut self, pids: &[Pid]) {
        let tasks = |&pid| {
            let tids = procfs::tasks(pid).unwrap_or_default();
            tids.into_iter().map(move |tid| (pid, tid))
        };
        let threads: Vec<(Pid, Tid)> = pids.iter().flat_map(tasks).collect();
        let engines = self.team.engines().min(threads.len());
        if engines < 2 {
            return;
        }
        let share = |i| threads.iter().skip(i).step_by(engines).copied().collect();
        self.mates = Mates::start(&self.team, (1..engines).map(share).collect());
        let own: Vec<_> = share(0);
        self.take(&own);
        while !self.mates.are_ready(&self.team) {
            self.drain();
            std::thread::yield_now();
        }
    }

    /// Seizes these threads, as far as they can be.
    pub(super) fn take(&mut self, threads: &[(Pid, Tid)]) {
        for &(pid, tid) in threads {
            // A refusal is met again, and told, by the passes over all threads.
            let _ = self.seize(pid, tid);
            self.drain();
            if self.should_end(clock::mono_ns()) {
                break;
            }
        }
    }

    /// Seizes every thread. While one of them executes a program, all are dead or dying and the
    /// kernel refuses each: a refusal counts only if it is met again.
    fn attach(&mut self, pid: Pid) -> Result<(), Error> {
        let (mut tries, mut with_reason) = (0, 0);
        loop {
            let Err(refusal) = self.attach_once(pid) else {
                return Ok(());
            };
            let ends = !procfs::exists(pid);
            let why = preflight::explain(pid, refusal);
            tries += 1;
            with_reason = if preflight::is_reason(&why) {
                with_reason + 1
            } else {
                0
            };
            if ends || with_reason > MAX_REFUSALS || tries > MAX_UNEXPLAINED {
                return Err(why);
            }
            if self.should_end(clock::mono_ns()) {
                let note = format!("asked to end before process {pid} could be attached to: {why}");
                self.emit(Some(Captured::Note(note)));
                return Ok(());
            }
            std::thread::sleep(REFUSED_PAUSE);
        }
    }

    /// Passes over /proc/PID/task until one finds nothing new. What a seized thread clones is
    /// seized by the kernel, unless the clone had begun before (kernel/fork.c `kernel_clone`): so
    /// the last pass begins when all have stopped, or are asleep in the kernel for longer than a
    /// clone takes.
    fn attach_once(&mut self, pid: Pid) -> Result<(), SysError> {
        let mut refused = None;
        let mut settled = false;
        let mut seized = usize::from(self.team.processes().contains(pid));
        loop {
            let mut found = 0;
            for tid in self.tasks_to_seize(pid) {
                if self.team.processes().has_thread(pid, tid) {
                    continue;
                }
                match self.seize(pid, tid) {
                    Ok(true) => found += 1,
                    Ok(false) => {}
                    Err(e) => refused = Some(e),
                }
                if !self.is_strace() {
                    self.drain();
                }
                // A process may make threads faster than we come to an end.
                if seized + found > 0 && self.should_end(clock::mono_ns()) {
                    self.announce_attach(pid);
                    return Ok(());
                }
            }
            seized += found;
            if found > 0 || self.leader_is_another(pid) {
                settled = false;
            } else if settled || seized == 0 {
                break;
            } else {
                self.settle();
                settled = true;
            }
        }
        match refused {
            Some(e) if seized == 0 => Err(e),
            None if seized == 0 => Err(SysError::gone("PTRACE_SEIZE", pid.into())),
            _ => {
                self.announce_attach(pid);
                Ok(())
            }
        }
    }

    /// Waits until all threads that were seized have stopped, or long enough.
    fn settle(&mut self) {
        // Its lines begin when all is attached.
        if self.is_strace() {
            return;
        }
        for _ in 0..SETTLE_PAUSES {
            if self.team.all_have_stopped() {
                break;
            }
            self.drain();
            std::thread::sleep(SETTLE_PAUSE);
        }
    }

    /// Whether an exec by a thread that we had not come to yet has ended all that we had, the
    /// leader without a word, and goes on under the leader's id: it is to be seized anew.
    fn leader_is_another(&mut self, pid: Pid) -> bool {
        let leader = Tid::from(pid);
        let known = self.team.processes().has_thread(pid, leader);
        let lost = known && procfs::tracer_of(leader).is_none() && !is_dying(leader);
        if lost {
            self.forget_before_exec(pid);
        }
        lost
    }

    /// All threads of the process, or the one alone that was asked for.
    fn tasks_to_seize(&self, pid: Pid) -> Vec<Tid> {
        match self.config.follow {
            Follow::Nothing => vec![pid.into()],
            _ => procfs::tasks(pid).unwrap_or_default(),
        }
    }

    /// Whether the thread is newly ours; one that is dying or already ours is passed over.
    fn seize(&mut self, pid: Pid, tid: Tid) -> Result<bool, SysError> {
        // Looked at first: between being seized and being interrupted, a thread that we count
        // as traced runs on untraced.
        let before = procfs::syscall(tid);
        let seized = ptrace::seize(tid, self.follow());
        match seized.and_then(|()| ptrace::interrupt(tid)) {
            Ok(()) => {}
            Err(e) if e.is_gone() => return Ok(seized.is_ok() && self.seized_in_exec(pid, tid)),
            Err(e) => {
                let tracer = procfs::tracer_of(tid).and_then(procfs::process_of);
                let ours = tracer == Some(Pid(std::process::id().cast_signed()));
                return if ours || is_dying(tid) {
                    Ok(false)
                } else {
                    Err(e)
                };
            }
        }
        let now = clock::now();
        let process = self.team.processes().add_thread(pid, tid);
        let mut tracee = Tracee::new(process);
        tracee.runs_since_seized = Some(self.team.mark_running());
        if let Ok(procfs::SyscallFile::InCall { call, sp, pc }) = before {
            let call = real_call(tid, call, pc);
            tracee.state = State::attached_in(call, now);
            let start = event::Start::BeforeAttach(now);
            if self.selects(&call) {
                tracee.due = self.config.select.slow.map(|slow| Due::first(start, slow));
                tracee.at_attach = Some(InCall::at_attach(call, start, pc, sp));
            }
        }
        self.tracees.insert(tid, tracee);
        Ok(true)
    }

    /// Whether a thread that was seized and is gone was executing a program, which goes on under the
    /// leader's id, and is ours. One that has ended would be a zombie till we collect it.
    fn seized_in_exec(&mut self, pid: Pid, tid: Tid) -> bool {
        let leader = Tid::from(pid);
        if procfs::state(tid).is_some() || ptrace::interrupt(leader).is_err() {
            return false;
        }
        self.forget_before_exec(pid);
        let process = self.team.processes().add_thread(pid, leader);
        self.tracees.insert(leader, Tracee::new(process));
        true
    }

    /// An exec that no event told us of has ended all threads that we had.
    fn forget_before_exec(&mut self, pid: Pid) {
        let mut processes = self.team.processes();
        processes.exec(pid);
        processes.remove_thread(pid, pid.into());
        drop(processes);
        self.tracees.retain(|_, t| t.pid != pid);
    }

    fn follow(&self) -> ptrace::Follow {
        ptrace::Follow {
            threads: self.config.follow != Follow::Nothing,
            forks: self.config.follow == Follow::Forks,
            filtered: self.config.filtered,
            die_with_us: self.config.filtered || self.config.kill_on_exit,
        }
    }

    /// The filter that the command is to run under: what is selected stops, and what we need
    /// to make sense of that.
    fn filter(&self) -> Option<Vec<Instruction>> {
        let stops = |nr: u32| {
            let call = RawCall {
                abi: host::ABI,
                nr: u64::from(nr),
                args: [0; 6],
            };
            self.config.select.syscalls.contains(call.abi, call.nr)
                || is_execve(&call)
                || is_sigreturn(&call)
                || is_restart_syscall(&call)
                || (self.capture.takes_stacks() && may_map_code(&call))
        };
        let filtered = self.config.filtered;
        filtered.then(|| seccomp::filter(host::ARCH, stops))
    }

    fn start(&mut self, words: &[OsString]) -> Result<(), BeginError> {
        let held = hold(words, &self.config.start, self.filter().as_deref())?;
        let pid = held.pid;
        self.command = Some(pid);
        self.hidden = true;
        self.execs = true;
        let seized = self.seize(pid, pid.into()).and_then(|seized| match seized {
            false if !is_dying(pid.into()) => Err(SysError::gone("PTRACE_SEIZE", pid.into())),
            _ => Ok(()),
        });
        if let Err(e) = seized {
            // It never ran anything: it ends by itself when the gate closes unopened, and
            // must live till then for the reason to be found.
            let reason: Error = preflight::explain(pid, e);
            return Err(BeginError::Refused(Box::new(reason)));
        }
        // Traced from its first stop on; only then may it go on to exec.
        self.announce(pid.into(), TaskChange::Started);
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

    /// A stop of a thread that we have not heard of: a new one, whose own first stop came
    /// before its parent's event. `None`: it is not ours to trace, and has been seen to.
    pub(super) fn adopt(&mut self, tid: Tid, stop: Stop) -> Option<Box<Tracee>> {
        if stop.is_end() {
            return None;
        }
        let Some(pid) = procfs::process_of(tid) else {
            // Gone, or /proc cannot be read: whatever it is, it runs on with its signal.
            let step = State::NEW.step(stop, None, clock::now());
            self.perform(tid, step.action, &step.state, false);
            return None;
        };
        if self.config.follow != Follow::Forks && !self.team.processes().contains(pid) {
            // clone(2) made a process where threads were to be followed.
            let signal = match stop {
                Stop::Signal(signal) => Some(signal),
                _ => None,
            };
            let _ = ptrace::detach(tid, signal);
            return None;
        }
        let process = self.team.processes().add_thread(pid, tid);
        Some(Tracee::new(process))
    }

    /// A tracee has made a new task. A thread is entered at once: its maker may end before the
    /// new one stops for the first time, and with its last known thread a process is forgotten.
    pub(super) fn expect(&mut self, parent: Pid, child: Tid) {
        let known = self.tracees.get(&child);
        if known.is_none_or(|t| t.process.is_superseded())
            && procfs::process_of(child) == Some(parent)
        {
            let process = self.team.processes().add_thread(parent, child);
            self.tracees.insert(child, Tracee::new(process));
        }
    }

    /// exec: all other threads are gone, and the caller goes on under the leader's id.
    pub(super) fn take_over(&mut self, leader: Tid) {
        let former = ptrace::event_message(leader)
            .ok()
            .and_then(|m| i32::try_from(m).ok())
            .map_or(leader, Tid);
        let pid = Pid::from(leader);
        if former != leader {
            self.report_superseded(leader);
            if let Some(mut caller) = self.tracees.remove(&former) {
                Rounds::renamed(&mut caller);
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
        // Other engines see by this that their threads of it are no more: the leader among
        // them ends without a word.
        let process = self.team.processes().exec(pid);
        if let Some(tracee) = self.tracees.get_mut(&leader) {
            tracee.process = process;
        }
    }
}

fn is_dying(tid: Tid) -> bool {
    matches!(procfs::state(tid), None | Some('Z' | 'X'))
}
