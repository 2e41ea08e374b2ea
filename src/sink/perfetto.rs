//! Chrome's trace events ("Trace Event Format", its array form), which Perfetto and Chrome show: a
//! track for each thread and for each goroutine.
//!
//! Times are microseconds of CLOCK_MONOTONIC. The array is written as events come, and by the
//! format is complete without the bracket at its end. Goroutines are threads of a process that is
//! made up for them, with an id that no real one has.

use super::args::write_value;
use super::json::emit::{Object, object, push};
use super::json::{ARGS, finding, nanos, value, write_outcome};
use super::{Sink, Summary};
use crate::event::{
    Begun, Event, Frame, Goroutine, ObjectNames, Seen, SignalEvent, Start, SyscallEvent, Timestamp,
};
use crate::finding::{Finding, Shown};
use crate::ids::{Pid, Tid};
use crate::sink::blocked::{call_name, program};
use crate::sink::folded::mark;
use crate::sink::told::{Before, Told, may_be_told_again};
use crate::value::{Arg, Value};
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

/// Added to a process's id, the id of the process that its goroutines are threads of; the kernel
/// gives none as high (PID_MAX_LIMIT).
const GOROUTINES: i64 = 1 << 22;
/// Names of so many threads and goroutines are remembered; then they are said again.
const NAMED: usize = 1 << 16;

/// Writes calls as slices, findings and signals as instants.
#[derive(Debug)]
pub struct PerfettoSink<W> {
    out: W,
    line: String,
    written: u64,
    open: Told<Box<SyscallEvent>>,
    programs: HashMap<Pid, String>,
    /// Tracks that have their names: process and thread.
    named: HashSet<(i64, i64)>,
    last: Timestamp,
    calls: u64,
    ns: u64,
}

impl<W: Write> PerfettoSink<W> {
    /// A sink that writes to `out`.
    pub fn new(out: W) -> PerfettoSink<W> {
        PerfettoSink {
            out,
            line: String::new(),
            written: 0,
            open: Told::default(),
            programs: HashMap::new(),
            named: HashSet::new(),
            last: Timestamp::default(),
            calls: 0,
            ns: 0,
        }
    }

    fn put(&mut self, write: impl FnOnce(&mut Object<'_>)) -> io::Result<()> {
        self.line.clear();
        self.line.push_str(match self.written {
            0 => "[\n",
            _ => ",\n",
        });
        self.written += 1;
        object(&mut self.line, write);
        self.out.write_all(self.line.as_bytes())
    }

    fn begin(&mut self, begun: &Begun) -> io::Result<()> {
        self.last = self.last.max(begun.at);
        for process in &begun.processes {
            if let Some(command) = &process.command {
                self.programs.insert(process.pid, program(command));
            }
        }
        self.put(|o| {
            event(o, HEAD, "i", 0, 0);
            o.string("cat", "gostrace");
            time(o, "ts", begun.at.mono_ns);
            o.string("s", "g");
            o.object("args", |o| {
                o.string("version", env!("CARGO_PKG_VERSION"));
                o.string("calls", &begun.expression);
                if let Some(slow) = begun.slow {
                    o.number("at_least_ns", nanos(slow));
                }
                o.string("clock", "CLOCK_MONOTONIC");
                o.number("wall_ns", begun.at.wall_ns);
            });
        })
    }

    fn call(&mut self, e: &SyscallEvent) -> io::Result<()> {
        self.last = self.last.max(e.end);
        for shown in &e.findings {
            if let Shown::First(finding) = shown {
                self.finding(finding)?;
            }
        }
        if let Before::Other(before) = self.open.take(e) {
            self.slice(&before)?;
        }
        if may_be_told_again(e.outcome) {
            self.open.keep(e, Box::new(e.clone()));
            return Ok(());
        }
        self.slice(e)
    }

    fn slice(&mut self, e: &SyscallEvent) -> io::Result<()> {
        let g = e.go.goroutine.get();
        self.calls += 1;
        self.ns = self.ns.saturating_add(nanos(e.duration()));
        self.name_thread(e.pid, e.tid, g.map(|g| g.m))?;
        let name = call_name(e);
        let class = e.go.class.get().map_or("class unknown", |class| class.id);
        self.put(|o| {
            event(o, &name, "X", e.pid.0.into(), e.tid.0.into());
            o.string("cat", class);
            time(o, "ts", e.start.known().mono_ns);
            time(o, "dur", nanos(e.duration()));
            o.object("args", |o| call_args(o, e));
        })?;
        let Some(g) = g.filter(|g| g.goid.0 != 0) else {
            return Ok(());
        };
        let (pid, tid) = (GOROUTINES + i64::from(e.pid.0), track(g));
        self.name_goroutine(e.pid, g)?;
        self.put(|o| {
            event(o, &name, "X", pid, tid);
            o.string("cat", "goroutine");
            time(o, "ts", e.start.known().mono_ns);
            time(o, "dur", nanos(e.duration()));
            o.object("args", |o| {
                o.number("goroutine", g.goid.0);
                o.number("thread", e.tid.0);
                o.string("class", class);
            });
        })
    }

    fn finding(&mut self, f: &Finding) -> io::Result<()> {
        self.last = self.last.max(f.at);
        let (tid, scope) = match f.tid {
            Some(tid) => (tid.0, "t"),
            None => (f.pid.0, "p"),
        };
        self.put(|o| {
            event(o, f.id.name(), "i", f.pid.0.into(), tid.into());
            o.string("cat", "finding");
            time(o, "ts", f.at.mono_ns);
            o.string("s", scope);
            o.object("args", |o| finding::fields(o, f));
        })
    }

    fn signal(&mut self, e: &SignalEvent) -> io::Result<()> {
        self.last = self.last.max(e.at);
        self.put(|o| {
            let name = value::signal_name(e.signal);
            event(o, &name, "i", e.pid.0.into(), e.tid.0.into());
            o.string("cat", "signal");
            time(o, "ts", e.at.mono_ns);
            o.string("s", "t");
            o.object("args", |o| o.number("signal", e.signal.0));
        })
    }

    fn name_thread(&mut self, pid: Pid, tid: Tid, m: Option<i64>) -> io::Result<()> {
        let process = i64::from(pid.0);
        if self.is_new(process, -1) {
            let name = self.programs.get(&pid).cloned();
            let name = name.unwrap_or_else(|| format!("process {pid}"));
            self.put(|o| names(o, "process_name", process, process, &name))?;
        }
        // What M it is may be known later than the thread.
        let key = i64::from(tid.0) * 2;
        let known = self.named.contains(&(process, key + 1));
        if known || !self.is_new(process, key + i64::from(m.is_some())) {
            return Ok(());
        }
        let name = match m {
            Some(m) => format!("thread {tid} (M {m})"),
            None => format!("thread {tid}"),
        };
        self.put(|o| names(o, "thread_name", process, tid.0.into(), &name))
    }

    fn name_goroutine(&mut self, pid: Pid, g: &Goroutine) -> io::Result<()> {
        let process = GOROUTINES + i64::from(pid.0);
        if self.is_new(process, -1) {
            let program = self.programs.get(&pid).cloned();
            let program = program.unwrap_or_else(|| format!("process {pid}"));
            let name = format!("goroutines of {program}");
            self.put(|o| names(o, "process_name", process, process, &name))?;
        }
        if !self.is_new(process, track(g)) {
            return Ok(());
        }
        let name = match &g.entry {
            Some(entry) => format!("goroutine {} ({entry})", g.goid),
            None => format!("goroutine {}", g.goid),
        };
        self.put(|o| names(o, "thread_name", process, track(g), &name))
    }

    fn is_new(&mut self, process: i64, thread: i64) -> bool {
        if self.named.len() >= NAMED {
            self.named.clear();
        }
        self.named.insert((process, thread))
    }
}

/// The name of the first event.
const HEAD: &str = "gostrace";

/// Whether a file begins as ours do.
#[must_use]
pub fn is_ours(head: &[u8]) -> bool {
    head.starts_with(format!("[\n{{\"name\":\"{HEAD}\"").as_bytes())
}

impl<W: Write> Sink for PerfettoSink<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Begun(begun) => self.begin(begun),
            Event::Syscall(e) => self.call(e),
            Event::Finding(finding) => self.finding(finding),
            Event::Signal(e) => self.signal(e),
            Event::Exit(e) => match self.open.thread_ended(e.tid) {
                Some(call) => self.slice(&call),
                None => Ok(()),
            },
            Event::FoundAgain(_) | Event::Note(_) | Event::Entered(_) | Event::Task(_) => Ok(()),
        }
    }

    fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        self.last = self.last.max(now);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut open: Vec<_> = self.open.take_all().collect();
        open.sort_by_key(|e| (e.start.known(), e.tid));
        for e in open {
            self.slice(&e)?;
        }
        let (at, calls, ns) = (self.last.mono_ns, self.calls, self.ns);
        self.put(|o| {
            event(o, "end of the trace", "i", 0, 0);
            o.string("cat", "gostrace");
            time(o, "ts", at);
            o.string("s", "g");
            o.object("args", |o| {
                o.number("calls", calls);
                o.number("blocked_ns", ns);
                o.number(
                    "parked_calls_left_out",
                    summary.hidden_parked.values().sum::<u64>(),
                );
                o.number("events_lost", summary.lost);
            });
        })?;
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}

/// What every event has.
fn event(o: &mut Object<'_>, name: &str, phase: &str, pid: i64, tid: i64) {
    o.string("name", name);
    o.string("ph", phase);
    o.number("pid", pid);
    o.number("tid", tid);
}

/// The name of a track.
fn names(o: &mut Object<'_>, what: &str, pid: i64, tid: i64, name: &str) {
    event(o, what, "M", pid, tid);
    o.object("args", |o| o.string("name", name));
}

/// Microseconds, to the nanosecond.
fn time(o: &mut Object<'_>, key: &str, ns: u64) {
    push(o.key(key), format_args!("{}.{:03}", ns / 1000, ns % 1000));
}

/// A goroutine's thread id; viewers read no more than 32 bits.
fn track(g: &Goroutine) -> i64 {
    i64::try_from(g.goid.0 % (1 << 31)).unwrap_or(0)
}

fn call_args(o: &mut Object<'_>, e: &SyscallEvent) {
    o.number("duration_ns", nanos(e.duration()));
    write_outcome(o, e.outcome);
    o.object("arguments", |o| {
        for arg in &e.args {
            argument(o, arg, &e.names);
        }
    });
    if let Some(g) = e.go.goroutine.get() {
        o.number("goroutine", g.goid.0);
    }
    o.mark(
        "began_before_the_trace",
        matches!(e.start, Start::BeforeAttach(_)),
    );
    if let Seen::Sampled { error } = e.seen {
        o.number("sampled_to_within_ns", nanos(error));
    }
    if !e.findings.is_empty() {
        let ids = e.findings.iter().map(|shown| shown.id().name());
        o.list("findings", ids, |out, id| {
            push(out, format_args!("\"{id}\""))
        });
    }
    if let Some(stack) = e.go.stack.get() {
        o.list("stack", &stack.frames, |out, frame| {
            super::json::emit::push_string(out, &frame_text(frame));
        });
    }
}

/// A number where that is all it is, else in our own words; of a descriptor both.
fn argument(o: &mut Object<'_>, arg: &Arg, names: &ObjectNames) {
    match &arg.value {
        Value::Int(n) => o.number(arg.name, *n),
        Value::Uint(n) => o.number(arg.name, *n),
        Value::Pid(n) => o.number(arg.name, *n),
        value => {
            let mut text = String::new();
            write_value(&mut text, value, names, &ARGS);
            match value {
                Value::Fd(n) | Value::DirFd(n) => o.object(arg.name, |o| {
                    o.number("fd", *n);
                    o.string("is", &text);
                }),
                _ => o.string(arg.name, &text),
            }
        }
    }
}

fn frame_text(frame: &Frame) -> String {
    let mut text = match frame.func.is_empty() {
        true => frame.pc.to_string(),
        false => frame.func.to_string(),
    };
    text.push_str(mark(frame.kind));
    if !frame.file.is_empty() {
        push(&mut text, format_args!(" {}:{}", frame.file, frame.line));
    }
    text
}

#[cfg(test)]
mod tests;
