//! From one frame to its caller's, and from the innermost to the outermost.

use super::guess;
use super::module::Module;
use super::registers::Registers;
use super::row::{Row, Unresolved};
use crate::arch::Arch;
use crate::event::{Frame, FrameKind, StackEnd};
use crate::ids::Addr;
use crate::memory::{Memory, StackWords};
use std::sync::Arc;

/// What is mapped where.
pub trait Modules {
    /// The file that is mapped, for execution, at an address.
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>>;

    /// The same for a word that may be anything: no reason to look for what is mapped anew.
    fn known_at(&self, word: Addr) -> Option<Arc<Module>> {
        self.module_at(word)
    }
}

/// A process, to be unwound.
pub struct Process<'a, M: ?Sized> {
    /// Its memory.
    pub memory: &'a M,
    /// Its files.
    pub modules: &'a dyn Modules,
    /// The machine.
    pub arch: Arch,
}

/// What comes after a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Its caller.
    Caller(Box<Caller>),
    /// Nothing: the thread began with it.
    Root,
    /// Nothing that can be found, for this reason.
    Broken(String),
}

/// A frame that has called another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Its registers.
    pub regs: Registers,
    /// It was interrupted by a signal at its very PC.
    pub exact: bool,
    /// Nothing proves that it is the caller.
    pub guessed: bool,
}

/// A frame of C code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NativeFrame {
    /// Where it executes: a return address, or the PC itself.
    pub pc: Addr,
    /// Stack pointer in it.
    pub sp: Addr,
    /// Whether `pc` is the instruction itself, not the one behind a call.
    pub exact: bool,
    /// Nothing proves that it is there.
    pub guessed: bool,
}

/// A stack of nothing but C.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NativeStack {
    /// Innermost first.
    pub frames: Vec<NativeFrame>,
    /// Why it ends where it ends.
    pub end: StackEnd,
}

impl<M: Memory + ?Sized> Process<'_, M> {
    /// The caller of the frame with these registers. `exact`: it executes at its PC (the
    /// innermost, or interrupted), and has not called from before it.
    pub fn step(&self, words: &mut StackWords<'_, M>, regs: &Registers, exact: bool) -> Step {
        let Some(module) = self.modules.module_at(regs.pc) else {
            return self
                .undescribed(words, regs, exact)
                .unwrap_or_else(|| Step::Broken(format!("code of no file at {}", regs.pc)));
        };
        // A return address belongs to the call before it, and may lie beyond the function.
        let lookup = match exact {
            true => regs.pc,
            false => regs.pc.sub(1),
        };
        let row = module.row(lookup);
        // The kernel's frame is the same whatever is said of it; on arm64 some kernels describe
        // it by the link register, which is not where it was interrupted.
        let maybe_signal = match &row {
            Ok(row) => row.is_signal || module.loaded(row.end) == regs.pc,
            Err(_) => true,
        };
        if maybe_signal
            && self.is_sigreturn(regs.pc)
            && let Some(interrupted) = self.interrupted(words, regs)
        {
            return interrupted;
        }
        let row = match row {
            Ok(row) => row,
            // The dynamic linker's entry is where a process begins.
            Err(_) if module.is_entry(lookup) => return Step::Root,
            Err(e) => {
                return self
                    .undescribed(words, regs, exact)
                    .unwrap_or_else(|| Step::Broken(format!("{e} in {}", module.file_name())));
            }
        };
        match row.caller(regs, words) {
            Ok(caller) if caller.pc.is_null() => Step::Root,
            Ok(caller) if goes_up(regs, &caller, &row, exact) => Step::Caller(Box::new(Caller {
                regs: caller,
                exact: row.is_signal,
                guessed: false,
            })),
            Ok(_) => Step::Broken("a stack that does not go up".to_owned()),
            Err(Unresolved::Register(_)) => {
                let function = module.loaded(row.start);
                match guess::by_stack(self, words, regs, &row, function) {
                    Some(caller) => guessed(caller),
                    None => Step::Broken("a register that is not known".to_owned()),
                }
            }
            Err(Unresolved::Memory(at)) => Step::Broken(format!("cannot read 8 bytes at {at}")),
            Err(Unresolved::Expression) => {
                Step::Broken(format!("odd unwind data in {}", module.file_name()))
            }
        }
    }

    /// The caller of a frame that nothing describes.
    fn undescribed(
        &self,
        words: &mut StackWords<'_, M>,
        regs: &Registers,
        exact: bool,
    ) -> Option<Step> {
        let leaf = exact.then(|| guess::of_leaf(self, words, regs)).flatten();
        if let Some((regs, proved)) = leaf {
            return Some(Step::Caller(Box::new(Caller {
                regs,
                exact: false,
                guessed: !proved,
            })));
        }
        guess::by_frame_pointer(self, words, regs).map(guessed)
    }

    fn interrupted(&self, words: &mut StackWords<'_, M>, regs: &Registers) -> Option<Step> {
        let regs = Registers::interrupted(self.arch, words, regs.sp())?;
        Some(Step::Caller(Box::new(Caller {
            regs,
            exact: true,
            guessed: false,
        })))
    }

    fn is_sigreturn(&self, pc: Addr) -> bool {
        is_sigreturn(self.arch, pc, &|at, len| self.memory.bytes(at, len).ok())
    }

    /// Whether `ret` is an address of code behind a call.
    pub(super) fn is_call_return(&self, ret: Addr) -> bool {
        if ret.0 < 4096 || ret.0 >> 56 != 0 || self.modules.known_at(ret).is_none() {
            return false;
        }
        match self.arch {
            Arch::X86_64 => self.memory.bytes(ret.sub(7), 7).is_ok_and(|code| {
                // FF /2 with its operand, 2 to 7 bytes long.
                let indirect = |len: usize| {
                    let at = code.len() - len;
                    code[at] == 0xff && code[at + 1] & 0x38 == 0x10
                };
                code[2] == 0xe8 || [2, 3, 4, 6, 7].into_iter().any(indirect)
            }),
            // BL, BLR.
            Arch::Aarch64 => self
                .memory
                .u32(ret.sub(4))
                .is_ok_and(|word| word >> 26 == 0b10_0101 || word & 0xffff_fc1f == 0xd63f_0000),
        }
    }

    /// What the call before `ret` calls, if it says so itself.
    pub(super) fn call_target(&self, ret: Addr) -> Option<Addr> {
        crate::golang::unwind_leaf::call_target(self.memory, ret, self.arch)
    }

    /// Where the function that holds `pc` begins.
    pub(super) fn function_start(&self, pc: Addr) -> Option<Addr> {
        let module = self.modules.known_at(pc)?;
        let row = module.row(pc).ok()?;
        Some(module.loaded(row.start))
    }
}

/// Whether the code at `pc` returns from a signal handler: libgcc recognises it in the same
/// way (libgcc/config/i386/linux-unwind.h), as not every C library describes or names it.
pub(super) fn is_sigreturn(
    arch: Arch,
    pc: Addr,
    bytes: &dyn Fn(Addr, usize) -> Option<Vec<u8>>,
) -> bool {
    // mov $15,%rax; syscall. mov x8,#139; svc #0.
    const X86_64: [u8; 9] = [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];
    const AARCH64: [u8; 8] = [0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4];
    let code: &[u8] = match arch {
        Arch::X86_64 => &X86_64,
        Arch::Aarch64 => &AARCH64,
    };
    let is = |at: Addr| bytes(at, code.len()).is_some_and(|b| b == code);
    // Before it, or behind it.
    is(pc) || is(pc.sub(code.len() as u64))
}

/// A frame lies above those that it has called; but a signal handler may have a stack of its
/// own, and a leaf of arm64 need not have a frame.
fn goes_up(regs: &Registers, caller: &Registers, row: &Row, exact: bool) -> bool {
    let leaf = exact && regs.arch == Arch::Aarch64;
    row.is_signal || caller.sp() > regs.sp() || (leaf && caller.sp() == regs.sp())
}

fn guessed(regs: Registers) -> Step {
    Step::Caller(Box::new(Caller {
        regs,
        exact: false,
        guessed: true,
    }))
}

/// The stack of a thread that runs no Go.
pub fn walk<M: Memory + ?Sized>(
    process: &Process<'_, M>,
    start: &Registers,
    max_frames: usize,
) -> NativeStack {
    let mut words = StackWords::new(process.memory);
    let mut frames = Vec::with_capacity(16);
    let (mut regs, mut exact, mut unproved) = (*start, true, false);
    let end = loop {
        if frames.len() >= max_frames {
            break StackEnd::Depth;
        }
        frames.push(NativeFrame {
            pc: regs.pc,
            sp: regs.sp(),
            exact,
            guessed: unproved,
        });
        match process.step(&mut words, &regs, exact) {
            Step::Caller(caller) => {
                (regs, exact) = (caller.regs, caller.exact);
                unproved |= caller.guessed;
            }
            Step::Root => break StackEnd::Root,
            Step::Broken(why) => break StackEnd::Broken(why.into()),
        }
    };
    NativeStack { frames, end }
}

/// The frame by its function and file; without a symbol, by its file and where in that it is,
/// as it is linked (what addr2line takes).
#[must_use]
pub fn name_frame(modules: &dyn Modules, frame: &NativeFrame) -> Frame {
    let module = modules.module_at(frame.pc);
    let (func, file): (Arc<str>, Arc<str>) = match &module {
        Some(module) => (name_in(module, frame), Arc::clone(module.path())),
        None => (frame.pc.to_string().into(), "".into()),
    };
    Frame {
        pc: frame.pc,
        func,
        file,
        line: 0,
        kind: match frame.guessed {
            true => FrameKind::Guessed,
            false => FrameKind::Native,
        },
    }
}

/// The frame as strace places it: file, `function+0x10` (empty where there is no symbol), and
/// the address as it is linked.
#[must_use]
pub fn place_frame(modules: &dyn Modules, frame: &NativeFrame) -> Frame {
    let plain = name_frame(modules, frame);
    let Some(module) = modules.module_at(frame.pc) else {
        return plain;
    };
    let at = module.linked(frame.pc);
    let lookup = frame.pc.sub(u64::from(!frame.exact));
    let func = match module.function_at(lookup) {
        Some((name, begin)) => format!("{name}+{:#x}", at.wrapping_sub(begin)).into(),
        None => "".into(),
    };
    Frame {
        pc: Addr(at),
        func,
        ..plain
    }
}

fn name_in(module: &Module, frame: &NativeFrame) -> Arc<str> {
    // A return address belongs to the call before it, unless nothing was called: a signal
    // handler returns to the beginning of a trampoline.
    let lookup = frame.pc.sub(u64::from(!frame.exact));
    let trampoline =
        module.row(lookup).is_ok_and(|row| row.is_signal) || module.is_sigreturn(frame.pc);
    let name = module.function(if trampoline { frame.pc } else { lookup });
    name.unwrap_or_else(|| match trampoline {
        true => "__restore_rt".into(),
        false => {
            let at = module.linked(frame.pc);
            format!("{}+{at:#x}", module.file_name()).into()
        }
    })
}
