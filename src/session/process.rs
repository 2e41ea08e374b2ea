//! The traced processes and what is known of the program that each runs.

use crate::ids::{Addr, Pid, Tid};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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
}

/// What was read of a thread's stack and goroutine.
#[derive(Debug)]
pub struct GoSnapshot {}

/// A process, from one exec to the next.
#[derive(Debug)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
}

impl Process {
    pub fn prepare(&self) {}
    pub fn symbol(&self, _: Addr) -> Option<Arc<str>> {
        None
    }
    pub fn resolve(&self, _s: GoSnapshot, _c: &crate::event::RawCall) -> crate::event::GoContext {
        Default::default()
    }
    /// Reads stack and goroutine of a thread that cannot move meanwhile.
    #[must_use]
    pub fn snapshot(&self, _tid: Tid, _place: &Place, _depth: usize) -> GoSnapshot {
        GoSnapshot {}
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
        self.by_pid.contains_key(&pid)
    }

    /// The process of traced threads.
    #[must_use]
    pub fn get(&self, pid: Pid) -> Option<&Arc<Process>> {
        self.by_pid.get(&pid).map(|e| &e.process)
    }

    /// Learns what can be learnt of a live process before it is stopped.
    pub fn prepare(&mut self, pid: Pid) {
        self.entry(pid).process.prepare();
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

    /// A thread of `pid` is traced from now on.
    pub fn add_thread(&mut self, pid: Pid, tid: Tid) {
        self.entry(pid).threads.insert(tid);
    }

    /// A thread of `pid` has ended; with its last one the process is forgotten.
    pub fn remove_thread(&mut self, pid: Pid, tid: Tid) {
        if let Some(entry) = self.by_pid.get_mut(&pid) {
            entry.threads.remove(&tid);
            if entry.threads.is_empty() {
                self.by_pid.remove(&pid);
            }
        }
    }

    /// `pid` runs another program now, with its leader as the only thread. Events of the old
    /// program keep what they know of it.
    pub fn exec(&mut self, pid: Pid) {
        self.by_pid.remove(&pid);
        self.add_thread(pid, pid.into());
    }

    fn entry(&mut self, pid: Pid) -> &mut Entry {
        self.by_pid.entry(pid).or_insert_with(|| Entry {
            process: Arc::new(Process { pid }),
            threads: HashSet::new(),
        })
    }
}
