//! The addresses of variables that a function's code refers to. Not a disassembler: it knows
//! the few forms that the Go compiler uses for a 64-bit global, and may report an address too
//! many, which its reader then refuses.

use super::RuntimeImage;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::Memory;

/// A function longer than this is not one we look for (`mcommoninit` has about 500 bytes).
const MAX_CODE: u64 = 16 << 10;

/// The variables of `image` that the function `name` refers to, each once, in code order.
pub(super) fn references(mem: &dyn Memory, image: &RuntimeImage<'_>, name: &str) -> Vec<Addr> {
    match (image.entry_of)(name) {
        Some(extent) => references_of(mem, image.arch, extent, &|at| image.has(at)),
        None => Vec::new(),
    }
}

/// The variables that a function refers to, by its entry and length: those that `is_variable`
/// accepts, each once, in code order.
pub(in crate::golang) fn references_of(
    mem: &dyn Memory,
    arch: Arch,
    (entry, len): (Addr, u64),
    is_variable: &dyn Fn(Addr) -> bool,
) -> Vec<Addr> {
    let Ok(code) = mem.bytes(entry, len.min(MAX_CODE) as usize) else {
        return Vec::new();
    };
    let all = match arch {
        Arch::X86_64 => x86_64(entry, &code),
        Arch::Aarch64 => aarch64(entry, &code),
    };
    let mut seen = Vec::new();
    for at in all {
        if at.0.is_multiple_of(8) && is_variable(at) && !seen.contains(&at) {
            seen.push(at);
        }
    }
    seen
}

/// REX.W + mov, lea, xchg or cmp with a RIP-relative operand (mod 00, r/m 101), looked for at
/// every byte.
fn x86_64(entry: Addr, code: &[u8]) -> Vec<Addr> {
    const LEN: usize = 7;
    code.windows(LEN)
        .enumerate()
        .filter_map(|(i, w)| {
            let wide = w[0] & 0xf8 == 0x48;
            let op = matches!(w[1], 0x8b | 0x89 | 0x8d | 0x87 | 0x3b | 0x39);
            let rip_relative = w[2] & 0xc7 == 0x05;
            let disp = i32::from_le_bytes([w[3], w[4], w[5], w[6]]);
            (wide && op && rip_relative)
                .then(|| entry.add((i + LEN) as u64).add(i64::from(disp) as u64))
        })
        .collect()
}

/// ADRP, and then an ADD, or a 64-bit LDR or STR, of an offset in that page.
fn aarch64(entry: Addr, code: &[u8]) -> Vec<Addr> {
    let mut pages = [None; 32];
    let mut found = Vec::new();
    for (i, w) in code.chunks_exact(4).enumerate() {
        let op = u32::from_le_bytes([w[0], w[1], w[2], w[3]]);
        let reg = |shift: u32| (op >> shift & 31) as usize;
        if op & 0x9f00_0000 == 0x9000_0000 {
            let imm = (op >> 5 & 0x7_ffff) << 2 | op >> 29 & 3;
            // 21 bits, signed, in pages of 4 KiB.
            let pages_off = i64::from((imm << 11) as i32 >> 11) << 12;
            let page = entry.add(i as u64 * 4).0 & !0xfff;
            pages[reg(0)] = Some(Addr(page).add(pages_off as u64));
            continue;
        }
        let imm12 = u64::from(op >> 10 & 0xfff);
        let offset = match op {
            _ if op & 0xffc0_0000 == 0x9100_0000 => imm12,
            _ if op & 0xff80_0000 == 0xf900_0000 => imm12 * 8,
            _ => continue,
        };
        if let Some(page) = pages[reg(5)] {
            found.push(page.add(offset));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rip_relative_operands_count_from_the_next_instruction() {
        // mov rax,[rip+0x10]; nop; lea r9,[rip-0x10]; mov eax,[rip+1] (32 bits: not ours)
        let code = [
            0x48, 0x8b, 0x05, 0x10, 0, 0, 0, 0x90, 0x4c, 0x8d, 0x0d, 0xf0, 0xff, 0xff, 0xff, 0x8b,
            0x05, 1, 0, 0, 0,
        ];
        assert_eq!(x86_64(Addr(0x1000), &code), [Addr(0x1017), Addr(0x0fff)]);
    }

    #[test]
    fn adrp_pairs_with_the_load_store_or_add_that_uses_its_register() {
        let ops: [u32; 5] = [
            0xb000_001b, // adrp x27, +1 page
            0xf940_0f60, // ldr x0, [x27, #24]
            0xf0ff_ffe1, // adrp x1, -1 page
            0x9100_4022, // add x2, x1, #16
            0xf940_0060, // ldr x0, [x3]: no adrp before it
        ];
        let code: Vec<u8> = ops.iter().flat_map(|op| op.to_le_bytes()).collect();
        assert_eq!(
            aarch64(Addr(0x40_0008), &code),
            [Addr(0x40_1018), Addr(0x3f_f010)]
        );
    }
}
