//! A small function table made by hand, whole and damaged.

use super::goroutine::StackBounds;
use super::module::{Hints, Module, NotFound, Region};
use super::pclntab::TableError;
use super::program::{LoadError, Program};
use super::unwind::{GoThread, MAX_FRAMES, UnwindStart, UserStack};
use crate::arch::Arch;
use crate::event::{FrameKind, StackEnd};
use crate::ids::Addr;
use crate::memory::{Memory, Segments};
use proptest::prelude::*;

const TABLE: u64 = 0x10_0000;
const DATA: u64 = 0x20_0000;
const STACK: u64 = 0x30_0000;
const TEXT: u64 = 0x40_0000;
const FUNC_LEN: u64 = 0x100;
const FUNCS: u64 = 3;

/// Offsets of the tables from the header.
const NAMES: usize = 0x80;
const CUTAB: usize = 0xc0;
const FILES: usize = 0xd0;
const PCTAB: usize = 0x100;
const PCLN: usize = 0x140;
const RECORDS: usize = 0x40;
const TREE: usize = 0x300;
const BUCKETS: usize = 0x340;
const TABLE_LEN: usize = 0x400;

/// The executable image of three functions of frame size 24 from byte 0x10 on: `main.leaf`
/// with `main.inl` inlined from byte 0x80 on, `main.mid`, and `runtime.goexit`, the root.
struct Image {
    table: Vec<u8>,
    data: Vec<u8>,
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

impl Image {
    fn new() -> Image {
        let mut t = vec![0; TABLE_LEN];
        put(&mut t, 0, &0x0801_0000_ffff_fff1u64.to_le_bytes());
        put(&mut t, 8, &FUNCS.to_le_bytes());
        put(&mut t, 16, &1u64.to_le_bytes());
        put(&mut t, 24, &TEXT.to_le_bytes());
        for (i, offset) in [NAMES, CUTAB, FILES, PCTAB, PCLN].into_iter().enumerate() {
            put(&mut t, 32 + i * 8, &(offset as u64).to_le_bytes());
        }
        put(
            &mut t,
            NAMES,
            b"main.leaf\0main.mid\0runtime.goexit\0main.inl\0",
        );
        put(&mut t, FILES, b"a.go\0");
        // Value tables: pairs of value change (zigzag) and bytes covered.
        let tables: [(usize, &[u8]); 4] = [
            (1, &[2, 0x10, 48, 0xf0, 0x01, 0]),        // pcsp: 0, then 24
            (16, &[2, 0x80, 0x02, 0]),                 // pcfile: 0
            (24, &[22, 0x80, 0x01, 2, 0x80, 0x01, 0]), // pcln: 10, then 11
            (40, &[0, 0x80, 0x01, 2, 0x80, 0x01, 0]),  // inline index: none, then 0
        ];
        for (at, bytes) in tables {
            put(&mut t, PCTAB + at, bytes);
        }
        for i in 0..FUNCS as usize {
            let record = RECORDS + i * 96;
            let entry = i as u32 * FUNC_LEN as u32;
            put(&mut t, PCLN + i * 8, &entry.to_le_bytes());
            put(&mut t, PCLN + i * 8 + 4, &(record as u32).to_le_bytes());
            let at = PCLN + record;
            let name = [0u32, 10, 19][i];
            let inlines = i == 0;
            let words = [
                entry,
                name,
                0,
                0,
                1,
                16,
                24,
                if inlines { 3 } else { 0 },
                0,
                1,
            ];
            for (k, word) in words.into_iter().enumerate() {
                put(&mut t, at + k * 4, &word.to_le_bytes());
            }
            t[at + 41] = u8::from(i == 2);
            if inlines {
                t[at + 43] = 4;
                put(&mut t, at + 44 + 8, &40u32.to_le_bytes());
                put(&mut t, at + 44 + 12, &[0xff; 12]);
                put(&mut t, at + 44 + 24, &0u32.to_le_bytes());
            }
        }
        put(
            &mut t,
            PCLN + 24,
            &(FUNCS as u32 * FUNC_LEN as u32).to_le_bytes(),
        );
        put(&mut t, TREE + 4, &34u32.to_le_bytes());
        put(&mut t, TREE + 8, &0x20u32.to_le_bytes());
        for i in 0..16 {
            t[BUCKETS + 4 + i] = (i as u8).min(FUNCS as u8 - 1);
        }
        Image {
            table: t,
            data: Image::moduledata(),
        }
    }

    /// The same with another name for its second function.
    fn with_mid(name: &[u8]) -> Image {
        const FREE: usize = 43;
        let mut image = Image::new();
        put(&mut image.table, NAMES + FREE, name);
        let at = PCLN + RECORDS + 96 + 4;
        put(&mut image.table, at, &(FREE as u32).to_le_bytes());
        image
    }

    fn moduledata() -> Vec<u8> {
        let mut d = vec![0; 1024];
        let slice = |at: usize, offset: usize, len: u64| {
            [(at, TABLE + offset as u64), (at + 8, len), (at + 16, len)]
        };
        let end = TEXT + FUNCS * FUNC_LEN;
        let words = [
            &[(0, TABLE)][..],
            &slice(8, NAMES, 0x40),
            &slice(32, CUTAB, 4),
            &slice(56, FILES, 0x10),
            &slice(80, PCTAB, 0x40),
            &slice(104, PCLN, 0x180),
            &slice(128, PCLN, FUNCS + 1),
            &[(152, TABLE + BUCKETS as u64), (160, TEXT), (168, end)],
            &[(176, TEXT), (184, end), (320, TABLE + TREE as u64)],
        ];
        for (at, word) in words.concat() {
            put(&mut d, at + 256, &u64::to_le_bytes(word));
        }
        d
    }

    /// A stack: main.leaf, called by main.mid `depth` times, called by goexit.
    fn stack(depth: usize) -> Vec<u8> {
        let mut words = Vec::new();
        for i in 0..=depth {
            words.extend([0, 0, 0]);
            words.push(match i == depth {
                true => TEXT + 2 * FUNC_LEN + 1,
                false => TEXT + FUNC_LEN + 0x20,
            });
        }
        words.iter().flat_map(|w| w.to_le_bytes()).collect()
    }

    fn memory(&self, depth: usize) -> Segments {
        let mut m = Segments::new();
        m.map(Addr(TABLE), self.table.clone())
            .map(Addr(DATA), self.data.clone())
            .map(Addr(STACK), Image::stack(depth));
        m
    }
}

fn regions() -> [Region; 2] {
    let region = |start, len: usize, write| Region {
        start: Addr(start),
        end: Addr(start + len as u64),
        read: true,
        write,
        exec: false,
    };
    [region(TABLE, TABLE_LEN, false), region(DATA, 1024, true)]
}

fn start() -> UnwindStart {
    UnwindStart {
        pc: Addr(TEXT + 0x90),
        sp: Addr(STACK),
        fp: None,
        lr: None,
        arch: Arch::X86_64,
    }
}

#[test]
fn a_stack_is_walked_and_named() {
    let memory = Image::new().memory(1);
    let program = Program::load(&memory, &regions(), &Hints::default()).unwrap();
    assert_eq!(program.arch, Arch::X86_64);
    let raw = program.unwind(&memory, &start(), None);
    let stack = program.symbolize(&memory, &raw);
    let frames: Vec<_> = stack
        .frames
        .iter()
        .map(|f| (&*f.func, &*f.file, f.line, f.kind))
        .collect();
    let want = [
        ("main.inl", "a.go", 11, FrameKind::Inlined),
        ("main.leaf", "a.go", 10, FrameKind::Go),
        ("main.mid", "a.go", 10, FrameKind::Go),
        ("runtime.goexit", "a.go", 10, FrameKind::Go),
    ];
    assert_eq!(frames, want);
    assert_eq!(stack.end, StackEnd::Root);
}

const USER: u64 = 0x50_0000;

/// A thread whose goroutine was saved in its first function, which goexit calls.
fn thread(memory: &mut Segments) -> GoThread {
    let mut words = [0u64; 16];
    words[7] = TEXT + 2 * FUNC_LEN + 1;
    let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    memory.map(Addr(USER), bytes);
    let bounds = |lo| StackBounds {
        lo: Addr(lo),
        hi: Addr(lo + 0x80),
    };
    GoThread {
        g0: bounds(STACK - 8),
        curg: Some(UserStack {
            bounds: bounds(USER),
            sched_sp: Addr(USER + 0x20),
            sched_pc: Addr(TEXT + 0x20),
            ..UserStack::default()
        }),
        ..GoThread::default()
    }
}

fn names(image: &Image, with_thread: bool) -> (Vec<String>, StackEnd) {
    let mut memory = image.memory(1);
    let program = Program::load(&memory, &regions(), &Hints::default()).unwrap();
    let thread = thread(&mut memory);
    let raw = program.unwind(&memory, &start(), with_thread.then_some(&thread));
    let stack = program.symbolize(&memory, &raw);
    let names = stack.frames.iter().map(|f| f.func.to_string());
    (names.collect(), stack.end)
}

#[test]
fn morestack_gives_way_to_the_function_that_needs_the_stack() {
    let image = Image::with_mid(b"runtime.morestack\0");
    let (frames, end) = names(&image, true);
    let want = ["main.inl", "main.leaf", "main.leaf", "runtime.goexit"];
    assert_eq!(
        (&frames[..], end),
        (&want.map(String::from)[..], StackEnd::Root)
    );
    // Without a goroutine it is the end.
    let (frames, end) = names(&image, false);
    assert_eq!((&*frames[2], end), ("runtime.morestack", StackEnd::Root));
}

#[test]
fn systemstack_returns_to_the_goroutine_or_the_stack_ends_there() {
    let image = Image::with_mid(b"runtime.systemstack\0");
    let (frames, end) = names(&image, true);
    let want = [
        "main.inl",
        "main.leaf",
        "runtime.systemstack",
        "runtime.goexit",
    ];
    assert_eq!(
        (&frames[..], end),
        (&want.map(String::from)[..], StackEnd::Root)
    );
    let (frames, end) = names(&image, false);
    assert_eq!(frames.len(), 3);
    assert!(matches!(end, StackEnd::Broken(_)));
}

#[test]
fn functions_are_found_by_name_and_hints_need_no_scan() {
    let memory = Image::new().memory(1);
    let hints = Hints {
        pclntab: Some(Addr(TABLE)),
        moduledata: Some(Addr(DATA + 256)),
        buildinfo: None,
    };
    let program = Program::load(&memory, &[], &hints).unwrap();
    let names = ["main.mid", "main.none", "runtime.goexit", "main.mi"];
    let got = program.function_entries(&memory, &names).unwrap();
    let extent = |i| Some((Addr(TEXT + i * FUNC_LEN), FUNC_LEN));
    assert_eq!(got, [extent(1), None, extent(2), None]);
}

#[test]
fn a_stack_without_end_is_cut_and_a_broken_one_says_so() {
    let memory = Image::new().memory(MAX_FRAMES * 2);
    let program = Program::load(&memory, &regions(), &Hints::default()).unwrap();
    let raw = program.unwind(&memory, &start(), None);
    assert_eq!((raw.frames.len(), raw.end), (MAX_FRAMES, StackEnd::Depth));
    let beyond = UnwindStart {
        sp: Addr(STACK - 8),
        ..start()
    };
    let raw = program.unwind(&memory, &beyond, None);
    assert!(matches!(raw.end, StackEnd::Broken(_)), "{raw:?}");
    assert_eq!(raw.frames.len(), 1);
}

#[test]
fn an_old_or_missing_table_is_named_as_such() {
    let mut image = Image::new();
    image.table[0] = 0xfa;
    let load = |image: &Image| {
        let memory = image.memory(1);
        Program::load(&memory, &regions(), &Hints::default()).map(|_| ())
    };
    let old = load(&image);
    assert!(matches!(
        old,
        Err(LoadError::NotFound(NotFound::TooOld { .. }))
    ));
    image.table[0] = 0;
    let none = load(&image);
    assert!(matches!(
        none,
        Err(LoadError::NotFound(NotFound::NoTable { .. }))
    ));
    let mut image = Image::new();
    image.data.fill(0);
    let alone = load(&image);
    assert!(matches!(
        alone,
        Err(LoadError::NotFound(NotFound::NoModuleData { .. }))
    ));
}

#[test]
fn a_table_in_a_mapping_with_code_is_found_as_well() {
    let memory = Image::new().memory(1);
    let mut regions = regions();
    for region in regions.iter_mut().filter(|r| r.start == Addr(TABLE)) {
        region.exec = true;
    }
    let found = Module::find(&memory, &regions, &Hints::default(), None).unwrap();
    assert_eq!(found[0].pclntab, Addr(TABLE));
}

#[test]
fn a_module_list_that_bites_its_tail_ends() {
    let mut image = Image::new();
    for next in [560, 576, 584] {
        put(&mut image.data, 256 + next, &(DATA + 256).to_le_bytes());
    }
    let memory = image.memory(1);
    let found = Module::find(&memory, &regions(), &Hints::default(), None).unwrap();
    assert_eq!(found.len(), 1);
}

/// Everything one can ask of a program; must not panic, whatever is in it.
fn exercise(memory: &Segments, pcs: &[u64]) -> Result<(), TableError> {
    let Ok(program) = Program::load(memory, &regions(), &Hints::default()) else {
        return Ok(());
    };
    let mut last = Ok(());
    for pc in pcs {
        let at = UnwindStart {
            pc: Addr(*pc),
            ..start()
        };
        let raw = program.unwind(memory, &at, None);
        assert!(raw.frames.len() <= MAX_FRAMES);
        let stack = program.symbolize(memory, &raw);
        assert!(stack.frames.len() <= raw.frames.len() * 300);
        last = program.func_name_at(memory, Addr(*pc)).map(|_| ());
    }
    let named = program.function_entries(memory, &["main.mid", "main.none"]);
    last.and(named.map(|_| ()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_gives_errors_and_never_panics(
        table in prop::collection::vec((0..TABLE_LEN, any::<u8>()), 0..12),
        data in prop::collection::vec((256usize..256 + 592, any::<u8>()), 0..3),
        pcs in prop::collection::vec(TEXT - 16..TEXT + FUNCS * FUNC_LEN + 16, 1..8),
    ) {
        let mut image = Image::new();
        for (at, byte) in table {
            image.table[at] = byte;
        }
        for (at, byte) in data {
            image.data[at] = byte;
        }
        let _ = exercise(&image.memory(3), &pcs);
    }

    #[test]
    fn absurd_sizes_cost_no_time_and_no_memory(
        words in prop::collection::vec((0usize..74, prop_oneof![
            any::<u64>(), Just(1 << 40), Just(u64::MAX), Just(TABLE), Just(DATA + 256)
        ]), 1..6),
        pcs in prop::collection::vec(any::<u64>(), 1..4),
    ) {
        let mut image = Image::new();
        for (at, word) in words {
            put(&mut image.data, 256 + at * 8, &word.to_le_bytes());
        }
        let _ = exercise(&image.memory(3), &pcs);
    }
}

#[test]
fn a_value_table_that_repeats_itself_ends() {
    let mut image = Image::new();
    // Steps that cover no code, to the end of the table and beyond.
    image.table[PCTAB + 1..PCLN].fill(0);
    let memory = image.memory(1);
    let program = Program::load(&memory, &regions(), &Hints::default()).unwrap();
    let raw = program.unwind(&memory, &start(), None);
    assert!(matches!(raw.end, StackEnd::Broken(_)), "{raw:?}");
    assert!(memory.u8(Addr(TABLE)).is_ok());
}
