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

/// timer_settime flags, linux/time.h.
#[rustfmt::skip]
pub static TIMER_FLAGS: Names = Names { prefix: "TIMER_???", entries: &[
    (1, "TIMER_ABSTIME"),
] };

/// sigevent.sigev_notify, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGEV_NOTIFY: Names = Names { prefix: "SIGEV_???", entries: &[
    (0, "SIGEV_SIGNAL"),
    (1, "SIGEV_NONE"),
    (2, "SIGEV_THREAD"),
    (4, "SIGEV_THREAD_ID"),
] };

/// timex.modes, linux/timex.h.
#[rustfmt::skip]
pub static ADJTIMEX_MODES: Names = Names { prefix: "ADJ_???", entries: &[
    (0xa001, "ADJ_OFFSET_SS_READ"),
    (0x8001, "ADJ_OFFSET_SINGLESHOT"),
    (1, "ADJ_OFFSET"),
    (2, "ADJ_FREQUENCY"),
    (4, "ADJ_MAXERROR"),
    (8, "ADJ_ESTERROR"),
    (0x10, "ADJ_STATUS"),
    (0x20, "ADJ_TIMECONST"),
    (0x80, "ADJ_TAI"),
    (0x100, "ADJ_SETOFFSET"),
    (0x1000, "ADJ_MICRO"),
    (0x2000, "ADJ_NANO"),
    (0x4000, "ADJ_TICK"),
] };

/// timex.status, linux/timex.h.
#[rustfmt::skip]
pub static ADJTIMEX_STATUS: Names = Names { prefix: "STA_???", entries: &[
    (1, "STA_PLL"),
    (2, "STA_PPSFREQ"),
    (4, "STA_PPSTIME"),
    (8, "STA_FLL"),
    (0x10, "STA_INS"),
    (0x20, "STA_DEL"),
    (0x40, "STA_UNSYNC"),
    (0x80, "STA_FREQHOLD"),
    (0x100, "STA_PPSSIGNAL"),
    (0x200, "STA_PPSJITTER"),
    (0x400, "STA_PPSWANDER"),
    (0x800, "STA_PPSERROR"),
    (0x1000, "STA_CLOCKERR"),
    (0x2000, "STA_NANO"),
    (0x4000, "STA_MODE"),
    (0x8000, "STA_CLK"),
] };

/// What adjtimex returns, linux/timex.h.
#[rustfmt::skip]
pub static ADJTIMEX_STATES: Names = Names { prefix: "TIME_???", entries: &[
    (0, "TIME_OK"),
    (1, "TIME_INS"),
    (2, "TIME_DEL"),
    (3, "TIME_OOP"),
    (4, "TIME_WAIT"),
    (5, "TIME_ERROR"),
] };
