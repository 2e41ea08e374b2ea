//! The identities every other module speaks of. Imports nothing of the project.

use std::fmt;

/// A process (thread group) id, as seen in the tracer's PID namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Pid(pub i32);

/// A thread id, as seen in the tracer's PID namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Tid(pub i32);

/// An address in the tracee.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Addr(pub u64);

/// A goroutine id (`runtime.g.goid`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Goid(pub u64);

/// A signal number, realtime signals included (nix's `Signal` has none).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Signal(pub i32);

/// An errno value, positive, kernel-internal ones (512 and up) included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Errno(pub i32);

// Wrapping, and by a number of bytes: not what the operators `+` and `-` would promise.
#[allow(clippy::should_implement_trait)]
impl Addr {
    /// The address `offset` bytes further on; wraps like the hardware does.
    #[must_use]
    pub fn add(self, offset: u64) -> Addr {
        Addr(self.0.wrapping_add(offset))
    }

    /// The address `offset` bytes back; wraps like the hardware does.
    #[must_use]
    pub fn sub(self, offset: u64) -> Addr {
        Addr(self.0.wrapping_sub(offset))
    }

    /// Whether this is NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

macro_rules! display_inner {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}
display_inner!(Pid, Tid, Goid);

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl From<Tid> for Pid {
    /// The process whose leader has this thread id.
    fn from(tid: Tid) -> Pid {
        Pid(tid.0)
    }
}

impl From<Pid> for Tid {
    /// The leader of this process.
    fn from(pid: Pid) -> Tid {
        Tid(pid.0)
    }
}
