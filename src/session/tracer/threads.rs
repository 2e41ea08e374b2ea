//! The traced threads by id, and whose turn it is.

use super::aside::CutWait;
use crate::event::RawCall;
use crate::ids::{Pid, Tid};
use crate::native::Registers;
use crate::overhead::Account;
use crate::session::capture::EntryPart;
use crate::session::process::Process;
use crate::session::slow::Due;
use crate::sys::clock;
use crate::tracee::{InCall, State};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// A thread that we trace.
pub(super) struct Tracee {
    pub(super) pid: Pid,
    /// Its process: at hand without a look-up, and a lock, between a stop and the resume.
    pub(super) process: Arc<Process>,
    pub(super) state: State,
    /// What was read at the entry of the call that it is in.
    pub(super) entry: Option<EntryPart>,
    /// The registers at that entry, where its stack may need them.
    pub(super) regs: Option<Registers>,
    /// When to report the call that it is in as still blocked.
    pub(super) due: Option<Due>,
    /// The call that it was in when we attached, until it stops for the first time.
    pub(super) at_attach: Option<InCall>,
    /// What it has lost by being traced.
    pub(super) account: Account,
    /// When it was last resumed, where that matters. CLOCK_MONOTONIC nanoseconds.
    pub(super) resumed_ns: u64,
    /// It runs free no longer; since then, nobody has seen what it does. CLOCK_MONOTONIC
    /// nanoseconds.
    pub(super) unseen_since_ns: Option<u64>,
    /// Whether its first stop has been seen.
    pub(super) stopped_once: bool,
    /// Of one that we seized, until that.
    pub(super) runs_since_seized: Option<Arc<()>>,
    /// Whether it has been said that it is traced (strace's lines alone say so).
    pub(super) announced: bool,
    /// How long the kernel had worked for it when its call began, nanoseconds.
    pub(super) system_ns: u64,
    /// A wait of C code in it that a signal cut short, until what follows is known.
    pub(super) cut: Option<Box<CutWait>>,
    turns: Turns,
}

impl Tracee {
    pub(super) fn new(process: Arc<Process>) -> Box<Tracee> {
        Box::new(Tracee {
            pid: process.pid,
            process,
            state: State::NEW,
            entry: None,
            regs: None,
            due: None,
            at_attach: None,
            account: Account::new(clock::mono_ns()),
            resumed_ns: 0,
            unseen_since_ns: None,
            stopped_once: false,
            runs_since_seized: None,
            announced: false,
            system_ns: 0,
            cut: None,
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

/// What a thread has had of the rounds.
#[derive(Clone, Copy, Default)]
struct Turns {
    /// The last round in which it was served.
    round: u64,
    /// Whether it is among the busy ones.
    busy: bool,
    /// How often in a row it was asked in vain.
    misses: u8,
}

/// Fairness. waitid(P_ALL) reports the first stopped thread of the kernel's list, so while we
/// are the bottleneck the first few of it would stop again before we ask again, and the others
/// starve. Therefore, when a thread is reported that has been served since the last time that
/// nobody waited, the busy threads are asked for one by one, in turn; which, unlike waiting for
/// anyone, costs the same however many there are. Beside them a few of the others are asked
/// for, since one of those may have become busy at the end of the list.
pub(super) struct Rounds {
    number: u64,
    busy: Vec<Tid>,
    next: usize,
    others: Vec<Tid>,
}

/// A thread that was asked in vain so often in a row is no longer busy.
const MAX_MISSES: u8 = 3;

impl Default for Rounds {
    fn default() -> Rounds {
        Rounds {
            // Threads start with 0: never served.
            number: 1,
            busy: Vec::new(),
            next: 0,
            others: Vec::new(),
        }
    }
}

impl Rounds {
    /// Counts a thread as served; whether it had been in this round before.
    pub(super) fn serve(&mut self, tid: Tid, tracee: &mut Tracee) -> bool {
        let turns = &mut tracee.turns;
        let again = std::mem::replace(&mut turns.round, self.number) == self.number;
        turns.misses = 0;
        if !std::mem::replace(&mut turns.busy, true) {
            self.busy.push(tid);
        }
        again
    }

    /// The next thread to ask for; `None` ends the round.
    pub(super) fn next(&mut self) -> Option<Tid> {
        let tid = self.busy.get(self.next).copied();
        self.next += 1;
        if tid.is_none() {
            self.end();
        }
        tid
    }

    /// Whether threads are being asked in turn, and not all have been.
    pub(super) fn is_under_way(&self) -> bool {
        self.next > 0
    }

    /// The last [`Rounds::next`] was asked in vain; `None`: it is no more.
    pub(super) fn missed(&mut self, tracee: Option<&mut Tracee>) {
        if let Some(tracee) = tracee {
            tracee.turns.misses = tracee.turns.misses.saturating_add(1);
            if tracee.turns.misses < MAX_MISSES {
                return;
            }
            tracee.turns.busy = false;
        }
        self.next = self.next.saturating_sub(1);
        if self.next < self.busy.len() {
            self.busy.swap_remove(self.next);
        }
    }

    /// One of all threads, each in turn.
    pub(super) fn next_of_all(&mut self, threads: &Threads) -> Option<Tid> {
        if self.others.is_empty() {
            self.others.extend(threads.keys());
        }
        self.others.pop()
    }

    /// Begins a new round, because nobody waits or everybody has been asked.
    pub(super) fn end(&mut self) {
        self.number += 1;
        self.next = 0;
    }

    /// A thread goes on under another id.
    pub(super) fn renamed(tracee: &mut Tracee) {
        tracee.turns = Turns::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracee() -> Box<Tracee> {
        Tracee::new(Arc::new(Process::new(Pid(1))))
    }

    #[test]
    fn a_thread_that_is_served_twice_in_a_round_is_noticed() {
        let mut rounds = Rounds::default();
        let mut tracee = tracee();
        assert!(!rounds.serve(Tid(7), &mut tracee));
        assert!(rounds.serve(Tid(7), &mut tracee));
        rounds.end();
        assert!(!rounds.serve(Tid(7), &mut tracee));
    }

    #[test]
    fn busy_threads_are_asked_in_turn_until_they_are_no_longer_busy() {
        let mut rounds = Rounds::default();
        let mut threads: Vec<_> = (0..3).map(|_| tracee()).collect();
        for (i, tracee) in threads.iter_mut().enumerate() {
            rounds.serve(Tid(i as i32), tracee);
        }
        for _ in 0..MAX_MISSES {
            assert_eq!(rounds.next(), Some(Tid(0)));
            assert_eq!(rounds.next(), Some(Tid(1)));
            rounds.missed(Some(&mut threads[1]));
            assert_eq!(rounds.next(), Some(Tid(2)));
            assert_eq!(rounds.next(), None);
        }
        assert_eq!(rounds.next(), Some(Tid(0)));
        rounds.missed(None); // it has ended
        assert_eq!(rounds.next(), Some(Tid(2)));
        assert_eq!(rounds.next(), None);
        assert!(!rounds.serve(Tid(1), &mut threads[1]));
        assert_eq!(rounds.busy, [Tid(2), Tid(1)]);
    }

    #[test]
    fn every_thread_is_asked_for_sooner_or_later() {
        let mut rounds = Rounds::default();
        let mut threads = Threads::default();
        for id in 0..5 {
            threads.insert(Tid(id), tracee());
        }
        let mut seen: Vec<_> = (0..5).map(|_| rounds.next_of_all(&threads)).collect();
        seen.sort();
        assert_eq!(seen, (0..5).map(|id| Some(Tid(id))).collect::<Vec<_>>());
        assert!(rounds.next_of_all(&threads).is_some());
        assert_eq!(Rounds::default().next_of_all(&Threads::default()), None);
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
