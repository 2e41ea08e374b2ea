//! What lies in the memory of a Go process: its tables, its runtime's structures, its stacks.

#[path = "../../support/made_up.rs"]
#[allow(dead_code)]
mod made_up;

use super::Input;
use gostrace::arch::Arch;
use gostrace::golang::goroutine::{G, Runtime, StackBounds};
use gostrace::golang::netpoll::PollDesc;
use gostrace::golang::sudog;
use gostrace::golang::unwind::MAX_FRAMES;
use gostrace::golang::unwind_leaf::{call_sites, call_target};
use gostrace::golang::{GoThread, Hints, Program, Region, UnwindStart, UserStack};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, Segments};
use made_up::{CODE, Pages, RELEASE, THREADS, VARS, data, g_addr, image, m_addr, places};
use std::cell::RefCell;

const TABLE: u64 = 0x10_0000;
const DATA: u64 = 0x20_0000;
const STACK: u64 = 0x30_0000;
const TEXT: u64 = 0x40_0000;
const PART: usize = 0x400;

/// A process of a kilobyte of pclntab, one of data with moduledata in it, and a stack, all behind a
/// byte that chooses the machine and what else is known of the thread.
pub fn program(bytes: &[u8]) {
    let input = Input::new(bytes);
    let kind = input.byte();
    let mut memory = Segments::new();
    let (table, data) = (input.take(PART), input.take(PART));
    let stack = input.rest();
    let mut regions = Vec::new();
    for (at, part, write) in [(TABLE, table, false), (DATA, data, true)] {
        memory.map(Addr(at), part.to_vec());
        regions.push(Region {
            start: Addr(at),
            end: Addr(at + part.len() as u64),
            read: true,
            write,
            exec: false,
        });
    }
    memory.map(Addr(STACK), stack.to_vec());
    memory.map(Addr(TEXT), stack.to_vec());
    let hints = match kind & 4 {
        0 => Hints::default(),
        _ => Hints {
            pclntab: Some(Addr(TABLE)),
            moduledata: Some(Addr(DATA + 256)),
            buildinfo: Some(Addr(DATA)),
        },
    };
    let Ok(program) = Program::load(&memory, &regions, &hints) else {
        return;
    };
    let _ = program.find_plugins(&memory);
    let names = ["main.mid", "main.none", "runtime.goexit"];
    let _ = program.function_entries(&memory, &names);
    let bounds = |lo| StackBounds {
        lo: Addr(lo),
        hi: Addr(lo + 0x100),
    };
    let thread = GoThread {
        g0: bounds(STACK - 8),
        curg: Some(UserStack {
            bounds: bounds(STACK + 0x80),
            sched_sp: Addr(STACK + 0xa0),
            sched_pc: Addr(TEXT + 0x120),
            ..UserStack::default()
        }),
        ..GoThread::default()
    };
    let arch = [Arch::X86_64, Arch::Aarch64][usize::from(kind & 1)];
    for pc in [0x10, 0x90, 0x120, 0x220, 0x2ff].map(|offset| Addr(TEXT + offset)) {
        let start = UnwindStart {
            pc,
            sp: Addr(STACK),
            fp: Some(Addr(STACK + 0x18)),
            lr: (kind & 8 != 0).then_some(Addr(TEXT + 0x130)),
            arch,
        };
        let raw = program.unwind(&memory, &start, (kind & 2 != 0).then_some(&thread));
        assert!(raw.frames.len() <= MAX_FRAMES);
        let _ = program.symbolize(&memory, &raw);
        let _ = program.func_name_at(&memory, pc);
        let callee = call_target(&memory, pc, arch).unwrap_or(pc);
        if let Ok(Some(caller)) = program.pc_info(&memory, pc) {
            let _ = call_sites(&memory, &caller, callee, arch);
        }
    }
    let parked = thread.curg.unwrap_or_default();
    let raw = program.unwind_parked(&memory, &parked);
    assert!(raw.frames.len() <= MAX_FRAMES);
}

thread_local! {
    /// The sound process, and its words.
    static SOUND: RefCell<(Pages, Vec<u64>)> = RefCell::new((made_up::made_up(), places()));
}

/// A process whose runtime is sound but for some words: each two bytes for which, a byte for what to
/// put there, and eight for that.
pub fn runtime(bytes: &[u8]) {
    const MOST_READS: u64 = 1_000_000;
    const MOST_GS: usize = 100_000;
    // Put right again afterwards: to copy it takes longer than all else.
    SOUND.with_borrow_mut(|(mem, places)| {
        let input = Input::new(bytes);
        let mut sound = Vec::new();
        while !input.is_empty() {
            let place = places[input.word(2) as usize % places.len()];
            let (kind, noise) = (input.byte(), input.word(8));
            let value = match kind % 6 {
                0 => places[noise as usize % places.len()],
                1 => m_addr(VARS, noise % 3),
                2 => noise,
                3 => g_addr(noise % 20),
                4 => u64::MAX - noise % 64,
                _ => 1 << 40,
            };
            sound.push((place, mem.u64(Addr(place)).unwrap_or(0)));
            mem.word(place, value);
        }
        mem.reads.set(0);
        look(mem, MOST_GS);
        assert!(mem.reads.get() < MOST_READS, "{} reads", mem.reads.get());
        for (place, word) in sound.into_iter().rev() {
            mem.word(place, word);
        }
    });
}

fn look(mem: &Pages, most: usize) {
    let entry = |_: &str| Some((Addr(CODE), 21));
    let image = image(&entry, Arch::X86_64, data());
    let Ok(mut runtime) = Runtime::find(mem, &image, &THREADS) else {
        return;
    };
    let _ = runtime.threads(mem);
    for tid in THREADS {
        let _ = runtime.thread(mem, tid);
    }
    let Ok(all) = runtime.goroutines(mem, most) else {
        return;
    };
    assert!(all.list.len() <= most);
    let _ = runtime.still_same(mem, &all.list);
    for g in &all.list {
        let _ = runtime.state(g);
    }
    let some: Vec<&G> = all.list.iter().take(64).collect();
    let layout = &runtime.layout.sudog;
    let channels = sudog::channels(mem, layout, &some);
    let _ = sudog::channel_states(mem, &channels.concat());
    let words: Vec<_> = some.iter().map(|g| (g.addr, g.stack.lo)).collect();
    let _ = sudog::semaphores(mem, layout, &words);
    for g in some {
        let _ = PollDesc::find(mem, RELEASE, 3, g.addr.0);
    }
}
