//! NETLINK_ROUTE's messages of routes (linux/rtnetlink.h).

use super::netlink::{Fields, attribute_list, head, inet, rest, text, word};
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::net::FAMILIES;
use crate::syscall::names::netlink::SCOPES;
use crate::syscall::names::route::*;
use crate::value::Value;

fn byte(b: &Bytes<'_>, at: usize) -> u64 {
    u64::from(b.u8(at))
}

/// struct rtmsg.
pub(super) fn route(b: &Bytes<'_>, fields: &mut Fields) {
    fields.extend([
        ("rtm_dst_len", Value::Uint(byte(b, 1))),
        ("rtm_src_len", Value::Uint(byte(b, 2))),
        ("rtm_tos", Value::Flags(byte(b, 3), &SERVICES)),
        ("rtm_table", Value::Const(byte(b, 4), &ROUTE_TABLES)),
        ("rtm_protocol", Value::Const(byte(b, 5), &ROUTE_PROTOCOLS)),
        ("rtm_scope", Value::Const(byte(b, 6), &SCOPES)),
        ("rtm_type", Value::Const(byte(b, 7), &ROUTE_KINDS)),
        ("rtm_flags", Value::Flags(u64::from(b.u32(8)), &ROUTE_FLAGS)),
    ]);
}

/// RTA_*.
pub(super) fn route_attribute(cx: &Cx<'_>, family: u8, kind: u16, b: &Bytes<'_>) -> Option<Value> {
    match kind {
        // RTA_MULTIPATH.
        9 => hops(cx, family, b),
        _ => plain_attribute(cx, family, kind, b),
    }
}

/// Those that hold no others of their own kind, so that no message makes us go deep.
fn plain_attribute(cx: &Cx<'_>, family: u8, kind: u16, b: &Bytes<'_>) -> Option<Value> {
    match kind {
        // RTA_DST, RTA_SRC, RTA_GATEWAY, RTA_PREFSRC, RTA_NEWDST.
        1 | 2 | 5 | 7 | 19 => inet(family, b),
        // RTA_IIF, RTA_OIF.
        3 | 4 => Some(Value::Interface(word(b)? as u32)),
        // RTA_PRIORITY, RTA_PROTOINFO, RTA_FLOW, RTA_MP_ALGO, RTA_MARK, RTA_UID.
        6 | 10 | 11 | 14 | 16 | 25 => Some(Value::Uint(word(b)?)),
        // RTA_METRICS.
        8 => Some(attribute_list(cx, b, &METRICS, family, metric)),
        // RTA_CACHEINFO.
        12 if b.data.len() >= 32 => Some(cache(b)),
        // RTA_TABLE.
        15 => Some(Value::Const(word(b)?, &ROUTE_TABLES)),
        // RTA_MFC_STATS.
        17 if b.data.len() >= 24 => {
            let names = ["mfcs_packets", "mfcs_bytes", "mfcs_wrong_if"];
            let each = names.iter().enumerate();
            Some(Value::fields(
                each.map(|(n, name)| (*name, Value::Uint(b.u64(n * 8))))
                    .collect(),
            ))
        }
        // RTA_VIA.
        18 if b.data.len() >= 2 => Some(via(b)),
        // RTA_PREF, RTA_TTL_PROPAGATE, RTA_IP_PROTO.
        20 | 26 | 27 => Some(Value::Uint(u64::from(*b.data.first()?))),
        // RTA_ENCAP_TYPE.
        21 if b.data.len() >= 2 => Some(Value::Const(u64::from(b.u16(0)), &TUNNELS)),
        // RTA_EXPIRES.
        23 if b.data.len() >= 8 => Some(Value::Uint(b.u64(0))),
        // RTA_SPORT, RTA_DPORT.
        28 | 29 if b.data.len() >= 2 => Some(Value::Uint(u64::from(b.u16(0)))),
        _ => None,
    }
}

/// RTAX_*.
fn metric(_: &Cx<'_>, _: u8, kind: u16, b: &Bytes<'_>) -> Option<Value> {
    match kind {
        1..=15 => Some(Value::Uint(word(b)?)),
        // RTAX_CC_ALGO.
        16 => Some(text(b)),
        _ => None,
    }
}

/// struct rta_cacheinfo.
fn cache(b: &Bytes<'_>) -> Value {
    let word = |at| u64::from(b.u32(at));
    Value::fields(vec![
        ("rta_clntref", Value::Uint(word(0))),
        ("rta_lastuse", Value::Uint(word(4))),
        ("rta_expires", Value::Uint(word(8))),
        ("rta_error", Value::Uint(word(12))),
        ("rta_used", Value::Uint(word(16))),
        ("rta_id", Value::Hex(word(20))),
        ("rta_ts", Value::Uint(word(24))),
        ("rta_tsage", Value::Uint(word(28))),
    ])
}

/// struct rtvia: a gateway of another family.
fn via(b: &Bytes<'_>) -> Value {
    let family = b.u16(0);
    let mut fields = vec![("rtvia_family", Value::Const(u64::from(family), &FAMILIES))];
    let addr = rest(b, 2);
    if !addr.data.is_empty() {
        let known = inet(u8::try_from(family).unwrap_or(0), &addr);
        let bytes = || Value::Binary {
            bytes: addr.data.to_vec(),
            truncated: false,
        };
        fields.push(("rtvia_addr", known.unwrap_or_else(bytes)));
    }
    Value::fields(fields)
}

/// The next hops, each a struct rtnexthop with its attributes.
fn hops(cx: &Cx<'_>, family: u8, all: &Bytes<'_>) -> Option<Value> {
    const HOP: usize = 8;
    let mut items = Vec::new();
    let mut left = rest(all, 0);
    while left.data.len() >= HOP {
        let len = usize::from(left.u16(0));
        let hop = Value::fields(vec![
            ("rtnh_len", Value::Uint(len as u64)),
            ("rtnh_flags", Value::Flags(byte(&left, 2), &HOP_FLAGS)),
            ("rtnh_hops", Value::Uint(byte(&left, 3))),
            ("rtnh_ifindex", Value::Interface(left.u32(4))),
        ]);
        let whole = head(&left, len);
        let attributes = rest(&whole, HOP);
        items.push(match attributes.data.is_empty() {
            true => hop,
            false => {
                let list =
                    attribute_list(cx, &attributes, &ROUTE_ATTRIBUTES, family, plain_attribute);
                Value::array(vec![hop, list])
            }
        });
        if len < HOP {
            break;
        }
        left = rest(&left, len.saturating_add(3) & !3);
    }
    match (all.data.len(), items.len()) {
        (_, 0) => None,
        (len, 1) if usize::from(all.u16(0)) >= len => items.pop(),
        _ => Some(Value::array(items)),
    }
}
