//! What befalls a thread besides its calls.

use super::Timestamp;
use crate::ids::{Addr, Pid, Signal, Tid};
use std::sync::Arc;

/// Something that befell a thread besides calls, signals and its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskEvent {
    /// The process.
    pub pid: Pid,
    /// The thread.
    pub tid: Tid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: TaskChange,
}

/// What befell a thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskChange {
    /// It is traced from now on: the command that we started.
    Started,
    /// It is traced from now on, as the first of so many threads that were attached to together.
    Attached(usize),
    /// It is traced from now on: one of those threads.
    AttachedToo,
    /// It is traced no more, though it lives.
    Detached,
    /// It is in a group-stop by this signal.
    Stopped(Signal),
    /// It has entered a call with this number, of which nothing else is told.
    Called(u64),
    /// It is called this from now on.
    Named(Arc<[u8]>),
}

/// A signal on its way to a thread (a signal-delivery-stop).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignalEvent {
    /// The process.
    pub pid: Pid,
    /// The thread.
    pub tid: Tid,
    /// When it was delivered.
    pub at: Timestamp,
    /// Which signal.
    pub signal: Signal,
    /// Its siginfo, where it could be read.
    pub info: Option<SigInfo>,
    /// Where the thread executes, if that was asked for.
    pub pc: Option<Addr>,
}

/// A siginfo_t: its common fields, and the first words of the union behind them, whose meaning
/// the signal and the code tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SigInfo {
    /// `si_errno`.
    pub errno: i32,
    /// `si_code`.
    pub code: i32,
    /// The union.
    pub words: [u32; 8],
}

impl SigInfo {
    /// From the kernel's bytes (`asm-generic/siginfo.h`, the layout of 64-bit machines).
    #[must_use]
    pub fn parse(bytes: &[u8; 128]) -> SigInfo {
        let word = |at: usize| {
            let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
            u32::from_le_bytes(word.copied().unwrap_or_default())
        };
        SigInfo {
            errno: word(4).cast_signed(),
            code: word(8).cast_signed(),
            words: std::array::from_fn(|i| word(16 + 4 * i)),
        }
    }

    /// Two words of the union as one.
    #[must_use]
    pub fn long(&self, at: usize) -> u64 {
        let word = |at: usize| u64::from(self.words.get(at).copied().unwrap_or_default());
        word(at) | word(at + 1) << 32
    }
}

/// The end of a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExitEvent {
    /// The process.
    pub pid: Pid,
    /// The thread.
    pub tid: Tid,
    /// When we learnt of it.
    pub at: Timestamp,
    /// How it ended.
    pub how: ExitKind,
}

/// How a thread ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitKind {
    /// With this exit status.
    Status(i32),
    /// Killed by this signal; the flag says whether core was dumped.
    Killed(Signal, bool),
    /// Another thread of its process called execve and took over (ptrace(2), "execve under ptrace").
    Superseded {
        /// The thread id of the one that called execve.
        by: Tid,
    },
}
