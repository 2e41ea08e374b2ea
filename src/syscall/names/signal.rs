//! Names around signals (asm-generic/signal.h, asm-generic/siginfo.h).

use crate::value::Names;

/// rt_sigprocmask how.
#[rustfmt::skip]
pub static SIGMASK_HOW: Names = Names { prefix: "SIG_???", entries: &[
    (0, "SIG_BLOCK"),
    (1, "SIG_UNBLOCK"),
    (2, "SIG_SETMASK"),
] };

/// sigaction flags.
#[rustfmt::skip]
pub static SA_FLAGS: Names = Names { prefix: "SA_???", entries: &[
    (0x4000000, "SA_RESTORER"),
    (0x8000000, "SA_ONSTACK"),
    (0x10000000, "SA_RESTART"),
    (0x20000000, "SA_INTERRUPT"),
    (1, "SA_NOCLDSTOP"),
    (2, "SA_NOCLDWAIT"),
    (4, "SA_SIGINFO"),
    (0x80000000, "SA_RESETHAND"),
    (0x40000000, "SA_NODEFER"),
    (0x400, "SA_UNSUPPORTED"),
    (0x800, "SA_EXPOSE_TAGBITS"),
] };

/// stack_t.ss_flags, linux/signal.h.
#[rustfmt::skip]
pub static SS_FLAGS: Names = Names { prefix: "SS_???", entries: &[
    (1, "SS_ONSTACK"),
    (2, "SS_DISABLE"),
    (0x80000000, "SS_AUTODISARM"),
] };

/// si_code of SIGCHLD.
#[rustfmt::skip]
pub static SIGCHLD_CODES: Names = Names { prefix: "CLD_???", entries: &[
    (1, "CLD_EXITED"),
    (2, "CLD_KILLED"),
    (3, "CLD_DUMPED"),
    (4, "CLD_TRAPPED"),
    (5, "CLD_STOPPED"),
    (6, "CLD_CONTINUED"),
] };

/// si_code of any signal.
#[rustfmt::skip]
pub static SI_CODES: Names = Names { prefix: "SI_???", entries: &[
    (0, "SI_USER"),
    (0x80, "SI_KERNEL"),
    (0xffffffff, "SI_QUEUE"),
    (0xfffffffe, "SI_TIMER"),
    (0xfffffffd, "SI_MESGQ"),
    (0xfffffffc, "SI_ASYNCIO"),
    (0xfffffffb, "SI_SIGIO"),
    (0xfffffffa, "SI_TKILL"),
    (0xfffffff9, "SI_DETHREAD"),
    (0xffffffc4, "SI_ASYNCNL"),
] };
