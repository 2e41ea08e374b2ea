//! C frames on a Go stack: on g0 below `asmcgocall`, above `cgocallback`, under a signal.

use super::program::PcInfo;
use super::unwind::{Flow, MAX_FRAMES, RawFrame, RawKind, Walk, broken};
use super::unwind_leaf::call_target;
use crate::arch::Arch;
use crate::event::StackEnd;
use crate::ids::Addr;
use crate::memory::Memory;
use crate::native::{Modules, Process, Registers, Step};
use std::ops::ControlFlow::{Break, Continue};

/// Callbacks within callbacks that are followed.
const MAX_CALLBACKS: usize = 32;

/// Beyond so many frames C code is left for the Go code that has called it: it says more than
/// yet another level of a recursion.
const MAX_C_FRAMES: usize = MAX_FRAMES - 64;

/// What the walk knows of C code further up: each callback on the goroutine's stack hides C
/// frames that lie on g0.
#[derive(Default)]
pub(crate) struct CBelow {
    /// `g0.sched.sp` of the callback that comes next; `None`: that of now.
    saved: Option<Addr>,
    /// Where Go goes on below the C frames that are being walked (PC and SP), if anywhere.
    resume: Vec<Option<(Addr, Addr)>>,
}

impl<M: Memory + ?Sized> Walk<'_, M> {
    /// A frame of C code, and the step to its caller.
    pub(super) fn native_frame(&mut self, modules: &dyn Modules) -> Flow {
        let was_leaf = self.leaf || self.exact;
        self.push(match self.kind {
            RawKind::Guessed => RawKind::Guessed,
            _ => RawKind::Native,
        });
        let module = modules.module_at(self.pc);
        if was_leaf && self.vdso_caller().is_some() && module.as_ref().is_none_or(|m| m.is_vdso()) {
            return self.leave_vdso();
        }
        let go_follows = !self.c_below.resume.is_empty() || self.calls_c().is_some();
        if go_follows && self.frames.len() >= MAX_C_FRAMES {
            return self.lost_in_c("C code without end");
        }
        let process = Process {
            memory: self.memory,
            modules,
            arch: self.arch,
        };
        let regs = self.registers();
        match process.step(&mut self.words, &regs, was_leaf) {
            Step::Caller(caller) => {
                let regs = caller.regs;
                (self.pc, self.sp, self.fp) = (regs.pc, regs.sp(), None);
                (self.lr, self.leaf, self.exact) = (None, false, caller.exact);
                if caller.exact {
                    (self.lr, self.fp, self.leaf) = (regs.lr(), regs.fp(), true);
                }
                if caller.guessed {
                    self.kind = RawKind::Guessed;
                }
                self.regs = Some(regs);
                Continue(())
            }
            Step::Root => match self.c_below.resume.pop().flatten() {
                // It should have come to asmcgocall.
                Some(go) => self.gap(go),
                None => Break(StackEnd::Root),
            },
            Step::Broken(why) => self.lost_in_c(&why),
        }
    }

    /// What is known of the current frame's registers.
    fn registers(&self) -> Registers {
        let current = |r: &Registers| r.pc == self.pc && r.sp() == self.sp;
        if let Some(regs) = self.regs.filter(current) {
            return regs;
        }
        let mut regs = Registers::new(self.arch, self.pc, self.sp);
        regs.set(regs.fp_number(), self.fp.map(|fp| fp.0));
        if self.arch == Arch::Aarch64 {
            regs.set(30, self.lr.map(|lr| lr.0));
        }
        regs
    }

    /// C frames that cannot be found: Go knows where it called C.
    fn lost_in_c(&mut self, why: &str) -> Flow {
        if let Some(go) = self.c_below.resume.pop() {
            return match go {
                Some(go) => self.gap(go),
                None => broken(why),
            };
        }
        match self.calls_c() {
            Some(go) if self.on_system_stack() => self.gap(go),
            _ => broken(why),
        }
    }

    /// Goes on in Go behind C frames that were not found.
    fn gap(&mut self, (pc, sp): (Addr, Addr)) -> Flow {
        self.frames.push(RawFrame {
            pc: Addr(0),
            sp: self.sp,
            exact: false,
            kind: RawKind::Gap,
        });
        self.kind = RawKind::Go;
        self.jump(pc, sp, None)
    }

    /// Where the goroutine called C from: `entersyscall` in `cgocall` has left it.
    fn calls_c(&self) -> Option<(Addr, Addr)> {
        let g = self.thread.curg?;
        let known = g.bounds.contains(g.syscall_sp) && !g.syscall_pc.is_null();
        known.then_some((g.syscall_pc, g.syscall_sp))
    }

    /// At `asmcgocall` on the stack that C runs on.
    pub(super) fn leave_asmcgocall(&mut self, info: &PcInfo) -> Flow {
        // What C has been guessed to be, this is where it was called from.
        if let Some(go) = self.c_below.resume.pop() {
            self.kind = RawKind::Go;
            return match go {
                Some((pc, sp)) => self.jump(pc, sp, None),
                None => broken("the goroutine that called C is not known"),
            };
        }
        match self.calls_c() {
            Some((pc, sp)) => {
                self.kind = RawKind::Go;
                self.jump(pc, sp, None)
            }
            None => self.called_by_runtime(info),
        }
    }

    /// C that the runtime itself calls, without `entersyscall`, or of a thread that nothing is
    /// known of. asmcgocall has left where it was before it changed stacks: believed if that
    /// leads to a call of it (runtime/asm_amd64.s, asm_arm64.s).
    fn called_by_runtime(&mut self, info: &PcInfo) -> Flow {
        for sp in self.sp_before_asmcgocall() {
            // amd64: without a frame, or with nothing but the frame pointer in it. arm64: LR
            // lies at SP, and the frame has room for it alone.
            let slots: &[(u64, u64)] = match self.arch {
                Arch::X86_64 => &[(0, 8), (8, 16)],
                Arch::Aarch64 => &[(0, 16)],
            };
            for (slot, size) in slots {
                let Ok(ret) = self.words.word(sp.add(*slot)).map(Addr) else {
                    continue;
                };
                if call_target(self.memory, ret, self.arch) == Some(info.entry) {
                    self.kind = RawKind::Go;
                    return self.jump(ret, sp.add(*size), None);
                }
            }
        }
        broken("the goroutine that called C is not known")
    }

    /// Where SP may have been before asmcgocall went to g0: it keeps g and the depth of its stack
    /// there, or, if it was on g0 already, SP.
    fn sp_before_asmcgocall(&mut self) -> Vec<Addr> {
        // Offsets of g and of the depth (or SP); before 1.24 those of amd64 were the latter.
        let places: &[(u64, u64)] = match self.arch {
            Arch::X86_64 => &[(8, 0), (48, 40)],
            Arch::Aarch64 => &[(0, 8)],
        };
        // g.stack is the first field of g, in every release.
        const STACK_HI: u64 = 8;
        let mut found = Vec::new();
        for (g, depth) in places {
            let g = self.words.word(self.sp.add(*g));
            let depth = self.words.word(self.sp.add(*depth));
            match (g, depth) {
                (Ok(0), Ok(sp)) if sp > self.sp.0 && sp - self.sp.0 <= 128 => found.push(Addr(sp)),
                (Ok(g), Ok(depth)) if g != 0 => {
                    let hi = self.memory.ptr(Addr(g).add(STACK_HI));
                    found.extend(hi.ok().map(|hi| hi.sub(depth)));
                }
                _ => {}
            }
        }
        found
    }

    /// In a function of the runtime that calls C on its own stack, which it has aligned
    /// (callCgoMmap, callCgoSigaction; runtime/sys_linux_amd64.s): sets SP to what it was, kept
    /// on the stack or in a register that C saves. Only if that leads to a call of it.
    pub(super) fn found_sp_before_c(&mut self, info: &PcInfo, delta: i32) -> bool {
        const RBX: u16 = 3;
        if self.arch != Arch::X86_64 || self.leaf {
            return false;
        }
        let sp = self.sp;
        let saved = self.words.word(sp).ok();
        let kept = self.registers().get(RBX);
        let candidates = [saved, kept, Some(sp.0)];
        let near = |c: &u64| *c >= sp.0 && *c - sp.0 <= 16;
        for candidate in candidates.into_iter().flatten().filter(near) {
            self.sp = Addr(candidate);
            if self.proved_return(info, delta) {
                return true;
            }
        }
        self.sp = sp;
        false
    }

    /// At `cgocallback` on the goroutine's stack. It has another frame, on g0, with the C code
    /// that called it above; `g0.sched.sp` points to it ("Save current m->g0->sched.sp on stack
    /// and then set it to SP", runtime/asm_amd64.s). What lies above it here is what the
    /// goroutine called C from.
    pub(super) fn cgocallback(&mut self, info: &PcInfo, delta: i32) -> Flow {
        let on_goroutine = self.thread.curg.is_some_and(|g| g.bounds.contains(self.sp));
        if self.modules.is_none() || !on_goroutine {
            return self.caller(info, delta);
        }
        let Some((ret, sp)) = self.caller_on_g0(info, delta) else {
            return self.caller(info, delta);
        };
        // A thread that C made calls from nowhere.
        let resume = match self.caller(info, delta) {
            Continue(()) => self.below_c(),
            Break(_) => None,
        };
        self.c_below.resume.push(resume);
        self.jump(ret, sp, None)
    }

    /// Where Go goes on: only code that calls C, not the goexit that lies at the bottom of a
    /// goroutine made for a thread of C.
    fn below_c(&self) -> Option<(Addr, Addr)> {
        let info = self.program.pc_info(self.memory, self.pc).ok().flatten();
        let g = self.thread.curg?;
        let is_bottom = g.bounds.hi.0.saturating_sub(self.sp.0) < 64;
        (info.is_some() && !is_bottom).then_some((self.pc, self.sp))
    }

    /// The caller of cgocallback on g0, and SP in it; `None` if it is not one.
    fn caller_on_g0(&mut self, info: &PcInfo, delta: i32) -> Option<(Addr, Addr)> {
        if self.c_below.resume.len() >= MAX_CALLBACKS || self.thread.g0_sched_sp.is_null() {
            return None;
        }
        let sp = match self.c_below.saved {
            Some(sp) => sp,
            // Not on the stack: read it for itself.
            None => self.memory.ptr(self.thread.g0_sched_sp).ok()?,
        };
        let top = sp.add(i64::from(delta) as u64);
        let (slot, above, saved) = match self.arch {
            Arch::X86_64 => (top, top.add(8), sp),
            Arch::Aarch64 => (sp, top, sp.add(16)),
        };
        let ret = Addr(self.words.word(slot).ok()?);
        if call_target(self.memory, ret, self.arch) != Some(info.entry) {
            return None;
        }
        self.c_below.saved = Some(Addr(self.words.word(saved).ok()?));
        Some((ret, above))
    }

    /// At `crosscall2`: C's registers are in its frame (runtime/cgo/asm_amd64.s and
    /// abi_amd64.h, asm_arm64.s; the same from 1.17 on).
    pub(super) fn crosscall2(&mut self, info: &PcInfo, delta: i32) -> Flow {
        // DWARF numbers and offsets from SP, given a frame of this size.
        const X86_64: (i32, &[(u16, u64)]) = (
            72,
            &[(3, 24), (12, 32), (13, 40), (14, 48), (15, 56), (6, 64)],
        );
        const AARCH64: (i32, &[(u16, u64)]) = (
            192,
            &[
                (19, 32),
                (20, 40),
                (21, 48),
                (22, 56),
                (23, 64),
                (24, 72),
                (25, 80),
                (26, 88),
                (27, 96),
                (28, 104),
                (29, 176),
            ],
        );
        let (size, saved) = match self.arch {
            Arch::X86_64 => X86_64,
            Arch::Aarch64 => AARCH64,
        };
        let own = self.sp;
        let flow = match self.arch {
            // It keeps LR at a place of its own, not at SP.
            Arch::Aarch64 => match self.words.word(own.add(184)) {
                Ok(ret) => self.jump(Addr(ret), own.add(192), None),
                Err(e) => broken(&e.to_string()),
            },
            Arch::X86_64 => self.caller(info, delta),
        };
        if flow.is_continue() && (delta == size || self.arch == Arch::Aarch64) {
            let mut regs = Registers::new(self.arch, self.pc, self.sp);
            for (number, offset) in saved {
                regs.set(*number, self.words.word(own.add(*offset)).ok());
            }
            self.regs = Some(regs);
        }
        flow
    }
}
