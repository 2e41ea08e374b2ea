//! How often calls fail in ways that tell something when there are many, and the signals that come.

use super::history::MAX_KEPT;
use crate::event::{Outcome, RawCall};
use crate::ids::{Errno, Pid, Signal};
use std::collections::HashMap;

pub(super) const EINTR: Errno = Errno(4);
pub(super) const EAGAIN: Errno = Errno(11);
pub(super) const ENFILE: Errno = Errno(23);
pub(super) const EMFILE: Errno = Errno(24);

/// Calls that were not shown, counted by what they came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Failures that tell something when there are many.
    pub failures: HashMap<Attempt, Counted>,
    /// Signals delivered.
    pub signals: HashMap<(Pid, Signal), u64>,
}

/// A kind of call that may fail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Attempt {
    /// The process.
    pub pid: Pid,
    /// The call's name.
    pub call: &'static str,
    /// The descriptor that it is on, for EAGAIN.
    pub fd: Option<i32>,
    /// Why it fails.
    pub errno: Errno,
}

/// How often.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// It failed.
    pub failed: u64,
    /// It succeeded, since it first failed.
    pub succeeded: u64,
}

impl Tally {
    /// Takes note of the end of a call. Cheap where it neither failed so nor ever has.
    pub fn ended(&mut self, pid: Pid, call: &RawCall, outcome: Outcome) {
        let fd = call.args[0] as u32 as i32;
        let name = || crate::syscall::name(call.abi, call.nr).unwrap_or("");
        match outcome {
            Outcome::Failed(errno) if matters(errno) => {
                if errno == EINTR && is_pollers(name(), call) {
                    return;
                }
                let call = name();
                let attempt = Attempt {
                    pid,
                    call,
                    fd: (errno == EAGAIN).then_some(fd),
                    errno,
                };
                if self.failures.len() < MAX_KEPT || self.failures.contains_key(&attempt) {
                    self.failures.entry(attempt).or_default().failed += 1;
                }
            }
            Outcome::Returned(_) if !self.failures.is_empty() => {
                let call = name();
                let attempt = Attempt {
                    pid,
                    call,
                    fd: Some(fd),
                    errno: EAGAIN,
                };
                if let Some(counted) = self.failures.get_mut(&attempt) {
                    counted.succeeded += 1;
                }
            }
            _ => {}
        }
    }

    /// Takes note of a signal.
    pub fn signal(&mut self, pid: Pid, signal: Signal) {
        *self.signals.entry((pid, signal)).or_default() += 1;
    }

    /// Whether there is nothing worth handing on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.failures.is_empty()
    }

    pub(super) fn add(&mut self, other: &Tally) {
        for (attempt, counted) in &other.failures {
            if self.failures.len() >= MAX_KEPT && !self.failures.contains_key(attempt) {
                continue;
            }
            let sum = self.failures.entry(*attempt).or_default();
            sum.failed += counted.failed;
            sum.succeeded += counted.succeeded;
        }
        for (key, count) in &other.signals {
            *self.signals.entry(*key).or_default() += count;
        }
    }
}

/// Whether it is a call as the runtime's own poller makes it (runtime/netpoll_epoll.go `netpoll`):
/// that is repeated at no cost, and what preempts goroutines interrupts it.
fn is_pollers(name: &str, call: &RawCall) -> bool {
    const EVENTS: u64 = 128;
    let masked = name == "epoll_pwait" && call.args[4] != 0;
    matches!(name, "epoll_wait" | "epoll_pwait") && call.args[2] == EVENTS && !masked
}

fn matters(errno: Errno) -> bool {
    matches!(errno, EINTR | EAGAIN | EMFILE | ENFILE)
}
