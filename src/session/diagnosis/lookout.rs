//! Looks at all goroutines of the traced processes, about ten times a second, stopping none.
//!
//! A thread of its own does it: memory cannot be read while a thread in D state holds the lock
//! on the address space, and nothing else may wait for that. Nobody waits for this thread.

use crate::diagnose::{HeldPipe, Holdout, Look, Looks, PipeHolder, program_function};
use crate::dump::gather::Source;
use crate::event::{Stack, StackEnd};
use crate::golang::goroutine::G;
use crate::golang::unwind::{RawFrame, RawKind, RawStack, UserStack};
use crate::golang::wait_reason::GStatus;
use crate::ids::{Addr, Goid, Pid, Tid};
use crate::session::image::GoImage;
use crate::session::poller;
use crate::session::process::{Place, Process};
use crate::sys::procfs::SyscallFile;
use crate::sys::{clock, looks, proc_facts, procfs};
use crate::syscall;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between two looks, at least;
const PERIOD: Duration = Duration::from_millis(100);
/// and so many times as long as a look works; that it waits on a busy machine costs nobody.
const PAUSE: u32 = 20;
/// Goroutines that are looked at: of more, each so many-th.
const MAX_GOROUTINES: usize = 4096;
/// Goroutines whose list is read.
const MAX_LISTED: usize = 1 << 20;
/// Looks that are kept until they are asked for.
const MAX_LOOKS: usize = 64;
/// Between two searches for pipes.
const PIPES_NS: u64 = 1_000_000_000;
/// Threads that are looked at for one that will not stop.
const MAX_THREADS: usize = 256;
/// Frames of a stack that are read for the program's function.
const DEPTH: usize = 32;

/// What was seen, by process.
type Seen = Arc<Mutex<HashMap<Pid, Looks>>>;

/// The thread that looks, from our end.
#[derive(Debug)]
pub(super) struct Lookout {
    seen: Seen,
    /// `None` where nothing is asked for that it finds. The thread ends when this does.
    processes: Option<Sender<Arc<Process>>>,
}

impl Lookout {
    /// One that looks, if it is wanted.
    pub fn new(wanted: bool) -> Lookout {
        let seen = Seen::default();
        let (send, receive) = channel();
        let its = Arc::clone(&seen);
        let begun = wanted.then(|| {
            let thread = std::thread::Builder::new().name("gostrace".to_owned());
            thread.spawn(move || run(&receive, &its)).ok()
        });
        Lookout {
            seen,
            processes: begun.flatten().map(|_| send),
        }
    }

    /// Looks at this process, too.
    pub fn watch(&self, process: &Arc<Process>) {
        if let Some(processes) = &self.processes {
            // It ends only when we do.
            let _ = processes.send(Arc::clone(process));
        }
    }

    /// What was seen since this was last asked.
    pub fn take(&self, pid: Pid) -> Looks {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(&pid).unwrap_or_default()
    }
}

fn run(processes: &Receiver<Arc<Process>>, seen: &Seen) {
    let mut watched: Vec<Watched> = Vec::new();
    let mut pause = PERIOD;
    loop {
        match processes.recv_timeout(pause) {
            Ok(process) => {
                watched.retain(|w| w.process.pid != process.pid);
                watched.push(Watched::new(process));
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let began = looks::cpu_ns();
        watched.retain(|w| !w.process.is_superseded() && procfs::exists(w.process.pid));
        for watched in &mut watched {
            watched.look(seen);
        }
        let took = Duration::from_nanos(looks::cpu_ns().saturating_sub(began));
        pause = PERIOD.max(took * PAUSE);
    }
}

/// Since when a goroutine has been found the same (its id, how often it stopped running), and
/// for what.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Since {
    goid: Goid,
    stops: u8,
    at_ns: u64,
}

struct Watched {
    process: Arc<Process>,
    /// Those that wait to run again, or for the world to stop.
    waiting: HashMap<Addr, Since>,
    /// Whether a `go` statement is os/exec's.
    of_exec: HashMap<Addr, bool>,
    /// Since when goroutines wait for pipes that others hold.
    held: HashMap<(Goid, u64), u64>,
    pipes_ns: u64,
}

impl Watched {
    fn new(process: Arc<Process>) -> Watched {
        Watched {
            process,
            waiting: HashMap::new(),
            of_exec: HashMap::new(),
            held: HashMap::new(),
            pipes_ns: 0,
        }
    }

    fn look(&mut self, seen: &Seen) {
        let pid = self.process.pid;
        let Some(alive) = living_thread(pid) else {
            return;
        };
        let Ok(image) = self.process.known_go() else {
            return;
        };
        let now = clock::mono_ns();
        let found = image.with_source(alive, |source| {
            let gs = goroutines(source)?;
            let look = self.judge(source, &gs, now);
            let locker = locker(source, &gs);
            let search = now.saturating_sub(self.pipes_ns) >= PIPES_NS;
            let pipes = search.then(|| {
                self.pipes_ns = now;
                self.pipes(source, &gs, now)
            });
            Some((look, pipes.unwrap_or_default(), locker))
        });
        let Some((look, pipes, locker)) = found.flatten() else {
            return;
        };
        let holdout = look.stopping.and_then(|_| self.holdout(&image));
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = seen.entry(pid).or_default();
        if looks.list.len() < MAX_LOOKS {
            looks.list.push(look);
        }
        if holdout.is_some() {
            looks.holdout = holdout;
        }
        if !pipes.is_empty() {
            looks.pipes = pipes;
        }
        if looks.lockers.len() < MAX_LOOKS {
            looks.lockers.extend(locker);
        }
    }

    fn judge(&mut self, source: &Source<'_>, gs: &[G], now: u64) -> Look {
        let mut look = Look::default();
        let before = std::mem::take(&mut self.waiting);
        let mut since = |g: &G| {
            let (goid, stops) = (g.goid, g.stops);
            let then = before.get(&g.addr).copied();
            let then = then.filter(|s| (s.goid, s.stops) == (goid, stops));
            let at_ns = then.map_or(now, |s| s.at_ns);
            let since = Since { goid, stops, at_ns };
            self.waiting.insert(g.addr, since);
            Duration::from_nanos(now.saturating_sub(at_ns))
        };
        for g in gs {
            let state = source.runtime.state(g);
            match (g.status.base(), state.name()) {
                (GStatus::WAITING, "GC assist marking" | "GC assist wait") => look.assisting += 1,
                (GStatus::WAITING, state) if is_lock(state) => look.locking += 1,
                (GStatus::WAITING, "stopping the world") => {
                    look.stopping = look.stopping.max(Some(since(g)));
                }
                // `exitsyscall` forgets where the call was left only once it runs again.
                (GStatus::RUNNABLE, _) if g.syscall.is_some() => {
                    look.returned += 1;
                    look.returned_for = look.returned_for.max(since(g));
                }
                _ => {}
            }
        }
        look
    }

    /// Pipes that goroutines of os/exec read, and only strangers can write to.
    fn pipes(&mut self, source: &Source<'_>, gs: &[G], now: u64) -> Vec<HeldPipe> {
        let copying: Vec<&G> = gs
            .iter()
            .filter(|g| g.is_parked() && source.runtime.state(g).name() == "IO wait")
            .filter(|g| self.is_of_exec(source, g.gopc))
            .collect();
        if copying.is_empty() {
            self.held.clear();
            return Vec::new();
        }
        let pid = self.process.pid;
        let waits = poller::waits(pid, source.mem, source.runtime);
        let before = std::mem::take(&mut self.held);
        let mut pipes = Vec::new();
        for g in copying {
            let wait = waits.get(&g.addr).filter(|wait| !wait.writes);
            let Some(pipe) = wait.and_then(|wait| proc_facts::pipe(pid, wait.fd)) else {
                continue;
            };
            let writers = proc_facts::pipe_writers(pipe, pid);
            let holders: Vec<PipeHolder> = writers
                .into_iter()
                .map(|holder| PipeHolder {
                    pid: holder,
                    command: procfs::comm(holder.into()).map(Into::into),
                    parent: proc_facts::parent(holder),
                })
                .collect();
            if holders.is_empty() || holders.iter().any(|h| h.parent == Some(pid)) {
                continue;
            }
            let key = (g.goid, pipe);
            let since = before.get(&key).copied().unwrap_or(now);
            self.held.insert(key, since);
            pipes.push(HeldPipe {
                goid: g.goid,
                func: g.parent.and_then(|goid| function_of(source, gs, goid)),
                pipe,
                holders,
                held_for: Duration::from_nanos(now.saturating_sub(since)),
            });
        }
        pipes
    }

    fn is_of_exec(&mut self, source: &Source<'_>, gopc: Addr) -> bool {
        let starts = || {
            let stack = RawStack {
                frames: vec![RawFrame {
                    pc: gopc,
                    sp: Addr(0),
                    exact: false,
                    kind: RawKind::Go,
                }],
                end: StackEnd::Root,
            };
            let Stack { frames, .. } = source.program.symbolize(source.mem, &stack);
            frames.iter().any(|f| f.func.starts_with("os/exec.(*Cmd)."))
        };
        *self.of_exec.entry(gopc).or_insert_with(starts)
    }

    /// A thread that is in a raw call, now that the world should stop.
    fn holdout(&self, image: &Arc<GoImage>) -> Option<Holdout> {
        let tids = procfs::tasks(self.process.pid).unwrap_or_default();
        tids.into_iter().take(MAX_THREADS).find_map(|tid| {
            let Ok(SyscallFile::InCall { call, sp, pc }) = procfs::syscall(tid) else {
                return None;
            };
            let name = syscall::name(call.abi, call.nr)?;
            let switches = procfs::switches(tid);
            let place = Place::new(pc, sp);
            let snapshot = self.process.snapshot(tid, &place, DEPTH);
            let go = snapshot.resolve(tid, &call);
            let stays = switches.is_some() && procfs::switches(tid) == switches;
            let is_raw = go.class.get().is_some_and(|class| class.id == "user-raw");
            (stays && is_raw && image.has_runtime()).then(|| Holdout {
                tid,
                call: name,
                func: go.stack.get().and_then(|s| program_function(&s.frames)),
            })
        })
    }
}

fn living_thread(pid: Pid) -> Option<Tid> {
    let lives = |tid: &Tid| !matches!(procfs::state(*tid), None | Some('Z' | 'X'));
    let leader = Tid::from(pid);
    if lives(&leader) {
        return Some(leader);
    }
    procfs::tasks(pid).ok()?.into_iter().find(lives)
}

fn goroutines(source: &Source<'_>) -> Option<Vec<G>> {
    let (all, _) = source.runtime.all_gs(source.mem, MAX_LISTED).ok()?;
    let step = all.len().div_ceil(MAX_GOROUTINES).max(1);
    let some: Vec<Addr> = all.into_iter().step_by(step).collect();
    let gs = source.runtime.read_gs(source.mem, &some);
    Some(
        gs.into_iter()
            .flatten()
            .filter(|g| !g.status.is_unused())
            .collect(),
    )
}

/// Whether a goroutine waits for a lock, by the reason (runtime/runtime2.go, Go 1.20 and later).
fn is_lock(reason: &str) -> bool {
    matches!(
        reason,
        "sync.Mutex.Lock" | "sync.RWMutex.Lock" | "sync.RWMutex.RLock"
    )
}

/// The program's function that a goroutine waits for a lock in: of many, of one.
fn locker(source: &Source<'_>, gs: &[G]) -> Option<Arc<str>> {
    let mut waiting = gs.iter().filter(|g| g.is_parked());
    let g = waiting.find(|g| is_lock(source.runtime.state(g).name()))?;
    function_of(source, gs, g.goid)
}

/// The program's function that a parked goroutine is in, if it is there still after it was read.
fn function_of(source: &Source<'_>, gs: &[G], goid: Goid) -> Option<Arc<str>> {
    let g = gs.iter().find(|g| g.goid == goid && g.is_parked())?;
    let raw = source
        .program
        .unwind_parked(source.mem, &UserStack::from(g));
    let same = source.runtime.still_same(source.mem, &[*g]);
    let stack = source.program.symbolize(source.mem, &raw);
    let func = program_function(&stack.frames);
    func.filter(|_| same == [true])
}
