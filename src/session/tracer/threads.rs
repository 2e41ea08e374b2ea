//! The traced threads by id, and whose turn it is.

use crate::event::RawCall;
use crate::ids::{Pid, Tid};
use crate::session::capture::EntryPart;
use crate::session::slow::Due;
use crate::tracee::{InCall, State};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A thread that we trace.
pub(super) struct Tracee {
    pub(super) pid: Pid,
    pub(super) state: State,
    /// What was read at the entry of the call that it is in.
    pub(super) entry: Option<EntryPart>,
    /// When to report the call that it is in as still blocked.
    pub(super) due: Option<Due>,
    /// The call that it was in when we attached, until it stops for the first time.
    pub(super) at_attach: Option<InCall>,
    /// Whether its first stop has been seen.
    pub(super) stopped_once: bool,
    turns: Turns,
}

impl Tracee {
    pub(super) fn new(pid: Pid) -> Box<Tracee> {
        Box::new(Tracee {
            pid,
            state: State::NEW,
            entry: None,
            due: None,
            at_attach: None,
            stopped_once: false,
            turns: Turns::default(),
        })
    }

    /// The call that it is in, as far as we know.
    pub(super) fn call(&self) -> Option<InCall> {
        self.state.in_call().copied().or(self.at_attach)
    }

    /// The same, if it is one of these.
    pub(super) fn call_if(&self, selects: impl Fn(&RawCall) -> bool) -> Option<InCall> {
        self.call().filter(|c| selects(&c.call))
    }
}

/// Threads by id. Boxed: each stop takes one out and puts it back.
pub(super) type Threads = HashMap<Tid, Box<Tracee>, BuildHasherDefault<TidHasher>>;

/// Thread ids are small numbers that the kernel gives out one after the other: a multiplication
/// spreads them well enough, in a fraction of the time of the standard hash.
#[derive(Default)]
pub(super) struct TidHasher(u64);

impl Hasher for TidHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_i32(&mut self, id: i32) {
        self.write_u64(u64::from(id.cast_unsigned()));
    }

    fn write_u64(&mut self, word: u64) {
        // 2^64 / golden ratio; the table takes its bits from both ends.
        let mixed = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// How often a thread has been served in a round.
#[derive(Clone, Copy, Default)]
struct Turns {
    round: u64,
    taken: u32,
}

/// Fairness. waitid reports the first stopped thread of the kernel's list, so while we are the
/// bottleneck the first few of it would stop again before we ask again, and the others starve.
/// Therefore a thread that has had its turns in a round is put off: its stop is taken off the
/// kernel's list, the next wait reports the next thread, and it is served when nobody is left.
#[derive(Default)]
pub(super) struct Rounds {
    number: u64,
    stops: usize,
    put_off: Vec<Tid>,
}

/// Stops that a thread may make in a round before it is put off, which costs one more wait.
const TURNS: u32 = 2;
/// A round that becomes longer than this (signals cannot be put off) is cut short.
const MIN_STOPS_BEFORE_SWEEP: usize = 256;

impl Rounds {
    /// Counts a stop of this thread; whether it has had its turns already.
    pub(super) fn take_turn(&mut self, tracee: &mut Tracee) -> bool {
        self.stops += 1;
        let turns = &mut tracee.turns;
        if turns.round != self.number {
            *turns = Turns {
                round: self.number,
                taken: 0,
            };
        }
        turns.taken = turns.taken.saturating_add(1);
        turns.taken > TURNS
    }

    /// Remembers a thread whose stop was taken off the kernel's list.
    pub(super) fn put_off(&mut self, tid: Tid) {
        self.put_off.push(tid);
    }

    /// Whether threads wait for the end of the round.
    pub(super) fn someone_waits(&self) -> bool {
        !self.put_off.is_empty()
    }

    /// Whether the round of this many threads has become so long that those at the end of the
    /// kernel's list may starve after all.
    pub(super) fn is_overlong(&self, threads: usize) -> bool {
        self.stops > MIN_STOPS_BEFORE_SWEEP.max(4 * threads)
    }

    /// Ends the round; returns who was put off.
    pub(super) fn end(&mut self) -> Vec<Tid> {
        self.number += 1;
        self.stops = 0;
        std::mem::take(&mut self.put_off)
    }

    /// Gives back the list that [`Rounds::end`] lent, to save its memory.
    pub(super) fn reuse(&mut self, mut list: Vec<Tid>) {
        list.clear();
        if self.put_off.is_empty() {
            self.put_off = list;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_put_off_after_its_turns_until_the_round_ends() {
        let mut rounds = Rounds::default();
        let mut busy = Tracee::new(Pid(1));
        let mut other = Tracee::new(Pid(1));
        let had: Vec<bool> = (0..=TURNS).map(|_| rounds.take_turn(&mut busy)).collect();
        assert!(had[..TURNS as usize].iter().all(|put_off| !put_off));
        assert!(had[TURNS as usize]);
        assert!(!rounds.take_turn(&mut other));
        rounds.put_off(Tid(7));
        assert!(rounds.someone_waits());
        assert_eq!(rounds.end(), [Tid(7)]);
        assert!(!rounds.someone_waits());
        assert!(!rounds.take_turn(&mut busy));
    }

    #[test]
    fn a_round_of_signals_alone_is_cut_short() {
        let mut rounds = Rounds::default();
        let mut tracee = Tracee::new(Pid(1));
        for _ in 0..=MIN_STOPS_BEFORE_SWEEP {
            assert!(!rounds.is_overlong(3));
            rounds.take_turn(&mut tracee);
        }
        assert!(rounds.is_overlong(3));
        assert!(!rounds.is_overlong(1000));
        rounds.end();
        assert!(!rounds.is_overlong(3));
    }

    #[test]
    fn neighbouring_ids_do_not_collide() {
        use std::hash::{BuildHasher, BuildHasherDefault};
        let build = BuildHasherDefault::<TidHasher>::default();
        let low: std::collections::HashSet<u64> =
            (0..128).map(|id| build.hash_one(Tid(id)) % 4096).collect();
        assert!(low.len() > 100, "{}", low.len());
    }
}
