//! ptrace, wait, process memory, procfs, clocks: the only `unsafe` and the only system calls
//! on tracees. Each `unsafe` is one call with a `// SAFETY:` line.

pub mod alarm;
pub mod clock;
pub mod fds;
pub mod image;
pub mod job;
pub mod looks;
pub mod memory;
pub mod probe;
pub mod proc_facts;
pub mod procfs;
pub mod ptrace;
pub mod scheduling;
pub mod signals;
pub mod sock_diag;
pub mod sockets;
pub mod spawn;
pub mod wait;

use crate::ids::{Errno, Tid};
use std::fmt;

/// A system call of ours that failed: which, on whom, why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SysError {
    /// The operation, as its man page names it.
    pub operation: &'static str,
    /// The thread or process that it concerned; 0 for none.
    pub tid: Tid,
    /// Why it failed.
    pub errno: Errno,
}

impl SysError {
    /// Whether the thread is gone, which is a normal outcome anywhere.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.errno.0 == libc::ESRCH
    }

    /// What a request says of a thread that is gone.
    #[must_use]
    pub fn gone(operation: &'static str, tid: Tid) -> SysError {
        SysError::new(operation, tid, nix::errno::Errno::ESRCH)
    }

    fn new(operation: &'static str, tid: Tid, errno: nix::errno::Errno) -> SysError {
        SysError {
            operation,
            tid,
            errno: Errno(errno as i32),
        }
    }

    fn last(operation: &'static str, tid: Tid) -> SysError {
        SysError::new(operation, tid, nix::errno::Errno::last())
    }
}

impl fmt::Display for SysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = nix::errno::Errno::from_raw(self.errno.0);
        if self.tid.0 == 0 {
            write!(f, "{}: {}", self.operation, why.desc())
        } else {
            write!(f, "{} on {}: {}", self.operation, self.tid, why.desc())
        }
    }
}

impl std::error::Error for SysError {}
