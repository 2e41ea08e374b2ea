//! Our own waitid: nix swallows stops by realtime signals.
//!
//! Stops are looked at with WNOWAIT and so never consumed: the kernel keeps the signal of a
//! signal-delivery-stop until the tracee is resumed. A tracer that is killed, or that just ends,
//! between the wait and the resume therefore loses no signal (kernel/signal.c `ptrace_stop`,
//! kernel/exit.c `wait_task_stopped`); a consuming wait would drop it.
//!
//! Two things are consumed: ends, or they would be reported for ever; and exec stops, which
//! carry no signal, and which the kernel wants to be waited for before it takes a request for a
//! thread whose id they have changed (kernel/ptrace.c `looks_like_a_spurious_pid`).

use super::SysError;
use crate::ids::{Pid, Tid};
use crate::stop::Stop;

/// How to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// Return at once.
    Poll,
    /// Until something happens or a signal arrives.
    Block,
}

/// What a wait brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited {
    /// This thread stopped or ended.
    Stop(Tid, Stop),
    /// Nothing yet (or a signal arrived).
    Nothing,
    /// There is no tracee left.
    NoTracees,
}

/// The next stop of any tracee of the calling thread. A stop is reported until the tracee is
/// resumed; an end or an exec is reported once.
///
/// # Errors
/// What waitid(2) says, other than EINTR and ECHILD.
pub fn next(patience: Patience) -> Result<Waited, SysError> {
    wait(libc::P_ALL, 0, patience)
}

/// The pending stop of one tracee, if any.
///
/// # Errors
/// As [`next`].
pub fn poll_one(tid: Tid) -> Result<Waited, SysError> {
    wait(libc::P_PID, tid.0 as libc::id_t, Patience::Poll)
}

fn wait(which: libc::idtype_t, id: libc::id_t, patience: Patience) -> Result<Waited, SysError> {
    let poll = match patience {
        Patience::Poll => libc::WNOHANG,
        Patience::Block => 0,
    };
    let flags =
        libc::WSTOPPED | libc::WEXITED | libc::WNOWAIT | libc::__WALL | libc::__WNOTHREAD | poll;
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: `info` is valid for writes; waitid keeps no reference to it.
    let result = unsafe { libc::waitid(which, id, info.as_mut_ptr(), flags) };
    if result != 0 {
        return match nix::errno::Errno::last() {
            nix::errno::Errno::EINTR => Ok(Waited::Nothing),
            nix::errno::Errno::ECHILD => Ok(Waited::NoTracees),
            e => Err(SysError::new("waitid", Tid(0), e)),
        };
    }
    // SAFETY: zeroed above or written by waitid; si_pid and si_status are plain integers of
    // the SIGCHLD variant, the only one that waitid writes.
    let (info, pid, status) = unsafe {
        let info = info.assume_init();
        (info, info.si_pid(), info.si_status())
    };
    if pid == 0 {
        return Ok(Waited::Nothing);
    }
    let tid = Tid(pid);
    let stop = Stop::from_wait(info.si_code, status);
    if stop.is_end() || stop == Stop::Exec {
        consume(tid);
    }
    Ok(Waited::Stop(tid, stop))
}

/// Takes what was just reported off the kernel's list.
fn consume(tid: Tid) {
    let mut status = 0;
    // SAFETY: `status` is valid for writes; waitpid keeps no reference to it.
    unsafe {
        libc::waitpid(tid.0, &mut status, libc::__WALL | libc::WNOHANG);
    }
}

/// How a child of ours that is no tracee ended, if it has.
///
/// # Errors
/// ECHILD when there is no such child.
pub fn poll_child(pid: Pid) -> Result<Option<Stop>, SysError> {
    let mut status = 0;
    // SAFETY: `status` is valid for writes; waitpid keeps no reference to it.
    let result = unsafe { libc::waitpid(pid.0, &mut status, libc::__WALL | libc::WNOHANG) };
    match result {
        -1 if nix::errno::Errno::last() != nix::errno::Errno::EINTR => {
            Err(SysError::last("waitpid", pid.into()))
        }
        done if done == pid.0 => Ok(end_of(status)),
        _ => Ok(None),
    }
}

/// How a child ended, by its wait status; `None`: it has not.
pub(super) fn end_of(status: libc::c_int) -> Option<Stop> {
    if libc::WIFEXITED(status) {
        return Some(Stop::Exited(libc::WEXITSTATUS(status)));
    }
    libc::WIFSIGNALED(status).then(|| {
        let signal = crate::ids::Signal(libc::WTERMSIG(status));
        Stop::Killed(signal, libc::WCOREDUMP(status))
    })
}

/// Waits for a child of ours that is no tracee (any more) and returns how it ended.
/// `interrupted` is called when a signal has arrived meanwhile.
///
/// # Errors
/// ECHILD when there is no such child.
pub fn child_end(pid: Pid, interrupted: &dyn Fn()) -> Result<Stop, SysError> {
    loop {
        let mut status = 0;
        // SAFETY: `status` is valid for writes; waitpid keeps no reference to it.
        let result = unsafe { libc::waitpid(pid.0, &mut status, libc::__WALL) };
        if result == pid.0 {
            if let Some(end) = end_of(status) {
                return Ok(end);
            }
        } else if nix::errno::Errno::last() != nix::errno::Errno::EINTR {
            return Err(SysError::last("waitpid", pid.into()));
        } else {
            interrupted();
        }
    }
}
