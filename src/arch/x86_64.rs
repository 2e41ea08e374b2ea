//! `struct user_regs_struct` of x86_64 (sys/user.h): 27 u64 in this order.

use super::{Abi, Arch, DWARF_REGS, Regs};
use crate::ids::Addr;

/// This machine.
pub const ARCH: Arch = Arch::X86_64;
/// Its own ABI.
pub const ABI: Abi = Abi::X86_64;
/// Size in bytes of the NT_PRSTATUS register set.
pub const REGS_LEN: usize = 27 * 8;

/// Decodes the NT_PRSTATUS register set; `None` when it is shorter than it must be
/// (a 32-bit tracee).
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
    // rax rdx rcx rbx rsi rdi rbp rsp r8 to r15, by their place in user_regs_struct.
    const DWARF: [usize; 16] = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0];
    let mut dwarf = [0; DWARF_REGS];
    for (register, place) in dwarf.iter_mut().zip(DWARF) {
        *register = word(place)?;
    }
    Some(Regs {
        dwarf,
        nr: word(15)? as i64,
        args: [
            word(14)?,
            word(13)?,
            word(12)?,
            word(7)?,
            word(9)?,
            word(8)?,
        ],
        ret: word(10)? as i64,
        pc: Addr(word(16)?),
        sp: Addr(word(19)?),
        fp: Addr(word(4)?),
        lr: None,
        g: Addr(word(1)?),
    })
}

/// The call number that the code right before a system call instruction loads: `mov eax, N;
/// syscall`. `code` ends behind the instruction. `None` where the number comes from elsewhere.
#[must_use]
pub fn loaded_call_number(code: &[u8]) -> Option<u64> {
    const MOV_EAX: u8 = 0xb8;
    const SYSCALL: [u8; 2] = [0x0f, 0x05];
    let load = code.strip_suffix(&SYSCALL)?.last_chunk::<5>()?;
    match load {
        [MOV_EAX, number @ ..] => Some(u64::from(u32::from_le_bytes(*number))),
        _ => None,
    }
}

/// Calls that restart_syscall(2) continues: poll, nanosleep, futex, clock_nanosleep (those that
/// return ERESTART_RESTARTBLOCK).
pub const RESTARTED: [u64; 4] = [7, 35, 202, 230];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_number_is_read_off_the_instruction_that_loads_it() {
        let futex = [0x90, 0xb8, 0xca, 0, 0, 0, 0x0f, 0x05];
        assert_eq!(loaded_call_number(&futex), Some(202));
        // mov eax, ebx: the number came as an argument.
        assert_eq!(loaded_call_number(&[0, 0, 0, 0x89, 0xd8, 0x0f, 0x05]), None);
        assert_eq!(loaded_call_number(&[0x0f, 0x05]), None);
    }

    #[test]
    fn each_register_is_taken_from_its_place_in_user_regs_struct() {
        let bytes: Vec<u8> = (0..27u64).flat_map(u64::to_le_bytes).collect();
        let r = regs(&bytes).unwrap();
        // r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss
        assert_eq!(r.nr, 15);
        assert_eq!(r.args, [14, 13, 12, 7, 9, 8]);
        assert_eq!(
            (r.ret, r.pc, r.sp, r.fp, r.g),
            (10, Addr(16), Addr(19), Addr(4), Addr(1))
        );
        // rbx, rbp, rsp, r8, r12, r15
        let dwarf = [3, 6, 7, 8, 12, 15].map(|i: usize| r.dwarf[i]);
        assert_eq!(dwarf, [5, 4, 19, 9, 3, 0]);
    }

    #[test]
    fn a_short_register_set_is_refused() {
        assert_eq!(regs(&[0; 68]), None);
    }
}
