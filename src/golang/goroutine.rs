//! A goroutine and the thread that runs it, as plain data; how a g is taken apart.

use super::layout::{Record, RuntimeLayout};
use super::roots::ProcId;
pub use super::runtime::{Runtime, RuntimeError};
use super::wait_reason::GStatus;
pub use crate::event::{HeldP, PNow};
use crate::ids::{Addr, Goid};
use crate::memory::MemoryError;

/// The bounds of a stack: `lo` is its last usable byte, `hi` the first beyond its base.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StackBounds {
    /// Lowest address.
    pub lo: Addr,
    /// First address above.
    pub hi: Addr,
}

impl StackBounds {
    /// Whether a stack pointer lies in it; `hi` itself is an empty stack.
    #[must_use]
    pub fn contains(&self, sp: Addr) -> bool {
        self.lo < sp && sp <= self.hi
    }
}

/// Registers that the runtime saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SavedRegs {
    /// Stack pointer.
    pub sp: Addr,
    /// Program counter.
    pub pc: Addr,
    /// Frame pointer; 0 where this version does not save it.
    pub bp: Addr,
    /// Link register of arm64; 0 on amd64, and where it lies on the stack.
    pub lr: Addr,
}

/// A goroutine (`runtime.g`) as one read found it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct G {
    /// Address of its g structure; stays its own until it ends.
    pub addr: Addr,
    /// Its id; 0 for g0 and gsignal.
    pub goid: Goid,
    /// Its state.
    pub status: GStatus,
    /// Number of its wait reason: means something in `_Gwaiting` and `_Gleaked` only.
    pub wait_reason: u8,
    /// Since when it waits, nanoseconds of CLOCK_MONOTONIC; 0 until a GC has noticed.
    pub wait_since: u64,
    /// Its stack.
    pub stack: StackBounds,
    /// Where it goes on when it is scheduled; stale while it runs.
    pub sched: SavedRegs,
    /// Where it left Go for the system call or C call it is in.
    pub syscall: Option<SavedRegs>,
    /// The PC of the `go` statement that made it; 0 for the first.
    pub gopc: Addr,
    /// The entry of its function.
    pub startpc: Addr,
    /// The goroutine that made it, from Go 1.21.
    pub parent: Option<Goid>,
    /// The M that runs it.
    pub m: Option<Addr>,
    /// The M that it is locked to.
    pub locked_m: Option<Addr>,
    /// The first of the sudogs that it waits on channels with.
    pub waiting: Option<Addr>,
    /// How often it stopped running, in the 8 bits that the runtime keeps of it; 0 if unknown.
    pub stops: u8,
}

impl G {
    /// Whether it has not moved since another look at it: same id, same state, same saved
    /// registers, and not once stopped running since (nor 256 times). A stack read between the
    /// two looks is its stack in that place.
    #[must_use]
    pub fn is_where(&self, then: &G) -> bool {
        let place = |g: &G| (g.sched, g.syscall, g.stack, g.m);
        let state = |g: &G| (g.goid, g.status.base(), g.wait_reason, g.waiting, g.stops);
        place(self) == place(then) && state(self) == state(then)
    }

    /// Whether a thread has it for longer than a change of state takes.
    #[must_use]
    pub fn is_on_thread(&self) -> bool {
        let held = [GStatus::RUNNING, GStatus::SYSCALL];
        self.m.is_some() && held.contains(&self.status.base())
    }

    /// Whether no thread has it and it may not be running: its stack is at `sched`.
    #[must_use]
    pub fn is_parked(&self) -> bool {
        let parked = [
            GStatus::RUNNABLE,
            GStatus::WAITING,
            GStatus::PREEMPTED,
            GStatus::LEAKED,
        ];
        self.m.is_none() && parked.contains(&self.status.base())
    }
}

/// A thread that runs Go: its M and what it is busy with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thread {
    /// Address of its m structure.
    pub m: Addr,
    /// `m.id`, the M number that tracebacks print.
    pub id: i64,
    /// Its thread id as the target sees it.
    pub procid: ProcId,
    /// Stack of its g0. Approximate for M's that belong to threads made by C.
    pub g0: StackBounds,
    /// Stack of its signal handler goroutine.
    pub gsignal: Option<StackBounds>,
    /// The goroutine it runs, or is in a system call for.
    pub curg: Option<G>,
    /// Its P.
    pub p: HeldP,
    /// Whether it is in C code called from Go.
    pub in_cgo: bool,
    /// Whether it belongs to a thread made by C, from Go 1.21.
    pub is_extra: Option<bool>,
    /// The goroutine locked to it (`runtime.LockOSThread`), address of its g.
    pub locked_g: Option<Addr>,
    /// That goroutine, where it is not `curg`: it waits, and the thread for it.
    pub kept_for: Option<G>,
    /// SP and PC of the caller of the vDSO function that it is in.
    pub vdso: Option<(Addr, Addr)>,
    /// Where `g0.sched.sp` lies: while C code that it has called is calling back, its frame of
    /// `cgocallback` on g0 is there.
    pub g0_sched_sp: Addr,
}

/// Which of a thread's stacks an SP lies in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StackOf {
    /// Its scheduler stack.
    G0,
    /// The stack of its current goroutine.
    Curg,
    /// Its signal stack.
    Gsignal,
    /// None of them: C code on a thread made by C, or the SP is not of this moment.
    Elsewhere,
}

impl Thread {
    /// Which of its stacks `sp` lies in. The goroutine's is asked first: the bounds of g0 are
    /// approximate under cgo.
    #[must_use]
    pub fn goroutine_at(&self, sp: Addr) -> StackOf {
        let within = |stack: Option<StackBounds>| stack.is_some_and(|s| s.contains(sp));
        if within(self.curg.map(|g| g.stack)) {
            StackOf::Curg
        } else if within(self.gsignal) {
            StackOf::Gsignal
        } else if self.g0.contains(sp) {
            StackOf::G0
        } else {
            StackOf::Elsewhere
        }
    }
}

pub(super) fn non_null(at: Addr) -> Option<Addr> {
    (!at.is_null()).then_some(at)
}

pub(super) fn bounds_of(g: &Record, layout: &RuntimeLayout) -> Result<StackBounds, MemoryError> {
    Ok(StackBounds {
        lo: g.ptr(layout.g.stack)?,
        hi: g.ptr(layout.g.stack + 8)?,
    })
}

/// Takes a g apart.
pub(super) fn parse_g(g: &Record, layout: &RuntimeLayout) -> Result<G, MemoryError> {
    let at = &layout.g;
    let optional = |offset: Option<u16>| offset.map(|o| g.u64(o)).transpose();
    let syscall = SavedRegs {
        sp: g.ptr(at.syscallsp)?,
        pc: g.ptr(at.syscallpc)?,
        bp: Addr(optional(at.syscallbp)?.unwrap_or(0)),
        lr: Addr(0),
    };
    Ok(G {
        addr: g.addr,
        goid: Goid(g.u64(at.goid)?),
        status: GStatus(g.u32(at.atomicstatus)?),
        wait_reason: g.u8(at.waitreason)?,
        wait_since: g.u64(at.waitsince)?,
        stack: bounds_of(g, layout)?,
        sched: SavedRegs {
            sp: g.ptr(at.sched_sp)?,
            pc: g.ptr(at.sched_pc)?,
            bp: g.ptr(at.sched_bp)?,
            // `gobuf.lr` is in front of `gobuf.bp` in every release.
            lr: g.ptr(at.sched_bp - 8)?,
        },
        syscall: (!syscall.sp.is_null()).then_some(syscall),
        gopc: g.ptr(at.gopc)?,
        startpc: g.ptr(at.startpc)?,
        parent: optional(at.parent_goid)?.map(Goid),
        m: non_null(g.ptr(at.m)?),
        locked_m: non_null(g.ptr(at.lockedm)?),
        waiting: non_null(g.ptr(at.waiting)?),
        stops: at.tracking_seq.map_or(Ok(0), |at| g.u8(at))?,
    })
}
