//! System calls as data, and their decoding: bytes -> values, never text.
//!
//! # Adding a call
//! Write one line into the table of the module in `calls/` that it belongs to:
//! ```text
//! eventfd2(initval: Uint, flags: Flags(&EVENTFD_FLAGS)) -> Fd;
//! read(fd: Fd, buf: Out(buffer_returned), count: Ulong);
//! ```
//! The first word of each parameter is its name in the man page, the second its
//! [`Kind`](describe::Kind): a scalar, or `In`, `Early`, `Out`, `Exit`, `InOut`, `Behind`, `Held` with a
//! function from `kinds/` that reads memory; the kind says *when* it is read. Flag names go
//! into `names/`, with the header that they are from. Both machines share the description; where their structures differ, the
//! function asks `cx.is_aarch64()`. A call with no line is shown by name, with plain numbers.

mod calls;
mod cx;
mod describe;
pub mod errno;
mod groups;
mod kinds;
pub mod names;
pub mod set;
pub mod signal;
mod table;
#[cfg(test)]
mod tests;

pub use describe::ResultKind;
pub use kinds::signal::delivered as siginfo;
pub use table::{all, counterpart, name, number, numbers};

use crate::arch::Abi;
use crate::event::{Outcome, RawCall, Timestamp};
use crate::ids::{Addr, Tid};
use crate::memory::Memory;
use crate::value::{Arg, Value};
use cx::Cx;
use describe::{Call, Param, Params};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Tells what the netlink socket behind a thread's descriptor speaks; `None` for any other descriptor.
pub type NetlinkProtocol = fn(Tid, i32) -> Option<u32>;

/// What decoding may look at besides the call itself.
pub struct DecodeContext<'a> {
    /// The tracee's memory.
    pub memory: &'a dyn Memory,
    /// How many bytes of a string or buffer are kept (strace's -s, default 32).
    pub string_limit: usize,
    /// Whether structures and arrays are wanted in full (strace's -v).
    pub verbose: bool,
    /// Who tells what a netlink socket speaks (linux/netlink.h: 0 is NETLINK_ROUTE), by thread and
    /// descriptor; `None` where nobody is to be asked.
    pub netlink: Option<(Tid, NetlinkProtocol)>,
    /// The stack pointer, where it is known.
    pub sp: Option<Addr>,
    /// Now, to show an absolute timeout as time left.
    pub now: Timestamp,
}

/// The parameters of a call that no description covers: the registers as they are.
const PLAIN: &[Param] = describe::list!(
    arg1: describe::Kind::Hex,
    arg2: describe::Kind::Hex,
    arg3: describe::Kind::Hex,
    arg4: describe::Kind::Hex,
    arg5: describe::Kind::Hex,
    arg6: describe::Kind::Hex,
);

/// The description of a call: one look into a table per ABI.
fn describe(abi: Abi, nr: u64) -> Option<&'static Call> {
    static X86_64: OnceLock<Vec<Option<&'static Call>>> = OnceLock::new();
    static AARCH64: OnceLock<Vec<Option<&'static Call>>> = OnceLock::new();
    let table = match abi {
        Abi::X86_64 => &X86_64,
        Abi::Aarch64 => &AARCH64,
        // Their structures have other layouts.
        Abi::X32 | Abi::I386 | Abi::Arm => {
            let call = describe(Abi::X86_64, counterpart(abi, nr)?)?;
            return call.params.are_scalars().then_some(call);
        }
    };
    let rows = table.get_or_init(|| {
        let known: HashMap<_, _> = calls::all().map(|c| (c.name, c)).collect();
        let last = all(abi).last().map_or(0, |(nr, _)| nr as usize);
        let mut rows = vec![None; last + 1];
        for (nr, name) in all(abi) {
            rows[nr as usize] = known.get(name).copied();
        }
        rows
    });
    *rows.get(usize::try_from(nr).ok()?)?
}

fn params(call: Option<&'static Call>, cx: &Cx<'_>) -> &'static [Param] {
    match call.map(|c| &c.params) {
        Some(Params::Fixed(params)) => params,
        Some(Params::By(choose)) => choose(cx),
        None => PLAIN,
    }
}

/// What each argument that points to a number pointed to.
fn lengths(args: &[Arg]) -> [Option<i64>; 6] {
    let mut lengths = [None; 6];
    for (slot, arg) in lengths.iter_mut().zip(args) {
        if let Value::Pointee(inner) = &arg.value
            && let Value::Int(n) = **inner
        {
            *slot = Some(n);
        }
    }
    lengths
}

/// Each parameter that is shown, with its register.
fn shown(params: &'static [Param], call: &RawCall) -> impl Iterator<Item = (&'static Param, u64)> {
    params
        .iter()
        .zip(call.args)
        .filter(|(param, _)| !matches!(param.kind, describe::Kind::Skip))
}

/// Decodes what the caller passes in, as it stands when the call begins (or while it is
/// blocked). Outputs become [`crate::value::Value::Pending`].
#[must_use]
pub fn decode_entry(call: &RawCall, context: &DecodeContext<'_>) -> Vec<Arg> {
    let cx = Cx {
        call,
        context,
        outcome: None,
        lengths: [None; 6],
    };
    shown(params(describe(call.abi, call.nr), &cx), call)
        .map(|(param, raw)| Arg {
            name: param.name,
            value: param.kind.at_entry(&cx, raw),
        })
        .collect()
}

/// Completes `args`, as [`decode_entry`] left them, with what the kernel has written. What
/// it reported besides is added at the end, as [`Value::Aside`]. Calls whose
/// [`needs_entry`] is false may be decoded entry and exit together once they have ended.
pub fn decode_exit(
    call: &RawCall,
    outcome: Outcome,
    context: &DecodeContext<'_>,
    args: &mut Vec<Arg>,
) {
    let cx = Cx {
        call,
        context,
        outcome: Some(outcome),
        lengths: lengths(args),
    };
    let description = describe(call.abi, call.nr);
    let params = params(description, &cx);
    if matches!(outcome, Outcome::Returned(_) | Outcome::Failed(_)) {
        for ((param, raw), arg) in shown(params, call).zip(args.iter_mut()) {
            let entry = std::mem::replace(&mut arg.value, Value::Int(0));
            arg.value = param.kind.at_exit(&cx, raw, entry);
        }
        if let Some(asides) = description.and_then(|c| c.asides) {
            args.extend(asides(&cx).into_iter().map(|(label, value)| Arg {
                name: "result",
                value: Value::Aside(label, Box::new(value)),
            }));
        }
    }
}

/// An argument to which the kernel adds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Growing {
    /// Its place among those that are shown.
    pub place: usize,
    /// Whether what is added stands behind it, rather than inside.
    pub behind: bool,
}

/// Which argument of those that are shown is read when the call begins, and again when it has
/// ended: strace writes what it finds then behind what it found first.
#[must_use]
pub fn grows(call: &RawCall) -> Option<Growing> {
    without_memory(call, |params| {
        let mut kinds = shown(params, call).map(|(param, _)| param.kind).enumerate();
        kinds.find_map(|(place, kind)| {
            let behind = match kind {
                describe::Kind::InOut(..) => false,
                describe::Kind::Behind(..) => true,
                _ => return None,
            };
            Some(Growing { place, behind })
        })
    })?
}

/// Looks at the parameters of a call; where they depend on memory, as though there were none.
fn without_memory<T>(call: &RawCall, look: impl FnOnce(&'static [Param]) -> T) -> Option<T> {
    match describe(call.abi, call.nr).map(|c| &c.params)? {
        Params::Fixed(params) => Some(look(params)),
        Params::By(choose) => {
            let nothing = crate::memory::Segments::new();
            let context = DecodeContext {
                memory: &nothing,
                string_limit: 0,
                verbose: false,
                netlink: None,
                sp: None,
                now: Timestamp::default(),
            };
            let cx = Cx {
                call,
                context: &context,
                outcome: None,
                lengths: [None; 6],
            };
            Some(look(choose(&cx)))
        }
    }
}

/// Whether the arguments must be decoded when the call begins, because the kernel
/// overwrites some of what it reads (select's sets, accept's address length), or because the
/// memory is gone afterwards (execve). Other calls may be decoded when they have ended.
#[must_use]
pub fn needs_entry(call: &RawCall) -> bool {
    without_memory(call, |params| params.iter().any(|p| p.kind.needs_entry())).unwrap_or(false)
}

/// What the result of a call is.
#[must_use]
pub fn result_kind(call: &RawCall) -> ResultKind {
    describe(call.abi, call.nr).map_or(ResultKind::Int, |c| match c.result {
        ResultKind::Int if c.name == "fcntl" => calls::file::fcntl_result(call.args[1]),
        ResultKind::Int if c.name == "prctl" => calls::prctl::prctl_result(call.args[0]),
        kind => kind,
    })
}

/// Calls `visit` with every value in `args`, inner ones included, outer ones first.
pub fn visit<'a>(args: &'a [Arg], visit: &mut dyn FnMut(&'a Value)) {
    for arg in args {
        visit_value(&arg.value, visit);
    }
}

fn visit_value<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Struct { fields, .. } => fields.iter().for_each(|(_, v)| visit_value(v, visit)),
        Value::Array { items, .. }
        | Value::Conversion(_, items)
        | Value::Or(items)
        | Value::All(items)
        | Value::Words(items) => {
            items.iter().for_each(|v| visit_value(v, visit));
        }
        Value::Pointee(v)
        | Value::Not(v)
        | Value::Shifted(v, _)
        | Value::Labelled(_, v)
        | Value::Aside(_, v)
        | Value::Held(v)
        | Value::Network(_, v, _)
        | Value::Verbose(v)
        | Value::Sum(_, v)
        | Value::Noted(v, _) => {
            visit_value(v, visit);
        }
        Value::Changed(before, after) | Value::Spelled(before, after) => {
            visit_value(before, visit);
            visit_value(after, visit);
        }
        _ => {}
    }
}

/// The most descriptors and processes of one call that are worth looking up.
const MOST_IDS: usize = 256;

/// The descriptors among `args`, those inside structures included, each once, in order of
/// appearance. Negative ones (AT_FDCWD, -1) are left out.
#[must_use]
pub fn fds(args: &[Arg]) -> Vec<i32> {
    let mut fds = Vec::new();
    let mut add = |fd: i32| {
        if fd >= 0 && fds.len() < MOST_IDS && !fds.contains(&fd) {
            fds.push(fd);
        }
    };
    visit(args, &mut |value| match value {
        Value::Fd(fd) | Value::DirFd(fd) => add(*fd),
        Value::FdSet(set) => set.iter().copied().for_each(&mut add),
        _ => {}
    });
    fds
}

/// The numbers of network interfaces among `args`, as [`fds`].
#[must_use]
pub fn interfaces(args: &[Arg]) -> Vec<u32> {
    let mut found = Vec::new();
    visit(args, &mut |value| {
        if let Value::Interface(index) = value
            && *index > 0
            && found.len() < MOST_IDS
            && !found.contains(index)
        {
            found.push(*index);
        }
    });
    found
}

/// The process and thread ids among `args`, as [`fds`]; only positive ones.
#[must_use]
pub fn pids(args: &[Arg]) -> Vec<i32> {
    let mut pids = Vec::new();
    visit(args, &mut |value| {
        if let Value::Pid(pid) = value
            && *pid > 0
            && pids.len() < MOST_IDS
            && !pids.contains(pid)
        {
            pids.push(*pid);
        }
    });
    pids
}
