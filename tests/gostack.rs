//! Stacks of a live Go program, read without stopping it, against the runtime's own
//! traceback of it. `GOSTRACE_GO_MATRIX=full` takes every toolchain there is, in every build
//! mode; `GOSTRACE_VERBOSE` prints the stacks.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use gostrace::arch::{Abi, Arch};
use gostrace::event::{FrameKind, RawCall, Stack, StackEnd};
use gostrace::golang::class::classify;
use gostrace::golang::goroutine::Runtime;
use gostrace::golang::layout::Release;
use gostrace::golang::roots::{AddrRange, ProcId, RuntimeImage};
use gostrace::golang::{GoThread, Hints, Program, RawStack, Region, UnwindStart};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::IoSliceMut;
use std::path::Path;
use std::process::Command;
use std::{env, fs};
use support::run::Fixture;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, wait_for};

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

/// A fixture that runs, and what is read of it.
struct Target {
    fixture: Fixture,
    memory: Live,
    program: Program,
    runtime: Runtime,
}

impl Target {
    fn start(binary: &Path, args: &[&str], stderr: &Path) -> Target {
        let mut command = Command::new(binary);
        command.args(args).env("GOTRACEBACK", "crash");
        command.stderr(fs::File::create(stderr).unwrap());
        let fixture = Fixture::start_command(&mut command);
        let pid = fixture.pid;
        let memory = Live(Pid::from_raw(pid));
        let program = Program::load(&memory, &regions(pid), &Hints::default()).unwrap();
        let version = program.version().unwrap();
        let patch = match version.stage {
            gostrace::golang::version::Stage::Release(patch) => patch,
            _ => 0,
        };
        let ranges = program.variables().into_iter();
        let image = RuntimeImage {
            release: Release {
                minor: version.minor,
                patch,
            },
            arch: program.arch,
            ranges: ranges
                .map(|r| AddrRange {
                    start: r.start,
                    end: r.end,
                })
                .collect(),
            entry_of: &|name| program.function_entry(&memory, name).unwrap(),
            dwarf: None,
        };
        let tids: Vec<_> = proc::tasks(pid).iter().map(|t| ProcId(*t as u64)).collect();
        let runtime = Runtime::find(&memory, &image, &tids).unwrap();
        Target {
            fixture,
            memory,
            program,
            runtime,
        }
    }

    /// Every thread that is blocked in a call.
    fn threads(&mut self) -> BTreeMap<i32, Seen> {
        let mut seen = BTreeMap::new();
        for tid in proc::tasks(self.fixture.pid) {
            if let Some(thread) = self.thread(tid) {
                seen.insert(tid, thread);
            }
        }
        seen
    }

    fn thread(&mut self, tid: i32) -> Option<Seen> {
        let text = fs::read_to_string(format!("/proc/{tid}/syscall")).unwrap();
        let number = |s: &str| match s.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).unwrap(),
            None => s.parse().unwrap(),
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [nr, a, b, c, d, e, f, sp, pc] = fields[..] else {
            return None;
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
        let procid = ProcId(tid as u64);
        let go = self.runtime.thread(&self.memory, procid).unwrap();
        let go = go.as_ref().map(GoThread::from);
        let raw = self.program.unwind(&self.memory, &at, go.as_ref());
        let stack = self.program.symbolize(&self.memory, &raw);
        Some(Seen { call, raw, stack })
    }
}

impl Seen {
    fn class(&self) -> &'static str {
        classify(&self.stack.frames, &self.call).id
    }

    fn chain(&self) -> String {
        let names: Vec<_> = self.stack.frames.iter().map(|f| &*f.func).collect();
        names.join("<")
    }
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
            func: match func {
                "panic" => "runtime.gopanic".to_owned(),
                func => func.to_owned(),
            },
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

/// Compares one thread with what the traceback shows of it; false where it shows nothing.
fn compare(seen: &Seen, blocks: &[Vec<Printed>]) -> bool {
    let ours = ours(seen);
    let mut compared = false;
    for block in blocks {
        // The runtime starts a goroutine in a system call where it called entersyscall, or at
        // systemstack_switch: the first frame that both have may be the second.
        let shared = block.iter().enumerate().find_map(|(i, f)| {
            f.at?;
            Some((i, ours.iter().position(|o| o.at == f.at)?))
        });
        let Some((theirs, mine)) = shared else {
            continue;
        };
        // A thread's own PC the runtime does not take for a return address.
        let skip = usize::from(mine == 0);
        let (theirs, mine) = (&block[theirs + skip..], &ours[mine + skip..]);
        // The system stack is a block of its own there.
        let system = theirs
            .last()
            .is_some_and(|f| f.func == "runtime.systemstack");
        let mine = match system {
            true => &mine[..theirs.len().min(mine.len())],
            false => mine,
        };
        let elided = block.len() >= 100;
        if !elided {
            assert_eq!(mine, theirs, "\nleft: ours, right: the runtime's");
        }
        compared = true;
    }
    compared
}

/// Kills the target with SIGQUIT, and returns its traceback.
fn traceback(target: Target, stderr: &Path) -> Vec<Vec<Printed>> {
    target
        .fixture
        .signal(nix::sys::signal::Signal::SIGQUIT as i32);
    let _ = target.fixture.finish();
    parse(&fs::read_to_string(stderr).unwrap())
}

/// Checks every thread of one build that stays where it is; returns the classes compared.
fn check(binary: &Path, args: &[&str], until: Option<&str>) -> BTreeMap<&'static str, usize> {
    let dir = support::scratch(&format!("gostack-{}", args.len()));
    let stderr = dir.join("stderr");
    let mut target = Target::start(binary, args, &stderr);
    let seen = wait_for("the class of a thread", SOON, || {
        let seen = target.threads();
        let done = until.is_none_or(|class| seen.values().any(|t| t.class() == class));
        done.then_some(seen)
    });
    let again = target.threads();
    let blocks = traceback(target, &stderr);

    let mut compared = BTreeMap::new();
    for (tid, thread) in &seen {
        let class = thread.class();
        if env::var_os("GOSTRACE_VERBOSE").is_some() {
            println!("{tid} {class} {} {:?}", thread.chain(), thread.stack.end);
        }
        // Whoever moved between the two looks may move before the signal, too.
        if again.get(tid).is_none_or(|t| t.raw != thread.raw) {
            continue;
        }
        let end = &thread.stack.end;
        assert_eq!(*end, StackEnd::Root, "{tid}: {:#?}", thread.stack);
        if compare(thread, &blocks) {
            *compared.entry(class).or_insert(0) += 1;
        }
    }
    println!(
        "{}: {} threads, compared {compared:?}",
        binary.display(),
        seen.len()
    );
    fs::remove_dir_all(&dir).unwrap();
    compared
}

fn check_waits(go: Go) {
    let binary = go.build("parked");
    let mut least = vec![
        ("user", 7),
        ("user-raw", 1),
        ("process-wait", 1),
        ("signal-recv", 1),
        ("locked-m", 1),
    ];
    if go.cgo {
        least.extend([("cgo", 1), ("cgo-callback", 1)]);
    }
    // The runtime keeps sending signals to the one in a raw call, which holds a processor: it
    // may be in their handler when it is looked at.
    let shown = |_| {
        let compared = check(&binary, &[], None);
        least
            .iter()
            .all(|(class, least)| compared.get(class).is_some_and(|n| n >= least))
    };
    assert!((0..5).any(shown), "{go:?}");
}

fn builds() -> Vec<Go> {
    let stripped_pie = Go {
        strip: true,
        pie: true,
        ..Go::of(OLDEST_GO)
    };
    let cgo = Go {
        cgo: true,
        ..Go::of(NEWEST_GO)
    };
    if env::var("GOSTRACE_GO_MATRIX").as_deref() != Ok("full") {
        return vec![stripped_pie, cgo];
    }
    let versions = [
        "1.21.13", "1.22.10", "1.23.9", "1.24.11", "1.25.5", "1.26.6", "1.27.3",
    ];
    let modes = (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0));
    let all = versions.iter().flat_map(|version| {
        modes.clone().map(|(strip, pie, cgo)| Go {
            version,
            strip,
            pie,
            cgo,
        })
    });
    all.collect()
}

#[test]
fn stacks_of_blocked_threads_equal_the_runtimes_own_traceback() {
    for go in builds() {
        check_waits(go);
    }
}

#[test]
fn a_stack_goes_on_from_the_system_stack_to_the_goroutines() {
    for go in builds() {
        // It waits in slices of 100 us, and may be between two of them at one of the looks.
        let binary = go.build("parked");
        let shown = |_| check(&binary, &["gc"], Some("stw-wait")).contains_key("stw-wait");
        assert!((0..5).any(shown), "{go:?}");
    }
}
