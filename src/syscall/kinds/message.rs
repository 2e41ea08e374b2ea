//! Messages: struct msghdr, struct mmsghdr, control messages (linux/socket.h).

use super::{io, socket};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::net::*;
use crate::value::Value;

/// sizeof(struct msghdr) and sizeof(struct mmsghdr).
const MSGHDR: usize = 56;
const MMSGHDR: usize = 64;

/// A message to be sent.
pub(crate) fn message_in(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<MSGHDR>(addr, |b| header(cx, b, u64::MAX, None))
}

/// recvmsg's header as passed in: kept for the lengths that the kernel overwrites.
pub(crate) fn message_before(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<MSGHDR>(addr, |b| {
        Value::fields(vec![("msg_namelen", Value::Int(i64::from(b.i32(8))))])
    })
}

/// The message that recvmsg has received.
pub(crate) fn message_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let before = name_len(&entry);
    match cx.returned() {
        Some(n) => cx.structure::<MSGHDR>(addr, |b| header(cx, b, n.max(0) as u64, before)),
        None => failed(cx, addr, entry),
    }
}

/// A call that failed shows the name length alone, and nothing where memory is gone.
fn failed(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let _ = (cx, addr);
    entry
}

fn name_len(entry: &Value) -> Option<i32> {
    match entry {
        Value::Struct { fields, .. } => fields.iter().find_map(|f| match f {
            ("msg_namelen", Value::Int(n)) => i32::try_from(*n).ok(),
            _ => None,
        }),
        _ => None,
    }
}

/// The fields of a header of which `data` bytes are valid; `before` is the name length
/// that was passed in.
fn header(cx: &Cx<'_>, b: &Bytes<'_>, data: u64, before: Option<i32>) -> Value {
    let len = b.i32(8);
    let name = match before {
        _ if len == 0 => Value::Ptr(Addr(b.u64(0))),
        Some(max) => socket::address(cx, b.u64(0), len.min(max).max(0) as u64),
        None => socket::address(cx, b.u64(0), len.max(0) as u64),
    };
    let shown_len = match before {
        Some(before) if before != len => Value::Changed(
            Box::new(Value::Int(i64::from(before))),
            Box::new(Value::Int(i64::from(len))),
        ),
        _ => Value::Int(i64::from(len)),
    };
    let mut fields = vec![
        ("msg_name", name),
        ("msg_namelen", shown_len),
        ("msg_iov", io::vectors(cx, b.u64(16), b.u64(24), data)),
        ("msg_iovlen", Value::Uint(b.u64(24))),
    ];
    let control_len = b.u64(40);
    if control_len != 0 {
        fields.push(("msg_control", control(cx, b.u64(32), control_len)));
    }
    fields.push(("msg_controllen", Value::Uint(control_len)));
    fields.push(("msg_flags", Value::Flags(u64::from(b.u32(48)), &MSG_FLAGS)));
    Value::fields(fields)
}

/// The control messages in `len` bytes.
fn control(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    // What sysctl net.core.optmem_max allows by default, and more.
    const MOST: u64 = 65_536;
    const CMSGHDR: usize = 16;
    if addr == 0 || len < CMSGHDR as u64 {
        return Value::Ptr(Addr(addr));
    }
    let Ok(data) = cx.context.memory.bytes(Addr(addr), len.min(MOST) as usize) else {
        return Value::Unreadable(Addr(addr));
    };
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(rest) = data.get(at..).filter(|r| r.len() >= CMSGHDR) {
        if items.len() == cx.limit() {
            return Value::Array {
                items,
                truncated: true,
                unreadable: None,
            };
        }
        let b = Bytes {
            addr: Addr(addr).add(at as u64),
            data: rest,
        };
        let size = usize::try_from(b.u64(0)).unwrap_or(usize::MAX);
        items.push(control_message(cx, &b, size));
        if size < CMSGHDR {
            break;
        }
        at = at.saturating_add(size.saturating_add(7) & !7);
    }
    Value::array(items)
}

fn control_message(cx: &Cx<'_>, b: &Bytes<'_>, size: usize) -> Value {
    const SOL_SOCKET: u32 = 1;
    let (level, kind) = (b.u32(8), b.u32(12));
    let types = match level {
        SOL_SOCKET => &SCM_TYPES,
        0 => &IP_OPTIONS,
        41 => &IPV6_OPTIONS,
        _ => &NO_OPTIONS,
    };
    let mut fields = vec![
        ("cmsg_len", Value::Uint(b.u64(0))),
        ("cmsg_level", Value::Const(u64::from(level), &SOL_LEVELS)),
        ("cmsg_type", Value::Const(u64::from(kind), types)),
    ];
    let data = b.sub(16);
    let end = size.saturating_sub(16).min(data.data.len());
    let payload = data.data.get(..end).unwrap_or(&[]);
    if !payload.is_empty() {
        fields.push(("cmsg_data", control_data(cx, level, kind, payload)));
    }
    Value::fields(fields)
}

fn control_data(cx: &Cx<'_>, level: u32, kind: u32, payload: &[u8]) -> Value {
    let b = Bytes {
        addr: Addr(0),
        data: payload,
    };
    match (level, kind) {
        // SCM_RIGHTS.
        (1, 1) if payload.len() >= 4 => Value::Array {
            items: payload
                .chunks_exact(4)
                .take(cx.limit())
                .map(|c| Value::Fd(c.try_into().map_or(-1, i32::from_le_bytes)))
                .collect(),
            truncated: payload.len() / 4 > cx.limit(),
            unreadable: None,
        },
        // SCM_CREDENTIALS.
        (1, 2) if payload.len() >= 12 => Value::fields(vec![
            ("pid", Value::Pid(b.i32(0))),
            ("uid", Value::Uint(u64::from(b.u32(4)))),
            ("gid", Value::Uint(u64::from(b.u32(8)))),
        ]),
        _ => {
            let shown = payload.len().min(cx.limit());
            Value::Bytes {
                bytes: payload.get(..shown).unwrap_or(&[]).to_vec(),
                truncated: payload.len() > shown,
            }
        }
    }
}

/// The messages of sendmmsg: as many as were sent carry the length sent.
pub(crate) fn messages_in(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<MMSGHDR>(addr, u64::from(cx.arg(2) as u32), |b| {
        Value::fields(vec![("msg_hdr", header(cx, b, u64::MAX, None))])
    })
}

/// sendmmsg's messages once sent.
pub(crate) fn messages_sent(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let Value::Array {
        mut items,
        truncated,
        unreadable,
    } = entry
    else {
        return entry;
    };
    for (n, item) in items.iter_mut().enumerate() {
        if n as u64 >= cx.count() {
            break;
        }
        let at = addr.wrapping_add((n * MMSGHDR + MSGHDR) as u64);
        if let (Value::Struct { fields, .. }, Some(len)) = (item, cx.u32_at(at)) {
            fields.push(("msg_len", Value::Uint(u64::from(len))));
        }
    }
    Value::Array {
        items,
        truncated,
        unreadable,
    }
}

/// recvmmsg's headers as passed in.
pub(crate) fn messages_before(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array::<MMSGHDR>(addr, u64::from(cx.arg(2) as u32), |b| {
        Value::fields(vec![("msg_namelen", Value::Int(i64::from(b.i32(8))))])
    })
}

/// The messages that recvmmsg has received.
pub(crate) fn messages_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let before: Vec<_> = match &entry {
        Value::Array { items, .. } => items.iter().map(name_len).collect(),
        _ => return entry,
    };
    if cx.returned().is_none() {
        return Value::Ptr(Addr(addr));
    }
    let mut n = 0;
    cx.array::<MMSGHDR>(addr, cx.count(), |b| {
        let len = b.u32(56);
        let value = Value::fields(vec![
            (
                "msg_hdr",
                header(cx, b, u64::from(len), before.get(n).copied().flatten()),
            ),
            ("msg_len", Value::Uint(u64::from(len))),
        ]);
        n += 1;
        value
    })
}
