//! What is remembered of a process, and which of two looks at it shows progress.

use super::{Mover, Sight, Written};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A share of a CPU from which on a process is busy, in per cent.
const BUSY_PERCENT: u64 = 25;
/// The same, with the time that its threads waited for a CPU: on a machine that is short of them.
const WANTS_PERCENT: u64 = 80;
/// CPU time is counted in hundredths of a second: over less than this it says little.
const MIN_CPU_WINDOW_NS: u64 = 400_000_000;
/// Places that are remembered of a goroutine or thread.
const MAX_PLACES: usize = 256;
/// What a Go program writes to wake its poller (runtime/netpoll_epoll.go, `netpollBreak`): to an
/// eventfd, before 1.22 to a pipe.
const WAKE_UPS: [u64; 2] = [8, 1];

/// What is known of a process.
#[derive(Debug)]
pub(super) struct Known {
    name: Arc<str>,
    written: Option<Written>,
    /// CPU time, and time spent waiting for it, at the beginning of the window.
    cpu_ns: u64,
    delay_ns: u64,
    window_ns: u64,
    /// Its share of a CPU in the window before, in per cent.
    pub(super) percent: u64,
    pub(super) busy_since_ns: Option<u64>,
    pub(super) was_told: bool,
    pub(super) movers: Option<HashMap<u64, Moves>>,
}

/// What is known of a goroutine or thread.
#[derive(Debug)]
pub(super) struct Moves {
    runs: u64,
    pub(super) still_since_ns: u64,
    places: HashSet<u64>,
}

impl Known {
    pub(super) fn new(sight: &Sight, now_ns: u64) -> Known {
        Known {
            name: Arc::clone(&sight.name),
            written: sight.written,
            cpu_ns: sight.cpu_ns,
            delay_ns: sight.delay_ns,
            window_ns: now_ns,
            percent: 0,
            busy_since_ns: None,
            was_told: false,
            movers: None,
        }
    }

    /// Whether it has executed another program, or written something.
    pub(super) fn has_news(&mut self, sight: &Sight) -> bool {
        let renamed = self.name != sight.name;
        if renamed {
            self.name = Arc::clone(&sight.name);
            self.movers = None;
        }
        let wrote = match (self.written, sight.written) {
            (Some(before), Some(now)) => is_output(before, now),
            _ => false,
        };
        self.written = sight.written.or(self.written);
        renamed || wrote
    }

    pub(super) fn is_busy(&mut self, sight: &Sight, now_ns: u64) -> bool {
        let window = now_ns.saturating_sub(self.window_ns);
        if window >= MIN_CPU_WINDOW_NS {
            let used = sight.cpu_ns.saturating_sub(self.cpu_ns);
            self.percent = used.saturating_mul(100) / window;
            let delayed = sight.delay_ns.saturating_sub(self.delay_ns);
            let wanted = used.saturating_add(delayed).saturating_mul(100) / window;
            let busy = self.percent >= BUSY_PERCENT || wanted >= WANTS_PERCENT && used > 0;
            let begun = self.window_ns;
            self.busy_since_ns = match busy {
                true => self.busy_since_ns.or(Some(begun)),
                false => None,
            };
            (self.cpu_ns, self.delay_ns) = (sight.cpu_ns, sight.delay_ns);
            self.window_ns = now_ns;
        }
        self.busy_since_ns.is_some()
    }

    /// Takes note of where all are; whether one of them got on.
    pub(super) fn moved(&mut self, movers: &[Mover], now_ns: u64) -> bool {
        let first = self.movers.is_none();
        let known = self.movers.get_or_insert_default();
        let before = known.len();
        let there: HashSet<u64> = movers.iter().map(|m| m.id).collect();
        known.retain(|id, _| there.contains(id));
        let mut news = known.len() != before;
        for mover in movers {
            news |= mover.is_at_work;
            match known.get_mut(&mover.id) {
                None => {
                    let places = mover.place.into_iter().collect();
                    let (runs, still_since_ns) = (mover.runs, now_ns);
                    let moves = Moves {
                        runs,
                        still_since_ns,
                        places,
                    };
                    known.insert(mover.id, moves);
                    news |= !first;
                }
                Some(moves) if moves.runs == mover.runs => {}
                Some(moves) => {
                    moves.runs = mover.runs;
                    moves.still_since_ns = now_ns;
                    let fresh = mover.place.is_some_and(|place| moves.is_fresh(place));
                    news |= fresh || mover.is_subject;
                }
            }
        }
        news
    }
}

impl Moves {
    fn is_fresh(&mut self, place: u64) -> bool {
        // One that is somewhere else each time gets on, however long its list.
        if self.places.len() >= MAX_PLACES {
            self.places.clear();
        }
        self.places.insert(place)
    }
}

/// Whether something was written that is no wake-up of Go's poller.
pub(super) fn is_output(before: Written, now: Written) -> bool {
    let bytes = now.bytes.saturating_sub(before.bytes);
    let calls = now.calls.saturating_sub(before.calls);
    bytes > 0 && WAKE_UPS.iter().all(|size| bytes != calls * size)
}
