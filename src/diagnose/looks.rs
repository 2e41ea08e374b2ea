//! What calls do not show, because the runtime makes none meanwhile: goroutines that work for
//! the garbage collector, a world that will not stop, goroutines that have returned from a call
//! and wait to be run, a pipe that a grandchild holds open. Told by many looks at all
//! goroutines: one look says what is, their share says for how much of the time.

use super::catalog::advice;
use super::facts::Facts;
use super::history::History;
use super::rules::setting;
use super::system::finding;
use crate::event::Timestamp;
use crate::finding::{Evidence, Finding, FindingId, Severity};
use crate::ids::{Goid, Pid, Tid};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What one look at all goroutines found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// Goroutines that worked for the garbage collector, or waited until others had, so as to be
    /// given memory ("GC assist marking", "GC assist wait").
    pub assisting: u64,
    /// Goroutines that waited for a sync.Mutex or sync.RWMutex.
    pub locking: u64,
    /// Goroutines that had returned from a call and waited for a P to run on.
    pub returned: u64,
    /// How long one of these had been seen to wait, at least.
    pub returned_for: Duration,
    /// A goroutine waited for the others to stop ("stopping the world"), for so long at least.
    pub stopping: Option<Duration>,
}

/// A thread that runs on while the world should stop: it is in a raw call, which the runtime
/// cannot interrupt and does not know of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holdout {
    /// The thread.
    pub tid: Tid,
    /// Its call.
    pub call: &'static str,
    /// The program's function that made it.
    pub func: Option<Arc<str>>,
}

/// A goroutine of os/exec that copies what a child writes, after the child has gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldPipe {
    /// The goroutine.
    pub goid: Goid,
    /// The program's function that waits for the command, where known.
    pub func: Option<Arc<str>>,
    /// The pipe's inode.
    pub pipe: u64,
    /// Who has its other end open: never the process itself nor a child of it.
    pub holders: Vec<PipeHolder>,
    /// For so long, at least.
    pub held_for: Duration,
}

/// A process that has the writing end of a pipe open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PipeHolder {
    /// Its id.
    pub pid: Pid,
    /// Its command name.
    pub command: Option<Arc<str>>,
    /// Its parent.
    pub parent: Option<Pid>,
}

/// What has been seen of a process since it was last asked for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Looks {
    /// The looks, in order.
    pub list: Vec<Look>,
    /// What held up a world that was to stop, the last that was seen.
    pub holdout: Option<Holdout>,
    /// Pipes that are held.
    pub pipes: Vec<HeldPipe>,
    /// The program's functions that goroutines waited for locks in, one of each look.
    pub lockers: Vec<Arc<str>>,
}

/// The looks that are judged together, some seconds' worth.
#[derive(Debug, Default)]
pub(super) struct Window {
    looks: VecDeque<Look>,
    holdout: Option<Holdout>,
    pipes: Vec<HeldPipe>,
    lockers: VecDeque<Arc<str>>,
}

/// Looks that are kept,
const MAX_LOOKS: usize = 40;
/// those that it takes to tell of this moment,
const FIRST_LOOKS: usize = 5;
/// and as many as it takes to judge.
const MIN_LOOKS: usize = 20;
/// Tenths of the looks in which goroutines assist the collector, that are too many: it is made
/// to finish before they run into it, and in a program with memory to spare they hardly ever do.
const ASSIST_TENTHS: usize = 3;
/// Tenths of the looks in which goroutines wait for locks, that are too many.
const LOCK_TENTHS: usize = 3;
/// Tenths of the looks in which the world is being stopped: that takes microseconds.
const STOPPING_TENTHS: usize = 1;
const MIN_STOPPING: usize = 3;
/// Looks after which it is told although it has not been seen who holds up the world.
const UNNAMED_LOOKS: usize = 30;
/// Pipes are found held after so long: processes take a moment to end.
const HELD_LONG: Duration = Duration::from_secs(1);

impl Window {
    /// Adds what has been seen since the last time.
    pub fn add(&mut self, looks: Looks) {
        self.looks.extend(looks.list);
        let excess = self.looks.len().saturating_sub(MAX_LOOKS);
        self.looks.drain(..excess);
        self.holdout = looks.holdout.or(self.holdout.take());
        if !looks.pipes.is_empty() {
            self.pipes = looks.pipes;
        }
        self.lockers.extend(looks.lockers);
        let excess = self.lockers.len().saturating_sub(MAX_LOOKS);
        self.lockers.drain(..excess);
    }

    /// The function that at least half of those who were seen waited for locks in.
    fn locker(&self) -> Option<&Arc<str>> {
        let times = |func| self.lockers.iter().filter(|f| *f == func).count();
        let most = self.lockers.iter().max_by_key(|func| times(*func))?;
        (times(most) * 2 >= self.lockers.len()).then_some(most)
    }

    /// Whether there are enough looks to tell what goes on at this moment.
    pub fn is_begun(&self) -> bool {
        self.looks.len() >= FIRST_LOOKS
    }

    /// Looks at which it was so, where they are this share of enough.
    fn often(&self, tenths: usize, is_so: impl Fn(&Look) -> bool) -> Option<u64> {
        let count = self.looks.iter().filter(|l| is_so(l)).count();
        let often = self.looks.len() >= MIN_LOOKS && count * 10 >= self.looks.len() * tenths;
        often.then_some(count as u64)
    }

    fn total(&self) -> u64 {
        self.looks.len() as u64
    }

    /// Goroutines that waited to be run again after a call; `None` where none were seen.
    pub fn returned(&self) -> Option<Evidence> {
        let at_once = self.looks.iter().map(|l| l.returned).max()?;
        let longest = self.looks.iter().map(|l| l.returned_for).max()?;
        let times = self.looks.iter().filter(|l| l.returned > 0).count();
        (times > 0).then(|| Evidence::WaitedToRun {
            times: times as u64,
            looks: self.total(),
            at_once,
            longest,
        })
    }
}

/// What the looks at a process since the last tick show.
pub(super) fn judge(
    history: &mut History,
    pid: Pid,
    now: Timestamp,
    facts: &dyn Facts,
) -> Vec<Finding> {
    let Some(process) = history.processes.get_mut(&pid) else {
        return Vec::new();
    };
    let window = &mut process.window;
    window.add(facts.looks(pid));
    let pipes = std::mem::take(&mut window.pipes);
    let mut found: Vec<Finding> = pipes
        .iter()
        .filter_map(|pipe| held(pipe, pid, now))
        .collect();
    if let Some(times) = window.often(ASSIST_TENTHS, |l| l.assisting > 0) {
        let mut f = finding(FindingId::GcAssist, pid, now, Severity::Warning);
        f.evidence.push(Evidence::Assisting {
            times,
            looks: window.total(),
            at_once: window.looks.iter().map(|l| l.assisting).max().unwrap_or(0),
        });
        f.settings = gc_settings(pid, facts);
        found.push(f);
    }
    let locking = window.often(LOCK_TENTHS, |l| l.locking > 0);
    if let Some((times, func)) = locking.zip(window.locker()) {
        let mut f = finding(FindingId::LockContention, pid, now, Severity::Warning);
        f.func = Some(Arc::clone(func));
        f.evidence.push(Evidence::LockWaits {
            times,
            looks: window.total(),
            at_once: window.looks.iter().map(|l| l.locking).max().unwrap_or(0),
        });
        f.settings = vec![setting("GOMAXPROCS", facts.gomaxprocs(pid))];
        found.push(f);
    }
    let stopping = window.often(STOPPING_TENTHS, |l| l.stopping.is_some());
    let is_ripe = window.holdout.is_some() || window.looks.len() >= UNNAMED_LOOKS;
    if let Some(times) = stopping.filter(|n| is_ripe && *n >= MIN_STOPPING as u64) {
        let mut f = finding(FindingId::StopTheWorld, pid, now, Severity::Warning);
        f.evidence.push(Evidence::Stopping {
            times,
            looks: window.total(),
            longest: window
                .looks
                .iter()
                .filter_map(|l| l.stopping)
                .max()
                .unwrap_or_default(),
        });
        if let Some(holdout) = &window.holdout {
            f.tid = Some(holdout.tid);
            f.func.clone_from(&holdout.func);
            f.evidence.push(Evidence::RunsOn {
                tid: holdout.tid,
                call: holdout.call,
            });
        }
        found.push(f);
    }
    found
}

fn gc_settings(pid: Pid, facts: &dyn Facts) -> Vec<crate::finding::Setting> {
    let known = |name| setting(name, facts.variable(pid, name));
    vec![
        setting("GOMAXPROCS", facts.gomaxprocs(pid)),
        known("GOGC"),
        known("GOMEMLIMIT"),
    ]
}

fn held(pipe: &HeldPipe, pid: Pid, now: Timestamp) -> Option<Finding> {
    if pipe.held_for < HELD_LONG || pipe.holders.is_empty() {
        return None;
    }
    let mut f = finding(FindingId::ChildWait, pid, now, Severity::Error);
    f.func.clone_from(&pipe.func);
    f.advice = advice::HELD_PIPE;
    f.evidence.push(Evidence::CopiesFrom {
        goid: pipe.goid,
        pipe: pipe.pipe,
    });
    for holder in &pipe.holders {
        f.evidence.push(Evidence::PipeHolder {
            pid: holder.pid,
            command: holder.command.clone(),
            parent: holder.parent,
        });
    }
    f.evidence.push(Evidence::Lasted(pipe.held_for));
    Some(f)
}
