//! Everything that reads what somebody else wrote, with what was written to do harm: the found cases,
//! every truncation and flipped bit of sound ones, and noise. Nothing panics, and memory and work
//! stay within bounds, counted by what is allocated.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/counting.rs"]
#[allow(unsafe_code)]
mod counting;
mod support;
#[path = "fuzz/targets/mod.rs"]
mod targets;

use counting::Counting;
use gostrace::golang::unwind::MAX_FRAMES;
use gostrace::golang::{Hints, Program, Region, UnwindStart};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, Segments};
use gostrace::symbols::{ElfFacts, Symbols};
use std::fs;
use std::path::Path;
use std::time::Instant;
use support::{Go, NEWEST_GO};
use targets::{MOST, MOST_WORK, TARGETS, Target};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Pseudo-random numbers (SplitMix64), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// A number that is as likely to be of interest as any.
    fn telling(&mut self) -> u64 {
        match self.below(8) {
            0 => u64::MAX,
            1 => 1 << self.below(64),
            2 => (1 << self.below(64)) - 1,
            3 => 1 << 40,
            4 => self.next() % 0x4000,
            5 => 0x20_0000 + self.next() % 0x400,
            6 => 0,
            _ => self.next(),
        }
    }

    /// Damages bytes in one to eight places.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.next() as u8),
                2 => {
                    let from = self.below(bytes.len());
                    let copied = bytes[from..].iter().take(64).copied().collect::<Vec<u8>>();
                    bytes.splice(at..at, copied);
                }
                3 => {
                    for byte in bytes.iter_mut().skip(at).take(1) {
                        *byte = self.next() as u8;
                    }
                }
                size => {
                    let word = self.telling().to_le_bytes();
                    let places = bytes.iter_mut().skip(at & !3);
                    for (place, byte) in places.zip(word.iter().take(size * 4 - 12)) {
                        *place = *byte;
                    }
                }
            }
        }
    }
}

/// The files below `testdata/fuzz/NAME`.
fn cases(name: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fuzz");
    let mut paths: Vec<_> = fs::read_dir(dir.join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(!paths.is_empty(), "nothing to begin from for {name}");
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs it within bounds; what was given is said where it fails.
fn bounded(name: &str, target: Target, bytes: &[u8]) {
    let told = Told(name, bytes);
    let used = counting::of(|| target(bytes));
    assert!(used.peak <= MOST, "{name} held {} bytes", used.peak);
    assert!(used.total <= MOST_WORK, "{name} took {} bytes", used.total);
    std::mem::forget(told);
}

/// Keeps what made a target panic, as the next case to be kept.
struct Told<'a>(&'a str, &'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}", self.0));
        let kept = fs::write(&path, self.1);
        eprintln!("{}: its input is {} ({kept:?})", self.0, path.display());
    }
}

/// A target by its name, and what it begins from.
fn begun(name: &str) -> (Target, Vec<Vec<u8>>) {
    let named = TARGETS.into_iter().find(|(n, _)| *n == name);
    (named.unwrap().1, cases(name))
}

/// Truncations and single bits flipped: about `most` of each, evenly; all where there are no more.
fn cut_and_flip(name: &str, target: Target, seed: &[u8], most: usize) {
    let step = |all: usize| all.div_ceil(most).max(1);
    for len in (0..seed.len()).step_by(step(seed.len())) {
        bounded(name, target, &seed[..len]);
    }
    let mut bytes = seed.to_vec();
    let bits = seed.len() * 8;
    for bit in (0..bits).step_by(step(bits)) {
        bytes[bit / 8] ^= 1 << (bit % 8);
        bounded(name, target, &bytes);
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

/// Every truncation, every flipped bit.
const ALL: usize = usize::MAX;

/// All that is tried with a target, for each case that is kept: so many truncations, flipped bits, and
/// damages of other kinds.
fn torment(name: &str, most: usize, damages: usize) {
    let (target, seeds) = begun(name);
    let mut random = Random(1);
    for seed in &seeds {
        bounded(name, target, seed);
        cut_and_flip(name, target, seed, most);
        for _ in 0..damages {
            let mut bytes = seed.clone();
            random.damage(&mut bytes);
            bounded(name, target, &bytes);
        }
    }
}

/// Of each case that is kept, whatever its length: `cargo test --test hostile -- --ignored`.
#[test]
#[ignore = "takes minutes; of most cases the other tests do as much"]
fn every_truncation_and_every_flipped_bit_costs_little_and_breaks_nothing() {
    for (name, target) in TARGETS {
        let (began, mut tried) = (Instant::now(), 0);
        for seed in cases(name) {
            cut_and_flip(name, target, &seed, ALL);
            tried += 9 * seed.len();
        }
        println!("{name}: {tried} in {:.1?}", began.elapsed());
    }
}

#[test]
fn hostile_executables_cost_little_and_break_nothing() {
    torment("elf", 670, 670);
}

#[test]
fn hostile_frame_descriptions_cost_little_and_break_nothing() {
    torment("cfi", ALL, 400);
}

#[test]
fn hostile_debug_information_costs_little_and_breaks_nothing() {
    torment("dwarf", ALL, 300);
}

#[test]
fn hostile_function_tables_and_stacks_cost_little_and_break_nothing() {
    torment("program", 1_100, 1_100);
}

#[test]
fn hostile_goroutines_cost_little_and_break_nothing() {
    torment("runtime", 110, 110);
}

#[test]
fn hostile_texts_of_proc_cost_little_and_break_nothing() {
    torment("proc", ALL, 130);
    torment("sockets", ALL, 330);
}

#[test]
fn hostile_expressions_cost_little_and_break_nothing() {
    torment("expressions", 20, 20);
    torment("options", 2, 2);
}

#[test]
fn hostile_recordings_cost_little_and_break_nothing() {
    torment("recording", 670, 670);
}

/// Every call of every machine, and then what is made of those that were kept.
#[test]
fn hostile_arguments_cost_little_and_break_nothing() {
    let (target, _) = begun("decode");
    let mut random = Random(2);
    for nr in 0..480u16 {
        for how in [0u8, 1, 12, 28] {
            let mut bytes = nr.to_le_bytes().to_vec();
            bytes.push(how);
            bytes.extend((0..13).map(|_| random.next() as u8));
            bytes.extend((0..32).flat_map(|_| random.telling().to_le_bytes()));
            bounded("decode", target, &bytes);
        }
    }
    torment("decode", ALL, 100);
}

/// A real program's memory, of which some bytes are others.
struct Patched<'a> {
    whole: &'a Segments,
    at: Addr,
    bytes: Vec<u8>,
}

impl Memory for Patched<'_> {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let len = self.whole.read_some(addr, buf)?;
        for (i, byte) in self.bytes.iter().enumerate() {
            let at = self.at.0.wrapping_add(i as u64).wrapping_sub(addr.0);
            if let Some(place) = buf[..len].get_mut(at as usize) {
                *place = *byte;
            }
        }
        Ok(len)
    }
}

struct Real {
    bytes: Vec<u8>,
    memory: Segments,
    regions: Vec<Region>,
    hints: Hints,
    start: UnwindStart,
}

impl Real {
    fn new() -> Real {
        let bytes = fs::read(Go::of(NEWEST_GO).build("naps")).unwrap();
        let mut file = Segments::new();
        file.map(Addr(0), bytes.clone());
        let facts = ElfFacts::read(&file).unwrap();
        let (mut memory, mut regions) = (Segments::new(), Vec::new());
        for segment in &facts.segments {
            let from = segment.offset as usize;
            let mut part = bytes[from..from + segment.file_size as usize].to_vec();
            part.resize(segment.size as usize, 0);
            memory.map(segment.addr, part);
            regions.push(Region {
                start: segment.addr,
                end: Addr(segment.addr.0 + segment.size),
                read: true,
                write: segment.flags & 2 != 0,
                exec: segment.flags & 1 != 0,
            });
        }
        let at = |name: &str| facts.section(name).map(|s| s.addr);
        Real {
            hints: Hints {
                pclntab: at(".gopclntab"),
                moduledata: at(".go.module"),
                buildinfo: at(".go.buildinfo"),
            },
            start: UnwindStart {
                pc: Addr(facts.entry.0 + 1),
                sp: facts.segments[0].addr,
                fp: None,
                lr: None,
                arch: gostrace::arch::Arch::X86_64,
            },
            bytes,
            memory,
            regions,
        }
    }

    /// Everything one can ask of it with some bytes replaced: whether it is still a program.
    fn ask(&self, at: Addr, bytes: Vec<u8>) -> bool {
        let memory = Patched {
            whole: &self.memory,
            at,
            bytes,
        };
        let mut loaded = false;
        let used = counting::of(|| {
            // Not by search: that reads all of it, which takes long and finds the same.
            let Ok(program) = Program::load(&memory, &[], &self.hints) else {
                return;
            };
            let raw = program.unwind(&memory, &self.start, None);
            assert!(raw.frames.len() <= MAX_FRAMES);
            let _ = program.symbolize(&memory, &raw);
            let _ = program.function_entries(&memory, &["runtime.mcall"]);
            loaded = true;
        });
        assert!(used.peak <= MOST, "{} bytes", used.peak);
        loaded
    }
}

#[test]
fn the_tables_of_a_real_program_are_believed_nowhere() {
    let real = Real::new();
    let regions = &real.regions[..];
    assert!(Program::load(&real.memory, regions, &real.hints).is_ok());
    assert!(real.ask(Addr(0), Vec::new()));
    let mut refused = 0;
    for at in [real.hints.pclntab, real.hints.moduledata] {
        let at = at.expect("a section");
        for word in 0..72 {
            for value in [u64::MAX, 1 << 40, 0, at.0] {
                let place = at.add(word * 8);
                refused += usize::from(!real.ask(place, value.to_le_bytes().to_vec()));
            }
        }
    }
    assert!(refused > 0, "no damage was noticed");
}

#[test]
fn the_headers_of_a_real_program_may_lie_and_end_anywhere() {
    let real = Real::new();
    let file = |len: usize| {
        let mut file = Segments::new();
        file.map(Addr(0), real.bytes[..len].to_vec());
        file
    };
    let whole = file(real.bytes.len());
    let sections = whole.u64(Addr(40)).unwrap();
    // The ELF header, the program headers, the section headers.
    let places = (0..0x200).chain(sections..sections + 32 * 64);
    for at in places.step_by(4) {
        for value in [u64::MAX, 1 << 40, at] {
            headers(&Patched {
                whole: &whole,
                at: Addr(at),
                bytes: value.to_le_bytes().to_vec(),
            });
        }
    }
    let sections = sections as usize;
    for len in (0..0x200).chain([sections, sections + 100, real.bytes.len() - 1]) {
        headers(&file(len));
    }
}

/// Everything that the headers of a file tell.
fn headers(file: &dyn Memory) {
    let used = counting::of(|| {
        let Ok(facts) = ElfFacts::read(file) else {
            return;
        };
        let _ = (facts.names_go(file), facts.may_hold_go(file));
        let _ = (facts.build_id(file), facts.debug_link(file));
        let _ = Symbols::new(&facts).lookup(file, 0, facts.entry);
    });
    assert!(used.peak <= MOST, "{} bytes", used.peak);
}
