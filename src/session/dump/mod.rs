//! The edge of [`crate::dump`]: looks at a process that runs on (or is frozen for the look).
//!
//! What the kernel tells of threads without their memory comes first. The rest is read by a
//! thread of its own: memory cannot be read while a thread in D state holds the lock on the
//! address space, and then the dump goes without.

mod look;

use super::capture::{CapturedCall, GoPart};
use super::names::Names as ObjectNamer;
use super::process::Process;
use crate::arch::{Arch, host};
use crate::dump::model::{
    Doing, Dump, Freeze, Goroutine, Polled, Process as Facts, StackState, Thread,
};
use crate::dump::resolve::{self, Names};
use crate::event::{GoContext, Known, RawCall};
use crate::fd::FdTarget;
use crate::golang::netpoll::PollWait;
use crate::ids::{Errno, Goid, Pid, Tid};
use crate::sys::{SysError, clock, procfs, sockets};
use look::{KernelView, Look, Seen, look, sorted_tasks};
use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long the first read of the memory may take: all others wait for the same lock.
const MAX_FIRST_READ: Duration = Duration::from_secs(5);
/// How long the rest may take: a process with a million goroutines takes a few seconds.
const MAX_LOOK: Duration = Duration::from_secs(120);
/// Sockets that are asked about their peers.
const MAX_SOCKETS: usize = 4096;

/// Why there is no dump.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DumpError {
    /// The kernel refused.
    Sys(SysError),
    /// The thread that reads ended unexpectedly.
    Crashed,
}

impl std::fmt::Display for DumpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DumpError::Sys(e) => e.fmt(f),
            DumpError::Crashed => f.write_str("the thread that reads ended unexpectedly"),
        }
    }
}

/// What the reading thread tells.
#[allow(clippy::large_enum_variant)] // There is one of each.
enum Progress {
    /// The memory can be read.
    Readable,
    /// All has been read.
    Done(Result<Look, SysError>),
}

/// Takes a dump of a process.
///
/// # Errors
/// It is gone, or we may not look at it.
pub fn take(pid: Pid, freeze: bool) -> Result<Dump, DumpError> {
    let alive = readable_thread(pid).map_err(DumpError::Sys)?;
    let (send, receive) = channel();
    let reader = std::thread::Builder::new()
        .name("gostrace".to_owned())
        .spawn(move || {
            // Nobody listens any more if it took too long; here and below.
            let command = procfs::command_line(Pid::from(alive));
            let _ = send.send(Progress::Readable);
            let _ = send.send(Progress::Done(look(pid, alive, freeze, command)));
        })
        .map_err(|_| DumpError::Sys(no_thread()))?;
    let mut limit = MAX_FIRST_READ;
    let look = loop {
        match receive.recv_timeout(limit) {
            Ok(Progress::Readable) => limit = MAX_LOOK,
            Ok(Progress::Done(look)) => break look.map_err(DumpError::Sys)?,
            Err(RecvTimeoutError::Timeout) => return Ok(without_memory(pid, limit)),
            Err(RecvTimeoutError::Disconnected) => return Err(DumpError::Crashed),
        }
    };
    // Its end is the release.
    reader.join().map_err(|_| DumpError::Crashed)?;
    let freeze = look.frozen.as_ref().map(|frozen| {
        let (held, unfrozen) = frozen.count();
        Freeze {
            lasted: frozen.since.elapsed(),
            held,
            unfrozen,
        }
    });
    Ok(finish(pid, alive, look, freeze))
}

/// The error of a thread that could not be made.
pub(super) fn no_thread() -> SysError {
    SysError {
        operation: "clone",
        tid: Tid(0),
        errno: Errno(libc::EAGAIN),
    }
}

/// A thread that has not ended (the leader may have), and that we may look at.
fn readable_thread(pid: Pid) -> Result<Tid, SysError> {
    let mut last = Errno(libc::ESRCH);
    for tid in sorted_tasks(pid) {
        if matches!(procfs::state(tid), None | Some('Z' | 'X')) {
            continue;
        }
        match procfs::syscall(tid) {
            Ok(_) => return Ok(tid),
            Err(e) => match e.raw_os_error() {
                Some(libc::ESRCH) => {}
                Some(errno @ (libc::EPERM | libc::EACCES)) => last = Errno(errno),
                // A kernel without this file may still let us read the rest.
                _ => return Ok(tid),
            },
        }
    }
    Err(SysError {
        operation: "reading /proc/TID/syscall",
        tid: pid.into(),
        errno: last,
    })
}

/// Everything that needs no second look: names, symbols, groups.
fn finish(pid: Pid, alive: Tid, look: Look, freeze: Option<Freeze>) -> Dump {
    let Look {
        go,
        process,
        threads,
        goroutines,
        frozen,
        command,
    } = look;
    let mut dump = empty(pid);
    if let Some(command) = command {
        dump.process.command = command;
    }
    dump.freeze = freeze;
    dump.process.go_version = go.as_ref().ok().map(|image| {
        let version = image.version();
        version.unwrap_or_else(|| "Go, version unknown".to_owned())
    });
    let mut names = Names::default();
    let image = go.as_ref().ok();
    if let (Some(image), Ok(gathered)) = (image, &goroutines) {
        image.with_source(alive, |s| names.add_gathered(s.mem, s.program, gathered));
    }
    let mut namer = ObjectNamer::with(true);
    let mut on_threads = HashMap::new();
    for (tid, view, seen) in threads {
        let (go, doing) = describe(tid, seen, &process, &mut namer);
        let stack = go.stack.get().map(|stack| match image {
            Some(image) => image.add_stack(tid, stack.clone(), &mut names),
            None => names.add_native(stack.clone()),
        });
        if let (Some(g), Some(stack)) = (go.goroutine.get(), stack)
            && g.goid != Goid(0)
        {
            on_threads.insert((tid, g.goid), stack);
        }
        let unfrozen = frozen.as_ref().is_some_and(|f| f.is_loose(tid));
        dump.threads
            .push(thread(tid, view, doing, go, stack, unfrozen));
    }
    match (image, goroutines) {
        (Some(image), Ok(gathered)) => {
            dump.ended = gathered.ended;
            dump.unreadable = gathered.unreadable as u64 + gathered.beyond_limit;
            let mut asked = 0;
            image.with_source(alive, |s| {
                dump.channels = resolve::channels(s.mem, &gathered.list);
                for mut raw in gathered.list {
                    let own = raw
                        .thread
                        .and_then(|tid| on_threads.get(&(tid, raw.g.goid)));
                    if let Some(stack) = own {
                        raw.stack = StackState::Known(*stack);
                    }
                    let polls = raw
                        .polls
                        .map(|wait| polled(alive, wait, &mut namer, &mut asked));
                    let named = names.goroutine(s.mem, s.program, s.runtime, raw);
                    dump.goroutines.push(Goroutine { polls, ..named });
                }
            });
        }
        (_, Err(reason)) => dump.without_goroutines = Some(reason),
        (None, Ok(_)) => {}
    }
    dump.stacks = names.stacks;
    dump.creators = names.creators;
    dump
}

/// What a goroutine waits for in Go's poller: a socket is asked about its peer, of many some.
fn polled(alive: Tid, wait: PollWait, namer: &mut ObjectNamer, asked: &mut usize) -> Polled {
    let mut target = procfs::fd_link(alive, wait.fd)
        .ok()
        .map(|link| FdTarget::parse(&link, None));
    if let Some(target) = &mut target {
        namer.find_endpoints(Pid::from(alive), alive, target);
    }
    let socket = match target {
        Some(FdTarget::Socket { .. }) if *asked < MAX_SOCKETS => {
            *asked += 1;
            sockets::facts(Pid::from(alive), wait.fd)
        }
        Some(FdTarget::Socket { .. }) => {
            Known::Unknown(format!("only the first {MAX_SOCKETS} sockets are asked").into())
        }
        _ => Known::NotAsked,
    };
    Polled {
        wait,
        target,
        socket,
    }
}

fn describe(
    tid: Tid,
    seen: Seen,
    process: &Process,
    namer: &mut ObjectNamer,
) -> (GoContext, Doing) {
    match seen {
        Seen::Call(captured) => {
            let CapturedCall { mut event, go, .. } = *captured;
            namer.fill(&mut event, process);
            let go = match go {
                GoPart::Read(snapshot) => snapshot.resolve(tid, &event.call),
                _ => GoContext::default(),
            };
            (go, Doing::Call(Box::new(event)))
        }
        Seen::Stopped(snapshot) => {
            // There is no call, so there is no class.
            let none = RawCall {
                abi: host::ABI,
                nr: u64::MAX,
                args: [0; 6],
            };
            let go = snapshot.resolve(tid, &none);
            let class = Known::NotAsked;
            (GoContext { class, ..go }, Doing::Stopped)
        }
        Seen::Running => (GoContext::default(), Doing::Running),
        Seen::Unknown(reason) => (GoContext::default(), Doing::Unknown(reason)),
    }
}

fn thread(
    tid: Tid,
    view: KernelView,
    doing: Doing,
    go: GoContext,
    stack: Option<crate::dump::model::StackId>,
    unfrozen: bool,
) -> Thread {
    Thread {
        tid,
        name: view.name,
        state: view.state,
        wchan: view.wchan,
        kernel: view.stack,
        doing,
        go,
        stack,
        unfrozen,
    }
}

fn empty(pid: Pid) -> Dump {
    Dump {
        process: Facts {
            pid,
            // The command line lies in the process's memory.
            command: procfs::comm(pid.into()).unwrap_or_default(),
            go_version: None,
            arch: match host::ARCH {
                Arch::X86_64 => "amd64",
                Arch::Aarch64 => "arm64",
            },
            at: clock::now(),
        },
        threads: Vec::new(),
        goroutines: Vec::new(),
        without_goroutines: None,
        stacks: Vec::new(),
        creators: Vec::new(),
        channels: HashMap::new(),
        ended: 0,
        unreadable: 0,
        freeze: None,
    }
}

/// What is left when the memory cannot be read.
fn without_memory(pid: Pid, limit: Duration) -> Dump {
    let mut dump = empty(pid);
    let seconds = limit.as_secs();
    let reason = format!(
        "the memory could not be read within {seconds} s: a thread that the kernel keeps \
            waiting holds it"
    );
    dump.without_goroutines = Some(reason.into());
    for tid in sorted_tasks(pid) {
        if let Some(view) = KernelView::of(tid) {
            let doing = Doing::Unknown("its arguments could not be read".into());
            let go = GoContext::default();
            dump.threads.push(thread(tid, view, doing, go, None, false));
        }
    }
    dump
}
