//! What lies in a file: headers, symbols, frame descriptions, debug information.

use super::{Input, MOST};
use gostrace::arch::Arch;
use gostrace::golang::dwarf::{self, Stored};
use gostrace::ids::Addr;
use gostrace::memory::Segments;
use gostrace::native::{Module, Modules, Process, Registers, name_frame, place_frame, walk};
use gostrace::symbols::{ElfFacts, Symbols};
use std::sync::Arc;

/// How far a stack is walked.
const FRAMES: usize = 64;

struct One(Arc<Module>);

impl Modules for One {
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>> {
        self.0.covers(pc).then(|| Arc::clone(&self.0))
    }
}

fn at_zero(bytes: &[u8]) -> Segments {
    let mut file = Segments::new();
    file.map(Addr(0), bytes.to_vec());
    file
}

/// A whole file, which is also the process that it is loaded into, and its stack.
pub fn elf(bytes: &[u8]) {
    let file = at_zero(bytes);
    let Ok(facts) = ElfFacts::read(&file) else {
        return;
    };
    let _ = (facts.names_go(&file), facts.may_hold_go(&file));
    let _ = (facts.build_id(&file), facts.debug_link(&file));
    let _ = (facts.section(".text"), facts.has_symbol_table());
    let mut symbols = Symbols::new(&facts);
    let mut pcs = vec![facts.entry];
    pcs.extend(facts.segments.iter().take(4).map(|s| s.addr));
    pcs.extend(facts.sections.iter().take(4).map(|s| s.addr));
    pcs.extend([0, 0x1008, 0x1048, 0x1088, 0x10c8, 0x1108].map(Addr));
    for pc in &pcs {
        let _ = symbols.lookup(&file, 0, *pc);
        let _ = facts.file_offset(*pc);
        let _ = facts.load_bias(*pc, 0);
    }
    let Some(first) = facts.segments.first() else {
        return;
    };
    unwind(bytes, first.addr, first.offset, &pcs);
}

fn unwind(bytes: &[u8], at: Addr, offset: u64, pcs: &[Addr]) {
    let file = Box::new(at_zero(bytes));
    let Ok(module) = Module::new("/lib/hostile.so".into(), file, at, offset) else {
        return;
    };
    let modules = One(Arc::new(module));
    let memory = at_zero(bytes);
    for arch in [Arch::X86_64, Arch::Aarch64] {
        let process = Process {
            memory: &memory,
            modules: &modules,
            arch,
        };
        for pc in pcs {
            let _ = modules.0.row(*pc);
            let mut regs = Registers::new(arch, *pc, Addr(0x200));
            regs.set(regs.fp_number(), Some(0x210));
            let stack = walk(&process, &regs, FRAMES);
            assert!(stack.frames.len() <= FRAMES);
            for frame in stack.frames.iter().take(8) {
                let _ = name_frame(&modules, frame);
                let _ = place_frame(&modules, frame);
            }
        }
    }
}

/// Frame descriptions in a file that is sound otherwise: a byte for which section it is, then that
/// section, then what is on the stack (the same bytes).
pub fn cfi(bytes: &[u8]) {
    let input = Input::new(bytes);
    let kind = input.byte();
    let file = wrapped(kind, input.rest());
    let pcs = [0x1000, 0x1008, 0x1048, 0x1088, 0x10c8, 0x1108].map(Addr);
    unwind(&file, Addr(0), 0, &pcs);
}

/// An ELF file with these bytes as `.eh_frame`, `.debug_frame` or `.eh_frame_hdr` with what
/// follows it.
fn wrapped(kind: u8, contents: &[u8]) -> Vec<u8> {
    const AT: u64 = 0x400;
    const NAMES: &[u8] = b"\0.eh_frame\0.debug_frame\0";
    let arm = kind & 1 != 0;
    let (name, has_table) = match kind >> 1 & 3 {
        0 => (1u32, false),
        1 => (11, false),
        _ => (1, true),
    };
    let len = contents.len() as u64;
    let total = (AT + len).max(0x2000);
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let mut put = |words: &[(usize, u64)]| {
        for (size, word) in words {
            out.extend(&word.to_le_bytes()[..*size]);
        }
    };
    put(&[(2, 3), (2, if arm { 183 } else { 62 }), (4, 1)]);
    put(&[(8, 0), (8, 64), (8, 0x200), (4, 0)]);
    put(&[(2, 64), (2, 56), (2, 2), (2, 64), (2, 3), (2, 2)]);
    let mut program = |kind: u64, at: u64, size: u64| {
        put(&[(4, kind), (4, 5), (8, at), (8, at), (8, at)]);
        put(&[(8, size), (8, size), (8, 4096)]);
    };
    program(1, 0, total);
    program(if has_table { 0x6474_e550 } else { 0 }, AT, len);
    out.resize(0x200 + 64, 0);
    let mut section = |kind: u32, name: u32, at: u64, size: u64| {
        out.extend([name, kind].map(u32::to_le_bytes).concat());
        out.extend([0, at, at, size].map(u64::to_le_bytes).concat());
        out.extend([0; 24]);
    };
    section(1, name, AT, len);
    section(3, 0, 0x200 + 3 * 64, NAMES.len() as u64);
    out.extend(NAMES);
    out.resize(AT as usize, 0);
    out.extend(contents);
    out.resize(total as usize, 0x90);
    out
}

/// Debug information: two bytes for how much of it is `.debug_info`, the rest is `.debug_abbrev`; and
/// all of it as a section that is packed.
pub fn dwarf(bytes: &[u8]) {
    const LIMIT: usize = MOST / 8;
    for stored in [Stored::Plain, Stored::ElfCompressed, Stored::Zdebug] {
        if let Ok(plain) = dwarf::inflate(bytes, stored, LIMIT) {
            assert!(stored == Stored::Plain || plain.len() <= LIMIT);
        }
    }
    let input = Input::new(bytes);
    let info = input
        .take(2)
        .iter()
        .rev()
        .fold(0, |n, b| n << 8 | usize::from(*b));
    let info = input.take(info);
    let _ = dwarf::read(info, input.rest(), 0x1000);
}
