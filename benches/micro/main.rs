//! What the parts of an event cost: decode, unwind, symbolise, format; warm, but for `attach_cold`.
//!
//! ```text
//! cargo bench --bench micro             all
//! cargo bench --bench micro -- stack    what has `stack` in its name
//! ```
//! The stack is that of a live Go thread that sleeps ten functions deep, read as in a trace.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use gostrace::event::{
    Event, Extra, GoContext, Known, ObjectNames, Outcome, RawCall, Seen, StackEnd, Start,
    SyscallEvent, Timestamp,
};
use gostrace::ids::{Addr, Pid, Tid};
use gostrace::memory::Segments;
use gostrace::session::process::{Place, Process};
use gostrace::sink::{Precision, Sink, TextSink, TextStyle};
use gostrace::sys::memory::ProcessMemory;
use gostrace::sys::procfs::{self, SyscallFile};
use gostrace::syscall::{DecodeContext, decode_entry, decode_exit};
use gostrace::value::Arg;
use std::hint::black_box;
use std::io;
use support::run::Fixture;
use support::{Go, NEWEST_GO, SOON, wait_for};

const DEPTH: usize = 64;

/// A thread that sleeps, and where.
struct Sleeper {
    _fixture: Fixture,
    process: Process,
    pid: Pid,
    tid: Tid,
    call: RawCall,
    place: Place,
}

impl Sleeper {
    fn start() -> Sleeper {
        let program = Go::of(NEWEST_GO).build("naps");
        let fixture = Fixture::start(&program, &["-threads", "1", "-nap", "24h"]);
        let pid = Pid(fixture.pid);
        let process = Process::new(pid);
        let (tid, call, place) = wait_for("a thread to sleep", SOON, || {
            procfs::tasks(pid).unwrap().into_iter().find_map(|tid| {
                let SyscallFile::InCall { call, sp, pc } = procfs::syscall(tid).ok()? else {
                    return None;
                };
                let place = Place::new(pc, sp);
                let go = process.snapshot(tid, &place, DEPTH).resolve(tid, &call);
                let Known::Is(stack) = go.stack else {
                    return None;
                };
                let ours = stack.frames.iter().any(|f| &*f.func == "main.below");
                (ours && stack.end == StackEnd::Root).then_some((tid, call, place))
            })
        });
        Sleeper {
            _fixture: fixture,
            process,
            pid,
            tid,
            call,
            place,
        }
    }

    fn decode(&self) -> Vec<Arg> {
        let memory = ProcessMemory::new(self.pid);
        let context = DecodeContext {
            memory: &memory,
            string_limit: 32,
            verbose: false,
            netlink: None,
            sp: None,
            now: Timestamp::default(),
        };
        let mut args = decode_entry(&self.call, &context);
        decode_exit(&self.call, Outcome::Returned(0), &context, &mut args);
        args
    }

    fn go(&self) -> GoContext {
        let snapshot = self.process.snapshot(self.tid, &self.place, DEPTH);
        snapshot.resolve(self.tid, &self.call)
    }

    fn event(&self, args: Vec<Arg>, go: GoContext) -> Event {
        let at = |mono_ns| Timestamp {
            mono_ns,
            ..Timestamp::default()
        };
        Event::Syscall(Box::new(SyscallEvent {
            pid: self.pid,
            tid: self.tid,
            call: self.call,
            args,
            start: Start::Seen(at(0)),
            end: at(12_345_678),
            outcome: Outcome::Returned(0),
            seen: Seen::Exact,
            extra: Extra::default(),
            names: ObjectNames::default(),
            go,
            wait: None,
            findings: Vec::new(),
        }))
    }
}

fn decode(c: &mut Criterion) {
    let sleeper = Sleeper::start();
    c.bench_function("decode_nanosleep_live", |b| b.iter(|| sleeper.decode()));

    // read(3, "...", 64) = 64: no system call of ours in it.
    let mut memory = Segments::new();
    memory.map(Addr(0x1000), vec![b'x'; 64]);
    let context = DecodeContext {
        memory: &memory,
        string_limit: 32,
        verbose: false,
        netlink: None,
        sp: None,
        now: Timestamp::default(),
    };
    let call = RawCall {
        abi: gostrace::arch::host::ABI,
        nr: libc::SYS_read.unsigned_abs(),
        args: [3, 0x1000, 64, 0, 0, 0],
    };
    c.bench_function("decode_read", |b| {
        b.iter(|| {
            let mut args = decode_entry(black_box(&call), &context);
            decode_exit(&call, Outcome::Returned(64), &context, &mut args);
            args
        });
    });
}

fn stack(c: &mut Criterion) {
    let sleeper = Sleeper::start();
    let Known::Is(stack) = sleeper.go().stack else {
        panic!("no stack")
    };
    println!("a stack of {} functions", stack.frames.len());
    let snapshot = || sleeper.process.snapshot(sleeper.tid, &sleeper.place, DEPTH);
    c.bench_function("stack_unwind", |b| b.iter(snapshot));
    let unwound = snapshot();
    c.bench_function("stack_symbolise", |b| {
        b.iter(|| unwound.resolve(sleeper.tid, &sleeper.call));
    });
    c.bench_function("stack_unwind_symbolise", |b| b.iter(|| sleeper.go()));
    // With the search for the program's tables: what the first event waits for.
    c.bench_function("attach_cold", |b| {
        b.iter(|| {
            let process = Process::new(sleeper.pid);
            let snapshot = process.snapshot(sleeper.tid, &sleeper.place, DEPTH);
            snapshot.resolve(sleeper.tid, &sleeper.call)
        });
    });
}

fn format(c: &mut Criterion) {
    let sleeper = Sleeper::start();
    let style = TextStyle {
        duration: Some(Precision::Micros),
        ..TextStyle::default()
    };
    let mut sink = TextSink::new(io::sink(), style);
    let mut formats = |name: &str, event: Event| {
        c.bench_function(name, |b| b.iter(|| sink.event(&event).unwrap()));
    };
    formats(
        "format_line",
        sleeper.event(sleeper.decode(), GoContext::default()),
    );
    formats(
        "format_stack",
        sleeper.event(sleeper.decode(), sleeper.go()),
    );
    c.bench_function("event_whole", |b| {
        b.iter(|| {
            let event = sleeper.event(sleeper.decode(), sleeper.go());
            sink.event(&event).unwrap();
        });
    });
}

criterion_group!(all, decode, stack, format);
criterion_main!(all);
