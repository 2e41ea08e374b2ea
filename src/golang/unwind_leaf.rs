//! Callers told from machine code: what stands before a return address, and where one
//! function calls another. For leaves whose return address is in a register we do not have.

use super::program::PcInfo;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::Memory;

/// Code of one function that is searched at most.
const MAX_CODE: u64 = 256 << 10;

/// The entry of the function that the instruction before `ret` calls; `None` if that is not
/// a direct call (or cannot be read).
pub fn call_target(memory: &(impl Memory + ?Sized), ret: Addr, arch: Arch) -> Option<Addr> {
    match arch {
        Arch::X86_64 => {
            let code = memory.bytes(ret.sub(5), 5).ok()?;
            let rel: [u8; 4] = *code.get(1..)?.first_chunk()?;
            (code[0] == 0xe8).then(|| ret.add(i64::from(i32::from_le_bytes(rel)) as u64))
        }
        Arch::Aarch64 => {
            let word = memory.u32(ret.sub(4)).ok()?;
            bl_target(word, ret.sub(4))
        }
    }
}

/// The target of the arm64 instruction `word` at `at`, if it is a BL.
fn bl_target(word: u32, at: Addr) -> Option<Addr> {
    const BL: u32 = 0b10_0101;
    // 26 bits, sign-extended, times 4.
    let offset = ((word << 6) as i32 >> 6) as i64 * 4;
    (word >> 26 == BL).then(|| at.add(offset as u64))
}

/// The return addresses of all direct calls in the function of `caller` to `callee`.
pub fn call_sites(
    memory: &(impl Memory + ?Sized),
    caller: &PcInfo,
    callee: Addr,
    arch: Arch,
) -> Vec<Addr> {
    let len = caller.end.0.saturating_sub(caller.entry.0).min(MAX_CODE);
    let Ok(code) = memory.bytes(caller.entry, len as usize) else {
        return Vec::new();
    };
    match arch {
        Arch::X86_64 => code
            .windows(5)
            .enumerate()
            .filter(|(_, w)| w[0] == 0xe8)
            .filter_map(|(i, w)| {
                let ret = caller.entry.add(i as u64 + 5);
                let rel = i32::from_le_bytes(*w.get(1..)?.first_chunk()?);
                (ret.add(i64::from(rel) as u64) == callee).then_some(ret)
            })
            .collect(),
        Arch::Aarch64 => code
            .as_chunks::<4>()
            .0
            .iter()
            .enumerate()
            .filter_map(|(i, w)| {
                let at = caller.entry.add(i as u64 * 4);
                (bl_target(u32::from_le_bytes(*w), at) == Some(callee)).then(|| at.add(4))
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golang::program::Role;
    use crate::memory::Segments;

    fn function(code: &[u8]) -> (Segments, PcInfo) {
        let mut m = Segments::new();
        m.map(Addr(0x1000), code.to_vec());
        let info = PcInfo {
            entry: Addr(0x1000),
            end: Addr(0x1000 + code.len() as u64),
            sp_delta: Some(0),
            flag: 0,
            role: Role::Ordinary,
        };
        (m, info)
    }

    #[test]
    fn a_near_call_names_its_target() {
        // nop; call 0x2000; nop
        let (m, info) = function(&[0x90, 0xe8, 0xfa, 0x0f, 0, 0, 0x90]);
        let ret = Addr(0x1006);
        assert_eq!(call_target(&m, ret, Arch::X86_64), Some(Addr(0x2000)));
        assert_eq!(call_target(&m, Addr(0x1007), Arch::X86_64), None);
        assert_eq!(call_sites(&m, &info, Addr(0x2000), Arch::X86_64), [ret]);
        assert!(call_sites(&m, &info, Addr(0x2001), Arch::X86_64).is_empty());
    }

    #[test]
    fn a_branch_with_link_names_its_target_in_either_direction() {
        // bl +0x1000; bl -0x10; blr x1
        let code = [0x9400_0400u32, 0x97ff_fffc, 0xd63f_0020];
        let bytes: Vec<u8> = code.iter().flat_map(|w| w.to_le_bytes()).collect();
        let (m, info) = function(&bytes);
        let arch = Arch::Aarch64;
        assert_eq!(call_target(&m, Addr(0x1004), arch), Some(Addr(0x2000)));
        assert_eq!(call_target(&m, Addr(0x1008), arch), Some(Addr(0xff4)));
        assert_eq!(call_target(&m, Addr(0x100c), arch), None);
        assert_eq!(call_sites(&m, &info, Addr(0xff4), arch), [Addr(0x1008)]);
    }
}
