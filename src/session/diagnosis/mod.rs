//! The diagnosis of a session: [`crate::diagnose`] given facts of live processes, and time.
//!
//! It works on the writer's side, while the threads run on: a fact that concerns a call is read
//! while its thread is still in it, or is not believed.

mod cgroup;
mod live;
mod lookout;

use super::process::Process;
use crate::cli::config::{Config, Format};
use crate::diagnose::{Aside, Choice, Diagnosis, Facts as _, Place, Tally, Throttling};
use crate::event::{Event, SyscallEvent};
use crate::finding::FindingId;
use crate::ids::Pid;
use crate::sys::clock;
use live::Live;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often the processes themselves are looked at.
const TICK_NS: u64 = 1_000_000_000;
/// Processes that are remembered.
const MAX_WATCHED: usize = 4096;
/// What looks at goroutines tell of.
const OF_LOOKS: [FindingId; 4] = [
    FindingId::ChildWait,
    FindingId::GcAssist,
    FindingId::StopTheWorld,
    FindingId::ThreadExplosion,
];

/// Diagnoses what the writer is given.
pub struct Diagnoser {
    diagnosis: Diagnosis,
    live: Live,
    ticked_ns: u64,
    /// The program of each process that goroutines are looked at of.
    watched: HashMap<Pid, Arc<Process>>,
    /// Where only strace's own lines are wanted, nothing is diagnosed.
    is_on: bool,
}

impl Diagnoser {
    /// As the command line asks for.
    #[must_use]
    pub fn new(config: &Config) -> Diagnoser {
        let is_on = config.format != Format::Strace;
        let wants = |id: &FindingId| config.findings.wants(*id);
        Diagnoser {
            diagnosis: Diagnosis::new(config.findings.clone(), config.select.slow),
            live: Live::new(is_on && OF_LOOKS.iter().any(wants)),
            ticked_ns: clock::mono_ns(),
            watched: HashMap::new(),
            is_on,
        }
    }

    /// For calls that were found blocked by looking, and have been for at least `slow`.
    #[must_use]
    pub fn of_looks(slow: Duration) -> Diagnoser {
        Diagnoser {
            diagnosis: Diagnosis::new(Choice::default(), Some(slow)),
            live: Live::new(false),
            ticked_ns: clock::mono_ns(),
            watched: HashMap::new(),
            is_on: true,
        }
    }

    /// How the cgroup of a process is throttled, where it has a CPU limit, and how many files it
    /// may open.
    #[must_use]
    pub fn limits(&self, pid: Pid) -> (Option<Throttling>, Option<u64>) {
        (
            self.live.throttling(pid),
            self.live.nofile(pid).get().copied(),
        )
    }

    /// These processes are traced from now on.
    pub fn begin(&mut self, processes: &[(Arc<Process>, usize)]) {
        if !self.is_on {
            return;
        }
        for (process, _) in processes {
            self.diagnosis.begin(process.pid, clock::now(), &self.live);
            self.watch(process);
        }
    }

    /// A process that runs a program; another one after an exec.
    pub fn watch(&mut self, process: &Arc<Process>) {
        let known = self.watched.get(&process.pid);
        if self.is_on && known.is_none_or(|known| !Arc::ptr_eq(known, process)) {
            if self.watched.len() >= MAX_WATCHED {
                self.watched.clear();
            }
            self.watched.insert(process.pid, Arc::clone(process));
            self.live.lookout.watch(process);
        }
    }

    /// Gives the event what it shows.
    pub fn call(&mut self, event: &mut SyscallEvent) {
        if self.is_on {
            self.diagnosis.call(event, &self.live);
        }
    }

    /// Says of a call that is not judged how it waits.
    pub fn wait(&self, event: &mut SyscallEvent) {
        if self.is_on {
            self.diagnosis.wait(event);
        }
    }

    /// Takes note of a call that is not shown for itself.
    pub fn aside(&mut self, aside: Aside, event: &SyscallEvent) -> Vec<Event> {
        match self.is_on {
            true => self.diagnosis.aside(aside, event, &self.live),
            false => Vec::new(),
        }
    }

    /// Takes note of calls that are not shown.
    pub fn tally(&mut self, tally: &Tally) {
        self.diagnosis.tally(tally);
    }

    /// Looks at the processes, if it is time.
    pub fn tick(&mut self) -> Vec<Event> {
        let now = clock::now();
        if now.mono_ns.saturating_sub(self.ticked_ns) < TICK_NS {
            return Vec::new();
        }
        self.look()
    }

    /// Looks at the processes once more.
    pub fn look(&mut self) -> Vec<Event> {
        let now = clock::now();
        self.ticked_ns = now.mono_ns;
        if !self.is_on {
            return Vec::new();
        }
        self.diagnosis.tick(now, &self.live)
    }

    /// What was found, each with how often.
    #[must_use]
    pub fn seen(&self) -> &[(Place, u64)] {
        self.diagnosis.seen()
    }
}
