//! The dump for people, and for tools that read Go's tracebacks: threads first, then goroutines
//! in the runtime's form, then who waits on what. Lines that are none of these begin with `#`.

use super::group::{self, Group, Waiters};
use super::model::{Doing, Dump, Goroutine, StackState, Thread, WaitsOn};
use super::network;
use super::traceback::{write_body, write_header, write_stack};
use crate::event::{GoContext, Known, ObjectNames, StackEnd, SyscallEvent};
use crate::ids::Goid;
use crate::sink::args::{ArgStyle, write_args};
use crate::sink::goroutine::{push_goroutine, push_place};
use crate::sink::{FdStyle, push_untrusted};
use crate::syscall;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Things that one goroutine waits on are not worth a line each, when there are many.
const MAX_LONELY: usize = 20;
/// Waiters that are named; all are in their groups above, and in JSON.
const MAX_WAITERS: usize = 40;

/// Writes the dump; every goroutine by itself if `all`, else those with the same stack together.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(dump: &Dump, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    write_title(&mut text, dump);
    for thread in &dump.threads {
        write_thread(&mut text, thread, dump);
    }
    out.write_all(text.as_bytes())?;
    if all {
        for g in &dump.goroutines {
            text.clear();
            text.push('\n');
            write_goroutine(&mut text, g, dump);
            out.write_all(text.as_bytes())?;
        }
    } else {
        for group in group::by_stack(dump) {
            text.clear();
            write_group(&mut text, &group, dump);
            out.write_all(text.as_bytes())?;
        }
    }
    text.clear();
    write_waiters(&mut text, dump);
    network::write(&mut text, dump);
    out.write_all(text.as_bytes())
}

fn write_title(out: &mut String, dump: &Dump) {
    let p = &dump.process;
    let go = p.go_version.as_deref().unwrap_or("not Go");
    // Writing into a String cannot fail; here and below.
    let _ = write!(out, "# process {} (", p.pid);
    push_untrusted(out, &p.command);
    let _ = write!(out, "), {go}, {}: ", p.arch);
    let _ = write!(out, "{}", count(dump.threads.len(), "thread"));
    match &dump.without_goroutines {
        None => {
            let _ = write!(out, ", {}", count(dump.goroutines.len(), "goroutine"));
        }
        Some(reason) => {
            out.push_str("; goroutines unknown: ");
            push_untrusted(out, reason);
        }
    }
    out.push('\n');
    if let Some(f) = dump.freeze {
        let _ = write!(
            out,
            "# frozen for {} us ({})",
            f.lasted.as_micros(),
            count(f.held, "thread")
        );
        if f.unfrozen > 0 {
            let _ = write!(
                out,
                "; {} did not stop in time",
                count(f.unfrozen, "thread")
            );
        }
        out.push('\n');
    }
    if dump.ended > 0 {
        let _ = writeln!(out, "# {} ended meanwhile", count(dump.ended, "goroutine"));
    }
    if dump.unreadable > 0 {
        let _ = writeln!(out, "# {} more could not be read", dump.unreadable);
    }
}

/// `1 thread`, `2 threads`.
fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// `thread 12 (server) S futex_wait: futex(...) goroutine 7 [syscall] M 3, P 1 [user]`
fn write_thread(out: &mut String, thread: &Thread, dump: &Dump) {
    let _ = write!(out, "thread {} (", thread.tid);
    push_untrusted(out, &thread.name);
    let _ = write!(out, ") {}", thread.state);
    if let Some(wchan) = &thread.wchan {
        out.push(' ');
        push_untrusted(out, wchan);
    }
    out.push_str(": ");
    match &thread.doing {
        Doing::Call(event) => write_call(out, event),
        Doing::Stopped => out.push_str("stopped outside a call"),
        Doing::Running => out.push_str("running"),
        Doing::Unknown(reason) => {
            out.push_str("call unknown: ");
            push_untrusted(out, reason);
        }
    }
    if thread.unfrozen {
        out.push_str(" (did not stop)");
    }
    write_go(out, &thread.go);
    out.push('\n');
    // One that no signal wakes: the kernel's own functions say what it waits for.
    if thread.state == 'D' && !thread.kernel.is_empty() {
        let functions: Vec<&str> = thread.kernel.iter().map(|f| &**f).collect();
        out.push_str("\tin the kernel: ");
        push_untrusted(out, &functions.join(" < "));
        out.push('\n');
    }
    let parked = thread.go.class.get().is_some_and(|class| class.parked);
    let has_goroutine = matches!(&thread.go.goroutine, Known::Is(g) if g.goid.0 != 0);
    let shown_below = has_goroutine && dump.without_goroutines.is_none();
    let stack = thread.stack.and_then(|id| dump.stack(id));
    if let Some(stack) = stack.filter(|s| !(parked || shown_below || s.frames.is_empty())) {
        let mut lines = String::new();
        write_stack(&mut lines, stack);
        for line in lines.lines() {
            let _ = writeln!(out, "\t{line}");
        }
        write_broken(out, &stack.end);
    }
}

/// A call by name, arguments and named descriptors.
pub(crate) fn write_call(out: &mut String, event: &SyscallEvent) {
    write_call_name(out, event);
    out.push('(');
    let style = ArgStyle {
        fds: FdStyle::Endpoints,
        processes: true,
        symbols: true,
        notes: true,
        ..ArgStyle::default()
    };
    write_args(out, &event.args, &event.names, &style);
    out.push(')');
}

/// Its name, or its number where it has none.
pub(super) fn write_call_name(out: &mut String, event: &SyscallEvent) {
    match syscall::name(event.call.abi, event.call.nr) {
        Some(name) => out.push_str(name),
        None => {
            let _ = write!(out, "syscall_{:#x}", event.call.nr);
        }
    }
}

/// One argument, as [`write_call`] writes it.
pub(super) fn argument(value: &crate::value::Value, names: &ObjectNames) -> String {
    let mut out = String::new();
    let style = ArgStyle {
        fds: FdStyle::Endpoints,
        processes: true,
        symbols: true,
        notes: true,
        ..ArgStyle::default()
    };
    crate::sink::args::write_value(&mut out, value, names, &style);
    out
}

fn write_go(out: &mut String, go: &GoContext) {
    if let Known::Is(g) = &go.goroutine {
        out.push(' ');
        match g.state {
            Some(_) => push_goroutine(out, g),
            None => push_place(out, g),
        }
    }
    if let Known::Is(class) = &go.class {
        let _ = write!(out, " [{}]", class.id);
    }
}

fn write_goroutine(out: &mut String, g: &Goroutine, dump: &Dump) {
    write_remarks(out, g, dump);
    write_header(out, g, dump.waited(g));
    write_body(out, g, dump);
}

fn write_group(out: &mut String, group: &Group<'_>, dump: &Dump) {
    let Some(first) = group.members.first() else {
        return;
    };
    out.push('\n');
    if group.members.len() > 1 {
        let ids = group::ranges(group.members.iter().map(|g| g.goid));
        let _ = write!(
            out,
            "# {} goroutines with this stack: {ids}",
            group.members.len()
        );
        if let Some(longest) = group.longest {
            let _ = write!(out, "; longest wait about {} s", longest.as_secs());
        }
        out.push('\n');
    }
    write_remarks(out, first, dump);
    write_header(out, first, group.longest);
    write_body(out, first, dump);
}

/// What a traceback has no place for.
fn write_remarks(out: &mut String, g: &Goroutine, dump: &Dump) {
    if let StackState::Known(id) = g.stack
        && let Some(stack) = dump.stack(id)
    {
        write_broken(out, &stack.end);
    }
}

fn write_broken(out: &mut String, end: &StackEnd) {
    if let StackEnd::Broken(reason) = end {
        out.push_str("# stack incomplete: ");
        push_untrusted(out, reason);
        out.push('\n');
    }
}

fn write_waiters(out: &mut String, dump: &Dump) {
    let waiters = group::by_object(dump);
    if waiters.is_empty() {
        return;
    }
    out.push_str("\n# waited on:\n");
    let shared = waiters.partition_point(|w| w.ids.len() > 1);
    let (shared, lonely) = waiters.split_at(shared);
    let shown = lonely.len().min(MAX_LONELY);
    for waiters in shared.iter().chain(&lonely[..shown]) {
        write_waiter(out, waiters, dump);
    }
    if lonely.len() > shown {
        let rest = lonely.len() - shown;
        let _ = writeln!(out, "# and {rest} more with one goroutine each");
    }
}

fn write_waiter(out: &mut String, waiters: &Waiters, dump: &Dump) {
    let on = waiters.on;
    let _ = write!(out, "# {} {}", on.kind(), on.addr());
    if let WaitsOn::Channel(at) = on
        && let Some(channel) = dump.channels.get(&at)
    {
        let closed = if channel.closed { ", closed" } else { "" };
        let _ = write!(out, " (len {}, cap {}{closed})", channel.len, channel.cap);
    }
    let many = if waiters.ids.len() > 1 { "s" } else { "" };
    let count = waiters.ids.len();
    let ids: Vec<Goid> = waiters.ids.iter().copied().take(MAX_WAITERS).collect();
    let _ = write!(out, ": {count} goroutine{many}: {}", group::ranges(ids));
    if count > MAX_WAITERS {
        let _ = write!(out, " and {} more", count - MAX_WAITERS);
    }
    out.push('\n');
}
