//! arm64 stacks, from a copy of the memory of a program under qemu-user. By hand:
//! GOSTRACE_QEMU=/path/to/qemu-aarch64-static cargo test --test gostack arm64 -- --ignored

use crate::support::{self, NEWEST_GO, OLDEST_GO, run::Fixture};
use crate::traceback::{Printed, ours, traceback};
use crate::{Live, regions};
use gostrace::arch::Arch;
use gostrace::event::StackEnd;
use gostrace::golang::goroutine::Runtime;
use gostrace::golang::roots::ProcId;
use gostrace::golang::{Hints, Program, Region, UnwindStart};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, Segments};
use nix::unistd::Pid;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Where qemu puts guest address 0.
const GUEST: u64 = 0x2000_0000_0000;
const GUEST_END: u64 = 0x7000_0000_0000;

/// A copy of the guest's memory, and its mappings.
fn copy(pid: i32) -> (Segments, Vec<Region>) {
    let live = Live(Pid::from_raw(pid));
    let mut memory = Segments::new();
    let mut guest = Vec::new();
    for r in regions(pid) {
        if !(GUEST..GUEST_END).contains(&r.start.0) || !r.read {
            continue;
        }
        // What the guest may execute, qemu maps without: it translates.
        let r = Region {
            start: r.start.sub(GUEST),
            end: r.end.sub(GUEST),
            ..r
        };
        let len = (r.end.0 - r.start.0) as usize;
        if len > 256 << 20 {
            continue;
        }
        if let Ok(bytes) = live.bytes(r.start.add(GUEST), len) {
            memory.map(r.start, bytes);
            guest.push(r);
        }
    }
    guest.sort_by_key(|r| r.start);
    (memory, guest)
}

fn build(version: &str, out: &Path) {
    let status = Command::new(support::root().join(".ci/go"))
        .args([version, "build", "-o"])
        .arg(out)
        .arg("./parked")
        .current_dir(support::root().join("testdata/go"))
        .env("GOARCH", "arm64")
        .env("CGO_ENABLED", "0")
        .status()
        .unwrap();
    assert!(status.success());
}

/// How one goroutine of the traceback compares: equal, guessed in part, or it has moved on.
fn compare(program: &Program, memory: &Segments, block: &[Printed]) -> Option<&'static str> {
    let (sp, pc) = block.first()?.at?;
    let at = UnwindStart {
        pc: Addr(pc),
        sp: Addr(sp),
        fp: None,
        lr: None,
        arch: Arch::Aarch64,
    };
    let raw = program.unwind(memory, &at, None);
    let stack = program.symbolize(memory, &raw);
    let mine = ours(&raw, &stack);
    if env::var_os("GOSTRACE_VERBOSE").is_some() {
        let chain: Vec<_> = mine.iter().map(|f| &*f.func).collect();
        println!("  {} {:?}", chain.join("<"), stack.end);
    }
    if mine.get(1..) == block.get(1..) {
        return Some("equal");
    }
    if let StackEnd::Broken(_) = stack.end {
        return Some("broken");
    }
    let functions = |b: &[Printed]| b.iter().map(|f| f.func.clone()).collect::<Vec<_>>();
    if functions(&mine) == functions(block) {
        return Some("other lines");
    }
    println!("ours {mine:#?}\nthe runtime's {block:#?}");
    Some("different")
}

/// The thread that stops the world goes on from its system stack to the goroutine that
/// called runtime.GC.
fn system_stack(
    program: &Program,
    memory: &Segments,
    tids: &[i32],
    blocks: &[Vec<Printed>],
) -> bool {
    let tids: Vec<_> = tids.iter().map(|t| ProcId(*t as u64)).collect();
    // One of its threads is qemu's own.
    let of = |skip| {
        let some: Vec<_> = tids.iter().copied().filter(|t| *t != skip).collect();
        Runtime::of(memory, program, &some, None).ok()
    };
    let mut runtime = tids.iter().find_map(|t| of(*t)).unwrap();
    let threads = runtime.threads(memory).unwrap();
    let waits = |b: &&Vec<Printed>| {
        b.iter().any(|f| f.func == "runtime.stopTheWorldWithSema") && b[0].at.is_some()
    };
    let block = blocks.iter().find(waits).unwrap();
    let (sp, pc) = block[0].at.unwrap();
    let thread = threads.iter().find(|t| t.g0.contains(Addr(sp))).unwrap();
    let at = UnwindStart {
        pc: Addr(pc),
        sp: Addr(sp),
        fp: None,
        lr: None,
        arch: Arch::Aarch64,
    };
    let raw = program.unwind(memory, &at, Some(&thread.into()));
    let stack = program.symbolize(memory, &raw);
    let chain: Vec<_> = stack.frames.iter().map(|f| &*f.func).collect();
    println!("{} {:?}", chain.join("<"), stack.end);
    // It wakes every 100 us: the copy can be of another moment than the traceback.
    if stack.end != StackEnd::Root {
        return false;
    }
    let expected = ["runtime.GC", "main.collect", "runtime.goexit"];
    assert_eq!(chain[chain.len() - 3..], expected);
    true
}

#[test]
#[ignore = "needs qemu-user, named by GOSTRACE_QEMU"]
fn arm64_stacks_equal_the_runtimes_own_traceback() {
    let qemu = env::var_os("GOSTRACE_QEMU").expect("GOSTRACE_QEMU");
    let dir = support::scratch("gostack-arm64");
    for version in [OLDEST_GO, NEWEST_GO] {
        let binary = dir.join("parked");
        build(version, &binary);
        let run = |_| check(version, Path::new(&qemu), &binary, &dir.join("stderr"));
        assert!((0..10).any(run), "{version}");
    }
    fs::remove_dir_all(&dir).unwrap();
}

/// Checks all stacks of one run; whether that of the system stack was among them.
fn check(version: &str, qemu: &Path, binary: &Path, stderr: &Path) -> bool {
    let mut command = Command::new(qemu);
    command
        .args(["-B", &format!("{GUEST:#x}")])
        .arg(binary)
        .arg("gc")
        .env("GOTRACEBACK", "crash")
        .stderr(fs::File::create(stderr).unwrap());
    let fixture = Fixture::start_command(&mut command);
    let tids = support::proc::tasks(fixture.pid);
    // Nothing tells from outside when the collection has begun to wait.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let (memory, regions) = copy(fixture.pid);
    let program = Program::load(&memory, &regions, &Hints::default()).unwrap();
    assert_eq!(program.arch, Arch::Aarch64);
    let blocks = traceback(&fixture, stderr);
    let results: Vec<_> = blocks
        .iter()
        .map(|block| compare(&program, &memory, block))
        .collect();
    let count = |what| results.iter().filter(|r| **r == Some(what)).count();
    println!(
        "{version}: {} of {} equal, {} with other lines, {} broken, {} different",
        count("equal"),
        blocks.len(),
        count("other lines"),
        count("broken"),
        count("different")
    );
    assert!(count("equal") >= 10);
    assert_eq!(count("different"), 0);
    system_stack(&program, &memory, &tids, &blocks)
}
