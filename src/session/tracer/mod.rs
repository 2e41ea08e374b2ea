//! The exact engine: a thread that owns its tracees, waits, feeds their machines and performs
//! the actions. A [`Team`] of them shares the threads of the processes that we attach to.
//!
//! Letting go needs no code: the kernel releases every tracee of a thread that ends, in any
//! state, stops included, exactly as it does when a tracer is killed. Nothing is interrupted
//! for it, no thread in D state can hold it up, and no signal is ever consumed (see
//! [`crate::sys::wait`]), so none is lost. The end of this thread is the detach. A command under
//! a seccomp filter of ours is killed by it instead (PTRACE_O_EXITKILL).

mod aside;
mod asking;
mod attach;
mod mixed;
mod outbox;
mod report;
mod strace;
mod team;
mod threads;

use super::capture::Capture;
use super::sampler::Sampler;
use super::slow::Due;
use crate::arch::host;
use crate::cli::config::{Config, Engine};
use crate::diagnose::Tally;
use crate::error::Error;
use crate::event::{ExitKind, RawCall, Timestamp};
use crate::ids::{Errno, Pid, Tid};
use crate::stop::{Stop, SyscallInfo};
use crate::sys::alarm::Alarm;
use crate::sys::signals::{StopRequests, send};
use crate::sys::wait::{Patience, Waited};
use crate::sys::{SysError, clock, ptrace, scheduling, spawn, wait};
use crate::tracee::{Action, Happening, State, will_restart};
use aside::Scarcity;
pub(super) use attach::hold;
use mixed::Mixed;
pub(super) use outbox::QUEUE;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use team::Mates;
pub use team::Team;
use threads::{Rounds, Threads, Tracee};

/// How long a wait may block before stop requests are looked at anyway.
const HEARTBEAT_NS: u64 = 50_000_000;
/// How long to look for the next stop before blocking: a thread that makes many calls stops
/// again sooner than a sleep and a wake-up of ours would take.
const SPIN_NS: u64 = 100_000;
/// The same where engines that look for stops leave no CPU to the tracees.
const SHORT_SPIN_NS: u64 = 5_000;
/// A CPU that was given up while spinning and came back only after so long is wanted by others.
const LONG_YIELD_NS: u64 = 200_000;
/// For so long, then, there is no spinning: one who sleeps is woken sooner than one who yields.
const NO_SPIN_NS: u64 = 20_000_000;

/// Why tracing ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// No tracee is left; how the command ended, if we started one.
    NoTracees(Option<ExitKind>),
    /// The time is up, there are events enough, or nobody reads them.
    LetGo,
    /// Ctrl-C, SIGTERM or SIGHUP.
    Asked,
}

/// The engine of one thread.
pub struct Tracer {
    team: Arc<Team>,
    /// Its number in the team; the first is 0.
    index: usize,
    /// The others, if this is the first.
    mates: Mates,
    config: Arc<Config>,
    tracees: Threads,
    rounds: Rounds,
    /// The thread that was resumed last.
    resumed: Option<Tid>,
    /// The thread that has had the time since to stop again.
    expected: Option<Tid>,
    capture: Capture,
    requests: StopRequests,
    /// For `--overhead`.
    mixed: Option<Box<Mixed>>,
    /// The time of the last event that it told of.
    told_ns: u64,
    alarm: Alarm,
    alarm_ns: u64,
    end_ns: u64,
    command: Option<Pid>,
    command_end: Option<ExitKind>,
    /// Why the command could not be executed after all.
    exec_failure: Option<Errno>,
    /// Whether PTRACE_GET_SYSCALL_INFO works here.
    has_syscall_info: bool,
    /// The command has not begun to execute its program: what it does till then is ours.
    hidden: bool,
    /// The end of its execve is to come.
    execs: bool,
    /// Calls that are not shown, since it was last handed on.
    tally: Tally,
    tallied_ns: u64,
    scarcity: Scarcity,
}

impl Tracer {
    /// An engine for the calling thread.
    ///
    /// # Errors
    /// No timer could be made.
    pub fn new(team: Arc<Team>, index: usize) -> Result<Tracer, SysError> {
        team.requests.add_tracer();
        team.wake();
        let mixed = match team.config.engine {
            Engine::Mixed { per_mille } => {
                let sampler = Sampler::new(Arc::clone(&team.config));
                Some(Box::new(Mixed::new(sampler, per_mille, team.engines())))
            }
            _ => None,
        };
        Ok(Tracer {
            mixed,
            capture: Capture::new(&team.config).with_names_kept(&team.changes),
            config: Arc::clone(&team.config),
            requests: team.requests.clone(),
            team,
            index,
            mates: Mates::default(),
            tracees: Threads::default(),
            rounds: Rounds::default(),
            resumed: None,
            expected: None,
            told_ns: 0,
            alarm: Alarm::new()?,
            alarm_ns: 0,
            end_ns: u64::MAX,
            command: None,
            command_end: None,
            exec_failure: None,
            has_syscall_info: true,
            hidden: false,
            execs: false,
            tally: Tally::default(),
            tallied_ns: 0,
            scarcity: Scarcity::default(),
        })
    }

    /// The command that was started.
    #[must_use]
    pub fn command(&self) -> Option<Pid> {
        self.command
    }

    /// Why the kernel did not execute the command that was started.
    #[must_use]
    pub fn exec_failure(&self) -> Option<Errno> {
        self.exec_failure
    }

    /// Waits for the other engines to end. `Err`: one has crashed.
    ///
    /// # Errors
    /// What it panicked with.
    pub fn join(&mut self, ended: Ended) -> std::thread::Result<Ended> {
        let others = self.mates.join()?;
        // An engine that has run out of tracees does not end the session; one that was told to
        // let go tells why it has ended.
        Ok(others.into_iter().fold(ended, |all, one| match (all, one) {
            (Ended::Asked, _) | (_, Ended::Asked) => Ended::Asked,
            (Ended::LetGo, _) | (_, Ended::LetGo) => Ended::LetGo,
            (all, Ended::NoTracees(_)) => all,
        }))
    }

    /// Runs until there is nothing left to trace or a reason to stop.
    pub fn run(&mut self) -> Ended {
        match self.mixed {
            Some(_) => scheduling::be_prompt(),
            None => scheduling::be_patient(),
        }
        let start = clock::mono_ns();
        if let Some(duration) = self.config.limits.duration {
            let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
            self.end_ns = start.saturating_add(ns);
        }
        self.set_alarm(start);
        let ended = self.wait_for_stops(start);
        self.team.sleep();
        let in_flight = !matches!(ended, Ended::NoTracees(_));
        if in_flight {
            self.report_in_flight();
        }
        self.settle_accounts(in_flight);
        self.flush();
        ended
    }

    fn wait_for_stops(&mut self, start: u64) -> Ended {
        let mut idle_since = start;
        let mut spin_after = start;
        loop {
            let now = clock::mono_ns();
            if self.should_end(now) {
                return if self.team.asked.load(Ordering::Relaxed) {
                    Ended::Asked
                } else {
                    Ended::LetGo
                };
            }
            if now >= self.alarm_ns {
                self.report_due(now);
                self.look_if_due(now);
                if self.team.out.due_ns() <= now {
                    self.flush();
                }
                self.set_alarm(now);
            }
            if self.rounds.is_under_way() && self.ask_in_turn() {
                idle_since = now;
                continue;
            }
            let idle = now.saturating_sub(idle_since);
            let spin_ns = if now < spin_after {
                0
            } else if self.team.fills_cpus() {
                SHORT_SPIN_NS
            } else {
                SPIN_NS
            };
            let patience = if idle < spin_ns {
                Patience::Poll
            } else {
                Patience::Block
            };
            match self.wait_once(patience) {
                Some(Waited::NoTracees) => return Ended::NoTracees(self.command_end),
                Some(Waited::Stop(..)) => idle_since = now,
                Some(Waited::Nothing) => {
                    self.rounds.end();
                    if patience == Patience::Poll {
                        // The tracee that we wait for may need this very CPU.
                        std::thread::yield_now();
                        self.expected = self.resumed.take();
                        if clock::mono_ns().saturating_sub(now) > LONG_YIELD_NS {
                            spin_after = now.saturating_add(NO_SPIN_NS);
                        }
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
        let waited = match patience {
            Patience::Poll => match self.expected.take() {
                Some(tid) if self.ask_of_call(tid) => {
                    return Some(Waited::Stop(tid, Stop::Syscall));
                }
                _ => wait::next(patience),
            },
            Patience::Block => {
                self.team.sleep();
                let waited = wait::next(patience);
                self.team.wake();
                waited
            }
        };
        let waited = waited.ok()?;
        if let Waited::Stop(tid, stop) = waited
            && self.on_stop(tid, stop, None)
        {
            self.ask_in_turn();
        }
        Some(waited)
    }

    fn should_end(&mut self, now: u64) -> bool {
        if self.team.asked.load(Ordering::Relaxed)
            || self.requests.ended()
            || self.team.out.closed()
            || now >= self.end_ns
        {
            return true;
        }
        let asked = match self.command {
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
        };
        if asked {
            self.team.asked.store(true, Ordering::Relaxed);
        }
        asked
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
            .min(self.team.out.due_ns())
            .min(self.mixed.as_ref().map_or(u64::MAX, |m| m.look_ns()))
            .min(now + HEARTBEAT_NS)
            .max(now + 1);
        self.alarm_ns = at;
        // A timer that cannot be set leaves only the spin: late, not wrong.
        let _ = self.alarm.set(at);
    }

    /// Sees to it that the alarm comes no later than this.
    fn alarm_by(&mut self, at_ns: u64) {
        if at_ns < self.alarm_ns {
            self.alarm_ns = at_ns;
            let _ = self.alarm.set(at_ns);
        }
    }

    /// Handles a stop, of which the kernel has told us this already. Whether the thread had been
    /// served in this round before.
    fn on_stop(&mut self, tid: Tid, stop: Stop, told: Option<SyscallInfo>) -> bool {
        self.team.begin_stop(self.index);
        let now = clock::now();
        self.team.time_stop(self.index, now.mono_ns);
        if stop == Stop::Exec {
            self.take_over(tid);
        }
        let known = self.tracees.remove(&tid);
        // A leader that the exec of another engine's thread has superseded is told of by no
        // stop: this is somebody else with its id.
        let known = known.filter(|t| stop.is_end() || !t.process.is_superseded());
        let tracee = known.or_else(|| self.adopt(tid, stop));
        let again = tracee.is_some_and(|mut tracee| {
            let again = self.rounds.serve(tid, &mut tracee);
            let info = match stop {
                Stop::Syscall => told.or_else(|| self.syscall_info(tid, &tracee.state)),
                _ => None,
            };
            self.handle(tid, tracee, stop, info, now);
            again
        });
        self.team.end_stop(self.index);
        again
    }

    fn handle(
        &mut self,
        tid: Tid,
        mut tracee: Box<Tracee>,
        stop: Stop,
        info: Option<SyscallInfo>,
        now: Timestamp,
    ) {
        if self.is_strace() && !self.announce_birth(tid, &mut tracee, stop) {
            return;
        }
        tracee.stopped_once = true;
        tracee.runs_since_seized = None;
        if tracee.at_attach.take().is_some() {
            tracee.due = None;
        }
        if stop == Stop::Trap && tracee.state == State::NEW {
            tracee.state = interrupted(tid, now);
        }
        let step = tracee.state.step(stop, info.as_ref(), now);
        tracee.state = step.state;
        let event = self.on_happening(tid, &mut tracee, step.happening, stop, now);
        let child = match step.happening {
            // Its number can be asked for only while the maker is stopped.
            Happening::NewTask(_) => ptrace::event_message(tid).ok(),
            _ => None,
        };
        if step.action == Action::Forget {
            self.team.processes().remove_thread(tracee.pid, tid);
            self.forget_account(tid, &tracee.account, now.mono_ns);
            self.emit(event);
            return;
        }
        if stop == Stop::Exec {
            self.announce_name(tid, tracee.pid);
        }
        if stop == Stop::Exec && self.detaches_on_execve() {
            self.emit(event);
            self.let_go(tid, &tracee);
            return;
        }
        let leaves = self.pay(&mut tracee, &step.happening, now.mono_ns);
        self.perform(tid, step.action, &tracee.state, tracee.account.is_free());
        let pid = tracee.pid;
        if self.mixed.is_some() {
            tracee.resumed_ns = clock::mono_ns();
        }
        self.tracees.insert(tid, tracee);
        self.resumed = Some(tid);
        if leaves {
            self.watch_free(pid, tid, now.mono_ns);
        }
        if let Some(child) = child.and_then(|c| i32::try_from(c).ok()) {
            self.expect(pid, Tid(child));
        }
        self.emit(event);
    }

    /// ESRCH: killed meanwhile; its end will be reported.
    fn perform(&self, tid: Tid, action: Action, state: &State, free: bool) {
        // Under a filter the calls that are to be seen stop by themselves.
        let free = free || (self.config.filtered && state.in_call().is_none());
        let _ = match action {
            Action::Resume(signal) if free => ptrace::cont(tid, signal),
            Action::Resume(signal) => ptrace::resume(tid, signal),
            Action::Listen => ptrace::listen(tid),
            Action::Forget => Ok(()),
        };
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
}

/// The state of a thread that we interrupted when it was in no call: it may have begun one since,
/// which the kernel now starts again.
fn interrupted(tid: Tid, now: Timestamp) -> State {
    match ptrace::regs(tid) {
        Ok(regs) if regs.nr >= 0 && will_restart(Errno(regs.ret.wrapping_neg() as i32)) => {
            let call = RawCall {
                abi: host::ABI,
                nr: regs.nr as u64,
                args: regs.args,
            };
            State::attached_in(call, now)
        }
        _ => State::NEW,
    }
}

/// Why nothing could be traced.
#[derive(Debug)]
pub enum BeginError {
    /// Attaching was refused, for this reason.
    Refused(Box<Error>),
    /// This command cannot be started.
    Spawn(std::ffi::OsString, spawn::SpawnError),
}
