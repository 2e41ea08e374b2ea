//! Netlink messages (linux/netlink.h): the header of any, and what NETLINK_ROUTE's messages of links,
//! addresses and routes hold (linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h).

use super::{route as routes, socket};
use crate::ids::Addr;
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::device::INTERFACE_FLAGS;
use crate::syscall::names::net::{ARP_HARDWARE, FAMILIES};
use crate::syscall::names::netlink::*;
use crate::syscall::names::route::ROUTE_ATTRIBUTES;
use crate::value::{Names, Value};

/// sizeof(struct nlmsghdr), sizeof(struct nlattr).
const HEADER: usize = 16;
const ATTRIBUTE: usize = 4;
const HEADER_LEN: u64 = HEADER as u64;
/// As much as the kernel makes of an answer, and more.
const MOST: u64 = 1 << 18;
const NETLINK_ROUTE: u32 = 0;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// Below this, messages are the same for all families.
const NLMSG_MIN_TYPE: u16 = 16;

/// The buffer of a socket call: netlink messages where the socket is of that family.
pub(crate) fn buffer(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    let plain = || cx.buffer(addr, len);
    if addr == 0 || len < HEADER as u64 {
        return plain();
    }
    // Whose socket it is costs more to find out than whether these can be messages at all.
    let first = cx.read::<HEADER>(addr).map(|head| {
        let b = Bytes {
            addr: Addr(addr),
            data: &head,
        };
        (b.u32(0), b.u16(4))
    });
    if !first.is_some_and(|(size, kind)| size <= MOST as u32 && kind < 256) {
        return plain();
    }
    match cx.netlink_family(cx.arg(0) as i32) {
        Some(family) => read(cx, family, addr, len.min(MOST)),
        None => plain(),
    }
}

/// A buffer of a message that is addressed to netlink, whatever its socket is.
pub(crate) fn addressed(cx: &Cx<'_>, addr: u64, len: u64) -> Value {
    const UNKNOWN: u32 = u32::MAX;
    match (addr, len) {
        (0, _) | (_, ..HEADER_LEN) => cx.buffer(addr, len),
        _ => {
            let family = cx.netlink_family(cx.arg(0) as i32);
            read(cx, family.unwrap_or(UNKNOWN), addr, len.min(MOST))
        }
    }
}

fn read(cx: &Cx<'_>, family: u32, addr: u64, len: u64) -> Value {
    match cx.context.memory.bytes(Addr(addr), len as usize) {
        Ok(data) => {
            let addr = Addr(addr);
            messages(cx, family, &Bytes { addr, data: &data })
        }
        Err(_) => Value::Unreadable(Addr(addr)),
    }
}

/// The first `len` bytes of `b`.
pub(super) fn head<'a>(b: &Bytes<'a>, len: usize) -> Bytes<'a> {
    Bytes {
        addr: b.addr,
        data: b.data.get(..len).unwrap_or(b.data),
    }
}

/// What follows the first `len` bytes of `b`.
pub(super) fn rest<'a>(b: &Bytes<'a>, len: usize) -> Bytes<'a> {
    Bytes {
        addr: b.addr.add(len as u64),
        data: b.data.get(len..).unwrap_or(&[]),
    }
}

fn hex(b: &Bytes<'_>, cx: &Cx<'_>) -> Value {
    let shown = b.data.len().min(cx.limit());
    Value::Binary {
        bytes: b.data.get(..shown).unwrap_or(&[]).to_vec(),
        truncated: shown < b.data.len(),
    }
}

fn messages(cx: &Cx<'_>, family: u32, all: &Bytes<'_>) -> Value {
    let mut items = Vec::new();
    let mut left = rest(all, 0);
    let mut is_array = false;
    let mut truncated = false;
    while !left.data.is_empty() {
        if items.len() >= cx.elements() {
            truncated = true;
            break;
        }
        if left.data.len() < HEADER {
            items.push(hex(&left, cx));
            break;
        }
        let len = left.u32(0) as usize;
        items.push(message(cx, family, &head(&left, len.max(HEADER))));
        let step = len.max(HEADER).saturating_add(3) & !3;
        // A message that says it is longer than what there is, or shorter than itself, is the last.
        if len < HEADER || step >= left.data.len() {
            break;
        }
        is_array = true;
        left = rest(&left, step);
    }
    match (is_array, items.pop()) {
        (false, Some(only)) => only,
        (_, last) => Value::Array {
            items: items.into_iter().chain(last).collect(),
            truncated,
            unreadable: None,
        },
    }
}

/// One message: its header, and what follows.
fn message(cx: &Cx<'_>, family: u32, b: &Bytes<'_>) -> Value {
    let (kind, flags) = (b.u16(4), b.u16(6));
    let header = Value::fields(vec![
        ("nlmsg_len", Value::Uint(u64::from(b.u32(0)))),
        ("nlmsg_type", message_type(family, kind)),
        ("nlmsg_flags", message_flags(family, kind, flags)),
        ("nlmsg_seq", Value::Uint(u64::from(b.u32(8)))),
        ("nlmsg_pid", Value::Pid(b.i32(12))),
    ]);
    let payload = rest(b, HEADER);
    if payload.data.is_empty() {
        return header;
    }
    let mut items = vec![header];
    match kind {
        NLMSG_ERROR => items.push(error(cx, family, &payload)),
        NLMSG_DONE if payload.data.len() == 4 => {
            items.push(Value::Int(i64::from(payload.i32(0))));
        }
        NLMSG_MIN_TYPE.. if family == NETLINK_ROUTE => route(cx, kind, &payload, &mut items),
        _ => items.push(hex(&payload, cx)),
    }
    Value::array(items)
}

fn message_type(family: u32, kind: u16) -> Value {
    let names = match (kind, family) {
        (NLMSG_MIN_TYPE.., NETLINK_ROUTE) => &ROUTE_TYPES,
        _ => &NLMSG_TYPES,
    };
    Value::Const(u64::from(kind), names)
}

/// Flags of all messages, and those that this sort of message has.
fn message_flags(family: u32, kind: u16, flags: u16) -> Value {
    const RTM_DELACTION: u16 = 49;
    let own = match kind {
        NLMSG_ERROR => Some(&ACK_FLAGS),
        ..NLMSG_MIN_TYPE => None,
        RTM_DELACTION if family == NETLINK_ROUTE => Some(&GET_FLAGS),
        _ if family == NETLINK_ROUTE => match kind & 3 {
            0 => Some(&NEW_FLAGS),
            1 => Some(&DELETE_FLAGS),
            2 => Some(&GET_FLAGS),
            _ => None,
        },
        _ => None,
    };
    let flags = u64::from(flags);
    let (common, others) = (flags & 0x3f, flags & !0x3f);
    match own {
        Some(names) if common != 0 && others != 0 => Value::All(vec![
            Value::Flags(common, &NLM_FLAGS),
            Value::Flags(others, names),
        ]),
        Some(names) if others != 0 => Value::Flags(others, names),
        _ => Value::Flags(flags, &NLM_FLAGS),
    }
}

/// struct nlmsgerr: an error and the message that caused it.
fn error(cx: &Cx<'_>, family: u32, b: &Bytes<'_>) -> Value {
    if b.data.len() < 4 {
        return hex(b, cx);
    }
    let error = match b.i32(0) {
        n @ ..0 => Value::NegativeErrno(n.saturating_neg()),
        n => Value::Int(i64::from(n)),
    };
    let mut fields = vec![("error", error)];
    let cause = rest(b, 4);
    match cause.data.len() {
        0 => {}
        HEADER.. => fields.push(("msg", message(cx, family, &cause))),
        _ => fields.push(("msg", hex(&cause, cx))),
    }
    Value::fields(fields)
}

pub(super) type Fields = Vec<(&'static str, Value)>;

/// The body of a message of NETLINK_ROUTE, and its attributes.
fn route(cx: &Cx<'_>, kind: u16, b: &Bytes<'_>, items: &mut Vec<Value>) {
    /// The name of the family's field, the structure's size, its fields, its attributes.
    type Form = (
        &'static str,
        usize,
        fn(&Bytes<'_>, &mut Fields),
        &'static Names,
        fn(&Cx<'_>, u8, u16, &Bytes<'_>) -> Option<Value>,
    );
    // RTM_*LINK, RTM_*ADDR, RTM_*ROUTE; other messages in hexadecimal.
    let form: Option<Form> = match kind {
        16..=19 => Some(("ifi_family", 16, link, &LINK_ATTRIBUTES, link_attribute)),
        20..=22 => Some((
            "ifa_family",
            8,
            address,
            &ADDRESS_ATTRIBUTES,
            address_attribute,
        )),
        24..=26 => Some((
            "rtm_family",
            12,
            routes::route,
            &ROUTE_ATTRIBUTES,
            routes::route_attribute,
        )),
        _ => None,
    };
    let Some((family_name, size, fields, names, attribute)) = form else {
        return items.push(hex(b, cx));
    };
    let family = Value::Const(u64::from(b.u8(0)), &FAMILIES);
    if b.data.len() < size {
        return items.push(Value::Struct {
            fields: vec![(family_name, family)],
            more: true,
        });
    }
    let mut shown = vec![(family_name, family)];
    fields(b, &mut shown);
    items.push(Value::fields(shown));
    let attributes = rest(b, size);
    if !attributes.data.is_empty() {
        items.push(attribute_list(cx, &attributes, names, b.u8(0), attribute));
    }
}

/// struct ifinfomsg.
fn link(b: &Bytes<'_>, fields: &mut Fields) {
    fields.push(("ifi_type", Value::Const(u64::from(b.u16(2)), &ARP_HARDWARE)));
    fields.push(("ifi_index", Value::Interface(b.u32(4))));
    fields.push((
        "ifi_flags",
        Value::Flags(u64::from(b.u32(8)), &INTERFACE_FLAGS),
    ));
    fields.push(("ifi_change", Value::Hex(u64::from(b.u32(12)))));
}

/// struct ifaddrmsg.
fn address(b: &Bytes<'_>, fields: &mut Fields) {
    fields.push(("ifa_prefixlen", Value::Uint(u64::from(b.u8(1)))));
    fields.push((
        "ifa_flags",
        Value::Flags(u64::from(b.u8(2)), &ADDRESS_FLAGS),
    ));
    fields.push(("ifa_scope", Value::Const(u64::from(b.u8(3)), &SCOPES)));
    fields.push(("ifa_index", Value::Interface(b.u32(4))));
}

/// A list of attributes, or the only one.
pub(super) fn attribute_list(
    cx: &Cx<'_>,
    all: &Bytes<'_>,
    names: &'static Names,
    family: u8,
    decode: fn(&Cx<'_>, u8, u16, &Bytes<'_>) -> Option<Value>,
) -> Value {
    // NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    const TYPE: u16 = 0x3fff;
    let mut items = Vec::new();
    let mut left = rest(all, 0);
    let mut truncated = false;
    while !left.data.is_empty() {
        if items.len() >= cx.elements() {
            truncated = true;
            break;
        }
        if left.data.len() < ATTRIBUTE {
            items.push(hex(&left, cx));
            break;
        }
        let len = usize::from(left.u16(0));
        let kind = left.u16(2);
        let named = Value::Const(u64::from(kind & TYPE), names);
        let flags = u64::from(kind & !TYPE);
        let shown_kind = match flags {
            0 => named,
            flags => Value::All(vec![Value::Flags(flags, &ATTRIBUTE_FLAGS), named]),
        };
        let header = Value::fields(vec![
            ("nla_len", Value::Uint(len as u64)),
            ("nla_type", shown_kind),
        ]);
        let whole = head(&left, len.max(ATTRIBUTE));
        let payload = rest(&whole, ATTRIBUTE);
        items.push(match payload.data.is_empty() {
            true => header,
            false => {
                let value = decode(cx, family, kind & TYPE, &payload);
                Value::array(vec![header, value.unwrap_or_else(|| hex(&payload, cx))])
            }
        });
        let step = len.max(ATTRIBUTE).saturating_add(3) & !3;
        if len < ATTRIBUTE || step >= left.data.len() {
            break;
        }
        left = rest(&left, step);
    }
    match (items.len(), truncated) {
        (1, false) => items.pop().unwrap_or(Value::array(Vec::new())),
        _ => Value::Array {
            items,
            truncated,
            unreadable: None,
        },
    }
}

pub(super) fn word(b: &Bytes<'_>) -> Option<u64> {
    (b.data.len() >= 4).then(|| u64::from(b.u32(0)))
}

/// A string that may end with NUL.
pub(super) fn text(b: &Bytes<'_>) -> Value {
    Value::bytes(b.data.strip_suffix(&[0]).unwrap_or(b.data))
}

/// An address of the family that the message is about, without a place to fill.
pub(super) fn inet(family: u8, b: &Bytes<'_>) -> Option<Value> {
    let value = match (family, b.data.len()) {
        (2, 4..) => socket::ipv4(b.u32(0)),
        (10, 16..) => socket::ipv6(b, 0),
        _ => return None,
    };
    Some(value)
}

/// IFA_*.
fn address_attribute(_: &Cx<'_>, family: u8, kind: u16, b: &Bytes<'_>) -> Option<Value> {
    match kind {
        // IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_ANYCAST, IFA_MULTICAST.
        1 | 2 | 4 | 5 | 7 => inet(family, b),
        // IFA_LABEL.
        3 => Some(text(b)),
        // IFA_CACHEINFO.
        6 if b.data.len() >= 16 => {
            let names = ["ifa_prefered", "ifa_valid", "cstamp", "tstamp"];
            let each = names.iter().enumerate();
            Some(Value::fields(
                each.map(|(n, name)| (*name, Value::Uint(u64::from(b.u32(n * 4)))))
                    .collect(),
            ))
        }
        // IFA_FLAGS.
        8 => Some(Value::Flags(word(b)?, &ADDRESS_FLAGS)),
        // IFA_RT_PRIORITY.
        9 => Some(Value::Uint(word(b)?)),
        // IFA_TARGET_NETNSID.
        10 => Some(Value::Int(i64::from(word(b)? as i32))),
        // IFA_PROTO.
        11 => Some(Value::Const(
            u64::from(*b.data.first()?),
            &ADDRESS_PROTOCOLS,
        )),
        _ => None,
    }
}

/// IFLA_*.
fn link_attribute(cx: &Cx<'_>, _: u8, kind: u16, b: &Bytes<'_>) -> Option<Value> {
    match kind {
        // IFLA_ADDRESS, IFLA_BROADCAST, IFLA_PERM_ADDRESS.
        1 | 2 | 54 => {
            let octets: Vec<String> = b.data.iter().map(|n| format!("{n:02x}")).collect();
            Some(Value::Name(octets.join(":")))
        }
        // IFLA_IFNAME, IFLA_QDISC, IFLA_IFALIAS, IFLA_PHYS_PORT_NAME, IFLA_ALT_IFNAME,
        // IFLA_PARENT_DEV_NAME, IFLA_PARENT_DEV_BUS_NAME.
        3 | 6 | 20 | 38 | 53 | 56 | 57 => Some(text(b)),
        // IFLA_LINK.
        5 => Some(Value::Interface(word(b)? as u32)),
        // IFLA_MASTER and the counts.
        4
        | 8..=10
        | 13
        | 15
        | 19
        | 21
        | 27
        | 30..=32
        | 35
        | 40
        | 41
        | 47
        | 48
        | 50
        | 51
        | 55
        | 58..=61 => Some(Value::Uint(word(b)?)),
        // IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_CARRIER, IFLA_PROTO_DOWN.
        16 | 17 | 33 | 39 => Some(Value::Uint(u64::from(*b.data.first()?))),
        // IFLA_STATS64.
        23 if b.data.len() >= 23 * 8 => {
            let counts = LINK_COUNTS.iter().enumerate();
            let shown = counts.take(b.data.len() / 8);
            Some(Value::fields(
                shown
                    .map(|(n, name)| (*name, Value::Uint(b.u64(n * 8))))
                    .collect(),
            ))
        }
        // IFLA_STATS.
        7 if b.data.len() >= 23 * 4 => {
            let counts = LINK_COUNTS.iter().take(24).enumerate();
            let shown = counts.take(b.data.len() / 4);
            Some(Value::fields(
                shown
                    .map(|(n, name)| (*name, Value::Uint(u64::from(b.u32(n * 4)))))
                    .collect(),
            ))
        }
        // IFLA_MAP.
        14 if b.data.len() >= 28 => Some(Value::fields(vec![
            ("mem_start", Value::Hex(b.u64(0))),
            ("mem_end", Value::Hex(b.u64(8))),
            ("base_addr", Value::Hex(b.u64(16))),
            ("irq", Value::Uint(u64::from(b.u16(24)))),
            ("dma", Value::Uint(u64::from(b.u8(26)))),
            ("port", Value::Uint(u64::from(b.u8(27)))),
        ])),
        // IFLA_XDP: nested, attached or not.
        43 => Some(attribute_list(
            cx,
            b,
            &XDP_ATTRIBUTES,
            0,
            |_, _, kind, b| match kind {
                2 => Some(Value::Const(u64::from(*b.data.first()?), &XDP_MODES)),
                _ => None,
            },
        )),
        _ => None,
    }
}
