//! Processes: wait status, struct rusage, argument lists, clone's arguments.

use crate::ids::{Addr, Signal};
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::process::{CLONE_FLAGS, CLONE3_FLAGS, SCHED_FLAGS, SCHEDULERS};
use crate::value::{Note, Value};

/// An exit status in siginfo.
pub(crate) fn exit_code(code: i32) -> Value {
    Value::Int(i64::from(code))
}

/// wait4's status: present when a child was found.
pub(crate) fn wait_status(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.returned() {
        Some(n) if n > 0 => cx.pointee::<4>(addr, |b| Value::WaitStatus(b.u32(0))),
        _ => Value::Ptr(Addr(addr)),
    }
}

fn rusage_fields(b: &Bytes<'_>) -> Value {
    let timeval = |at| {
        Value::fields(vec![
            ("tv_sec", Value::Int(b.i64(at))),
            ("tv_usec", Value::Uint(b.u64(at + 8))),
        ])
    };
    Value::Struct {
        fields: vec![("ru_utime", timeval(0)), ("ru_stime", timeval(16))],
        more: true,
    }
}

/// struct rusage, whose two times are shown.
pub(crate) fn rusage(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<144>(addr, rusage_fields)
}

/// wait4's rusage: present when a child was found.
pub(crate) fn wait_rusage(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.returned() {
        Some(n) if n > 0 => rusage(cx, addr),
        _ => Value::Ptr(Addr(addr)),
    }
}

/// waitid's id, by its type.
pub(crate) fn waitid_id(cx: &Cx<'_>, raw: u64) -> Value {
    const P_PIDFD: u32 = 3;
    match cx.arg(0) as u32 {
        P_PIDFD => Value::Fd(raw as i32),
        _ => Value::Pid(raw as i32),
    }
}

/// execve's arguments, as many as are shown.
pub(crate) fn argument_list(cx: &Cx<'_>, addr: u64) -> Value {
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    let mut items = Vec::new();
    for n in 0.. {
        let at = addr.wrapping_add(n * 8);
        let Some(pointer) = cx.u64_at(at) else {
            if items.is_empty() {
                return Value::Unreadable(Addr(addr));
            }
            return Value::Array {
                items,
                truncated: false,
                unreadable: Some(Addr(at)),
            };
        };
        if pointer == 0 {
            break;
        }
        if items.len() >= cx.limit() {
            return Value::Array {
                items,
                truncated: true,
                unreadable: None,
            };
        }
        items.push(cx.string(pointer));
    }
    Value::array(items)
}

/// execve's environment, as a count.
pub(crate) fn environment(cx: &Cx<'_>, addr: u64) -> Value {
    const MOST: u64 = 65_536;
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    let pointer = Box::new(Value::Ptr(Addr(addr)));
    for n in 0..MOST {
        match cx.u64_at(addr.wrapping_add(n * 8)) {
            None if n == 0 => return *pointer,
            Some(0) | None => return Value::Noted(pointer, Note::Vars(n)),
            Some(_) => {}
        }
    }
    Value::Noted(pointer, Note::Vars(MOST))
}

fn labelled(label: &'static str, value: Value) -> Value {
    Value::Labelled(label, Box::new(value))
}

/// clone's stack; strace shows it before the flags.
pub(crate) fn clone_stack(cx: &Cx<'_>, raw: u64) -> Value {
    // The first register holds the flags, the second the stack.
    let _ = raw;
    labelled("child_stack", Value::Ptr(Addr(cx.arg(1))))
}

/// clone's flags, with the signal that the child sends.
pub(crate) fn clone_flags(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = raw;
    let flags = cx.arg(0) & 0xffff_ffff;
    let mut parts = vec![Value::Flags(flags & !0xff, &CLONE_FLAGS)];
    if flags & 0xff != 0 {
        parts.push(Value::Signal(Signal((flags & 0xff) as i32)));
    }
    labelled("flags", Value::Or(parts))
}

/// Where clone stores the child's id, or its pidfd.
pub(crate) fn clone_parent(cx: &Cx<'_>, addr: u64) -> Value {
    let value = match cx.returned() {
        Some(_) => super::io::int(cx, addr),
        None => Value::Ptr(Addr(addr)),
    };
    labelled("parent_tid", value)
}

/// clone's thread pointer.
pub(crate) fn clone_tls(cx: &Cx<'_>, addr: u64) -> Value {
    let _ = cx;
    labelled("tls", Value::Hex(addr))
}

/// The word that clone clears when the child ends.
pub(crate) fn clone_child(cx: &Cx<'_>, addr: u64) -> Value {
    let _ = cx;
    labelled("child_tidptr", Value::Ptr(Addr(addr)))
}

/// struct clone_args (linux/sched.h).
pub(crate) fn clone_args(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.arg(1) < 64 {
        return Value::Ptr(Addr(addr));
    }
    cx.structure::<64>(addr, |b| {
        let mut fields = vec![("flags", Value::Flags(b.u64(0), &CLONE3_FLAGS))];
        let pointers = [
            (0x1000, "pidfd", 8),
            (0x0120_0000, "child_tid", 16),
            (0x0010_0000, "parent_tid", 24),
        ];
        for (flag, name, at) in pointers {
            if b.u64(0) & flag != 0 {
                fields.push((name, Value::Ptr(Addr(b.u64(at)))));
            }
        }
        let signal = Value::Signal(Signal(i32::try_from(b.u64(32)).unwrap_or(-1)));
        fields.push(("exit_signal", signal));
        fields.push(("stack", Value::Ptr(Addr(b.u64(40)))));
        fields.push(("stack_size", Value::Hex(b.u64(48))));
        if b.u64(0) & 0x0008_0000 != 0 {
            fields.push(("tls", Value::Hex(b.u64(56))));
        }
        Value::fields(fields)
    })
}

/// What clone3 stored where its arguments point.
pub(crate) fn clone_args_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let Some(flags) = cx.u64_at(addr).filter(|_| cx.returned().is_some()) else {
        return entry;
    };
    let mut fields = Vec::new();
    for (flag, name, at) in [(0x1000, "pidfd", 8), (0x0010_0000, "parent_tid", 24)] {
        if flags & flag != 0
            && let Some(target) = cx.u64_at(addr.wrapping_add(at))
        {
            fields.push((name, super::io::int(cx, target)));
        }
    }
    match fields.is_empty() {
        true => entry,
        false => Value::Changed(Box::new(entry), Box::new(Value::fields(fields))),
    }
}

/// struct rlimit64.
pub(crate) fn rlimit(cx: &Cx<'_>, addr: u64) -> Value {
    let limit = |n: u64| match n {
        u64::MAX => Value::Symbol("RLIM64_INFINITY"),
        n if n > 1024 && n % 1024 == 0 => Value::Kilo(n / 1024),
        n => Value::Uint(n),
    };
    cx.structure::<16>(addr, |b| {
        Value::fields(vec![
            ("rlim_cur", limit(b.u64(0))),
            ("rlim_max", limit(b.u64(8))),
        ])
    })
}

/// A pointer in memory.
pub(crate) fn pointer(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Ptr(Addr(b.u64(0))))
}

/// A size in memory.
pub(crate) fn size(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Uint(b.u64(0)))
}

/// A signal number in memory.
pub(crate) fn signal_pointee(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Signal(Signal(b.i32(0))))
}

/// struct sched_param: a priority.
pub(crate) fn sched_param(cx: &Cx<'_>, addr: u64) -> Value {
    super::io::int(cx, addr)
}

/// struct sched_attr (linux/sched/types.h).
pub(crate) fn sched_attr(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<48>(addr, |b| {
        Value::fields(vec![
            ("size", Value::Uint(u64::from(b.u32(0)))),
            (
                "sched_policy",
                Value::Const(u64::from(b.u32(4)), &SCHEDULERS),
            ),
            ("sched_flags", Value::Flags(b.u64(8), &SCHED_FLAGS)),
            ("sched_nice", Value::Int(i64::from(b.i32(16)))),
            ("sched_priority", Value::Uint(u64::from(b.u32(20)))),
            ("sched_runtime", Value::Uint(b.u64(24))),
            ("sched_deadline", Value::Uint(b.u64(32))),
            ("sched_period", Value::Uint(b.u64(40))),
        ])
    })
}

/// The CPUs in a mask of the size that sched_getaffinity returned.
pub(crate) fn cpus_returned(cx: &Cx<'_>, addr: u64) -> Value {
    cpus(cx, addr, cx.count())
}

/// The CPUs in a mask of the size given.
pub(crate) fn cpus_given(cx: &Cx<'_>, addr: u64) -> Value {
    cpus(cx, addr, cx.arg(1))
}

fn cpus(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    // 8192 CPUs, the kernel's own limit (NR_CPUS).
    const MOST: u64 = 1024;
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    match cx.context.memory.bytes(Addr(addr), len.min(MOST) as usize) {
        Ok(mask) => Value::CpuSet(
            (0..)
                .zip(mask)
                .flat_map(|(n, byte)| {
                    (0..8u32)
                        .filter(move |bit| byte >> bit & 1 == 1)
                        .map(move |bit| n * 8 + bit)
                })
                .collect(),
        ),
        Err(_) => Value::Unreadable(Addr(addr)),
    }
}
