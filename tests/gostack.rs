//! Stacks of a live Go program, read without stopping it, against the runtime's own
//! traceback of it. Needs a Go toolchain: $GOSTRACE_GO, or those in ~/.cache/gostrace/go.
//! $GOSTRACE_GO_BINARIES (paths, space-separated) tests ready-made builds of the fixture instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use gostrace::arch::{Abi, Arch};
use gostrace::event::{FrameKind, RawCall, Stack, StackEnd};
use gostrace::golang::class::classify;
use gostrace::golang::{Hints, Program, RawStack, Region, UnwindStart};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, IoSliceMut, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

struct Live(Pid);

impl Memory for Live {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let len = buf.len();
        let remote = RemoteIoVec {
            base: addr.0 as usize,
            len,
        };
        match process_vm_readv(self.0, &mut [IoSliceMut::new(buf)], &[remote]) {
            Ok(n) if n > 0 || len == 0 => Ok(n),
            _ => Err(MemoryError {
                addr,
                len,
                kind: MemoryErrorKind::Unmapped,
            }),
        }
    }
}

/// The mappings, those of the executable first.
fn regions(pid: i32) -> Vec<Region> {
    let exe = fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut out: Vec<(bool, Region)> = maps
        .lines()
        .map(|line| {
            let (start, rest) = line.split_once('-').unwrap();
            let (end, rest) = rest.split_once(' ').unwrap();
            let hex = |s| Addr(u64::from_str_radix(s, 16).unwrap());
            let has = |c| rest[..4].contains(c);
            let region = Region {
                start: hex(start),
                end: hex(end),
                read: has('r'),
                write: has('w'),
                exec: has('x'),
            };
            (!line.ends_with(exe.to_str().unwrap()), region)
        })
        .collect();
    out.sort_by_key(|(other, _)| *other);
    out.into_iter().map(|(_, r)| r).collect()
}

struct Seen {
    call: RawCall,
    raw: RawStack,
    stack: Stack,
}

/// Every thread that is blocked in a call.
fn threads(pid: i32, program: &Program, memory: &Live) -> BTreeMap<i32, Seen> {
    let mut seen = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let tid: i32 = entry
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let text = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap();
        let number = |s: &str| match s.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).unwrap(),
            None => s.parse().unwrap(),
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [nr, a, b, c, d, e, f, sp, pc] = fields[..] else {
            continue;
        };
        let at = UnwindStart {
            pc: Addr(number(pc)),
            sp: Addr(number(sp)),
            fp: None,
            lr: None,
            arch: Arch::X86_64,
        };
        let call = RawCall {
            abi: Abi::X86_64,
            nr: number(nr),
            args: [a, b, c, d, e, f].map(number),
        };
        let raw = program.unwind(memory, &at, None);
        let stack = program.symbolize(memory, &raw);
        seen.insert(tid, Seen { call, raw, stack });
    }
    seen
}

/// A line pair of a runtime traceback.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Printed {
    func: String,
    place: String,
    /// SP and PC; inlined frames have none.
    at: Option<(u64, u64)>,
}

/// The goroutines of a traceback made with GOTRACEBACK=crash.
fn parse(dump: &str) -> Vec<Vec<Printed>> {
    let mut blocks = Vec::new();
    let mut lines = dump.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("goroutine ") && line.ends_with(':') {
            blocks.push(Vec::new());
            continue;
        }
        let (Some(block), Some(place)) = (
            blocks.last_mut(),
            lines.peek().and_then(|l| l.strip_prefix('\t')),
        ) else {
            continue;
        };
        if line.starts_with("created by ") {
            continue;
        }
        let func = &line[..line.rfind('(').unwrap_or(line.len())];
        let field = |key: &str| {
            let value = place.split_whitespace().find_map(|f| f.strip_prefix(key))?;
            u64::from_str_radix(value.strip_prefix("0x")?, 16).ok()
        };
        block.push(Printed {
            func: func.replace("panic", "runtime.gopanic"),
            place: place.split_whitespace().next().unwrap().to_owned(),
            at: field("sp=").zip(field("pc=")),
        });
    }
    blocks
}

fn ours(seen: &Seen) -> Vec<Printed> {
    let mut physical = seen.raw.frames.iter();
    let frames = seen.stack.frames.iter().map(|f| Printed {
        func: f.func.to_string(),
        place: format!("{}:{}", f.file, f.line),
        at: match f.kind {
            FrameKind::Inlined => None,
            _ => physical.next().map(|r| (r.sp.0, r.pc.0)),
        },
    });
    frames.collect()
}

/// Compares one thread with the traceback; false where the traceback does not show it.
fn compare(seen: &Seen, blocks: &[Vec<Printed>]) -> bool {
    let ours = ours(seen);
    let ats: BTreeSet<_> = ours.iter().filter_map(|f| f.at).collect();
    let shares = |b: &&Vec<Printed>| b.iter().any(|f| f.at.is_some_and(|at| ats.contains(&at)));
    let Some(block) = blocks.iter().find(shares) else {
        return false;
    };
    // The runtime starts a goroutine in a system call where it called entersyscall: another
    // PC of the same frame. A thread's own PC it does not take for a return address. So of
    // the first frame, only function and SP are to agree.
    let first = block.first().unwrap();
    let sp = first.at.map(|at| at.0);
    let start = ours
        .iter()
        .position(|f| f.func == first.func && f.at.map(|at| at.0) == sp);
    // The signal woke it first; threads in the program's own calls stay, and are counted.
    let Some(start) = start else { return false };
    let elided = block.len() >= 100;
    if !elided {
        assert_eq!(
            &ours[start + 1..],
            &block[1..],
            "\nleft: ours, right: the runtime's"
        );
    }
    true
}

fn start(binary: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(binary)
        .env("GOTRACEBACK", "crash")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("ready "), "{line:?}");
    (child, out)
}

/// Checks one build; returns the classes seen.
fn check(binary: &Path) {
    let (mut child, _out) = start(binary);
    let pid = child.id() as i32;
    let memory = Live(Pid::from_raw(pid));
    let program = Program::load(&memory, &regions(pid), &Hints::default()).unwrap();
    let seen = threads(pid, &program, &memory);
    let again = threads(pid, &program, &memory);
    nix::sys::signal::kill(Pid::from_raw(pid), nix::sys::signal::SIGQUIT).unwrap();
    let mut dump = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut dump)
        .unwrap();
    child.wait().unwrap();

    let blocks = parse(&dump);
    let (mut compared, mut users) = (0, 0);
    let mut classes = BTreeSet::new();
    for (tid, thread) in &seen {
        let class = classify(&thread.stack.frames, &thread.call);
        classes.insert(class.id);
        if env::var_os("GOSTRACE_TEST_VERBOSE").is_some() {
            let chain: Vec<_> = thread.stack.frames.iter().map(|f| &*f.func).collect();
            println!(
                "{tid} {} {} {:?}",
                class.id,
                chain.join("<"),
                thread.stack.end
            );
        }
        // Whoever moved between the two looks may move before the signal, too.
        if again.get(tid).is_none_or(|t| t.raw != thread.raw) {
            continue;
        }
        assert_eq!(
            thread.stack.end,
            StackEnd::Root,
            "{tid}: {:#?}",
            thread.stack
        );
        let shown = compare(thread, &blocks);
        compared += usize::from(shown);
        users += usize::from(shown && class.id.starts_with("user"));
    }
    println!(
        "{}: {} threads, {compared} compared, {classes:?}",
        binary.display(),
        seen.len()
    );
    assert!(users >= 8, "only {users} of {} threads: {dump}", seen.len());
    for want in [
        "user",
        "user-raw",
        "process-wait",
        "signal-recv",
        "idle-m",
        "locked-m",
    ] {
        assert!(classes.contains(want), "no {want} in {classes:?}");
    }
}

fn toolchains() -> Vec<PathBuf> {
    if let Some(go) = env::var_os("GOSTRACE_GO") {
        return vec![go.into()];
    }
    let cache = PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/gostrace/go");
    let versions = fs::read_dir(cache).into_iter().flatten().flatten();
    let mut found: Vec<_> = versions.map(|v| v.path().join("bin/go")).collect();
    found.push("/usr/bin/go".into());
    found.retain(|go| go.exists());
    found.sort();
    found
}

fn build(go: &Path, args: &[&str], out: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/go/parked");
    let status = Command::new(go)
        .current_dir(fixture)
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .args(["build", "-buildvcs=false", "-o"])
        .arg(out)
        .args(args)
        .arg(".")
        .status()
        .unwrap();
    assert!(status.success(), "{}", go.display());
}

#[cfg(target_arch = "x86_64")]
#[test]
fn stacks_of_blocked_threads_equal_the_runtimes_own_traceback() {
    if let Some(binaries) = env::var_os("GOSTRACE_GO_BINARIES") {
        for binary in binaries.to_str().unwrap().split_whitespace() {
            check(Path::new(binary));
        }
        return;
    }
    let found = toolchains();
    let Some(last) = found.last() else {
        println!("no Go toolchain: skipped");
        return;
    };
    let dir = env::temp_dir().join(format!("gostrace-gostack-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let stripped_pie = ["-ldflags=-s", "-buildmode=pie"];
    for (go, args) in [(&found[0], &stripped_pie[..]), (last, &[])] {
        let out = dir.join("parked");
        build(go, args, &out);
        check(&out);
    }
    fs::remove_dir_all(&dir).unwrap();
}
