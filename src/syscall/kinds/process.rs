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

fn rusage_fields(b: &Bytes<'_>, full: bool) -> Value {
    const COUNTS: [&str; 14] = [
        "ru_maxrss",
        "ru_ixrss",
        "ru_idrss",
        "ru_isrss",
        "ru_minflt",
        "ru_majflt",
        "ru_nswap",
        "ru_inblock",
        "ru_oublock",
        "ru_msgsnd",
        "ru_msgrcv",
        "ru_nsignals",
        "ru_nvcsw",
        "ru_nivcsw",
    ];
    let timeval = |at| {
        Value::fields(vec![
            ("tv_sec", Value::Int(b.i64(at))),
            ("tv_usec", Value::Uint(b.u64(at + 8))),
        ])
    };
    let mut fields = vec![("ru_utime", timeval(0)), ("ru_stime", timeval(16))];
    if full {
        let counts = COUNTS.iter().enumerate();
        fields.extend(counts.map(|(n, name)| (*name, Value::Uint(b.u64(32 + n * 8)))));
    }
    Value::Struct {
        fields,
        more: !full,
    }
}

/// struct rusage, whose two times are shown, and all of it with -v.
pub(crate) fn rusage(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<144>(addr, |b| rusage_fields(b, cx.context.verbose))
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
    const MOST: usize = 65_536;
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
        if items.len() >= cx.elements().min(MOST) {
            return Value::Array {
                items,
                truncated: true,
                unreadable: None,
            };
        }
        items.push(match cx.string(pointer) {
            // A pointer among strings is a number.
            Value::Unreadable(addr) => Value::Hex(addr.0),
            text => text,
        });
    }
    Value::array(items)
}

/// execve's environment, as a count.
pub(crate) fn environment(cx: &Cx<'_>, addr: u64) -> Value {
    const MOST: u64 = 65_536;
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    if cx.context.verbose {
        return argument_list(cx, addr);
    }
    let pointer = Box::new(Value::Ptr(Addr(addr)));
    for n in 0..MOST {
        match cx.u64_at(addr.wrapping_add(n * 8)) {
            None if n == 0 => return *pointer,
            None => return Value::Noted(pointer, Note::VarsUnterminated(n)),
            Some(0) => return Value::Noted(pointer, Note::Vars(n)),
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
    const CSIGNAL: u64 = 0xff;
    let _ = raw;
    let flags = cx.arg(0);
    let signal = Value::Signal(Signal((flags & CSIGNAL) as i32));
    let value = match (flags & !CSIGNAL, flags & CSIGNAL) {
        (0, _) => signal,
        (bits, 0) => Value::Flags(bits, &CLONE_FLAGS),
        (bits, _) => Value::All(vec![Value::Flags(bits, &CLONE_FLAGS), signal]),
    };
    labelled("flags", value)
}

/// Where clone stores the child's id, or its pidfd.
pub(crate) fn clone_parent(cx: &Cx<'_>, addr: u64) -> Value {
    const CLONE_PARENT_SETTID: u64 = 0x0010_0000;
    let value = match cx.returned() {
        Some(_) if cx.arg(0) & CLONE_PARENT_SETTID == 0 => {
            cx.pointee::<4>(addr, |b| Value::Fd(b.i32(0)))
        }
        Some(_) => cx.pointee::<4>(addr, |b| Value::Pid(b.i32(0))),
        None => Value::Ptr(Addr(addr)),
    };
    labelled("parent_tid", value)
}

/// clone's thread pointer. The kernel takes the last two in another order on arm64
/// (CONFIG_CLONE_BACKWARDS).
pub(crate) fn clone_tls(cx: &Cx<'_>, _: u64) -> Value {
    let register = if cx.is_aarch64() { 3 } else { 4 };
    labelled("tls", Value::Ptr(Addr(cx.arg(register))))
}

/// The word that clone clears when the child ends.
pub(crate) fn clone_child(cx: &Cx<'_>, _: u64) -> Value {
    let register = if cx.is_aarch64() { 4 } else { 3 };
    labelled("child_tidptr", Value::Ptr(Addr(cx.arg(register))))
}

/// struct clone_args (linux/sched.h), of which the caller passes as much as it knows.
pub(crate) fn clone_args(cx: &Cx<'_>, addr: u64) -> Value {
    // The first version's size, and all that we know.
    const FIRST: u64 = 64;
    const WHOLE: u64 = 88;
    let size = cx.arg(1);
    if size < FIRST || addr == 0 {
        return Value::Ptr(Addr(addr));
    }
    let known = size.min(WHOLE);
    let Ok(data) = cx.context.memory.bytes(Addr(addr), known as usize) else {
        return Value::Unreadable(Addr(addr));
    };
    let mut room = [0; WHOLE as usize];
    let given = Bytes {
        addr: Addr(addr),
        data: &data,
    };
    let args = clone_fields(cx, &given.padded(&mut room), known);
    cx.with_tail(args, addr, known, size)
}

/// Its fields, of which `known` bytes were given.
fn clone_fields(cx: &Cx<'_>, b: &Bytes<'_>, known: u64) -> Value {
    const MOST_TIDS: u64 = 32;
    const INTO_CGROUP: u64 = 0x2_0000_0000;
    let flags = b.u64(0);
    let mut fields = vec![("flags", Value::Flags(flags, &CLONE3_FLAGS))];
    let pointers = [
        (0x1000, "pidfd", 8),
        (0x0120_0000, "child_tid", 16),
        (0x0010_0000, "parent_tid", 24),
    ];
    for (flag, name, at) in pointers {
        if flags & flag != 0 {
            fields.push((name, Value::Ptr(Addr(b.u64(at)))));
        }
    }
    let signal = match i32::try_from(b.u64(32)) {
        Ok(n) if n < i32::MAX => Value::Signal(Signal(n)),
        _ => Value::Uint(b.u64(32)),
    };
    fields.push(("exit_signal", signal));
    fields.push(("stack", Value::Ptr(Addr(b.u64(40)))));
    fields.push(("stack_size", Value::Hex(b.u64(48))));
    if flags & 0x0008_0000 != 0 {
        fields.push(("tls", Value::Ptr(Addr(b.u64(56)))));
    }
    let (tids, count) = (b.u64(64), b.u64(72));
    if tids != 0 || count != 0 {
        let shown = match count {
            1..=MOST_TIDS => cx.array::<4>(tids, count, |b| Value::Int(i64::from(b.i32(0)))),
            _ => Value::Ptr(Addr(tids)),
        };
        fields.push(("set_tid", shown));
        fields.push(("set_tid_size", Value::Uint(count)));
    }
    if known > 80 && (b.u64(80) != 0 || flags & INTO_CGROUP != 0) {
        fields.push(("cgroup", Value::Uint(b.u64(80))));
    }
    Value::fields(fields)
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
            let stored = cx.pointee::<4>(target, |b| match name {
                "pidfd" => Value::Fd(b.i32(0)),
                _ => Value::Pid(b.i32(0)),
            });
            fields.push((name, stored));
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

/// struct sched_attr (linux/sched/types.h) of `size` bytes: the first version has 48, the second 56.
fn sched_attr(cx: &Cx<'_>, addr: u64, size: u64, setting: bool) -> Value {
    const FIRST: u64 = 48;
    const SECOND: u64 = 56;
    const KEEP_POLICY: u64 = 8;
    const KEEP_PARAMS: u64 = 0x10;
    let make = |b: &Bytes<'_>| {
        let flags = b.u64(8);
        let keeps = |flag| setting && flags & flag != 0;
        let mut fields = vec![("size", Value::Uint(u64::from(b.u32(0))))];
        if !keeps(KEEP_POLICY | KEEP_PARAMS) {
            let policy = Value::Const(u64::from(b.u32(4)), &SCHEDULERS);
            fields.push(("sched_policy", policy));
        }
        fields.push(("sched_flags", Value::Flags(flags, &SCHED_FLAGS)));
        if !keeps(KEEP_PARAMS) {
            fields.push(("sched_nice", Value::Int(i64::from(b.i32(16)))));
            fields.push(("sched_priority", Value::Uint(u64::from(b.u32(20)))));
            fields.push(("sched_runtime", Value::Uint(b.u64(24))));
            fields.push(("sched_deadline", Value::Uint(b.u64(32))));
            fields.push(("sched_period", Value::Uint(b.u64(40))));
        }
        if size >= SECOND {
            for (name, at) in [("sched_util_min", 48), ("sched_util_max", 52)] {
                fields.push((name, Value::Uint(u64::from(b.u32(at)))));
            }
        }
        Value::Struct {
            fields,
            more: size > SECOND,
        }
    };
    match size {
        0 | FIRST..SECOND => cx.structure::<48>(addr, make),
        1..FIRST => cx.structure::<4>(addr, |b| {
            Value::fields(vec![("size", Value::Uint(u64::from(b.u32(0))))])
        }),
        _ => cx.structure::<56>(addr, make),
    }
}

/// The attributes that sched_getattr has written, which say how long they are.
pub(crate) fn sched_attr_got(cx: &Cx<'_>, addr: u64) -> Value {
    let size = cx.u32_at(addr).unwrap_or(0);
    sched_attr(cx, addr, u64::from(size), false)
}

/// The attributes that sched_setattr sets.
pub(crate) fn sched_attr_set(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.u32_at(addr) {
        Some(size) => sched_attr(cx, addr, u64::from(size), true),
        None => Value::Ptr(Addr(addr)),
    }
}

/// A size that it does not know the kernel replaces by the one it knows.
pub(crate) fn sched_attr_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    const E2BIG: i32 = 7;
    match (cx.errno(), cx.u32_at(addr)) {
        (Some(E2BIG), Some(size)) => {
            let known = Value::fields(vec![("size", Value::Uint(u64::from(size)))]);
            Value::Changed(Box::new(entry), Box::new(known))
        }
        _ => entry,
    }
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
