//! Control messages (struct cmsghdr, linux/socket.h).

use super::{socket, time};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::syscall::names::net::*;
use crate::value::Value;

/// sizeof(struct cmsghdr).
const CMSGHDR: usize = 16;

/// The control messages in `len` bytes.
pub(super) fn messages(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    // More than sysctl net.core.optmem_max allows by default.
    const MOST: u64 = 1 << 20;
    let len = len.min(MOST) as usize;
    if addr == 0 || len < CMSGHDR {
        return Value::Ptr(Addr(addr));
    }
    let Ok(data) = cx.context.memory.bytes(Addr(addr), len) else {
        return Value::Unreadable(Addr(addr));
    };
    let mut items = Vec::new();
    let mut at = 0;
    let mut left = len;
    while let Some(rest) = data.get(at..).filter(|r| r.len() >= CMSGHDR) {
        let b = Bytes {
            addr: Addr(addr).add(at as u64),
            data: rest,
        };
        let size = usize::try_from(b.u64(0)).unwrap_or(usize::MAX);
        items.push(message(cx, &b, size));
        if size < CMSGHDR {
            left -= CMSGHDR;
            break;
        }
        let step = size.saturating_add(7) & !7;
        left = left.saturating_sub(step);
        at = at.saturating_add(step);
    }
    Value::Array {
        items,
        truncated: false,
        unreadable: (left > 0).then(|| Addr(addr).add((len - left) as u64)),
    }
}

fn message(cx: &Cx<'_>, b: &Bytes<'_>, size: usize) -> Value {
    let (level, kind) = (b.u32(8), b.u32(12));
    let shown_kind = match level {
        SOL_SOCKET => Value::Const(u64::from(kind), &SCM_TYPES),
        SOL_IP => Value::Const(u64::from(kind), &IP_CONTROL_TYPES),
        _ => Value::Hex(u64::from(kind)),
    };
    let mut fields = vec![
        ("cmsg_len", Value::Uint(b.u64(0))),
        (
            "cmsg_level",
            Value::Const(u64::from(level), &CONTROL_LEVELS),
        ),
        ("cmsg_type", shown_kind),
    ];
    let end = size.clamp(CMSGHDR, b.data.len());
    let payload = Bytes {
        addr: b.addr.add(CMSGHDR as u64),
        data: b.data.get(CMSGHDR..end).unwrap_or(&[]),
    };
    if let Some(data) = data(cx, level, kind, &payload) {
        fields.push(("cmsg_data", data));
    }
    Value::fields(fields)
}

const SOL_IP: u32 = 0;
const SOL_SOCKET: u32 = 1;

/// What a message of this kind carries; `None` where that is too short, or not known.
fn data(cx: &Cx<'_>, level: u32, kind: u32, b: &Bytes<'_>) -> Option<Value> {
    let len = b.data.len();
    Some(match (level, kind) {
        // SCM_RIGHTS.
        (SOL_SOCKET, 1) if len >= 4 => words(cx, b, |n| Value::Fd(n as i32)),
        // SCM_CREDENTIALS.
        (SOL_SOCKET, 2) if len >= 12 => Value::fields(vec![
            ("pid", Value::Pid(b.i32(0))),
            ("uid", uid(b.u32(4))),
            ("gid", uid(b.u32(8))),
        ]),
        // SCM_SECURITY, of both levels.
        (SOL_SOCKET | SOL_IP, 3) if len >= 1 => Value::bytes(b.data),
        // SCM_PIDFD.
        (SOL_SOCKET, 4) if len >= 4 => Value::Fd(b.i32(0)),
        // SO_TIMESTAMP_OLD, SO_TIMESTAMP_NEW.
        (SOL_SOCKET, 29 | 63) if len >= 16 => time::timeval_fields(b),
        // SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW.
        (SOL_SOCKET, 35 | 64) if len >= 16 => time::timespec_fields(b),
        // SO_TIMESTAMPING_OLD, SO_TIMESTAMPING_NEW: software, none, hardware.
        (SOL_SOCKET, 37 | 65) if len >= 48 => Value::array(
            [0, 16, 32]
                .map(|at| time::timespec_fields(&b.sub(at)))
                .into(),
        ),
        (SOL_SOCKET, 29 | 63 | 35 | 64 | 37 | 65) if len >= 1 => Value::Symbol("???"),
        // IP_PKTINFO.
        (SOL_IP, 8) if len >= 12 => Value::fields(vec![
            ("ipi_ifindex", Value::Interface(b.u32(0))),
            ("ipi_spec_dst", socket::ipv4(b.u32(4))),
            ("ipi_addr", socket::ipv4(b.u32(8))),
        ]),
        // IP_TTL, IP_CHECKSUM.
        (SOL_IP, 2 | 23) if len >= 4 => words(cx, b, |n| Value::Uint(u64::from(n))),
        // IP_TOS, IP_RECVOPTS, IP_RETOPTS.
        (SOL_IP, 1 | 6 | 7) if len >= 1 => array(cx, b.data, |n| Value::Hex(u64::from(*n))),
        // IP_RECVERR: struct sock_extended_err (linux/errqueue.h) and who it is from.
        (SOL_IP, 11) if len >= 32 => extended_error(b),
        // IP_ORIGDSTADDR.
        (SOL_IP, 20) if len >= 16 => socket::address_fields(b),
        // IP_PROTOCOL.
        (SOL_IP, 52) if len >= 4 => words(cx, b, |n| {
            Value::Const(
                u64::from(n),
                &crate::syscall::names::sockopt::INET_PROTOCOLS,
            )
        }),
        _ => return None,
    })
}

/// As many elements as are shown.
fn array<T>(cx: &Cx<'_>, all: &[T], make: impl FnMut(&T) -> Value) -> Value {
    Value::Array {
        items: all.iter().take(cx.elements()).map(make).collect(),
        truncated: all.len() > cx.elements(),
        unreadable: None,
    }
}

fn words(cx: &Cx<'_>, b: &Bytes<'_>, mut make: impl FnMut(u32) -> Value) -> Value {
    let chunks: Vec<&[u8]> = b.data.chunks_exact(4).collect();
    array(cx, &chunks, |c| {
        make((*c).try_into().map_or(0, u32::from_le_bytes))
    })
}

fn extended_error(b: &Bytes<'_>) -> Value {
    let mut fields = vec![("ee_errno", Value::Uint(u64::from(b.u32(0))))];
    for (name, at) in [("ee_origin", 4), ("ee_type", 5), ("ee_code", 6)] {
        fields.push((name, Value::Uint(u64::from(b.u8(at)))));
    }
    fields.push(("ee_info", Value::Uint(u64::from(b.u32(8)))));
    fields.push(("ee_data", Value::Uint(u64::from(b.u32(12)))));
    let offender = Bytes {
        addr: b.addr.add(16),
        data: b.data.get(16..32).unwrap_or(&[]),
    };
    fields.push(("offender", socket::address_fields(&offender)));
    Value::fields(fields)
}
