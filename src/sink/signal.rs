//! Signals and exits, as strace writes them.

use super::args::write_signal;
use crate::event::{ExitKind, SignalEvent};
use crate::ids::Signal;
use std::fmt::Write;

const SIGILL: i32 = 4;
const SIGTRAP: i32 = 5;
const SIGBUS: i32 = 7;
const SIGFPE: i32 = 8;
const SIGSEGV: i32 = 11;
const SIGCHLD: i32 = 17;

/// Appends `--- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=1, si_uid=0} ---`.
pub fn write_delivery(out: &mut String, event: &SignalEvent) {
    out.push_str("--- ");
    write_signal(out, event.signal);
    if let Some(info) = event.info {
        write_siginfo(out, event.signal, info);
    }
    out.push_str(" ---");
}

/// The union's first words mean what `si_code` and the signal say they do
/// (sigaction(2); strace's printsiginfo.c).
fn write_siginfo(out: &mut String, signal: Signal, (code, pid, uid): (i32, i32, u32)) {
    out.push_str(" {si_signo=");
    write_signal(out, signal);
    out.push_str(", si_code=");
    match code_name(signal.0, code) {
        Some(name) => out.push_str(name),
        None => {
            let _ = write!(out, "{code}");
        }
    }
    const SI_TIMER: i32 = -2;
    let from_user = code <= 0;
    let _ = match signal.0 {
        _ if code == SI_TIMER => write!(out, ", si_timerid={pid:#x}, si_overrun={uid}"),
        SIGILL | SIGBUS | SIGFPE | SIGSEGV if !from_user => {
            match u64::from(uid) << 32 | u64::from(pid as u32) {
                0 => write!(out, ", si_addr=NULL"),
                addr => write!(out, ", si_addr={addr:#x}"),
            }
        }
        SIGCHLD => write!(out, ", si_pid={pid}, si_uid={uid}"),
        _ if from_user || pid != 0 || uid != 0 => write!(out, ", si_pid={pid}, si_uid={uid}"),
        _ => Ok(()),
    };
    out.push('}');
}

/// include/uapi/asm-generic/siginfo.h.
fn code_name(signal: i32, code: i32) -> Option<&'static str> {
    let of_signal: &[&str] = match signal {
        SIGILL => &[
            "ILL_ILLOPC",
            "ILL_ILLOPN",
            "ILL_ILLADR",
            "ILL_ILLTRP",
            "ILL_PRVOPC",
            "ILL_PRVREG",
            "ILL_COPROC",
            "ILL_BADSTK",
        ],
        SIGTRAP => &["TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT"],
        SIGBUS => &["BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR"],
        SIGFPE => &[
            "FPE_INTDIV",
            "FPE_INTOVF",
            "FPE_FLTDIV",
            "FPE_FLTOVF",
            "FPE_FLTUND",
            "FPE_FLTRES",
            "FPE_FLTINV",
            "FPE_FLTSUB",
        ],
        SIGSEGV => &["SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR"],
        SIGCHLD => &[
            "CLD_EXITED",
            "CLD_KILLED",
            "CLD_DUMPED",
            "CLD_TRAPPED",
            "CLD_STOPPED",
            "CLD_CONTINUED",
        ],
        _ => &[],
    };
    Some(match code {
        0 => "SI_USER",
        128 => "SI_KERNEL",
        -1 => "SI_QUEUE",
        -2 => "SI_TIMER",
        -3 => "SI_MESGQ",
        -4 => "SI_ASYNCIO",
        -5 => "SI_SIGIO",
        -6 => "SI_TKILL",
        -7 => "SI_DETHREAD",
        -60 => "SI_ASYNCNL",
        1.. => of_signal.get(usize::try_from(code - 1).ok()?)?,
        _ => return None,
    })
}

/// Appends `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`,
/// `+++ superseded by execve in pid 12 +++`.
pub fn write_exit(out: &mut String, how: ExitKind) {
    let _ = match how {
        ExitKind::Status(status) => write!(out, "+++ exited with {status} +++"),
        ExitKind::Killed(signal, core) => {
            out.push_str("+++ killed by ");
            write_signal(out, signal);
            out.write_str(if core { " (core dumped) +++" } else { " +++" })
        }
        ExitKind::Superseded { by } => write!(out, "+++ superseded by execve in pid {by} +++"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::ids::{Pid, Tid};

    fn delivery(signal: i32, info: Option<(i32, i32, u32)>) -> String {
        let mut out = String::new();
        let event = SignalEvent {
            pid: Pid(1),
            tid: Tid(1),
            at: Timestamp::default(),
            signal: Signal(signal),
            info,
        };
        write_delivery(&mut out, &event);
        out
    }

    #[test]
    fn deliveries_are_strace_s() {
        assert_eq!(
            delivery(23, Some((-6, 9387, 0))),
            "--- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=9387, si_uid=0} ---"
        );
        assert_eq!(
            delivery(36, Some((0, 9772, 0))),
            "--- SIGRT_4 {si_signo=SIGRT_4, si_code=SI_USER, si_pid=9772, si_uid=0} ---"
        );
        assert_eq!(
            delivery(14, Some((128, 0, 0))),
            "--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---"
        );
        assert_eq!(
            delivery(11, Some((1, 0x10, 0))),
            "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---"
        );
        assert_eq!(delivery(32, None), "--- SIGRTMIN ---");
    }

    #[test]
    fn no_number_panics() {
        for signal in [i32::MIN, -1, 0, 31, 63, 64, 65, i32::MAX] {
            for code in [i32::MIN, -61, 0, 1, 127, 128, i32::MAX] {
                delivery(signal, Some((code, -1, u32::MAX)));
            }
        }
    }

    #[test]
    fn exits_are_strace_s() {
        let exit = |how| {
            let mut out = String::new();
            write_exit(&mut out, how);
            out
        };
        assert_eq!(exit(ExitKind::Status(3)), "+++ exited with 3 +++");
        assert_eq!(
            exit(ExitKind::Killed(Signal(11), true)),
            "+++ killed by SIGSEGV (core dumped) +++"
        );
        assert_eq!(
            exit(ExitKind::Superseded { by: Tid(12) }),
            "+++ superseded by execve in pid 12 +++"
        );
    }
}
