//! What both engines produce and every sink consumes: plain data.

use crate::arch::Abi;
use crate::finding::{Finding, FoundAgain, Shown};
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
    Named(Arc<str>),
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

/// A buffer that a call read into or wrote from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dump {
    /// The message of a vector of messages that the buffers behind this belong to: its place,
    /// and how many buffers it has.
    Message(usize, usize),
    /// A buffer: its place among the buffers of a call that takes several, and its bytes.
    Bytes(Option<usize>, Vec<u8>),
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
    /// Its id; 0 where the thread works for no goroutine, on its system stack (g0).
    pub goid: Goid,
    /// What it is doing; `None` for id 0.
    pub state: Option<GoState>,
    /// Whether it is locked to its thread (`runtime.LockOSThread`, a callback from C): a
    /// traceback's `locked to thread`.
    pub locked: bool,
    /// For id 0: the goroutine that the thread is locked to, which waits elsewhere.
    pub kept_for: Option<(Goid, GoState)>,
    /// Whether the thread is in C code that Go has called (`m.incgo`).
    pub in_cgo: bool,
    /// `runtime.g.startpc`, the function it began with, as a name where known.
    pub entry: Option<Arc<str>>,
    /// The function that created it (`created by`), where known.
    pub created_by: Option<Arc<str>>,
    /// `runtime.m.id`.
    pub m: i64,
    /// The processor (P) that it runs on, or ran on until the call.
    pub p: HeldP,
}

/// What a goroutine is doing (`g.atomicstatus` of runtime/runtime2.go, with `g.waitreason`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GoState {
    /// `_Grunnable`: waits for a thread to run it.
    Runnable,
    /// `_Grunning`: runs Go code, or is in a raw system call.
    Running,
    /// `_Gsyscall`: in a system call or in C.
    Syscall,
    /// `_Gwaiting`: parked, for this reason in the runtime's own words, where it gives one.
    Waiting(Option<Arc<str>>),
    /// `_Gpreempted`: stopped by the garbage collector.
    Preempted,
    /// `_Gcopystack`: its stack is being moved.
    CopyingStack,
    /// `_Gleaked`, from 1.26: parked for this reason, and nothing can wake it any more.
    Leaked(Option<Arc<str>>),
    /// In transit, or a number that no release has.
    Other(u32),
}

impl GoState {
    /// What a traceback says between the brackets (runtime/traceback.go, `goroutineheader`).
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            GoState::Runnable => "runnable",
            GoState::Running => "running",
            GoState::Syscall => "syscall",
            GoState::Waiting(Some(reason)) | GoState::Leaked(Some(reason)) => reason,
            GoState::Waiting(None) => "waiting",
            GoState::Preempted => "preempted",
            GoState::CopyingStack => "copystack",
            GoState::Leaked(None) => "leaked",
            GoState::Other(0) => "idle",
            GoState::Other(6) => "dead",
            GoState::Other(11) => "deadextra",
            GoState::Other(_) => "???",
        }
    }
}

/// The P of a thread: the right to run Go code, of which there are GOMAXPROCS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeldP {
    /// It has this P (`m.p`), and nobody can take it.
    Held(i32),
    /// It is in a call that it entered with this P, which is still its own but may be taken.
    Kept(i32),
    /// It is in a call during which this P was taken from it, or given away.
    Left(i32, PNow),
    /// It has none.
    None,
    /// Not known, for this reason.
    Unknown(&'static str),
}

impl HeldP {
    /// `runtime.p.id` of the P that it has, or had until the call.
    #[must_use]
    pub fn id(self) -> Option<i32> {
        match self {
            HeldP::Held(id) | HeldP::Kept(id) | HeldP::Left(id, _) => Some(id),
            HeldP::None | HeldP::Unknown(_) => None,
        }
    }
}

/// Where a P is that a thread has lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PNow {
    /// This M (`runtime.m.id`) has it.
    OfM(i64),
    /// Another thread has entered a call with it, up to Go 1.25, where it does not say which.
    InCall,
    /// Nobody has it.
    Idle,
    /// It was stopped with the world, for the garbage collector or the like.
    Stopped,
    /// It was on its way from one M to another, or cannot be told.
    Unknown,
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
