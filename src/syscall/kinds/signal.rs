//! Signal sets, siginfo_t, struct sigaction, stack_t (asm-generic/signal.h, siginfo.h).

use crate::ids::{Addr, Signal};
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::syscall::kinds::process::exit_code;
use crate::syscall::names::signal::*;
use crate::value::Value;

/// The kernel's sigset_t is 64 bits; a call with another size gets EINVAL.
const SIGSET_SIZE: u64 = 8;

/// A signal set whose size is argument `N`.
pub(crate) fn sigset<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.arg(N) != SIGSET_SIZE {
        return Value::Ptr(Addr(addr));
    }
    cx.structure::<8>(addr, |b| Value::SigSet(b.u64(0)))
}

/// pselect6's last argument: a pointer to a set and its size.
pub(crate) fn sigset_and_size(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<16>(addr, |b| {
        let set = match b.u64(8) {
            SIGSET_SIZE => cx.structure::<8>(b.u64(0), |b| Value::SigSet(b.u64(0))),
            _ => Value::Ptr(Addr(b.u64(0))),
        };
        Value::fields(vec![
            ("sigmask", set),
            ("sigsetsize", Value::Uint(b.u64(8))),
        ])
    })
}

/// A siginfo_t that the call has written.
pub(crate) fn siginfo(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<48>(addr, siginfo_fields)
}

fn siginfo_fields(b: &Bytes<'_>) -> Value {
    const SIGCHLD: i32 = 17;
    let (signo, errno, code) = (b.i32(0), b.i32(4), b.i32(8));
    if signo == 0 {
        return Value::fields(vec![]);
    }
    let codes = match signo {
        SIGCHLD if (1..=6).contains(&code) => &SIGCHLD_CODES,
        _ => &SI_CODES,
    };
    let mut fields = vec![
        ("si_signo", Value::Signal(Signal(signo))),
        ("si_code", Value::Const(u64::from(code as u32), codes)),
    ];
    if errno != 0 {
        fields.push(("si_errno", Value::Int(i64::from(errno))));
    }
    let sender = [
        ("si_pid", Value::Pid(b.i32(16))),
        ("si_uid", uid(b.u32(20))),
    ];
    match (signo, code) {
        (SIGCHLD, 1..=6) => {
            fields.extend(sender);
            let status = match code {
                1 => exit_code(b.i32(24)),
                _ => Value::Signal(Signal(b.i32(24))),
            };
            fields.push(("si_status", status));
            fields.push(("si_utime", Value::Int(b.i64(32))));
            fields.push(("si_stime", Value::Int(b.i64(40))));
        }
        // SI_USER, SI_TKILL.
        (_, 0 | -6) => fields.extend(sender),
        // SI_QUEUE, SI_MESGQ.
        (_, -1 | -3) => {
            fields.extend(sender);
            fields.push(("si_int", Value::Int(i64::from(b.i32(24)))));
            fields.push(("si_ptr", Value::Ptr(Addr(b.u64(24)))));
        }
        // SI_TIMER.
        (_, -2) => {
            fields.push(("si_timerid", Value::Hex(u64::from(b.u32(16)))));
            fields.push(("si_overrun", Value::Int(i64::from(b.i32(20)))));
            fields.push(("si_int", Value::Int(i64::from(b.i32(24)))));
            fields.push(("si_ptr", Value::Ptr(Addr(b.u64(24)))));
        }
        // Faults carry an address.
        (4 | 5 | 7 | 8 | 11, _) => fields.push(("si_addr", Value::Ptr(Addr(b.u64(16))))),
        _ => fields.extend(sender),
    }
    Value::fields(fields)
}

/// A signal handler.
fn handler(addr: u64) -> Value {
    match addr {
        0 => Value::Symbol("SIG_DFL"),
        1 => Value::Symbol("SIG_IGN"),
        _ => Value::Ptr(Addr(addr)),
    }
}

/// The kernel's struct sigaction: handler, flags, restorer, mask.
pub(crate) fn sigaction(cx: &Cx<'_>, addr: u64) -> Value {
    const SA_RESTORER: u64 = 0x0400_0000;
    cx.structure::<32>(addr, |b| {
        let flags = b.u64(8);
        let mut fields = vec![
            ("sa_handler", handler(b.u64(0))),
            ("sa_mask", Value::SigSet(b.u64(24))),
            ("sa_flags", Value::Flags(flags, &SA_FLAGS)),
        ];
        if flags & SA_RESTORER != 0 {
            fields.push(("sa_restorer", Value::Ptr(Addr(b.u64(16)))));
        }
        Value::fields(fields)
    })
}

/// stack_t of sigaltstack.
pub(crate) fn stack(cx: &Cx<'_>, addr: u64) -> Value {
    cx.structure::<24>(addr, |b| {
        Value::fields(vec![
            ("ss_sp", Value::Ptr(Addr(b.u64(0)))),
            ("ss_flags", Value::Flags(u64::from(b.u32(8)), &SS_FLAGS)),
            ("ss_size", Value::Uint(b.u64(16))),
        ])
    })
}
