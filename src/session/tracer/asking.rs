//! Whom to ask next whether it has stopped, where many have (see [`Rounds`](super::Rounds)), and how
//! that costs the fewest system calls.

use super::{Tracer, ptrace, wait};
use crate::ids::Tid;
use crate::stop::Stop;
use crate::sys::wait::{Patience, Waited};

/// Stops that are handled at most between two other things to do, such as seizing two threads.
const MAX_DRAIN: usize = 8;
/// Threads that are asked for between two looks at the clock.
const MAX_ASKED: usize = 32;

impl Tracer {
    /// Handles some of what has stopped, between two other things to do: while we do it, others
    /// stop, so there may be no last one.
    pub(super) fn drain(&mut self) {
        for _ in 0..MAX_DRAIN {
            let again = match wait::next(Patience::Poll) {
                Ok(Waited::Stop(tid, stop)) => self.on_stop(tid, stop, None),
                _ => true,
            };
            if again {
                self.rounds.end();
                break;
            }
        }
    }

    /// Asks for the next of the busy threads, and for as many of all as of these had stopped.
    /// Whether any had.
    pub(super) fn ask_in_turn(&mut self) -> bool {
        let mut found = 0;
        for _ in 0..MAX_ASKED {
            let Some(tid) = self.rounds.next() else {
                break;
            };
            if self.ask_of_call(tid) {
                found += 1;
            } else {
                let tracee = self.tracees.get_mut(&tid);
                self.rounds.missed(tracee.map(|t| &mut **t));
            }
        }
        for _ in 0..found {
            let Some(tid) = self.rounds.next_of_all(&self.tracees) else {
                break;
            };
            self.ask(tid);
        }
        found > 0
    }

    /// Handles the stop of this thread, if it has stopped or ended.
    fn ask(&mut self, tid: Tid) -> bool {
        match wait::poll_one(tid) {
            Ok(Waited::Stop(tid, stop)) => {
                self.on_stop(tid, stop, None);
                true
            }
            _ => false,
        }
    }

    /// The same of a thread that is likely to have stopped at a system call: what is asked about
    /// the call tells that it has stopped, so that no wait is needed (nothing is consumed by it,
    /// see [`wait`]). An end is left to the next wait.
    ///
    /// The kernel takes a stop for one at a system call by its siginfo, which a process could have
    /// made up for a signal to itself. Then it would seem to be at the exit of the call before,
    /// which we have seen: only what is expected is believed.
    pub(super) fn ask_of_call(&mut self, tid: Tid) -> bool {
        if !self.has_syscall_info || self.config.filtered {
            return self.ask(tid);
        }
        let Some(tracee) = self.tracees.get(&tid) else {
            return false;
        };
        let in_call = tracee.state.in_call().is_some();
        match ptrace::syscall_info(tid) {
            Ok(info) if info.op.is_next(in_call) => {
                self.on_stop(tid, Stop::Syscall, Some(info));
                true
            }
            Ok(_) => self.ask(tid),
            Err(_) => false,
        }
    }
}
