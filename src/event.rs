//! What both engines produce and every sink consumes: plain data.

use crate::arch::Abi;
use crate::ids::{Addr, Errno, Goid, Pid, Signal, Tid};
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

/// How a call stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It returned this value.
    Returned(i64),
    /// It failed; ERESTARTSYS and its kin (512 to 516) included.
    Failed(Errno),
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
    /// A system call, finished or still blocked.
    Syscall(Box<SyscallEvent>),
    /// A signal was delivered to a thread.
    Signal(SignalEvent),
    /// A thread ended, or was replaced by exec.
    Exit(ExitEvent),
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
    /// `si_code`, `si_pid`, `si_uid` of its siginfo, where it could be read.
    pub info: Option<(i32, i32, u32)>,
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
    /// What the descriptors and processes among the arguments and the result are.
    pub names: ObjectNames,
    /// What Go knows about it.
    pub go: GoContext,
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
    /// Process id (as the call names it) and command name.
    pub processes: Vec<(i32, Arc<str>)>,
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

/// What Go knows about a call.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GoContext {
    /// The goroutine on whose behalf the thread makes the call.
    pub goroutine: Known<Goroutine>,
    /// The stack, innermost frame first, inlined frames expanded.
    pub stack: Known<Stack>,
    /// What kind of wait it is.
    pub class: Known<WaitClass>,
}

/// A goroutine as the runtime describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Goroutine {
    /// Its id; 0 for a system stack (g0).
    pub goid: Goid,
    /// `runtime.g.startpc`, the function it began with, as a name where known.
    pub entry: Option<Arc<str>>,
    /// The function that created it (`created by`), where known.
    pub created_by: Option<Arc<str>>,
    /// `runtime.m.id`.
    pub m: Option<i64>,
    /// `runtime.p.id`, `None` where the M holds no P.
    pub p: Option<i32>,
}

/// A symbolised stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stack {
    /// Innermost first.
    pub frames: Vec<Frame>,
    /// Why it ends where it ends.
    pub end: StackEnd,
}

/// Why a stack ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StackEnd {
    /// At its root: goexit, mstart, mcall.
    Root,
    /// The depth limit was reached.
    Depth,
    /// What lies beyond could not be unwound, for this reason.
    Broken(Arc<str>),
}

/// One frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Where it executes: the return address, or the leaf's own PC.
    pub pc: Addr,
    /// Function name as the Go runtime prints it.
    pub func: Arc<str>,
    /// Source file, empty where unknown.
    pub file: Arc<str>,
    /// Line, 0 where unknown.
    pub line: u32,
    /// What sort of frame.
    pub kind: FrameKind,
}

/// What sort of frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FrameKind {
    /// A Go function.
    Go,
    /// A Go function inlined into the next frame.
    Inlined,
    /// A C function.
    Native,
    /// Found by guessing (frame pointer outside known code); shown as such.
    Guessed,
}

/// What kind of wait a call is, told from its stack; rows of the wait-class table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WaitClass {
    /// Stable name, as `--class` takes it: `idle-m`, `netpoll-idle`, `sysmon`, `user`...
    pub id: &'static str,
    /// Whether it is the runtime parking a thread that has nothing to do, or a call of its own that
    /// cannot wait and only takes long when the machine is short of CPU. Hidden by default.
    pub parked: bool,
    /// One sentence for someone who does not know the runtime.
    pub explanation: &'static str,
}
