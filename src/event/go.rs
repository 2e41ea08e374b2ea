//! What Go knows about a call: its goroutine, its stack, what kind of wait it is.

use super::Known;
use crate::ids::{Addr, Goid};
use std::sync::Arc;

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
