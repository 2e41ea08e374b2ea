//! The traced processes, and the program that each runs.

use super::image::{GoImage, GoSnapshot, Search};
use super::native::{NativeImage, NativeSnapshot};
use crate::arch::host;
use crate::event::{GoContext, RawCall};
use crate::ids::{Addr, Pid, Tid};
use crate::native::Registers;
use crate::sys::clock;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A program that has just started has not set up its Go data yet: it is looked at again, at
/// doubling intervals from this on,
const FIRST_RETRY_NS: u64 = 1_000_000;
/// until it is so old.
const SETTLED_NS: u64 = 2_000_000_000;

/// The registers that unwinding starts from, as far as they are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Program counter.
    pub pc: Addr,
    /// Stack pointer.
    pub sp: Addr,
    /// Frame pointer.
    pub fp: Option<Addr>,
    /// Link register (aarch64).
    pub lr: Option<Addr>,
    /// All of them, where they are known.
    pub all: Option<Registers>,
}

impl Place {
    /// With nothing but these registers.
    #[must_use]
    pub fn new(pc: Addr, sp: Addr) -> Place {
        Place {
            pc,
            sp,
            fp: None,
            lr: None,
            all: None,
        }
    }

    /// With all registers of a stopped thread.
    #[must_use]
    pub fn stopped(all: Registers) -> Place {
        Place {
            pc: all.pc,
            sp: all.sp(),
            fp: all.fp(),
            lr: all.lr(),
            all: Some(all),
        }
    }

    fn registers(&self) -> Registers {
        self.all
            .unwrap_or_else(|| Registers::new(host::ARCH, self.pc, self.sp))
    }
}

/// What was read of a thread's stack.
#[derive(Debug)]
pub enum Snapshot {
    /// In a Go program.
    Go(Box<GoSnapshot>),
    /// In another program.
    Native(NativeSnapshot),
}

impl Snapshot {
    /// Turns addresses into names: the costly half, done while the thread runs on.
    #[must_use]
    pub fn resolve(&self, tid: Tid, call: &RawCall) -> GoContext {
        match self {
            Snapshot::Go(snapshot) => snapshot.resolve(tid, call),
            Snapshot::Native(snapshot) => snapshot.resolve(),
        }
    }

    /// Whether nothing that was read is known to be missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Snapshot::Go(snapshot) => snapshot.is_whole(),
            Snapshot::Native(_) => false,
        }
    }

    /// The same, with frames in strace's form where they are C.
    #[must_use]
    pub fn resolve_as_strace(&self, tid: Tid, call: &RawCall) -> GoContext {
        match self {
            Snapshot::Go(snapshot) => snapshot.resolve(tid, call),
            Snapshot::Native(snapshot) => snapshot.resolve_as_strace(),
        }
    }
}

/// A process, from one exec to the next.
#[derive(Debug)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    go: Mutex<GoState>,
    native: NativeImage,
    superseded: AtomicBool,
}

#[derive(Debug)]
struct GoState {
    image: Result<Arc<GoImage>, Arc<str>>,
    search: Search,
    /// What was mapped when it was last looked for (`NativeImage::generation`).
    mapped: u64,
    /// Since when it may be setting itself up.
    since_ns: u64,
    /// When to look again for what is missing.
    retry_ns: u64,
    interval_ns: u64,
}

impl Process {
    /// A process that nothing is known of yet.
    #[must_use]
    pub fn new(pid: Pid) -> Process {
        Process {
            pid,
            go: Mutex::new(GoState {
                image: Err("not looked for yet".into()),
                search: Search::default(),
                mapped: 0,
                since_ns: clock::mono_ns(),
                retry_ns: 0,
                interval_ns: FIRST_RETRY_NS,
            }),
            native: NativeImage::default(),
            superseded: AtomicBool::new(false),
        }
    }

    /// The Go program that it runs, looked for if that is due. `tid` is one of its threads
    /// that is alive.
    ///
    /// # Errors
    /// Why there is none.
    pub fn go(&self, tid: Tid) -> Result<Arc<GoImage>, Arc<str>> {
        let mut go = self.go.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::mono_ns();
        let mapped = self.native.generation();
        // A library with Go in it may have been loaded.
        let is_due = go.image.is_err() && mapped != go.mapped;
        let complete = go.image.as_ref().is_ok_and(|i| i.has_runtime());
        if is_due || (!complete && now >= go.retry_ns) {
            go.mapped = mapped;
            go.look(tid, now);
        }
        go.image.clone()
    }

    /// The Go program as far as it is known by now; nothing is looked for.
    ///
    /// # Errors
    /// Why there is none.
    pub fn known_go(&self) -> Result<Arc<GoImage>, Arc<str>> {
        let go = self.go.lock().unwrap_or_else(PoisonError::into_inner);
        go.image.clone()
    }

    /// Reads stack and goroutine of a thread that cannot move meanwhile.
    #[must_use]
    pub fn snapshot(&self, tid: Tid, place: &Place, depth: usize) -> Snapshot {
        match self.go(tid) {
            Ok(image) => Snapshot::Go(Box::new(image.snapshot(tid, place, depth, &self.native))),
            Err(_) => Snapshot::Native(self.native.snapshot(tid, &place.registers(), depth)),
        }
    }

    /// Whether its program has been replaced by an exec, which ends all threads but one.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Acquire)
    }

    /// A call that may have changed what code is mapped has ended.
    pub fn observe(&self, call: &RawCall) {
        self.native.observe(call);
    }

    /// Whether it may run C code.
    #[must_use]
    pub fn has_native_code(&self) -> bool {
        self.known_go()
            .map_or(true, |image| image.has_native_code())
    }

    /// The name of what lies at an address of a Go program with symbols.
    #[must_use]
    pub fn symbol(&self, addr: Addr) -> Option<Arc<str>> {
        let go = self.go.lock().unwrap_or_else(PoisonError::into_inner);
        go.image.as_ref().ok()?.symbol(addr)
    }
}

impl GoState {
    fn look(&mut self, tid: Tid, now: u64) {
        let was_pending = self.search.is_pending;
        match &self.image {
            Ok(image) => image.find_runtime(tid),
            Err(_) => {
                self.image = GoImage::load(tid, &mut self.search).map(Arc::new);
                let begins = self.image.is_ok() || self.search.is_pending;
                if begins && !was_pending {
                    (self.since_ns, self.interval_ns) = (now, FIRST_RETRY_NS);
                }
            }
        }
        self.interval_ns = self.interval_ns.saturating_mul(2);
        self.retry_ns = if now.saturating_sub(self.since_ns) > SETTLED_NS {
            u64::MAX
        } else {
            now.saturating_add(self.interval_ns)
        };
    }
}

/// All traced processes.
#[derive(Debug, Default)]
pub struct Processes {
    by_pid: HashMap<Pid, Entry>,
}

#[derive(Debug)]
struct Entry {
    process: Arc<Process>,
    threads: HashSet<Tid>,
}

impl Processes {
    /// None yet.
    #[must_use]
    pub fn new() -> Processes {
        Processes::default()
    }

    /// Whether threads of `pid` are traced.
    #[must_use]
    pub fn contains(&self, pid: Pid) -> bool {
        self.by_pid.get(&pid).is_some_and(|e| !e.threads.is_empty())
    }

    /// The process of traced threads.
    #[must_use]
    pub fn get(&self, pid: Pid) -> Option<&Arc<Process>> {
        self.by_pid.get(&pid).map(|e| &e.process)
    }

    /// Whether this thread of `pid` is traced.
    #[must_use]
    pub fn has_thread(&self, pid: Pid, tid: Tid) -> bool {
        self.by_pid
            .get(&pid)
            .is_some_and(|e| e.threads.contains(&tid))
    }

    /// Learns what can be learnt of a live process before it is stopped.
    pub fn prepare(&mut self, pid: Pid) {
        // Not being Go is no reason not to trace it.
        let _ = self.entry(pid).process.go(pid.into());
    }

    /// Each process with the number of its traced threads, by process id.
    #[must_use]
    pub fn with_threads(&self) -> Vec<(Arc<Process>, usize)> {
        let mut all: Vec<_> = self
            .by_pid
            .values()
            .map(|e| (Arc::clone(&e.process), e.threads.len()))
            .collect();
        all.sort_by_key(|(p, _)| p.pid);
        all
    }

    /// How many threads of `pid` are traced.
    #[must_use]
    pub fn threads(&self, pid: Pid) -> usize {
        self.by_pid.get(&pid).map_or(0, |e| e.threads.len())
    }

    /// `pid` is no longer traced.
    pub fn forget(&mut self, pid: Pid) {
        self.by_pid.remove(&pid);
    }

    /// A thread of `pid` is traced from now on.
    pub fn add_thread(&mut self, pid: Pid, tid: Tid) -> Arc<Process> {
        let entry = self.entry(pid);
        entry.threads.insert(tid);
        Arc::clone(&entry.process)
    }

    /// A thread of `pid` has ended; with its last one the process is forgotten.
    pub fn remove_thread(&mut self, pid: Pid, tid: Tid) {
        if let Some(entry) = self.by_pid.get_mut(&pid) {
            entry.threads.remove(&tid);
            if let Ok(image) = entry.process.known_go() {
                image.forget(tid);
            }
            if entry.threads.is_empty() {
                self.by_pid.remove(&pid);
            }
        }
    }

    /// `pid` runs another program now, with its leader as the only thread. Events of the old
    /// program keep what they know of it.
    pub fn exec(&mut self, pid: Pid) -> Arc<Process> {
        if let Some(old) = self.by_pid.remove(&pid) {
            old.process.superseded.store(true, Ordering::Release);
        }
        self.add_thread(pid, pid.into())
    }

    fn entry(&mut self, pid: Pid) -> &mut Entry {
        self.by_pid.entry(pid).or_insert_with(|| Entry {
            process: Arc::new(Process::new(pid)),
            threads: HashSet::new(),
        })
    }
}
