//! Arguments and results as text, in strace's own form: what its default output shows,
//! byte for byte (compared with strace 6.1).

mod special;
mod xlat;

use super::fd_text::{FdStyle, write_fd};
use super::quote::{Hex, decorate, escape_hex_into, escape_into, hex_into};
use crate::event::{ObjectNames, Outcome, RawCall};
use crate::fd::FdTarget;
use crate::ids::{Addr, Errno, Signal};
use crate::syscall::{ResultKind, errno, result_kind, signal};
use crate::untrusted::push as push_untrusted;
use crate::value::{Arg, Value};
use std::fmt::Write;
use std::net::IpAddr;

/// What is shown besides the values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ArgStyle {
    /// Descriptors with what they refer to: `3</etc/hosts>` (strace -y).
    pub fds: FdStyle,
    /// Process ids with their command names: `1234<sleep>` (strace -Y).
    pub processes: bool,
    /// Addresses with their symbols, where these are known.
    pub symbols: bool,
    /// Remarks that strace does not make, such as the time left until a deadline.
    pub notes: bool,
    /// Which strings are shown in hexadecimal (strace -x).
    pub hex: Hex,
    /// How named constants and flags are shown (strace -X).
    pub xlat: Xlat,
}

/// How named constants and flags are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Xlat {
    /// By name: `O_RDONLY`.
    #[default]
    Abbrev,
    /// As numbers alone: `0`.
    Raw,
    /// As numbers, with the names behind them: `0 /* O_RDONLY */`.
    Verbose,
}

struct Writer<'a> {
    out: &'a mut String,
    names: &'a ObjectNames,
    style: &'a ArgStyle,
}

/// Writes the arguments as they stand between a call's parentheses.
pub fn write_args(out: &mut String, args: &[Arg], names: &ObjectNames, style: &ArgStyle) {
    let mut writer = Writer { out, names, style };
    let shown = args
        .iter()
        .map(|arg| &arg.value)
        .filter(|value| !matches!(value, Value::Aside(..)));
    writer.separated(shown, ", ");
}

/// Writes one value as [`write_args`] does.
pub fn write_value(out: &mut String, value: &Value, names: &ObjectNames, style: &ArgStyle) {
    Writer { out, names, style }.value(value);
}

/// How many arguments are known before the first that the kernel has yet to write: what
/// strace shows of a call that has not ended, before `<unfinished ...>`.
#[must_use]
pub fn known_at_entry(args: &[Arg]) -> usize {
    let later = |arg: &Arg| matches!(arg.value, Value::Pending(_) | Value::Held(_));
    args.iter().position(later).unwrap_or(args.len())
}

/// Writes a result from its equals sign on: `= 3`, `= -1 EAGAIN (Resource temporarily
/// unavailable)`, `= 1 ([{fd=3, revents=POLLIN}])`. `args` are those of the finished call.
pub fn write_result(
    out: &mut String,
    call: &RawCall,
    outcome: Outcome,
    args: &[Arg],
    names: &ObjectNames,
    style: &ArgStyle,
) {
    let mut writer = Writer { out, names, style };
    match outcome {
        Outcome::Returned(n) => {
            writer.returned(result_kind(call), n);
            writer.asides(args);
        }
        Outcome::Failed(e) if errno::is_restart(e) => {
            let name = errno::name(e).unwrap_or_default();
            let text = errno::text(e).unwrap_or_default();
            writer.put(format_args!("= ? {name} ({text})"));
        }
        Outcome::Failed(e) => {
            match errno::name(e) {
                Some(name) => writer.put(format_args!("= -1 {name}")),
                None => writer.put(format_args!("= -1 (errno {})", e.0)),
            }
            if let Some(text) = errno::text(e) {
                writer.put(format_args!(" ({text})"));
            }
            writer.asides(args);
        }
        Outcome::Ended | Outcome::Blocked | Outcome::Gone | Outcome::Detached => {
            writer.put(format_args!("= ?"))
        }
    }
}

/// Writes a signal's name: `SIGINT`, `SIGRT_2`, or its number.
pub fn write_signal(out: &mut String, sig: Signal) {
    // Writing into a String cannot fail.
    let _ = match (signal::short_name(sig), sig.0) {
        (Some(name), _) => write!(out, "SIG{name}"),
        (None, signal::SIGRTMIN) => write!(out, "SIGRTMIN"),
        (None, n @ signal::SIGRTMIN..=signal::SIGMAX) => {
            write!(out, "SIGRT_{}", n - signal::SIGRTMIN)
        }
        (None, n) => write!(out, "{n}"),
    };
}

/// Writes `bytes` in quotes, escaped as C and strace do.
pub fn write_quoted(out: &mut String, bytes: &[u8], truncated: bool) {
    out.push('"');
    escape_into(out, bytes, b"");
    out.push('"');
    if truncated {
        out.push_str("...");
    }
}

impl<'a> Writer<'a> {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = self.out.write_fmt(text);
    }

    fn separated<'v>(&mut self, values: impl Iterator<Item = &'v Value>, separator: &str) {
        for (n, value) in values.enumerate() {
            if n > 0 {
                self.out.push_str(separator);
            }
            self.value(value);
        }
    }

    /// A set without bits is nothing here, but what stands before it is still followed by a bar.
    fn all(&mut self, parts: &[Value]) {
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                self.out.push('|');
            }
            if !matches!(part, Value::Flags(0, _)) {
                self.value(part);
            }
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Int(n) => self.put(format_args!("{n}")),
            Value::Uint(n) => self.put(format_args!("{n}")),
            Value::Hex(n) => self.hex(*n),
            Value::Octal(n) => self.octal(*n),
            Value::HexDigits(0, digits) => {
                let digits = usize::from(*digits);
                self.put(format_args!("{:0digits$}", 0));
            }
            Value::HexDigits(n, digits) => {
                let digits = usize::from(*digits);
                self.put(format_args!("{n:#0digits$x}"));
            }
            Value::Ptr(addr) | Value::Unreadable(addr) | Value::Pending(addr) => self.addr(*addr),
            Value::Object { addr, symbol } => {
                self.addr(*addr);
                if let Some(symbol) = symbol.as_ref().filter(|_| self.style.symbols) {
                    self.out.push_str(" <");
                    push_untrusted(self.out, symbol);
                    self.out.push('>');
                }
            }
            Value::Fd(fd) => self.fd(*fd),
            Value::DirFd(-100) => self.dir_fd(),
            Value::DirFd(fd) => self.fd(*fd),
            Value::Pid(pid) => self.pid(*pid),
            Value::Signal(sig) => self.signal(*sig),
            Value::SigSet(set) => self.sig_set(*set),
            Value::FdSet(set) => self.fd_set(set),
            Value::CpuSet(set) => self.cpu_set(set),
            Value::Flags(bits, names) => self.flags(*bits, names),
            Value::Const(value, names) => self.named(*value, names),
            Value::Decimal(value, names) => self.decimal(*value, names),
            Value::Or(parts) => self.or(parts),
            Value::All(parts) => self.all(parts),
            Value::Sum(base, value) => {
                self.symbol(base);
                self.out.push('+');
                self.value(value);
            }
            Value::NegativeErrno(n) => match errno::name(Errno(*n)) {
                Some(name) => self.styled(
                    |w| w.put(format_args!("-{n}")),
                    |w| w.put(format_args!("-{name}")),
                ),
                None => self.put(format_args!("-{n}")),
            },
            Value::Errno(n) => match errno::name(Errno(*n)) {
                Some(name) => self.out.push_str(name),
                None => self.put(format_args!("{}", n.cast_unsigned())),
            },
            Value::Bits(bits, names) => self.bits(*bits, names),
            Value::Shifted(value, by) => self.shifted(value, by),
            Value::Kilo(n) => self.kilo(*n),
            Value::Spelled(plain, words) => self.spelled(plain, words),
            Value::Symbol(name) => self.symbol(name),
            Value::Date(seconds) => self.date(*seconds, 0, 0),
            Value::Name(name) => push_untrusted(self.out, name),
            Value::WaitStatus(status) => self.wait_status(*status),
            Value::Device(major, minor) => self.device(*major, *minor),
            Value::Bytes { bytes, truncated } => self.string(bytes, *truncated),
            Value::Binary { bytes, truncated } => {
                self.out.push('"');
                hex_into(self.out, bytes);
                self.out.push_str(if *truncated { "\"..." } else { "\"" });
            }
            Value::Rest(from, bytes) => {
                let to = from.saturating_add((bytes.len() as u64).saturating_sub(1));
                self.put(format_args!("/* bytes {from}..{to} */ \""));
                hex_into(self.out, bytes);
                self.out.push('"');
            }
            Value::Abstract { bytes, truncated } => {
                self.out.push('@');
                self.string(bytes, *truncated);
            }
            Value::Struct { fields, more } => self.structure(fields, *more),
            Value::Array {
                items,
                truncated,
                unreadable,
            } => self.array(items, *truncated, *unreadable),
            Value::Words(items) => {
                self.out.push('[');
                self.separated(items.iter(), " ");
                self.out.push(']');
            }
            Value::Not(value) => {
                self.out.push('~');
                self.value(value);
            }
            Value::Pointee(value) => {
                self.out.push('[');
                self.value(value);
                self.out.push(']');
            }
            Value::Changed(before, after) => {
                self.value(before);
                self.out.push_str(" => ");
                self.value(after);
            }
            Value::Conversion(function, values) => {
                self.put(format_args!("{function}("));
                self.separated(values.iter(), ", ");
                self.out.push(')');
            }
            Value::Network(function, value, size) => self.network(function, value, *size),
            Value::Ip(ip) => self.ip(*ip, None),
            Value::Link(octets) => self.link(octets),
            Value::Interface(index) => self.interface(*index),
            Value::Verbose(value) => self.verbose(value),
            Value::Labelled(label, value) => {
                self.put(format_args!("{label}="));
                self.value(value);
            }
            Value::Aside(_, value) | Value::Held(value) => self.value(value),
            Value::Noted(value, note) => {
                self.value(value);
                self.note(note);
            }
        }
    }

    /// C's `%#x`: zero has no prefix.
    fn hex(&mut self, n: u64) {
        match n {
            0 => self.out.push('0'),
            _ => self.put(format_args!("{n:#x}")),
        }
    }

    /// C's `%#03o`.
    fn octal(&mut self, n: u64) {
        match n {
            0..=0o77 => self.put(format_args!("{n:03o}")),
            _ => self.put(format_args!("0{n:o}")),
        }
    }

    fn addr(&mut self, addr: Addr) {
        match addr.0 {
            0 => self.out.push_str("NULL"),
            n => self.put(format_args!("{n:#x}")),
        }
    }

    fn fd(&mut self, fd: i32) {
        self.fd_as(fd, self.target(fd));
    }

    fn fd_as(&mut self, fd: i32, target: Option<&FdTarget>) {
        match target {
            // Our own: a pidfd with the name of its process, like a process id.
            Some(FdTarget::PidFd { pid, .. }) if self.style.fds == FdStyle::Endpoints => {
                self.put(format_args!("{fd}<pid:"));
                self.pid(pid.0);
                self.out.push('>');
            }
            target => write_fd(self.out, fd, target, self.style.fds),
        }
    }

    fn string(&mut self, bytes: &[u8], truncated: bool) {
        self.out.push('"');
        match self.style.hex {
            Hex::Escapes => escape_hex_into(self.out, bytes),
            hex if hex.applies(bytes) => hex_into(self.out, bytes),
            _ => escape_into(self.out, bytes, b""),
        }
        self.out.push_str(if truncated { "\"..." } else { "\"" });
    }

    fn target(&self, fd: i32) -> Option<&'a FdTarget> {
        let named = self.names.fds.iter().find(|(n, _)| *n == fd);
        named.map(|(_, target)| target)
    }

    fn pid(&mut self, pid: i32) {
        if pid == -1 && self.style.notes {
            self.out.push_str("-1");
            return self.any_process();
        }
        self.process(pid);
    }

    fn process(&mut self, pid: i32) {
        self.put(format_args!("{pid}"));
        if !self.style.processes {
            return;
        }
        let names = self.names;
        if let Some((_, name)) = names.processes.iter().find(|(n, _)| *n == pid) {
            decorate(self.out, name, self.style.hex);
        }
    }

    /// wait4(-1): whom it can be waiting for.
    fn any_process(&mut self) {
        const SHOWN: usize = 4;
        let processes = &self.names.processes;
        for (i, (pid, _)) in processes.iter().take(SHOWN).enumerate() {
            self.out.push_str(if i == 0 { " /* any of " } else { ", " });
            self.process(*pid);
        }
        match processes.len() {
            0 => {}
            1..=SHOWN => self.out.push_str(" */"),
            _ => self.out.push_str(", ... */"),
        }
    }

    /// `[INT TERM]`, or `~[KILL]` where most signals are in the set.
    fn sig_set(&mut self, set: u64) {
        // strace shows what is missing once two thirds of the signals, rounded down, are set.
        let (set, open) = match set.count_ones() >= 64 * 2 / 3 {
            true => (!set, "~["),
            false => (set, "["),
        };
        self.out.push_str(open);
        let mut first = true;
        for n in 1..=64 {
            if set >> (n - 1) & 1 == 0 {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.out.push(' ');
            }
            self.signal_of_set(n);
        }
        self.out.push(']');
    }

    fn fd_set(&mut self, set: &[i32]) {
        self.out.push('[');
        for (n, fd) in set.iter().enumerate() {
            if n > 0 {
                self.out.push(' ');
            }
            self.fd(*fd);
        }
        self.out.push(']');
    }

    fn cpu_set(&mut self, set: &[u32]) {
        self.out.push('[');
        for (n, cpu) in set.iter().enumerate() {
            let space = if n > 0 { " " } else { "" };
            self.put(format_args!("{space}{cpu}"));
        }
        self.out.push(']');
    }

    fn shifted(&mut self, value: &Value, by: &str) {
        match value {
            Value::Const(n, names) if names.name(*n).is_none() => {
                self.hex(*n);
                self.put(format_args!("<<{by} /* {} */", names.prefix));
            }
            Value::Const(n, names) if self.style.xlat == Xlat::Raw && !names.prefix.is_empty() => {
                self.hex(*n);
                self.put(format_args!("<<{by} /* {} */", names.prefix));
            }
            _ => {
                self.value(value);
                self.out.push_str("<<");
                self.symbol(by);
            }
        }
    }

    fn structure(&mut self, fields: &[(&'static str, Value)], more: bool) {
        self.out.push('{');
        for (n, (name, value)) in fields.iter().enumerate() {
            if n > 0 {
                self.out.push_str(", ");
            }
            if let Value::Ip(ip @ IpAddr::V6(_)) = value
                && self.style.xlat == Xlat::Abbrev
            {
                self.ip(*ip, Some(name));
                continue;
            }
            if !name.is_empty() {
                self.put(format_args!("{name}="));
            }
            self.value(value);
        }
        match (more, fields.is_empty()) {
            (true, false) => self.out.push_str(", ..."),
            (true, true) => self.out.push_str("..."),
            _ => {}
        }
        self.out.push('}');
    }

    fn array(&mut self, items: &[Value], truncated: bool, unreadable: Option<Addr>) {
        self.out.push('[');
        self.separated(items.iter(), ", ");
        if truncated || unreadable.is_some() {
            self.out
                .push_str(if items.is_empty() { "..." } else { ", ..." });
        }
        if let Some(addr) = unreadable {
            self.put(format_args!(" /* {addr} */"));
        }
        self.out.push(']');
    }

    fn returned(&mut self, kind: ResultKind, n: i64) {
        self.out.push_str("= ");
        match kind {
            ResultKind::Int => self.put(format_args!("{n}")),
            ResultKind::Fd => match i32::try_from(n) {
                Ok(fd) => match &self.names.returned {
                    Some(target) => self.fd_as(fd, Some(target)),
                    None => self.fd(fd),
                },
                Err(_) => self.put(format_args!("{n}")),
            },
            ResultKind::Pid => match i32::try_from(n) {
                Ok(pid) => self.pid(pid),
                Err(_) => self.put(format_args!("{n}")),
            },
            ResultKind::Hex => self.hex(n as u64),
            ResultKind::Octal => self.octal(n as u64),
            ResultKind::None => self.out.push('?'),
        }
    }

    fn asides(&mut self, args: &[Arg]) {
        let mut any = false;
        for arg in args {
            let Value::Aside(label, value) = &arg.value else {
                continue;
            };
            // The result has been shown as a number already.
            let value = match &**value {
                Value::Spelled(..) if self.style.xlat == Xlat::Raw => continue,
                Value::Spelled(_, words) => words,
                _ => value,
            };
            self.out.push_str(if any { ", " } else { " (" });
            any = true;
            if !label.is_empty() {
                self.put(format_args!("{label} "));
            }
            match &**value {
                // What strace says of a result is text, whatever the style.
                Value::Flags(..) | Value::Const(..) | Value::Or(_) | Value::Signal(_) => {
                    self.by_name(|w| w.value(value));
                }
                // Nor does it say there what descriptors are.
                Value::FdSet(_) | Value::Array { .. }
                    if matches!(self.style.fds, FdStyle::Strace(_)) =>
                {
                    self.bare(|w| w.value(value));
                }
                _ => self.value(value),
            }
        }
        if any {
            self.out.push(')');
        }
    }
}
