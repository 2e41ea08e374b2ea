//! Processes: wait status, struct rusage, argument lists, clone's arguments.

use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::value::Value;

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
