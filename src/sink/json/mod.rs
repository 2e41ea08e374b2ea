//! One event a line, typed: `man/gostrace-json.schema.json` is its schema, version 1, and
//! gostrace-json(5) is made from that.
//!
//! Under the same version fields may be added; none changes its meaning or goes away.

pub(super) mod emit;
pub(super) mod finding;
mod go;
pub(super) mod value;

use super::args::{ArgStyle, write_value};
use super::{FdStyle, Shows, Sink, Summary};
use crate::arch::Abi;
use crate::event::{
    Begun, Event, ExitEvent, ExitKind, ObjectNames, Outcome, Seen, SignalEvent, Start,
    SyscallEvent, Timestamp, Wait,
};
use crate::fd::FdTarget;
use crate::ids::{Errno, Pid};
use crate::sink::fd_text::write_target;
use crate::syscall::{self, errno};
use emit::{Object, object, push, push_string};
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use value::signal_name;

/// The version of the schema.
pub const VERSION: u32 = 1;

/// Our own words for arguments.
pub(super) const ARGS: ArgStyle = ArgStyle {
    fds: FdStyle::Endpoints,
    processes: true,
    symbols: true,
    notes: true,
    hex: super::quote::Hex::Never,
    xlat: super::args::Xlat::Abbrev,
};

/// Writes events as lines of JSON. One write per event; buffering is the writer's affair.
#[derive(Debug)]
pub struct JsonSink<W> {
    out: W,
    lines: JsonLines,
    line: String,
}

/// Makes lines of JSON from events.
#[derive(Debug, Default)]
pub struct JsonLines {
    shows: Shows,
    commands: HashMap<Pid, Arc<str>>,
}

impl<W: Write> JsonSink<W> {
    /// A sink that writes to `out` what is to be shown.
    pub fn new(out: W, shows: Shows) -> JsonSink<W> {
        JsonSink {
            out,
            lines: JsonLines {
                shows,
                ..JsonLines::default()
            },
            line: String::new(),
        }
    }
}

impl<W: Write> Sink for JsonSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.line.clear();
        self.lines.push(&mut self.line, event);
        self.out.write_all(self.line.as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.line.clear();
        push_summary(&mut self.line, summary);
        self.out.write_all(self.line.as_bytes())?;
        self.out.flush()
    }
}

impl JsonLines {
    /// Appends the event's line; nothing for what is told for strace's lines alone.
    pub fn push(&mut self, out: &mut String, event: &Event) {
        match event {
            Event::Begun(begun) => {
                let known = begun.processes.iter();
                let known = known.filter_map(|p| Some((p.pid, Arc::clone(p.command.as_ref()?))));
                self.commands.extend(known);
                line(out, "begin", |o| write_begun(o, begun));
            }
            Event::Note(note) => line(out, "note", |o| {
                time(o, "at", note.at);
                o.string("text", &note.text);
            }),
            Event::Syscall(e) => line(out, "syscall", |o| self.syscall(o, e)),
            Event::Signal(e) => line(out, "signal", |o| write_signal(o, e)),
            Event::Exit(e) => line(out, "exit", |o| write_exit(o, e)),
            Event::Finding(f) => line(out, "finding", |o| finding::fields(o, f)),
            Event::FoundAgain(f) => line(out, "found-again", |o| {
                o.string("id", f.id.name());
                o.number("pid", f.pid.0);
                o.some("func", f.func.as_deref());
                time(o, "at", f.at);
            }),
            Event::Entered(_) | Event::Task(_) => {}
        }
    }

    fn syscall(&self, o: &mut Object<'_>, e: &SyscallEvent) {
        o.number("pid", e.pid.0);
        o.number("tid", e.tid.0);
        o.some("command", self.commands.get(&e.pid).map(|c| &**c));
        o.some("name", syscall::name(e.call.abi, e.call.nr));
        o.number("nr", e.call.nr);
        o.string("abi", abi_name(e.call.abi));
        time(o, "start", e.start.known());
        o.flag("start_seen", matches!(e.start, Start::Seen(_)));
        time(o, "end", e.end);
        o.number("duration_ns", nanos(e.duration()));
        match e.seen {
            Seen::Exact => o.string("seen", "exact"),
            Seen::Sampled { error } => {
                o.string("seen", "sampled");
                o.number("error_ns", nanos(error));
            }
        }
        write_outcome(o, e.outcome);
        o.list("args", &e.args, |out, arg| {
            object(out, |o| {
                o.string("name", arg.name);
                let mut text = String::new();
                write_value(&mut text, &arg.value, &e.names, &ARGS);
                o.string("text", &text);
                value::write(o.key("value"), &arg.value);
            });
        });
        o.list("registers", e.call.args, |out, register| {
            push(out, format_args!("\"{register:#x}\""));
        });
        write_names(o, &e.names);
        if let Some(wait) = e.wait {
            o.object("wait", |o| write_wait(o, wait));
        }
        if self.shows.goroutine {
            go::fields(o, &e.go, self.shows.stack);
        }
        o.list("findings", &e.findings, finding::write_shown);
        if let Some(pc) = e.extra.pc {
            o.address("pc", pc.0);
        }
        if e.extra.system_ns > 0 {
            o.number("system_ns", e.extra.system_ns);
        }
    }
}

fn line(out: &mut String, kind: &str, write: impl FnOnce(&mut Object<'_>)) {
    object(out, |o| {
        o.number("v", VERSION);
        o.string("type", kind);
        write(o);
    });
    out.push('\n');
}

fn time(o: &mut Object<'_>, key: &str, at: Timestamp) {
    o.object(key, |o| {
        o.number("mono_ns", at.mono_ns);
        o.number("wall_ns", at.wall_ns);
    });
}

pub(super) fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn abi_name(abi: Abi) -> &'static str {
    match abi {
        Abi::X86_64 => "x86_64",
        Abi::I386 => "i386",
        Abi::X32 => "x32",
        Abi::Aarch64 => "aarch64",
        Abi::Arm => "arm",
    }
}

fn write_begun(o: &mut Object<'_>, begun: &Begun) {
    time(o, "at", begun.at);
    o.string("expression", &begun.expression);
    if let Some(slow) = begun.slow {
        o.number("slow_ns", nanos(slow));
    }
    o.list("processes", &begun.processes, |out, p| {
        object(out, |o| {
            o.number("pid", p.pid.0);
            o.some("command", p.command.as_deref());
            o.mark("go", p.is_go);
            go::known(o, "go_version", &p.go_version, |out, version| {
                push_string(out, version);
            });
            o.some("goroutines_unknown", p.without_goroutines.as_deref());
            o.number("threads", p.threads as u64);
            if let Some(file) = &p.executable {
                o.object("executable", |o| {
                    o.string("path", &file.path);
                    o.some("build_id", file.build_id.as_deref());
                    o.address("start", file.start.0);
                    o.address("end", file.end.0);
                    o.number("offset", file.offset);
                });
            }
        });
    });
}

pub(super) fn write_outcome(o: &mut Object<'_>, outcome: Outcome) {
    o.string(
        "outcome",
        match outcome {
            Outcome::Returned(_) => "returned",
            Outcome::Failed(_) => "failed",
            Outcome::Ended => "ended",
            Outcome::Blocked => "blocked",
            Outcome::Gone => "gone",
            Outcome::Detached => "detached",
        },
    );
    match outcome {
        Outcome::Returned(n) => o.number("result", n),
        Outcome::Failed(number) => o.object("errno", |o| write_errno(o, number)),
        _ => {}
    }
}

fn write_errno(o: &mut Object<'_>, number: Errno) {
    o.number("number", number.0);
    o.some("name", errno::name(number));
}

fn write_names(o: &mut Object<'_>, names: &ObjectNames) {
    if !names.fds.is_empty() {
        o.list("fds", &names.fds, |out, (fd, target)| {
            object(out, |o| {
                o.number("fd", *fd);
                write_fd_target(o, target);
            });
        });
    }
    if let Some(target) = &names.returned {
        o.object("returned_fd", |o| write_fd_target(o, target));
    }
    if !names.processes.is_empty() {
        o.list("processes", &names.processes, |out, (pid, comm)| {
            object(out, |o| {
                o.number("pid", *pid);
                o.string("command", &String::from_utf8_lossy(comm));
            });
        });
    }
    if !names.interfaces.is_empty() {
        o.list("interfaces", &names.interfaces, |out, (index, name)| {
            object(out, |o| {
                o.number("index", *index);
                o.string("name", name);
            });
        });
    }
}

/// What a descriptor is, typed and in words.
fn write_fd_target(o: &mut Object<'_>, target: &FdTarget) {
    let mut text = String::new();
    write_target(&mut text, target, FdStyle::Endpoints);
    o.string("text", &text);
    match target {
        FdTarget::Path(path) => {
            o.string("kind", "path");
            o.bytes("path", "path_hex", &path.bytes);
            o.mark("deleted", path.deleted);
            if let Some(device) = path.device {
                o.string("device", if device.block { "block" } else { "char" });
                o.number("major", device.major);
                o.number("minor", device.minor);
            }
        }
        FdTarget::Socket { inode, endpoints } => {
            o.string("kind", "socket");
            o.number("inode", *inode);
            if let Some(e) = endpoints {
                o.string("protocol", e.protocol);
                o.some("local", Some(&*e.local).filter(|local| !local.is_empty()));
                o.some("remote", e.remote.as_deref());
                if let Some(path) = &e.path {
                    o.bytes("path", "path_hex", path);
                }
                if let Some(path) = &e.peer_path {
                    o.bytes("peer_path", "peer_path_hex", path);
                }
            }
        }
        FdTarget::Pipe(inode) => {
            o.string("kind", "pipe");
            o.number("inode", *inode);
        }
        FdTarget::PidFd { pid, inode } => {
            o.string("kind", "pidfd");
            o.number("pid", pid.0);
            if let Some(inode) = inode {
                o.number("inode", *inode);
            }
        }
        FdTarget::Anon(_) => {
            o.string("kind", "anon");
            o.some("name", target.anon_name());
        }
    }
}

fn write_wait(o: &mut Object<'_>, wait: Wait) {
    o.string(
        "kind",
        match wait {
            Wait::Interrupted => "interrupted",
            Wait::WouldBlock => "would-block",
            Wait::TimedOut => "timed-out",
            Wait::Limited(_) => "limited",
            Wait::Endless => "endless",
        },
    );
    if let Wait::Limited(Some(limit)) = wait {
        o.number("timeout_ns", nanos(limit));
    }
}

fn write_signal(o: &mut Object<'_>, e: &SignalEvent) {
    o.number("pid", e.pid.0);
    o.number("tid", e.tid.0);
    time(o, "at", e.at);
    o.number("signal", e.signal.0);
    o.string("name", &signal_name(e.signal));
    if let Some(info) = &e.info {
        o.number("code", info.code);
        o.number("errno", info.errno);
        let info = syscall::siginfo(e.signal, info);
        let mut text = String::new();
        write_value(&mut text, &info, &ObjectNames::default(), &ARGS);
        o.string("text", &text);
        value::write(o.key("info"), &info);
    }
    if let Some(pc) = e.pc {
        o.address("pc", pc.0);
    }
}

fn write_exit(o: &mut Object<'_>, e: &ExitEvent) {
    o.number("pid", e.pid.0);
    o.number("tid", e.tid.0);
    time(o, "at", e.at);
    match e.how {
        ExitKind::Status(status) => {
            o.string("how", "exited");
            o.number("status", status);
        }
        ExitKind::Killed(signal, core) => {
            o.string("how", "killed");
            o.number("signal", signal.0);
            o.string("name", &signal_name(signal));
            o.flag("core_dumped", core);
        }
        ExitKind::Superseded { by } => {
            o.string("how", "superseded");
            o.number("by", by.0);
        }
    }
}

fn push_summary(out: &mut String, summary: &Summary) {
    line(out, "end", |o| {
        o.number("shown", summary.shown);
        o.object("hidden_parked", |o| {
            for (class, count) in &summary.hidden_parked {
                o.number(class, *count);
            }
        });
        let hidden = summary.hidden.iter().filter(|(_, count)| *count > 0);
        o.list("hidden", hidden, |out, (reason, count)| {
            object(out, |o| {
                o.string("reason", reason);
                o.number("calls", *count);
            });
        });
        o.list("findings", &summary.findings, |out, (place, count)| {
            object(out, |o| {
                o.string("id", place.id.name());
                o.number("pid", place.pid.0);
                o.some("func", place.func.as_deref());
                o.number("seen", *count);
            });
        });
        o.number("lost", summary.lost);
        if let Some(stats) = &summary.sampled {
            o.object("sampled", |o| {
                o.number("looks", stats.looks);
                o.number("thread_looks", stats.thread_looks);
                o.number("cpu_ns", stats.cpu_ns);
                o.number("span_ns", stats.span_ns);
                o.number("same_spot", stats.same_spot);
                o.number("failed", stats.failed);
                o.number("longest_gap_ns", stats.longest_gap_ns);
                o.number("wanted_ns", stats.wanted_ns);
                o.number("late", stats.late);
            });
        }
        if let Some(totals) = &summary.exact {
            o.object("exact", |o| {
                o.number("exact_ns", totals.exact_ns);
                o.number("free_ns", totals.free_ns);
                o.number("stop_cost_ns", totals.cost_ns);
            });
        }
    });
}
