//! Whether anything gets on.
//!
//! # What counts as progress
//! * a process begins, ends or executes another program;
//! * a process writes something (`wchar` of /proc/PID/io), but for what Go's poller writes to
//!   wake itself;
//! * a process uses a quarter of a CPU or more, or would if it got one: it is busy, not stuck;
//! * a test's goroutine, or a thread of a program that is not Go, is found at work, or waiting for
//!   a CPU: on a machine that is short of them little else may be seen;
//! * a goroutine or thread is found in a place where it was not before. One that only ticks, that
//!   is, comes back to places it has been seen in with the same data on its stack, shows none:
//!   nearly every program has a ticker that outlives a deadlock. The goroutine of a test itself
//!   may tick: that it runs at all is progress.
//!
//! Threads that the Go runtime keeps for itself (sysmon, idle ones) are no goroutines, so their
//! waking and sleeping is not seen here at all.

mod known;

use crate::ids::Pid;
use known::Known;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A process, told from a later one with its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Id {
    /// Its number.
    pub pid: Pid,
    /// When it began, ticks since boot (the field `starttime` of /proc/PID/stat).
    pub born: u64,
}

/// What a process has written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// In so many calls.
    pub calls: u64,
}

/// A process as a cheap look finds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    /// Which.
    pub id: Id,
    /// Its command name, which an exec changes.
    pub name: Arc<str>,
    /// CPU time of all its threads so far.
    pub cpu_ns: u64,
    /// For how long its threads have waited for a CPU so far.
    pub delay_ns: u64,
    /// What it has written, where we may know.
    pub written: Option<Written>,
}

/// A goroutine, or a thread of a program that is not Go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mover {
    /// Goroutine or thread id.
    pub id: u64,
    /// Whether its running is progress by itself: a test's own goroutine.
    pub is_subject: bool,
    /// Whether it is at work at this moment, or would be if it had a CPU: that is progress, however
    /// little it gets of the machine.
    pub is_at_work: bool,
    /// Changes whenever it has run.
    pub runs: u64,
    /// What tells where it is, data on its stack included; `None`: as it was the last time.
    pub place: Option<u64>,
}

/// A process whose goroutines or threads were looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inside {
    /// Which.
    pub id: Id,
    /// Them.
    pub movers: Vec<Mover>,
}

/// The judgement of one run.
#[derive(Debug)]
pub struct Watch {
    after_ns: u64,
    known: HashMap<Id, Known>,
    /// When something last got on.
    progress_ns: u64,
    /// When something last got on that was not just busy.
    news_ns: u64,
    /// The first look inside since then.
    baseline_ns: Option<u64>,
    looked_inside_ns: u64,
}

impl Watch {
    /// Begins now.
    #[must_use]
    pub fn new(after: Duration, now_ns: u64) -> Watch {
        Watch {
            after_ns: u64::try_from(after.as_nanos()).unwrap_or(u64::MAX).max(1),
            known: HashMap::new(),
            progress_ns: now_ns,
            news_ns: now_ns,
            baseline_ns: None,
            looked_inside_ns: 0,
        }
    }

    /// Takes a cheap look at all processes.
    pub fn look(&mut self, now_ns: u64, all: &[Sight]) {
        let there: HashSet<Id> = all.iter().map(|sight| sight.id).collect();
        let before = self.known.len();
        self.known.retain(|id, _| there.contains(id));
        let mut news = self.known.len() != before;
        let mut busy = false;
        for sight in all {
            match self.known.get_mut(&sight.id) {
                None => {
                    news = true;
                    self.known.insert(sight.id, Known::new(sight, now_ns));
                }
                Some(known) => {
                    news |= known.has_news(sight);
                    busy |= known.is_busy(sight, now_ns);
                }
            }
        }
        if news {
            self.news_ns = now_ns;
        }
        if news || busy {
            self.progress(now_ns);
        }
    }

    fn progress(&mut self, now_ns: u64) {
        self.progress_ns = now_ns;
        self.baseline_ns = None;
    }

    /// Whether it is time to look inside: nothing has happened for a while.
    #[must_use]
    pub fn wants_inside(&self, now_ns: u64) -> bool {
        let step = self.after_ns / 16;
        // What was seen before the last progress is no baseline for the next.
        let pause = match self.baseline_ns {
            Some(_) => step * 2,
            None => step,
        };
        now_ns.saturating_sub(self.progress_ns) >= step
            && now_ns.saturating_sub(self.looked_inside_ns) >= pause
    }

    /// Takes a look inside. Processes that are left out are judged by the cheap looks alone.
    pub fn look_inside(&mut self, now_ns: u64, all: &[Inside]) {
        self.looked_inside_ns = now_ns;
        let mut news = false;
        for inside in all {
            if let Some(known) = self.known.get_mut(&inside.id) {
                news |= known.moved(&inside.movers, now_ns);
            }
        }
        if news {
            self.news_ns = now_ns;
            self.progress(now_ns);
        }
        self.baseline_ns.get_or_insert(now_ns);
    }

    /// Whether nothing at all has happened for as long as was asked for, between looks that
    /// would have seen it.
    #[must_use]
    pub fn is_hang(&self, now_ns: u64) -> bool {
        let still = |since: u64| now_ns.saturating_sub(since) >= self.after_ns;
        self.baseline_ns.is_some_and(still) && still(self.progress_ns)
    }

    /// For how long nothing has happened.
    #[must_use]
    pub fn quiet(&self, now_ns: u64) -> Duration {
        Duration::from_nanos(now_ns.saturating_sub(self.progress_ns))
    }

    /// Begins anew, as after a report that lets the command run on: the next one is due after
    /// twice the time.
    pub fn wait_longer(&mut self, now_ns: u64) {
        self.after_ns = self.after_ns.saturating_mul(2);
        self.progress(now_ns);
    }

    /// Begins anew: the time that has passed did not count.
    pub fn restart(&mut self, now_ns: u64) {
        self.progress(now_ns);
        self.news_ns = now_ns;
    }

    /// For how long each goroutine or thread of a process has not run, as far as was seen.
    #[must_use]
    pub fn all_still(&self, id: Id, now_ns: u64) -> HashMap<u64, Duration> {
        let known = self.known.get(&id).and_then(|known| known.movers.as_ref());
        let movers = known.into_iter().flatten();
        movers
            .map(|(id, moves)| {
                let still = now_ns.saturating_sub(moves.still_since_ns);
                (*id, Duration::from_nanos(still))
            })
            .collect()
    }

    /// For how long a goroutine or thread has not run, as far as was seen.
    #[must_use]
    pub fn still(&self, id: Id, mover: u64, now_ns: u64) -> Option<Duration> {
        let movers = self.known.get(&id)?.movers.as_ref()?;
        let since = movers.get(&mover)?.still_since_ns;
        Some(Duration::from_nanos(now_ns.saturating_sub(since)))
    }

    /// The share of a CPU that a process uses, in per cent.
    #[must_use]
    pub fn cpu_percent(&self, id: Id) -> u64 {
        self.known.get(&id).map_or(0, |known| known.percent)
    }

    /// For how long it has been busy without a break.
    #[must_use]
    pub fn busy(&self, id: Id, now_ns: u64) -> Option<Duration> {
        let since = self.known.get(&id)?.busy_since_ns?;
        Some(Duration::from_nanos(now_ns.saturating_sub(since)))
    }

    /// The processes that have been busy for as long as was asked for, while nothing else
    /// happened; each is told once.
    pub fn newly_busy(&mut self, now_ns: u64) -> Vec<Id> {
        let after = self.after_ns;
        let long = |since: u64| now_ns.saturating_sub(since) >= after;
        if !long(self.news_ns) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (id, known) in &mut self.known {
            if !known.was_told && known.busy_since_ns.is_some_and(long) {
                known.was_told = true;
                found.push(*id);
            }
        }
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::known::is_output;
    use super::*;

    const S: u64 = 1_000_000_000;
    const AFTER: Duration = Duration::from_secs(10);

    fn id(pid: i32) -> Id {
        Id {
            pid: Pid(pid),
            born: 1,
        }
    }

    fn sight(pid: i32, cpu_ns: u64, bytes: u64) -> Sight {
        Sight {
            id: id(pid),
            name: "app.test".into(),
            cpu_ns,
            delay_ns: 0,
            written: Some(Written { bytes, calls: 1 }),
        }
    }

    fn mover(id: u64, runs: u64, place: u64) -> Mover {
        Mover {
            id,
            is_subject: id == 1,
            is_at_work: false,
            runs,
            place: Some(place),
        }
    }

    /// A watch over one process that has just been seen for the first time, and from within.
    fn begun() -> Watch {
        let mut watch = Watch::new(AFTER, 0);
        watch.look(0, &[sight(7, 0, 0)]);
        assert!(!watch.wants_inside(0));
        assert!(watch.wants_inside(S));
        watch.look_inside(S, &[inside(vec![mover(1, 0, 0), mover(2, 0, 0)])]);
        watch
    }

    fn inside(movers: Vec<Mover>) -> Inside {
        Inside { id: id(7), movers }
    }

    #[test]
    fn what_does_nothing_for_long_enough_hangs() {
        let mut watch = begun();
        watch.look(10 * S, &[sight(7, 0, 0)]);
        watch.look_inside(10 * S, &[inside(vec![mover(1, 0, 0), mover(2, 0, 0)])]);
        assert!(!watch.is_hang(11 * S - 1), "not yet seen for so long");
        assert!(watch.is_hang(11 * S));
        assert_eq!(watch.still(id(7), 1, 11 * S), Some(AFTER));
    }

    #[test]
    fn nothing_hangs_that_was_not_looked_into() {
        let mut watch = Watch::new(AFTER, 0);
        watch.look(0, &[sight(7, 0, 0)]);
        watch.look(60 * S, &[sight(7, 0, 0)]);
        assert!(!watch.is_hang(60 * S));
    }

    #[test]
    fn processes_that_come_and_go_and_output_are_progress() {
        for next in [
            vec![sight(7, 0, 0), sight(8, 0, 0)],
            vec![],
            vec![sight(7, 0, 5)],
            vec![Sight {
                name: "other".into(),
                ..sight(7, 0, 0)
            }],
        ] {
            let mut watch = begun();
            watch.look(9 * S, &next);
            assert!(!watch.is_hang(12 * S), "{next:?}");
            assert_eq!(watch.quiet(12 * S), Duration::from_secs(3));
        }
    }

    #[test]
    fn a_poller_that_wakes_itself_writes_nothing() {
        let before = Written { bytes: 0, calls: 0 };
        let wrote = |bytes, calls| is_output(before, Written { bytes, calls });
        assert!(!wrote(0, 0) && !wrote(24, 3) && !wrote(2, 2));
        assert!(wrote(24, 2) && wrote(5, 1));
    }

    #[test]
    fn who_uses_the_cpu_is_busy_and_told_once() {
        let mut watch = Watch::new(AFTER, 0);
        watch.look(0, &[sight(7, 0, 0)]);
        for second in 1..=20 {
            watch.look(second * S, &[sight(7, second * S, 0)]);
            assert!(!watch.is_hang(second * S));
            let told = watch.newly_busy(second * S);
            assert_eq!(told.len(), usize::from(second == 10), "{second}");
        }
        assert_eq!(watch.cpu_percent(id(7)), 100);
        assert_eq!(watch.busy(id(7), 20 * S), Some(Duration::from_secs(20)));
        // It has ended its work.
        watch.look(21 * S, &[sight(7, 20 * S, 0)]);
        assert_eq!(watch.busy(id(7), 21 * S), None);
    }

    #[test]
    fn who_gets_a_small_part_of_the_cpu_that_it_wants_is_busy_too() {
        let mut watch = Watch::new(AFTER, 0);
        watch.look(0, &[sight(7, 0, 0)]);
        let starved = Sight {
            delay_ns: S * 3 / 4,
            ..sight(7, S / 10, 0)
        };
        watch.look(S, &[starved]);
        assert_eq!(watch.cpu_percent(id(7)), 10);
        assert_eq!(watch.busy(id(7), S), Some(Duration::from_secs(1)));
    }

    #[test]
    fn one_that_ticks_in_its_places_gets_nowhere_but_a_test_that_runs_does() {
        let mut watch = begun();
        for second in 2..30 {
            // It has been in both places by the third look.
            let ticker = mover(2, second, second % 2);
            watch.look_inside(second * S, &[inside(vec![mover(1, 0, 0), ticker])]);
        }
        assert!(watch.is_hang(29 * S));
        assert_eq!(watch.still(id(7), 2, 29 * S), Some(Duration::ZERO));
        assert!(watch.still(id(7), 1, 29 * S) > Some(AFTER));
        watch.look_inside(30 * S, &[inside(vec![mover(1, 1, 0), mover(2, 29, 1)])]);
        assert!(!watch.is_hang(30 * S));
    }

    #[test]
    fn one_that_waits_for_a_cpu_gets_on() {
        let mut watch = begun();
        let starved = Mover {
            is_at_work: true,
            ..mover(2, 0, 0)
        };
        watch.look_inside(11 * S, &[inside(vec![mover(1, 0, 0), starved])]);
        assert!(!watch.is_hang(11 * S));
    }

    #[test]
    fn one_that_is_somewhere_new_gets_on() {
        let mut watch = begun();
        for second in 2..30 {
            let worker = mover(2, second, second);
            watch.look_inside(second * S, &[inside(vec![mover(1, 0, 0), worker])]);
            assert!(!watch.is_hang(second * S));
        }
        let fewer = inside(vec![mover(1, 0, 0)]);
        watch.look_inside(40 * S, &[fewer]);
        assert!(!watch.is_hang(40 * S), "the end of one is progress");
    }

    #[test]
    fn a_report_that_lets_it_run_on_is_repeated_later_and_later() {
        let mut watch = begun();
        assert!(watch.is_hang(11 * S));
        watch.wait_longer(11 * S);
        let same = inside(vec![mover(1, 0, 0), mover(2, 0, 0)]);
        watch.look_inside(12 * S, std::slice::from_ref(&same));
        assert!(!watch.is_hang(31 * S));
        assert!(watch.is_hang(32 * S));
    }
}
