//! Decoded arguments, typed.

use super::emit::{Object, object, push_string};
use crate::ids::{Errno, Signal};
use crate::sink::args::write_signal;
use crate::syscall::errno;
use crate::value::{Names, Note, Value};

/// Writes a value; always an object with a `type`.
pub(super) fn write(out: &mut String, value: &Value) {
    object(out, |o| fields(o, value));
}

fn fields(o: &mut Object<'_>, value: &Value) {
    match value {
        Value::Int(n) => number(o, "int", *n),
        Value::Uint(n) => number(o, "uint", *n),
        Value::Hex(n) | Value::HexDigits(n, _) => number(o, "hex", *n),
        Value::Octal(n) => number(o, "octal", *n),
        Value::Kilo(n) => number(o, "uint", *n),
        Value::Fd(n) => number(o, "fd", *n),
        Value::DirFd(n) => number(o, "dirfd", *n),
        Value::Pid(n) => number(o, "pid", *n),
        Value::Interface(n) => number(o, "interface", *n),
        Value::Date(seconds) => number(o, "date", *seconds),
        Value::WaitStatus(n) => number(o, "wait-status", *n),
        Value::Signal(signal) => {
            number(o, "signal", signal.0);
            o.string("name", &signal_name(*signal));
        }
        Value::Errno(n) | Value::NegativeErrno(n) => {
            number(o, "errno", *n);
            o.some("name", errno::name(Errno(n.saturating_abs())));
        }
        Value::Ptr(addr) => {
            o.string("type", "pointer");
            o.address("addr", addr.0);
        }
        Value::Object { addr, symbol } => {
            o.string("type", "pointer");
            o.address("addr", addr.0);
            o.some("symbol", symbol.as_deref());
        }
        Value::Unreadable(addr) => {
            o.string("type", "unreadable");
            o.address("addr", addr.0);
        }
        Value::Pending(addr) => {
            o.string("type", "pending");
            o.address("addr", addr.0);
        }
        Value::SigSet(set) => {
            o.string("type", "sigset");
            let signals = (0..64).filter(|n| set >> n & 1 == 1);
            o.numbers("signals", signals.map(|n| n + 1));
        }
        Value::FdSet(fds) => {
            o.string("type", "fdset");
            o.numbers("fds", fds.iter().copied());
        }
        Value::CpuSet(cpus) => {
            o.string("type", "cpuset");
            o.numbers("cpus", cpus.iter().copied());
        }
        Value::Flags(bits, names) => flags(o, *bits, names),
        Value::Const(n, names) => {
            number(o, "const", *n);
            o.some("name", names.name(*n));
        }
        Value::Decimal(n, names) => {
            number(o, "const", *n);
            o.some("name", names.name(n.cast_unsigned()));
        }
        Value::Bits(bits, names) => {
            number(o, "bits", *bits);
            let set = (0..64u64).filter(|n| bits >> n & 1 == 1);
            let named = set.filter_map(|n| names.name(n));
            o.list("names", named, push_string);
        }
        Value::Symbol(name) => named(o, name),
        Value::Name(name) => named(o, name),
        Value::Link(octets) => {
            let octets: Vec<String> = octets.iter().map(|n| format!("{n:02x}")).collect();
            named(o, &octets.join(":"));
        }
        // That its name is in doubt, its text says.
        Value::Verbose(value) | Value::Held(value) => fields(o, value),
        Value::Spelled(_, words) => fields(o, words),
        Value::Or(items) | Value::All(items) => list(o, "or", items),
        Value::Words(items) => list(o, "array", items),
        Value::Sum(base, value) => {
            o.string("type", "sum");
            o.string("base", base);
            item(o, "item", value);
        }
        Value::Shifted(value, by) => {
            o.string("type", "shifted");
            o.string("by", by);
            item(o, "item", value);
        }
        Value::Device(major, minor) => {
            o.string("type", "device");
            o.number("major", *major);
            o.number("minor", *minor);
        }
        Value::Bytes { bytes, truncated } => string(o, "string", bytes, *truncated),
        Value::Abstract { bytes, truncated } => string(o, "abstract", bytes, *truncated),
        Value::Binary { bytes, truncated } => {
            o.string("type", "binary");
            o.hex("hex", bytes);
            o.mark("truncated", *truncated);
        }
        Value::Rest(offset, bytes) => {
            o.string("type", "rest");
            o.number("offset", *offset);
            o.hex("hex", bytes);
        }
        Value::Struct { fields, more } => {
            o.string("type", "struct");
            o.list("fields", fields, |out, (name, value)| {
                object(out, |o| {
                    o.string("name", name);
                    item(o, "value", value);
                });
            });
            o.mark("truncated", *more);
        }
        Value::Array {
            items,
            truncated,
            unreadable,
        } => {
            list(o, "array", items);
            o.mark("truncated", *truncated);
            if let Some(addr) = unreadable {
                o.address("unreadable", addr.0);
            }
        }
        Value::Not(value) => {
            o.string("type", "not");
            item(o, "item", value);
        }
        Value::Pointee(value) => {
            o.string("type", "pointee");
            item(o, "item", value);
        }
        Value::Changed(before, after) => {
            o.string("type", "changed");
            item(o, "before", before);
            item(o, "after", after);
        }
        Value::Conversion(name, items) => {
            list(o, "conversion", items);
            o.string("name", name);
        }
        Value::Network(name, value, bytes) => {
            o.string("type", "network");
            o.string("name", name);
            item(o, "item", value);
            o.number("bytes", *bytes);
        }
        Value::Ip(address) => {
            o.string("type", "ip");
            o.string("addr", &address.to_string());
        }
        Value::Labelled(name, value) => {
            o.string("type", "labelled");
            o.string("name", name);
            item(o, "item", value);
        }
        Value::Aside(name, value) => {
            o.string("type", "aside");
            o.string("name", name);
            item(o, "item", value);
        }
        Value::Noted(value, note) => {
            o.string("type", "noted");
            item(o, "item", value);
            o.object("note", |o| write_note(o, note));
        }
    }
}

fn write_note(o: &mut Object<'_>, note: &Note) {
    match note {
        Note::TimeLeft(ns) => {
            o.string("kind", "time-left");
            o.number("ns", *ns);
        }
        Note::At(seconds, fraction, digits) => {
            o.string("kind", "at");
            o.number("seconds", *seconds);
            o.number("fraction", *fraction);
            o.number("digits", *digits as u64);
        }
        Note::Ticks(n) => {
            o.string("kind", "ticks");
            o.number("count", *n);
        }
        Note::Interfaces(n) => {
            o.string("kind", "interfaces");
            o.number("count", *n);
        }
        Note::Entries(n) => {
            o.string("kind", "entries");
            o.number("count", *n);
        }
        Note::Vars(n) | Note::VarsUnterminated(n) => {
            o.string("kind", "vars");
            o.number("count", *n);
            o.mark("unterminated", matches!(note, Note::VarsUnterminated(_)));
        }
    }
}

fn number(o: &mut Object<'_>, kind: &str, n: impl Into<i128>) {
    o.string("type", kind);
    o.number("value", n);
}

fn named(o: &mut Object<'_>, name: &str) {
    o.string("type", "symbol");
    o.string("name", name);
}

fn item(o: &mut Object<'_>, key: &str, value: &Value) {
    write(o.key(key), value);
}

fn list(o: &mut Object<'_>, kind: &str, items: &[Value]) {
    o.string("type", kind);
    o.list("items", items, write);
}

fn string(o: &mut Object<'_>, kind: &str, bytes: &[u8], truncated: bool) {
    o.string("type", kind);
    o.bytes("text", "hex", bytes);
    o.mark("truncated", truncated);
}

/// The names that the bits have, as in text: in the table's order, each bit once.
fn flags(o: &mut Object<'_>, bits: u64, names: &Names) {
    number(o, "flags", bits);
    let mut left = bits;
    let entries = names.entries.iter().filter(|(mask, _)| *mask != 0);
    let set: Vec<&str> = entries
        .filter_map(|(mask, name)| {
            let set = left & mask == *mask;
            left &= if set { !mask } else { u64::MAX };
            set.then_some(*name)
        })
        .collect();
    let zero = names.name(0).filter(|_| bits == 0);
    o.list("names", set.into_iter().chain(zero), push_string);
    if left != 0 {
        o.number("unnamed", left);
    }
}

pub(in crate::sink) fn signal_name(signal: Signal) -> String {
    let mut name = String::new();
    write_signal(&mut name, signal);
    name
}
