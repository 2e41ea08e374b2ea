//! Socket addresses (struct sockaddr of each family).

use super::io;
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::net::*;
use crate::syscall::names::sockopt::*;
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
    Value::Network("htons", Box::new(Value::Uint(u64::from(b.u16_be(2)))), 2)
}

/// An IPv4 address in network order.
pub(crate) fn ipv4(raw: u32) -> Value {
    Value::Ip(Ipv4Addr::from(raw.to_le_bytes()).into())
}

/// An IPv6 address.
pub(crate) fn ipv6(b: &Bytes<'_>, at: usize) -> Value {
    let mut raw = [0; 16];
    raw.iter_mut()
        .enumerate()
        .for_each(|(i, r)| *r = b.u8(at + i));
    Value::Ip(Ipv6Addr::from(raw).into())
}

/// The structure of the address in `b`, by its family; its bytes where it is too short for that.
pub(crate) fn address_fields(b: &Bytes<'_>) -> Value {
    let family = b.u16(0);
    let len = b.data.len();
    let mut fields = vec![("sa_family", Value::Const(u64::from(family), &FAMILIES))];
    match family {
        AF_UNIX if len > 2 => fields.extend(unix_path(b).map(|path| ("sun_path", path))),
        AF_INET if len >= 16 => {
            fields.push(("sin_port", port(b)));
            fields.push(("sin_addr", ipv4(b.u32(4))));
        }
        AF_INET6 if len >= 24 => inet6(b, &mut fields),
        AF_NETLINK if len >= 12 => {
            if b.u16(2) != 0 {
                fields.push(("nl_pad", Value::Hex(u64::from(b.u16(2)))));
            }
            fields.push(("nl_pid", Value::Pid(b.i32(4))));
            fields.push(("nl_groups", Value::HexDigits(u64::from(b.u32(8)), 8)));
        }
        AF_PACKET if len >= 20 => packet(b, &mut fields),
        AF_ALG if len >= 25 => alg(b, &mut fields),
        AF_VSOCK if len >= 16 => vsock(b, &mut fields),
        _ if len > 2 => fields.push(("sa_data", Value::bytes(b.data.get(2..).unwrap_or(&[])))),
        _ => {}
    }
    Value::fields(fields)
}

const AF_UNIX: u16 = 1;
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;
pub(super) const AF_NETLINK: u16 = 16;
const AF_PACKET: u16 = 17;
const AF_ALG: u16 = 38;
const AF_VSOCK: u16 = 40;

type Fields = Vec<(&'static str, Value)>;

/// struct sockaddr_in6 (linux/in6.h); its scope is an interface where the address is local to one.
fn inet6(b: &Bytes<'_>, fields: &mut Fields) {
    let flow = Value::Network(
        "htonl",
        Box::new(Value::Uint(u64::from(b.u32(4).swap_bytes()))),
        4,
    );
    fields.push(("sin6_port", port(b)));
    fields.push(("sin6_flowinfo", flow));
    fields.push(("sin6_addr", ipv6(b, 8)));
    if b.data.len() <= 24 {
        return;
    }
    let mut room = [0; 28];
    let b = b.padded(&mut room);
    let link = b.u8(8) == 0xfe && b.u8(9) & 0xc0 == 0x80;
    let multicast_link = b.u8(8) == 0xff && b.u8(9) & 0x0f == 2;
    let scope = match link || multicast_link {
        true => Value::Interface(b.u32(24)),
        false => Value::Uint(u64::from(b.u32(24))),
    };
    fields.push(("sin6_scope_id", scope));
}

/// struct sockaddr_ll (linux/if_packet.h).
fn packet(b: &Bytes<'_>, fields: &mut Fields) {
    const ADDR: usize = 12;
    let protocol = Value::Const(u64::from(b.u16_be(2)), &ETHERNET_PROTOCOLS);
    fields.push((
        "sll_protocol",
        Value::Network("htons", Box::new(protocol), 2),
    ));
    fields.push(("sll_ifindex", Value::Interface(b.u32(4))));
    fields.push((
        "sll_hatype",
        Value::Const(u64::from(b.u16(8)), &ARP_HARDWARE),
    ));
    fields.push((
        "sll_pkttype",
        Value::Const(u64::from(b.u8(10)), &PACKET_TYPES),
    ));
    let len = usize::from(b.u8(11));
    fields.push(("sll_halen", Value::Uint(len as u64)));
    if len > 0 {
        let room = b.data.len() - ADDR;
        let bytes = b.data.iter().skip(ADDR).take(len);
        fields.push((
            "sll_addr",
            Value::Array {
                items: bytes.map(|n| Value::HexDigits(u64::from(*n), 2)).collect(),
                truncated: len > room,
                unreadable: None,
            },
        ));
    }
}

/// struct sockaddr_alg (linux/if_alg.h).
fn alg(b: &Bytes<'_>, fields: &mut Fields) {
    let flags = |at| Value::Verbose(Box::new(Value::Flags(u64::from(b.u32(at)), &ALG_FLAGS)));
    fields.push(("salg_type", expected_string(b.data.get(2..16))));
    fields.push(("salg_feat", flags(16)));
    fields.push(("salg_mask", flags(20)));
    fields.push(("salg_name", expected_string(b.data.get(24..))));
}

/// A string in a field that should end with NUL.
fn expected_string(field: Option<&[u8]>) -> Value {
    let field = field.unwrap_or(&[]);
    let end = field.iter().position(|c| *c == 0);
    Value::Bytes {
        bytes: field
            .get(..end.unwrap_or(field.len()))
            .unwrap_or(&[])
            .to_vec(),
        truncated: end.is_none(),
    }
}

/// struct sockaddr_vm (linux/vm_sockets.h).
fn vsock(b: &Bytes<'_>, fields: &mut Fields) {
    if b.u16(2) != 0 {
        fields.push(("svm_reserved1", Value::Hex(u64::from(b.u16(2)))));
    }
    fields.push(("svm_cid", Value::Const(u64::from(b.u32(8)), &VSOCK_CIDS)));
    fields.push(("svm_port", Value::Const(u64::from(b.u32(4)), &VSOCK_PORTS)));
    fields.push(("svm_flags", Value::Flags(u64::from(b.u8(12)), &VSOCK_FLAGS)));
    let zero = b.data.get(13..16).unwrap_or(&[]);
    if zero.iter().any(|b| *b != 0) {
        fields.push((
            "svm_zero",
            Value::Binary {
                bytes: zero.to_vec(),
                truncated: false,
            },
        ));
    }
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

/// The length of the address at argument `N` as passed in: `[16]`.
pub(crate) fn length<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.arg(N) {
        0 => Value::Ptr(Addr(addr)),
        _ => io::int(cx, addr),
    }
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
    match SOCK_TYPES.name(raw & SOCK_TYPE_MASK) {
        Some(_) => Value::Or(vec![
            Value::Const(raw & SOCK_TYPE_MASK, &SOCK_TYPES),
            Value::Flags(raw & !SOCK_TYPE_MASK, &SOCK_FLAGS),
        ]),
        None => Value::Flags(raw, &SOCK_FLAGS),
    }
}

/// Context ids of AF_VSOCK (linux/vm_sockets.h).
static VSOCK_CIDS: Names = Names {
    prefix: "",
    entries: &[
        (0, "VMADDR_CID_HYPERVISOR"),
        (1, "VMADDR_CID_LOCAL"),
        (2, "VMADDR_CID_HOST"),
        (0xffff_ffff, "VMADDR_CID_ANY"),
    ],
};

/// Ports of AF_VSOCK (linux/vm_sockets.h).
static VSOCK_PORTS: Names = Names {
    prefix: "",
    entries: &[(0xffff_ffff, "VMADDR_PORT_ANY")],
};

/// Flags of an AF_VSOCK address (linux/vm_sockets.h).
static VSOCK_FLAGS: Names = Names {
    prefix: "VMADDR_FLAG_???",
    entries: &[(1, "VMADDR_FLAG_TO_HOST")],
};

/// Flags of an AF_ALG address (crypto/internal and linux/crypto.h of the kernel).
static ALG_FLAGS: Names = Names {
    prefix: "CRYPTO_ALG_???",
    entries: &[(0x1000, "CRYPTO_ALG_KERN_DRIVER_ONLY")],
};

/// Protocols of AF_IRDA (net/irda/irda.h of the kernel until 4.16).
static IRDA_PROTOCOLS: Names = Names {
    prefix: "IRDAPROTO_???",
    entries: &[
        (0, "IRDAPROTO_UNITDATA"),
        (1, "IRDAPROTO_ULTRA"),
        (2, "IRDAPROTO_MAX"),
    ],
};

/// The protocol of a socket, by its family.
pub(crate) fn protocol(cx: &Cx<'_>, raw: u64) -> Value {
    let value = raw & 0xffff_ffff;
    let names = match cx.arg(0) {
        2 | 10 => &INET_PROTOCOLS,
        3 => &AX25_PROTOCOLS,
        16 => &NETLINK_PROTOCOLS,
        23 => &IRDA_PROTOCOLS,
        17 => {
            let protocol = u64::from((raw as u16).swap_bytes());
            return Value::Conversion("htons", vec![Value::Const(protocol, &ETHERNET_PROTOCOLS)]);
        }
        29 => &CAN_PROTOCOLS,
        31 => &BLUETOOTH_PROTOCOLS,
        33 => &FAMILIES,
        34 => &ISDN_PROTOCOLS,
        35 => &PHONET_PROTOCOLS,
        37 => &CAIF_PROTOCOLS,
        39 => &NFC_PROTOCOLS,
        41 => &KCM_PROTOCOLS,
        43 => &SMC_PROTOCOLS,
        _ => return Value::Uint(raw),
    };
    Value::Const(value, names)
}
