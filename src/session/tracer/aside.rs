//! Calls that are not shown, and yet say something that only their stack tells: a wait of C code
//! that a signal cut short and that is not repeated; a descriptor made when few are left.

use super::Tracer;
use super::threads::Tracee;
use crate::diagnose::{Aside, makes_descriptor};
use crate::event::{Outcome, RawCall, Timestamp};
use crate::ids::{Errno, Pid, Tid};
use crate::session::capture::{Captured, CapturedCall};
use crate::sys::proc_facts;
use crate::syscall;
use crate::tracee::InCall;
use std::collections::HashMap;

/// Calls that C code makes after a wait was cut short before it counts as given up: to look at
/// the clock or write a line takes a few.
const PATIENCE: u8 = 8;
/// Asides in so long a time,
const SPAN_NS: u64 = 1_000_000_000;
/// at most.
const MAX_ASIDES: u32 = 50;
/// Limits are asked for again after so long.
const LIMIT_NS: u64 = 1_000_000_000;

const EINTR: i32 = 4;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
/// ERESTARTSYS and its kin: what a signal makes of a call, seen before the signal is handled.
const RESTARTS: std::ops::RangeInclusive<i32> = 512..=516;

/// A wait of C code that a signal cut short, and what was read of it then.
pub(super) struct CutWait {
    cut: Cut,
    captured: Box<CapturedCall>,
}

#[derive(Debug)]
struct Cut {
    call: RawCall,
    /// The signal's handler has returned.
    handled: bool,
    /// Other calls since.
    others: u8,
}

/// What the next call of the thread makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sequel {
    Repeated,
    Open,
    GivenUp,
}

impl Cut {
    fn new(call: RawCall) -> Cut {
        Cut {
            call,
            handled: false,
            others: 0,
        }
    }

    fn before(&mut self, next: &RawCall, is_go: bool) -> Sequel {
        let same_wait = match waits(&self.call) {
            Some("futex") => next.nr == self.call.nr && next.args[0] == self.call.args[0],
            _ => waits(next).is_some_and(|name| name.ends_with("nanosleep")),
        };
        match syscall::name(next.abi, next.nr) {
            _ if same_wait => Sequel::Repeated,
            Some("restart_syscall") => Sequel::Repeated,
            Some("rt_sigreturn") => {
                self.handled = true;
                Sequel::Open
            }
            // The handler's own.
            _ if !self.handled => Sequel::Open,
            _ if is_go => Sequel::GivenUp,
            _ => {
                self.others += 1;
                match self.others < PATIENCE {
                    true => Sequel::Open,
                    false => Sequel::GivenUp,
                }
            }
        }
    }
}

/// The name of a call that is a wait of C code's own and comes back with EINTR.
fn waits(call: &RawCall) -> Option<&'static str> {
    let name = syscall::name(call.abi, call.nr)?;
    matches!(name, "futex" | "nanosleep" | "clock_nanosleep").then_some(name)
}

/// From which descriptor on they count as few, per process.
#[derive(Default)]
pub(super) struct Scarcity {
    /// With the time when the limit was read.
    from: HashMap<Pid, (u64, u64)>,
    /// The least of them: most calls return less, or are no candidates at all.
    least: Option<u64>,
    asides: u32,
    since_ns: u64,
}

impl Scarcity {
    /// Whether a descriptor is among the last fifth that the process may have.
    fn is_near_limit(&mut self, pid: Pid, fd: u64, now: u64) -> bool {
        let known = self.from.get(&pid).copied();
        let (from, _) = match known {
            Some((from, _)) if fd < from => return false,
            Some((from, read_ns)) if now.saturating_sub(read_ns) < LIMIT_NS => (from, read_ns),
            _ => {
                let limit = proc_facts::nofile(pid).unwrap_or(u64::MAX);
                let from = (limit / 5).saturating_mul(4);
                self.from.insert(pid, (from, now));
                self.least = self.from.values().map(|(from, _)| *from).min();
                (from, now)
            }
        };
        fd >= from
    }

    fn may_tell(&mut self, now: u64) -> bool {
        if now.saturating_sub(self.since_ns) >= SPAN_NS {
            (self.since_ns, self.asides) = (now, 0);
        }
        self.asides += 1;
        self.asides <= MAX_ASIDES
    }
}

impl Tracer {
    /// A thread enters a call: whether it has given up a wait.
    pub(super) fn on_sequel(&mut self, tracee: &mut Tracee, call: &InCall) {
        let Some(mut cut) = tracee.cut.take() else {
            return;
        };
        let go = tracee.process.known_go();
        let is_go = go.is_ok_and(|image| image.is_go_code(call.pc));
        match cut.cut.before(&call.call, is_go) {
            Sequel::Repeated => {}
            Sequel::Open => tracee.cut = Some(cut),
            Sequel::GivenUp => self.emit(Some(Captured::Aside(Aside::GivenUp, cut.captured))),
        }
    }

    /// A thread has left a call: whether it is a wait to be kept in mind.
    pub(super) fn on_cut(
        &mut self,
        tid: Tid,
        tracee: &mut Tracee,
        call: &InCall,
        outcome: Outcome,
        end: Timestamp,
    ) {
        if self.is_cut_wait(tracee, call, outcome, end) {
            tracee.cut = self
                .capture_aside(tid, tracee, call, outcome, end)
                .map(|captured| {
                    let cut = Cut::new(call.call);
                    Box::new(CutWait { cut, captured })
                });
        }
    }

    /// A thread has left a call that is not shown: whether it made one of the last descriptors.
    pub(super) fn on_opening(
        &mut self,
        tid: Tid,
        tracee: &Tracee,
        call: &InCall,
        outcome: Outcome,
        end: Timestamp,
    ) {
        if self.is_scarce_opening(tracee.pid, &call.call, outcome, end) {
            let captured = self.capture_aside(tid, tracee, call, outcome, end);
            self.emit(captured.map(|captured| Captured::Aside(Aside::Opening, captured)));
        }
    }

    fn capture_aside(
        &self,
        tid: Tid,
        tracee: &Tracee,
        call: &InCall,
        outcome: Outcome,
        end: Timestamp,
    ) -> Option<Box<CapturedCall>> {
        let process = &tracee.process;
        let captured = self
            .capture
            .finished(tid, process, call, None, outcome, end);
        match captured? {
            Captured::Call(captured) => Some(captured),
            _ => None,
        }
    }

    fn is_cut_wait(
        &mut self,
        tracee: &Tracee,
        call: &InCall,
        outcome: Outcome,
        end: Timestamp,
    ) -> bool {
        let Outcome::Failed(Errno(errno)) = outcome else {
            return false;
        };
        let cut = errno == EINTR || RESTARTS.contains(&errno);
        if !cut || waits(&call.call).is_none() || !tracee.process.has_native_code() {
            return false;
        }
        let go = tracee.process.known_go();
        go.is_ok_and(|image| !image.is_go_code(call.pc)) && self.scarcity.may_tell(end.mono_ns)
    }

    fn is_scarce_opening(
        &mut self,
        pid: Pid,
        call: &RawCall,
        outcome: Outcome,
        end: Timestamp,
    ) -> bool {
        let makes = || syscall::name(call.abi, call.nr).is_some_and(makes_descriptor);
        let (scarcity, now) = (&mut self.scarcity, end.mono_ns);
        let scarce = match outcome {
            Outcome::Failed(Errno(EMFILE | ENFILE)) => makes(),
            Outcome::Returned(fd) => {
                let fd = u64::try_from(fd).unwrap_or(0);
                let candidate = fd > 2 && scarcity.least.is_none_or(|least| fd >= least);
                candidate && makes() && scarcity.is_near_limit(pid, fd, now)
            }
            _ => false,
        };
        scarce && scarcity.may_tell(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Abi;

    const CLOCK_NANOSLEEP: u64 = 230;
    const NANOSLEEP: u64 = 35;
    const FUTEX: u64 = 202;
    const WRITE: u64 = 1;
    const RT_SIGRETURN: u64 = 15;
    const RESTART_SYSCALL: u64 = 219;

    fn call(nr: u64, first: u64) -> RawCall {
        RawCall {
            abi: Abi::X86_64,
            nr,
            args: [first, 0, 0, 0, 0, 0],
        }
    }

    /// What becomes of a wait that was cut short, by the calls that follow.
    fn sequel(wait: RawCall, next: &[(RawCall, bool)]) -> Sequel {
        let mut cut = Cut::new(wait);
        let mut calls = next.iter().map(|(next, is_go)| cut.before(next, *is_go));
        calls.find(|s| *s != Sequel::Open).unwrap_or(Sequel::Open)
    }

    #[test]
    fn a_wait_is_repeated_whatever_the_handler_does_meanwhile() {
        let (wait, handler) = (call(FUTEX, 7), (call(FUTEX, 9), true));
        let back = (call(RT_SIGRETURN, 0), true);
        let again = (call(FUTEX, 7), false);
        assert_eq!(sequel(wait, &[handler, back, again]), Sequel::Repeated);
        let restarted = (call(RESTART_SYSCALL, 0), false);
        assert_eq!(sequel(wait, &[restarted]), Sequel::Repeated);
        let look = (call(WRITE, 2), false);
        assert_eq!(sequel(wait, &[back, look, look, again]), Sequel::Repeated);
        let nap = call(CLOCK_NANOSLEEP, 0);
        let other_nap = (call(NANOSLEEP, 5), false);
        assert_eq!(sequel(nap, &[back, other_nap]), Sequel::Repeated);
    }

    #[test]
    fn a_wait_is_given_up_when_c_returns_to_go_or_goes_on_to_other_things() {
        let (wait, back) = (call(FUTEX, 7), (call(RT_SIGRETURN, 0), true));
        assert_eq!(
            sequel(wait, &[back, (call(WRITE, 1), true)]),
            Sequel::GivenUp
        );
        let other = (call(FUTEX, 8), false);
        let mut calls = vec![back];
        calls.extend([other; PATIENCE as usize - 1]);
        assert_eq!(sequel(wait, &calls), Sequel::Open);
        calls.push(other);
        assert_eq!(sequel(wait, &calls), Sequel::GivenUp);
        // Not before the handler has returned: these are its own.
        assert_eq!(sequel(wait, &calls[1..]), Sequel::Open);
    }

    #[test]
    fn the_last_fifth_of_the_descriptors_is_scarce() {
        let mut scarcity = Scarcity::default();
        scarcity.from.insert(Pid(1), (800, 0));
        assert!(!scarcity.is_near_limit(Pid(1), 799, 5));
        assert!(scarcity.is_near_limit(Pid(1), 800, 5));
        let told = (0..100).filter(|_| scarcity.may_tell(SPAN_NS)).count();
        assert_eq!(told, MAX_ASIDES as usize);
        assert!(scarcity.may_tell(2 * SPAN_NS));
    }
}
