//! What a dump consists of: plain data.

use crate::diagnose::SocketFacts;
use crate::event::{Frame, GoContext, Known, StackEnd, SyscallEvent, Timestamp};
use crate::fd::FdTarget;
use crate::golang::goroutine::G;
use crate::golang::netpoll::PollWait;
use crate::golang::sudog::Channel;
use crate::golang::unwind::{RawKind, RawStack};
use crate::ids::{Addr, Goid, Pid, Tid};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Number of a stack in a list of different ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct StackId(pub u32);

/// What is known of a goroutine's stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum StackState {
    /// It is this one.
    Known(StackId),
    /// A thread has it, and was not found waiting.
    OnThread,
    /// It moved at every look.
    Moved,
    /// It has ended; left out of what is shown.
    Ended,
}

/// What a goroutine waits on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum WaitsOn {
    /// A channel, to receive or to send, alone or among others of a select.
    Channel(Addr),
    /// A sync.Mutex, or one inside a sync.RWMutex, at this address.
    Mutex(Addr),
    /// A sync.RWMutex at this address.
    RwMutex(Addr),
    /// A sync.WaitGroup at this address.
    WaitGroup(Addr),
    /// A semaphore of the runtime at this address, whatever it belongs to.
    Semaphore(Addr),
}

impl WaitsOn {
    /// Who waits on the semaphore at `at`, for this reason. The fields of the sync package lie
    /// the same in 1.19 to 1.27 (sync/mutex.go, rwmutex.go, waitgroup.go): Mutex{state, sema},
    /// RWMutex{w Mutex, writerSem, readerSem}, WaitGroup{state 8 bytes, sema}; the reasons came
    /// with 1.20 (locks) and 1.24 (groups).
    #[must_use]
    pub fn of_semaphore(at: Addr, reason: &str) -> WaitsOn {
        match reason {
            "sync.Mutex.Lock" => WaitsOn::Mutex(at.sub(4)),
            "sync.RWMutex.Lock" => WaitsOn::RwMutex(at.sub(8)),
            "sync.RWMutex.RLock" => WaitsOn::RwMutex(at.sub(12)),
            reason if reason.starts_with("sync.WaitGroup.Wait") => WaitsOn::WaitGroup(at.sub(8)),
            _ => WaitsOn::Semaphore(at),
        }
    }

    /// What has the semaphore, by the functions on the stack, innermost first: for reasons that
    /// do not say so.
    #[must_use]
    pub fn named_by<'a>(self, mut functions: impl Iterator<Item = &'a str>) -> WaitsOn {
        let WaitsOn::Semaphore(at) = self else {
            return self;
        };
        let asks = |func: &&str| func.starts_with("sync.runtime_Semacquire");
        let _ = functions.find(asks);
        match functions.next() {
            Some("sync.(*Mutex).lockSlow") => WaitsOn::Mutex(at.sub(4)),
            Some("sync.(*RWMutex).Lock") => WaitsOn::RwMutex(at.sub(8)),
            Some("sync.(*RWMutex).RLock") => WaitsOn::RwMutex(at.sub(12)),
            Some("sync.(*WaitGroup).Wait") => WaitsOn::WaitGroup(at.sub(8)),
            _ => self,
        }
    }

    /// Its address.
    #[must_use]
    pub fn addr(self) -> Addr {
        match self {
            WaitsOn::Channel(at)
            | WaitsOn::Mutex(at)
            | WaitsOn::RwMutex(at)
            | WaitsOn::WaitGroup(at)
            | WaitsOn::Semaphore(at) => at,
        }
    }

    /// What it is, as Go names the type.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            WaitsOn::Channel(_) => "chan",
            WaitsOn::Mutex(_) => "sync.Mutex",
            WaitsOn::RwMutex(_) => "sync.RWMutex",
            WaitsOn::WaitGroup(_) => "sync.WaitGroup",
            WaitsOn::Semaphore(_) => "semaphore",
        }
    }
}

/// A goroutine as it was read.
#[derive(Clone, PartialEq, Debug)]
pub struct RawGoroutine {
    /// Its g.
    pub g: G,
    /// Its stack.
    pub stack: StackState,
    /// What it waits on.
    pub waits_on: Vec<WaitsOn>,
    /// The descriptor that it waits for in Go's poller.
    pub polls: Option<PollWait>,
    /// The thread that has it, once known.
    pub thread: Option<Tid>,
}

impl RawGoroutine {
    /// One whose stack has not been read.
    #[must_use]
    pub fn new(g: G) -> RawGoroutine {
        RawGoroutine {
            stack: match g.is_on_thread() {
                true => StackState::OnThread,
                false => StackState::Moved,
            },
            g,
            waits_on: Vec::new(),
            polls: None,
            thread: None,
        }
    }
}

/// Stacks of addresses, each once: of many goroutines, most have the stack of others.
#[derive(Debug, Default)]
pub struct RawStacks {
    list: Vec<RawStack>,
    by_frames: HashMap<Vec<(Addr, bool, RawKind)>, Vec<StackId>>,
}

impl RawStacks {
    /// The number of this stack. Where its frames lie is forgotten.
    pub fn add(&mut self, raw: RawStack) -> StackId {
        let key = raw.frames.iter().map(|f| (f.pc, f.exact, f.kind)).collect();
        let known = self.by_frames.entry(key).or_default();
        let same = |id: &&StackId| {
            let other = self.list.get(id.0 as usize);
            other.is_some_and(|other| other.end == raw.end)
        };
        if let Some(id) = known.iter().find(same) {
            return *id;
        }
        let id = StackId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        known.push(id);
        self.list.push(raw);
        id
    }

    /// All of them, by number.
    #[must_use]
    pub fn list(&self) -> &[RawStack] {
        &self.list
    }
}

/// A frame, and how far into its function it is (`+0x1d`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFrame {
    /// The frame.
    pub frame: Frame,
    /// Bytes from the entry of its function; `None` for inlined ones, and where unknown.
    pub offset: Option<u64>,
}

/// A stack with names, innermost frame first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedStack {
    /// Its frames.
    pub frames: Vec<PlacedFrame>,
    /// Why it ends.
    pub end: StackEnd,
}

/// A `go` statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Creator {
    /// The function that it stands in, its file and line.
    pub frame: PlacedFrame,
}

/// A goroutine with names.
#[derive(Clone, PartialEq, Debug)]
pub struct Goroutine {
    /// Its id.
    pub goid: Goid,
    /// Its state as a traceback has it: wait reason or status.
    pub state: Arc<str>,
    /// Since when it waits by the runtime's own count, CLOCK_MONOTONIC, where the GC has noticed:
    /// when a collection sees it wait for the first time, the runtime takes the end of the one
    /// before as the time (`work.tstart` in `gcMark` and `markroot`, runtime/mgc.go, mgcmark.go).
    pub wait_since: Option<u64>,
    /// Whether the GC holds its stack just now.
    pub scanned: bool,
    /// Whether it is locked to a thread.
    pub locked: bool,
    /// Its stack.
    pub stack: StackState,
    /// What it waits on.
    pub waits_on: Vec<WaitsOn>,
    /// The descriptor that it waits for in Go's poller.
    pub polls: Option<Polled>,
    /// The thread that has it.
    pub thread: Option<Tid>,
    /// Number of its `go` statement in [`Dump::creators`]; `None` for the first goroutine.
    pub creator: Option<u32>,
    /// The goroutine that made it, from Go 1.21.
    pub parent: Option<Goid>,
}

/// A descriptor that a goroutine waits for in Go's poller.
#[derive(Clone, PartialEq, Debug)]
pub struct Polled {
    /// Its number, what for, and until when.
    pub wait: PollWait,
    /// What it is, if it was open still.
    pub target: Option<FdTarget>,
    /// What the kernel says of it, of a socket.
    pub socket: Known<SocketFacts>,
}

/// What a thread was found doing.
#[derive(Clone, PartialEq, Debug)]
pub enum Doing {
    /// Waiting in this call.
    Call(Box<SyscallEvent>),
    /// Waiting outside a call: stopped, or in a page fault.
    Stopped,
    /// Running, or not in the same call at two looks.
    Running,
    /// Not to be told, for this reason.
    Unknown(Arc<str>),
}

/// A thread.
#[derive(Clone, PartialEq, Debug)]
pub struct Thread {
    /// Its id.
    pub tid: Tid,
    /// Its name.
    pub name: Arc<str>,
    /// The letter of its state (`S`, `R`, `D`, `T`, `t`, `Z`).
    pub state: char,
    /// The kernel function that it waits in, where readable.
    pub wchan: Option<Arc<str>>,
    /// Its stack in the kernel, innermost first, where readable.
    pub kernel: Vec<Arc<str>>,
    /// What it does.
    pub doing: Doing,
    /// Goroutine, M, P and wait class.
    pub go: GoContext,
    /// Its stack, where known.
    pub stack: Option<StackId>,
    /// With `--freeze`: it did not stop in time.
    pub unfrozen: bool,
}

/// What `--freeze` did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Freeze {
    /// From the first interrupted thread to the release of all.
    pub lasted: Duration,
    /// Threads that were held.
    pub held: usize,
    /// Threads that did not stop in time: they sleep in the kernel and cannot get out of it
    /// without stopping.
    pub unfrozen: usize,
}

/// The process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    /// Its command line.
    pub command: String,
    /// Its Go release; `None`: not Go, or unknown.
    pub go_version: Option<String>,
    /// The machine, as Go names it.
    pub arch: &'static str,
    /// When it was looked at.
    pub at: Timestamp,
}

/// All of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Dump {
    /// Whose dump it is.
    pub process: Process,
    /// Its threads, by id.
    pub threads: Vec<Thread>,
    /// Its goroutines, in the order of their making.
    pub goroutines: Vec<Goroutine>,
    /// Why there are none.
    pub without_goroutines: Option<Arc<str>>,
    /// The stacks of threads and goroutines, by number.
    pub stacks: Vec<NamedStack>,
    /// The `go` statements, by number.
    pub creators: Vec<Creator>,
    /// The channels that goroutines wait on, those whose state could be read.
    pub channels: HashMap<Addr, Channel>,
    /// Goroutines that ended meanwhile.
    pub ended: usize,
    /// Goroutines that could not be read.
    pub unreadable: u64,
    /// Set with `--freeze`.
    pub freeze: Option<Freeze>,
}

impl Dump {
    /// A stack by its number.
    #[must_use]
    pub fn stack(&self, id: StackId) -> Option<&NamedStack> {
        self.stacks.get(id.0 as usize)
    }

    /// About how long a goroutine has been waiting, where known: it may be less, by the time
    /// between two collections.
    #[must_use]
    pub fn waited(&self, g: &Goroutine) -> Option<Duration> {
        let since = self.process.at.mono_ns.checked_sub(g.wait_since?)?;
        Some(Duration::from_nanos(since))
    }
}
