//! Signals and exits, as strace writes them.

use super::args::{ArgStyle, write_signal, write_value};
use crate::event::{ExitKind, ObjectNames, SignalEvent};
use crate::syscall::siginfo;
use std::fmt::Write;

/// Appends `--- SIGURG {si_signo=SIGURG, si_code=SI_TKILL, si_pid=1, si_uid=0} ---`.
pub fn write_delivery(
    out: &mut String,
    event: &SignalEvent,
    names: &ObjectNames,
    style: &ArgStyle,
) {
    out.push_str("--- ");
    write_signal(out, event.signal);
    if let Some(info) = &event.info {
        out.push(' ');
        write_value(out, &siginfo(event.signal, info), names, style);
    }
    out.push_str(" ---");
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
    use crate::event::{SigInfo, Timestamp};
    use crate::ids::{Pid, Signal, Tid};

    fn info(code: i32, words: &[u32]) -> SigInfo {
        let mut info = SigInfo {
            code,
            ..SigInfo::default()
        };
        info.words[..words.len()].copy_from_slice(words);
        info
    }

    fn delivery(signal: i32, info: Option<SigInfo>) -> String {
        let mut out = String::new();
        let event = SignalEvent {
            pid: Pid(1),
            tid: Tid(1),
            at: Timestamp::default(),
            signal: Signal(signal),
            info,
            pc: None,
        };
        let (names, style) = (ObjectNames::default(), ArgStyle::default());
        write_delivery(&mut out, &event, &names, &style);
        out
    }

    #[test]
    fn deliveries_are_strace_s() {
        // strace 6.1's own words.
        for (signal, code, words, text) in [
            (23, -6, &[9387, 0][..], "SI_TKILL, si_pid=9387, si_uid=0"),
            (36, 0, &[9772, 0], "SI_USER, si_pid=9772, si_uid=0"),
            (14, 128, &[], "SI_KERNEL"),
            (11, 1, &[0x10, 0], "SEGV_MAPERR, si_addr=0x10"),
            (5, 128, &[], "SI_KERNEL, si_addr=NULL"),
            (29, 1, &[65, 0, 3], "POLL_IN, si_band=65, si_fd=3"),
            (
                17,
                1,
                &[7, 5, 3, 0, 1, 0, 2, 0],
                "CLD_EXITED, si_pid=7, si_uid=5, si_status=3, si_utime=1 /* 0.01 s */, \
                 si_stime=2 /* 0.02 s */",
            ),
            (
                17,
                5,
                &[7, 5, 19],
                "CLD_STOPPED, si_pid=7, si_uid=5, si_status=SIGSTOP, si_utime=0, si_stime=0",
            ),
            (
                10,
                -1,
                &[1, 2, 42],
                "SI_QUEUE, si_pid=1, si_uid=2, si_int=42, si_ptr=0x2a",
            ),
            (35, -1, &[1, 2, 0], "SI_QUEUE, si_pid=1, si_uid=2"),
            (
                34,
                -2,
                &[0, 0, 7],
                "SI_TIMER, si_timerid=0, si_overrun=0, si_int=7, si_ptr=0x7",
            ),
            (
                37,
                1,
                &[65, 0, 3],
                "0x1, si_pid=65, si_uid=0, si_int=3, si_ptr=0x3",
            ),
            (10, -77, &[1234, 5], "0xffffffb3, si_pid=1234, si_uid=5"),
            (
                31,
                1,
                &[0x10, 0, 110, 0xC000_003E],
                "SYS_SECCOMP, si_call_addr=0x10, si_syscall=__NR_getppid, \
                 si_arch=AUDIT_ARCH_X86_64",
            ),
        ] {
            let mut name = String::new();
            write_signal(&mut name, Signal(signal));
            assert_eq!(
                delivery(signal, Some(info(code, words))),
                format!("--- {name} {{si_signo={name}, si_code={text}}} ---")
            );
        }
        assert_eq!(delivery(32, None), "--- SIGRTMIN ---");
        let failed = SigInfo {
            errno: 2,
            ..info(-3, &[1, 2])
        };
        assert!(delivery(10, Some(failed)).contains("si_code=SI_MESGQ, si_errno=ENOENT, si_pid=1"));
    }

    #[test]
    fn no_number_panics() {
        for signal in [i32::MIN, -1, 0, 31, 63, 64, 65, i32::MAX] {
            for code in [i32::MIN, -61, 0, 1, 127, 128, i32::MAX] {
                delivery(signal, Some(info(code, &[u32::MAX; 8])));
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
