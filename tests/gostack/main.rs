//! Stacks of a live Go program, read without stopping it, against the runtime's own
//! traceback of it. `GOSTRACE_GO_MATRIX=full` takes every minor release (or those in
//! `GOSTRACE_GO_VERSIONS`) in every build mode; `GOSTRACE_VERBOSE` prints the stacks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arm64;
#[path = "../support/mod.rs"]
mod support;
mod traceback;
#[cfg(target_arch = "x86_64")]
mod vfork;

use gostrace::arch::host::{ABI, ARCH};
use gostrace::event::{Frame, RawCall, Stack, StackEnd};
use gostrace::golang::class::classify;
use gostrace::golang::goroutine::Runtime;
use gostrace::golang::roots::ProcId;
use gostrace::golang::{GoThread, Hints, Program, RawStack, Region, UnwindStart};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::IoSliceMut;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};
use support::run::Fixture;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, wait_for};
use traceback::{Printed, ours, traceback};

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
    fn start(binary: &Path, args: &[&str], stderr: impl Into<Stdio>) -> Target {
        let mut command = Command::new(binary);
        command.args(args).env("GOTRACEBACK", "crash");
        command.stderr(stderr);
        let fixture = Fixture::start_command(&mut command);
        let pid = fixture.pid;
        let memory = Live(Pid::from_raw(pid));
        let program = Program::load(&memory, &regions(pid), &Hints::default()).unwrap();
        let tids: Vec<_> = proc::tasks(pid).iter().map(|t| ProcId(*t as u64)).collect();
        let runtime = Runtime::of(&memory, &program, &tids, None).unwrap();
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
            arch: ARCH,
        };
        let call = RawCall {
            abi: ABI,
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

/// Compares one thread with what the traceback shows of it; false where it shows nothing.
fn compare(seen: &Seen, blocks: &[Vec<Printed>]) -> bool {
    let ours = ours(&seen.raw, &seen.stack);
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
            let same = mine.len() == theirs.len() && mine.iter().zip(theirs).all(|(m, t)| m.is(t));
            assert!(same, "ours {mine:#?}\nthe runtime's {theirs:#?}");
        }
        compared = true;
    }
    compared
}

/// Checks every thread of one build that stays where it is; returns the classes compared.
fn check(binary: &Path, args: &[&str], until: Option<&str>) -> BTreeMap<&'static str, usize> {
    let dir = support::scratch(&format!("gostack-{}-{}", args.len(), std::process::id()));
    let stderr = dir.join("stderr");
    let mut target = Target::start(binary, args, fs::File::create(&stderr).unwrap());
    let of_class = |thread: &Seen| until == Some(thread.class());
    let seen = wait_for("the class of a thread", SOON, || {
        let seen = target.threads();
        (until.is_none() || seen.values().any(of_class)).then_some(seen)
    });
    let mut again = target.threads();
    // Whoever sleeps in slices of 100 us is seldom found asleep, least where we have its only CPU.
    for (tid, thread) in seen.iter().filter(|(_, thread)| of_class(thread)) {
        let mut looks = (0..10_000).filter_map(|_| target.thread(*tid));
        again.extend(looks.find(|t| t.raw == thread.raw).map(|t| (*tid, t)));
    }
    let blocks = traceback(&target.fixture, &stderr);

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
    assert!((0..20).any(shown), "{go:?}");
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
    if !support::full_matrix() {
        return vec![stripped_pie, cgo];
    }
    let releases = support::releases().into_iter();
    releases.flat_map(Go::all_builds).collect()
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
        // It may be between two slices, and in the runtime's view elsewhere, when it is asked.
        let binary = go.build("parked");
        let shown = |_| check(&binary, &["gc"], Some("stw-wait")).contains_key("stw-wait");
        assert!((0..20).any(shown), "{go:?}");
    }
}

/// The SIGQUIT handler prints to a pipe that nobody reads: the thread blocks in the handler.
#[test]
fn a_stack_goes_on_from_a_signal_handler_to_what_it_interrupted() {
    for go in builds() {
        let (read, write) = nix::unistd::pipe().unwrap();
        nix::fcntl::fcntl(&write, nix::fcntl::FcntlArg::F_SETPIPE_SZ(4096)).unwrap();
        let mut target = Target::start(&go.build("parked"), &[], write);
        let before = target.threads();
        target
            .fixture
            .signal(nix::sys::signal::Signal::SIGQUIT as i32);
        let (tid, handler) = wait_for("a thread to block in its handler", SOON, || {
            let blocked = |t: &Seen| &*t.stack.frames[0].func == "runtime.write1";
            target.threads().into_iter().find(|(_, t)| blocked(t))
        });
        let chain = handler.chain();
        let frames = &handler.stack.frames;
        let tramp = frames
            .iter()
            .position(|f| &*f.func == "runtime.sigtramp")
            .unwrap_or_else(|| panic!("{chain}"));
        assert_eq!(handler.stack.end, StackEnd::Root, "{chain}");
        // A thread that was in a call stays in it until the handler returns.
        if let Some(before) = before.get(&tid) {
            let names = |f: &[Frame]| f.iter().map(|f| f.func.to_string()).collect::<Vec<_>>();
            assert_eq!(names(&frames[tramp + 1..]), names(&before.stack.frames));
        }
        drop(read);
    }
}
