//! A made-up process with a Go runtime's structures in it.

use gostrace::arch::Arch;
use gostrace::golang::layout::{Release, RuntimeLayout};
use gostrace::golang::roots::{AddrRange, ProcId, RuntimeImage};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use std::cell::Cell;
use std::collections::HashMap;

pub const PAGE: u64 = 4096;

/// Memory of pages, and how often it was read.
#[derive(Clone, Default)]
pub struct Pages {
    pages: HashMap<u64, Vec<u8>>,
    pub reads: Cell<u64>,
}

impl Pages {
    pub fn write(&mut self, at: u64, bytes: &[u8]) {
        for (i, &b) in bytes.iter().enumerate() {
            let at = at + i as u64;
            let page = self
                .pages
                .entry(at / PAGE)
                .or_insert(vec![0; PAGE as usize]);
            page[(at % PAGE) as usize] = b;
        }
    }

    pub fn word(&mut self, at: u64, value: u64) {
        self.write(at, &value.to_le_bytes());
    }
}

impl Memory for Pages {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        self.reads.set(self.reads.get() + 1);
        let mut done = 0;
        while done < buf.len() {
            let at = addr.0.wrapping_add(done as u64);
            let Some(page) = self.pages.get(&(at / PAGE)) else {
                break;
            };
            let rest = &page[(at % PAGE) as usize..];
            let n = rest.len().min(buf.len() - done);
            buf[done..done + n].copy_from_slice(&rest[..n]);
            done += n;
        }
        match done {
            0 => Err(MemoryError {
                addr,
                len: buf.len(),
                kind: MemoryErrorKind::Unmapped,
            }),
            n => Ok(n),
        }
    }
}

pub const RELEASE: Release = Release {
    minor: 27,
    patch: 3,
};
pub const CODE: u64 = 0x40_0000;
pub const DATA: u64 = 0x60_0000;
pub const HEAP: u64 = 0xc0_0000_0000;

/// Where a made-up process keeps its variables.
#[derive(Clone, Copy)]
pub struct Vars {
    pub allm: u64,
    pub allgptr: u64,
    pub allglen: u64,
    pub m0: u64,
}

pub const VARS: Vars = Vars {
    allm: DATA + 0x100,
    allgptr: DATA + 0x110,
    allglen: DATA + 0x118,
    m0: DATA + 0x1000,
};

pub fn m_addr(vars: Vars, id: u64) -> u64 {
    match id {
        0 => vars.m0,
        id => HEAP + 0x10000 + id * 0x1000,
    }
}

pub fn g_addr(n: u64) -> u64 {
    HEAP + 0x80000 + n * 0x200
}

/// Three M's with threads 100, 101, 102, the last one idle; goroutines 1 to `gs`; goroutine 2 in
/// a system call on M 1.
pub fn process(mem: &mut Pages, vars: Vars, gs: u64, release: Release) {
    let layout = RuntimeLayout::candidates(release).unwrap()[0];
    let (g, m) = (layout.g, layout.m);
    for id in 0..3 {
        let at = m_addr(vars, id);
        let g0 = HEAP + id * 0x1000;
        let field = |offset: u16| at + u64::from(offset);
        mem.word(field(m.g0), g0);
        mem.word(field(m.procid), 100 + id);
        mem.word(field(m.id), id);
        mem.word(field(m.vdso_pc), 0);
        let older = if id == 0 { 0 } else { m_addr(vars, id - 1) };
        mem.word(field(m.alllink), older);
        mem.word(g0 + u64::from(g.m), at);
        mem.word(g0, 0x7000_0000 + id * 0x10000);
        mem.word(g0 + 8, 0x7000_8000 + id * 0x10000);
    }
    mem.word(vars.allm, m_addr(vars, 2));
    mem.word(m_addr(vars, 1) + u64::from(m.curg), g_addr(2));
    mem.word(m_addr(vars, 1) + u64::from(m.oldp), HEAP + 0x70000);
    mem.write(HEAP + 0x70000, &7u32.to_le_bytes());
    let array = HEAP + 0x40000;
    for n in 1..=gs {
        let at = g_addr(n);
        mem.word(array + (n - 1) * 8, at);
        mem.word(at + u64::from(g.goid), n);
        mem.word(at, 0x8000_0000 + n * 0x1000);
        mem.word(at + 8, 0x8000_0800 + n * 0x1000);
        let status: u32 = if n == 2 { 3 } else { 4 };
        mem.write(at + u64::from(g.atomicstatus), &status.to_le_bytes());
        mem.word(at + 0x1f8, 0);
    }
    mem.word(vars.allgptr, array);
    mem.word(vars.allglen, gs);
}

/// mov rax,[allm]; mov rbx,[allgptr]; mov rcx,[allglen], as both functions' code.
pub fn code(mem: &mut Pages) {
    let mut at = CODE;
    for (modrm, var) in [
        (0x05, VARS.allm),
        (0x1d, VARS.allgptr),
        (0x0d, VARS.allglen),
    ] {
        let disp = (var - (at + 7)) as u32;
        mem.write(at, &[0x48, 0x8b, modrm]);
        mem.write(at + 3, &disp.to_le_bytes());
        at += 7;
    }
}

pub fn image<'a>(
    entry_of: &'a dyn Fn(&str) -> Option<(Addr, u64)>,
    arch: Arch,
    ranges: Vec<AddrRange>,
) -> RuntimeImage<'a> {
    RuntimeImage {
        release: RELEASE,
        arch,
        ranges,
        entry_of,
        function_at: None,
        dwarf: None,
    }
}

pub fn data() -> Vec<AddrRange> {
    vec![AddrRange {
        start: Addr(DATA),
        end: Addr(DATA + 0x4000),
    }]
}

pub const THREADS: [ProcId; 3] = [ProcId(100), ProcId(101), ProcId(102)];

/// The same with 40 goroutines and code that names the variables.
pub fn made_up() -> Pages {
    let mut mem = Pages::default();
    process(&mut mem, VARS, 40, RELEASE);
    code(&mut mem);
    mem
}

/// The words of a made-up process that mean something.
pub fn places() -> Vec<u64> {
    let mut places = vec![VARS.allm, VARS.allgptr, VARS.allglen];
    for id in 0..3 {
        places.extend((0..115).map(|i| m_addr(VARS, id) + i * 8));
        places.extend((0..20).map(|i| HEAP + id * 0x1000 + i * 8));
    }
    places.extend((0..40).map(|i| HEAP + 0x40000 + i * 8));
    for n in 1..20 {
        places.extend((0..57).map(|i| g_addr(n) + i * 8));
    }
    places
}
