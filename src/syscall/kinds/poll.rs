//! Readiness: struct epoll_event, struct pollfd, fd_set.

use super::time;
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::poll::{EPOLL_EVENTS, FAN_CLASSES, FAN_INIT_FLAGS, POLL_EVENTS};
use crate::value::Value;

/// One struct epoll_event; packed on x86_64 (linux/eventpoll.h, EPOLL_PACKED).
fn epoll_event(b: &Bytes<'_>, data_at: usize) -> Value {
    Value::fields(vec![
        ("events", Value::Flags(u64::from(b.u32(0)), &EPOLL_EVENTS)),
        (
            "data",
            Value::fields(vec![
                ("u32", Value::Uint(u64::from(b.u32(data_at)))),
                ("u64", Value::Uint(b.u64(data_at))),
            ]),
        ),
    ])
}

/// What epoll_ctl passes; EPOLL_CTL_DEL reads none.
pub(crate) fn epoll_ctl_event(cx: &Cx<'_>, addr: u64) -> Value {
    const EPOLL_CTL_DEL: u32 = 2;
    if cx.arg(1) as u32 == EPOLL_CTL_DEL {
        return Value::Ptr(Addr(addr));
    }
    if cx.is_aarch64() {
        cx.structure::<16>(addr, |b| epoll_event(b, 8))
    } else {
        cx.structure::<12>(addr, |b| epoll_event(b, 4))
    }
}

/// The events that occurred, as many as the call returned.
pub(crate) fn epoll_events(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.is_aarch64() {
        cx.array::<16>(addr, cx.count(), |b| epoll_event(b, 8))
    } else {
        cx.array::<12>(addr, cx.count(), |b| epoll_event(b, 4))
    }
}

/// poll's descriptors and the events asked for.
pub(crate) fn pollfds(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<8>(addr, u64::from(cx.arg(1) as u32), |b| {
        let fd = b.i32(0);
        let mut fields = vec![("fd", Value::Fd(fd))];
        if fd >= 0 {
            fields.push(("events", Value::Flags(u64::from(b.u16(4)), &POLL_EVENTS)));
        }
        Value::fields(fields)
    })
}

/// The descriptors whose events occurred.
fn ready(cx: &Cx<'_>) -> Value {
    // As many as are looked at for output; the array itself can be longer than what is shown.
    const MOST: u64 = 65_536;
    let base = cx.arg(0);
    let mut items = Vec::new();
    let mut truncated = false;
    for n in 0..u64::from(cx.arg(1) as u32).min(MOST) {
        let Some(raw) = cx.read::<8>(base.wrapping_add(n * 8)) else {
            break;
        };
        let b = Bytes {
            addr: Addr(base),
            data: &raw,
        };
        if b.u16(6) == 0 || b.i32(0) < 0 {
            continue;
        }
        if items.len() == cx.elements() {
            truncated = true;
            break;
        }
        items.push(Value::fields(vec![
            ("fd", Value::Fd(b.i32(0))),
            ("revents", Value::Flags(u64::from(b.u16(6)), &POLL_EVENTS)),
        ]));
    }
    Value::Array {
        items,
        truncated,
        unreadable: None,
    }
}

/// What poll reports besides its count.
pub(crate) fn poll_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(0) => vec![("", Value::Symbol("Timeout"))],
        Some(_) => vec![("", ready(cx))],
        None => Vec::new(),
    }
}

/// What ppoll reports besides its count; it also writes back the time left.
pub(crate) fn ppoll_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    let mut asides = poll_asides(cx);
    if cx.count() > 0 && cx.arg(2) != 0 {
        asides.push(("left", time::timespec(cx, cx.arg(2))));
    }
    asides
}

/// The descriptors of an fd_set of the call's first argument's size.
pub(crate) fn fd_set(cx: &Cx<'_>, addr: u64) -> Value {
    if addr == 0 || (cx.arg(0) as i32) <= 0 {
        return Value::Ptr(Addr(addr));
    }
    match read_set(cx, addr) {
        Some(set) => Value::FdSet(set),
        None => Value::Unreadable(Addr(addr)),
    }
}

fn read_set(cx: &Cx<'_>, addr: u64) -> Option<Vec<i32>> {
    // The kernel takes sets as large as the descriptor table; this bounds a hostile one.
    const MOST: i32 = 65_536;
    let nfds = (cx.arg(0) as i32).clamp(0, MOST);
    let words = nfds.div_euclid(64) + i32::from(nfds % 64 != 0);
    let raw = cx
        .context
        .memory
        .bytes(Addr(addr), usize::try_from(words).ok()? * 8)
        .ok()?;
    Some(
        (0..nfds)
            .filter(|fd| {
                let byte = raw.get((fd / 8) as usize).copied().unwrap_or(0);
                byte >> (fd % 8) & 1 == 1
            })
            .collect(),
    )
}

fn select_asides(cx: &Cx<'_>, left: Value) -> Vec<(&'static str, Value)> {
    let Some(count) = cx.returned() else {
        return Vec::new();
    };
    if count == 0 {
        return vec![("", Value::Symbol("Timeout"))];
    }
    let mut asides = Vec::new();
    let mut left_over = usize::try_from(count).unwrap_or(0);
    for (label, addr) in [("in", cx.arg(1)), ("out", cx.arg(2)), ("except", cx.arg(3))] {
        if addr == 0 {
            continue;
        }
        if let Some(mut set) = read_set(cx, addr).filter(|s| !s.is_empty()) {
            // Sets may share memory: there are no more of them than the call said.
            set.truncate(left_over);
            left_over -= set.len();
            if !set.is_empty() {
                asides.push((label, Value::FdSet(set)));
            }
        }
    }
    if cx.arg(4) != 0 {
        asides.push(("left", left));
    }
    if asides.is_empty() {
        asides.push(("", Value::Symbol("")));
    }
    asides
}

/// What select reports besides its count.
pub(crate) fn select_timeval_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    select_asides(cx, time::timeval(cx, cx.arg(4)))
}

/// What pselect6 reports besides its count.
pub(crate) fn select_timespec_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    select_asides(cx, time::timespec(cx, cx.arg(4)))
}

/// fanotify_init's flags: a class and bits (linux/fanotify.h).
pub(crate) fn fanotify_flags(cx: &Cx<'_>, raw: u64) -> Value {
    const CLASS: u64 = 0xc;
    let _ = cx;
    let class = Value::Const(raw & CLASS, &FAN_CLASSES);
    match raw & 0xffff_ffff & !CLASS {
        0 => class,
        bits => Value::All(vec![class, Value::Flags(bits, &FAN_INIT_FLAGS)]),
    }
}

/// fanotify_mark's directory, which may be none.
pub(crate) fn fanotify_dirfd(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw as i32 {
        -1 => Value::Symbol("FAN_NOFD"),
        fd => Value::DirFd(fd),
    }
}
