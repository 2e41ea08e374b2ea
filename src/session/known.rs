//! Names of descriptors and processes that were read a moment ago and hold still: asking /proc again
//! at each call would cost more than the rest of a stop.

use crate::event::RawCall;
use crate::fd::FdTarget;
use crate::ids::Tid;
use crate::sys::clock;
use crate::syscall;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What others can change, unseen by us: the path of a file, the name of a process. A thread can
/// be kept longer than this at the stop at which it is read.
const CHANGEABLE_NS: u64 = 1_000_000;
/// What only the holder of a descriptor can change, by a call that we see; but for a process that
/// shares its descriptors with one that is not traced, or leaves calls to io_uring.
const FIXED_NS: u64 = 50_000_000;
/// Names that are kept at most.
const MAX_KEPT: usize = 4096;

/// Counts what may have changed names.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    count: AtomicU64,
    complete: AtomicBool,
}

impl Changes {
    /// From now on every call that may change a name is seen; before, nothing is kept.
    pub fn are_all_seen(&self) {
        self.add();
        self.0.complete.store(true, Ordering::SeqCst);
    }

    /// Something may have changed a name.
    pub fn add(&self) {
        // Ordered with the reading of names by other engines.
        self.0.count.fetch_add(1, Ordering::SeqCst);
    }

    /// The same, if this call can: it is about to begin, or has ended.
    pub fn add_if_made_by(&self, call: &RawCall) {
        if !keeps_names(call) {
            self.add();
        }
    }

    /// How many there were; `None`: there may have been others.
    fn count(&self) -> Option<u64> {
        let complete = self.0.complete.load(Ordering::SeqCst);
        complete.then(|| self.0.count.load(Ordering::SeqCst))
    }
}

/// The names that an engine knows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    changes: Changes,
    /// The changes before what is kept was read.
    since: Cell<Option<u64>>,
    fds: Kept<(Tid, i32), FdTarget>,
    processes: Kept<i32, Arc<[u8]>>,
}

/// What is kept, each until this time.
type Kept<K, V> = RefCell<HashMap<K, (u64, V)>>;

impl Known {
    /// Knows nothing yet, and forgets what it knows at each of these changes.
    #[must_use]
    pub fn new(changes: Changes) -> Known {
        Known {
            changes,
            ..Known::default()
        }
    }

    /// What this descriptor of a thread is: by thread, since threads can have their own.
    pub fn fd(
        &self,
        tid: Tid,
        fd: i32,
        read: impl FnOnce() -> Option<FdTarget>,
    ) -> Option<FdTarget> {
        self.forget_changed();
        let lasts = |target: &FdTarget| match target {
            FdTarget::Socket { .. } | FdTarget::Pipe(_) | FdTarget::Anon(_) => FIXED_NS,
            FdTarget::Path(_) => CHANGEABLE_NS,
            FdTarget::PidFd { .. } => 0,
        };
        self.get(&self.fds, (tid, fd), read, lasts)
    }

    /// The name of a process.
    pub fn process(&self, pid: i32, read: impl FnOnce() -> Option<Arc<[u8]>>) -> Option<Arc<[u8]>> {
        self.forget_changed();
        self.get(&self.processes, pid, read, |_| CHANGEABLE_NS)
    }

    fn forget_changed(&self) {
        let count = self.changes.count();
        if self.since.replace(count) != count {
            self.fds.borrow_mut().clear();
            self.processes.borrow_mut().clear();
        }
    }

    fn get<K: Eq + std::hash::Hash, V: Clone>(
        &self,
        kept: &Kept<K, V>,
        key: K,
        read: impl FnOnce() -> Option<V>,
        lasts_ns: impl Fn(&V) -> u64,
    ) -> Option<V> {
        if self.since.get().is_none() {
            return read();
        }
        let now = clock::mono_ns();
        if let Some((until, value)) = kept.borrow().get(&key)
            && now < *until
        {
            return Some(value.clone());
        }
        let value = read()?;
        let mut kept = kept.borrow_mut();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (now.saturating_add(lasts_ns(&value)), value.clone()));
        Some(value)
    }
}

/// Whether a call leaves descriptors, and what they and processes are called, as they are.
fn keeps_names(call: &RawCall) -> bool {
    let Some(name) = syscall::name(call.abi, call.nr) else {
        return false;
    };
    matches!(
        name,
        "read"
            | "write"
            | "pread64"
            | "pwrite64"
            | "readv"
            | "writev"
            | "lseek"
            | "fstat"
            | "newfstatat"
            | "sendto"
            | "recvfrom"
            | "sendmsg"
            | "shutdown"
            | "getsockname"
            | "getpeername"
            | "setsockopt"
            | "getsockopt"
            | "poll"
            | "ppoll"
            | "select"
            | "pselect6"
            | "epoll_wait"
            | "epoll_pwait"
            | "epoll_pwait2"
            | "epoll_ctl"
            | "futex"
            | "nanosleep"
            | "clock_nanosleep"
            | "clock_gettime"
            | "gettimeofday"
            | "sched_yield"
            | "getpid"
            | "getppid"
            | "gettid"
            | "tgkill"
            | "rt_sigprocmask"
            | "rt_sigaction"
            | "rt_sigreturn"
            | "sigaltstack"
            | "restart_syscall"
            | "mmap"
            | "munmap"
            | "mprotect"
            | "madvise"
            | "brk"
            | "timer_settime"
            | "setitimer"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Abi;

    fn call(nr: u64) -> RawCall {
        RawCall {
            abi: Abi::X86_64,
            nr,
            args: [0; 6],
        }
    }

    fn pipe(known: &Known, inode: u64) -> Option<FdTarget> {
        known.fd(Tid(1), 3, || Some(FdTarget::Pipe(inode)))
    }

    #[test]
    fn nothing_is_kept_before_calls_are_seen() {
        let changes = Changes::default();
        changes.add();
        let known = Known::new(changes);
        assert_eq!(pipe(&known, 1), Some(FdTarget::Pipe(1)));
        assert_eq!(pipe(&known, 2), Some(FdTarget::Pipe(2)));
    }

    #[test]
    fn a_name_is_kept_until_a_call_that_may_change_it() {
        let changes = Changes::default();
        changes.are_all_seen();
        let known = Known::new(changes.clone());
        assert_eq!(pipe(&known, 1), Some(FdTarget::Pipe(1)));
        changes.add_if_made_by(&call(0)); // read
        assert_eq!(pipe(&known, 2), Some(FdTarget::Pipe(1)));
        assert_eq!(known.fd(Tid(2), 3, || None), None, "of another thread");
        // close, dup2, recvmsg, execve, and one without a name.
        for (expected, nr) in [3, 33, 47, 59, 9999].into_iter().zip(10..) {
            changes.add_if_made_by(&call(expected));
            assert_eq!(pipe(&known, nr), Some(FdTarget::Pipe(nr)), "{expected}");
        }
    }

    #[test]
    fn calls_of_other_abis_are_known_by_their_own_names() {
        let i386 = |nr| RawCall {
            abi: Abi::I386,
            ..call(nr)
        };
        // read and close of i386; 3 is close elsewhere.
        assert!(!keeps_names(&i386(6)));
        assert!(!keeps_names(&call(3)));
    }
}
