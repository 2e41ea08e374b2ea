//! What is read of a process, thread by thread, and when it is believed.

use crate::arch::host;
use crate::dump::gather::{Claim, Gathered};
use crate::event::{Outcome, RawCall, Start};
use crate::golang::unwind::MAX_FRAMES;
use crate::ids::{Addr, Pid, Tid};
use crate::native::Registers;
use crate::session::capture::{Capture, Captured, CapturedCall, GoPart};
use crate::session::freeze::Frozen;
use crate::session::image::{GoImage, GoSnapshot};
use crate::session::poller;
use crate::session::process::{Place, Process, Snapshot};
use crate::sys::procfs::{Switches, SyscallFile};
use crate::sys::{SysError, clock, procfs, ptrace};
use crate::tracee::InCall;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a string or buffer among the arguments.
const STRING_LIMIT: usize = 64;
/// Looks at a thread before it counts as running.
const LOOKS: usize = 3;

/// What the kernel tells of a thread by itself.
pub(super) struct KernelView {
    pub name: Arc<str>,
    pub state: char,
    pub wchan: Option<Arc<str>>,
    pub stack: Vec<Arc<str>>,
}

/// What was found of a thread.
pub(super) enum Seen {
    Call(Box<CapturedCall>),
    Stopped(Box<Snapshot>),
    Running,
    Unknown(Arc<str>),
}

/// All that is read of the process.
pub(super) struct Look {
    pub go: Result<Arc<GoImage>, Arc<str>>,
    pub process: Arc<Process>,
    pub threads: Vec<(Tid, KernelView, Seen)>,
    pub goroutines: Result<Gathered, Arc<str>>,
    pub frozen: Option<Frozen>,
    /// Its command line, which lies in its memory.
    pub command: Option<String>,
}

/// The threads of a process: its leader, and the others by id. When ids begin anew, they may have
/// smaller ones.
pub(super) fn sorted_tasks(pid: Pid) -> Vec<Tid> {
    let mut tids = procfs::tasks(pid).unwrap_or_default();
    let leader = Tid::from(pid);
    tids.sort_unstable_by_key(|tid| (*tid != leader, *tid));
    tids
}

impl KernelView {
    pub fn of(tid: Tid) -> Option<KernelView> {
        Some(KernelView {
            state: procfs::state(tid)?,
            name: procfs::comm(tid).unwrap_or_default().into(),
            wchan: procfs::wchan(tid).map(Arc::from),
            stack: procfs::kernel_stack(tid)
                .into_iter()
                .map(Arc::from)
                .collect(),
        })
    }
}

/// Looks at a process. With `freeze`, the calling thread holds it until it ends.
pub(super) fn look(
    pid: Pid,
    alive: Tid,
    freeze: bool,
    command: Option<String>,
) -> Result<Look, SysError> {
    let process = Arc::new(Process::new(pid));
    // What takes time is done before anything is stopped.
    let go = process.go(alive);
    let capture = Capture::full(STRING_LIMIT);
    // State and wait channel of a frozen thread say no more than that.
    let before = if freeze {
        sorted_tasks(pid)
    } else {
        Vec::new()
    };
    let mut views: HashMap<Tid, KernelView> = before
        .into_iter()
        .filter_map(|tid| Some((tid, KernelView::of(tid)?)))
        .collect();
    let frozen = freeze.then(|| Frozen::freeze(pid)).transpose()?;
    let goroutines = match &go {
        Ok(image) => match image.with_source(alive, Gathered::read) {
            Some(gathered) => gathered.map_err(|e| Arc::from(e.to_string())),
            None => Err(image.without_runtime().unwrap_or_default()),
        },
        Err(reason) => Err(Arc::from(format!(
            "not a Go program that can be read: {reason}"
        ))),
    };
    let mut looked = Look {
        threads: Vec::new(),
        go,
        process,
        goroutines,
        frozen,
        command,
    };
    for tid in sorted_tasks(pid) {
        let Some(view) = views.remove(&tid).or_else(|| KernelView::of(tid)) else {
            continue;
        };
        let seen = match view.state {
            'Z' | 'X' => Seen::Unknown("the thread has ended".into()),
            _ => looked.thread(tid, &capture),
        };
        looked.threads.push((tid, view, seen));
    }
    looked.match_up(alive);
    Ok(looked)
}

impl Look {
    /// A thread is believed to be in a call if a second look, after all has been read, finds it
    /// in the same one, and it has not run meanwhile.
    fn thread(&self, tid: Tid, capture: &Capture) -> Seen {
        for _ in 0..LOOKS {
            let before: Option<Switches> = procfs::switches(tid);
            let seen = match procfs::syscall(tid) {
                Ok(SyscallFile::Running) => Seen::Running,
                Ok(SyscallFile::InCall { call, sp, pc }) => {
                    self.in_call(tid, capture, call, sp, pc)
                }
                Ok(SyscallFile::Blocked { sp, pc }) => Seen::Stopped(self.stopped(tid, sp, pc)),
                Err(e) => return Seen::Unknown(e.to_string().into()),
            };
            if !matches!(seen, Seen::Running) && before.is_some() && procfs::switches(tid) == before
            {
                return seen;
            }
        }
        Seen::Running
    }

    fn in_call(&self, tid: Tid, capture: &Capture, call: RawCall, sp: Addr, pc: Addr) -> Seen {
        let call = InCall::at_attach(call, Start::BeforeAttach(clock::now()), pc, sp);
        let (regs, process) = (self.registers(tid), &self.process);
        let blocked = Outcome::Blocked;
        match capture.blocked(tid, process, &call, regs, &mut None, blocked) {
            Some(Captured::Call(captured)) => Seen::Call(captured),
            _ => Seen::Running,
        }
    }

    fn stopped(&self, tid: Tid, sp: Addr, pc: Addr) -> Box<Snapshot> {
        let place = self.registers(tid);
        let place = place.map_or_else(|| Place::new(pc, sp), Place::stopped);
        Box::new(match self.process.snapshot(tid, &place, MAX_FRAMES) {
            Snapshot::Go(snapshot) => Snapshot::Go(Box::new(snapshot.interrupted())),
            native @ Snapshot::Native(_) => native,
        })
    }

    /// The registers of a thread that we hold.
    fn registers(&self, tid: Tid) -> Option<Registers> {
        let held = self.frozen.as_ref().is_some_and(|frozen| frozen.holds(tid));
        let regs = held.then(|| ptrace::regs(tid).ok()).flatten()?;
        Some(Registers::stopped(host::ARCH, &regs))
    }

    /// Gives the goroutines on threads to these, and looks at the others once more.
    fn match_up(&mut self, alive: Tid) {
        let claim = |(tid, _, seen): &(Tid, KernelView, Seen)| {
            let snapshot = seen.snapshot()?;
            Some(Claim {
                tid: *tid,
                g: snapshot.thread()?.curg?,
                saved: snapshot.has_left_goroutine(),
            })
        };
        let curgs: Vec<Claim> = self.threads.iter().filter_map(claim).collect();
        if let (Ok(image), Ok(gathered)) = (&self.go, &mut self.goroutines) {
            image.with_source(alive, |source| {
                gathered.claim(source, &curgs);
                gathered.look_again(source);
                gathered.find_waits(source);
                let polls = poller::waits(Pid::from(alive), source.mem, source.runtime);
                gathered.take_polls(source, &polls);
            });
        }
    }
}

impl Seen {
    fn snapshot(&self) -> Option<&GoSnapshot> {
        let snapshot = match self {
            Seen::Call(captured) => match &captured.go {
                GoPart::Read(snapshot) => snapshot,
                _ => return None,
            },
            Seen::Stopped(snapshot) => snapshot,
            Seen::Running | Seen::Unknown(_) => return None,
        };
        match &**snapshot {
            Snapshot::Go(snapshot) => Some(snapshot),
            Snapshot::Native(_) => None,
        }
    }
}
