//! Looks inside processes that seem to do nothing: where each goroutine or thread is, and whether
//! it has run. Nothing is stopped.

use super::tree::Member;
use crate::dump::gather::Source;
use crate::golang::goroutine::G;
use crate::golang::test_name::{RUNNERS, test_name};
use crate::golang::wait_reason::GStatus;
use crate::golang::{RawKind, UserStack};
use crate::hang::scene::Kind;
use crate::hang::subject::is_standard;
use crate::hang::watch::{Id, Inside, Mover};
use crate::ids::{Addr, Goid, Pid, Tid};
use crate::session::process::Process;
use crate::sys::procfs::{self, SyscallFile};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

/// Goroutines that are followed in one process.
const MAX_GOROUTINES: usize = 1 << 18;
/// Bytes of a stack that tell whether something has changed on it.
const MAX_STACK: u64 = 64 << 10;

/// What is remembered of the processes that were looked into.
#[derive(Debug, Default)]
pub struct Insides {
    known: HashMap<Id, Known>,
}

#[derive(Debug)]
struct Known {
    name: Arc<str>,
    process: Arc<Process>,
    kind: Kind,
    /// Where each was at the last look, and how often it had run by our count.
    goroutines: HashMap<Goid, (G, u64)>,
    /// Whether goroutines that began here belong to tests.
    begins: HashMap<Addr, bool>,
}

impl Insides {
    /// Looks into all of these, and forgets those that are not there any more.
    pub fn look(&mut self, members: &[Member]) -> Vec<Inside> {
        self.known
            .retain(|id, _| members.iter().any(|m| m.sight.id == *id));
        let alive = members.iter().filter(|m| !m.has_ended());
        alive.filter_map(|member| self.look_into(member)).collect()
    }

    fn look_into(&mut self, member: &Member) -> Option<Inside> {
        let known = self.known(member);
        let id = member.sight.id;
        let movers = match known.kind {
            Kind::Toolchain => Some(vec![toolchain(member)]),
            Kind::Go => known.goroutines(alive_thread(id.pid)?),
            Kind::Other => None,
        };
        let movers = movers.unwrap_or_else(|| threads(id.pid));
        Some(Inside { id, movers })
    }

    fn known(&mut self, member: &Member) -> &mut Known {
        let id = member.sight.id;
        if self
            .known
            .get(&id)
            .is_some_and(|k| k.name != member.sight.name)
        {
            self.known.remove(&id);
        }
        let parent = self.known.iter().find(|(id, _)| id.pid == member.parent);
        let parent = parent.map(|(_, known)| (known.kind, Arc::clone(&known.name)));
        let known = self.known.entry(id).or_insert_with(|| Known {
            name: Arc::clone(&member.sight.name),
            process: Arc::new(Process::new(id.pid)),
            kind: Kind::Other,
            goroutines: HashMap::new(),
            begins: HashMap::new(),
        });
        if known.kind == Kind::Other {
            known.kind = kind_of(id.pid, &known.process, parent);
        }
        known
    }

    /// The names of the tests that its goroutines run.
    pub fn test_names(&mut self, member: &Member) -> HashMap<Goid, String> {
        let known = self.known(member);
        if known.kind != Kind::Go {
            return HashMap::new();
        }
        let names = alive_thread(member.sight.id.pid).and_then(|alive| known.test_names(alive));
        names.unwrap_or_default()
    }

    /// What a process is.
    pub fn kind(&mut self, member: &Member) -> Kind {
        self.known(member).kind
    }
}

/// A thread of a process that has not ended: its leader may have.
fn alive_thread(pid: Pid) -> Option<Tid> {
    let mut tids = procfs::tasks(pid).ok()?;
    tids.sort_unstable();
    tids.into_iter()
        .find(|tid| !matches!(procfs::state(*tid), None | Some('Z' | 'X')))
}

fn kind_of(pid: Pid, process: &Process, parent: Option<(Kind, Arc<str>)>) -> Kind {
    let exe = procfs::exe_link(pid).unwrap_or_default();
    let exe = String::from_utf8_lossy(&exe).into_owned();
    let name = Path::new(&exe).file_name().map(|n| n.to_string_lossy());
    let name = name.as_deref().unwrap_or_default();
    // The go command, and what it builds with: GOROOT/pkg/tool/OS_ARCH/compile.
    let is_built_with = name == "go" || exe.contains("/pkg/tool/");
    let builds = match parent {
        // The linker runs others to link C, go itself those that compile it.
        Some((Kind::Toolchain, parent)) => &*parent != "go" || is_compiler(name),
        _ => false,
    };
    if is_built_with || builds {
        return Kind::Toolchain;
    }
    match alive_thread(pid).map(|tid| process.go(tid)) {
        Some(Ok(_)) => Kind::Go,
        _ => Kind::Other,
    }
}

/// Whether a program of this name is one that go runs to build: `x86_64-linux-gnu-gcc-12`.
fn is_compiler(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
    let last = plain.rsplit('-').next().unwrap_or_default();
    matches!(
        last,
        "gcc"
            | "g++"
            | "cc"
            | "c++"
            | "clang"
            | "clang++"
            | "cc1"
            | "as"
            | "ld"
            | "collect2"
            | "git"
            | "pkg-config"
    )
}

impl Known {
    /// The goroutines; `None` where they cannot be told.
    fn goroutines(&mut self, alive: Tid) -> Option<Vec<Mover>> {
        let image = self.process.go(alive).ok()?;
        let (before, begins) = (&mut self.goroutines, &mut self.begins);
        image.with_source(alive, |source| {
            let all = source.runtime.goroutines(source.mem, MAX_GOROUTINES).ok()?;
            let mut now = HashMap::new();
            let mut movers = Vec::with_capacity(all.list.len());
            for g in all.list {
                let is_subject = *begins
                    .entry(g.startpc)
                    .or_insert_with(|| is_subject(source, &g));
                let last = before.get(&g.goid);
                let same = last.is_some_and(|(last, _)| g.is_where(last));
                let runs = last.map_or(0, |(_, runs)| runs + u64::from(!same));
                let place = (last.is_some() && !same).then(|| place(source, &g, runs));
                let is_subject = is_subject || g.goid == Goid(1);
                movers.push(Mover {
                    id: g.goid.0,
                    is_subject,
                    is_at_work: is_subject && is_runnable(&g),
                    runs,
                    place,
                });
                now.insert(g.goid, (g, runs));
            }
            *before = now;
            Some(movers)
        })?
    }

    fn test_names(&mut self, alive: Tid) -> Option<HashMap<Goid, String>> {
        let image = self.process.go(alive).ok()?;
        let begins = &mut self.begins;
        image.with_source(alive, |source| {
            let all = source.runtime.goroutines(source.mem, MAX_GOROUTINES).ok()?;
            let tests = all.list.into_iter().filter(|g| {
                let begins = begins.entry(g.startpc);
                *begins.or_insert_with(|| is_subject(source, g))
            });
            let named = tests.filter_map(|g| Some((g.goid, run_by(source, &g)?)));
            Some(named.collect())
        })?
    }
}

/// The name of the test that a goroutine runs: its `testing.T` is the first argument of the
/// function that runs it, which keeps it where the ABI has a place for it, in the frame of its
/// caller (cmd/compile/abi-internal.md, "spill area").
fn run_by(source: &Source<'_>, g: &G) -> Option<String> {
    if !g.is_parked() && g.syscall.is_none() {
        return None;
    }
    let raw = source
        .program
        .unwind_parked(source.mem, &UserStack::from(g));
    let runner = raw.frames.iter().position(|frame| {
        let name = source.program.func_name_at(source.mem, frame.pc);
        matches!(name, Ok(Some(name)) if RUNNERS.contains(&&*name))
    })?;
    let caller = raw.frames.get(runner + 1)?;
    // Below it arm64 has the place for the link register.
    let slots = [caller.sp, caller.sp.add(8)];
    slots.into_iter().find_map(|slot| {
        let t = source.mem.u64(slot).ok()?;
        test_name(source.mem, Addr(t))
    })
}

/// Whether it runs or is about to.
fn is_runnable(g: &G) -> bool {
    matches!(g.status.base(), GStatus::RUNNABLE | GStatus::RUNNING)
}

/// Whether it began as a test, a benchmark or a fuzz target: their goroutines are started by the
/// testing package.
fn is_subject(source: &Source<'_>, g: &G) -> bool {
    let name = source.program.func_name_at(source.mem, g.startpc);
    matches!(name, Ok(Some(name)) if name.starts_with("testing."))
}

/// Where it is: frames, and what the program's own frames hold. What the runtime keeps below them
/// (when a timer is due) changes with every wait.
fn place(source: &Source<'_>, g: &G, runs: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    if !g.is_parked() {
        // One that is caught at work is somewhere new.
        if is_runnable(g) {
            runs.hash(&mut hasher);
        }
        return hasher.finish();
    }
    let raw = source
        .program
        .unwind_parked(source.mem, &UserStack::from(g));
    let mut own = None;
    for frame in &raw.frames {
        (frame.pc.0, frame.exact).hash(&mut hasher);
        if own.is_none() && frame.kind == RawKind::Go {
            let name = source.program.func_name_at(source.mem, frame.pc);
            if matches!(name, Ok(Some(name)) if !is_standard(&name)) {
                own = Some(frame.sp);
            }
        }
    }
    if let Some(sp) = own.filter(|sp| g.stack.contains(*sp)) {
        let len = (g.stack.hi.0 - sp.0).min(MAX_STACK);
        if let Ok(bytes) = source.mem.bytes(sp, len as usize) {
            bytes.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// A part of the toolchain does not hang: that it computes or waits for a disk, however slowly on
/// a machine that is short of both, is progress.
fn toolchain(member: &Member) -> Mover {
    let tids = procfs::tasks(member.sight.id.pid).unwrap_or_default();
    let mut states = tids.into_iter().filter_map(procfs::state);
    Mover {
        id: 0,
        is_subject: false,
        is_at_work: states.any(|state| matches!(state, 'R' | 'D')),
        runs: 0,
        place: None,
    }
}

/// The threads of a program that is not Go: where each is blocked, and how often it has run.
fn threads(pid: Pid) -> Vec<Mover> {
    let tids = procfs::tasks(pid).unwrap_or_default();
    let movers = tids.into_iter().filter_map(|tid| {
        let switches = procfs::switches(tid)?;
        let runs = switches.voluntary.wrapping_add(switches.involuntary);
        let mut hasher = DefaultHasher::new();
        match procfs::syscall(tid) {
            // Other arguments may be a time that is left.
            Ok(SyscallFile::InCall { call, sp, pc }) => {
                (call.nr, call.args[0], sp.0, pc.0).hash(&mut hasher);
            }
            Ok(SyscallFile::Blocked { sp, pc }) => (sp.0, pc.0).hash(&mut hasher),
            Ok(SyscallFile::Running) | Err(_) => {}
        }
        Some(Mover {
            id: u64::try_from(tid.0).unwrap_or(0),
            is_subject: false,
            is_at_work: switches.state == 'R',
            runs,
            place: Some(hasher.finish()),
        })
    });
    movers.collect()
}
