//! Times: struct timespec, timeval, itimerspec (linux/time_types.h, linux/time.h).

use crate::ids::{Addr, Signal};
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::names::time::{ADJTIMEX_MODES, ADJTIMEX_STATUS, SIGEV_NOTIFY};
use crate::value::{Note, Value};

/// `{tv_sec, tv_nsec}`; both fields are 64 bits on both machines.
pub(crate) fn timespec_fields(b: &Bytes<'_>) -> Value {
    Value::fields(vec![
        ("tv_sec", Value::Int(b.i64(0))),
        ("tv_nsec", Value::Uint(b.u64(8))),
    ])
}

/// `{tv_sec, tv_usec}`.
pub(crate) fn timeval_fields(b: &Bytes<'_>) -> Value {
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

/// `struct timeval[2]` of points in time.
pub(crate) fn file_timevals(cx: &Cx<'_>, addr: u64) -> Value {
    cx.tuple::<16>(addr, 2, |b| noted(timeval_fields(b), b.i64(0), b.u64(8), 6))
}

/// `value` with the date it stands for, where its fraction in nanoseconds is less than a second.
pub(crate) fn dated(value: Value, seconds: i64, nanos: u64) -> Value {
    noted(value, seconds, nanos, 9)
}

fn noted(value: Value, seconds: i64, fraction: u64, digits: usize) -> Value {
    match u32::try_from(fraction) {
        // Zero is no point in time to strace.
        Ok(0) if seconds == 0 => value,
        Ok(n) if fraction < 10u64.pow(digits as u32) => {
            Value::Noted(Box::new(value), Note::At(seconds, n, digits))
        }
        _ => value,
    }
}

/// struct utimbuf.
pub(crate) fn utimbuf(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<16>(addr, |b| {
        let time = |at| dated(Value::Int(b.i64(at)), b.i64(at), 0);
        Value::fields(vec![("actime", time(0)), ("modtime", time(8))])
    })
}

/// struct timezone.
pub(crate) fn timezone(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<8>(addr, |b| {
        Value::fields(vec![
            ("tz_minuteswest", Value::Int(i64::from(b.i32(0)))),
            ("tz_dsttime", Value::Int(i64::from(b.i32(4)))),
        ])
    })
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

/// struct sigevent (asm-generic/siginfo.h): whom a timer or a message queue tells, and how.
pub(crate) fn sigevent(cx: &Cx<'_>, addr: u64) -> Value {
    const SIGEV_SIGNAL: u32 = 0;
    const SIGEV_THREAD: u32 = 2;
    const SIGEV_THREAD_ID: u32 = 4;
    // What it is called with, not the room that the C library makes for it.
    cx.structure::<32>(addr, |b| {
        let notify = b.u32(12);
        let signo = match notify {
            SIGEV_SIGNAL | SIGEV_THREAD | SIGEV_THREAD_ID => Value::Signal(Signal(b.i32(8))),
            _ => Value::Uint(u64::from(b.u32(8))),
        };
        let mut fields = Vec::new();
        if b.u64(0) != 0 {
            let value = Value::fields(vec![
                ("sival_int", Value::Int(i64::from(b.i32(0)))),
                ("sival_ptr", Value::Ptr(Addr(b.u64(0)))),
            ]);
            fields.push(("sigev_value", value));
        }
        fields.push(("sigev_signo", signo));
        fields.push((
            "sigev_notify",
            Value::Const(u64::from(notify), &SIGEV_NOTIFY),
        ));
        match notify {
            SIGEV_THREAD_ID => fields.push(("sigev_notify_thread_id", Value::Pid(b.i32(16)))),
            SIGEV_THREAD => {
                fields.push(("sigev_notify_function", Value::Ptr(Addr(b.u64(16)))));
                fields.push(("sigev_notify_attributes", Value::Ptr(Addr(b.u64(24)))));
            }
            _ => {}
        }
        Value::fields(fields)
    })
}

/// struct tms (linux/times.h).
pub(crate) fn tms(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<32>(addr, |b| {
        let names = ["tms_utime", "tms_stime", "tms_cutime", "tms_cstime"];
        let fields = names.iter().enumerate();
        Value::fields(
            fields
                .map(|(n, name)| (*name, ticks(b.u64(n * 8))))
                .collect(),
        )
    })
}

/// Clock ticks, with what that is in seconds.
pub(crate) fn ticks(n: u64) -> Value {
    Value::Noted(Box::new(Value::Uint(n)), Note::Ticks(n))
}

/// struct timex (linux/timex.h).
pub(crate) fn timex(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<208>(addr, |b| {
        let mut fields = vec![("modes", Value::Flags(u64::from(b.u32(0)), &ADJTIMEX_MODES))];
        for (name, at) in [
            ("offset", 8),
            ("freq", 16),
            ("maxerror", 24),
            ("esterror", 32),
        ] {
            fields.push((name, Value::Int(b.i64(at))));
        }
        fields.push((
            "status",
            Value::Flags(u64::from(b.u32(40)), &ADJTIMEX_STATUS),
        ));
        for (name, at) in [("constant", 48), ("precision", 56), ("tolerance", 64)] {
            fields.push((name, Value::Int(b.i64(at))));
        }
        fields.push(("time", timeval_fields(&b.sub(72))));
        for (name, at) in [("tick", 88), ("ppsfreq", 96), ("jitter", 104)] {
            fields.push((name, Value::Int(b.i64(at))));
        }
        fields.push(("shift", Value::Int(i64::from(b.i32(112)))));
        for (name, at) in [
            ("stabil", 120),
            ("jitcnt", 128),
            ("calcnt", 136),
            ("errcnt", 144),
            ("stbcnt", 152),
        ] {
            fields.push((name, Value::Int(b.i64(at))));
        }
        fields.push(("tai", Value::Int(i64::from(b.i32(160)))));
        Value::fields(fields)
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
        _ => Value::Ptr(Addr(addr)),
    }
}
