//! What unwinding starts from, and what comes out of it.

use super::goroutine::{G, StackBounds, Thread};
use crate::arch::Arch;
use crate::event::StackEnd;
use crate::ids::Addr;

/// Where a thread is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnwindStart {
    /// Program counter, behind the system call instruction.
    pub pc: Addr,
    /// Stack pointer.
    pub sp: Addr,
    /// Frame pointer, where it is known.
    pub fp: Option<Addr>,
    /// Link register (arm64), where it is known.
    pub lr: Option<Addr>,
    /// The machine.
    pub arch: Arch,
}

/// What unwinding wants to know of a thread's M (`runtime.m`). Addresses may be 0, as they
/// are in the runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GoThread {
    /// `m.g0.stack`. Approximate for threads that C has made.
    pub g0: StackBounds,
    /// `m.gsignal.stack`.
    pub gsignal: Option<StackBounds>,
    /// `m.curg`, the goroutine it runs; `None` where it runs none.
    pub curg: Option<UserStack>,
    /// `m.vdsoPC` and `m.vdsoSP`: who called the vDSO; 0 outside such a call.
    pub vdso: Option<(Addr, Addr)>,
    /// Where `m.g0.sched.sp` lies; 0 where that is not known.
    pub g0_sched_sp: Addr,
}

/// The stack of a goroutine, and where it can be resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct UserStack {
    /// `g.stack`.
    pub bounds: StackBounds,
    /// `g.sched.sp`.
    pub sched_sp: Addr,
    /// `g.sched.pc`.
    pub sched_pc: Addr,
    /// `g.sched.lr`; 0 on amd64.
    pub sched_lr: Addr,
    /// `g.syscallsp`; 0 outside a system or C call.
    pub syscall_sp: Addr,
    /// `g.syscallpc`.
    pub syscall_pc: Addr,
}

impl From<&G> for UserStack {
    fn from(g: &G) -> UserStack {
        UserStack {
            bounds: g.stack,
            sched_sp: g.sched.sp,
            sched_pc: g.sched.pc,
            sched_lr: g.sched.lr,
            syscall_sp: g.syscall.map_or(Addr(0), |s| s.sp),
            syscall_pc: g.syscall.map_or(Addr(0), |s| s.pc),
        }
    }
}

impl From<&Thread> for GoThread {
    fn from(thread: &Thread) -> GoThread {
        GoThread {
            g0: thread.g0,
            gsignal: thread.gsignal,
            curg: thread.curg.as_ref().map(UserStack::from),
            vdso: thread.vdso.map(|(sp, pc)| (pc, sp)),
            g0_sched_sp: thread.g0_sched_sp,
        }
    }
}

/// A stack of addresses, innermost first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawStack {
    /// The physical frames.
    pub frames: Vec<RawFrame>,
    /// Why it ends where it ends.
    pub end: StackEnd,
}

/// A physical frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawFrame {
    /// Where it executes: a return address, or the leaf's PC.
    pub pc: Addr,
    /// Stack pointer in it.
    pub sp: Addr,
    /// Whether `pc` is the instruction itself (it was interrupted there), not the one
    /// behind a call.
    pub exact: bool,
    /// What sort of frame.
    pub kind: RawKind,
}

/// What sort of frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RawKind {
    /// Go code.
    Go,
    /// C code (or the vDSO). Where C was not unwound, more C frames than this one may lie
    /// before the next.
    Native,
    /// C frames that could not be found lie here.
    Gap,
    /// Go or C code, by a guess that nothing has proved.
    Guessed,
}
