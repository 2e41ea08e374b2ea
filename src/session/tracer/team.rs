//! What the engines of a session share. Each runs on a thread of its own and has its own
//! tracees: a tracee answers only to the thread that seized it, and what it clones is seized for
//! the same thread. Nothing here is touched between a stop and the resume but `working`.

use super::outbox::Outbox;
use super::{Ended, Tracer};
use crate::cli::config::Config;
use crate::ids::{Pid, Tid};
use crate::overhead::Totals;
use crate::sample::Stats;
use crate::session::capture::Captured;
use crate::session::known::Changes;
use crate::session::process::Processes;
use crate::sys::signals::StopRequests;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The engines of a session.
pub struct Team {
    pub(super) config: Arc<Config>,
    processes: Mutex<Processes>,
    pub(super) out: Outbox,
    pub(super) requests: StopRequests,
    /// What may have changed names of descriptors and processes.
    pub(super) changes: Changes,
    /// A signal has asked for the end.
    pub(super) asked: AtomicBool,
    /// For each engine, the time of the stop that it is at; `IDLE`: none.
    working: Vec<AtomicU64>,
    /// Engines that have seized their share.
    ready: AtomicUsize,
    /// Held by each thread that was seized and has not stopped since.
    running: Arc<()>,
    /// Engines that are not asleep in a wait.
    awake: AtomicUsize,
    cpus: usize,
    /// What `--overhead` came to, of the engines that have ended.
    accounts: Mutex<(Totals, Stats)>,
}

const IDLE: u64 = u64::MAX;
/// At a stop whose time has not been taken yet.
const UNTIMED: u64 = 0;

impl Team {
    /// A team of at most so many engines.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        out: SyncSender<Vec<Captured>>,
        requests: StopRequests,
        lost: Arc<AtomicU64>,
        engines: usize,
    ) -> Team {
        Team {
            processes: Mutex::new(Processes::new()),
            out: Outbox::new(out, lost, config.look.string_limit),
            config,
            requests,
            changes: Changes::default(),
            asked: AtomicBool::new(false),
            working: (0..engines.max(1)).map(|_| AtomicU64::new(IDLE)).collect(),
            ready: AtomicUsize::new(0),
            running: Arc::default(),
            awake: AtomicUsize::new(0),
            cpus: std::thread::available_parallelism().map_or(1, |cpus| cpus.get()),
            accounts: Mutex::default(),
        }
    }

    pub(super) fn engines(&self) -> usize {
        self.working.len()
    }

    /// For a thread that has just been seized, until it stops or is gone.
    pub(super) fn mark_running(&self) -> Arc<()> {
        Arc::clone(&self.running)
    }

    /// Whether all threads that were seized have stopped since.
    pub(super) fn all_have_stopped(&self) -> bool {
        Arc::strong_count(&self.running) == 1
    }

    pub(super) fn processes(&self) -> MutexGuard<'_, Processes> {
        self.processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What an engine has come to.
    pub(super) fn account_for(&self, totals: &Totals, looked: &Stats) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.0.join(totals);
        accounts.1.join(looked);
    }

    /// What all of them came to.
    pub fn accounts(&self) -> (Totals, Stats) {
        *self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An engine has been told of a stop, and takes its time only after this: an event that is
    /// in the outbox by now is older than that stop, whose own will be held back for it.
    pub(super) fn begin_stop(&self, engine: usize) {
        if self.engines() > 1 {
            self.set_working(engine, UNTIMED);
        }
    }

    /// The stop that the engine is at came at this time.
    pub(super) fn time_stop(&self, engine: usize, mono_ns: u64) {
        if self.engines() > 1 {
            self.set_working(engine, mono_ns);
        }
    }

    /// What was to be told of the stop is in the outbox.
    pub(super) fn end_stop(&self, engine: usize) {
        if self.engines() > 1 {
            self.set_working(engine, IDLE);
        }
    }

    /// An engine is about to look for stops, or to handle one.
    pub(super) fn wake(&self) {
        self.awake.fetch_add(1, Ordering::Relaxed);
    }

    /// An engine is about to sleep until there is a stop, or to end.
    pub(super) fn sleep(&self) {
        self.awake.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the engines that are awake leave no CPU to the tracees.
    pub(super) fn fills_cpus(&self) -> bool {
        self.awake.load(Ordering::Relaxed) >= self.cpus
    }

    fn set_working(&self, engine: usize, ns: u64) {
        if let Some(working) = self.working.get(engine) {
            // Ordered with the outbox's lock and with the reading of the clock.
            working.store(ns, Ordering::SeqCst);
        }
    }

    /// No engine but this one will tell of anything before this time.
    pub(super) fn horizon_ns(&self, engine: usize) -> u64 {
        let others = self
            .working
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != engine);
        let times = others.map(|(_, w)| w.load(Ordering::SeqCst));
        times.min().unwrap_or(IDLE)
    }
}

/// The other engines, from the first one's point of view.
#[derive(Default)]
pub(super) struct Mates {
    threads: Vec<JoinHandle<Option<Ended>>>,
}

impl Mates {
    /// Starts an engine for each share, which it seizes.
    pub(super) fn start(team: &Arc<Team>, shares: Vec<Vec<(Pid, Tid)>>) -> Mates {
        let mut mates = Mates::default();
        for (i, share) in shares.into_iter().enumerate() {
            let team = Arc::clone(team);
            let engine = std::thread::Builder::new()
                .name("gostrace".to_owned())
                .spawn(move || run(team, i + 1, &share));
            // Without it the first engine takes its share.
            mates.threads.extend(engine);
        }
        mates
    }

    /// Whether each has seized its share.
    pub(super) fn are_ready(&self, team: &Team) -> bool {
        team.ready.load(Ordering::Acquire) >= self.threads.len()
    }

    /// Waits for all to end. `Err`: one has crashed.
    pub(super) fn join(&mut self) -> std::thread::Result<Vec<Ended>> {
        let mut ended = Vec::new();
        for thread in self.threads.drain(..) {
            ended.extend(thread.join()?);
        }
        Ok(ended)
    }
}

fn run(team: Arc<Team>, index: usize, share: &[(Pid, Tid)]) -> Option<Ended> {
    let mut guard = Guard {
        team: Arc::clone(&team),
        index,
        ready: false,
    };
    // Without a timer it cannot wait; the first engine seizes what it leaves.
    let mut tracer = Tracer::new(team, index).ok()?;
    tracer.take(share);
    guard.be_ready();
    Some(tracer.run())
}

/// However an engine ends, nobody waits for it any more.
struct Guard {
    team: Arc<Team>,
    index: usize,
    ready: bool,
}

impl Guard {
    fn be_ready(&mut self) {
        self.ready = true;
        self.team.ready.fetch_add(1, Ordering::Release);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.ready {
            self.be_ready();
        }
        self.team.end_stop(self.index);
        if std::thread::panicking() {
            self.team.requests.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(engines: usize) -> Team {
        let words = ["gostrace", "-p", "1"].map(Into::into);
        let Ok(crate::cli::Invocation::Trace(config)) = crate::cli::parse(words) else {
            panic!("a plain attach");
        };
        let (out, _) = std::sync::mpsc::sync_channel(1);
        Team::new(
            Arc::new(*config),
            out,
            StopRequests::default(),
            Arc::new(AtomicU64::new(0)),
            engines,
        )
    }

    #[test]
    fn what_another_engine_may_still_tell_holds_back_what_is_not_older() {
        let team = team(3);
        assert_eq!(team.horizon_ns(0), u64::MAX);
        team.begin_stop(1);
        assert_eq!(team.horizon_ns(0), 0, "its time is not known yet");
        team.time_stop(1, 50);
        team.begin_stop(2);
        team.time_stop(2, 40);
        assert_eq!(team.horizon_ns(0), 40);
        assert_eq!(team.horizon_ns(2), 50, "not by its own");
        team.end_stop(2);
        assert_eq!(team.horizon_ns(0), 50);
        team.end_stop(1);
        assert_eq!(team.horizon_ns(0), u64::MAX);
    }
}
