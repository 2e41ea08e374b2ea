//! Calls that are told of more than once: while they are blocked, when a signal has interrupted
//! them and they are about to be restarted, and when they end. For whoever counts, each is one
//! call, as it was told last.

use crate::event::{Outcome, SyscallEvent, Timestamp};
use crate::ids::Tid;
use crate::syscall::errno;
use std::collections::BTreeMap;

/// What is kept of calls that may be told of again.
#[derive(Clone, Debug)]
pub(super) struct Told<T>(BTreeMap<Tid, (Timestamp, T)>);

/// What was kept of a thread's last call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Before<T> {
    /// Nothing: it is over.
    None,
    /// It is the same call.
    Same(T),
    /// It is another, whose end was never told.
    Other(T),
}

impl<T> Default for Told<T> {
    fn default() -> Told<T> {
        Told(BTreeMap::new())
    }
}

impl<T> Told<T> {
    /// Takes out what was kept of the last call of the thread of `e`.
    pub fn take(&mut self, e: &SyscallEvent) -> Before<T> {
        match self.0.remove(&e.tid) {
            None => Before::None,
            Some((start, call)) if start == e.start.known() => Before::Same(call),
            Some((_, call)) => Before::Other(call),
        }
    }

    /// Keeps `call` until its thread is heard of again.
    pub fn keep(&mut self, e: &SyscallEvent, call: T) {
        self.0.insert(e.tid, (e.start.known(), call));
    }

    /// The call of a thread that has ended.
    pub fn thread_ended(&mut self, tid: Tid) -> Option<T> {
        self.0.remove(&tid).map(|(_, call)| call)
    }

    /// All that is kept: when each began, and what it is.
    pub fn iter(&self) -> impl Iterator<Item = &(Timestamp, T)> {
        self.0.values()
    }

    /// Takes out all, in the order of their threads.
    pub fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        let all = std::mem::take(&mut self.0);
        all.into_values().map(|(_, call)| call)
    }
}

/// Whether the same call may be told of once more, with the whole of its time.
pub(crate) fn may_be_told_again(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Blocked => true,
        Outcome::Failed(errno) => errno::is_restart(errno),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::blocked::tests::call;

    #[test]
    fn a_thread_s_call_is_the_same_as_long_as_it_began_at_the_same_time() {
        let mut told = Told::default();
        let first = call(1, 10, 20, Outcome::Blocked);
        assert_eq!(told.take(&first), Before::None);
        told.keep(&first, "first");
        assert_eq!(told.take(&call(2, 10, 20, Outcome::Blocked)), Before::None);
        let later = call(1, 10, 30, Outcome::Returned(0));
        assert_eq!(told.take(&later), Before::Same("first"));
        assert_eq!(told.take(&later), Before::None);
        told.keep(&first, "again");
        let other = call(1, 40, 50, Outcome::Returned(0));
        assert_eq!(told.take(&other), Before::Other("again"));
        told.keep(&other, "other");
        assert_eq!(told.thread_ended(Tid(1)), Some("other"));
        assert_eq!(told.take_all().count(), 0);
    }
}
