//! Times: struct timespec, timeval, itimerspec (linux/time_types.h, linux/time.h).

use crate::syscall::cx::{Bytes, Cx};
use crate::value::{Note, Value};

/// `{tv_sec, tv_nsec}`; both fields are 64 bits on both machines.
pub(crate) fn timespec_fields(b: &Bytes<'_>) -> Value {
    Value::fields(vec![
        ("tv_sec", Value::Int(b.i64(0))),
        ("tv_nsec", Value::Uint(b.u64(8))),
    ])
}

fn timeval_fields(b: &Bytes<'_>) -> Value {
    Value::fields(vec![
        ("tv_sec", Value::Int(b.i64(0))),
        ("tv_usec", Value::Uint(b.u64(8))),
    ])
}

/// A relative time.
pub(crate) fn timespec(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<16>(addr, timespec_fields)
}

/// struct timeval.
pub(crate) fn timeval(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<16>(addr, timeval_fields)
}

/// `struct timeval[2]`.
pub(crate) fn timeval_pair(cx: &Cx<'_>, addr: u64) -> Value {
    cx.array_of::<16>(addr, 2, 2, timeval_fields)
}

/// struct itimerval.
pub(crate) fn itimerval(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| {
        Value::fields(vec![
            ("it_interval", timeval_fields(b)),
            ("it_value", timeval_fields(&b.sub(16))),
        ])
    })
}

/// struct itimerspec.
pub(crate) fn itimerspec(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| {
        Value::fields(vec![
            ("it_interval", timespec_fields(b)),
            ("it_value", timespec_fields(&b.sub(16))),
        ])
    })
}

/// Which of our two clocks tells how far off a point in time is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Monotonic,
    Realtime,
    /// A clock that we do not know the time of.
    Other,
}

/// The clock of a `clockid_t` (linux/time.h).
pub(crate) fn clock(id: u64) -> Clock {
    match id as u32 {
        0 | 5 | 8 => Clock::Realtime,
        1 | 6 => Clock::Monotonic,
        _ => Clock::Other,
    }
}

/// A point in time on `clock`, with a note of how far ahead it lies.
pub(crate) fn deadline(cx: &Cx<'_>, addr: u64, clock: Clock) -> Value {
    let value = timespec(cx, addr);
    let now = match clock {
        Clock::Monotonic => cx.context.now.mono_ns,
        Clock::Realtime => cx.context.now.wall_ns,
        Clock::Other => return value,
    };
    let left = match (cx.u64_at(addr), cx.u64_at(addr.wrapping_add(8))) {
        (Some(sec), Some(nsec)) => {
            let at = i128::from(sec as i64) * 1_000_000_000 + i128::from(nsec as i64);
            i64::try_from(at - i128::from(now)).ok()
        }
        _ => None,
    };
    match left {
        Some(left) if matches!(value, Value::Struct { .. }) => {
            Value::Noted(Box::new(value), Note::TimeLeft(left))
        }
        _ => value,
    }
}

/// clock_nanosleep's request: absolute with TIMER_ABSTIME.
pub(crate) fn clock_nanosleep_request(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.arg(1) & 1 {
        0 => timespec(cx, addr),
        _ => deadline(cx, addr, clock(cx.arg(0))),
    }
}

/// What was left of a sleep; the kernel writes it only when a signal ends the sleep.
pub(crate) fn remaining(cx: &Cx<'_>, addr: u64) -> Value {
    match cx.errno() {
        // EINTR, or ERESTART_RESTARTBLOCK while the call may yet be restarted.
        Some(4 | 516) => timespec(cx, addr),
        _ => Value::Ptr(crate::ids::Addr(addr)),
    }
}
