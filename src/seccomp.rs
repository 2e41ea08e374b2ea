//! The filter of `--seccomp-bpf`: which calls of a command stop for us, and which run free.
//!
//! A classic BPF program over `struct seccomp_data` (seccomp(2)). The crate seccompiler kills a
//! process that uses another ABI than the filter's; here those calls are traced.

use crate::arch::Arch;

/// One instruction, as the kernel's `struct sock_filter` has it (linux/filter.h).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// Instructions to skip where a comparison holds.
    pub jt: u8,
    /// Instructions to skip where it does not.
    pub jf: u8,
    /// Its operand.
    pub k: u32,
}

/// Numbers that are asked for one by one; no call of the host's ABI has a higher one.
const NUMBERS: u32 = 1024;
/// linux/x32: the bit that marks the numbers of x32 calls, on x86_64 alone.
const X32_BIT: u32 = 0x4000_0000;

/// BPF_LD | BPF_W | BPF_ABS: loads a word of the data.
const LOAD: u16 = 0x20;
/// BPF_JMP | BPF_JEQ | BPF_K.
const JUMP_IF_EQUAL: u16 = 0x15;
/// BPF_JMP | BPF_JGE | BPF_K.
const JUMP_IF_AT_LEAST: u16 = 0x35;
/// BPF_RET | BPF_K.
const RETURN: u16 = 0x06;

/// Offsets in `struct seccomp_data`.
const NR: u32 = 0;
const ARCH: u32 = 4;

/// SECCOMP_RET_TRACE and SECCOMP_RET_ALLOW (linux/seccomp.h).
const TRACE: u32 = 0x7ff0_0000;
const ALLOW: u32 = 0x7fff_0000;

/// A program that stops at the calls of the host's own ABI that `stops` picks by number, and at
/// each call of any other ABI: what it is called there is for the tracer to say.
#[must_use]
pub fn filter(arch: Arch, stops: impl Fn(u32) -> bool) -> Vec<Instruction> {
    let verdict = |nr| if stops(nr) { TRACE } else { ALLOW };
    let audit_arch = match arch {
        Arch::X86_64 => 0xc000_003e,
        Arch::Aarch64 => 0xc000_00b7,
    };
    let mut program = vec![
        load(ARCH),
        jump(JUMP_IF_EQUAL, audit_arch, 1, 0),
        ret(TRACE),
        load(NR),
    ];
    let mut current = verdict(0);
    let mut turn = |at, next: u32| {
        if next != current {
            program.push(jump(JUMP_IF_AT_LEAST, at, 1, 0));
            program.push(ret(current));
            current = next;
        }
    };
    for nr in 1..=NUMBERS {
        turn(nr, verdict(nr));
    }
    if arch == Arch::X86_64 {
        turn(X32_BIT, TRACE);
    }
    program.push(ret(current));
    program
}

fn load(offset: u32) -> Instruction {
    jump(LOAD, offset, 0, 0)
}

fn ret(verdict: u32) -> Instruction {
    jump(RETURN, verdict, 0, 0)
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const X86_64: u32 = 0xc000_003e;
    const I386: u32 = 0x4000_0003;
    const AARCH64: u32 = 0xc000_00b7;
    const ARM: u32 = 0x4000_0028;

    /// What the kernel would make of a call.
    fn run(program: &[Instruction], arch: u32, nr: u32) -> u32 {
        let (mut at, mut accumulator) = (0, 0);
        loop {
            let i = program[at];
            let jump = |holds| usize::from(if holds { i.jt } else { i.jf });
            at += 1;
            match i.code {
                0x20 => accumulator = if i.k == 0 { nr } else { arch },
                0x15 => at += jump(accumulator == i.k),
                0x35 => at += jump(accumulator >= i.k),
                0x06 => return i.k,
                other => panic!("{other:#x}"),
            }
        }
    }

    #[test]
    fn selected_calls_stop_and_others_run_free() {
        let program = filter(Arch::X86_64, |nr| [0, 202, 281].contains(&nr));
        for nr in [0, 202, 281] {
            assert_eq!(run(&program, X86_64, nr), TRACE, "{nr}");
        }
        for nr in [1, 201, 203, 280, 282, 1023, 1024, 0x3fff_ffff] {
            assert_eq!(run(&program, X86_64, nr), ALLOW, "{nr}");
        }
    }

    #[test]
    fn calls_of_other_abis_stop() {
        let none = |_| false;
        for nr in [0, 3, 400, X32_BIT, X32_BIT | 202, u32::MAX] {
            assert_eq!(run(&filter(Arch::X86_64, none), I386, nr), TRACE, "{nr}");
            assert_eq!(run(&filter(Arch::Aarch64, none), ARM, nr), TRACE, "{nr}");
        }
        for nr in [X32_BIT, X32_BIT | 202, u32::MAX] {
            assert_eq!(run(&filter(Arch::X86_64, none), X86_64, nr), TRACE, "{nr}");
            assert_eq!(
                run(&filter(Arch::Aarch64, none), AARCH64, nr),
                ALLOW,
                "{nr}"
            );
        }
    }

    #[test]
    fn the_longest_program_is_one_that_the_kernel_takes() {
        const BPF_MAXINSNS: usize = 4096;
        let program = filter(Arch::X86_64, |nr| nr % 2 == 0);
        assert!(program.len() <= BPF_MAXINSNS, "{}", program.len());
    }

    proptest! {
        #[test]
        fn each_number_is_judged_as_selected(
            stops in proptest::collection::btree_set(0u32..1100, 0..200),
            all in any::<bool>(),
            nr in 0u32..1024,
        ) {
            let selected = |stops: &BTreeSet<u32>, nr| all != stops.contains(&nr);
            let program = filter(Arch::Aarch64, |nr| selected(&stops, nr));
            let expected = if selected(&stops, nr) { TRACE } else { ALLOW };
            prop_assert_eq!(run(&program, AARCH64, nr), expected);
        }
    }
}
