//! The registers of a frame, as far as they are known, by their DWARF numbers.

use crate::arch::{Arch, DWARF_REGS, Regs};
use crate::ids::Addr;
use crate::memory::{Memory, StackWords};

/// The registers of a frame. `Copy`, as every frame has its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registers {
    /// The machine.
    pub arch: Arch,
    /// Program counter.
    pub pc: Addr,
    values: [u64; DWARF_REGS],
    /// A bit for each that is known.
    known: u32,
}

impl Registers {
    /// Those of a thread of which no more is known.
    #[must_use]
    pub fn new(arch: Arch, pc: Addr, sp: Addr) -> Registers {
        let mut regs = Registers {
            arch,
            pc,
            values: [0; DWARF_REGS],
            known: 0,
        };
        regs.set(regs.sp_number(), Some(sp.0));
        regs
    }

    /// All those of a stopped thread.
    #[must_use]
    pub fn stopped(arch: Arch, regs: &Regs) -> Registers {
        Registers {
            arch,
            pc: regs.pc,
            values: regs.dwarf,
            known: match arch {
                Arch::X86_64 => 0xffff,
                Arch::Aarch64 => u32::MAX,
            },
        }
    }

    /// The register with this DWARF number, if it is known.
    #[must_use]
    pub fn get(&self, number: u16) -> Option<u64> {
        let value = self.values.get(usize::from(number))?;
        (self.known & (1 << number) != 0).then_some(*value)
    }

    /// Makes a register known or unknown; numbers that are not general are ignored.
    pub fn set(&mut self, number: u16, value: Option<u64>) {
        if let Some(slot) = self.values.get_mut(usize::from(number)) {
            *slot = value.unwrap_or(0);
            self.known = match value {
                Some(_) => self.known | 1 << number,
                None => self.known & !(1 << number),
            };
        }
    }

    /// Stack pointer; always known.
    #[must_use]
    pub fn sp(&self) -> Addr {
        Addr(self.get(self.sp_number()).unwrap_or(0))
    }

    /// Frame pointer, if it is known.
    #[must_use]
    pub fn fp(&self) -> Option<Addr> {
        self.get(self.fp_number()).map(Addr)
    }

    /// Link register, if there is one and it is known.
    #[must_use]
    pub fn lr(&self) -> Option<Addr> {
        match self.arch {
            Arch::X86_64 => None,
            Arch::Aarch64 => self.get(30).map(Addr),
        }
    }

    /// The number of the stack pointer.
    #[must_use]
    pub fn sp_number(&self) -> u16 {
        match self.arch {
            Arch::X86_64 => 7,
            Arch::Aarch64 => 31,
        }
    }

    /// The number of the frame pointer.
    #[must_use]
    pub fn fp_number(&self) -> u16 {
        match self.arch {
            Arch::X86_64 => 6,
            Arch::Aarch64 => 29,
        }
    }

    /// Whether a function must leave this register as it found it: System V psABI of x86_64,
    /// 3.2.1; Procedure Call Standard for the Arm 64-bit Architecture, 6.1.1.
    #[must_use]
    pub fn is_callee_saved(&self, number: u16) -> bool {
        match self.arch {
            Arch::X86_64 => matches!(number, 3 | 6 | 12..=15),
            Arch::Aarch64 => matches!(number, 19..=29),
        }
    }

    /// What a signal interrupted, from the frame that the kernel laid. `at` is SP at
    /// sigreturn: on amd64 the ucontext, on arm64 the siginfo before it
    /// (arch/x86/include/uapi/asm/sigcontext.h, arch/arm64/include/uapi/asm/sigcontext.h).
    /// `None` where there is no such frame.
    pub fn interrupted<M: Memory + ?Sized>(
        arch: Arch,
        words: &mut StackWords<'_, M>,
        at: Addr,
    ) -> Option<Registers> {
        // Offsets by DWARF number: rax rdx rcx rbx rsi rdi rbp rsp r8 to r15.
        const X86_64: [u64; 16] = [
            144, 136, 152, 128, 112, 104, 120, 160, 40, 48, 56, 64, 72, 80, 88, 96,
        ];
        const X0: u64 = 312;
        let mut word = |offset: u64| words.word(at.add(offset)).ok();
        let (pc, sp) = match arch {
            Arch::X86_64 => (word(168)?, word(160)?),
            Arch::Aarch64 => (word(X0 + 32 * 8)?, word(X0 + 31 * 8)?),
        };
        // User code segment selector of a 64-bit process; it is pushed with three others.
        const USER_CS: u64 = 0x33;
        let is_frame = arch == Arch::Aarch64 || word(184)? & 0xffff == USER_CS;
        if !is_frame || pc == 0 || sp == 0 || !sp.is_multiple_of(8) {
            return None;
        }
        let mut regs = Registers::new(arch, Addr(pc), Addr(sp));
        match arch {
            Arch::X86_64 => {
                for (number, offset) in (0u16..).zip(X86_64) {
                    regs.set(number, word(offset));
                }
            }
            Arch::Aarch64 => {
                for number in 0..31u16 {
                    regs.set(number, word(X0 + u64::from(number) * 8));
                }
            }
        }
        Some(regs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Segments;

    #[test]
    fn only_what_was_set_is_known() {
        let mut regs = Registers::new(Arch::X86_64, Addr(1), Addr(0x7000));
        assert_eq!((regs.sp(), regs.fp()), (Addr(0x7000), None));
        regs.set(6, Some(9));
        assert_eq!(regs.fp(), Some(Addr(9)));
        regs.set(6, None);
        assert_eq!(regs.fp(), None);
        regs.set(700, Some(1));
        assert_eq!(regs.get(700), None);
    }

    #[test]
    fn what_a_signal_interrupted_is_read_from_its_frame() {
        // ucontext_t of x86_64: uc_mcontext at 40, 23 words in it.
        let mut words = [0u64; 40];
        for (i, word) in words.iter_mut().enumerate() {
            *word = 0x8000 + i as u64 * 8;
        }
        words[184 / 8] = 0x2b_0000_0000_0033;
        let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let mut memory = Segments::new();
        memory.map(Addr(0x1000), bytes);
        let mut stack = StackWords::new(&memory);
        let regs = Registers::interrupted(Arch::X86_64, &mut stack, Addr(0x1000)).unwrap();
        assert_eq!(regs.pc, Addr(0x8000 + 168));
        assert_eq!(regs.sp(), Addr(0x8000 + 160));
        assert_eq!(regs.fp(), Some(Addr(0x8000 + 120)));
        assert_eq!(regs.get(15), Some(0x8000 + 96));
        assert_eq!(
            Registers::interrupted(Arch::X86_64, &mut stack, Addr(0x1008)),
            None
        );
    }
}
