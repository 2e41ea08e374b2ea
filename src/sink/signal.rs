//! Signals and exits, as strace writes them.

use super::args::{ArgStyle, write_signal, write_value};
use crate::arch::Abi;
use crate::event::{ExitKind, ObjectNames, SigInfo, SignalEvent};
use crate::ids::{Addr, Signal};
use crate::syscall::{self, errno};
use crate::value::{Names, Value};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

const SIGILL: i32 = 4;
const SIGTRAP: i32 = 5;
const SIGBUS: i32 = 7;
const SIGFPE: i32 = 8;
const SIGSEGV: i32 = 11;
const SIGCHLD: i32 = 17;
const SIGIO: i32 = 29;
const SIGSYS: i32 = 31;

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

/// The union's words mean what `si_code` and the signal say they do (sigaction(2); which of them
/// strace shows was tried with strace 6.1).
pub(super) fn siginfo(signal: Signal, info: &SigInfo) -> Value {
    let [first, second, third, ..] = info.words;
    let names = codes(signal, info.code);
    let code = match u64::from(info.code.cast_unsigned()) {
        code if names.name(code).is_none() => Value::Hex(code),
        code => Value::Const(code, names),
    };
    let mut fields = vec![("si_signo", Value::Signal(signal)), ("si_code", code)];
    if let Some(error) = errno::name(crate::ids::Errno(info.errno)) {
        fields.push(("si_errno", Value::Symbol(error)));
    } else if info.errno != 0 {
        fields.push(("si_errno", Value::Int(i64::from(info.errno))));
    }
    let sender = [
        ("si_pid", Value::Pid(first.cast_signed())),
        ("si_uid", uid(second)),
    ];
    let value = [
        ("si_int", Value::Int(i64::from(third.cast_signed()))),
        ("si_ptr", Value::Ptr(Addr(info.long(2)))),
    ];
    let has_value = info.long(2) != 0;
    match (signal.0, info.code) {
        // SI_USER, SI_TKILL
        (_, 0 | -6) => fields.extend(sender),
        // SI_TIMER
        (_, -2) => {
            fields.push(("si_timerid", Value::Hex(u64::from(first))));
            fields.push(("si_overrun", Value::Int(i64::from(second.cast_signed()))));
            fields.extend(value);
        }
        (_, ..0) => {
            fields.extend(sender);
            fields.extend(value.into_iter().filter(|_| has_value));
        }
        (SIGCHLD, code) => {
            const CLD_EXITED: i32 = 1;
            fields.extend(sender);
            let status = match code {
                CLD_EXITED => Value::Int(i64::from(third.cast_signed())),
                _ => Value::Signal(Signal(third.cast_signed())),
            };
            fields.push(("si_status", status));
            fields.push(("si_utime", Value::Uint(info.long(4))));
            fields.push(("si_stime", Value::Uint(info.long(6))));
        }
        (SIGILL | SIGTRAP | SIGBUS | SIGFPE | SIGSEGV, _) => {
            fields.push(("si_addr", Value::Ptr(Addr(info.long(0)))));
        }
        // POLL_IN, POLL_OUT, POLL_MSG
        (SIGIO, 1..=3) => {
            fields.push(("si_band", Value::Int(info.long(0).cast_signed())));
        }
        (SIGIO, _) => {}
        (SIGSYS, _) => fields.extend(seccomp(info)),
        _ => {
            let sent = first != 0 || second != 0;
            fields.extend(sender.into_iter().filter(|_| sent));
            fields.extend(value.into_iter().filter(|_| has_value));
        }
    }
    Value::fields(fields)
}

fn uid(id: u32) -> Value {
    match id {
        u32::MAX => Value::Int(-1),
        id => Value::Uint(u64::from(id)),
    }
}

/// What a seccomp filter objected to.
fn seccomp(info: &SigInfo) -> [(&'static str, Value); 3] {
    let [_, _, nr, arch, ..] = info.words;
    let abi = Abi::from_audit_arch(arch, u64::from(nr));
    let call = match abi.and_then(|abi| syscall::name(abi, u64::from(nr))) {
        Some(name) => Value::Symbol(macro_of(name)),
        None => Value::Int(i64::from(nr.cast_signed())),
    };
    [
        ("si_call_addr", Value::Ptr(Addr(info.long(0)))),
        ("si_syscall", call),
        ("si_arch", Value::Const(u64::from(arch), &AUDIT_ARCHS)),
    ]
}

/// The macro that holds a call's number: `__NR_read`.
fn macro_of(name: &'static str) -> &'static str {
    static MACROS: OnceLock<HashMap<&'static str, String>> = OnceLock::new();
    let macros = MACROS.get_or_init(|| {
        let abis = [Abi::X86_64, Abi::Aarch64];
        let names = abis.into_iter().flat_map(syscall::all);
        names.map(|(_, n)| (n, format!("__NR_{n}"))).collect()
    });
    macros.get(name).map_or(name, String::as_str)
}

/// include/uapi/linux/audit.h.
const AUDIT_ARCHS: Names = Names {
    prefix: "AUDIT_ARCH_???",
    entries: &[
        (0xC000_003E, "AUDIT_ARCH_X86_64"),
        (0x4000_0003, "AUDIT_ARCH_I386"),
        (0xC000_00B7, "AUDIT_ARCH_AARCH64"),
        (0x4000_0028, "AUDIT_ARCH_ARM"),
    ],
};

/// What the code is one of: include/uapi/asm-generic/siginfo.h.
fn codes(signal: Signal, code: i32) -> &'static Names {
    const ILL: Names = numbered(&[
        (1, "ILL_ILLOPC"),
        (2, "ILL_ILLOPN"),
        (3, "ILL_ILLADR"),
        (4, "ILL_ILLTRP"),
        (5, "ILL_PRVOPC"),
        (6, "ILL_PRVREG"),
        (7, "ILL_COPROC"),
        (8, "ILL_BADSTK"),
        (9, "ILL_BADIADDR"),
    ]);
    const TRAP: Names = numbered(&[
        (1, "TRAP_BRKPT"),
        (2, "TRAP_TRACE"),
        (3, "TRAP_BRANCH"),
        (4, "TRAP_HWBKPT"),
        (5, "TRAP_UNK"),
        (6, "TRAP_PERF"),
    ]);
    const BUS: Names = numbered(&[
        (1, "BUS_ADRALN"),
        (2, "BUS_ADRERR"),
        (3, "BUS_OBJERR"),
        (4, "BUS_MCEERR_AR"),
        (5, "BUS_MCEERR_AO"),
    ]);
    const FPE: Names = numbered(&[
        (1, "FPE_INTDIV"),
        (2, "FPE_INTOVF"),
        (3, "FPE_FLTDIV"),
        (4, "FPE_FLTOVF"),
        (5, "FPE_FLTUND"),
        (6, "FPE_FLTRES"),
        (7, "FPE_FLTINV"),
        (8, "FPE_FLTSUB"),
    ]);
    const SEGV: Names = numbered(&[
        (1, "SEGV_MAPERR"),
        (2, "SEGV_ACCERR"),
        (3, "SEGV_BNDERR"),
        (4, "SEGV_PKUERR"),
    ]);
    const CHLD: Names = numbered(&[
        (1, "CLD_EXITED"),
        (2, "CLD_KILLED"),
        (3, "CLD_DUMPED"),
        (4, "CLD_TRAPPED"),
        (5, "CLD_STOPPED"),
        (6, "CLD_CONTINUED"),
    ]);
    const POLL: Names = numbered(&[
        (1, "POLL_IN"),
        (2, "POLL_OUT"),
        (3, "POLL_MSG"),
        (4, "POLL_ERR"),
        (5, "POLL_PRI"),
        (6, "POLL_HUP"),
    ]);
    const SYS: Names = numbered(&[(1, "SYS_SECCOMP"), (2, "SYS_USER_DISPATCH")]);
    const ANY: Names = numbered(&[
        (0, "SI_USER"),
        (128, "SI_KERNEL"),
        (0xffff_ffff, "SI_QUEUE"),
        (0xffff_fffe, "SI_TIMER"),
        (0xffff_fffd, "SI_MESGQ"),
        (0xffff_fffc, "SI_ASYNCIO"),
        (0xffff_fffb, "SI_SIGIO"),
        (0xffff_fffa, "SI_TKILL"),
        (0xffff_fff9, "SI_DETHREAD"),
        (0xffff_ffc4, "SI_ASYNCNL"),
    ]);
    match (signal.0, code) {
        (_, ..=0 | 128) => &ANY,
        (SIGILL, _) => &ILL,
        (SIGTRAP, _) => &TRAP,
        (SIGBUS, _) => &BUS,
        (SIGFPE, _) => &FPE,
        (SIGSEGV, _) => &SEGV,
        (SIGCHLD, _) => &CHLD,
        (SIGIO, _) => &POLL,
        (SIGSYS, _) => &SYS,
        _ => &ANY,
    }
}

const fn numbered(entries: &'static [(u64, &'static str)]) -> Names {
    Names {
        prefix: "",
        entries,
    }
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
            (29, 1, &[65, 0], "POLL_IN, si_band=65"),
            (
                17,
                1,
                &[7, 5, 3, 0, 1, 0, 2, 0],
                "CLD_EXITED, si_pid=7, si_uid=5, si_status=3, si_utime=1, si_stime=2",
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
