//! Stacks of hand-made files: the bytes of `.eh_frame` are written out, by LSB Core "DWARF
//! Extensions" and DWARF 5, 6.4.

use super::*;
use crate::arch::Arch;
use crate::event::{FrameKind, StackEnd};
use crate::ids::Addr;
use crate::memory::{Memory, Segments};
use proptest::prelude::*;
use std::sync::Arc;

/// Where the file is loaded.
const BASE: u64 = 0x7f00_0000_0000;
/// Where the stack begins.
const STACK: u64 = 0x7ffd_0000_0000;

const LEAF: u64 = 0x1000;
const FRAMED: u64 = 0x1040;
const OUTER: u64 = 0x1080;
const ROOT: u64 = 0x10c0;
const TRAMPOLINE: u64 = 0x1100;

const RBP: u16 = 6;

#[derive(Clone, Copy)]
struct Function {
    name: &'static str,
    at: u64,
    is_signal: bool,
    cfi: &'static [u8],
}

const fn function(name: &'static str, at: u64, cfi: &'static [u8]) -> Function {
    Function {
        name,
        at,
        is_signal: false,
        cfi,
    }
}

const X86_64: &[Function] = &[
    function("leaf", LEAF, &[]),
    // def_cfa_offset 16, offset rbp 2 * -8, def_cfa_register rbp
    function("framed", FRAMED, &[0x0e, 16, 0x86, 2, 0x0d, 6]),
    function("__outer", OUTER, &[0x0e, 32]),
    // undefined rip
    function("root", ROOT, &[0x07, 16]),
    Function {
        name: "",
        at: TRAMPOLINE,
        is_signal: true,
        cfi: &[
            // def_cfa_expression: breg7 (rsp) 160, deref
            0x0f, 4, 0x77, 0xa0, 0x01, 0x06, // expression rip: breg7 168
            0x10, 16, 3, 0x77, 0xa8, 0x01, // expression rbp: breg7 120
            0x10, 6, 3, 0x77, 0xf8, 0x00,
        ],
    },
];

const AARCH64: &[Function] = &[
    function("leaf", LEAF, &[]),
    // def_cfa_offset 32, offset x29 4 * -8, offset x30 3 * -8
    function("framed", FRAMED, &[0x0e, 32, 0x9d, 4, 0x9e, 3]),
    // A frame, but no word on where x30 is.
    function("__outer", OUTER, &[0x0e, 32]),
    function("root", ROOT, &[0x07, 30]),
];

fn padded(mut entry: Vec<u8>) -> Vec<u8> {
    while !(entry.len() + 4).is_multiple_of(8) {
        entry.push(0);
    }
    let mut out = (entry.len() as u32).to_le_bytes().to_vec();
    out.extend(entry);
    out
}

fn cie(arch: Arch, is_signal: bool) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 1];
    out.extend(if is_signal { &b"zRS\0"[..] } else { b"zR\0" });
    // Code and data alignment 1 and -8, return address, pointers relative and of 4 bytes;
    // def_cfa and, on amd64, offset rip 1 * -8.
    let rest: &[u8] = match arch {
        Arch::X86_64 => &[1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1],
        Arch::Aarch64 => &[1, 0x78, 30, 1, 0x1b, 0x0c, 31, 0],
    };
    out.extend(rest);
    padded(out)
}

/// `.eh_frame` to be linked at `at`, and where the description of each function is in it.
fn eh_frame(arch: Arch, functions: &[Function], at: u64) -> (Vec<u8>, Vec<u64>) {
    let mut out = cie(arch, false);
    let signal_cie = out.len();
    out.extend(cie(arch, true));
    let mut places = Vec::new();
    for f in functions {
        let place = out.len();
        let cie = if f.is_signal { signal_cie } else { 0 };
        let mut fde = ((place + 4 - cie) as u32).to_le_bytes().to_vec();
        let start = f.at.wrapping_sub(at + place as u64 + 8) as u32;
        fde.extend(start.to_le_bytes());
        fde.extend(0x40u32.to_le_bytes());
        fde.push(0);
        fde.extend(f.cfi);
        out.extend(padded(fde));
        places.push(at + place as u64);
    }
    out.extend([0; 4]);
    (out, places)
}

fn section(kind: u32, name: u32, addr: u64, at: usize, size: usize, link: u32) -> Vec<u8> {
    let mut s = Vec::new();
    s.extend(name.to_le_bytes());
    s.extend(kind.to_le_bytes());
    for word in [0, addr, at as u64, size as u64] {
        s.extend(word.to_le_bytes());
    }
    s.extend(link.to_le_bytes());
    s.extend([0; 20]);
    s
}

/// A file of which every byte is loaded, at its own offset.
fn file(arch: Arch, functions: &[Function], with_table: bool) -> Vec<u8> {
    let header_at = 64 + 2 * 56;
    let header_len = 12 + 8 * functions.len();
    let frames_at = (header_at + header_len).next_multiple_of(8);
    let (frames, places) = eh_frame(arch, functions, frames_at as u64);
    let mut header = vec![1, 0x1b, 0x03, 0x3b];
    header.extend((frames_at as u32 - header_at as u32 - 4).to_le_bytes());
    header.extend((functions.len() as u32).to_le_bytes());
    for (f, place) in functions.iter().zip(&places) {
        for at in [f.at, *place] {
            header.extend((at.wrapping_sub(header_at as u64) as u32).to_le_bytes());
        }
    }
    let mut names = vec![0u8];
    let mut symbols = vec![0u8; 24];
    for f in functions.iter().filter(|f| !f.name.is_empty()) {
        symbols.extend((names.len() as u32).to_le_bytes());
        symbols.extend([0x12, 0, 1, 0]);
        symbols.extend(f.at.to_le_bytes());
        symbols.extend(0x40u64.to_le_bytes());
        names.extend(f.name.bytes().chain([0]));
    }
    let section_names = b"\0.eh_frame\0";
    let symbols_at = frames_at + frames.len();
    let names_at = symbols_at + symbols.len();
    let section_names_at = names_at + names.len();
    let sections_at = section_names_at + section_names.len();
    let sections = [
        section(0, 0, 0, 0, 0, 0),
        section(1, 1, frames_at as u64, frames_at, frames.len(), 0),
        section(2, 0, 0, symbols_at, symbols.len(), 3),
        section(3, 0, 0, names_at, names.len(), 0),
        section(3, 0, 0, section_names_at, section_names.len(), 0),
    ];
    let machine = match arch {
        Arch::X86_64 => 62,
        Arch::Aarch64 => 183,
    };
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [3u16, machine, 1, 0] {
        out.extend(half.to_le_bytes());
    }
    for word in [0, 64, sections_at as u64] {
        out.extend(word.to_le_bytes());
    }
    out.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 2, 64, 5, 4] {
        out.extend(half.to_le_bytes());
    }
    let mut program = |kind: u32, at: u64, size: u64| {
        out.extend(kind.to_le_bytes());
        out.extend(5u32.to_le_bytes());
        for word in [at, at, at, size, size, 4096] {
            out.extend(word.to_le_bytes());
        }
    };
    program(1, 0, 0x2000);
    let eh_frame_hdr = if with_table { 0x6474_e550 } else { 0 };
    program(eh_frame_hdr, header_at as u64, header_len as u64);
    out.extend(header);
    out.resize(frames_at, 0);
    for part in [&frames[..], &symbols, &names, section_names] {
        out.extend(part);
    }
    out.extend(sections.concat());
    out.resize(out.len().max(0x2000), 0x90);
    out
}

struct One(Option<Arc<Module>>);

impl Modules for One {
    fn module_at(&self, pc: Addr) -> Option<Arc<Module>> {
        let within = (BASE..BASE + 0x2000).contains(&pc.0);
        self.0.as_ref().filter(|_| within).cloned()
    }
}

fn module(bytes: Vec<u8>) -> Option<Arc<Module>> {
    let mut file = Segments::new();
    file.map(Addr(0), bytes);
    Module::new("/lib/libtest.so".into(), Box::new(file), Addr(BASE), 0)
        .ok()
        .map(Arc::new)
}

/// Code with a call from `caller` of `callee` at `caller + 0x10`; its return address.
fn call(code: &mut [u8], caller: u64, callee: u64) -> u64 {
    let ret = caller + 0x15;
    code[(ret - 5) as usize] = 0xe8;
    let distance = callee.wrapping_sub(ret) as u32;
    code[(ret - 4) as usize..ret as usize].copy_from_slice(&distance.to_le_bytes());
    BASE + ret
}

fn memory(code: Vec<u8>, stack: &[u64]) -> Segments {
    let mut memory = Segments::new();
    memory.map(Addr(BASE), code);
    let bytes = stack.iter().flat_map(|w| w.to_le_bytes()).collect();
    memory.map(Addr(STACK), bytes);
    memory
}

fn walked(arch: Arch, file: Vec<u8>, memory: &Segments, regs: &Registers) -> (Vec<String>, String) {
    let modules = One(module(file));
    let process = Process {
        memory,
        modules: &modules,
        arch,
    };
    let stack = walk(&process, regs, 64);
    let frames = stack.frames.iter().map(|f| {
        let frame = name_frame(&modules, f);
        let guessed = frame.kind == FrameKind::Guessed;
        format!("{}{}", if guessed { "? " } else { "" }, frame.func)
    });
    let end = match stack.end {
        StackEnd::Root => "root".to_owned(),
        StackEnd::Depth => "depth".to_owned(),
        StackEnd::Broken(why) => why.to_string(),
    };
    (frames.collect(), end)
}

/// leaf <- framed <- outer <- root, with the calls in the code.
fn four() -> (Segments, Registers) {
    let mut code = file(Arch::X86_64, X86_64, true);
    let in_framed = call(&mut code, FRAMED, LEAF);
    let in_outer = call(&mut code, OUTER, FRAMED);
    let in_root = call(&mut code, ROOT, OUTER);
    let at = |i: u64| STACK + i * 8;
    let stack = [
        in_framed,
        0x11,
        0x22,   // locals of framed
        at(20), // 3: saved rbp
        in_outer,
        0x33,
        0x44,
        0x55, // 5: locals of outer
        in_root,
        0,
        0,
    ];
    let mut regs = Registers::new(Arch::X86_64, Addr(BASE + LEAF + 8), Addr(STACK));
    regs.set(RBP, Some(at(3)));
    (memory(code, &stack), regs)
}

const FOUR: [&str; 4] = ["leaf", "framed", "__outer", "root"];

#[test]
fn frames_follow_from_the_search_table() {
    let (memory, regs) = four();
    let (frames, end) = walked(
        Arch::X86_64,
        file(Arch::X86_64, X86_64, true),
        &memory,
        &regs,
    );
    assert_eq!(frames, FOUR);
    assert_eq!(end, "root");
}

#[test]
fn a_file_without_a_search_table_is_indexed() {
    let (memory, regs) = four();
    let bytes = file(Arch::X86_64, X86_64, false);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, FOUR);
    assert_eq!(end, "root");
}

#[test]
fn without_the_frame_pointer_the_caller_is_a_guess() {
    let (memory, mut regs) = four();
    regs.set(RBP, None);
    let bytes = file(Arch::X86_64, X86_64, true);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["leaf", "framed", "? __outer", "? root"]);
    assert_eq!(end, "root");
}

#[test]
fn without_a_trace_of_a_caller_nothing_is_guessed() {
    let (_, mut regs) = four();
    regs.set(RBP, None);
    let bytes = file(Arch::X86_64, X86_64, true);
    let mut code = bytes.clone();
    let in_framed = call(&mut code, FRAMED, LEAF);
    let stack = [in_framed, 1, 2, 3, BASE + OUTER + 0x20, BASE + ROOT + 0x20];
    let memory = memory(code, &stack);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["leaf", "framed"]);
    assert_eq!(end, "a register that is not known");
}

#[test]
fn what_a_signal_interrupted_comes_after_its_handler() {
    let (_, mut regs) = four();
    let mut code = file(Arch::X86_64, X86_64, true);
    let in_outer = call(&mut code, OUTER, FRAMED);
    let in_root = call(&mut code, ROOT, OUTER);
    let mut stack = [0u64; 64];
    // The handler returns to the trampoline, with the ucontext above.
    stack[0] = BASE + TRAMPOLINE;
    let context = 1;
    let interrupted = STACK + 40 * 8;
    stack[context + 120 / 8] = STACK + 44 * 8;
    stack[context + 160 / 8] = interrupted;
    stack[context + 168 / 8] = BASE + FRAMED;
    stack[45] = in_outer;
    stack[49] = in_root;
    regs.pc = Addr(BASE + LEAF + 4);
    let memory = memory(code, &stack);
    // Interrupted at its very first instruction: no PC before it is of this function. (The row
    // is that of its body all the same.) As glibc's, the description begins one byte early.
    let early: Vec<Function> = X86_64
        .iter()
        .map(|f| Function {
            at: f.at - u64::from(f.is_signal),
            ..*f
        })
        .collect();
    let (frames, _) = walked(
        Arch::X86_64,
        file(Arch::X86_64, &early, true),
        &memory,
        &regs,
    );
    assert_eq!(
        frames,
        ["leaf", "__restore_rt", "framed", "__outer", "root"]
    );
}

#[test]
fn a_signal_frame_that_nothing_describes_is_known_by_its_code() {
    let (_, regs) = four();
    let mut bytes = file(Arch::X86_64, &X86_64[..4], true);
    let at = TRAMPOLINE as usize;
    bytes[at..at + 9].copy_from_slice(&[0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05]);
    let mut stack = [0u64; 64];
    stack[0] = BASE + TRAMPOLINE;
    stack[1 + 160 / 8] = STACK + 400;
    stack[1 + 168 / 8] = BASE + ROOT + 4;
    stack[1 + 184 / 8] = 0x33;
    let memory = memory(bytes.clone(), &stack);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["leaf", "__restore_rt", "root"]);
    assert_eq!(end, "root");
}

#[test]
fn code_of_no_file_and_code_that_nothing_describes_end_a_stack() {
    let (memory, mut regs) = four();
    let bytes = file(Arch::X86_64, X86_64, true);
    regs.pc = Addr(0x1234);
    regs.set(RBP, None);
    regs.set(7, Some(STACK + 8));
    let (frames, end) = walked(Arch::X86_64, bytes.clone(), &memory, &regs);
    assert_eq!(frames, ["0x1234"]);
    assert_eq!(end, "code of no file at 0x1234");
    regs.pc = Addr(BASE + 0x1f00);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["libtest.so+0x1f00"]);
    assert_eq!(end, "no unwind data in libtest.so");
}

#[test]
fn code_that_nothing_describes_has_a_guessed_caller_by_its_frame_pointer() {
    let (memory, mut regs) = four();
    // No return address lies at SP itself.
    regs.set(7, Some(STACK + 8));
    regs.pc = Addr(BASE + 0x1f00);
    let bytes = file(Arch::X86_64, X86_64, true);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["libtest.so+0x1f00", "? __outer", "? root"]);
    assert_eq!(end, "root");
}

#[test]
fn a_leaf_that_nothing_describes_returns_to_where_it_was_called() {
    // leaf is called, and nothing is said of its code.
    let bytes = file(Arch::X86_64, &X86_64[1..], true);
    let mut code = bytes.clone();
    let in_outer = call(&mut code, OUTER, LEAF);
    let in_root = call(&mut code, ROOT, OUTER);
    let memory = memory(code, &[in_outer, 0, 0, 0, in_root, 0]);
    let mut regs = Registers::new(Arch::X86_64, Addr(BASE + LEAF + 9), Addr(STACK));
    let (frames, end) = walked(Arch::X86_64, bytes.clone(), &memory, &regs);
    let nameless = format!("libtest.so+{:#x}", LEAF + 9);
    assert_eq!(frames, [&nameless, "__outer", "root"]);
    assert_eq!(end, "root");
    // Too far from what is called for it to be that.
    regs.pc = Addr(BASE + 0x1f00);
    let (frames, _) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["libtest.so+0x1f00", "? __outer", "? root"]);
}

#[test]
fn a_process_begins_at_the_entry_of_its_file() {
    let (memory, mut regs) = four();
    let mut bytes = file(Arch::X86_64, X86_64, true);
    bytes[24..32].copy_from_slice(&0x1e00u64.to_le_bytes());
    regs.pc = Addr(BASE + 0x1e08);
    let (frames, end) = walked(Arch::X86_64, bytes, &memory, &regs);
    assert_eq!(frames, ["libtest.so+0x1e08"]);
    assert_eq!(end, "root");
}

#[test]
fn arm64_finds_the_caller_of_a_leaf_in_the_link_register_and_of_no_other() {
    let bytes = file(Arch::Aarch64, AARCH64, true);
    // framed: x29, x30, two locals.
    let stack = [STACK + 64, BASE + OUTER + 8, 0, 0, 0, 0, 0, 0, 0, 0];
    let memory = memory(bytes.clone(), &stack);
    let mut regs = Registers::new(Arch::Aarch64, Addr(BASE + LEAF + 4), Addr(STACK));
    regs.set(30, Some(BASE + FRAMED + 8));
    let (frames, end) = walked(Arch::Aarch64, bytes.clone(), &memory, &regs);
    assert_eq!(frames, ["leaf", "framed", "__outer"]);
    assert_ne!(end, "root", "the link register of a caller is lost");
    regs.set(30, None);
    let (frames, end) = walked(Arch::Aarch64, bytes, &memory, &regs);
    assert_eq!(frames, ["leaf"]);
    assert_eq!(end, "a register that is not known");
}

#[test]
fn a_row_reads_a_few_bytes_of_a_large_file() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    struct Counting(Segments, Arc<AtomicUsize>);
    impl Memory for Counting {
        fn read_some(
            &self,
            addr: Addr,
            buf: &mut [u8],
        ) -> Result<usize, crate::memory::MemoryError> {
            let n = self.0.read_some(addr, buf)?;
            self.1.fetch_add(n, Ordering::Relaxed);
            Ok(n)
        }
    }
    let many: Vec<Function> = (0..20_000)
        .map(|i| function("f", 0x40_0000 + i * 0x40, &[0x0e, 16]))
        .collect();
    let mut bytes = file(Arch::X86_64, &many, true);
    // The segment is the whole of the file.
    let len = bytes.len() as u64;
    bytes[64 + 32..64 + 40].copy_from_slice(&len.to_le_bytes());
    let mut segments = Segments::new();
    segments.map(Addr(0), bytes);
    let read = Arc::new(AtomicUsize::new(0));
    let file = Box::new(Counting(segments, Arc::clone(&read)));
    let module = Module::new("big".into(), file, Addr(BASE), 0).unwrap();
    let row = module
        .row(Addr(BASE + 0x40_0000 + 12_345 * 0x40 + 3))
        .unwrap();
    assert_eq!(row.start, 0x40_0000 + 12_345 * 0x40);
    assert_eq!(row.cfa, CfaRule::Offset(7, 16));
    let once = read.load(Ordering::Relaxed);
    assert!(once < 4096, "{once} bytes read");
    let _ = module.row(Addr(BASE + 0x40_0000 + 12_345 * 0x40 + 3));
    assert_eq!(read.load(Ordering::Relaxed), once, "remembered");
}

proptest! {
    #[test]
    fn hostile_files_and_stacks_never_panic(
        changes in proptest::collection::vec((0usize..0x600, any::<u8>()), 0..12),
        words in proptest::collection::vec((0usize..11, any::<u64>()), 0..4),
        table in any::<bool>(),
        fp in proptest::option::of(STACK..STACK + 0x100),
    ) {
        let mut bytes = file(Arch::X86_64, X86_64, table);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        let (_, mut regs) = four();
        regs.set(RBP, fp);
        let mut stack = [
            BASE + FRAMED + 0x15, 1, 2, STACK + 80, BASE + OUTER + 0x15, 3, 4, 5,
            BASE + ROOT + 0x15, BASE + TRAMPOLINE, 0,
        ];
        for (at, word) in words {
            stack[at] = word;
        }
        let memory = memory(bytes.clone(), &stack);
        let (frames, _) = walked(Arch::X86_64, bytes, &memory, &regs);
        prop_assert!(frames.len() <= 64);
    }

    #[test]
    fn hostile_expressions_never_panic(
        expression in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let row = Row {
            start: 0,
            end: 1,
            cfa: CfaRule::Expression(expression.clone().into()),
            rules: vec![(16, Rule::Expression(expression.into()))],
            return_address: 16,
            is_signal: false,
        };
        let (memory, regs) = four();
        let mut words = crate::memory::StackWords::new(&memory);
        let _ = row.caller(&regs, &mut words);
    }
}
