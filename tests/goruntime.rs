//! Reads goroutines of live Go programs and compares them with what the programs say of
//! themselves, and with what the runtime prints on SIGQUIT.
//!
//! The oldest and the newest Go, stripped and PIE; `GOSTRACE_GO_MATRIX=full` takes all of them in
//! every build mode.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use gostrace::arch::Arch;
use gostrace::golang::dwarf::{self, Stored};
use gostrace::golang::goroutine::{HeldP, Runtime, StackOf};
use gostrace::golang::layout::Release;
use gostrace::golang::roots::{AddrRange, DwarfRuntime, FoundBy, ProcId, RuntimeImage};
use gostrace::golang::{Hints, Program, Region};
use gostrace::ids::Addr;
use gostrace::memory::{Memory, MemoryError, MemoryErrorKind};
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, IoSliceMut, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A live process, read while it runs.
struct Live(nix::unistd::Pid);

impl Memory for Live {
    fn read_some(&self, addr: Addr, buf: &mut [u8]) -> Result<usize, MemoryError> {
        let len = buf.len();
        let remote = nix::sys::uio::RemoteIoVec {
            base: addr.0 as usize,
            len,
        };
        let local = &mut [IoSliceMut::new(buf)];
        nix::sys::uio::process_vm_readv(self.0, local, &[remote]).map_err(|_| MemoryError {
            addr,
            len,
            kind: MemoryErrorKind::Unmapped,
        })
    }
}

/// How a fixture is built.
#[derive(Clone, Copy, Debug)]
struct Mode {
    name: &'static str,
    cgo: bool,
    args: &'static [&'static str],
}

const MODES: &[Mode] = &[
    Mode {
        name: "static",
        cgo: false,
        args: &[],
    },
    Mode {
        name: "stripped",
        cgo: false,
        args: &["-ldflags=-s -w"],
    },
    Mode {
        name: "pie",
        cgo: false,
        args: &["-buildmode=pie", "-ldflags=-s -w"],
    },
    Mode {
        name: "cgo",
        cgo: true,
        args: &["-ldflags=-s -w"],
    },
    Mode {
        name: "cgopie",
        cgo: true,
        args: &["-buildmode=pie", "-ldflags=-s -w"],
    },
];

struct Toolchain {
    go: PathBuf,
    release: Release,
}

fn toolchains() -> Vec<Toolchain> {
    support::toolchains()
        .into_iter()
        .map(|go| {
            let release = support::release_of(&go);
            Toolchain { go, release }
        })
        .collect()
}

fn build(t: &Toolchain, mode: Mode, keep_symbols: bool) -> PathBuf {
    let Release { minor, patch } = t.release;
    let kind = if keep_symbols { "symbols" } else { mode.name };
    let name = format!("goroutines-1.{minor}.{patch}-{}-{kind}", mode.name);
    let exe = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut args = mode.args.to_vec();
    if keep_symbols {
        args.retain(|a| !a.starts_with("-ldflags"));
    }
    let done = Command::new(&t.go)
        // Build info then records no flags and no commit, so that the program with symbols has
        // all else at the same place.
        .args(["build", "-trimpath", "-buildvcs=false"])
        .args(args)
        .arg("-o")
        .args([&exe, Path::new(".")])
        .current_dir(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/testdata/go/goroutines"
        ))
        .env("CGO_ENABLED", if mode.cgo { "1" } else { "0" })
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "")
        .status()
        .unwrap();
    assert!(done.success(), "go build failed for {exe:?}");
    exe
}

/// The symbols of a program with its load address added.
struct Symbols {
    by_name: HashMap<String, (u64, u64)>,
    bias: u64,
    exe: PathBuf,
    /// Whether stripping moved the variables: DWARF then has other addresses than the process.
    moved: bool,
}

impl Symbols {
    /// Taken from the same program with its symbols kept. Stripping moves nothing within a
    /// section, but it can move sections (1.19, PIE).
    fn of(exe: &Path, pid: u32, running: &Path) -> Symbols {
        let bytes = std::fs::read(exe).unwrap();
        let elf = goblin::elf::Elf::parse(&bytes).unwrap();
        let stripped = std::fs::read(running).unwrap();
        let stripped = goblin::elf::Elf::parse(&stripped).unwrap();
        let sections: HashMap<&str, u64> = stripped
            .section_headers
            .iter()
            .filter_map(|s| Some((stripped.shdr_strtab.get_at(s.sh_name)?, s.sh_addr)))
            .collect();
        let by_name = elf
            .syms
            .iter()
            .filter_map(|s| {
                let name = elf.strtab.get_at(s.st_name)?;
                let section = elf.section_headers.get(s.st_shndx)?;
                let moved = sections.get(elf.shdr_strtab.get_at(section.sh_name)?)?;
                let at = (s.st_value + moved).checked_sub(section.sh_addr)?;
                let wanted = name.starts_with("runtime.");
                wanted.then(|| (name.to_owned(), (at, s.st_size)))
            })
            .collect();
        let moved = elf.section_headers.iter().any(|s| {
            let name = elf.shdr_strtab.get_at(s.sh_name);
            name == Some(".bss") && sections[".bss"] != s.sh_addr
        });
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let running = running.to_str().unwrap();
        let start = maps.lines().find(|l| l.ends_with(running)).unwrap();
        let start = u64::from_str_radix(start.split('-').next().unwrap(), 16).unwrap();
        let loads = stripped.program_headers.iter();
        let first = loads.filter(|p| p.p_type == goblin::elf::program_header::PT_LOAD);
        let linked = first.map(|p| p.p_vaddr).min().unwrap();
        Symbols {
            by_name,
            bias: start - linked,
            exe: exe.to_owned(),
            moved,
        }
    }

    fn addr(&self, name: &str) -> Option<Addr> {
        self.by_name.get(name).map(|s| Addr(s.0 + self.bias))
    }

    fn ranges(&self) -> Vec<AddrRange> {
        ["data", "bss", "noptrdata", "noptrbss"]
            .iter()
            .map(|name| AddrRange {
                start: self.addr(&format!("runtime.{name}")).unwrap(),
                end: self.addr(&format!("runtime.e{name}")).unwrap(),
            })
            .collect()
    }
}

/// The mappings, those of the executable first.
fn regions(pid: u32) -> Vec<Region> {
    let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let (own, other): (Vec<&str>, Vec<&str>) = maps
        .lines()
        .partition(|line| line.ends_with(exe.to_str().unwrap()));
    let region = |line: &str| {
        let (range, rest) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let hex = |s| Addr(u64::from_str_radix(s, 16).unwrap());
        Region {
            start: hex(start),
            end: hex(end),
            read: rest[..4].contains('r'),
            write: rest[..4].contains('w'),
            exec: rest[..4].contains('x'),
        }
    };
    own.into_iter().chain(other).map(region).collect()
}

/// A running fixture and what it said of itself.
struct Fixture {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<std::process::ChildStdout>,
    /// Name -> goroutine id, thread id or 0.
    said: HashMap<String, (u64, u64)>,
}

impl Fixture {
    fn start(exe: &Path) -> Fixture {
        let mut child = Command::new(exe)
            .env("GOTRACEBACK", "system")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = HashMap::new();
        loop {
            let mut line = String::new();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the fixture ended");
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["g", name, goid, tid] => {
                    let numbers = (goid.parse().unwrap(), tid.parse().unwrap());
                    said.insert(name.to_owned(), numbers);
                }
                _ => break assert_eq!(words[0], "ready"),
            }
        }
        Fixture {
            child,
            stdin,
            stdout,
            said,
        }
    }

    fn ask(&mut self, request: &str) {
        writeln!(self.stdin, "{request}").unwrap();
        self.hear("grown");
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        while !line.starts_with(word) {
            line.clear();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0);
        }
    }

    fn threads(&self) -> Vec<ProcId> {
        let dir = format!("/proc/{}/task", self.child.id());
        let names = std::fs::read_dir(dir).unwrap().flatten();
        names
            .map(|t| ProcId(t.file_name().to_str().unwrap().parse().unwrap()))
            .collect()
    }

    /// Ends it; the goroutines that the runtime prints: id -> state, address of its g (from 1.23).
    fn quit(mut self) -> HashMap<u64, (String, Option<Addr>)> {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT).unwrap();
        let mut text = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut text).unwrap();
        self.child.wait().unwrap();
        text.lines()
            .filter_map(|line| {
                let rest = line.strip_prefix("goroutine ")?;
                let (head, state) = rest.split_once(" [")?;
                let goid = head.split(' ').next()?.parse().ok()?;
                let state = state.split([']', ',']).next()?;
                let state = state.trim_end_matches(" (scan)").to_owned();
                let g = head.split(' ').find_map(|w| w.strip_prefix("gp=0x"));
                let g = g.and_then(|hex| u64::from_str_radix(hex, 16).ok());
                Some((goid, (state, g.map(Addr))))
            })
            .collect()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The SP of a thread that is blocked in a system call (proc(5), /proc/PID/syscall).
fn blocked_sp(pid: u32, tid: ProcId) -> Option<Addr> {
    let path = format!("/proc/{pid}/task/{}/syscall", tid.0);
    let text = std::fs::read_to_string(path).ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let sp = words.get(7)?.strip_prefix("0x")?;
    u64::from_str_radix(sp, 16).ok().map(Addr)
}

fn check(t: &Toolchain, mode: Mode) {
    let what = format!("go1.{}.{} {}", t.release.minor, t.release.patch, mode.name);
    let exe = build(t, mode, false);
    let with_symbols = build(t, mode, true);
    let mut fixture = Fixture::start(&exe);
    let pid = fixture.child.id();
    let mem = Live(nix::unistd::Pid::from_raw(pid as i32));
    let symbols = Symbols::of(&with_symbols, pid, &exe);
    let by_code = |name: &str| {
        let &(start, len) = symbols.by_name.get(name)?;
        Some((Addr(start + symbols.bias), len))
    };
    let mut image = RuntimeImage {
        release: t.release,
        arch: Arch::X86_64,
        ranges: symbols.ranges(),
        entry_of: &by_code,
        function_at: None,
        dwarf: None,
    };
    let threads = fixture.threads();
    let began = std::time::Instant::now();
    let mut runtime = Runtime::find(&mem, &image, &threads).expect(&what);
    let found_in = began.elapsed();

    // The program's own tables lead to the same.
    let program = Program::load(&mem, &regions(pid), &Hints::default()).expect(&what);
    let whole = Runtime::of(&mem, &program, &threads, None).expect(&what);
    assert_eq!(
        (whole.allm, whole.allgs),
        (runtime.allm, runtime.allgs),
        "{what}"
    );

    // The roots are what the symbols say, by either way.
    let allm = symbols.addr("runtime.allm").unwrap();
    assert_eq!(runtime.allm, (allm, FoundBy::Code), "{what}");
    let (allgs, how) = runtime.allgs.expect(&what);
    assert_eq!(how, FoundBy::Code, "{what}");
    assert_eq!(
        Some(allgs.ptr_at),
        symbols.addr("runtime.allgptr"),
        "{what}"
    );
    assert_eq!(
        Some(allgs.len_at),
        symbols.addr("runtime.allglen"),
        "{what}"
    );
    image.entry_of = &|_| None;
    let began = std::time::Instant::now();
    let scanned = Runtime::find(&mem, &image, &threads).expect(&what);
    let scanned_in = began.elapsed();
    assert_eq!(scanned.allm, (allm, FoundBy::Scan), "{what}");
    let (allgs, how) = scanned.allgs.expect(&what);
    assert_eq!(how, FoundBy::Scan, "{what}");
    assert_eq!(Some(allgs.ptr_at), symbols.addr("runtime.allgs"), "{what}");
    assert_eq!(runtime.layout, scanned.layout);
    assert!(runtime.wait_reasons.from_target, "{what}");
    // A patch release whose row is another one's is told by what its memory holds.
    for patch in [0, 99] {
        image.release.patch = patch;
        let other = Runtime::find(&mem, &image, &threads).expect(&what);
        assert_eq!(other.layout, runtime.layout, "{what} as .{patch}");
    }

    check_dwarf(&what, &mem, &runtime, &image, &symbols, &threads);
    check_threads(&what, &mem, &mut runtime, &fixture, mode);
    fixture.ask("threads 3");
    let known = |runtime: &mut Runtime, tid| runtime.thread(&mem, tid).unwrap().is_some();
    let count = threads.len();
    let now = fixture.threads();
    assert!(now.len() > count, "{what}: {count} then {}", now.len());
    // A thread that was cloned but has not begun to run Go has no procid for a moment.
    let allowed = usize::from(mode.cgo);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    loop {
        let now = fixture.threads();
        let strangers = now.iter().filter(|&&t| !known(&mut runtime, t)).count();
        if strangers == allowed {
            break;
        }
        let late = std::time::Instant::now() > deadline;
        assert!(!late, "{what}: {strangers} threads without an M");
        std::thread::yield_now();
    }

    check_churn(&what, &mem, &mut runtime, &mut fixture);

    let before = runtime.goroutines(&mem, usize::MAX).unwrap();
    fixture.ask("grow 3000");
    std::thread::sleep(std::time::Duration::from_millis(100));
    let began = std::time::Instant::now();
    let after = runtime.goroutines(&mem, usize::MAX).unwrap();
    let listed_in = began.elapsed();
    // Those that churned may still be ending.
    let old: HashSet<_> = before.list.iter().map(|g| g.goid).collect();
    let new = after.list.iter().filter(|g| !old.contains(&g.goid)).count();
    assert!(new >= 3000, "{what}: {new} new ones");
    assert_eq!(after.unreadable + before.unreadable, 0, "{what}");
    let same = runtime.still_same(&mem, &after.list);
    let moved = same.iter().filter(|&&s| !s).count();
    assert!(moved <= 2, "{what}: {moved} of {} moved", same.len());

    println!(
        "{what}: found {found_in:?}, by scan {scanned_in:?}; {} goroutines {listed_in:?}",
        after.list.len()
    );
    check_states(&what, &runtime, &mem, fixture);
}

/// What the program with symbols says in its DWARF is what the table says, and leads to the same
/// roots where the version is unknown.
fn check_dwarf(
    what: &str,
    mem: &Live,
    runtime: &Runtime,
    image: &RuntimeImage<'_>,
    symbols: &Symbols,
    threads: &[ProcId],
) {
    let read = || read_dwarf(&symbols.exe, symbols.bias);
    let began = std::time::Instant::now();
    let dwarf = read();
    println!("{what}: DWARF in {:?}", began.elapsed());
    let table = runtime.layout;
    assert_eq!(
        (dwarf.layout.g, dwarf.layout.m),
        (table.g, table.m),
        "{what}"
    );
    assert_eq!((dwarf.layout.p, dwarf.layout.sched), (table.p, table.sched));
    assert_eq!(dwarf.layout.sudog, table.sudog);
    let lazily = || Some(read());
    let unknown = RuntimeImage {
        release: Release {
            minor: 99,
            patch: 0,
        },
        arch: image.arch,
        ranges: image.ranges.clone(),
        entry_of: &|_| None,
        function_at: None,
        dwarf: Some(&lazily),
    };
    let found = Runtime::find(mem, &unknown, threads).expect(what);
    if symbols.moved {
        // What DWARF says does not prove true, and is not taken.
        assert_eq!(found.allm, (runtime.allm.0, FoundBy::Scan), "{what}");
    } else {
        assert_eq!(found.allm, (runtime.allm.0, FoundBy::Dwarf), "{what}");
        let (root, _) = runtime.allgs.unwrap();
        assert_eq!(found.allgs, Ok((root, FoundBy::Dwarf)), "{what}");
    }
    let nothing = RuntimeImage {
        function_at: None,
        dwarf: None,
        ..unknown
    };
    let error = Runtime::find(mem, &nothing, threads).unwrap_err();
    assert_eq!(error.to_string(), "go1.99: layout unknown; stacks only");
}

fn read_dwarf(exe: &Path, bias: u64) -> DwarfRuntime {
    let bytes = std::fs::read(exe).unwrap();
    let elf = goblin::elf::Elf::parse(&bytes).unwrap();
    let section = |name: &str| {
        let z = format!(".zdebug_{name}");
        let named = |s: &&goblin::elf::SectionHeader| {
            let n = elf.shdr_strtab.get_at(s.sh_name);
            n.is_some_and(|n| n == z || n == format!(".debug_{name}"))
        };
        let s = elf.section_headers.iter().find(named).unwrap();
        let compressed = u64::from(goblin::elf::section_header::SHF_COMPRESSED);
        let stored = match elf.shdr_strtab.get_at(s.sh_name) {
            Some(n) if n == z => Stored::Zdebug,
            _ if s.sh_flags & compressed != 0 => Stored::ElfCompressed,
            _ => Stored::Plain,
        };
        dwarf::inflate(&bytes[s.file_range().unwrap()], stored, 1 << 30).unwrap()
    };
    dwarf::read(&section("info"), &section("abbrev"), bias).unwrap()
}

/// Threads that come and go: one that stays in a call while it is looked at has its M, and its
/// SP lies in one of its stacks.
fn check_churn(what: &str, mem: &Live, runtime: &mut Runtime, fixture: &mut Fixture) {
    fixture.ask("churn 300");
    let pid = fixture.child.id();
    let (mut steady, mut sleepers, mut strangers) = (0, HashSet::new(), HashSet::new());
    let until = std::time::Instant::now() + std::time::Duration::from_millis(700);
    while std::time::Instant::now() < until {
        for tid in fixture.threads() {
            let before = standing(pid, tid);
            let Ok(thread) = runtime.thread(mem, tid) else {
                assert_ne!(standing(pid, tid), before, "{what}: {tid:?}");
                continue;
            };
            let after = standing(pid, tid);
            let Some((call, sp)) = before.clone().filter(|_| before == after) else {
                continue;
            };
            steady += 1;
            let Some(thread) = thread else {
                strangers.insert((tid, call));
                continue;
            };
            let stack = thread.goroutine_at(sp);
            assert_ne!(stack, StackOf::Elsewhere, "{what}: {call} {thread:x?}");
            if call.starts_with("35 ") && stack == StackOf::Curg {
                sleepers.insert(tid);
            }
        }
    }
    // A thread that ends gives its procid up (`unminit`) before it is done with the runtime's
    // locks; one that sleeps in the call we know it makes is in the midst of its life.
    let lost = strangers.iter().find(|(_, call)| call.starts_with("35 "));
    assert_eq!(lost, None, "{what}");
    assert!(
        sleepers.len() > 10,
        "{what}: {} of {steady}",
        sleepers.len()
    );
    fixture.hear("churned");
    println!(
        "{what}: {} of 300 passing threads, {steady} steady looks",
        sleepers.len()
    );
}

/// What a thread is blocked in, and how often it was switched (which tells that it did not move).
fn standing(pid: u32, tid: ProcId) -> Option<(String, Addr)> {
    let task = format!("/proc/{pid}/task/{}", tid.0);
    let status = std::fs::read_to_string(format!("{task}/status")).ok()?;
    let switches = status.lines().filter(|l| l.contains("ctxt_switches"));
    let switches: Vec<&str> = switches.collect();
    let call = std::fs::read_to_string(format!("{task}/syscall")).ok()?;
    let sp = blocked_sp(pid, tid)?;
    Some((format!("{} {}", call.trim(), switches.concat()), sp))
}

fn check_threads(what: &str, mem: &Live, runtime: &mut Runtime, fixture: &Fixture, mode: Mode) {
    let pid = fixture.child.id();
    for (name, &(goid, tid)) in fixture.said.iter().filter(|(_, s)| s.1 != 0) {
        let thread = runtime.thread(mem, ProcId(tid)).unwrap();
        let thread = thread.unwrap_or_else(|| panic!("{what}: {name} {tid} has no M"));
        assert_eq!(thread.procid, ProcId(tid));
        let locked = thread.locked_g.map(|g| runtime.goroutine(mem, g).unwrap());
        assert_eq!(locked.map(|g| g.goid.0), Some(goid), "{what}: {name}");
        let sp = blocked_sp(pid, ProcId(tid)).unwrap();
        if name == "lockedrecv" {
            // Its M waits for it to be ready: it has no goroutine meanwhile.
            assert_eq!(thread.curg, None, "{what}: {name}");
            assert_eq!(thread.goroutine_at(sp), StackOf::G0, "{what}: {name}");
            continue;
        }
        let g = thread
            .curg
            .unwrap_or_else(|| panic!("{what}: {name} has no curg"));
        assert_eq!(g.goid.0, goid, "{what}: {name}");
        assert_eq!(runtime.state(&g).name(), "syscall", "{what}: {name}");
        assert_eq!(g.m, Some(thread.m), "{what}: {name}");
        assert_eq!(g.locked_m, Some(thread.m), "{what}: {name}");
        let syscall = g.syscall.unwrap();
        assert!(g.stack.contains(syscall.sp), "{what}: {name}");
        assert!(matches!(thread.p, HeldP::Left(..)), "{what}: {name}");
        if t_has_parent(runtime) {
            let parent = if name == "callback" {
                0
            } else {
                fixture.said["main"].0
            };
            assert_eq!(g.parent.map(|p| p.0), Some(parent), "{what}: {name}");
        }
        assert_eq!(thread.in_cgo, name == "inc", "{what}: {name}");
        let expected = match name.as_str() {
            "inc" => StackOf::G0,
            _ => StackOf::Curg,
        };
        assert_eq!(
            thread.goroutine_at(sp),
            expected,
            "{what}: {name} {thread:x?} {sp}"
        );
        if let Some(extra) = thread.is_extra {
            assert_eq!(extra, name == "callback", "{what}: {name}");
        }
    }
    // The runtime may start a thread at any time: look again until nothing moves.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while !all_threads_agree(what, mem, runtime, fixture, mode) {
        let late = std::time::Instant::now() > until;
        assert!(!late, "{what}: threads and M's never agreed");
    }
}

/// Whether every thread has its M, save the one of C that never calls Go, and every M its thread.
fn all_threads_agree(
    what: &str,
    mem: &Live,
    runtime: &mut Runtime,
    fixture: &Fixture,
    mode: Mode,
) -> bool {
    let pid = fixture.child.id();
    let tids = fixture.threads();
    let mut strangers = 0;
    for &tid in &tids {
        let before = standing(pid, tid);
        let thread = runtime.thread(mem, tid).unwrap();
        let steady = before.filter(|b| standing(pid, tid).as_ref() == Some(b));
        match (thread, steady) {
            (Some(thread), Some((call, sp))) => {
                let stack = thread.goroutine_at(sp);
                assert_ne!(stack, StackOf::Elsewhere, "{what}: {call} {thread:x?}");
            }
            (Some(_), None) => {}
            (None, _) => strangers += 1,
        }
    }
    let all = runtime.threads(mem).unwrap();
    let same = all.iter().all(|thread| {
        let one = runtime.thread(mem, thread.procid).unwrap();
        one.map(|t| (t.m, t.id, t.g0)) == Some((thread.m, thread.id, thread.g0))
    });
    same && strangers == usize::from(mode.cgo) && all.len() + strangers == tids.len()
}

fn t_has_parent(runtime: &Runtime) -> bool {
    runtime.layout.g.parent_goid.is_some()
}

/// Ids, states and addresses against SIGQUIT's.
fn check_states(what: &str, runtime: &Runtime, mem: &Live, fixture: Fixture) {
    let list = runtime.goroutines(mem, usize::MAX).unwrap().list;
    let ours: HashMap<u64, (String, Addr)> = list
        .iter()
        .map(|g| (g.goid.0, (runtime.state(g).name().to_owned(), g.addr)))
        .collect();
    for (name, (goid, _)) in &fixture.said {
        assert!(
            ours.contains_key(goid),
            "{what}: {name} {goid} is not listed"
        );
    }
    let main = fixture.said["main"].0;
    let expect = [
        ("recv", "chan receive"),
        ("send", "chan send"),
        ("nilrecv", "chan receive (nil chan)"),
        ("select", "select"),
        ("noselect", "select (no cases)"),
        ("sleep", "sleep"),
        ("cond", "sync.Cond.Wait"),
        ("accept", "IO wait"),
        ("lockedrecv", "chan receive"),
    ];
    for (name, state) in expect {
        assert_eq!(ours[&fixture.said[name].0].0, state, "{what}: {name}");
    }
    let theirs = fixture.quit();
    assert!(theirs.len() > 15, "{what}: {theirs:?}");
    let mut compared = 0;
    for (goid, (state, addr)) in theirs.into_iter().filter(|(goid, _)| *goid != 0) {
        let (our_state, our_addr) = &ours[&goid];
        // Main waits in a read of standard input, by now either way.
        if goid != main {
            assert_eq!(*our_state, state, "{what}: goroutine {goid}");
        }
        if let Some(addr) = addr {
            assert_eq!(*our_addr, addr, "{what}: goroutine {goid}");
        }
        compared += 1;
    }
    println!("{what}: {compared} goroutines as SIGQUIT says");
}

#[test]
fn goroutines_of_live_programs_are_what_the_programs_say() {
    let full = support::full_matrix();
    for t in &toolchains() {
        for &mode in MODES {
            if full || matches!(mode.name, "stripped" | "pie") {
                check(t, mode);
            }
        }
    }
}
