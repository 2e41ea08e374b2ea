//! Looking at threads that are never stopped. [`Sampler`] holds the threads that are looked at
//! (all of a process or some) and turns looks into events; whoever drives it decides when, and
//! tells it of births, ends and exec: [`Sampling`] for `--sample`, where nothing else happens.

mod engine;
mod tasks;
mod watched;

pub use engine::Sampling;

use super::capture::{Capture, Captured};
use super::process::Processes;
use crate::cli::config::Config;
use crate::event::Timestamp;
use crate::ids::{Pid, Tid};
use crate::sample::pace::Remark;
use crate::sample::{Counts, Ended, Stats, Stay};
use crate::sys::looks::{self, ProgramFile, ThreadFiles};
use crate::sys::{clock, procfs};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use watched::Watched;

/// Calls of this length are to be found where no length was asked for.
const DEFAULT_WANTED: Duration = Duration::from_millis(10);

/// Threads that are looked at.
pub struct Sampler {
    config: Arc<Config>,
    capture: Capture,
    counts: Counts,
    threads: Vec<Watched>,
    /// Where in `threads`.
    places: HashMap<Tid, usize>,
    programs: HashMap<Pid, ProgramFile>,
    stats: Stats,
    looked_ns: Option<u64>,
}

/// What a look at a thread needs beside the thread.
struct View<'a> {
    config: &'a Config,
    capture: Capture,
    processes: &'a Processes,
    programs: &'a HashMap<Pid, ProgramFile>,
    slow_ns: Option<u64>,
    /// A look will come before this.
    next_ns: u64,
    /// Added to CLOCK_MONOTONIC it gives CLOCK_REALTIME.
    wall_offset_ns: u64,
}

/// Threads that have ended.
pub type Gone = Vec<(Pid, Tid)>;

impl Sampler {
    /// Nobody is looked at yet.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Sampler {
        let wanted = config.select.slow.unwrap_or(DEFAULT_WANTED);
        Sampler {
            capture: Capture::new(&config),
            config,
            counts: looks::what_is_counted(),
            threads: Vec::new(),
            places: HashMap::new(),
            programs: HashMap::new(),
            stats: Stats {
                wanted_ns: nanoseconds(wanted),
                ..Stats::default()
            },
            looked_ns: None,
        }
    }

    /// Calls that last at least this long are to be found, nanoseconds.
    #[must_use]
    pub fn wanted_ns(&self) -> u64 {
        self.stats.wanted_ns
    }

    /// How many are looked at.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Whether this thread is.
    #[must_use]
    pub fn contains(&self, tid: Tid) -> bool {
        self.places.contains_key(&tid)
    }

    /// From now on this thread is looked at, too. At `not_before` (CLOCK_MONOTONIC nanoseconds)
    /// it did not exist yet, or was surely in no call; `None`: nothing is known of the time
    /// before now.
    ///
    /// # Errors
    /// It is gone, or looking at it is not permitted.
    pub fn add(&mut self, pid: Pid, tid: Tid, not_before: Option<u64>) -> io::Result<()> {
        if self.contains(tid) {
            return Ok(());
        }
        if let Entry::Vacant(program) = self.programs.entry(pid) {
            program.insert(open_program(pid)?);
        }
        let files = ThreadFiles::open(pid, tid, self.counts)?;
        self.places.insert(tid, self.threads.len());
        self.threads.push(Watched::new(pid, tid, files, not_before));
        Ok(())
    }

    /// This thread is no longer looked at, because somebody else sees to it. The call that the
    /// last look found it in.
    pub fn remove(&mut self, tid: Tid) -> Option<Stay> {
        let place = self.places.remove(&tid)?;
        let removed = self.threads.swap_remove(place);
        if let Some(moved) = self.threads.get(place) {
            self.places.insert(moved.tid, place);
        }
        removed.stay()
    }

    /// The same for one that runs or has ended, and so has left the call in which the last look
    /// found it: its end goes to `out`.
    pub fn release(&mut self, tid: Tid, processes: &Processes, out: &mut Vec<Captured>) {
        if let Some(&place) = self.places.get(&tid) {
            self.bury(place, processes, clock::mono_ns(), out, &mut Gone::new());
        }
    }

    /// All threads of a process are gone: it has ended, or runs another program now. Calls that
    /// they were in go to `out`.
    pub fn remove_process(
        &mut self,
        pid: Pid,
        processes: &Processes,
        out: &mut Vec<Captured>,
    ) -> Gone {
        let of: Vec<usize> = (0..self.threads.len())
            .rev()
            .filter(|&i| self.threads.get(i).is_some_and(|t| t.pid == pid))
            .collect();
        let mut gone = Gone::new();
        let now = clock::mono_ns();
        for i in of {
            self.bury(i, processes, now, out, &mut gone);
        }
        self.programs.remove(&pid);
        gone
    }

    /// Whether the program that the process ran when its first thread was added still runs.
    #[must_use]
    pub fn program_runs(&self, pid: Pid) -> bool {
        self.programs.get(&pid).is_some_and(ProgramFile::runs)
    }

    /// There is nobody to look at for a while: until the next look is no time between two.
    pub fn pause(&mut self) {
        self.looked_ns = None;
    }

    /// Nobody looked at a thread for so long, in which it may have made a call. Nanoseconds.
    pub fn count_gap(&mut self, gap_ns: u64) {
        self.stats.count_gap(gap_ns);
    }

    /// Looks at every thread once. Events go to `out`, threads that have ended to `gone`. There
    /// will be another look before `next_ns`: of a call that may be reported if it ends by then,
    /// arguments and stack are read now. Whether any thread has run since the last look.
    pub fn look(
        &mut self,
        processes: &Processes,
        next_ns: u64,
        out: &mut Vec<Captured>,
        gone: &mut Gone,
    ) -> bool {
        let now = clock::mono_ns();
        let before = self.looked_ns.replace(now);
        self.stats.thread_looks += self.threads.len() as u64;
        let view = View::new(
            self.config.as_ref(),
            self.capture.clone(),
            processes,
            &self.programs,
            next_ns,
        );
        let mut ran = false;
        let mut ended = false;
        let mut longest_ns = 0;
        for thread in &mut self.threads {
            match thread.look(&view, out) {
                Ok(looked) => {
                    ran |= looked.ran;
                    longest_ns = longest_ns.max(thread.gap_ns);
                    self.stats.same_spot += u64::from(looked.same_spot(thread.stay().as_ref()));
                }
                Err(e) if looks::is_gone(&e) => {
                    thread.dead = true;
                    ended = true;
                }
                // Nothing was learnt: as if this look had not been.
                Err(_) => self.stats.failed += 1,
            }
        }
        let since_ns = before.map_or(0, |before| now.saturating_sub(before));
        self.stats.count_look(since_ns, longest_ns);
        if ended {
            let dead = |t: &Watched| t.dead;
            while let Some(i) = self.threads.iter().position(dead) {
                self.bury(i, processes, clock::mono_ns(), out, gone);
            }
        }
        ran || ended
    }

    /// The calls that go on without us, at our own end.
    pub fn report_in_flight(&mut self, processes: &Processes, out: &mut Vec<Captured>) {
        let view = View::new(
            self.config.as_ref(),
            self.capture.clone(),
            processes,
            &self.programs,
            0,
        );
        let now = clock::mono_ns();
        for thread in &mut self.threads {
            self.stats.count_gap(thread.unseen_ns(now));
            thread.let_go(&view, out);
        }
    }

    /// How the looks went, so far; `cpu_ns` is what the driver has spent on them.
    #[must_use]
    pub fn stats(&self, cpu_ns: u64) -> Stats {
        Stats {
            cpu_ns,
            ..self.stats
        }
    }

    fn bury(
        &mut self,
        place: usize,
        processes: &Processes,
        now: u64,
        out: &mut Vec<Captured>,
        gone: &mut Gone,
    ) {
        let view = View::new(
            self.config.as_ref(),
            self.capture.clone(),
            processes,
            &self.programs,
            0,
        );
        let Some(thread) = self.threads.get_mut(place) else {
            return;
        };
        self.stats.count_gap(thread.unseen_ns(now));
        thread.end(now, &view, out);
        let (pid, tid) = (thread.pid, thread.tid);
        gone.push((pid, tid));
        self.remove(tid);
    }
}

/// By any thread that is alive: the first may have ended before the others.
fn open_program(pid: Pid) -> io::Result<ProgramFile> {
    let first = ProgramFile::open(pid);
    if first.as_ref().is_ok_and(ProgramFile::runs) {
        return first;
    }
    procfs::tasks(pid)?
        .into_iter()
        .filter_map(|tid| ProgramFile::open(Pid::from(tid)).ok())
        .find(ProgramFile::runs)
        .map_or(first, Ok)
}

impl<'a> View<'a> {
    fn new(
        config: &'a Config,
        capture: Capture,
        processes: &'a Processes,
        programs: &'a HashMap<Pid, ProgramFile>,
        next_ns: u64,
    ) -> View<'a> {
        let now = clock::now();
        View {
            config,
            capture,
            processes,
            programs,
            slow_ns: config.select.slow.map(nanoseconds),
            next_ns,
            wall_offset_ns: now.wall_ns.wrapping_sub(now.mono_ns),
        }
    }

    fn time(&self, mono_ns: u64) -> Timestamp {
        Timestamp {
            mono_ns,
            wall_ns: mono_ns.wrapping_add(self.wall_offset_ns),
        }
    }

    /// Whether a call that has ended may have lasted long enough. Where any length will do: two
    /// looks have found it.
    fn reports(&self, ended: &Ended) -> bool {
        match self.slow_ns {
            Some(slow) => ended.stay.at_most(ended.by) >= slow,
            None => ended.stay.looks >= 2,
        }
    }

    /// Whether a call would be reported if it ended before a look that comes in time.
    fn will_report(&self, stay: &Stay) -> bool {
        match self.slow_ns {
            Some(slow) => stay.at_most(self.next_ns) >= slow,
            None => stay.looks >= 2,
        }
    }

    /// Whether a call that goes on has surely lasted long enough.
    fn is_long(&self, stay: &Stay) -> bool {
        match self.slow_ns {
            Some(slow) => stay.at_least() >= slow,
            None => stay.looks >= 2,
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A remark in words, of looks at so many threads.
pub(super) fn remark(remark: Remark, threads: usize) -> String {
    let threads = threads.max(1) as u64;
    let time = Duration::from_nanos;
    match remark {
        Remark::Slower {
            period_ns,
            wanted_ns,
            cost_ns,
        } => format!(
            "a look at {threads} threads takes {:?} of CPU time ({:?} a thread), so there is \
             one every {:?} instead of {:?}, for {} % of a CPU: calls shorter than that may be \
             missed, and durations are less certain (--sample=PERIOD insists)",
            time(cost_ns),
            time(cost_ns / threads),
            time(period_ns),
            time(wanted_ns),
            cost_ns.saturating_mul(100) / period_ns.max(1),
        ),
        Remark::Expensive { percent, cost_ns } => format!(
            "looking at {threads} threads so often takes {percent} % of a CPU ({:?} a look, \
             {:?} a thread)",
            time(cost_ns),
            time(cost_ns / threads),
        ),
    }
}
