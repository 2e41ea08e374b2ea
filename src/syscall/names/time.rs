//! Names of clocks (linux/time.h).

use crate::value::Names;

/// clockid_t.
#[rustfmt::skip]
pub static CLOCKS: Names = Names { prefix: "CLOCK_???", entries: &[
    (0, "CLOCK_REALTIME"),
    (1, "CLOCK_MONOTONIC"),
    (2, "CLOCK_PROCESS_CPUTIME_ID"),
    (3, "CLOCK_THREAD_CPUTIME_ID"),
    (4, "CLOCK_MONOTONIC_RAW"),
    (5, "CLOCK_REALTIME_COARSE"),
    (6, "CLOCK_MONOTONIC_COARSE"),
    (7, "CLOCK_BOOTTIME"),
    (8, "CLOCK_REALTIME_ALARM"),
    (9, "CLOCK_BOOTTIME_ALARM"),
    (0xa, "CLOCK_SGI_CYCLE"),
    (0xb, "CLOCK_TAI"),
] };

/// clock_nanosleep and timer_settime flags.
#[rustfmt::skip]
pub static CLOCK_FLAGS: Names = Names { prefix: "TIMER_???", entries: &[
    (1, "TIMER_ABSTIME"),
] };

/// getitimer which, linux/time.h.
#[rustfmt::skip]
pub static ITIMERS: Names = Names { prefix: "ITIMER_???", entries: &[
    (0, "ITIMER_REAL"),
    (1, "ITIMER_VIRTUAL"),
    (2, "ITIMER_PROF"),
] };
