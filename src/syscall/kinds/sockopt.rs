//! Socket options: their names by level, their values by option.

use super::socket::{ipv4, ipv6};
use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::names::net::*;
use crate::value::{Names, Value};

const SOL_SOCKET: u32 = 1;

fn names(level: u32) -> Option<&'static Names> {
    Some(match level {
        0 => &IP_OPTIONS,
        SOL_SOCKET => &SOCKET_OPTIONS,
        6 => &TCP_OPTIONS,
        17 => &UDP_OPTIONS,
        41 => &IPV6_OPTIONS,
        263 => &PACKET_OPTIONS,
        270 => &NETLINK_OPTIONS,
        _ => return None,
    })
}

/// The option's name; its number where the level is not known.
pub(crate) fn option(cx: &Cx<'_>, raw: u64) -> Value {
    match names(cx.arg(1) as u32) {
        Some(names) => Value::Const(raw & 0xffff_ffff, names),
        None => Value::Uint(raw & 0xffff_ffff),
    }
}

/// Options whose value is a structure of its own. `None` for all others.
fn structured(cx: &Cx<'_>, addr: u64, len: u64, out: bool) -> Option<Value> {
    let number = |n: u32| Value::Int(i64::from(n as i32));
    Some(match (cx.arg(1) as u32, cx.arg(2) as u32) {
        // SO_LINGER.
        (SOL_SOCKET, 13) if len >= 8 => cx.structure::<8>(addr, |b| {
            Value::fields(vec![
                ("l_onoff", number(b.u32(0))),
                ("l_linger", number(b.u32(4))),
            ])
        }),
        // SO_PEERCRED.
        (SOL_SOCKET, 17) if len >= 12 && out => cx.structure::<12>(addr, |b| {
            Value::fields(vec![
                ("pid", Value::Pid(b.i32(0))),
                ("uid", number(b.u32(4))),
                ("gid", number(b.u32(8))),
            ])
        }),
        // SO_ATTACH_FILTER.
        (SOL_SOCKET, 26) if len >= 16 && !out => cx.structure::<16>(addr, |b| {
            Value::fields(vec![
                ("len", Value::Uint(u64::from(b.u16(0)))),
                ("filter", Value::Ptr(Addr(b.u64(8)))),
            ])
        }),
        // IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP.
        (0, 35 | 36) if len >= 8 && !out => cx.structure::<8>(addr, |b| {
            Value::fields(vec![
                ("imr_multiaddr", ipv4(b.u32(0))),
                ("imr_interface", ipv4(b.u32(4))),
            ])
        }),
        // IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP.
        (41, 20 | 21) if len >= 20 && !out => cx.structure::<20>(addr, |b| {
            Value::fields(vec![
                ("", ipv6(b, 0, "&ipv6mr_multiaddr")),
                ("ipv6mr_interface", Value::Uint(u64::from(b.u32(16)))),
            ])
        }),
        _ => return None,
    })
}

/// Whether the option is a name, not a number.
fn is_text(cx: &Cx<'_>) -> bool {
    // SO_BINDTODEVICE; TCP_CONGESTION, TCP_ULP.
    matches!(
        (cx.arg(1) as u32, cx.arg(2) as u32),
        (SOL_SOCKET, 25) | (6, 13 | 31)
    )
}

/// The value that setsockopt sets.
pub(crate) fn value_in(cx: &Cx<'_>, addr: u64) -> Value {
    let len = i64::from(cx.arg(4) as i32);
    if addr == 0 || len < 0 {
        return Value::Ptr(Addr(addr));
    }
    let len = len as u64;
    if let Some(value) = structured(cx, addr, len, false) {
        return value;
    }
    match len {
        4 if !is_text(cx) => super::io::int(cx, addr),
        0..4 if cx.arg(1) as u32 == SOL_SOCKET && !is_text(cx) => Value::Ptr(Addr(addr)),
        _ => cx.buffer(addr, len),
    }
}

/// The value that getsockopt has written.
pub(crate) fn value_out(cx: &Cx<'_>, addr: u64) -> Value {
    let Some(len) = cx.u32_at(cx.arg(4)) else {
        return Value::Ptr(Addr(addr));
    };
    let len = u64::from(len);
    if let Some(value) = structured(cx, addr, len, true) {
        return value;
    }
    match len {
        4 if !is_text(cx) => super::io::int(cx, addr),
        0..4 if !is_text(cx) => match cx.buffer(addr, len) {
            Value::Bytes { bytes, truncated } => Value::Binary { bytes, truncated },
            other => other,
        },
        _ => cx.buffer(addr, len),
    }
}
