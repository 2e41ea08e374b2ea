//! ptrace: as many parameters as the request has.

use crate::ids::Signal as SignalNumber;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, calls, list};
use crate::syscall::kinds::process::size;
use crate::syscall::kinds::signal::{siginfo, sigset};
use crate::value::{Names, Value};

calls! {
    ptrace(..) = ptrace_params;
}

fn ptrace_params(cx: &Cx<'_>) -> &'static [Param] {
    macro_rules! request {
        ($($rest:tt)*) => { list!(request: Const64(&REQUESTS), $($rest)*) };
    }
    match cx.arg(0) {
        0 => request!(),
        // PTRACE_KILL, _ATTACH, _INTERRUPT, _LISTEN.
        8 | 16 | 0x4207 | 0x4208 => request!(pid: Pid),
        // What resumes the tracee, with a signal.
        7 | 9 | 17 | 24 | 31 | 32 | 33 => request!(pid: Pid, addr: Ptr, data: In(signal)),
        // PTRACE_GETREGS, _SETREGS, _GETFPREGS, _SETFPREGS.
        12..=15 => request!(pid: Pid, addr: Skip, data: Ptr),
        // PTRACE_OLDSETOPTIONS, _SETOPTIONS, _SEIZE.
        21 | 0x4200 | 0x4206 => request!(pid: Pid, addr: Ptr, data: Flags64(&OPTIONS)),
        0x4201 => request!(pid: Pid, addr: Ptr, data: Out(size)),
        0x4202 => request!(pid: Pid, addr: Ptr, data: Out(siginfo)),
        0x4203 => request!(pid: Pid, addr: Ptr, data: In(siginfo)),
        0x420a => request!(pid: Pid, addr: Ulong, data: Out(sigset::<2>)),
        0x420b => request!(pid: Pid, addr: Ulong, data: In(sigset::<2>)),
        // PTRACE_SECCOMP_GET_FILTER, _GET_METADATA, PTRACE_GET_SYSCALL_INFO.
        0x420c..=0x420e => request!(pid: Pid, addr: Ulong, data: Ptr),
        _ => request!(pid: Pid, addr: Ptr, data: Ptr),
    }
}

/// A signal, or none.
fn signal(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Signal(SignalNumber(raw as i32))
}

/// Requests, linux/ptrace.h and asm/ptrace-abi.h.
#[rustfmt::skip]
static REQUESTS: Names = Names { prefix: "PTRACE_???", entries: &[
    (0, "PTRACE_TRACEME"),
    (1, "PTRACE_PEEKTEXT"),
    (2, "PTRACE_PEEKDATA"),
    (3, "PTRACE_PEEKUSER"),
    (4, "PTRACE_POKETEXT"),
    (5, "PTRACE_POKEDATA"),
    (6, "PTRACE_POKEUSER"),
    (7, "PTRACE_CONT"),
    (8, "PTRACE_KILL"),
    (9, "PTRACE_SINGLESTEP"),
    (12, "PTRACE_GETREGS"),
    (13, "PTRACE_SETREGS"),
    (14, "PTRACE_GETFPREGS"),
    (15, "PTRACE_SETFPREGS"),
    (16, "PTRACE_ATTACH"),
    (17, "PTRACE_DETACH"),
    (18, "PTRACE_GETFPXREGS"),
    (19, "PTRACE_SETFPXREGS"),
    (21, "PTRACE_OLDSETOPTIONS"),
    (24, "PTRACE_SYSCALL"),
    (25, "PTRACE_GET_THREAD_AREA"),
    (26, "PTRACE_SET_THREAD_AREA"),
    (30, "PTRACE_ARCH_PRCTL"),
    (31, "PTRACE_SYSEMU"),
    (32, "PTRACE_SYSEMU_SINGLESTEP"),
    (33, "PTRACE_SINGLEBLOCK"),
    (0x4200, "PTRACE_SETOPTIONS"),
    (0x4201, "PTRACE_GETEVENTMSG"),
    (0x4202, "PTRACE_GETSIGINFO"),
    (0x4203, "PTRACE_SETSIGINFO"),
    (0x4204, "PTRACE_GETREGSET"),
    (0x4205, "PTRACE_SETREGSET"),
    (0x4206, "PTRACE_SEIZE"),
    (0x4207, "PTRACE_INTERRUPT"),
    (0x4208, "PTRACE_LISTEN"),
    (0x4209, "PTRACE_PEEKSIGINFO"),
    (0x420a, "PTRACE_GETSIGMASK"),
    (0x420b, "PTRACE_SETSIGMASK"),
    (0x420c, "PTRACE_SECCOMP_GET_FILTER"),
    (0x420d, "PTRACE_SECCOMP_GET_METADATA"),
    (0x420e, "PTRACE_GET_SYSCALL_INFO"),
    (0x420f, "PTRACE_GET_RSEQ_CONFIGURATION"),
] };

/// Options, linux/ptrace.h.
#[rustfmt::skip]
static OPTIONS: Names = Names { prefix: "PTRACE_O_???", entries: &[
    (1, "PTRACE_O_TRACESYSGOOD"),
    (2, "PTRACE_O_TRACEFORK"),
    (4, "PTRACE_O_TRACEVFORK"),
    (8, "PTRACE_O_TRACECLONE"),
    (0x10, "PTRACE_O_TRACEEXEC"),
    (0x20, "PTRACE_O_TRACEVFORKDONE"),
    (0x40, "PTRACE_O_TRACEEXIT"),
    (0x80, "PTRACE_O_TRACESECCOMP"),
    (0x100000, "PTRACE_O_EXITKILL"),
    (0x200000, "PTRACE_O_SUSPEND_SECCOMP"),
] };
