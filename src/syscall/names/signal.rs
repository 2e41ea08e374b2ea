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
    (0x40000000, "SA_NODEFER"),
    (0x80000000, "SA_RESETHAND"),
    (4, "SA_SIGINFO"),
    (1, "SA_NOCLDSTOP"),
    (2, "SA_NOCLDWAIT"),
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
pub static SIGCHLD_CODES: Names = Names { prefix: "", entries: &[
    (1, "CLD_EXITED"),
    (2, "CLD_KILLED"),
    (3, "CLD_DUMPED"),
    (4, "CLD_TRAPPED"),
    (5, "CLD_STOPPED"),
    (6, "CLD_CONTINUED"),
] };

/// si_code of any signal.
#[rustfmt::skip]
pub static SI_CODES: Names = Names { prefix: "", entries: &[
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

/// si_code of SIGILL, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGILL_CODES: Names = Names { prefix: "", entries: &[
    (1, "ILL_ILLOPC"),
    (2, "ILL_ILLOPN"),
    (3, "ILL_ILLADR"),
    (4, "ILL_ILLTRP"),
    (5, "ILL_PRVOPC"),
    (6, "ILL_PRVREG"),
    (7, "ILL_COPROC"),
    (8, "ILL_BADSTK"),
    (9, "ILL_BADIADDR"),
] };

/// si_code of SIGFPE, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGFPE_CODES: Names = Names { prefix: "", entries: &[
    (1, "FPE_INTDIV"),
    (2, "FPE_INTOVF"),
    (3, "FPE_FLTDIV"),
    (4, "FPE_FLTOVF"),
    (5, "FPE_FLTUND"),
    (6, "FPE_FLTRES"),
    (7, "FPE_FLTINV"),
    (8, "FPE_FLTSUB"),
    (0xe, "FPE_FLTUNK"),
    (0xf, "FPE_CONDTRAP"),
] };

/// si_code of SIGSEGV, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGSEGV_CODES: Names = Names { prefix: "", entries: &[
    (1, "SEGV_MAPERR"),
    (2, "SEGV_ACCERR"),
    (3, "SEGV_BNDERR"),
    (4, "SEGV_PKUERR"),
    (5, "SEGV_ACCADI"),
    (6, "SEGV_ADIDERR"),
    (7, "SEGV_ADIPERR"),
    (8, "SEGV_MTEAERR"),
    (9, "SEGV_MTESERR"),
    (0xa, "SEGV_CPERR"),
] };

/// si_code of SIGBUS, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGBUS_CODES: Names = Names { prefix: "", entries: &[
    (1, "BUS_ADRALN"),
    (2, "BUS_ADRERR"),
    (3, "BUS_OBJERR"),
    (4, "BUS_MCEERR_AR"),
    (5, "BUS_MCEERR_AO"),
] };

/// si_code of SIGTRAP, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGTRAP_CODES: Names = Names { prefix: "", entries: &[
    (1, "TRAP_BRKPT"),
    (2, "TRAP_TRACE"),
    (3, "TRAP_BRANCH"),
    (4, "TRAP_HWBKPT"),
    (5, "TRAP_UNK"),
    (6, "TRAP_PERF"),
] };

/// si_code of SIGPOLL, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGPOLL_CODES: Names = Names { prefix: "", entries: &[
    (1, "POLL_IN"),
    (2, "POLL_OUT"),
    (3, "POLL_MSG"),
    (4, "POLL_ERR"),
    (5, "POLL_PRI"),
    (6, "POLL_HUP"),
] };

/// si_code of SIGSYS, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static SIGSYS_CODES: Names = Names { prefix: "", entries: &[
    (1, "SYS_SECCOMP"),
    (2, "SYS_USER_DISPATCH"),
] };

/// si_perf_type, linux/perf_event.h.
#[rustfmt::skip]
pub static PERF_TYPES: Names = Names { prefix: "PERF_TYPE_???", entries: &[
    (0, "PERF_TYPE_HARDWARE"),
    (1, "PERF_TYPE_SOFTWARE"),
    (2, "PERF_TYPE_TRACEPOINT"),
    (3, "PERF_TYPE_HW_CACHE"),
    (4, "PERF_TYPE_RAW"),
    (5, "PERF_TYPE_BREAKPOINT"),
] };

/// si_perf_flags, asm-generic/siginfo.h.
#[rustfmt::skip]
pub static TRAP_PERF_FLAGS: Names = Names { prefix: "TRAP_PERF_FLAG_???", entries: &[
    (1, "TRAP_PERF_FLAG_ASYNC"),
] };

/// si_arch, linux/audit.h.
#[rustfmt::skip]
pub static AUDIT_ARCHES: Names = Names { prefix: "AUDIT_ARCH_???", entries: &[
    (0xc00000b7, "AUDIT_ARCH_AARCH64"),
    (0x40000028, "AUDIT_ARCH_ARM"),
    (0x40000003, "AUDIT_ARCH_I386"),
    (0xc000003e, "AUDIT_ARCH_X86_64"),
] };
