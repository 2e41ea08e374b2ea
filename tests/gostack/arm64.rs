//! arm64 stacks, from a copy of the memory of a program under qemu-user. By hand:
//! GOSTRACE_QEMU=/path/to/qemu-aarch64-static cargo test --test gostack arm64 -- --nocapture

use crate::support::{self, NEWEST_GO, OLDEST_GO, run::Fixture};
use crate::traceback::{Printed, ours, traceback};
use crate::{Live, regions};
use gostrace::arch::Arch;
use gostrace::event::StackEnd;
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

#[test]
fn arm64_stacks_equal_the_runtimes_own_traceback() {
    let Some(qemu) = env::var_os("GOSTRACE_QEMU") else {
        return;
    };
    let dir = support::scratch("gostack-arm64");
    for version in [OLDEST_GO, NEWEST_GO] {
        let (binary, stderr) = (dir.join("parked"), dir.join("stderr"));
        build(version, &binary);
        let mut command = Command::new(&qemu);
        command.args(["-B", &format!("{GUEST:#x}")]).arg(&binary);
        command.env("GOTRACEBACK", "crash");
        command.stderr(fs::File::create(&stderr).unwrap());
        let fixture = Fixture::start_command(&mut command);
        let (memory, regions) = copy(fixture.pid);
        let program = Program::load(&memory, &regions, &Hints::default()).unwrap();
        assert_eq!(program.arch, Arch::Aarch64);
        let blocks = traceback(&fixture, &stderr);
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
    }
    fs::remove_dir_all(&dir).unwrap();
}
