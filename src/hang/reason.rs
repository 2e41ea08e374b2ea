//! What a goroutine or thread waits for, followed as far as it can be seen: to the process at
//! the other end of its pipe, to its child, to the holder of its lock.

use super::peers::{Direction, described, file_text};
use super::scene::{OpenFile, Process, Scene, clean};
use super::subject::{Where, frames, named, place};
use crate::dump::group;
use crate::dump::model::{Doing, Dump, Goroutine, Thread, WaitsOn};
use crate::dump::text::write_call;
use crate::event::{Known, SyscallEvent};
use crate::fd::FdTarget;
use crate::ids::{Goid, Pid, Tid};
use crate::sink::evidence_text;
use crate::syscall;
use std::collections::HashSet;
use std::sync::Arc;

/// Children of children that are followed.
const MAX_CHILDREN: usize = 4;

/// What somebody waits for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reason {
    /// Behind `has been waiting 31 s`: `in sync.(*Mutex).Lock`, `to receive from a channel`.
    pub doing: String,
    /// The object: `sync.Mutex 0xc000012345`, `fd 7 <pipe:[123]>`, `child sleep (12)`.
    pub object: Option<String>,
    /// What more there is to know, a clause each.
    pub details: Vec<String>,
    /// Source file, in full, and line.
    pub place: Option<(Arc<str>, u32)>,
    /// The program's function that it is in.
    pub func: Option<Arc<str>>,
}

/// What a goroutine waits for.
#[must_use]
pub fn of_goroutine(scene: &Scene, process: &Process, dump: &Dump, g: &Goroutine) -> Reason {
    let frames = frames(dump, g);
    let at = place(&frames);
    let mut reason = Reason {
        doing: doing(g, &at),
        place: at.own.map(|f| (Arc::clone(&f.file), f.line)),
        func: at.own.map(|f| Arc::clone(&f.func)),
        ..Reason::default()
    };
    let thread = g
        .thread
        .and_then(|tid| dump.threads.iter().find(|t| t.tid == tid));
    if let Some(thread) = thread {
        of_thread(scene, process, thread, &mut reason);
    } else if let Some(polled) = &g.polls {
        let direction = match polled.wait.writes {
            true => Direction::Write,
            false => Direction::Read,
        };
        of_descriptor(scene, process, polled.wait.fd, direction, &mut reason);
        if polled.lacks_deadline() {
            reason.details.push("it has no deadline".to_owned());
        }
    }
    of_objects(dump, g, &mut reason);
    reason
}

/// What a thread of a program without goroutines waits for.
#[must_use]
pub fn of_plain_thread(scene: &Scene, process: &Process, thread: &Thread) -> Reason {
    let mut reason = Reason::default();
    of_thread(scene, process, thread, &mut reason);
    if reason.doing.is_empty() {
        reason.doing = match &thread.doing {
            Doing::Stopped => "outside a call (stopped)".to_owned(),
            Doing::Running => "at work".to_owned(),
            Doing::Unknown(why) => format!("in what could not be read ({})", clean(why)),
            Doing::Call(event) => format!("in {}", call_text(event)),
        };
    }
    reason
}

/// By what it called, or else in the runtime's words for its state.
fn doing(g: &Goroutine, at: &Where<'_>) -> String {
    if let Some(called) = at.called {
        return format!("in {}", clean(named_in_full(&called.func)));
    }
    let channels = g
        .waits_on
        .iter()
        .filter(|on| matches!(on, WaitsOn::Channel(_)))
        .count();
    match &*g.state {
        "chan receive" => "to receive from a channel".to_owned(),
        "chan send" => "to send to a channel".to_owned(),
        "chan receive (nil chan)" => "to receive from a nil channel".to_owned(),
        "chan send (nil chan)" => "to send to a nil channel".to_owned(),
        "select" if channels > 1 => format!("in a select on {channels} channels"),
        "select" => "in a select".to_owned(),
        "select (no cases)" => "in a select without cases".to_owned(),
        "syscall" => "in a system call".to_owned(),
        other => format!("in state {}", clean(other)),
    }
}

/// The standard library's functions are known by their whole import path: `net/http.(*Client).Do`.
fn named_in_full(func: &str) -> &str {
    func
}

fn of_objects(dump: &Dump, g: &Goroutine, reason: &mut Reason) {
    if g.waits_on.is_empty() {
        return;
    }
    let objects: Vec<String> = g.waits_on.iter().map(|on| object(dump, *on)).collect();
    if reason.object.is_none() {
        reason.object = Some(objects.join(", "));
    }
    let groups = group::by_object(dump);
    for on in &g.waits_on {
        let others = groups.iter().find(|w| w.on == *on);
        let others = others.map_or(0, |w| w.ids.len().saturating_sub(1));
        if others == 0 {
            continue;
        }
        let many = if others == 1 { "" } else { "s" };
        reason.details.push(match on {
            WaitsOn::Mutex(_) | WaitsOn::RwMutex(_) => {
                format!("the lock is also wanted by {others} goroutine{many}")
            }
            WaitsOn::Channel(_) => format!(
                "{others} other goroutine{many} {} on that channel",
                if others == 1 { "waits" } else { "wait" }
            ),
            WaitsOn::WaitGroup(_) | WaitsOn::Semaphore(_) => {
                format!(
                    "{others} other goroutine{many} {} for it",
                    if others == 1 { "waits" } else { "wait" }
                )
            }
        });
    }
}

/// `chan 0xc000012345 (len 0, cap 0)`.
#[must_use]
pub fn object(dump: &Dump, on: WaitsOn) -> String {
    let state = match on {
        WaitsOn::Channel(at) => dump.channels.get(&at).map(|c| {
            let closed = if c.closed { ", closed" } else { "" };
            format!(" (len {}, cap {}{closed})", c.len, c.cap)
        }),
        _ => None,
    };
    format!("{} {}{}", on.kind(), on.addr(), state.unwrap_or_default())
}

fn of_thread(scene: &Scene, process: &Process, thread: &Thread, reason: &mut Reason) {
    let in_cgo = matches!(&thread.go.goroutine, Known::Is(g) if g.in_cgo);
    let Doing::Call(event) = &thread.doing else {
        if in_cgo {
            reason.doing = "in C code".to_owned();
        }
        return;
    };
    let call = call_text(event);
    if in_cgo {
        reason.doing = format!("in C code, in {call}");
    } else if reason.doing.is_empty() {
        reason.doing = format!("in {call}");
    }
    let name = syscall::name(event.call.abi, event.call.nr).unwrap_or_default();
    let child = child_of(scene, process, name, event);
    if !in_cgo && child.is_none() && !reason.doing.ends_with(&call) {
        reason.details.push(format!("the call is {call}"));
    }
    if let Some(child) = child {
        of_child(scene, child, reason, 0);
    } else if let Some((fd, _)) = event.names.fds.first() {
        of_descriptor(scene, process, *fd, direction(name), reason);
    }
    of_findings(scene, process, thread.tid, reason);
}

/// The call with its arguments, in one line.
#[must_use]
pub fn call_text(event: &SyscallEvent) -> String {
    let mut out = String::new();
    write_call(&mut out, event);
    out
}

/// Calls that put something in, by name; all others take something out.
fn direction(call: &str) -> Direction {
    let writes = call.contains("write") || call.contains("send") || call == "splice";
    if writes {
        Direction::Write
    } else {
        Direction::Read
    }
}

fn of_descriptor(
    scene: &Scene,
    process: &Process,
    fd: i32,
    direction: Direction,
    reason: &mut Reason,
) {
    let Some(file) = process.file(fd) else {
        return;
    };
    reason.object = Some(file_text(file));
    reason
        .details
        .extend(descriptor_details(scene, process, file, direction));
}

fn descriptor_details(
    scene: &Scene,
    process: &Process,
    file: &OpenFile,
    direction: Direction,
) -> Vec<String> {
    let mut details = Vec::new();
    // Of a file it is more than data that may be waited for: a lock, a disk.
    if matches!(file.target, FdTarget::Path(_)) {
        return details;
    }
    let what = match direction {
        Direction::Read => "it waits for data on",
        Direction::Write => "it waits for room on",
    };
    details.push(format!("{what} {}", file_text(file)));
    details.extend(described(scene, process, file, direction));
    details
}

/// The child that a call waits for.
fn child_of<'a>(
    scene: &'a Scene,
    process: &Process,
    call: &str,
    event: &SyscallEvent,
) -> Option<&'a Process> {
    if !matches!(call, "wait4" | "waitid") {
        return None;
    }
    let by_fd = event.names.fds.iter().find_map(|(_, target)| match target {
        FdTarget::PidFd { pid, .. } => Some(*pid),
        _ => None,
    });
    let named = event.names.processes.first().map(|(pid, _)| Pid(*pid));
    let child = by_fd.or(named).and_then(|pid| scene.process(pid));
    // One that waits for any child waits for all of them.
    child.or_else(|| scene.children(process.id.pid).next())
}

/// A wait for a child is the child's wait: it is followed.
fn of_child(scene: &Scene, child: &Process, reason: &mut Reason, depth: usize) {
    if depth == 0 {
        reason.object = Some(format!("child {}", child.title()));
        reason
            .details
            .push(format!("it waits for its child {}", child.title()));
    }
    // Whatever it was doing: SIGSTOP, or a background process that reads from the terminal.
    if matches!(child.state, 'T' | 't') {
        reason.details.push(format!("{} is stopped", child.title()));
        return;
    }
    let Ok(dump) = &child.dump else {
        return;
    };
    if let Some(busy) = child.busy {
        let percent = child.cpu_percent;
        let time = super::scene::spoken(busy);
        let title = child.title();
        reason
            .details
            .push(format!("{title} is busy, {percent} % of a CPU for {time}"));
        return;
    }
    if dump.goroutines.is_empty()
        && let Some(thread) = dump.threads.first()
        && let Doing::Call(event) = &thread.doing
    {
        let title = child.title();
        reason
            .details
            .push(format!("{title} is in {}", call_text(event)));
        let name = syscall::name(event.call.abi, event.call.nr).unwrap_or_default();
        if let Some(next) = child_of(scene, child, name, event)
            && depth < MAX_CHILDREN
        {
            of_child(scene, next, reason, depth + 1);
        } else if let Some((fd, _)) = event.names.fds.first()
            && let Some(file) = child.file(*fd)
        {
            reason
                .details
                .extend(described(scene, child, file, direction(name)));
        }
        of_findings(scene, child, thread.tid, reason);
    }
}

/// What the findings of its call rest on: who holds a lock, how long a peer has been silent.
fn of_findings(scene: &Scene, process: &Process, tid: Tid, reason: &mut Reason) {
    for finding in process.findings.iter().filter(|f| f.tid == Some(tid)) {
        use crate::finding::Evidence;
        for evidence in &finding.evidence {
            let tells = matches!(
                evidence,
                Evidence::Holder { .. } | Evidence::Connection { .. }
            );
            if !tells {
                continue;
            }
            let mut text = evidence_text(evidence);
            if let Evidence::Holder { pid: Some(pid), .. } = evidence
                && scene.process(*pid).is_some()
            {
                text.push_str(" (a process of the command)");
            }
            if !reason.details.contains(&text) {
                reason.details.push(text);
            }
        }
    }
}

/// The goroutines that descend from these, by the `go` statements that made them.
#[must_use]
pub fn descendants(dump: &Dump, of: impl IntoIterator<Item = Goid>) -> Vec<&Goroutine> {
    let mut line: HashSet<Goid> = of.into_iter().collect();
    let mut found = Vec::new();
    // They stand in the order of their making more or less: what is missed is a later one's.
    for _ in 0..3 {
        for g in &dump.goroutines {
            if g.parent.is_some_and(|p| line.contains(&p)) && line.insert(g.goid) {
                found.push(g);
            }
        }
    }
    found
}

/// `upload_test.go:42`.
#[must_use]
pub fn file_line(place: &(Arc<str>, u32)) -> String {
    let file = place.0.rsplit('/').next().unwrap_or_default();
    format!("{}:{}", clean(file), place.1)
}

/// One goroutine's wait in a clause: `goroutine 9 (app.worker) has been waiting to send to a
/// channel at worker.go:12`.
#[must_use]
pub fn clause(scene: &Scene, process: &Process, dump: &Dump, g: &Goroutine) -> String {
    let reason = of_goroutine(scene, process, dump, g);
    let at = reason
        .place
        .as_ref()
        .map(|p| format!(" at {}", file_line(p)));
    let func = reason
        .func
        .as_deref()
        .map(|f| format!(" ({})", clean(named(f))));
    let more: Vec<&String> = reason.details.iter().take(2).collect();
    let more: String = more.iter().map(|d| format!(", {d}")).collect();
    format!(
        "goroutine {}{} waits {}{}{more}",
        g.goid,
        func.unwrap_or_default(),
        reason.doing,
        at.unwrap_or_default(),
    )
}
