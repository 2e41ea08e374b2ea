//! What both engines produce and every sink consumes: plain data.

mod go;
mod thread;

pub use go::{
    Frame, FrameKind, GoContext, GoState, Goroutine, HeldP, PNow, Stack, StackEnd, WaitClass,
};
pub use thread::{ExitEvent, ExitKind, SigInfo, SignalEvent, TaskChange, TaskEvent};

use crate::arch::Abi;
use crate::finding::{Finding, FoundAgain, Shown};
use crate::ids::{Addr, Errno, Pid, Tid};
use crate::value::Arg;
use std::sync::Arc;
use std::time::Duration;

/// A point in time on both clocks, read together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Timestamp {
    /// CLOCK_MONOTONIC, nanoseconds.
    pub mono_ns: u64,
    /// CLOCK_REALTIME, nanoseconds since the epoch.
    pub wall_ns: u64,
}

impl Timestamp {
    /// The time from `earlier` to `self`, zero if the order is the other way round.
    #[must_use]
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_nanos(self.mono_ns.saturating_sub(earlier.mono_ns))
    }
}

/// A call as the kernel saw it: ABI, number, six raw argument registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawCall {
    /// The ABI it was made through.
    pub abi: Abi,
    /// Its number in that ABI.
    pub nr: u64,
    /// The argument registers.
    pub args: [u64; 6],
}

/// When a call began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// Its entry was seen.
    Seen(Timestamp),
    /// The thread was already in it when we attached, at this time: it lasts longer than we know.
    BeforeAttach(Timestamp),
}

impl Start {
    /// The first moment at which we know the thread to be in the call.
    #[must_use]
    pub fn known(self) -> Timestamp {
        match self {
            Start::Seen(t) | Start::BeforeAttach(t) => t,
        }
    }
}

/// How the times of a call are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Seen {
    /// The thread stopped at its entry and its exit.
    #[default]
    Exact,
    /// By looking at the thread now and then. The call lasted (or has lasted so far) as long as
    /// is said, give or take `error`; the part of it that the thread spent on a CPU before it
    /// first blocked and after it last woke is not seen.
    Sampled {
        /// Half of the time in which start and end may lie.
        error: Duration,
    },
}

/// How a call stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It returned this value.
    Returned(i64),
    /// It failed; ERESTARTSYS and its kin (512 to 516) included.
    Failed(Errno),
    /// It ended; how, is not known: only that the thread had left it, or was gone, was seen.
    Ended,
    /// It is still blocked.
    Blocked,
    /// The thread went away in the middle of it (exit, exec, kill).
    Gone,
    /// We let go of the thread in the middle of it.
    Detached,
}

/// Everything a sink can be told.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Tracing has begun; the first event but for notes.
    Begun(Box<Begun>),
    /// Something about the tracing itself that the user should know; said on standard error too.
    Note(Note),
    /// A system call that a thread has just entered; told for strace's lines alone, which begin
    /// when calls do.
    Entered(Box<SyscallEvent>),
    /// A system call, finished or still blocked.
    Syscall(Box<SyscallEvent>),
    /// A signal was delivered to a thread.
    Signal(SignalEvent),
    /// A thread ended, or was replaced by exec.
    Exit(ExitEvent),
    /// Something is wrong that no single call shows.
    Finding(Box<Finding>),
    /// It still is: each time counts.
    FoundAgain(Box<FoundAgain>),
    /// What else befell a thread; told for strace's lines alone.
    Task(TaskEvent),
}

/// What is traced, as it was when tracing began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// When.
    pub at: Timestamp,
    /// Each process, with what is known of it. Children that are followed come later.
    pub processes: Vec<Traced>,
    /// Which calls: strace's expression.
    pub expression: Arc<str>,
    /// Only calls that last at least this long.
    pub slow: Option<Duration>,
}

/// A process that is traced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traced {
    /// Its id.
    pub pid: Pid,
    /// Its command, where known.
    pub command: Option<Arc<str>>,
    /// Whether it is known to be a Go program.
    pub is_go: bool,
    /// The version of Go that it was built with, or why that is not known.
    pub go_version: Known<Arc<str>>,
    /// Why its goroutines cannot be told though it is a Go program.
    pub without_goroutines: Option<Arc<str>>,
    /// How many threads it had.
    pub threads: usize,
    /// Where its code is, if that could be read.
    pub executable: Option<Executable>,
}

/// A mapped executable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Executable {
    /// The file, as the kernel names it.
    pub path: Arc<str>,
    /// Where its code begins.
    pub start: Addr,
    /// The first address beyond.
    pub end: Addr,
    /// Where in the file that is, bytes.
    pub offset: u64,
    /// Its GNU build id in hexadecimal; `None`: it has none, or could not be read.
    pub build_id: Option<Arc<str>>,
}

/// Something about the tracing itself: one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When it was said.
    pub at: Timestamp,
    /// The line, without its end.
    pub text: Arc<str>,
}

/// Why a call is not shown that was captured.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hidden {
    /// It is the runtime's own parking, hidden unless `--show-parked` asks for it.
    Parked,
    /// It is not of the goroutine, function or class that was asked for.
    NotSelected,
    /// It shows none of the findings that alone were asked for.
    NoFinding,
}

/// A system call of one thread, finished or still blocked.
#[derive(Clone, PartialEq, Debug)]
pub struct SyscallEvent {
    /// The process.
    pub pid: Pid,
    /// The thread.
    pub tid: Tid,
    /// The call as the kernel saw it.
    pub call: RawCall,
    /// Its decoded arguments.
    pub args: Vec<Arg>,
    /// When it began.
    pub start: Start,
    /// When it ended, or when it was looked at if it is still blocked.
    pub end: Timestamp,
    /// How it stands.
    pub outcome: Outcome,
    /// How these times are known.
    pub seen: Seen,
    /// What the descriptors and processes among the arguments and the result are.
    pub names: ObjectNames,
    /// What Go knows about it.
    pub go: GoContext,
    /// What was asked for besides.
    pub extra: Extra,
    /// How it waits or waited; `None` where it was not slow, or waits for nothing that could end
    /// in these ways.
    pub wait: Option<Wait>,
    /// What it shows to be wrong.
    pub findings: Vec<Shown>,
}

/// What of a call is told when options of strace's ask for it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Extra {
    /// Where the thread executes.
    pub pc: Option<Addr>,
    /// Its arguments are to be shown as the registers hold them.
    pub raw: bool,
    /// What it read or wrote, in full.
    pub dumps: Vec<Dump>,
    /// How long the kernel has worked for it, nanoseconds.
    pub system_ns: u64,
}

/// How much of a buffer is read at once for a dump, as strace does: of what is there of a piece
/// that cannot be read in full, nothing is shown.
pub const DUMP_PIECE: u64 = 1 << 16;

/// A buffer that a call read into or wrote from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dump {
    /// The message of a vector of messages that the buffers behind this belong to: its place,
    /// and how many buffers it has.
    Message(usize, usize),
    /// A buffer: its place among the buffers of a call that takes several, and its bytes.
    Bytes(Option<usize>, Vec<u8>),
    /// A buffer of which not all could be read.
    Cut {
        /// Its place, as above.
        place: Option<usize>,
        /// Where it begins.
        at: Addr,
        /// How many bytes it should hold.
        length: u64,
        /// As many of them as could be read: whole pieces of [`DUMP_PIECE`] bytes.
        bytes: Vec<u8>,
    },
}

/// How a call waits: what it came to, or else what would end it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// A signal ended it (EINTR, or about to be restarted).
    Interrupted,
    /// It could not go on without waiting, and said so (EAGAIN).
    WouldBlock,
    /// Its timeout ended it.
    TimedOut,
    /// It had a timeout, of this length where that could be told.
    Limited(Option<Duration>),
    /// Nothing but what it waits for, or a signal, would have ended it.
    Endless,
}

impl SyscallEvent {
    /// How long the call has lasted so far, at least.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.end.since(self.start.known())
    }
}

/// What the kernel objects that a call names are, looked up while the call held them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectNames {
    /// Descriptor number and what it is.
    pub fds: Vec<(i32, crate::fd::FdTarget)>,
    /// What the descriptor is that the call returned, where it was another thing before.
    pub returned: Option<crate::fd::FdTarget>,
    /// Process id (as the call names it) and command name.
    pub processes: Vec<(i32, Arc<[u8]>)>,
    /// Number and name of a network interface.
    pub interfaces: Vec<(u32, Arc<str>)>,
}

/// A fact, or the reason why it is not known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Known<T> {
    /// It was not asked for.
    #[default]
    NotAsked,
    /// It is known.
    Is(T),
    /// It is not known, for this reason (one short clause).
    Unknown(Arc<str>),
}

impl<T> Known<T> {
    /// The fact, where it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Known::Is(t) => Some(t),
            _ => None,
        }
    }
}
