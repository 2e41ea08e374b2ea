//! Socket addresses (struct sockaddr of each family).

use super::io;
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::net::*;
use crate::value::{Names, Value};
use std::net::{Ipv4Addr, Ipv6Addr};

/// struct sockaddr_storage, the largest address.
const STORAGE: u64 = 128;

/// The address of `len` bytes at `addr`.
pub(crate) fn address(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    let len = len.min(STORAGE);
    if len < 2 {
        return Value::Unreadable(Addr(addr));
    }
    match cx.context.memory.bytes(Addr(addr), len as usize) {
        Ok(data) => address_fields(&Bytes {
            addr: Addr(addr),
            data: &data,
        }),
        Err(_) => Value::Unreadable(Addr(addr)),
    }
}

fn port(b: &Bytes<'_>) -> Value {
    Value::Conversion("htons", vec![Value::Uint(u64::from(b.u16_be(2)))])
}

fn htonl(n: u32) -> Value {
    Value::Conversion("htonl", vec![Value::Uint(u64::from(n))])
}

/// An IPv4 address as C writes it.
pub(crate) fn ipv4(raw: u32) -> Value {
    let text = Ipv4Addr::from(raw.to_le_bytes()).to_string();
    Value::Conversion("inet_addr", vec![Value::bytes(text)])
}

/// An IPv6 address as C writes it, `into` a place.
pub(crate) fn ipv6(b: &Bytes<'_>, at: usize, into: &'static str) -> Value {
    let mut raw = [0; 16];
    raw.iter_mut()
        .enumerate()
        .for_each(|(i, r)| *r = b.u8(at + i));
    let address = Ipv6Addr::from(raw);
    // As inet_ntop(3) does: 96 zero bits and more than 16 others are an IPv4 address.
    let text = match (address.to_ipv4(), address.segments()) {
        (Some(v4), [0, 0, 0, 0, 0, 0, high, _]) if high != 0 => format!("::{v4}"),
        _ => address.to_string(),
    };
    Value::Conversion(
        "inet_pton",
        vec![
            Value::Const(10, &FAMILIES),
            Value::bytes(text),
            Value::Symbol(into),
        ],
    )
}

fn address_fields(b: &Bytes<'_>) -> Value {
    const AF_UNIX: u16 = 1;
    const AF_INET: u16 = 2;
    const AF_INET6: u16 = 10;
    const AF_NETLINK: u16 = 16;
    const AF_VSOCK: u16 = 40;
    let family = b.u16(0);
    let len = b.data.len();
    let mut fields = vec![("sa_family", Value::Const(u64::from(family), &FAMILIES))];
    match family {
        AF_UNIX => fields.extend(unix_path(b).map(|path| ("sun_path", path))),
        AF_INET if len >= 16 => {
            fields.push(("sin_port", port(b)));
            fields.push(("sin_addr", ipv4(b.u32(4))));
        }
        AF_INET6 if len >= 24 => {
            fields.push(("sin6_port", port(b)));
            fields.push(("sin6_flowinfo", htonl(b.u32(4).swap_bytes())));
            fields.push(("", ipv6(b, 8, "&sin6_addr")));
            if len >= 28 {
                fields.push(("sin6_scope_id", Value::Uint(u64::from(b.u32(24)))));
            }
        }
        AF_NETLINK if len >= 12 => {
            fields.push(("nl_pid", Value::Int(i64::from(b.i32(4)))));
            fields.push(("nl_groups", Value::HexDigits(u64::from(b.u32(8)))));
        }
        AF_VSOCK if len >= 16 => {
            fields.push(("svm_cid", Value::Const(u64::from(b.u32(8)), &VSOCK_CIDS)));
            fields.push(("svm_port", Value::Hex(u64::from(b.u32(4)))));
            fields.push(("svm_flags", Value::Hex(u64::from(b.u8(12)))));
        }
        _ if len > 2 => fields.push(("sa_data", Value::bytes(b.data.get(2..).unwrap_or(&[])))),
        _ => {}
    }
    Value::fields(fields)
}

/// The path of a Unix address: up to its NUL, or abstract where it begins with NUL.
fn unix_path(b: &Bytes<'_>) -> Option<Value> {
    let path = b.data.get(2..)?.get(..108).or(b.data.get(2..))?;
    match path.first()? {
        0 => Some(Value::Abstract {
            bytes: path.get(1..)?.to_vec(),
            truncated: false,
        }),
        _ => {
            let end = path.iter().position(|c| *c == 0).unwrap_or(path.len());
            Some(Value::bytes(path.get(..end)?))
        }
    }
}

/// bind's and connect's address; its length is argument 2.
pub(crate) fn address_in(cx: &Cx<'_>, addr: u64) -> Value {
    address(cx, addr, u64::from(cx.arg(2) as u32))
}

/// sendto's address; its length is argument 5.
pub(crate) fn address_sendto(cx: &Cx<'_>, addr: u64) -> Value {
    address(cx, addr, u64::from(cx.arg(5) as u32))
}

/// The address that accept, getsockname and the like have written; `N` is the argument that
/// points to its length. No more of it is there than the caller had room for.
pub(crate) fn address_out<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    let room = cx.lengths.get(N).copied().flatten().unwrap_or(i64::MAX);
    match cx.u32_at(cx.arg(N)) {
        Some(len) => address(cx, addr, u64::from(len).min(room.max(0) as u64)),
        None => Value::Ptr(Addr(addr)),
    }
}

/// The address length as passed in: `[16]`.
pub(crate) fn length(cx: &Cx<'_>, addr: u64) -> Value {
    io::int(cx, addr)
}

/// The address length as the kernel left it: `[128 => 16]`, or `[16]` where it is the same.
pub(crate) fn length_after(cx: &Cx<'_>, addr: u64, entry: Value) -> Value {
    let (Some(_), Value::Pointee(before), Some(after)) = (cx.returned(), &entry, cx.u32_at(addr))
    else {
        return entry;
    };
    let after = Value::Int(i64::from(after as i32));
    if **before == after {
        return entry;
    }
    Value::Changed(before.clone(), Box::new(after)).pointee()
}

/// The type of a socket with its flags.
pub(crate) fn socket_type(cx: &Cx<'_>, raw: u64) -> Value {
    const SOCK_TYPE_MASK: u64 = 0xf;
    let _ = cx;
    let raw = raw & 0xffff_ffff;
    Value::Or(vec![
        Value::Const(raw & SOCK_TYPE_MASK, &SOCK_TYPES),
        Value::Flags(raw & !SOCK_TYPE_MASK, &SOCK_FLAGS),
    ])
}

/// Context ids of AF_VSOCK (linux/vm_sockets.h).
static VSOCK_CIDS: Names = Names {
    prefix: "VMADDR_CID_???",
    entries: &[
        (0, "VMADDR_CID_HYPERVISOR"),
        (1, "VMADDR_CID_LOCAL"),
        (2, "VMADDR_CID_HOST"),
        (0xffff_ffff, "VMADDR_CID_ANY"),
    ],
};

/// The protocol of a socket, by its family.
pub(crate) fn protocol(cx: &Cx<'_>, raw: u64) -> Value {
    let value = raw & 0xffff_ffff;
    match cx.arg(0) as u32 {
        2 | 10 => Value::Const(value, &INET_PROTOCOLS),
        16 => Value::Const(value, &NETLINK_PROTOCOLS),
        _ => Value::Uint(value),
    }
}
