//! Finds the runtime of made-up processes: of a hostile one, and of arm64 programs that cannot
//! run here (their code is real where a Go toolchain can cross-compile it).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/made_up.rs"]
mod made_up;
mod support;

use gostrace::arch::Arch;
use gostrace::golang::goroutine::{HeldP, PNow, Runtime, RuntimeError, StackOf};
use gostrace::golang::layout::{Release, RuntimeLayout};
use gostrace::golang::roots::{AddrRange, FoundBy, ProcId};
use gostrace::ids::Addr;
use made_up::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

fn find(mem: &Pages) -> Result<Runtime, RuntimeError> {
    let entry = |_: &str| Some((Addr(CODE), 21));
    Runtime::find(mem, &image(&entry, Arch::X86_64, data()), &THREADS)
}

#[test]
fn a_made_up_process_is_understood() {
    let mem = made_up();
    let mut runtime = find(&mem).unwrap();
    assert_eq!(runtime.allm, (Addr(VARS.allm), FoundBy::Code));
    let thread = runtime.thread(&mem, ProcId(101)).unwrap().unwrap();
    assert_eq!((thread.id, thread.p), (1, HeldP::Left(7, PNow::Idle)));
    assert_eq!(thread.curg.unwrap().goid.0, 2);
    assert_eq!(thread.goroutine_at(Addr(0x8000_2400)), StackOf::Curg);
    assert_eq!(thread.goroutine_at(Addr(0x7001_4000)), StackOf::G0);
    assert_eq!(thread.goroutine_at(Addr(0x7000_4000)), StackOf::Elsewhere);
    assert_eq!(runtime.thread(&mem, ProcId(105)), Ok(None));
    let all = runtime.goroutines(&mem, 30).unwrap();
    assert_eq!((all.list.len(), all.beyond_limit), (30, 10));
}

#[test]
fn a_goroutine_that_the_list_repeats_is_one() {
    let mut mem = made_up();
    for i in [3, 4, 39] {
        mem.word(HEAP + 0x40000 + i * 8, g_addr(2));
    }
    let all = find(&mem).unwrap().goroutines(&mem, 100).unwrap();
    let ids: Vec<u64> = all.list.iter().map(|g| g.goid.0).collect();
    let left = (1..=40).filter(|id| ![4, 5, 40].contains(id));
    assert_eq!(ids, left.collect::<Vec<u64>>());
}

#[test]
fn a_thread_costs_few_reads_once_known() {
    let mem = made_up();
    let mut runtime = find(&mem).unwrap();
    runtime.thread(&mem, ProcId(101)).unwrap();
    let before = mem.reads.get();
    runtime.thread(&mem, ProcId(101)).unwrap();
    assert_eq!(mem.reads.get() - before, 3, "m, curg and the P it had");
    runtime.thread(&mem, ProcId(105)).unwrap();
    let before = mem.reads.get();
    runtime.thread(&mem, ProcId(105)).unwrap();
    assert_eq!(mem.reads.get() - before, 1, "allm has not changed");
}

/// What M 1 has for a P, and the reads that it takes to know, when its P, `m.p` and the P's fields
/// are these. M 1 entered its call when the P's count stood at 9.
fn p_of(m_p: bool, status: u32, tick: u32, owner: Option<u64>) -> (HeldP, u64) {
    let layout = RuntimeLayout::candidates(RELEASE).unwrap()[0];
    let mut mem = made_up();
    let (m, p) = (m_addr(VARS, 1), HEAP + 0x70000);
    mem.word(m + u64::from(layout.m.p), if m_p { p } else { 0 });
    mem.write(m + u64::from(layout.m.syscalltick), &9u32.to_le_bytes());
    mem.write(p + u64::from(layout.p.status), &status.to_le_bytes());
    mem.write(p + u64::from(layout.p.syscalltick), &tick.to_le_bytes());
    let owner = owner.map_or(0, |id| m_addr(VARS, id));
    mem.word(p + u64::from(layout.p.m), owner);
    let mut runtime = find(&mem).unwrap();
    runtime.thread(&mem, ProcId(101)).unwrap();
    let before = mem.reads.get();
    let thread = runtime.thread(&mem, ProcId(101)).unwrap().unwrap();
    (thread.p, mem.reads.get() - before)
}

#[test]
fn the_p_of_a_call_is_kept_until_its_count_says_that_it_was_taken() {
    const IDLE: u32 = 0;
    const RUNNING: u32 = 1;
    const SYSCALL: u32 = 2;
    const GC_STOP: u32 = 3;
    // From 1.26 the M has it until it is taken.
    assert_eq!(p_of(true, RUNNING, 9, Some(1)), (HeldP::Kept(7), 2));
    // Up to 1.25 it lets go of it.
    assert_eq!(p_of(false, SYSCALL, 9, None), (HeldP::Kept(7), 3));
    // Taken, and now in another thread's call.
    let left = |now| HeldP::Left(7, now);
    assert_eq!(p_of(false, SYSCALL, 11, None), (left(PNow::InCall), 3));
    assert_eq!(p_of(false, RUNNING, 10, Some(2)), (left(PNow::OfM(2)), 4));
    assert_eq!(p_of(false, RUNNING, 10, None), (left(PNow::Unknown), 3));
    assert_eq!(p_of(false, IDLE, 10, None), (left(PNow::Idle), 3));
    assert_eq!(p_of(false, GC_STOP, 10, None), (left(PNow::Stopped), 3));
}

#[test]
fn a_p_that_cannot_be_read_loses_nothing_else() {
    let layout = RuntimeLayout::candidates(RELEASE).unwrap()[0];
    let mut mem = made_up();
    mem.word(m_addr(VARS, 1) + u64::from(layout.m.oldp), 0xdead_0000);
    let mut runtime = find(&mem).unwrap();
    let thread = runtime.thread(&mem, ProcId(101)).unwrap().unwrap();
    assert!(matches!(thread.p, HeldP::Unknown(_)), "{thread:?}");
    assert_eq!(thread.curg.unwrap().goid.0, 2);
}

#[test]
fn a_thread_locked_to_a_goroutine_that_waits_elsewhere_says_which() {
    let layout = RuntimeLayout::candidates(RELEASE).unwrap()[0];
    let mut mem = made_up();
    let lockedg = m_addr(VARS, 2) + u64::from(layout.m.lockedg);
    mem.word(lockedg, g_addr(5));
    let mut runtime = find(&mem).unwrap();
    runtime.thread(&mem, ProcId(102)).unwrap();
    let before = mem.reads.get();
    let thread = runtime.thread(&mem, ProcId(102)).unwrap().unwrap();
    assert_eq!(mem.reads.get() - before, 2, "m and the goroutine");
    assert_eq!(thread.kept_for.map(|g| g.goid.0), Some(5));
    assert_eq!((thread.curg, thread.p), (None, HeldP::None));
}

#[test]
fn an_m_that_changed_its_thread_is_found_under_the_new_one_only() {
    let mut mem = made_up();
    let mut runtime = find(&mem).unwrap();
    let procid = RuntimeLayout::candidates(RELEASE).unwrap()[0].m.procid;
    assert!(runtime.thread(&mem, ProcId(102)).unwrap().is_some());
    // Its M ends and a new one is put in front, in another place.
    mem.word(m_addr(VARS, 2) + u64::from(procid), 0);
    assert_eq!(runtime.thread(&mem, ProcId(102)), Ok(None));
    mem.word(m_addr(VARS, 2) + u64::from(procid), 200);
    assert!(runtime.thread(&mem, ProcId(200)).unwrap().is_some());
}

#[test]
fn a_wrong_layout_is_refused_with_a_reason() {
    let mem = made_up();
    let entry = |_: &str| None;
    let mut image = image(&entry, Arch::X86_64, data());
    assert!(Runtime::find(&mem, &image, &THREADS).is_ok(), "by scan");
    image.release.minor = 21;
    let error = Runtime::find(&mem, &image, &THREADS).unwrap_err();
    assert!(
        error.to_string().starts_with("go1.21.3: no list of M's"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Words overwritten by pointers to anything, cycles among them, huge lengths and noise.
    #[test]
    fn a_hostile_process_ends_in_bounded_work(
        changes in proptest::collection::vec((0usize..2000, 0usize..6, any::<u64>()), 1..40),
    ) {
        let mut mem = made_up();
        let places = places();
        for (place, kind, noise) in changes {
            let value = match kind {
                0 => places[(noise as usize) % places.len()],
                1 => m_addr(VARS, noise % 3),
                2 => noise,
                3 => noise >> 40,
                4 => u64::MAX - noise % 64,
                _ => 0,
            };
            mem.word(places[place % places.len()], value);
        }
        if let Ok(mut runtime) = find(&mem) {
            let _ = runtime.threads(&mem);
            for tid in THREADS {
                if let Ok(Some(thread)) = runtime.thread(&mem, tid) {
                    prop_assert_eq!(thread.procid, tid);
                }
            }
            if let Ok(all) = runtime.goroutines(&mem, 100_000) {
                prop_assert!(all.list.len() <= 100_000);
                let _ = runtime.still_same(&mem, &all.list);
            }
        }
        prop_assert!(mem.reads.get() < 1_000_000, "{} reads", mem.reads.get());
    }
}

/// The code of an arm64 program, and a made-up process in its variables.
fn arm64(go: &Path, release: Release, pie: bool) {
    let mode = if pie { "pie" } else { "exe" };
    let name = format!("arm64-1.{}.{}-{mode}", release.minor, release.patch);
    let exe = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
    let built = Command::new(go)
        .args(["build", "-buildvcs=false", "-buildmode", mode, "-o"])
        .args([&exe, Path::new(".")])
        .current_dir(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/testdata/go/goroutines"
        ))
        .envs([
            ("GOARCH", "arm64"),
            ("CGO_ENABLED", "0"),
            ("GOTOOLCHAIN", "local"),
        ])
        .status()
        .unwrap();
    assert!(built.success(), "{name}");
    let bytes = std::fs::read(&exe).unwrap();
    let elf = goblin::elf::Elf::parse(&bytes).unwrap();
    let mut mem = Pages::default();
    for segment in elf.program_headers.iter().filter(|p| p.p_type == 1) {
        // What the file does not hold is zero (bss); pages are.
        mem.write(segment.p_vaddr, &bytes[segment.file_range()]);
        let mut at = segment.p_vaddr + segment.p_filesz;
        while at < segment.p_vaddr + segment.p_memsz {
            mem.write(at, &[0]);
            at += PAGE;
        }
    }
    let symbols: HashMap<&str, (u64, u64)> = elf
        .syms
        .iter()
        .filter_map(|s| Some((elf.strtab.get_at(s.st_name)?, (s.st_value, s.st_size))))
        .collect();
    let at = |name: &str| symbols[name].0;
    let vars = Vars {
        allm: at("runtime.allm"),
        allgptr: at("runtime.allgptr"),
        allglen: at("runtime.allglen"),
        m0: at("runtime.m0"),
    };
    process(&mut mem, vars, 40, release);
    let ranges = ["data", "bss", "noptrdata", "noptrbss"]
        .iter()
        .map(|n| AddrRange {
            start: Addr(at(&format!("runtime.{n}"))),
            end: Addr(at(&format!("runtime.e{n}"))),
        })
        .collect();
    let entry = |name: &str| symbols.get(name).map(|&(at, len)| (Addr(at), len));
    let mut image = image(&entry, Arch::Aarch64, ranges);
    image.release = release;
    let runtime = Runtime::find(&mem, &image, &THREADS).expect(&name);
    assert_eq!(runtime.allm, (Addr(vars.allm), FoundBy::Code), "{name}");
    let (allgs, how) = runtime.allgs.expect(&name);
    assert_eq!(how, FoundBy::Code, "{name}");
    let found = (allgs.ptr_at, allgs.len_at);
    assert_eq!(found, (Addr(vars.allgptr), Addr(vars.allglen)), "{name}");
    assert!(runtime.wait_reasons.from_target, "{name}");
    println!("{name}");
}

#[test]
fn arm64_programs_name_the_roots_in_their_code() {
    for go in &support::toolchains() {
        for pie in [false, true] {
            arm64(go, support::release_of(go), pie);
        }
    }
}

#[test]
fn m0_alone_is_no_list_of_ms_while_there_are_more_threads() {
    let mut mem = made_up();
    mem.word(VARS.allm, VARS.m0);
    assert!(find(&mem).is_err());
    // A program that is starting has no more; its code says where allm is, a scan cannot.
    let leader = [ProcId(100)];
    let entry = |_: &str| Some((Addr(CODE), 21));
    let found = Runtime::find(&mem, &image(&entry, Arch::X86_64, data()), &leader);
    assert_eq!(found.unwrap().allm, (Addr(VARS.allm), FoundBy::Code));
    let nothing = |_: &str| None;
    assert!(Runtime::find(&mem, &image(&nothing, Arch::X86_64, data()), &leader).is_err());
}
