//! The edge of [`crate::hang`]: starts a command, watches what descends from it, and ends it.
//!
//! The command runs as it would without us: same descriptors, same signals, in a process group of
//! its own that gets the terminal if we have it. Nothing is traced; all is seen in /proc.

mod end;
mod inside;
mod reader;
mod scene;
mod tree;

use crate::cli::{HangConfig, OnHang};
use crate::event::ExitKind;
use crate::hang::scene::{Kind, Process, Scene, Why};
use crate::hang::verdict::{Verdict, judge};
use crate::hang::watch::{Id, Watch};
use crate::ids::{Pid, Signal};
use crate::stop::Stop;
use crate::sys::job::{self, Reaped, Signals, Terminal};
use crate::sys::spawn::{self, Setting, SpawnError};
use crate::sys::{SysError, clock};
use reader::{Answer, Reader};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;
use tree::Member;

/// The pause between two looks at the tree.
const INTERVALS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// The pause while an answer is awaited.
const SHORT: Duration = Duration::from_millis(10);
/// How long making a report may take: a CI system kills ten seconds after it asked for an end.
const REPORT_ON_SIGNAL: Duration = Duration::from_secs(4);
/// And where nobody is in a hurry.
const REPORT: Duration = Duration::from_secs(60);
/// How long what is left of a command that was asked to end may take.
const LEFT_OVERS: Duration = Duration::from_secs(1);

/// What is told while the command runs.
#[allow(clippy::large_enum_variant)] // There are few.
pub enum News<'a> {
    /// Why it does not get on, or is to end.
    Report(&'a Scene, &'a Verdict),
    /// A process has been busy for long: no hang.
    Busy(&'a Verdict),
    /// These could not be killed.
    Left(&'a [Pid]),
}

/// Who is told.
pub type Tell<'a> = &'a mut dyn FnMut(News<'_>);

/// How it came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The command ended like this.
    Ended(ExitKind),
    /// It hung, and was ended.
    Hang,
}

/// Starts the command and watches it until it has ended.
///
/// # Errors
/// It cannot be started.
pub fn run(config: &HangConfig, tell: Tell<'_>) -> Result<Outcome, SpawnError> {
    let sys = SpawnError::Sys;
    let first = config.command.first().ok_or(SpawnError::NotFound)?;
    let program = spawn::find(first, std::env::var_os("PATH").as_deref())?;
    let nul = |_| SpawnError::NotExecutable(nix::errno::Errno::EINVAL);
    let args = config.command.iter().map(|a| CString::new(a.as_bytes()));
    let args: Vec<CString> = args.collect::<Result<_, _>>().map_err(nul)?;
    let signals = Signals::block().map_err(sys)?;
    job::adopt_orphans().map_err(sys)?;
    let terminal = Terminal::of_ours();
    // It must have the mask that blocks signals: they are waited for in one place.
    let reader = Reader::start().map_err(sys)?;
    let held = spawn::hold(&program, &args, &Setting::default(), None)?;
    let command = held.pid;
    job::lead_group(command).map_err(sys)?;
    if let Some(terminal) = terminal {
        terminal.give_to(command);
    }
    let began_ns = clock::mono_ns();
    held.release();
    let mut run = Run {
        config,
        command,
        terminal,
        signals,
        reader,
        watch: Watch::new(config.after, began_ns),
        members: Vec::new(),
        began_ns,
        next_look_ns: began_ns,
        deadline_ns: config.deadline.map(|d| began_ns.saturating_add(nanos(d))),
        ended: None,
        asked_to_end: false,
        pending: Vec::new(),
    };
    let outcome = run.run(tell);
    if let Some(terminal) = terminal {
        terminal.take_back(command);
    }
    outcome.map_err(sys)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A command under watch.
struct Run<'a> {
    config: &'a HangConfig,
    command: Pid,
    terminal: Option<Terminal>,
    signals: Signals,
    reader: Reader,
    watch: Watch,
    members: Vec<Member>,
    began_ns: u64,
    next_look_ns: u64,
    deadline_ns: Option<u64>,
    ended: Option<ExitKind>,
    /// A signal that ends has been passed on.
    asked_to_end: bool,
    /// Signals that came while a report was made.
    pending: Vec<Signal>,
}

impl Run<'_> {
    fn run(&mut self, tell: Tell<'_>) -> Result<Outcome, SysError> {
        loop {
            self.wait();
            for signal in std::mem::take(&mut self.pending) {
                self.on_signal(signal, tell)?;
            }
            if let Some(how) = self.ended {
                if self.asked_to_end {
                    self.end_left_overs(tell);
                }
                return Ok(Outcome::Ended(how));
            }
            let now = clock::mono_ns();
            if now >= self.next_look_ns {
                self.look(now, tell)?;
            }
            let hangs = self.take_answers();
            let late = self.deadline_ns.is_some_and(|deadline| now >= deadline);
            let why = match (hangs, late) {
                (_, true) => Why::Deadline(self.config.deadline.unwrap_or_default()),
                (true, false) => Why::Stuck(self.config.after),
                (false, false) => continue,
            };
            if late {
                self.deadline_ns = None;
            }
            if let Some(outcome) = self.on_hang(why, tell)? {
                return Ok(outcome);
            }
        }
    }

    /// Waits for a signal or the next look, and collects who has ended.
    fn wait(&mut self) {
        let now = clock::mono_ns();
        let next = self.deadline_ns.unwrap_or(u64::MAX).min(self.next_look_ns);
        let mut limit = Duration::from_nanos(next.saturating_sub(now));
        if self.reader.is_looking {
            limit = limit.min(SHORT);
        }
        if self.pending.is_empty() {
            let signal = self.signals.wait(limit);
            self.pending.extend(signal.filter(|s| s.0 != libc::SIGCHLD));
        }
        self.reap();
    }

    /// Collects all that has ended.
    fn reap(&mut self) {
        loop {
            match job::reap() {
                Reaped::Ended(pid, stop) if pid == self.command => {
                    self.ended = Some(match stop {
                        Stop::Killed(signal, core) => ExitKind::Killed(signal, core),
                        Stop::Exited(status) => ExitKind::Status(status),
                        _ => ExitKind::Status(0),
                    });
                }
                Reaped::Ended(..) => {}
                Reaped::Stopped(pid, by) if pid == self.command => self.on_stopped(by),
                Reaped::Stopped(..) => {}
                Reaped::Nothing | Reaped::NoChildren => return,
            }
        }
    }

    /// Ctrl-Z: we stop with the command, and go on with it.
    fn on_stopped(&mut self, by: Signal) {
        let Some(terminal) = self.terminal else {
            return;
        };
        if !terminal.is_given_to(self.command, by) {
            terminal.take_back(self.command);
            job::stop_self();
            terminal.give_to(self.command);
            self.watch.restart(clock::mono_ns());
        }
        job::signal_group(self.command, Signal(libc::SIGCONT));
    }

    fn look(&mut self, now: u64, tell: Tell<'_>) -> Result<(), SysError> {
        let interval = (self.config.after / 16).clamp(INTERVALS.0, INTERVALS.1);
        self.next_look_ns = now.saturating_add(nanos(interval));
        self.members = tree::read();
        let alive = self.members.iter().filter(|m| !m.has_ended());
        let sights: Vec<_> = alive.map(|m| m.sight.clone()).collect();
        self.watch.look(now, &sights);
        let busy = self.watch.newly_busy(now);
        if !busy.is_empty() {
            self.tell_busy(&busy, tell)?;
        }
        if self.watch.wants_inside(now) && !self.reader.is_looking {
            self.reader.look(self.members.clone());
        }
        Ok(())
    }

    /// Takes what the reader has found so far; whether that makes it a hang.
    fn take_answers(&mut self) -> bool {
        let mut hangs = false;
        while let Ok(answer) = self.reader.answers().try_recv() {
            if let Answer::Inside(all) = answer {
                self.reader.is_looking = false;
                let now = clock::mono_ns();
                self.watch.look_inside(now, &all);
                hangs = self.watch.is_hang(now);
            }
        }
        hangs
    }

    fn tell_busy(&mut self, busy: &[Id], tell: Tell<'_>) -> Result<(), SysError> {
        let after = self.config.after;
        let members = self.members.clone();
        let only = |m: &Member| busy.contains(&m.sight.id);
        let scene = self.scene(
            Why::Deadline(after),
            members.into_iter().filter(only).collect(),
        )?;
        // What builds is busy, and nobody need be told.
        if scene.processes.iter().any(Process::is_suspect) {
            tell(News::Busy(&judge(&scene)));
        }
        Ok(())
    }

    /// Makes the report and tells it.
    fn report(&mut self, why: Why, tell: Tell<'_>) -> Result<(), SysError> {
        self.members = tree::read();
        let scene = self.scene(why, self.members.clone())?;
        tell(News::Report(&scene, &judge(&scene)));
        Ok(())
    }

    /// Reads these processes, as far as there is time.
    fn scene(&mut self, why: Why, members: Vec<Member>) -> Result<Scene, SysError> {
        let now = clock::mono_ns();
        let at = clock::now();
        let still = members.iter().map(|m| {
            let id = m.sight.id;
            (id, self.watch.all_still(id, now))
        });
        let busy = members.iter().map(|m| m.sight.id);
        let busy = busy.filter(|id| self.watch.busy(*id, now).is_some());
        // Busy is what a hang is not.
        let busy = busy.filter(|_| matches!(why, Why::Deadline(_)));
        self.reader.describe(scene::Wish {
            still: still.collect(),
            busy: busy.collect(),
            members: members.clone(),
        });
        let mut limit = match why {
            Why::Signal(_) => REPORT_ON_SIGNAL,
            _ => REPORT,
        };
        let mut read: Vec<Process> = Vec::new();
        let mut missing = Vec::new();
        loop {
            let spent = Duration::from_nanos(clock::mono_ns().saturating_sub(now));
            if spent >= limit {
                let seconds = limit.as_secs();
                missing.push(format!("what could not be read within {seconds} s"));
                // It is held up; what it finds later is of no use.
                self.reader = Reader::start()?;
                break;
            }
            if let Some(signal) = self.signals.wait(Duration::ZERO)
                && signal.0 != libc::SIGCHLD
            {
                self.pending.push(signal);
                limit = limit.min(spent + REPORT_ON_SIGNAL);
            }
            match self.reader.answers().recv_timeout(SHORT) {
                Ok(Answer::Process(process)) => read.push(*process),
                Ok(Answer::Inside(_)) => self.reader.is_looking = false,
                Ok(Answer::Done) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                    missing.push("what the thread that reads did not get to".to_owned());
                    self.reader = Reader::start()?;
                    break;
                }
            }
        }
        let processes = members.iter().map(|member| {
            let id = member.sight.id;
            let found = read.iter().position(|p| p.id == id);
            let mut process = match found {
                Some(at) => read.swap_remove(at),
                None => scene::bare(member, Kind::Other, "it was not read in time"),
            };
            process.cpu_percent = self.watch.cpu_percent(id);
            process.busy = self.watch.busy(id, now);
            process
        });
        let words: Vec<String> = self
            .config
            .command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        Ok(Scene {
            why,
            at,
            command: words.join(" "),
            ran: Duration::from_nanos(now.saturating_sub(self.began_ns)),
            quiet: self.watch.quiet(now),
            processes: processes.collect(),
            missing,
        })
    }

    fn on_hang(&mut self, why: Why, tell: Tell<'_>) -> Result<Option<Outcome>, SysError> {
        self.report(why, tell)?;
        match self.config.on_hang {
            OnHang::Report => {
                self.watch.wait_longer(clock::mono_ns());
                return Ok(None);
            }
            OnHang::Quit => self.quit(),
            OnHang::Kill => {}
        }
        self.kill_all(tell);
        Ok(Some(Outcome::Hang))
    }

    /// What ends is reported first, once; then all is passed on.
    fn on_signal(&mut self, signal: Signal, tell: Tell<'_>) -> Result<(), SysError> {
        let ends = matches!(signal.0, libc::SIGTERM | libc::SIGINT | libc::SIGHUP);
        if ends && !self.asked_to_end {
            self.asked_to_end = true;
            self.report(Why::Signal(signal), tell)?;
        }
        job::signal_group(self.command, signal);
        Ok(())
    }
}
