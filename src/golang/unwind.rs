//! Walking a Go stack by the pcsp tables, from SP and PC alone: runtime/traceback.go
//! `unwinder`, as a reader from outside. Needs no frame pointers: they are wrong in places
//! that differ from release to release.

use super::goroutine::StackBounds;
use super::pclntab::{FLAG_SP_WRITE, FLAG_TOP_FRAME};
use super::program::{PcInfo, Program, Role};
use super::unwind_leaf::{call_sites, call_target};
use crate::arch::Arch;
use crate::event::StackEnd;
use crate::ids::Addr;
use crate::memory::{Memory, StackWords};
use crate::native::{Modules, Registers};
use std::ops::ControlFlow::{self, Break, Continue};

pub(super) use super::unwind_native::CBelow;
pub use super::unwind_types::{GoThread, RawFrame, RawKind, RawStack, UnwindStart, UserStack};

/// Frames that are walked at most.
pub const MAX_FRAMES: usize = 256;

impl Program {
    /// Walks the stack of a thread in a system call. `thread` is needed to go on from the
    /// system stack to the goroutine's. C code is not unwound: it is one frame.
    pub fn unwind(
        &self,
        memory: &(impl Memory + ?Sized),
        at: &UnwindStart,
        thread: Option<&GoThread>,
    ) -> RawStack {
        self.unwind_all(memory, at, thread, None, None)
    }

    /// The same with the frames of C code, by the files that are mapped. `regs` are the
    /// registers where more of them are known than `at` says.
    pub fn unwind_all(
        &self,
        memory: &(impl Memory + ?Sized),
        at: &UnwindStart,
        thread: Option<&GoThread>,
        modules: Option<&dyn Modules>,
        regs: Option<&Registers>,
    ) -> RawStack {
        let mut walk = Walk {
            program: self,
            memory,
            arch: at.arch,
            words: StackWords::new(memory),
            thread: thread.copied().unwrap_or_default(),
            known: thread.is_some(),
            frames: Vec::with_capacity(32),
            pc: at.pc,
            sp: at.sp,
            lr: at.lr.filter(|lr| !lr.is_null()),
            fp: at.fp,
            leaf: true,
            exact: false,
            kind: RawKind::Go,
            guess_once: false,
            jumps: 0,
            modules,
            regs: regs.copied(),
            c_below: CBelow::default(),
        };
        let end = walk.run();
        RawStack {
            frames: walk.frames,
            end,
        }
    }

    /// Walks the stack of a goroutine that no thread runs, from where it was parked.
    pub fn unwind_parked(&self, memory: &(impl Memory + ?Sized), stack: &UserStack) -> RawStack {
        let (pc, sp) = match stack.syscall_sp.is_null() {
            true => (stack.sched_pc, stack.sched_sp),
            false => (stack.syscall_pc, stack.syscall_sp),
        };
        let at = UnwindStart {
            pc,
            sp,
            fp: None,
            lr: Some(stack.sched_lr),
            arch: self.arch,
        };
        let thread = GoThread {
            curg: Some(*stack),
            ..GoThread::default()
        };
        self.unwind(memory, &at, Some(&thread))
    }
}

/// Jumps from one stack to another in one walk: signal stack, system stack, user stack.
const MAX_JUMPS: u32 = 64;

pub(super) type Flow = ControlFlow<StackEnd>;

pub(super) struct Walk<'a, M: Memory + ?Sized> {
    pub(super) program: &'a Program,
    pub(super) memory: &'a M,
    pub(super) arch: Arch,
    pub(super) words: StackWords<'a, M>,
    pub(super) thread: GoThread,
    /// Whether `thread` says anything.
    pub(super) known: bool,
    pub(super) frames: Vec<RawFrame>,
    pub(super) pc: Addr,
    pub(super) sp: Addr,
    /// Return address of the current frame, where it is in a register.
    pub(super) lr: Option<Addr>,
    /// Frame pointer, while at the leaf.
    pub(super) fp: Option<Addr>,
    /// No call lies between this frame and the registers.
    pub(super) leaf: bool,
    /// `pc` is where the frame was interrupted.
    pub(super) exact: bool,
    pub(super) kind: RawKind,
    /// The current frame is a guess, those above it are not.
    pub(super) guess_once: bool,
    pub(super) jumps: u32,
    /// The files that C code is in, where it is to be unwound.
    pub(super) modules: Option<&'a dyn Modules>,
    /// The registers of the current frame; stale unless they agree with `pc` and `sp`.
    pub(super) regs: Option<Registers>,
    /// What is known of C code further up.
    pub(super) c_below: CBelow,
}

impl<M: Memory + ?Sized> Walk<'_, M> {
    fn run(&mut self) -> StackEnd {
        loop {
            if self.frames.len() >= MAX_FRAMES {
                return StackEnd::Depth;
            }
            let flow = match self.program.pc_info(self.memory, self.pc) {
                Ok(Some(info)) => self.frame(&info),
                Ok(None) => self.outside(),
                Err(e) => broken(&e.to_string()),
            };
            if let Break(end) = flow {
                return end;
            }
        }
    }

    pub(super) fn push(&mut self, kind: RawKind) {
        let kind = match std::mem::take(&mut self.guess_once) {
            true => RawKind::Guessed,
            false => kind,
        };
        self.frames.push(RawFrame {
            pc: self.pc,
            sp: self.sp,
            exact: self.exact,
            kind,
        });
    }

    /// Whether the walk is on the thread's system stack. Its bounds are not exact for
    /// threads that C has made, so: on neither of the others.
    pub(super) fn on_system_stack(&self) -> bool {
        let on = |b: Option<StackBounds>| b.is_some_and(|b| b.contains(self.sp));
        self.thread.g0.contains(self.sp)
            || !(on(self.thread.gsignal) || on(self.thread.curg.map(|g| g.bounds)))
    }

    /// Goes on at another place, on another stack.
    pub(super) fn jump(&mut self, pc: Addr, sp: Addr, lr: Option<Addr>) -> Flow {
        self.jumps += 1;
        if self.jumps > MAX_JUMPS {
            return broken("stacks that lead to each other");
        }
        (self.pc, self.sp, self.lr, self.fp) = (pc, sp, lr, None);
        (self.leaf, self.exact) = (lr.is_some(), false);
        Continue(())
    }

    /// A frame in Go code: what `resolveInternal` and `next` do.
    fn frame(&mut self, info: &PcInfo) -> Flow {
        let Some(delta) = info.sp_delta else {
            self.push(self.kind);
            return broken("code without frame sizes");
        };
        let mut sp_write = info.flag & FLAG_SP_WRITE != 0;
        match (info.role, self.thread.curg) {
            (Role::Morestack, Some(g)) if self.on_system_stack() => {
                // It never returns; newstack resumes the goroutine at sched instead.
                if !g.bounds.contains(g.sched_sp) {
                    self.push(self.kind);
                    return broken("the goroutine's saved stack pointer is not on its stack");
                }
                let lr = Some(g.sched_lr).filter(|lr| !lr.is_null());
                let flow = self.jump(g.sched_pc, g.sched_sp, lr);
                // In its prologue: the return address is still where the call put it.
                self.leaf = true;
                return flow;
            }
            (Role::Systemstack, curg) if self.on_system_stack() => {
                // In the prologue of arm64 the switch has yet to come.
                if !(self.arch == Arch::Aarch64 && delta == 0) {
                    self.push(self.kind);
                    return self.leave_system_stack(delta, curg.map(|g| (g.bounds, g.sched_sp)));
                }
                sp_write = false;
            }
            _ => {}
        }
        self.push(self.kind);
        if matches!(info.role, Role::Sigreturn) {
            return self.signal_frame(self.sp);
        }
        if matches!(info.role, Role::Sigtramp) {
            let frame = self.sp.add(i64::from(delta) as u64);
            return match self.arch {
                Arch::X86_64 => self.signal_frame(frame.add(8)),
                Arch::Aarch64 => self.signal_frame(frame),
            };
        }
        if info.flag & FLAG_TOP_FRAME != 0 || matches!(info.role, Role::Mcall | Role::Morestack) {
            return Break(StackEnd::Root);
        }
        match info.role {
            Role::Cgocallback => self.cgocallback(info, delta),
            Role::Crosscall2 => self.crosscall2(info, delta),
            _ if sp_write => self.sp_writer(info, delta),
            _ => self.caller(info, delta),
        }
    }

    /// At systemstack on g0: it returns on the goroutine's stack.
    fn leave_system_stack(&mut self, delta: i32, saved: Option<(StackBounds, Addr)>) -> Flow {
        let Some((bounds, sp)) = saved else {
            return broken(match self.known {
                true => "the system stack of a thread that runs no goroutine",
                false => "the goroutine below the system stack is not known",
            });
        };
        if !bounds.contains(sp) {
            return broken("the goroutine's saved stack pointer is not on its stack");
        }
        let fp = sp.add(i64::from(delta) as u64);
        let (slot, caller_sp) = match self.arch {
            Arch::X86_64 => (fp, fp.add(8)),
            Arch::Aarch64 => (sp, fp),
        };
        match self.words.word(slot) {
            Ok(ret) => self.jump(Addr(ret), caller_sp, None),
            Err(e) => broken(&e.to_string()),
        }
    }

    /// A function whose SP the tables do not tell everywhere (`FuncFlagSPWrite`).
    fn sp_writer(&mut self, info: &PcInfo, delta: i32) -> Flow {
        match info.role {
            Role::Asmcgocall => self.leave_asmcgocall(info),
            Role::Clock if self.vdso_caller().is_some() => self.leave_vdso(),
            // It may have left the stack that the table tells of, but keeps its frame pointer.
            Role::Clock => self.by_own_frame_pointer(info),
            // Before or after the write (clone in the parent): believed if it is proved.
            _ if self.leaf && self.proved_return(info, delta) => self.caller(info, delta),
            _ if self.found_sp_before_c(info, delta) => self.caller(info, delta),
            _ => broken("a function that sets the stack pointer"),
        }
    }

    /// Whether the return address that the tables lead to stands behind a call of this
    /// very function.
    pub(super) fn proved_return(&mut self, info: &PcInfo, delta: i32) -> bool {
        let ret = match (self.arch, self.lr) {
            (Arch::Aarch64, Some(lr)) if delta == 0 => Some(lr),
            (Arch::Aarch64, _) if delta == 0 => None,
            (Arch::Aarch64, _) => self.words.word(self.sp).ok().map(Addr),
            (Arch::X86_64, _) => {
                let slot = self.sp.add(i64::from(delta) as u64);
                self.words.word(slot).ok().map(Addr)
            }
        };
        ret.is_some_and(|ret| call_target(self.memory, ret, self.arch) == Some(info.entry))
    }

    /// To the caller, by the frame size.
    pub(super) fn caller(&mut self, info: &PcInfo, delta: i32) -> Flow {
        let top = self.sp.add(i64::from(delta) as u64);
        let (slot, next_sp) = match self.arch {
            Arch::X86_64 => (top, top.add(8)),
            Arch::Aarch64 => (self.sp, top),
        };
        if self.arch == Arch::X86_64 && delta < 0 {
            // rawVforkSyscall keeps its return address in R12 while a child that shares the
            // stack writes where it was.
            return self.caller_by_code(info, slot, next_sp);
        }
        let in_register = self.arch == Arch::Aarch64 && self.leaf && delta == 0;
        let ret = match self.lr {
            Some(lr) if in_register => lr,
            None if in_register => return self.frameless_caller(info),
            _ => match self.words.word(slot) {
                Ok(ret) => Addr(ret),
                Err(e) => return broken(&e.to_string()),
            },
        };
        self.return_to(info, ret, next_sp)
    }

    /// Steps into the caller, unless that is impossible.
    fn return_to(&mut self, info: &PcInfo, ret: Addr, sp: Addr) -> Flow {
        if ret.is_null() {
            return broken("a return address of 0");
        }
        if sp < self.sp || (sp == self.sp && ret == self.pc) || !sp.0.is_multiple_of(8) {
            return broken("a stack that does not go up");
        }
        let on_user = |b: StackBounds| b.contains(self.sp) && !b.contains(sp);
        if self.thread.curg.is_some_and(|g| on_user(g.bounds)) {
            return broken("a frame beyond the end of its stack");
        }
        (self.pc, self.sp, self.lr, self.fp) = (ret, sp, None, None);
        (self.leaf, self.exact) = (false, info.role == Role::Injected);
        if self.exact && self.arch == Arch::Aarch64 {
            return self.injected_caller();
        }
        Continue(())
    }

    /// arm64: the signal handler saved LR below the call that it put into the code
    /// (`unwinder.next`: "sighandler saves the LR on stack before faking a call").
    fn injected_caller(&mut self) -> Flow {
        let saved = match self.words.word(self.sp) {
            Ok(lr) => Addr(lr),
            Err(e) => return broken(&e.to_string()),
        };
        self.sp = self.sp.add(16);
        match self.program.pc_info(self.memory, self.pc) {
            Ok(None) => self.pc = saved,
            Ok(Some(info)) if info.sp_delta == Some(0) => {
                (self.lr, self.leaf) = (Some(saved), true);
            }
            _ => {}
        }
        Continue(())
    }

    /// arm64, leaf without a frame, LR not known: SP is the caller's, so `[SP]` is the
    /// return address of the caller, and the call before it names the caller.
    fn frameless_caller(&mut self, leaf: &PcInfo) -> Flow {
        let beyond = match self.words.word(self.sp) {
            Ok(ret) => Addr(ret),
            Err(e) => return broken(&e.to_string()),
        };
        let caller = call_target(self.memory, beyond, self.arch)
            .and_then(|entry| self.program.pc_info(self.memory, entry).ok().flatten());
        match caller {
            Some(caller) => self.call_in(&caller, leaf, self.sp, None),
            None => broken("the caller's address is in a register that cannot be read"),
        }
    }

    /// amd64, return address popped: the word below SP may still be it; if not, it may lie
    /// in the same function.
    fn caller_by_code(&mut self, info: &PcInfo, slot: Addr, sp: Addr) -> Flow {
        let ret = match self.words.word(slot) {
            Ok(ret) => Addr(ret),
            Err(e) => return broken(&e.to_string()),
        };
        match self.program.pc_info(self.memory, ret) {
            Ok(Some(caller)) => self.call_in(&caller, info, sp, Some(ret)),
            _ => broken("the caller's address is in a register that cannot be read"),
        }
    }

    /// To the place in `caller` that calls `callee`: certain if it is the only one, or the
    /// one that lies where the call has written it.
    fn call_in(
        &mut self,
        caller: &PcInfo,
        callee: &PcInfo,
        sp: Addr,
        written: Option<Addr>,
    ) -> Flow {
        const LOST: &str = "the caller's address is in a register that cannot be read";
        let sites = call_sites(self.memory, caller, callee.entry, self.arch);
        let proved = written.filter(|ret| sites.contains(ret));
        let site = match (proved, &sites[..]) {
            (Some(site), _) => site,
            // The first of two forks is for a rare option (SysProcAttr.UseCgroupFD), the first
            // of two waits is the one without a limit.
            (None, &[.., last]) if written.is_some() => last,
            (None, &[first, ..]) => first,
            (None, []) => return broken(LOST),
        };
        let delta = |pc: Addr| {
            let info = self.program.pc_info(self.memory, pc).ok().flatten();
            info.and_then(|i| i.sp_delta)
        };
        if proved.is_none() && sites.iter().any(|s| delta(*s) != delta(site)) {
            return broken(LOST);
        }
        // Which of several it is stays open, but not the function, nor what lies above.
        self.guess_once = proved.is_none() && sites.len() > 1;
        (self.pc, self.sp, self.lr, self.fp) = (site, sp, None, None);
        (self.leaf, self.exact) = (false, false);
        Continue(())
    }

    pub(super) fn vdso_caller(&self) -> Option<(Addr, Addr)> {
        self.thread.vdso.filter(|(_, sp)| !sp.is_null())
    }

    pub(super) fn leave_vdso(&mut self) -> Flow {
        match self.vdso_caller() {
            Some((pc, sp)) => self.jump(pc, sp, None),
            None => broken("a function that sets the stack pointer"),
        }
    }

    /// A PC outside Go code.
    fn outside(&mut self) -> Flow {
        if let Some(modules) = self.modules {
            return self.native_frame(modules);
        }
        let what = format!("C code at {}", self.pc);
        self.push(RawKind::Native);
        if !(self.leaf || self.exact) {
            return broken(&what);
        }
        if self.vdso_caller().is_some() {
            return self.leave_vdso();
        }
        if self.on_system_stack() && self.thread.curg.is_some_and(|g| !g.syscall_sp.is_null()) {
            return self.go_caller_of_c(&what);
        }
        match self.fp.take() {
            Some(fp) => self.by_frame_pointer(fp, &what),
            None => broken(&what),
        }
    }

    /// From C code to the goroutine that called it: `entersyscall` in `cgocall` has left
    /// where that was.
    pub(super) fn go_caller_of_c(&mut self, what: &str) -> Flow {
        match self.thread.curg {
            Some(g) if g.bounds.contains(g.syscall_sp) && !g.syscall_pc.is_null() => {
                self.jump(g.syscall_pc, g.syscall_sp, None)
            }
            _ => broken(what),
        }
    }

    /// A function that keeps a frame pointer while it runs elsewhere: certain if what that
    /// leads to is a call of it.
    fn by_own_frame_pointer(&mut self, info: &PcInfo) -> Flow {
        let fp = self.fp.take().filter(|_| self.arch == Arch::X86_64);
        let ret = fp.and_then(|fp| Some((fp, Addr(self.words.word(fp.add(8)).ok()?))));
        match ret {
            Some((fp, ret)) if call_target(self.memory, ret, self.arch) == Some(info.entry) => {
                self.jump(ret, fp.add(16), None)
            }
            _ => broken("a function that sets the stack pointer"),
        }
    }

    /// The last resort: a frame record that leads to Go code, behind a call.
    pub(super) fn by_frame_pointer(&mut self, fp: Addr, what: &str) -> Flow {
        let near = fp >= self.sp && fp.0 - self.sp.0 < 1 << 20 && fp.0.is_multiple_of(8);
        let ret = match near {
            true => self.words.word(fp.add(8)).ok().map(Addr),
            false => None,
        };
        let Some(ret) = ret.filter(|r| self.program.module_of(*r).is_some()) else {
            return broken(what);
        };
        self.kind = RawKind::Guessed;
        self.jump(ret, fp.add(16), None)
    }

    /// The frame that the kernel lays for a signal: registers of what was interrupted.
    /// `at` is SP at sigreturn: on amd64 the ucontext, on arm64 the siginfo before it.
    fn signal_frame(&mut self, at: Addr) -> Flow {
        let Some(regs) = Registers::interrupted(self.arch, &mut self.words, at) else {
            return broken("no signal frame where there should be one");
        };
        let flow = self.jump(regs.pc, regs.sp(), regs.lr());
        (self.leaf, self.exact, self.fp) = (true, true, regs.fp());
        self.regs = Some(regs);
        flow
    }
}

pub(super) fn broken(why: &str) -> Flow {
    Break(StackEnd::Broken(why.into()))
}
