//! What the diagnosis says is wrong: plain data. The rules are in [`crate::diagnose`], the words
//! in [`crate::sink`].

use crate::event::{Known, Timestamp};
use crate::fd::FdTarget;
use crate::ids::{Errno, Goid, Pid, Tid};
use std::sync::Arc;
use std::time::Duration;

/// A known way in which Go services stall.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FindingId {
    /// `backlog`
    Backlog,
    /// `blocking-fd`
    BlockingFd,
    /// `child-wait`
    ChildWait,
    /// `cpu-throttled`
    CpuThrottled,
    /// `eagain-spin`
    EagainSpin,
    /// `fd-exhaustion`
    FdExhaustion,
    /// `file-lock`
    FileLock,
    /// `fs-stall`
    FsStall,
    /// `futex-contention`
    FutexContention,
    /// `gc-assist`
    GcAssist,
    /// `io_uring`
    IoUring,
    /// `no-deadline`
    NoDeadline,
    /// `signal-interruption`
    SignalInterruption,
    /// `stop-the-world`
    StopTheWorld,
    /// `thread-explosion`
    ThreadExplosion,
    /// `thread-held`
    ThreadHeld,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// It costs something; whether it hurts depends on what the program is for.
    Note,
    /// Requests wait for it.
    Warning,
    /// Work fails or stands still.
    Error,
}

/// One finding: what was recognised, where, and on what evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Which.
    pub id: FindingId,
    /// The process.
    pub pid: Pid,
    /// The thread whose call showed it; `None` where it is the process's.
    pub tid: Option<Tid>,
    /// When it was seen.
    pub at: Timestamp,
    /// How bad it is.
    pub severity: Severity,
    /// The program's function that it concerns, where it was on the stack.
    pub func: Option<Arc<str>>,
    /// What it rests on. Never empty.
    pub evidence: Vec<Evidence>,
    /// The limits and settings that it concerns.
    pub settings: Vec<Setting>,
    /// What to do about it, one or two lines.
    pub advice: &'static str,
}

/// What a call shows to be wrong.
#[derive(Clone, PartialEq, Debug)]
pub enum Shown {
    /// It is the first to show it in this function.
    First(Box<Finding>),
    /// Others have shown it before.
    Again(FindingId),
}

impl Shown {
    /// Which finding.
    #[must_use]
    pub fn id(&self) -> FindingId {
        match self {
            Shown::First(finding) => finding.id,
            Shown::Again(id) => *id,
        }
    }
}

/// What no call shows, found once more: its process still shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundAgain {
    /// Which.
    pub id: FindingId,
    /// The process.
    pub pid: Pid,
    /// The program's function that it concerns, where known.
    pub func: Option<Arc<str>>,
    /// When it was seen again.
    pub at: Timestamp,
}

/// A fact that a finding rests on.
#[derive(Clone, PartialEq, Debug)]
pub enum Evidence {
    /// A descriptor is in blocking mode (its `flags` of fdinfo lack O_NONBLOCK) and the call on
    /// it waited for so long.
    BlockingMode {
        /// The descriptor.
        fd: i32,
        /// What it is.
        target: FdTarget,
        /// Its open flags (fcntl(2), F_GETFL).
        flags: u32,
    },
    /// The call had lasted so long when it was judged.
    Lasted(Duration),
    /// The socket's own timeout in the direction of the call: `None` for none.
    SocketTimeout(Known<Option<Duration>>),
    /// The child that is waited for, and what it was doing itself.
    Child {
        /// Its process id.
        pid: Pid,
        /// Its command name.
        command: Option<Arc<str>>,
        /// The letter of its state; `None` once it has been collected.
        state: Option<char>,
        /// The call that it was itself blocked in.
        call: Option<&'static str>,
    },
    /// A TCP connection as the kernel described it (TCP_INFO).
    Connection {
        /// What keeps the call waiting.
        why: Silence,
        /// Bytes received and not read.
        unread: Option<u32>,
        /// Bytes written that the peer has not acknowledged.
        unsent: Option<u32>,
        /// Since data last came from the peer.
        silent_for: Duration,
        /// The window that the peer offers, where the kernel tells.
        peer_window: Option<u32>,
    },
    /// Descriptors that were open.
    OpenFiles(u64),
    /// Descriptors by kind, the most first.
    Kinds(Vec<(FdKind, u64)>),
    /// Functions that opened descriptors while we watched, the most first. Empty: none was seen to.
    Openers(Vec<(Arc<str>, u64)>),
    /// Functions that were refused descriptors, the most first.
    Refused(Vec<(Arc<str>, u64)>),
    /// Waits of C code that signals cut short, and that it did not repeat.
    GivenUp {
        /// The call.
        call: &'static str,
        /// How often.
        times: u64,
        /// The C functions that it was made in, innermost first.
        by: Vec<Arc<str>>,
    },
    /// A call that failed over and over.
    Failures {
        /// The call.
        call: &'static str,
        /// On this descriptor, where it is always the same.
        fd: Option<i32>,
        /// Why.
        errno: Errno,
        /// How often.
        count: u64,
        /// And how often it succeeded.
        succeeded: u64,
        /// In this time.
        over: Duration,
    },
    /// The thread was in uninterruptible sleep (state D).
    Uninterruptible,
    /// The kernel function that the thread waited in (wchan), and its callers where readable.
    KernelStack(Vec<Arc<str>>),
    /// The file system of the file.
    FileSystem {
        /// Its type, as in /proc/PID/mountinfo.
        kind: Arc<str>,
        /// Its device or server.
        source: Arc<str>,
        /// Where it is mounted.
        mounted_at: Arc<str>,
    },
    /// So many other threads of the process waited in the same kernel function.
    AlsoWaiting(u64),
    /// Who holds a lock.
    Holder {
        /// The process; `None` for an open-file-description lock, which has none.
        pid: Option<Pid>,
        /// Its thread, where that is known.
        tid: Option<Tid>,
        /// Its command name.
        command: Option<Arc<str>>,
        /// The call that it was itself blocked in.
        call: Option<&'static str>,
        /// It is the waiting process itself.
        own: bool,
    },
    /// A futex word and what it held.
    FutexWord {
        /// What it held when it was read.
        value: u32,
    },
    /// The cgroup was throttled while we watched.
    Throttled {
        /// Periods in which it was.
        periods: u64,
        /// Of so many.
        of: u64,
        /// For so long, summed over its CPUs.
        time: Duration,
        /// While so much time passed.
        over: Duration,
    },
    /// The thread was ready to run and waited for a CPU (schedstat).
    WaitedForCpu {
        /// For so long.
        time: Duration,
        /// Of so much.
        over: Duration,
    },
    /// Calls of the process that waited for a CPU more than for what they are for.
    Starved {
        /// So many.
        calls: u64,
        /// Together for so long.
        time: Duration,
        /// Of so much time.
        over: Duration,
    },
    /// A listening socket's accept queue.
    AcceptQueue {
        /// The socket.
        target: FdTarget,
        /// Connections that wait in it.
        waiting: u32,
        /// As many as it may hold.
        limit: u32,
    },
    /// Connections that were dropped while we watched, in the whole network namespace (ListenOverflows).
    Overflows(u64),
    /// Threads of the process.
    Threads {
        /// In all.
        all: u64,
        /// Blocked at once in calls that the program made.
        blocked: u64,
        /// The calls that they were blocked in, the most first.
        calls: Vec<(&'static str, u64)>,
    },
    /// The goroutine's own wait keeps a thread, where Go has a way that does not.
    KeepsThread,
    /// Signals that were delivered while we watched, the most first.
    Signals(Vec<(crate::ids::Signal, u64)>),
    /// An io_uring whose completions the call waits for.
    Ring {
        /// Its descriptor.
        fd: i32,
        /// Completions that the call asks for.
        wanted: u32,
        /// Requests that the kernel has taken and not completed, where its fdinfo tells.
        in_flight: Known<u64>,
    },
    /// So many other threads of the process waited on the same futex word.
    SameWord(u64),
    /// Waits for locks inside the Go runtime, by calls that lasted.
    RuntimeLock {
        /// Such waits.
        waits: u64,
        /// By so many threads.
        threads: u64,
        /// Together so long.
        total: Duration,
        /// The longest.
        longest: Duration,
        /// In this time.
        over: Duration,
    },
    /// Goroutines that worked for the garbage collector before they were given memory.
    Assisting {
        /// Looks at which there were such.
        times: u64,
        /// Of so many.
        looks: u64,
        /// The most at one look.
        at_once: u64,
    },
    /// The world was being stopped: all goroutines are to stop, and some do not.
    Stopping {
        /// Looks at which it was so.
        times: u64,
        /// Of so many.
        looks: u64,
        /// How long one stop was seen to take, at least.
        longest: Duration,
    },
    /// A thread that runs on meanwhile, in a raw call.
    RunsOn {
        /// The thread.
        tid: Tid,
        /// Its call.
        call: &'static str,
    },
    /// Goroutines that had returned from a call and waited for a P.
    WaitedToRun {
        /// Looks at which there were such.
        times: u64,
        /// Of so many.
        looks: u64,
        /// The most at one look.
        at_once: u64,
        /// How long one was seen to wait, at least.
        longest: Duration,
    },
    /// A goroutine of os/exec copies from a pipe, after the child that it was for has gone.
    CopiesFrom {
        /// The goroutine.
        goid: Goid,
        /// The pipe's inode.
        pipe: u64,
    },
    /// A process that still has the pipe open for writing.
    PipeHolder {
        /// Its id.
        pid: Pid,
        /// Its command name.
        command: Option<Arc<str>>,
        /// Its parent.
        parent: Option<Pid>,
    },
    /// Of the blocked threads, so many had lost their P: the runtime had given it to others.
    HandedOff {
        /// Had lost it.
        lost: u64,
        /// Of so many whose P is known.
        of: u64,
    },
}

/// What keeps a call on a connection waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Silence {
    /// Nothing comes from the peer.
    PeerSilent,
    /// The peer takes nothing: its window is closed, or what was sent is not acknowledged.
    PeerNotReading,
    /// The peer does not answer the connection request.
    Connecting,
}

/// What a descriptor is, roughly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FdKind {
    /// A socket.
    Socket,
    /// A pipe.
    Pipe,
    /// A file, directory or device.
    File,
    /// An epoll instance.
    Epoll,
    /// An eventfd, timerfd, pidfd, inotify and the like.
    Other,
}

/// A limit or setting with its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name, as one would look for it.
    pub name: &'static str,
    /// Its value, or why it is not known.
    pub value: Known<u64>,
}
