//! `struct user_pt_regs` of aarch64 (asm/ptrace.h): x0..x30, sp, pc, pstate.

use super::{Abi, Arch, DWARF_REGS, Regs};
use crate::ids::Addr;

/// This machine.
pub const ARCH: Arch = Arch::Aarch64;
/// Its own ABI.
pub const ABI: Abi = Abi::Aarch64;
/// Size in bytes of the NT_PRSTATUS register set.
pub const REGS_LEN: usize = 34 * 8;

/// Decodes the NT_PRSTATUS register set; `None` when it is shorter than it must be
/// (a 32-bit tracee). At a syscall-exit x0 holds the result, the first argument is gone.
#[must_use]
pub fn regs(bytes: &[u8]) -> Option<Regs> {
    let word = |i: usize| {
        bytes
            .get(i * 8..i * 8 + 8)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_le_bytes)
    };
    if bytes.len() < REGS_LEN {
        return None;
    }
    let mut dwarf = [0; DWARF_REGS];
    for (i, register) in dwarf.iter_mut().enumerate() {
        // x0 to x30, then SP, in the same order.
        *register = word(i)?;
    }
    Some(Regs {
        dwarf,
        nr: word(8)? as i64,
        args: [word(0)?, word(1)?, word(2)?, word(3)?, word(4)?, word(5)?],
        ret: word(0)? as i64,
        pc: Addr(word(32)?),
        sp: Addr(word(31)?),
        fp: Addr(word(29)?),
        lr: Some(Addr(word(30)?)),
        g: Addr(word(28)?),
    })
}

/// The call number that the code right before a system call instruction loads: `movz x8, #N`
/// (or w8) next to `svc #0`. `code` ends behind the instruction. `None` where the number comes
/// from elsewhere.
#[must_use]
pub fn loaded_call_number(code: &[u8]) -> Option<u64> {
    const SVC_0: u32 = 0xd400_0001;
    /// movz Xd, #imm16: the size bit, the immediate (bits 5 to 20) and Rd left open.
    const MOVZ: u32 = 0x5280_0000;
    const MOVZ_MASK: u32 = 0x7fe0_0000;
    let word = |b: &[u8; 4]| u32::from_le_bytes(*b);
    let (before, svc) = code.split_last_chunk::<4>()?;
    if word(svc) != SVC_0 {
        return None;
    }
    let load = word(before.last_chunk::<4>()?);
    let is_x8 = load & 0x1f == 8;
    (load & MOVZ_MASK == MOVZ && is_x8).then_some(u64::from(load >> 5 & 0xffff))
}

/// Calls that restart_syscall(2) continues: futex, nanosleep, clock_nanosleep (those that
/// return ERESTART_RESTARTBLOCK; there is no poll).
pub const RESTARTED: [u64; 3] = [98, 101, 115];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_number_is_read_off_the_instruction_that_loads_it() {
        // mov x8, #98; svc #0
        let code = [0x48, 0x0c, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4];
        assert_eq!(loaded_call_number(&code), Some(98));
        // mov x0, #98: another register.
        let other = [0x40, 0x0c, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4];
        assert_eq!(loaded_call_number(&other), None);
        assert_eq!(loaded_call_number(&code[4..]), None);
    }

    #[test]
    fn each_register_is_taken_from_its_place_in_user_pt_regs() {
        let bytes: Vec<u8> = (0..34u64).flat_map(u64::to_le_bytes).collect();
        let r = regs(&bytes).unwrap();
        assert_eq!(r.nr, 8);
        assert_eq!(r.args, [0, 1, 2, 3, 4, 5]);
        assert_eq!(
            (r.pc, r.sp, r.fp, r.lr, r.g),
            (Addr(32), Addr(31), Addr(29), Some(Addr(30)), Addr(28))
        );
        assert_eq!(r.dwarf[19..32], (19..32).collect::<Vec<u64>>());
    }
}
