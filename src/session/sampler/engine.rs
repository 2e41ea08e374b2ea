//! The loop of `--sample`: look at all threads of the targets, see who is new or gone, hand on
//! what there is to tell, sleep until the next look.

use super::tasks::Tasks;
use super::{Gone, Sampler, open_program, remark};
use crate::cli::config::{Config, Follow, Target};
use crate::error::Error;
use crate::event::{Event, ExitEvent, ExitKind};
use crate::ids::Pid;
use crate::sample::unseen::sleeps_unseen;
use crate::sample::{Pace, Stats};
use crate::session::capture::Captured;
use crate::session::preflight;
use crate::session::process::Processes;
use crate::session::tracer::{BeginError, Ended, hold};
use crate::stop::Stop;
use crate::sys::looks::{self, ProgramFile};
use crate::sys::signals::{StopRequests, send};
use crate::sys::{clock, procfs, scheduling, wait};
use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// How long a sleep may be before stop requests are looked at anyway.
const HEARTBEAT_NS: u64 = 50_000_000;
/// How often to look for new children.
const CHILDREN_NS: u64 = 50_000_000;
/// Threads of a process whose children are looked for.
const MAX_PARENTS: usize = 64;
/// How often to try to open the threads of a process that is there.
const OPEN_TRIES: u32 = 1000;
/// Between two looks at whether our command has executed its program.
const EXEC_LOOK_NS: u64 = 100_000;
/// Events that may wait for the writer. Further ones are dropped, and counted as lost: nobody
/// can be made to wait.
const MAX_WAITING: usize = 16_384;
/// How long the last events may wait for the writer to take them.
const MAX_STALL_NS: u64 = 2_000_000_000;
/// Threads that are tried to see whether the kernel shows calls at all, and the time between.
const TRIED: usize = 8;
const BETWEEN_TRIES_NS: u64 = 1_000_000;

/// The engine.
pub struct Sampling {
    config: Arc<Config>,
    sampler: Sampler,
    processes: Processes,
    tasks: Vec<Tasks>,
    pace: Pace,
    waiting: Vec<Captured>,
    gone: Gone,
    queue: SyncSender<Vec<Captured>>,
    lost: Arc<AtomicU64>,
    closed: bool,
    requests: StopRequests,
    asked: bool,
    end_ns: u64,
    children_ns: u64,
    cpu_ns: u64,
    command: Option<Pid>,
    command_end: Option<ExitKind>,
}

impl Sampling {
    /// An engine for the calling thread.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        period: Option<Duration>,
        queue: SyncSender<Vec<Captured>>,
        requests: StopRequests,
        lost: Arc<AtomicU64>,
    ) -> Sampling {
        requests.add_tracer();
        let sampler = Sampler::new(Arc::clone(&config));
        let pace = Pace::new(sampler.wanted_ns(), period.map(super::nanoseconds));
        Sampling {
            config,
            sampler,
            processes: Processes::new(),
            tasks: Vec::new(),
            pace,
            waiting: Vec::new(),
            gone: Vec::new(),
            queue,
            lost,
            closed: false,
            requests,
            asked: false,
            end_ns: u64::MAX,
            children_ns: 0,
            cpu_ns: 0,
            command: None,
            command_end: None,
        }
    }

    /// The command that was started.
    #[must_use]
    pub fn command(&self) -> Option<Pid> {
        self.command
    }

    /// How the looks went.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.sampler.stats(self.cpu_ns)
    }

    /// Begins to look at, or starts, what is to be traced, and says so to the writer.
    ///
    /// # Errors
    /// Not one process can be looked at; the command cannot be started.
    pub fn begin(&mut self) -> Result<(), BeginError> {
        let mut refused = Vec::new();
        match self.config.target.clone() {
            Target::Attach(pids) => {
                looks::raise_file_limit();
                for pid in pids {
                    self.processes.prepare(pid);
                    if let Err(e) = self.attach(pid) {
                        self.drop_threads(pid);
                        refused.push(e);
                    }
                }
            }
            // Both are for strace's form, which takes no samples.
            Target::Launch(words) | Target::Both(_, words) => self.start(&words)?,
        }
        if self.tasks.is_empty() && !refused.is_empty() {
            return Err(BeginError::Refused(Box::new(refused.swap_remove(0))));
        }
        let processes = self.processes.with_threads();
        self.waiting.push(Captured::Begun { processes, refused });
        self.flush();
        Ok(())
    }

    fn attach(&mut self, pid: Pid) -> Result<(), Error> {
        if !looks::kernel_shows_calls() {
            return Err(Error::Unseen { pid });
        }
        let explain = |e: io::Error| preflight::explain(pid, looks::failed(pid.into(), &e));
        let tasks = self.open_tasks(pid).map_err(explain)?;
        if shows_nothing(pid).map_err(explain)? {
            return Err(Error::Unseen { pid });
        }
        self.tasks.push(tasks);
        Ok(())
    }

    /// Opens the threads of a process. While it executes a program they come and go, all of
    /// them at once.
    fn open_tasks(&mut self, pid: Pid) -> io::Result<Tasks> {
        let mut tries = 0;
        loop {
            let opened = Tasks::open(pid, None, &mut self.sampler, &mut self.processes);
            match opened {
                Err(e) if looks::is_gone(&e) && procfs::exists(pid) && tries < OPEN_TRIES => {
                    self.drop_threads(pid);
                    looks::sleep_until(clock::mono_ns() + EXEC_LOOK_NS);
                    tries += 1;
                }
                opened => return opened,
            }
        }
    }

    fn start(&mut self, words: &[OsString]) -> Result<(), BeginError> {
        let held = hold(words, &self.config.start, None)?;
        let pid = held.pid;
        self.command = Some(pid);
        let ours = ProgramFile::open(pid);
        held.release();
        // What it does before it executes its program is our own doing.
        while self.command_end.is_none() && ours.as_ref().is_ok_and(ProgramFile::runs) {
            self.look_for_end();
            looks::sleep_until(clock::mono_ns() + EXEC_LOOK_NS);
            if self.should_end(clock::mono_ns()) {
                break;
            }
        }
        // Raised before, the limit would be the command's, too.
        looks::raise_file_limit();
        self.processes.prepare(pid);
        match self.attach(pid) {
            // It is over already, or will be collected soon.
            Err(_) if !ProgramFile::open(pid).is_ok_and(|p| p.runs()) => Ok(()),
            Err(e) => Err(BeginError::Refused(Box::new(e))),
            Ok(()) => Ok(()),
        }
    }

    /// Looks until there is nothing left to look at or a reason to stop.
    pub fn run(&mut self) -> Ended {
        scheduling::be_prompt();
        let start = clock::mono_ns();
        if let Some(duration) = self.config.limits.duration {
            self.end_ns = start.saturating_add(super::nanoseconds(duration));
        }
        let ended = self.look_on(start);
        if !matches!(ended, Ended::NoTracees(_)) {
            self.sampler
                .report_in_flight(&self.processes, &mut self.waiting);
        }
        self.flush_all();
        ended
    }

    fn look_on(&mut self, start: u64) -> Ended {
        let mut at = start;
        loop {
            if self.sleep_until(at) {
                return if self.asked {
                    Ended::Asked
                } else {
                    Ended::LetGo
                };
            }
            let cpu = looks::cpu_ns();
            let now = clock::mono_ns();
            // The next look may come late, and then as much may have to be reported.
            let period = self.pace.period_ns();
            let next = now.saturating_add(period + period / 2);
            let ran = self
                .sampler
                .look(&self.processes, next, &mut self.waiting, &mut self.gone);
            self.see_who_is_there(now);
            let cost = looks::cpu_ns().saturating_sub(cpu);
            if let Some(said) = self.pace.looked(cost, ran) {
                let note = remark(said, self.sampler.threads());
                self.waiting.push(Captured::Note(note));
            }
            self.flush();
            self.cpu_ns += looks::cpu_ns().saturating_sub(cpu);
            if self.tasks.is_empty() && (self.command.is_none() || self.has_ended()) {
                return Ended::NoTracees(self.command_end);
            }
            // A look that took longer than the period is not made up for.
            at = at.saturating_add(self.pace.period_ns()).max(now);
        }
    }

    /// Sleeps until that time. Whether there is a reason to stop.
    fn sleep_until(&mut self, at_ns: u64) -> bool {
        loop {
            let now = clock::mono_ns();
            if self.should_end(now) {
                return true;
            }
            if now >= at_ns {
                return false;
            }
            looks::sleep_until(at_ns.min(self.end_ns).min(now + HEARTBEAT_NS));
        }
    }

    /// New threads, ended processes, other programs, children.
    fn see_who_is_there(&mut self, now: u64) {
        for (pid, tid) in self.gone.drain(..) {
            self.processes.remove_thread(pid, tid);
        }
        let mut i = 0;
        while let Some(pid) = self.tasks.get(i).map(|t| t.pid) {
            if self.refresh(i, pid) {
                i += 1;
            } else {
                self.tasks.swap_remove(i);
                self.drop_threads(pid);
            }
        }
        self.look_for_end();
        if self.config.follow == Follow::Forks && now >= self.children_ns + CHILDREN_NS {
            self.adopt_children();
            self.children_ns = now;
        }
    }

    /// Whether the process is still there.
    fn refresh(&mut self, i: usize, pid: Pid) -> bool {
        let Some(tasks) = self.tasks.get_mut(i) else {
            return false;
        };
        if self.sampler.program_runs(pid)
            && tasks
                .refresh(&mut self.sampler, &mut self.processes)
                .is_ok()
        {
            return true;
        }
        // It executes another program, or none any more.
        self.drop_threads(pid);
        let opened = Tasks::open(pid, None, &mut self.sampler, &mut self.processes);
        match (opened, self.tasks.get_mut(i)) {
            (Ok(opened), Some(tasks)) if self.sampler.program_runs(pid) => {
                *tasks = opened;
                true
            }
            // On its way to yet another one: the next look tries again.
            _ => open_program(pid).is_ok_and(|program| program.runs()),
        }
    }

    fn drop_threads(&mut self, pid: Pid) {
        self.sampler
            .remove_process(pid, &self.processes, &mut self.waiting);
        self.processes.forget(pid);
    }

    fn adopt_children(&mut self) {
        let mut i = 0;
        // Children of children are found as well: they come behind.
        while let Some(pid) = self.tasks.get(i).map(|t| t.pid) {
            let now = clock::mono_ns();
            for child in procfs::children(pid, MAX_PARENTS) {
                if self.tasks.iter().any(|t| t.pid == child) {
                    continue;
                }
                let since = self.tasks.get(i).and_then(|t| t.childless);
                let opened = Tasks::open(child, since, &mut self.sampler, &mut self.processes);
                // One that has ended meanwhile had its short life unseen.
                self.tasks.extend(opened);
            }
            if let Some(tasks) = self.tasks.get_mut(i) {
                tasks.childless = Some(now);
            }
            i += 1;
        }
    }

    fn has_ended(&self) -> bool {
        self.command_end.is_some()
    }

    /// Collects our command if it has ended.
    fn look_for_end(&mut self) {
        let Some(pid) = self.command.filter(|_| !self.has_ended()) else {
            return;
        };
        let how = match wait::poll_child(pid) {
            Ok(Some(Stop::Exited(status))) => ExitKind::Status(status),
            Ok(Some(Stop::Killed(signal, core))) => ExitKind::Killed(signal, core),
            _ => return,
        };
        self.command_end = Some(how);
        if !(self.config.quiet.exit || self.config.select.slow.is_some()) {
            self.waiting.push(Captured::Event(Event::Exit(ExitEvent {
                pid,
                tid: pid.into(),
                at: clock::now(),
                how,
            })));
        }
    }

    /// As the exact engine has it: see there.
    fn should_end(&mut self, now: u64) -> bool {
        if self.asked || self.requests.ended() || self.closed || now >= self.end_ns {
            return true;
        }
        self.asked = match self.command {
            Some(pid) => {
                if let Some(signal) = self.requests.take_termination() {
                    send(pid, signal);
                    self.requests.count_forwarded();
                }
                self.requests.interrupts() > 1
            }
            None => self.requests.interrupts() > 0 || self.requests.take_termination().is_some(),
        };
        self.asked
    }

    /// Hands on what has gathered, if the writer has room for it.
    fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        match self.queue.try_send(std::mem::take(&mut self.waiting)) {
            Ok(()) => {}
            Err(TrySendError::Full(back)) => {
                self.waiting = back;
                let excess = self.waiting.len().saturating_sub(MAX_WAITING);
                self.waiting.truncate(MAX_WAITING);
                self.lost.fetch_add(excess as u64, Ordering::Relaxed);
            }
            Err(TrySendError::Disconnected(_)) => self.closed = true,
        }
    }

    /// The same at the end, with patience.
    fn flush_all(&mut self) {
        let end = clock::mono_ns() + MAX_STALL_NS;
        while !(self.waiting.is_empty() || self.closed) {
            self.flush();
            let now = clock::mono_ns();
            if now > end || self.requests.interrupts() > 1 {
                break;
            }
            if !self.waiting.is_empty() {
                looks::sleep_until(now + EXEC_LOOK_NS);
            }
        }
        self.lost
            .fetch_add(self.waiting.len() as u64, Ordering::Relaxed);
    }
}

/// Whether the kernel says of threads that do not run that they are running: it does not show
/// calls. Tried on a few threads.
fn shows_nothing(pid: Pid) -> io::Result<bool> {
    let pause = || looks::sleep_until(clock::mono_ns() + BETWEEN_TRIES_NS);
    let mut nothing = false;
    for tid in procfs::tasks(pid)?.into_iter().take(TRIED) {
        let Ok(mut files) = looks::ThreadFiles::open(pid, tid, looks::what_is_counted()) else {
            continue;
        };
        match sleeps_unseen(&mut files, || procfs::state(tid), pause) {
            Ok(Some(unseen)) => nothing |= unseen,
            Ok(None) => return Ok(false),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(e),
            Err(_) => {}
        }
    }
    Ok(nothing)
}
