//! Futexes (linux/futex.h, futex(2)).

use super::time::{self, Clock, clock};
use crate::ids::Addr;
use crate::syscall::cx::Cx;
use crate::syscall::describe::Kind::{self, *};
use crate::syscall::describe::{Param, list};
use crate::syscall::names::futex::*;
use crate::value::{Names, Value};

const FUTEX_CLOCK_REALTIME: u64 = 256;
/// What of the op is the command; the rest are flags.
const FUTEX_CMD_MASK: u64 = 127;

/// FUTEX_WAIT's timeout is relative, and so is no clock's.
fn relative(cx: &Cx<'_>, addr: u64) -> Value {
    time::timespec(cx, addr)
}

/// FUTEX_WAIT_BITSET, FUTEX_LOCK_PI2 and FUTEX_WAIT_REQUEUE_PI wait until a point in time,
/// on the monotonic clock unless the op says otherwise.
fn absolute(cx: &Cx<'_>, addr: u64) -> Value {
    let clock = match cx.arg(1) & FUTEX_CLOCK_REALTIME {
        0 => Clock::Monotonic,
        _ => Clock::Realtime,
    };
    time::deadline(cx, addr, clock)
}

/// FUTEX_LOCK_PI waits until a point in real time.
fn absolute_realtime(cx: &Cx<'_>, addr: u64) -> Value {
    time::deadline(cx, addr, Clock::Realtime)
}

/// The timeout of futex_waitv and futex_wait, on the clock that argument `N` names.
pub(crate) fn deadline_of<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    time::deadline(cx, addr, clock(cx.arg(N)))
}

static BITSET: Names = Names {
    prefix: "FUTEX_BITSET_???",
    entries: &[(0xffff_ffff, "FUTEX_BITSET_MATCH_ANY")],
};

fn bitset(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw & 0xffff_ffff {
        all @ 0xffff_ffff => Value::Const(all, &BITSET),
        some => Value::Hex(some),
    }
}

/// FUTEX_WAKE_OP's val3: operation, its argument, comparison, its argument.
fn wake_op(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    let word = raw & 0xffff_ffff;
    let shifted = |value, by| Value::Shifted(Box::new(value), by);
    let mut parts = Vec::new();
    if word & 0x8000_0000 != 0 {
        parts.push(shifted(Value::Symbol("FUTEX_OP_OPARG_SHIFT"), "28"));
    }
    parts.push(shifted(Value::Const(word >> 28 & 7, &FUTEX_WAKE_OPS), "28"));
    parts.push(shifted(Value::Hex(word >> 12 & 0xfff), "12"));
    parts.push(shifted(
        Value::Const(word >> 24 & 15, &FUTEX_WAKE_CMPS),
        "24",
    ));
    parts.push(Value::Hex(word & 0xfff));
    Value::All(parts)
}

const OP: Kind = Const(&FUTEX_OPS);

/// The parameters of futex, by operation.
pub(crate) fn params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(1) & FUTEX_CMD_MASK {
        0 => list!(uaddr: Object, futex_op: OP, val: Uint, timeout: In(relative)),
        1 | 2 => list!(uaddr: Object, futex_op: OP, val: Uint),
        3 => list!(uaddr: Object, futex_op: OP, val: Uint, val2: Uint, uaddr2: Object),
        4 | 12 => {
            list!(uaddr: Object, futex_op: OP, val: Uint, val2: Uint, uaddr2: Object, val3: Uint)
        }
        5 => {
            list!(uaddr: Object, futex_op: OP, val: Uint, val2: Uint, uaddr2: Object, val3: In(wake_op))
        }
        6 => list!(uaddr: Object, futex_op: OP, val: Skip, timeout: In(absolute_realtime)),
        7 | 8 => list!(uaddr: Object, futex_op: OP),
        9 => BITSET_WAIT,
        10 => {
            list!(uaddr: Object, futex_op: OP, val: Uint, timeout: Skip, uaddr2: Skip, val3: In(bitset))
        }
        11 => list!(uaddr: Object, futex_op: OP, val: Uint, timeout: In(absolute), uaddr2: Object),
        13 => list!(uaddr: Object, futex_op: OP, val: Skip, timeout: In(absolute)),
        _ => {
            list!(uaddr: Object, futex_op: OP, val: Uint, timeout: Ptr, uaddr2: Object, val3: Hex32)
        }
    }
}

const BITSET_WAIT: &[Param] = list!(
    uaddr: Object,
    futex_op: OP,
    val: Uint,
    timeout: In(absolute),
    uaddr2: Skip,
    val3: In(bitset),
);

/// futex2's flags: a size and bits.
pub(crate) fn futex2_flags(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Or(vec![
        Value::Const(raw & 3, &FUTEX2_SIZE),
        Value::Flags(raw & 0xffff_fffc, &FUTEX2_FLAGS),
    ])
}

/// The futexes that futex_waitv waits for.
pub(crate) fn waiters(cx: &Cx<'_>, addr: u64) -> Value {
    waiters_of(cx, addr, u64::from(cx.arg(1) as u32))
}

/// The two futexes of futex_requeue: from, to.
pub(crate) fn waiter_pair(cx: &Cx<'_>, addr: u64) -> Value {
    waiters_of(cx, addr, 2)
}

fn waiters_of(cx: &Cx<'_>, addr: u64, count: u64) -> Value {
    // FUTEX_WAITV_MAX.
    let most = cx.elements().min(128);
    cx.array_of::<24>(addr, count, most, |b| {
        let mut fields = vec![
            ("val", Value::Hex(b.u64(0))),
            (
                "uaddr",
                Value::Object {
                    addr: Addr(b.u64(8)),
                    symbol: None,
                },
            ),
            (
                "flags",
                Value::Flags(u64::from(b.u32(16)), &FUTEX_WAITV_FLAGS),
            ),
        ];
        if b.u32(20) != 0 {
            fields.push(("__reserved", Value::Hex(u64::from(b.u32(20)))));
        }
        Value::fields(fields)
    })
}
