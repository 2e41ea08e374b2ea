//! The dump as one JSON document, written piece by piece: it may hold 100,000 goroutines.
//!
//! # Schema `gostrace-dump/1`
//! Fields may be added under the same number; none changes its meaning or goes away. What is not
//! known is absent.
//! ```text
//! schema       "gostrace-dump/1"
//! process      pid, command, go (release; absent: not Go), arch, time (seconds since the epoch)
//! frozen       with --freeze: us (for how long), threads (held), unfrozen (did not stop in time)
//! threads      [tid, name, state (letter), wchan, kernel [functions, innermost first],
//!               doing: "call" | "stopped" | "running" | "unknown", reason (why unknown),
//!               call {name, nr, args [{name, value}], text}, goroutine, m, p, class, parked,
//!               explanation, stack, did_not_stop]
//! goroutines   [id, state, waited_ns (by the runtime's own count: too long by up to the
//!               time between two collections), locked, gc_scan, thread (tid), created_by, parent,
//!               waits_on [addresses],
//!               polls {fd, to: "read" | "write", target, deadline: "none" | "passed" | "set",
//!               ends_in_ns, unread, unsent (bytes), tcp_state (net/tcp_states.h), silent_ms
//!               (since data last came), unknown (why these are), no_deadline (a connection
//!               without one)}, stack, or without: "running" | "moved"]
//! stacks       [frames [{func, file, line, pc, offset, kind: "go" | "inlined" | "c" |
//!               "guessed"}, innermost first], end: "root" | "depth" | reason]
//! created_by   [func, file, line, pc, offset]
//! waited_on    [address, kind, len, cap, closed (channels), goroutines [ids]]
//! missing      ended (goroutines that ended meanwhile), unreadable, reason (why there are none)
//! ```
//! `stack` and `created_by` of threads and goroutines are places in the lists of these names,
//! counted from 0. Addresses are strings: `"0xc000012345"`.

use super::group;
use super::model::{
    Doing, Dump, Goroutine, NamedStack, PlacedFrame, Polled, StackState, Thread, WaitsOn,
};
use super::text::{argument, write_call, write_call_name};
use crate::event::{FrameKind, HeldP, Known, PNow, StackEnd, SyscallEvent};
use crate::golang::netpoll::Deadline;
use crate::sink::{FdStyle, write_target};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The name and version of the form.
pub const SCHEMA: &str = "gostrace-dump/1";

/// Writes the dump.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(dump: &Dump, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{}", json!(SCHEMA))?;
    write!(out, ",\n\"process\":{}", process(dump))?;
    if let Some(f) = dump.freeze {
        let frozen = json!({
            "us": u64::try_from(f.lasted.as_micros()).unwrap_or(u64::MAX),
            "threads": f.held,
            "unfrozen": f.unfrozen,
        });
        write!(out, ",\n\"frozen\":{frozen}")?;
    }
    list(out, "threads", dump.threads.iter().map(thread))?;
    let goroutines = dump.goroutines.iter().map(|g| goroutine(g, dump));
    list(out, "goroutines", goroutines)?;
    list(out, "stacks", dump.stacks.iter().map(stack))?;
    let creators = dump.creators.iter().map(|c| frame(&c.frame));
    list(out, "created_by", creators)?;
    let waiters = group::by_object(dump);
    list(out, "waited_on", waiters.iter().map(|w| waited_on(w, dump)))?;
    let mut missing = Fields::default();
    missing.add("ended", dump.ended);
    missing.add("unreadable", dump.unreadable);
    missing.some("reason", dump.without_goroutines.as_deref());
    writeln!(out, ",\n\"missing\":{}}}", missing.value())
}

fn list(out: &mut dyn Write, name: &str, items: impl Iterator<Item = Value>) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    let mut comma = "\n";
    for item in items {
        write!(out, "{comma}{item}")?;
        comma = ",\n";
    }
    out.write_all(b"]")
}

/// An object without what is not known.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn flag(&mut self, name: &str, set: bool) {
        if set {
            self.add(name, true);
        }
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

fn process(dump: &Dump) -> Value {
    let p = &dump.process;
    let mut fields = Fields::default();
    fields.add("pid", p.pid.0);
    fields.add("command", p.command.as_str());
    fields.some("go", p.go_version.as_deref());
    fields.add("arch", p.arch);
    fields.add("time", p.at.wall_ns as f64 / 1e9);
    fields.value()
}

fn thread(t: &Thread) -> Value {
    let mut fields = Fields::default();
    fields.add("tid", t.tid.0);
    fields.add("name", &*t.name);
    fields.add("state", t.state.to_string());
    fields.some("wchan", t.wchan.as_deref());
    if !t.kernel.is_empty() {
        let kernel: Vec<&str> = t.kernel.iter().map(|f| &**f).collect();
        fields.add("kernel", kernel);
    }
    match &t.doing {
        Doing::Call(event) => {
            fields.add("doing", "call");
            fields.add("call", call(event));
        }
        Doing::Stopped => fields.add("doing", "stopped"),
        Doing::Running => fields.add("doing", "running"),
        Doing::Unknown(reason) => {
            fields.add("doing", "unknown");
            fields.add("reason", &**reason);
        }
    }
    if let Known::Is(g) = &t.go.goroutine {
        fields.some("goroutine", (g.goid.0 != 0).then_some(g.goid.0));
        fields.add("m", g.m);
        fields.some("p", g.p.id());
        fields.some("p_handed_off", handed_off(g.p));
        fields.flag("in_cgo", g.in_cgo);
        let kept_for = g.kept_for.as_ref();
        fields.some("locked_to", kept_for.map(|(goid, _)| goid.0));
    }
    if let Known::Is(class) = &t.go.class {
        fields.add("class", class.id);
        fields.add("parked", class.parked);
        fields.add("explanation", class.explanation);
    }
    fields.some("stack", t.stack.map(|id| id.0));
    fields.flag("did_not_stop", t.unfrozen);
    fields.value()
}

/// Of a P that the thread has lost during its call: who has it, by M or in a word.
fn handed_off(p: HeldP) -> Option<Value> {
    let HeldP::Left(_, now) = p else {
        return None;
    };
    Some(match now {
        PNow::OfM(m) => json!({"m": m}),
        PNow::InCall => json!("in a call of another thread"),
        PNow::Idle => json!("idle"),
        PNow::Stopped => json!("stopped"),
        PNow::Unknown => json!("unknown"),
    })
}

fn call(event: &SyscallEvent) -> Value {
    let (mut name, mut text) = (String::new(), String::new());
    write_call_name(&mut name, event);
    write_call(&mut text, event);
    let arg = |arg: &crate::value::Arg| {
        let value = argument(&arg.value, &event.names);
        json!({"name": arg.name, "value": value})
    };
    let args: Vec<Value> = event.args.iter().map(arg).collect();
    json!({"name": name, "nr": event.call.nr, "args": args, "text": text})
}

fn goroutine(g: &Goroutine, dump: &Dump) -> Value {
    let mut fields = Fields::default();
    fields.add("id", g.goid.0);
    fields.add("state", &*g.state);
    let waited = dump.waited(g).map(|d| d.as_nanos());
    fields.some("waited_ns", waited.and_then(|ns| u64::try_from(ns).ok()));
    fields.flag("locked", g.locked);
    fields.flag("gc_scan", g.scanned);
    fields.some("thread", g.thread.map(|tid| tid.0));
    fields.some("created_by", g.creator);
    fields.some("parent", g.parent.map(|goid| goid.0));
    if !g.waits_on.is_empty() {
        let on: Vec<String> = g.waits_on.iter().map(|on| on.addr().to_string()).collect();
        fields.add("waits_on", on);
    }
    fields.some("polls", g.polls.as_ref().map(|p| polls(p, dump)));
    match g.stack {
        StackState::Known(id) => fields.add("stack", id.0),
        StackState::Moved => fields.add("without", "moved"),
        StackState::OnThread | StackState::Ended => fields.add("without", "running"),
    }
    fields.value()
}

fn polls(polled: &Polled, dump: &Dump) -> Value {
    let mut fields = Fields::default();
    fields.add("fd", polled.wait.fd);
    fields.add("to", if polled.wait.writes { "write" } else { "read" });
    if let Some(target) = &polled.target {
        let mut text = String::new();
        write_target(&mut text, target, FdStyle::Endpoints);
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
        fields.add("target", inner.unwrap_or(&text));
    }
    match polled.wait.deadline {
        Deadline::None => fields.add("deadline", "none"),
        Deadline::Passed => fields.add("deadline", "passed"),
        Deadline::At(ns) => {
            fields.add("deadline", "set");
            let left = ns.saturating_sub(dump.process.at.mono_ns);
            fields.add("ends_in_ns", left);
        }
    }
    match &polled.socket {
        Known::Is(socket) => {
            fields.some("unread", socket.unread);
            fields.some("unsent", socket.unsent);
            if let Some(tcp) = socket.tcp {
                fields.add("tcp_state", tcp.state);
                let silent = u64::try_from(tcp.since_data.as_millis());
                fields.add("silent_ms", silent.unwrap_or(u64::MAX));
            }
        }
        Known::Unknown(reason) => fields.add("unknown", &**reason),
        Known::NotAsked => {}
    }
    fields.flag("no_deadline", polled.lacks_deadline());
    fields.value()
}

fn stack(stack: &NamedStack) -> Value {
    let frames: Vec<Value> = stack.frames.iter().map(frame).collect();
    let end = match &stack.end {
        StackEnd::Root => "root",
        StackEnd::Depth => "depth",
        StackEnd::Broken(reason) => reason,
    };
    json!({"frames": frames, "end": end})
}

fn frame(placed: &PlacedFrame) -> Value {
    let f = &placed.frame;
    let mut fields = Fields::default();
    fields.add("func", &*f.func);
    fields.some("file", (!f.file.is_empty()).then_some(&*f.file));
    fields.some("line", (f.line != 0).then_some(f.line));
    fields.add("pc", f.pc.to_string());
    fields.some("offset", placed.offset);
    fields.add(
        "kind",
        match f.kind {
            FrameKind::Go => "go",
            FrameKind::Inlined => "inlined",
            FrameKind::Native => "c",
            FrameKind::Guessed => "guessed",
        },
    );
    fields.value()
}

fn waited_on(waiters: &group::Waiters, dump: &Dump) -> Value {
    let mut fields = Fields::default();
    fields.add("address", waiters.on.addr().to_string());
    fields.add("kind", waiters.on.kind());
    if let WaitsOn::Channel(at) = waiters.on
        && let Some(channel) = dump.channels.get(&at)
    {
        fields.add("len", channel.len);
        fields.add("cap", channel.cap);
        fields.add("closed", channel.closed);
    }
    let ids: Vec<u64> = waiters.ids.iter().map(|id| id.0).collect();
    fields.add("goroutines", ids);
    fields.value()
}

#[cfg(test)]
mod tests {
    use super::super::group::tests::{dump, goroutine};
    use super::super::model::Freeze;
    use super::*;
    use crate::golang::sudog::Channel;
    use crate::ids::Addr;
    use std::time::Duration;

    #[test]
    fn a_dump_is_one_document_with_its_schema() {
        let mut gs = vec![goroutine(1, "select", 0), goroutine(7, "running", 0)];
        gs[0].waits_on = vec![WaitsOn::Channel(Addr(0xc000))];
        gs[0].wait_since = Some(1);
        gs[1].stack = StackState::OnThread;
        let mut d = dump(gs);
        let channel = Channel {
            len: 1,
            cap: 2,
            closed: false,
        };
        d.channels.insert(Addr(0xc000), channel);
        d.freeze = Some(Freeze {
            lasted: Duration::from_micros(150),
            held: 3,
            unfrozen: 0,
        });
        let mut out = Vec::new();
        write(&d, &mut out).unwrap();
        let v: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(v["schema"], SCHEMA);
        assert_eq!(v["process"]["go"], "go1.27.3");
        assert_eq!(v["frozen"]["us"], 150);
        assert_eq!(v["goroutines"][0]["id"], 1);
        assert_eq!(v["goroutines"][0]["waits_on"], json!(["0xc000"]));
        assert_eq!(v["goroutines"][0]["waited_ns"], 599_999_999_999u64);
        assert_eq!(v["goroutines"][0]["stack"], 0);
        assert_eq!(v["goroutines"][1]["without"], "running");
        assert_eq!(v["waited_on"][0]["cap"], 2);
        assert_eq!(v["waited_on"][0]["goroutines"], json!([1]));
        assert_eq!(v["stacks"].as_array().map(Vec::len), Some(4));
        assert_eq!(v["stacks"][0]["end"], "root");
    }
}
