//! Signal sets, siginfo_t, struct sigaction, stack_t (asm-generic/signal.h, siginfo.h).

use crate::arch::Abi;
use crate::event::SigInfo;
use crate::ids::{Addr, Signal};
use crate::syscall::cx::{Bytes, Cx};
use crate::syscall::describe::uid;
use crate::syscall::kinds::process::exit_code;
use crate::syscall::kinds::time::ticks;
use crate::syscall::names::signal::*;
use crate::value::{Names, Value};

/// The kernel's sigset_t is 64 bits; a call with another size gets EINVAL.
const SIGSET_SIZE: u64 = 8;

/// A signal set whose size is argument `N`.
pub(crate) fn sigset<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    if cx.arg(N) != SIGSET_SIZE {
        return Value::Ptr(Addr(addr));
    }
    cx.structure::<8>(addr, |b| Value::SigSet(b.u64(0)))
}

/// The signals that rt_sigpending has written: no more bytes than the caller asked for.
pub(crate) fn sigset_up_to<const N: usize>(cx: &Cx<'_>, addr: u64) -> Value {
    let len = cx.arg(N).min(SIGSET_SIZE) as usize;
    let mut set = [0; SIGSET_SIZE as usize];
    match set
        .get_mut(..len)
        .map(|room| cx.context.memory.read(Addr(addr), room))
    {
        _ if addr == 0 || len == 0 => Value::Ptr(Addr(addr)),
        Some(Ok(())) => Value::SigSet(u64::from_le_bytes(set)),
        _ => Value::Unreadable(Addr(addr)),
    }
}

/// The mask that rt_sigreturn restores, from the frame that the kernel laid on the stack.
pub(crate) fn frame_mask(cx: &Cx<'_>, _: u64) -> Value {
    // Where the stack pointer leads to: on x86_64 to the ucontext (asm/ucontext.h), of which
    // the mask is the last; on arm64 to the siginfo before it, and there the mask comes third.
    const X86_64: u64 = 296;
    const AARCH64: u64 = 168;
    let at = match cx.is_aarch64() {
        true => AARCH64,
        false => X86_64,
    };
    let mask = cx.context.sp.and_then(|sp| cx.u64_at(sp.add(at).0));
    match mask {
        Some(mask) => Value::fields(vec![("mask", Value::SigSet(mask))]),
        None => Value::Ptr(cx.context.sp.unwrap_or(Addr(0))),
    }
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
    cx.structure::<128>(addr, siginfo_fields)
}

/// The siginfo_t of a signal that is delivered.
#[must_use]
pub fn delivered(signal: Signal, info: &SigInfo) -> Value {
    let head = [signal.0, info.errno, info.code, 0].map(i32::cast_unsigned);
    let words = head.iter().chain(&info.words);
    let data: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
    siginfo_fields(&Bytes {
        addr: Addr(0),
        data: &data,
    })
}

fn siginfo_fields(b: &Bytes<'_>) -> Value {
    let (signo, errno, code) = (b.i32(0), b.i32(4), b.i32(8));
    if signo == 0 {
        return Value::fields(vec![]);
    }
    let code_value = u64::from(code as u32);
    let codes = match SI_CODES.name(code_value) {
        Some(_) => &SI_CODES,
        None => own_codes(signo),
    };
    let mut fields = vec![
        ("si_signo", Value::Signal(Signal(signo))),
        ("si_code", Value::Const(code_value, codes)),
    ];
    if errno != 0 {
        fields.push(("si_errno", Value::Errno(errno)));
    }
    match code {
        ..=0 => from_user(b, code, &mut fields),
        _ => from_kernel(b, signo, code, &mut fields),
    }
    Value::fields(fields)
}

type Fields = Vec<(&'static str, Value)>;

fn sender(b: &Bytes<'_>, fields: &mut Fields) {
    fields.push(("si_pid", Value::Pid(b.i32(16))));
    fields.push(("si_uid", uid(b.u32(20))));
}

fn payload(b: &Bytes<'_>, fields: &mut Fields) {
    fields.push(("si_int", Value::Int(i64::from(b.i32(24)))));
    fields.push(("si_ptr", Value::Ptr(Addr(b.u64(24)))));
}

/// What a signal of a code that user space may use carries.
fn from_user(b: &Bytes<'_>, code: i32, fields: &mut Fields) {
    const SI_USER: i32 = 0;
    const SI_TIMER: i32 = -2;
    const SI_SIGIO: i32 = -5;
    const SI_TKILL: i32 = -6;
    match code {
        SI_USER | SI_TKILL => sender(b, fields),
        SI_TIMER => {
            fields.push(("si_timerid", Value::Hex(u64::from(b.u32(16)))));
            fields.push(("si_overrun", Value::Int(i64::from(b.i32(20)))));
            payload(b, fields);
        }
        SI_SIGIO => {
            fields.push(("si_band", Value::Int(b.i64(16))));
            fields.push(("si_fd", Value::Fd(b.i32(24))));
        }
        _ => {
            sender(b, fields);
            if b.u64(24) != 0 {
                payload(b, fields);
            }
        }
    }
}

/// What a signal that the kernel raised carries.
fn from_kernel(b: &Bytes<'_>, signo: i32, code: i32, fields: &mut Fields) {
    let address = |at| Value::Ptr(Addr(b.u64(at)));
    match signo {
        SIGCHLD => {
            const CLD_EXITED: i32 = 1;
            sender(b, fields);
            let status = match code {
                CLD_EXITED => exit_code(b.i32(24)),
                _ => Value::Signal(Signal(b.i32(24))),
            };
            fields.push(("si_status", status));
            fields.push(("si_utime", ticks(b.u64(32))));
            fields.push(("si_stime", ticks(b.u64(40))));
        }
        SIGILL | SIGFPE => fields.push(("si_addr", address(16))),
        SIGBUS => {
            fields.push(("si_addr", address(16)));
            // BUS_MCEERR_AR, BUS_MCEERR_AO.
            if matches!(code, 4 | 5) {
                fields.push(("si_addr_lsb", Value::Hex(u64::from(b.u16(24)))));
            }
        }
        SIGSEGV => {
            fields.push(("si_addr", address(16)));
            match code {
                // SEGV_BNDERR.
                3 => fields.extend([("si_lower", address(32)), ("si_upper", address(40))]),
                // SEGV_PKUERR.
                4 => fields.push(("si_pkey", Value::Uint(u64::from(b.u32(32))))),
                _ => {}
            }
        }
        SIGTRAP => {
            const TRAP_PERF: i32 = 6;
            fields.push(("si_addr", address(16)));
            if code == TRAP_PERF {
                let number = |at| u64::from(b.u32(at));
                fields.push(("si_perf_data", Value::Hex(b.u64(24))));
                fields.push(("si_perf_type", Value::Const(number(32), &PERF_TYPES)));
                fields.push(("si_perf_flags", Value::Flags(number(36), &TRAP_PERF_FLAGS)));
            }
        }
        // POLL_IN to POLL_HUP.
        SIGPOLL if (1..=6).contains(&code) => {
            fields.push(("si_band", Value::Int(b.i64(16))));
            fields.push(("si_fd", Value::Fd(b.i32(24))));
        }
        SIGPOLL => {}
        SIGSYS => {
            let abi = match b.u32(28) {
                0xc000_003e => Some(Abi::X86_64),
                0x4000_0003 => Some(Abi::I386),
                0xc000_00b7 => Some(Abi::Aarch64),
                0x4000_0028 => Some(Abi::Arm),
                _ => None,
            };
            let nr = b.u32(24);
            let call = abi.and_then(|abi| crate::syscall::name(abi, u64::from(nr)));
            fields.push(("si_call_addr", address(16)));
            fields.push((
                "si_syscall",
                match call {
                    Some(name) => Value::Name(format!("__NR_{name}")),
                    None => Value::Uint(u64::from(nr)),
                },
            ));
            fields.push(("si_arch", Value::Const(u64::from(b.u32(28)), &AUDIT_ARCHES)));
        }
        _ => {
            if b.u64(16) != 0 {
                sender(b, fields);
            }
            if b.u64(24) != 0 {
                payload(b, fields);
            }
        }
    }
}

const SIGILL: i32 = 4;
const SIGTRAP: i32 = 5;
const SIGBUS: i32 = 7;
const SIGFPE: i32 = 8;
const SIGSEGV: i32 = 11;
const SIGCHLD: i32 = 17;
const SIGPOLL: i32 = 29;
const SIGSYS: i32 = 31;

/// The codes that are this signal's own.
fn own_codes(signo: i32) -> &'static Names {
    match signo {
        SIGILL => &SIGILL_CODES,
        SIGTRAP => &SIGTRAP_CODES,
        SIGBUS => &SIGBUS_CODES,
        SIGFPE => &SIGFPE_CODES,
        SIGSEGV => &SIGSEGV_CODES,
        SIGCHLD => &SIGCHLD_CODES,
        SIGPOLL => &SIGPOLL_CODES,
        SIGSYS => &SIGSYS_CODES,
        _ => &SI_CODES,
    }
}

/// A signal handler.
fn handler(addr: u64) -> Value {
    match addr {
        0 => Value::Symbol("SIG_DFL"),
        1 => Value::Symbol("SIG_IGN"),
        u64::MAX => Value::Symbol("SIG_ERR"),
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
