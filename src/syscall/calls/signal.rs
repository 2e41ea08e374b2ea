//! Signals.

use crate::ids::Signal as SignalNumber;
use crate::syscall::cx::Cx;
use crate::syscall::describe::{Kind::*, calls};
use crate::syscall::kinds::signal::*;
use crate::syscall::kinds::time::timespec;
use crate::syscall::names::signal::SIGMASK_HOW;
use crate::value::Value;

calls! {
    rt_sigaction(signum: Signal, act: Early(sigaction), oldact: Out(sigaction),
        sigsetsize: Ulong);
    rt_sigprocmask(how: Const(&SIGMASK_HOW), set: Early(sigset::<3>), oldset: Out(sigset::<3>),
        sigsetsize: Ulong);
    rt_sigpending(set: Out(sigset_up_to::<1>), sigsetsize: Ulong);
    rt_sigsuspend(mask: In(sigset::<1>), sigsetsize: Ulong);
    rt_sigtimedwait(set: In(sigset::<3>), info: Out(siginfo), timeout: In(timespec),
        sigsetsize: Ulong), asides received;
    rt_sigqueueinfo(tgid: Pid, sig: Signal, info: In(siginfo));
    rt_tgsigqueueinfo(tgid: Pid, tid: Pid, sig: Signal, info: In(siginfo));
    rt_sigreturn(frame: Early(frame_mask));
    sigaltstack(ss: Early(stack), old_ss: Out(stack));
    pause();
    kill(pid: Pid, sig: Signal);
    tkill(tid: Pid, sig: Signal);
    tgkill(tgid: Pid, tid: Pid, sig: Signal);
    pidfd_send_signal(pidfd: Fd, sig: Signal, info: In(siginfo), flags: Hex32);
}

/// rt_sigtimedwait returns the signal's number.
fn received(cx: &Cx<'_>) -> Vec<(&'static str, Value)> {
    match cx.returned() {
        Some(n) if n > 0 => vec![("", Value::Signal(SignalNumber(n as i32)))],
        _ => Vec::new(),
    }
}
