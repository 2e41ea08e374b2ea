//! Who and where: groups, capabilities, host names, personalities, priorities.

use super::io;
use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::uid;
use crate::syscall::names::prctl::*;
use crate::value::Value;

/// NGROUPS_MAX (linux/limits.h).
const MOST_GROUPS: i64 = 65_536;

/// The groups that getgroups has written, unless it was only asked for their number.
pub(crate) fn groups_returned(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.arg(0) as i32 {
        0 => groups(cx, addr, 0),
        _ => groups(cx, addr, cx.count() as i64),
    }
}

/// The groups that setgroups sets.
pub(crate) fn groups_given(cx: &Cx<'_>, addr: u64) -> Value {
    groups(cx, addr, i64::from(cx.arg(0) as i32))
}

fn groups(cx: &Cx<'_>, addr: u64, count: i64) -> Value {
    match (addr, u64::try_from(count)) {
        (0, _) | (_, Err(_)) => Value::Ptr(Addr(addr)),
        (_, Ok(_)) if count > MOST_GROUPS => Value::Ptr(Addr(addr)),
        (_, Ok(0)) => Value::array(Vec::new()),
        (_, Ok(count)) => cx.array::<4>(addr, count, |b| uid(b.u32(0))),
    }
}

/// struct __user_cap_header_struct (linux/capability.h).
pub(crate) fn capability_header(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        Value::fields(vec![
            (
                "version",
                Value::Const(u64::from(b.u32(0)), &CAPABILITY_VERSIONS),
            ),
            ("pid", Value::Pid(b.i32(4))),
        ])
    })
}

/// struct __user_cap_data_struct: one of 32 bits, or two halves from version 2 on.
pub(crate) fn capabilities(cx: &Cx<'_>, addr: u64) -> Value {
    const VERSION_2: u32 = 0x2007_1026;
    const VERSION_3: u32 = 0x2008_0522;
    let Some(header) = cx.read::<8>(cx.arg(0)).filter(|_| cx.arg(0) != 0) else {
        return Value::Ptr(Addr(addr));
    };
    let [a, b, c, d, ..] = header;
    let version = u32::from_le_bytes([a, b, c, d]);
    let sets = |low: [u32; 3], high: [u32; 3]| {
        let names = ["effective", "permitted", "inheritable"];
        let each = names.iter().enumerate();
        Value::fields(
            each.map(|(n, name)| {
                let set = u64::from(low[n]) | u64::from(high[n]) << 32;
                (*name, Value::Bits(set, &CAPABILITIES))
            })
            .collect(),
        )
    };
    match version {
        VERSION_2 | VERSION_3 => cx.structure::<24>(addr, |b| {
            sets(
                [b.u32(0), b.u32(4), b.u32(8)],
                [b.u32(12), b.u32(16), b.u32(20)],
            )
        }),
        _ => cx.structure::<12>(addr, |b| sets([b.u32(0), b.u32(4), b.u32(8)], [0; 3])),
    }
}

/// struct new_utsname (linux/utsname.h): the first two names, and all with -v.
pub(crate) fn utsname(cx: &Cx<'_>, addr: u64) -> Value {
    const EACH: usize = 65;
    const NAMES: [&str; 6] = [
        "sysname",
        "nodename",
        "release",
        "version",
        "machine",
        "domainname",
    ];
    cx.structure::<390>(addr, |b| {
        let shown = if cx.context.verbose { 6 } else { 2 };
        let fields = NAMES.iter().take(shown).enumerate().map(|(n, name)| {
            let text = b.data.get(n * EACH..(n + 1) * EACH).unwrap_or(&[]);
            let end = text.iter().position(|c| *c == 0).unwrap_or(text.len());
            (*name, Value::bytes(text.get(..end).unwrap_or(&[])))
        });
        Value::Struct {
            fields: fields.collect(),
            more: !cx.context.verbose,
        }
    })
}

/// struct sysinfo (linux/sysinfo.h).
pub(crate) fn sysinfo(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<112>(addr, |b| {
        let loads = [8, 16, 24].map(|at| Value::Uint(b.u64(at)));
        let mut fields = vec![
            ("uptime", Value::Int(b.i64(0))),
            ("loads", Value::array(loads.into())),
        ];
        for (name, at) in [
            ("totalram", 32),
            ("freeram", 40),
            ("sharedram", 48),
            ("bufferram", 56),
            ("totalswap", 64),
            ("freeswap", 72),
        ] {
            fields.push((name, Value::Uint(b.u64(at))));
        }
        fields.push(("procs", Value::Uint(u64::from(b.u16(80)))));
        fields.push(("totalhigh", Value::Uint(b.u64(88))));
        fields.push(("freehigh", Value::Uint(b.u64(96))));
        fields.push(("mem_unit", Value::Uint(u64::from(b.u32(104)))));
        Value::fields(fields)
    })
}

/// A host name, whose length is argument 1; the kernel takes no more than 64 bytes.
pub(crate) fn name_of_length(cx: &Cx<'_>, addr: u64) -> Value {
    const HOST_NAME_MAX: u64 = 64;
    match cx.arg(1) & 0xffff_ffff {
        len @ 0..=HOST_NAME_MAX => cx.buffer(addr, len),
        _ => Value::Ptr(Addr(addr)),
    }
}

/// A personality: the type and its flags; -1 asks for it.
pub(crate) fn personality(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw & 0xffff_ffff {
        all @ 0xffff_ffff => Value::Hex(all),
        raw => personality_of(raw),
    }
}

pub(crate) fn personality_of(raw: u64) -> Value {
    const TYPE: u64 = 0xff;
    let kind = Value::Const(raw & TYPE, &PERSONALITIES);
    match raw & 0xffff_ff00 {
        0 => kind,
        flags => Value::All(vec![kind, Value::Flags(flags, &PERSONALITY_FLAGS)]),
    }
}

/// Whose I/O priority it is.
pub(crate) fn ioprio_who(cx: &Cx<'_>, raw: u64) -> Value {
    match cx.arg(0) as u32 {
        1 | 2 => Value::Pid(raw as i32),
        3 => uid(raw as u32),
        _ => Value::Int(i64::from(raw as i32)),
    }
}

/// An I/O priority: class and level (linux/ioprio.h).
pub(crate) fn ioprio(cx: &Cx<'_>, raw: u64) -> Value {
    const CLASS_SHIFT: u64 = 13;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    let taken_apart = Value::Conversion(
        "IOPRIO_PRIO_VALUE",
        vec![
            Value::Const(raw >> CLASS_SHIFT, &IOPRIO_CLASSES),
            Value::Uint(raw & ((1 << CLASS_SHIFT) - 1)),
        ],
    );
    let number = Value::Int(i64::from(raw as i32));
    Value::Spelled(Box::new(number), Box::new(taken_apart))
}

/// A descriptor of another process: kcmp's.
pub(crate) fn fd_of_another(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Int(i64::from(raw as i32))
}

/// struct kcmp_epoll_slot (linux/kcmp.h).
pub(crate) fn epoll_slot(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<12>(addr, |b| {
        let number = |at| Value::Int(i64::from(b.i32(at)));
        Value::fields(vec![
            ("efd", number(0)),
            ("tfd", number(4)),
            ("toff", Value::Uint(u64::from(b.u32(8)))),
        ])
    })
}

/// What process_vm_readv has read; where it failed, only where it would have gone.
pub(crate) fn vectors_read(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.returned() {
        Some(n) => io::vectors(cx, addr, cx.arg(2), n.max(0) as u64),
        None => io::bare_vectors(cx, addr, cx.arg(2)),
    }
}

/// What process_vm_writev writes.
pub(crate) fn vectors_local(cx: &Cx<'_>, addr: u64) -> Value {
    io::vectors(cx, addr, cx.arg(2), u64::MAX)
}

/// Vectors of another process: only where they are.
pub(crate) fn vectors_remote(cx: &Cx<'_>, addr: u64) -> Value {
    io::bare_vectors(cx, addr, cx.arg(4))
}
