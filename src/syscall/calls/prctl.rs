//! prctl and arch_prctl: as many parameters as the operation has.

use crate::ids::Signal;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, Param, ResultKind, calls, list};
use crate::syscall::kinds::filter::seccomp_program;
use crate::syscall::kinds::io::{int, string};
use crate::syscall::kinds::process::{pointer, signal_pointee};
use crate::syscall::names::prctl::*;
use crate::syscall::names::process::{ARCH_PRCTL, PRCTL_OPTIONS};
use crate::value::{Names, Value};

calls! {
    prctl(..) = prctl_params, asides prctl_asides;
    arch_prctl(..) = arch_prctl_params;
}

macro_rules! option {
    ($($rest:tt)*) => { list!(option: Const(&PRCTL_OPTIONS), $($rest)*) };
}

fn prctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(0) as u32 {
        // What only returns a value: PR_GET_DUMPABLE, _KEEPCAPS, _TIMING, _SECCOMP, _SECUREBITS,
        // _TIMERSLACK, _FP_MODE, PR_TASK_PERF_EVENTS_DISABLE, _ENABLE, PR_SVE_GET_VL,
        // PR_SME_GET_VL.
        3 | 7 | 13 | 21 | 27 | 30 | 31 | 32 | 46 | 51 | 64 => option!(),
        1 => option!(arg2: In(death_signal)),
        2 => option!(arg2: Out(signal_pointee)),
        4 => option!(arg2: Const64(&SUID_DUMP)),
        // PR_GET_UNALIGN, PR_GET_FPEMU, PR_GET_FPEXC, PR_GET_ENDIAN, PR_GET_CHILD_SUBREAPER.
        5 | 9 | 11 | 19 | 37 => option!(arg2: Out(int)),
        6 => option!(arg2: Flags(&UNALIGN_FLAGS)),
        // PR_SET_KEEPCAPS, _FPEMU, _FPEXC, _TIMING, _ENDIAN, _TIMERSLACK, _CHILD_SUBREAPER.
        8 | 10 | 12 | 14 | 20 | 29 | 36 => option!(arg2: Ulong),
        15 => option!(arg2: In(task_name)),
        16 => option!(arg2: Out(string)),
        22 if cx.arg(1) == 2 => option!(arg2: Const64(&SECCOMP_MODES), arg3: In(seccomp_program)),
        22 if cx.arg(1) == 1 => option!(arg2: Const64(&SECCOMP_MODES)),
        22 => option!(arg2: Const64(&SECCOMP_MODES), arg3: Hex, arg4: Hex, arg5: Hex),
        23 | 24 => option!(arg2: Const64(&CAPABILITIES)),
        25 => option!(arg2: Out(tsc_pointee)),
        26 => option!(arg2: Const(&TSC_MODES)),
        28 => option!(arg2: Flags64(&SECUREBITS)),
        33 if cx.arg(1) == 1 => option!(arg2: Const64(&MCE_KILL), arg3: Const64(&MCE_KILL_POLICY),
            arg4: Hex, arg5: Hex),
        33 => option!(arg2: Const64(&MCE_KILL), arg3: Hex, arg4: Hex, arg5: Hex),
        35 => option!(arg2: Const(&SET_MM), arg3: Hex, arg4: Hex, arg5: Hex),
        // PR_SET_NO_NEW_PRIVS, PR_SET_THP_DISABLE, PR_SET_IO_FLUSHER, PR_SET_MEMORY_MERGE.
        38 | 41 | 57 | 67 => option!(arg2: Ulong, arg3: Hex, arg4: Hex, arg5: Hex),
        40 => option!(arg2: Out(pointer)),
        45 => option!(arg2: Flags(&FP_MODES)),
        47 => match cx.arg(1) {
            1..=3 => option!(arg2: Const64(&CAP_AMBIENT), arg3: Const64(&CAPABILITIES), arg4: Hex,
                arg5: Hex),
            _ => option!(arg2: Const64(&CAP_AMBIENT), arg3: Hex, arg4: Hex, arg5: Hex),
        },
        50 => option!(arg2: In(vector_length)),
        63 => option!(arg2: In(matrix_length)),
        52 => option!(arg2: Const64(&SPECULATIONS)),
        53 if cx.arg(1) < 3 => {
            option!(arg2: Const64(&SPECULATIONS), arg3: Flags64(&SPECULATION_STATES))
        }
        53 => option!(arg2: Const64(&SPECULATIONS), arg3: Hex),
        54 => option!(arg2: Flags64(&PAC_KEYS), arg3: Hex, arg4: Hex, arg5: Hex),
        59 if cx.arg(1) == 1 => option!(arg2: Const64(&SYSCALL_DISPATCH), arg3: Hex, arg4: Hex,
            arg5: Ptr),
        59 => option!(arg2: Const64(&SYSCALL_DISPATCH), arg3: Hex, arg4: Hex, arg5: Hex),
        60 => {
            option!(arg2: Flags64(&PAC_ENABLED_KEYS), arg3: Flags64(&PAC_ENABLED_KEYS), arg4: Hex, arg5: Hex)
        }
        62 if cx.arg(1) as u32 == 0 => option!(arg2: Const(&SCHED_CORE), arg3: Pid,
            arg4: In(pid_type), arg5: Out(cookie)),
        62 => option!(arg2: Const(&SCHED_CORE), arg3: Pid, arg4: In(pid_type), arg5: Ptr),
        65 => option!(arg2: Flags64(&MDWE_FLAGS), arg3: Hex, arg4: Hex, arg5: Hex),
        0x5961_6d61 => option!(arg2: In(ptracer)),
        0x5356_4d41 if cx.arg(1) == 0 => option!(arg2: Const64(&SET_VMA), arg3: Ptr, arg4: Ulong,
            arg5: In(string)),
        0x5356_4d41 => option!(arg2: Const64(&SET_VMA), arg3: Hex, arg4: Hex, arg5: Hex),
        _ => option!(arg2: Hex, arg3: Hex, arg4: Hex, arg5: Hex),
    }
}

/// What the result means, where it is more than a number.
fn prctl_asides(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    let Some(n) = cx.returned() else {
        return Vec::new();
    };
    let n = n as u64;
    let constant = |names: &'static Names| vec![("", Value::Const(n, names))];
    match cx.arg(0) as u32 {
        3 => constant(&SUID_DUMP),
        21 if n != 0 => constant(&SECCOMP_MODES),
        27 if n != 0 => vec![("", Value::Flags(n, &SECUREBITS))],
        34 => constant(&MCE_KILL_POLICY),
        46 if n != 0 => vec![("", Value::Flags(n, &FP_MODES))],
        52 if n != 0 => vec![("", Value::Flags(n, &SPECULATION_STATES))],
        66 if n != 0 => vec![("", Value::Flags(n, &MDWE_FLAGS))],
        _ => Vec::new(),
    }
}

/// The results of prctl that are bits.
pub(crate) fn prctl_result(option: u64) -> ResultKind {
    match option as u32 {
        27 | 46 | 52 | 61 | 66 => ResultKind::Hex,
        _ => ResultKind::Int,
    }
}

/// A task's name; the kernel takes 15 bytes of it (TASK_COMM_LEN).
fn task_name(cx: &Cx<'_>, addr: u64) -> Value {
    cx.text_within(addr, 15)
}

/// A signal, of which the kernel looks at the whole register.
fn death_signal(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match i32::try_from(raw) {
        Ok(n) => Value::Signal(Signal(n)),
        Err(_) => Value::Uint(raw),
    }
}

fn tsc_pointee(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<4>(addr, |b| Value::Const(u64::from(b.u32(0)), &TSC_MODES))
}

fn cookie(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| Value::Hex(b.u64(0)))
}

fn pid_type(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Verbose(Box::new(Value::Const(raw & 0xffff_ffff, &PID_TYPES)))
}

fn ptracer(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    match raw {
        u64::MAX => Value::Symbol("PR_SET_PTRACER_ANY"),
        pid => Value::Pid(pid as i32),
    }
}

/// A vector length of SVE with its flags.
fn vector_length(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    length_of(raw, &VECTOR_FLAGS)
}

fn matrix_length(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    length_of(raw, &SME_FLAGS)
}

fn length_of(raw: u64, names: &'static Names) -> Value {
    const LENGTH: u64 = 0xffff;
    Value::Or(vec![
        Value::Flags(raw & !LENGTH, names),
        Value::Hex(raw & LENGTH),
    ])
}

fn arch_prctl_params(cx: &Cx<'_>) -> &'static [Param] {
    match cx.arg(0) as u32 {
        // ARCH_GET_FS, ARCH_GET_GS.
        0x1003 | 0x1004 => list!(code: Const(&ARCH_PRCTL), addr: Out(pointer)),
        // ARCH_SET_GS, ARCH_SET_FS.
        0x1001 | 0x1002 => list!(code: Const(&ARCH_PRCTL), addr: Hex),
        0x1011 => list!(code: Const(&ARCH_PRCTL)),
        // ARCH_GET_XCOMP_SUPP, ARCH_GET_XCOMP_PERM, ARCH_GET_XCOMP_GUEST_PERM.
        0x1021 | 0x1022 | 0x1024 => list!(code: Const(&ARCH_PRCTL), addr: Out(features)),
        // ARCH_REQ_XCOMP_PERM, ARCH_REQ_XCOMP_GUEST_PERM.
        0x1023 | 0x1025 => list!(code: Const(&ARCH_PRCTL), addr: In(feature)),
        _ => list!(code: Const(&ARCH_PRCTL), addr: Hex),
    }
}

fn features(cx: &Cx<'_>, addr: u64) -> Value {
    cx.pointee::<8>(addr, |b| {
        Value::Verbose(Box::new(Value::Flags(b.u64(0), &XFEATURE_MASKS)))
    })
}

fn feature(cx: &Cx<'_>, raw: u64) -> Value {
    let _ = cx;
    Value::Verbose(Box::new(Value::Const(raw, &XFEATURES)))
}
