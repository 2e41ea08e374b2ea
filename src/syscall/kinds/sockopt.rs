//! Socket options: their names by level, their values by option.

use super::socket::{ipv4, ipv6};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::syscall::names::sockopt::{ICMP_TYPES, PACKET_MEMBERSHIPS, TXREHASH, options};
use crate::value::Value;

const SOL_IP: u32 = 0;
const SOL_SOCKET: u32 = 1;
const SOL_IPV6: u32 = 41;
const SOL_RAW: u32 = 255;
const SOL_PACKET: u32 = 263;
const SOL_NETLINK: u32 = 270;

/// The option that setsockopt sets by its name; its number where the level is not known.
pub(crate) fn option_set(cx: &Cx<'_>, raw: u64) -> Value {
    option(cx, raw, true)
}

/// The option that getsockopt reads.
pub(crate) fn option_read(cx: &Cx<'_>, raw: u64) -> Value {
    option(cx, raw, false)
}

fn option(cx: &Cx<'_>, raw: u64, setting: bool) -> Value {
    let raw = raw & 0xffff_ffff;
    match options(cx.arg(1) as u32, setting) {
        Some([names, others]) if names.name(raw).is_none() => {
            Value::Const(raw, others.name(raw).map_or(names, |_| others))
        }
        Some([names, _]) => Value::Const(raw, names),
        None => Value::Uint(raw),
    }
}

/// A name and what is made of an int.
type IntField = (&'static str, fn(u32) -> Value);

/// The first `len` bytes of a structure of ints, shown as far as they go.
fn ints(cx: &Cx<'_>, addr: u64, len: u64, names: &[IntField]) -> Value {
    let most = names.len() * 4;
    let len = usize::try_from(len).unwrap_or(most).min(most);
    let Ok(data) = cx.context.memory.bytes(Addr(addr), len) else {
        return Value::Unreadable(Addr(addr));
    };
    let mut fields = Vec::new();
    for (n, (name, make)) in names.iter().enumerate() {
        let Some(rest) = data.get(n * 4..).filter(|r| !r.is_empty()) else {
            break;
        };
        fields.push((
            *name,
            match rest.first_chunk::<4>() {
                Some(word) => make(u32::from_le_bytes(*word)),
                None => Value::Binary {
                    bytes: rest.to_vec(),
                    truncated: false,
                },
            },
        ));
    }
    Value::fields(fields)
}

fn int(n: u32) -> Value {
    Value::Int(i64::from(n as i32))
}

fn unsigned(n: u32) -> Value {
    Value::Uint(u64::from(n))
}

fn pid(n: u32) -> Value {
    Value::Pid(n as i32)
}

const LINGER: &[IntField] = &[("l_onoff", int), ("l_linger", int)];
const UCRED: &[IntField] = &[("pid", pid), ("uid", uid), ("gid", uid)];
const TPACKET_STATS: &[IntField] = &[
    ("tp_packets", unsigned),
    ("tp_drops", unsigned),
    ("tp_freeze_q_cnt", unsigned),
];
const TPACKET_REQ: &[IntField] = &[
    ("tp_block_size", unsigned),
    ("tp_block_nr", unsigned),
    ("tp_frame_size", unsigned),
    ("tp_frame_nr", unsigned),
];

/// Options that setsockopt takes as a structure, where `len` is enough for it. `None` for others.
fn structured_in(cx: &Cx<'_>, addr: u64, len: u64) -> Option<Value> {
    let short = Some(Value::Ptr(Addr(addr)));
    match (cx.arg(1) as u32, cx.arg(2) as u32) {
        // SO_LINGER.
        (SOL_SOCKET, 13) if len < 8 => short,
        (SOL_SOCKET, 13) => Some(ints(cx, addr, len, LINGER)),
        // SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF.
        (SOL_SOCKET, 26 | 51) if len != 16 => short,
        (SOL_SOCKET, 26 | 51) => Some(super::filter::program(cx, addr)),
        // IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP.
        (SOL_IP, 35 | 36) if len < 8 => short,
        (SOL_IP, 35 | 36) => Some(cx.structure::<8>(addr, |b| {
            Value::fields(vec![
                ("imr_multiaddr", ipv4(b.u32(0))),
                ("imr_interface", ipv4(b.u32(4))),
            ])
        })),
        // IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP, IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST.
        (SOL_IPV6, 20 | 21 | 27 | 28) if len < 20 => short,
        (SOL_IPV6, 20 | 21 | 27 | 28) => Some(cx.structure::<20>(addr, |b| {
            Value::fields(vec![
                ("ipv6mr_multiaddr", ipv6(b, 0)),
                ("ipv6mr_interface", Value::Interface(b.u32(16))),
            ])
        })),
        // MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP: struct group_req (linux/in.h).
        (SOL_IP | SOL_IPV6, 42 | 45) if len < 136 => short,
        (SOL_IP | SOL_IPV6, 42 | 45) => Some(cx.structure::<136>(addr, |b| {
            let group = Bytes {
                addr: b.addr.add(8),
                data: b.data.get(8..).unwrap_or(&[]),
            };
            Value::fields(vec![
                ("gr_interface", Value::Interface(b.u32(0))),
                ("gr_group", super::socket::address_fields(&group)),
            ])
        })),
        // PACKET_RX_RING, PACKET_TX_RING.
        (SOL_PACKET, 5 | 13) if len != 16 => short,
        (SOL_PACKET, 5 | 13) => Some(ints(cx, addr, len, TPACKET_REQ)),
        // PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP: struct packet_mreq (linux/if_packet.h).
        (SOL_PACKET, 1 | 2) if len != 16 => short,
        (SOL_PACKET, 1 | 2) => Some(cx.structure::<16>(addr, |b| {
            let octets = b.data.iter().skip(8).take(usize::from(b.u16(6)).min(8));
            let address = octets.copied().collect();
            Value::fields(vec![
                ("mr_ifindex", Value::Interface(b.u32(0))),
                (
                    "mr_type",
                    Value::Const(u64::from(b.u16(4)), &PACKET_MEMBERSHIPS),
                ),
                ("mr_alen", unsigned(u32::from(b.u16(6)))),
                ("mr_address", Value::Link(address)),
            ])
        })),
        // ICMP_FILTER: what is let through.
        (SOL_RAW, 1) if len == 0 => short,
        (SOL_RAW, 1) => Some(icmp_filter(cx, addr, len)),
        // SO_TXREHASH.
        (SOL_SOCKET, 74) if len >= 4 => {
            Some(cx.pointee::<4>(addr, |b| Value::Decimal(i64::from(b.i32(0)), &TXREHASH)))
        }
        (SOL_NETLINK, _) if len < 4 => short,
        (SOL_NETLINK, _) => Some(super::io::int(cx, addr)),
        _ => None,
    }
}

/// struct icmp_filter (linux/icmp.h): the types that are kept out.
fn icmp_filter(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    let mut word = [0xff; 4];
    let len = len.min(4) as usize;
    let read = word
        .get_mut(..len)
        .map(|room| cx.context.memory.read(Addr(addr), room));
    match read {
        Some(Ok(())) => {
            let word = u32::from_le_bytes(word);
            let words = |set: u32| {
                let types = (0..32).filter(|n| set >> n & 1 == 1);
                Value::Words(types.map(|n| Value::Const(n, &ICMP_TYPES)).collect())
            };
            match word.count_ones() > u32::BITS / 2 {
                true => Value::Not(Box::new(words(!word))),
                false => words(word),
            }
        }
        _ => Value::Unreadable(Addr(addr)),
    }
}

/// Options that getsockopt returns as a structure. `None` for others.
fn structured_out(cx: &Cx<'_>, addr: u64, len: u64, room: u64) -> Option<Value> {
    Some(match (cx.arg(1) as u32, cx.arg(2) as u32) {
        // SO_LINGER.
        (SOL_SOCKET, 13) => ints(cx, addr, len, LINGER),
        // SO_PEERCRED.
        (SOL_SOCKET, 17) => ints(cx, addr, len, UCRED),
        // SO_GET_FILTER; the length is a number of instructions.
        (SOL_SOCKET, 26) => super::filter::instructions(cx, addr, len & 0xffff),
        // SO_ERROR.
        (SOL_SOCKET, 4) if len >= 4 => cx.pointee::<4>(addr, |b| Value::Errno(b.i32(0))),
        // PACKET_STATISTICS.
        (SOL_PACKET, 6) => ints(cx, addr, len, TPACKET_STATS),
        // SO_TXREHASH.
        (SOL_SOCKET, 74) if len >= 4 => {
            cx.pointee::<4>(addr, |b| Value::Decimal(i64::from(b.i32(0)), &TXREHASH))
        }
        // NETLINK_LIST_MEMBERSHIPS.
        (SOL_NETLINK, 9) => cx.array::<4>(addr, len.min(room) / 4, |b| unsigned(b.u32(0))),
        (SOL_RAW, 1) => icmp_filter(cx, addr, len),
        (SOL_NETLINK, _) => super::io::int(cx, addr),
        _ => return None,
    })
}

/// Options of SOL_SOCKET that are an int, of whatever length they are said to be.
fn is_int(cx: &Cx<'_>) -> bool {
    let option = cx.arg(2) as u32;
    cx.arg(1) as u32 == SOL_SOCKET
        && matches!(option, 1 | 2 | 5..=12 | 14..=16 | 18 | 19 | 27 | 29 | 30 | 32..=37 | 40..=46
            | 49 | 53 | 56 | 60 | 63..=65 | 68..=70 | 73..=75)
}

fn is_error(cx: &Cx<'_>) -> bool {
    (cx.arg(1) as u32, cx.arg(2) as u32) == (SOL_SOCKET, 4)
}

/// The value that setsockopt sets.
pub(crate) fn value_in(cx: &Cx<'_>, addr: u64) -> Value {
    let len = i64::from(cx.arg(4) as i32);
    if addr == 0 {
        return Value::Ptr(Addr(0));
    }
    if let Some(value) = structured_in(cx, addr, len.max(0) as u64) {
        return value;
    }
    match len {
        ..4 if is_int(cx) => Value::Ptr(Addr(addr)),
        4.. if is_int(cx) => super::io::int(cx, addr),
        4 => super::io::int(cx, addr),
        _ => cx.buffer(addr, len as u64),
    }
}

/// The value that getsockopt has written; the length is the lesser of the room and what there was.
pub(crate) fn value_out(cx: &Cx<'_>, addr: u64) -> Value {
    let room = cx.lengths[4].unwrap_or(0);
    let Some(len) = cx.u32_at(cx.arg(4)).map(|n| i64::from(n as i32)) else {
        return Value::Ptr(Addr(addr));
    };
    if room <= 0 || len <= 0 || addr == 0 {
        return Value::Ptr(Addr(addr));
    }
    let len = len as u64;
    let room = room as u64;
    if let Some(value) = structured_out(cx, addr, len, room) {
        return value;
    }
    match len {
        ..4 if is_int(cx) || is_error(cx) => match cx.buffer(addr, len) {
            Value::Bytes { bytes, truncated } => Value::Binary { bytes, truncated },
            other => other,
        },
        4.. if is_int(cx) => super::io::int(cx, addr),
        4 => super::io::int(cx, addr),
        _ => cx.buffer(addr, len),
    }
}
