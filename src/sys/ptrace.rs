//! ptrace requests. nix serves where it can; it has no PTRACE_LISTEN and cannot pass on
//! realtime signals, so resuming goes through libc.

use super::SysError;
use crate::arch::{Regs, host};
use crate::event::SigInfo;
use crate::ids::{Signal, Tid};
use crate::stop::SyscallInfo;
use nix::sys::ptrace as nx;
use nix::unistd::Pid as NixPid;

/// Which new tasks of a tracee are traced too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Follow {
    /// Threads.
    pub threads: bool,
    /// Children made by fork and vfork.
    pub forks: bool,
    /// They run under a seccomp filter of ours: they stop where it says so, and end with us,
    /// since without a tracer those calls would fail.
    pub filtered: bool,
    /// Whether the kernel kills it when we end.
    pub die_with_us: bool,
}

fn nix_pid(tid: Tid) -> NixPid {
    NixPid::from_raw(tid.0)
}

/// PTRACE_SEIZE: from now on the thread is ours; it runs on undisturbed. If we end in any
/// way, the kernel lets it go (no PTRACE_O_EXITKILL), unless it is to die with us.
///
/// # Errors
/// ESRCH: gone. EPERM: not permitted, traced by another, or dying.
pub fn seize(tid: Tid, follow: Follow) -> Result<(), SysError> {
    let mut options = nx::Options::PTRACE_O_TRACESYSGOOD | nx::Options::PTRACE_O_TRACEEXEC;
    if follow.threads {
        options |= nx::Options::PTRACE_O_TRACECLONE;
    }
    if follow.forks {
        options |= nx::Options::PTRACE_O_TRACEFORK | nx::Options::PTRACE_O_TRACEVFORK;
    }
    if follow.filtered {
        options |= nx::Options::PTRACE_O_TRACESECCOMP;
    }
    if follow.die_with_us {
        options |= nx::Options::PTRACE_O_EXITKILL;
    }
    nx::seize(nix_pid(tid), options).map_err(|e| SysError::new("PTRACE_SEIZE", tid, e))
}

/// PTRACE_INTERRUPT: asks for a stop.
///
/// # Errors
/// ESRCH: gone.
pub fn interrupt(tid: Tid) -> Result<(), SysError> {
    nx::interrupt(nix_pid(tid)).map_err(|e| SysError::new("PTRACE_INTERRUPT", tid, e))
}

/// PTRACE_SYSCALL: runs on to the next syscall-stop, with this signal delivered.
///
/// # Errors
/// ESRCH: gone, or not stopped.
pub fn resume(tid: Tid, signal: Option<Signal>) -> Result<(), SysError> {
    request(
        "PTRACE_SYSCALL",
        libc::PTRACE_SYSCALL,
        tid,
        signal.map_or(0, |s| s.0),
    )
}

/// PTRACE_CONT: runs on without syscall-stops, to where its seccomp filter says to stop if it has
/// one of ours, with this signal delivered.
///
/// # Errors
/// ESRCH: gone, or not stopped.
pub fn cont(tid: Tid, signal: Option<Signal>) -> Result<(), SysError> {
    request(
        "PTRACE_CONT",
        libc::PTRACE_CONT,
        tid,
        signal.map_or(0, |s| s.0),
    )
}

/// PTRACE_LISTEN: leaves a group-stopped tracee stopped, yet reporting its continuation.
///
/// # Errors
/// ESRCH: gone.
pub fn listen(tid: Tid) -> Result<(), SysError> {
    request("PTRACE_LISTEN", libc::PTRACE_LISTEN, tid, 0)
}

/// PTRACE_DETACH from a stop, with this signal delivered.
///
/// # Errors
/// ESRCH: gone, or not stopped.
pub fn detach(tid: Tid, signal: Option<Signal>) -> Result<(), SysError> {
    request(
        "PTRACE_DETACH",
        libc::PTRACE_DETACH,
        tid,
        signal.map_or(0, |s| s.0),
    )
}

fn request(name: &'static str, op: libc::c_uint, tid: Tid, data: i32) -> Result<(), SysError> {
    // SAFETY: these requests take no pointers: addr is 0, data a signal number.
    let result = unsafe { libc::ptrace(op, tid.0, 0usize, data as libc::c_long) };
    if result == -1 {
        return Err(SysError::last(name, tid));
    }
    Ok(())
}

/// PTRACE_GET_SYSCALL_INFO (Linux 5.3).
///
/// # Errors
/// ESRCH: gone. EIO: the kernel lacks it.
pub fn syscall_info(tid: Tid) -> Result<SyscallInfo, SysError> {
    const NAME: &str = "PTRACE_GET_SYSCALL_INFO";
    const PTRACE_GET_SYSCALL_INFO: libc::c_uint = 0x420e;
    let mut bytes = [0u8; SyscallInfo::SIZE];
    // SAFETY: the kernel writes at most `SIZE` bytes (passed as addr) to `bytes`.
    let n = unsafe {
        libc::ptrace(
            PTRACE_GET_SYSCALL_INFO,
            tid.0,
            SyscallInfo::SIZE,
            bytes.as_mut_ptr(),
        )
    };
    if n < 0 {
        return Err(SysError::last(NAME, tid));
    }
    let written = (n as usize).min(SyscallInfo::SIZE);
    SyscallInfo::parse(&bytes[..written])
        .ok_or_else(|| SysError::new(NAME, tid, nix::errno::Errno::EIO))
}

/// The general registers of a stopped thread.
///
/// # Errors
/// ESRCH: gone. EIO: a 32-bit thread, whose registers we do not read.
pub fn regs(tid: Tid) -> Result<Regs, SysError> {
    const NAME: &str = "PTRACE_GETREGSET";
    const NT_PRSTATUS: usize = 1;
    let mut bytes = [0u8; host::REGS_LEN];
    let mut iov = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: bytes.len(),
    };
    // SAFETY: the kernel writes at most `iov_len` bytes to `bytes` and updates `iov`.
    let result = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, tid.0, NT_PRSTATUS, &raw mut iov) };
    if result == -1 {
        return Err(SysError::last(NAME, tid));
    }
    host::regs(&bytes[..iov.iov_len.min(host::REGS_LEN)])
        .ok_or_else(|| SysError::new(NAME, tid, nix::errno::Errno::EIO))
}

/// PTRACE_GETEVENTMSG: the new task's id, or the former tid at an exec.
///
/// # Errors
/// ESRCH: gone.
pub fn event_message(tid: Tid) -> Result<u64, SysError> {
    nx::getevent(nix_pid(tid))
        .map(|m| m as u64)
        .map_err(|e| SysError::new("PTRACE_GETEVENTMSG", tid, e))
}

/// The siginfo of the signal that is being delivered.
///
/// # Errors
/// ESRCH: gone. EINVAL: no signal is being delivered.
pub fn signal_info(tid: Tid) -> Result<SigInfo, SysError> {
    let mut bytes = [0u8; 128];
    const { assert!(size_of::<libc::siginfo_t>() == 128) };
    // SAFETY: the kernel writes one siginfo_t, of 128 bytes, to `bytes`.
    let result =
        unsafe { libc::ptrace(libc::PTRACE_GETSIGINFO, tid.0, 0usize, bytes.as_mut_ptr()) };
    if result == -1 {
        return Err(SysError::last("PTRACE_GETSIGINFO", tid));
    }
    Ok(SigInfo::parse(&bytes))
}

/// For a kernel without PTRACE_GET_SYSCALL_INFO: the same from the registers. `in_call` is our
/// own memory of whether the thread is in a call, the best there is on such a kernel.
///
/// # Errors
/// As [`regs`].
pub fn syscall_info_from_regs(tid: Tid, in_call: bool) -> Result<SyscallInfo, SysError> {
    use crate::event::RawCall;
    use crate::stop::SyscallOp;
    let r = regs(tid)?;
    let op = if in_call {
        SyscallOp::Exit {
            value: r.ret,
            is_error: (-4095..0).contains(&r.ret),
        }
    } else {
        SyscallOp::Entry(RawCall {
            abi: host::ABI,
            nr: r.nr as u64,
            args: r.args,
        })
    };
    Ok(SyscallInfo {
        pc: r.pc,
        sp: r.sp,
        op,
    })
}
