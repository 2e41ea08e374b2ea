//! Messages: struct msghdr, struct mmsghdr (linux/socket.h).

use super::{io, netlink, socket};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::net::MSG_FLAGS;
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
        // A call that failed shows the name length alone.
        None => entry,
    }
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
    // Only a message to or from netlink is looked at as such.
    let family = cx.read::<2>(b.u64(0)).map(u16::from_le_bytes);
    let show: fn(&Cx<'_>, u64, u64) -> Value = match family {
        Some(socket::AF_NETLINK) if matches!(name, Value::Struct { .. }) => netlink::addressed,
        _ => |cx, addr, len| cx.buffer(addr, len),
    };
    let mut fields = vec![
        ("msg_name", name),
        ("msg_namelen", shown_len),
        (
            "msg_iov",
            io::vectors_with(cx, b.u64(16), b.u64(24), data, show),
        ),
        ("msg_iovlen", Value::Uint(b.u64(24))),
    ];
    let control_len = b.u64(40);
    if control_len != 0 {
        fields.push((
            "msg_control",
            super::control::messages(cx, b.u64(32), control_len),
        ));
    }
    fields.push(("msg_controllen", Value::Uint(control_len)));
    fields.push(("msg_flags", Value::Flags(u64::from(b.u32(48)), &MSG_FLAGS)));
    Value::fields(fields)
}

/// How many messages are shown: no more than the kernel takes (UIO_MAXIOV).
fn most(cx: &Cx<'_>) -> usize {
    cx.elements().min(1024)
}

/// The messages of sendmmsg: as many as were sent carry the length sent.
pub(crate) fn messages_in(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array_of::<MMSGHDR>(addr, u64::from(cx.arg(2) as u32), most(cx), |b| {
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
